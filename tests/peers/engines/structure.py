"""Good resources, each broken in one way at a random place: what a program has to say of their structure is known by its name."""

import copy

import generate

RESPONSES, QUESTIONNAIRES = {}, {}


def breaks(table, name):
    """Registers a function that breaks a place: (random, the resource, all items) -> whether it could."""
    def register(function):
        table[name] = function
        return function
    return register


def walk(items):
    """Every item, also those below."""
    for item in items:
        yield item
        yield from walk(item.get("item", []))


def answered(items):
    return [item for item in items if item.get("answer")]


def put(member, value):
    def change(random, _resource, items):
        random.choice(items)[member] = value
        return True
    return change


def leave_out(member):
    def change(random, _resource, items):
        random.choice(items).pop(member)
        return True
    return change


def at_root(**members):
    def root(_random, resource, _items):
        resource.update(members)
        return True
    return root


def without(member):
    def root(_random, resource, _items):
        resource.pop(member)
        return True
    return root


def with_answers(answers):
    """Puts something in the place of a list of answers, which it is given."""
    def change(random, _resource, items):
        found = answered(items)
        if found:
            item = random.choice(found)
            item["answer"] = answers(item["answer"])
        return bool(found)
    return change


def in_answer(change_answer):
    def change(random, _resource, items):
        found = answered(items)
        if not found:
            return False
        change_answer(random.choice(random.choice(found)["answer"]))
        return True
    return change


def condition_on_false(random, resource, items):
    """Breaks nothing: false is an answer like any other."""
    questions = [item for item in walk(resource["item"]) if item["type"] != "group"]
    target = random.choice(items)
    asked = [item for item in questions if item is not target and item not in list(walk(target.get("item", [])))]
    if asked:
        target["enableWhen"] = [{"question": asked[0]["linkId"], "operator": "exists", "answerBoolean": False}]
    return bool(asked)


def value_of(name, broken):
    """Breaks one value of that name."""
    def change(random, _resource, items):
        found = [answer for item in answered(items) for answer in item["answer"] if name in answer]
        if not found:
            return False
        chosen = random.choice(found)
        chosen[name] = broken(chosen[name])
        return True
    return change


def only_member(name, value):
    def change(one):
        one.clear()
        one[name] = value
    return change


for mutation, function in {
        "item without linkId": leave_out("linkId"), "linkId is a number": put("linkId", 7), "text is a number": put("text", 7),
        "item with an unknown element": put("colour", "red"), "item is no list": put("item", {"linkId": "x"}),
        "item is an empty list": put("item", []), "item with a modifierExtension": put("modifierExtension", [{"url": "urn:x"}]),
        "no status": without("status"),
        "status that does not exist": at_root(status="ready"), "status is a number": at_root(status=7),
        "unknown element of the resource": at_root(colour="red"), "authored is no date": at_root(authored="yesterday"),
        "questionnaire is a list": at_root(questionnaire=["urn:x"]),
        "answer is no list": with_answers(lambda answers: answers[0]), "answer is an empty list": with_answers(lambda _: []),
        "answer is a text": with_answers(lambda _: ["x"]),
        "answer with an unknown element": in_answer(lambda one: one.update(colour="red")),
        "answer with two values": in_answer(lambda one: one.update(valueBoolean=True, valueString="x")),
        "value of a type that FHIR does not have": in_answer(only_member("valueColour", "red")),
        "value of a type that answers do not have": in_answer(only_member("valuePeriod", {"start": "2020"})),
        "boolean is a text": value_of("valueBoolean", lambda value: "true"),
        "integer is a text": value_of("valueInteger", str), "integer with a fraction": value_of("valueInteger", lambda _: 1.5),
        "integer beyond 32 bits": value_of("valueInteger", lambda _: 2 ** 31), "decimal is a text": value_of("valueDecimal", str),
        "date is a word": value_of("valueDate", lambda _: "today"), "date is a number": value_of("valueDate", lambda _: 2020),
        "date that does not exist": value_of("valueDate", lambda _: "2021-02-29"),
        "dateTime without a zone": value_of("valueDateTime", lambda _: "2020-01-01T10:00:00"),
        "time without seconds": value_of("valueTime", lambda _: "10:00"), "time of hour 24": value_of("valueTime", lambda _: "24:00:00"),
        "string is a number": value_of("valueString", lambda _: 7), "string is empty": value_of("valueString", lambda _: ""),
        "Coding is a text": value_of("valueCoding", lambda _: "a"),
        "Coding with an unknown element": value_of("valueCoding", lambda value: value | {"colour": "red"}),
        "Coding whose code is a number": value_of("valueCoding", lambda value: value | {"code": 7}),
        "Quantity is a number": value_of("valueQuantity", lambda _: 7),
        "Quantity whose value is a text": value_of("valueQuantity", lambda value: value | {"value": "7"}),
        "Quantity with a comparator that does not exist": value_of("valueQuantity", lambda value: value | {"comparator": "~"})}.items():
    breaks(RESPONSES, mutation)(function)

for mutation, function in {
        "item without linkId": leave_out("linkId"), "item without type": leave_out("type"),
        "linkId is a number": put("linkId", 7), "text is a number": put("text", 7), "prefix is a number": put("prefix", 7),
        "type that does not exist": put("type", "slider"), "required is a text": put("required", "true"),
        "repeats is a number": put("repeats", 1), "maxLength is a text": put("maxLength", "7"),
        "item with an unknown element": put("colour", "red"), "item is no list": put("item", {"linkId": "x", "type": "string"}),
        "code is a text": put("code", "x"), "definition is a number": put("definition", 7),
        "enableWhen is no list": put("enableWhen", {"question": "q0", "operator": "exists", "answerBoolean": True}),
        "enableWhen without operator": put("enableWhen", [{"question": "q0", "answerBoolean": True}]),
        "enableWhen without question": put("enableWhen", [{"operator": "exists", "answerBoolean": True}]),
        "enableWhen without answer": put("enableWhen", [{"question": "q0", "operator": "exists"}]),
        "nothing, but a condition on false": condition_on_false,
        "operator that does not exist": put("enableWhen", [{"question": "q0", "operator": "~", "answerBoolean": True}]),
        "enableBehavior that does not exist": put("enableBehavior", "some"),
        "answerOption without value": put("answerOption", [{"initialSelected": True}]),
        "answerOption with two values": put("answerOption", [{"valueString": "x", "valueInteger": 1}]),
        "answerValueSet is a list": put("answerValueSet", ["urn:x"]), "initial without value": put("initial", [{}]),
        "extension without url": put("extension", [{"valueString": "x"}]), "extension is no list": put("extension", {"url": "urn:x"}),
        "no status": without("status"),
        "status that does not exist": at_root(status="ready"), "unknown element of the resource": at_root(colour="red"),
        "title is a number": at_root(title=7), "url is a list": at_root(url=["urn:x"]), "subjectType is a text": at_root(subjectType="Patient"),
        "date is a word": at_root(date="today"), "derivedFrom is a text": at_root(derivedFrom="urn:x")}.items():
    breaks(QUESTIONNAIRES, mutation)(function)


def good_case(random):
    """A definition without branching, and a complete response without a fault."""
    definition, response, _ = generate.case(random, faulty=False)
    for item in walk(definition["item"]):
        item.pop("enableWhen", None)
        item.pop("enableBehavior", None)
    return definition, response


def below(resource):
    """The items below the top ones."""
    return [item for top in resource["item"] for item in walk(top.get("item", []))]


def broken(random, rounds):
    """
    (kind, what is broken, definition, resource): every way to break either resource, so many times each, in items at the top
    and in items below. The first breaks nothing.
    """
    for kind, table in (("QuestionnaireResponse", RESPONSES), ("Questionnaire", QUESTIONNAIRES)):
        for name, change in {"nothing": lambda *_: True, **table}.items():
            for where, choose in (("", lambda resource: resource["item"]), (", below", below)):
                made = 0
                while made < (0 if where and change.__name__ == "root" else rounds):
                    definition, response = good_case(random)
                    resource = copy.deepcopy(definition if kind == "Questionnaire" else response)
                    items = choose(resource)
                    if items and change(random, resource, items):
                        made += 1
                        yield kind, name + where, definition, resource

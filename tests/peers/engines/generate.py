"""Definitions and answers from a seed: what they ask for is known, and which single thing is wrong with an answer."""

from collections import namedtuple

# One question of a case: its name (its linkId; in a group that repeats with its index, "q3[1]"), its definition, the groups
# that it stands in, and the fault of its answer (None: no answer; "": a good one).
Question = namedtuple("Question", "name item parents fault answers")

EXTENSION = "http://hl7.org/fhir/StructureDefinition/"
SYSTEM = "urn:anamnesis:code-system:test"
TYPES = ("boolean", "integer", "decimal", "date", "dateTime", "time", "string", "text", "url", "choice", "open-choice",
         "quantity")
CODES = [{"system": SYSTEM, "code": code, "display": code.upper()} for code in ("a", "b", "c", "d")]
VALUES = {"boolean": [("valueBoolean", True), ("valueBoolean", False)],
          "integer": [("valueInteger", number) for number in (-3, 0, 1, 5, 10, 11)],
          "decimal": [("valueDecimal", number) for number in (-3.5, 0, 1.5, 5, 10, 10.5)],
          "date": [("valueDate", date) for date in ("2019-12-31", "2020-01-01", "2020-02-29", "2021-06-15")],
          "dateTime": [("valueDateTime", when) for when in ("2020-01-01T10:00:00Z", "2021-06-15T23:30:00Z")],
          "time": [("valueTime", time) for time in ("00:00:00", "12:30:00", "23:59:59")],
          "string": [("valueString", text) for text in ("x", "abc", "abcdef", "Zoë")],
          "text": [("valueString", text) for text in ("x", "abc", "one\ntwo")],
          "url": [("valueUri", "http://example.org/"), ("valueUri", "urn:x:y")],
          "choice": [("valueCoding", code) for code in CODES[:3]],
          "open-choice": [("valueCoding", code) for code in CODES[:3]] + [("valueString", "own words")],
          "quantity": [("valueQuantity", {"value": number, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"})
                       for number in (1, 5, 10.5)]}
# A value of another type, for each type.
WRONG = {"boolean": ("valueString", "yes"), "integer": ("valueString", "seven"), "decimal": ("valueString", "half"),
         "date": ("valueString", "soon"), "dateTime": ("valueString", "now"), "time": ("valueString", "noon"),
         "string": ("valueInteger", 7), "text": ("valueInteger", 7), "url": ("valueInteger", 7),
         "choice": ("valueInteger", 7), "open-choice": ("valueInteger", 7), "quantity": ("valueString", "heavy")}
# Types of which all programs decide conditions alike, so that two conditions show how they are put together.
PLAIN = {"boolean", "integer", "decimal", "string", "text", "choice", "quantity"}
ORDERED = {"integer", "decimal", "date", "dateTime", "time", "quantity"}
OPERATORS = {True: ("exists", "=", "!=", ">", "<", ">=", "<="), False: ("exists", "=", "!=")}


def answer(pair):
    return {pair[0]: pair[1]}


def limits(random, kind):
    """(extensions and members that limit the answers, a test of whether a value keeps them)"""
    if kind in ("integer", "decimal") and random.random() < 0.5:
        suffix = "valueInteger" if kind == "integer" else "valueDecimal"
        return {"extension": [{"url": EXTENSION + "minValue", suffix: 0}, {"url": EXTENSION + "maxValue", suffix: 10}]}, \
            lambda value: 0 <= value <= 10
    if kind == "date" and random.random() < 0.5:
        return {"extension": [{"url": EXTENSION + "minValue", "valueDate": "2020-01-01"}]}, lambda value: value >= "2020-01-01"
    if kind in ("string", "text"):
        chosen = random.random()
        if chosen < 0.25:
            return {"maxLength": 3}, lambda value: len(value) <= 3
        if chosen < 0.4:
            return {"extension": [{"url": EXTENSION + "minLength", "valueInteger": 2}]}, lambda value: len(value) >= 2
        if chosen < 0.55:
            return {"extension": [{"url": EXTENSION + "regex", "valueString": "[a-z]{1,4}"}]}, \
                lambda value: value.isascii() and value.isalpha() and value.islower() and len(value) <= 4
    return {}, lambda value: True


def condition(random, asked):
    """An enableWhen entry on a question that stands before, of the question's own type."""
    kind = asked["type"]
    operator = random.choice(OPERATORS[kind in ORDERED])
    if operator == "exists":
        return {"question": asked["linkId"], "operator": operator, "answerBoolean": random.random() < 0.7}
    name, value = random.choice(VALUES[kind])
    name = {"valueUri": "valueString"}.get(name, name)
    return {"question": asked["linkId"], "operator": operator, name.replace("value", "answer", 1): value}


def question(random, link_id, before):
    kind = random.choice(TYPES)
    item = {"linkId": link_id, "text": link_id, "type": kind}
    if random.random() < 0.3:
        item["required"] = True
    if kind in ("choice", "open-choice"):
        item["answerOption"] = [{"valueCoding": code} for code in CODES[:3]]
    if random.random() < 0.2 and kind not in ("boolean", "text"):
        item["repeats"] = True
    extra, keeps = limits(random, kind)
    if before and random.random() < 0.45:
        asked = [random.choice(before)]
        plain = [each for each in before if each["type"] in PLAIN and not each.get("repeats")]
        if plain and random.random() < 0.25:
            asked = [random.choice(plain), random.choice(plain)]
        item["enableWhen"] = [condition(random, each) for each in asked]
        if len(asked) > 1:
            item["enableBehavior"] = random.choice(("all", "any"))
    return item | extra, keeps


def faults(random, item, keeps):
    """What can be wrong with one answer of this item: {fault: answers}."""
    kind = item["type"]
    good = [value for value in VALUES[kind] if keeps(value[1])]
    bad = [value for value in VALUES[kind] if not keeps(value[1])]
    found = {"other type": [WRONG[kind]]}
    if kind in ("choice", "open-choice"):
        found["code not offered"] = [("valueCoding", CODES[3])]
    if kind == "choice":
        found["own words"] = [("valueString", "own words")]
    if bad:
        found["beyond its limits"] = [random.choice(bad)]
    if len(good) > 1 and not item.get("repeats"):
        found["two answers"] = random.sample(good, 2)
    return found


def answers_for(random, item, keeps, faulty):
    """(fault, answers): sometimes none, mostly good ones, sometimes one of a wrong kind; or always good ones."""
    chosen = random.random() if faulty else 1
    if chosen < 0.2:
        return None, []
    if chosen < 0.35:
        fault, values = random.choice(sorted(faults(random, item, keeps).items(), key=lambda found: found[0]))
        return fault, [answer(value) for value in values]
    good = [value for value in VALUES[item["type"]] if keeps(value[1])]
    count = random.choice((1, 2)) if item.get("repeats") and len(good) > 1 else 1
    return "", [answer(value) for value in random.sample(good, count)]


class Builder:
    """One case in the making."""

    def __init__(self, random, faulty):
        self.random, self.faulty = random, faulty
        self.names = (f"q{number}" for number in range(1000))
        self.keeps = {}  # linkId -> whether a value keeps the limits
        self.questions = []

    def group(self, before):
        """A group of one to three questions, which ask each other and what stands before."""
        random = self.random
        group = {"linkId": next(self.names), "text": "group", "type": "group"}
        if before and random.random() < 0.4:
            group["enableWhen"] = [condition(random, random.choice(before))]
        if random.random() < 0.4:
            group["repeats"] = True
        seen = list(before)
        group["item"] = [self.question(seen) for _ in range(random.randint(1, 3))]
        if not group.get("repeats"):
            before[:] = seen  # from outside, which of the repetitions is asked would be anybody's guess
        return group

    def question(self, before):
        item, keeps = question(self.random, next(self.names), before)
        self.keeps[item["linkId"]] = keeps
        before.append(item)
        return item

    def definition(self):
        before = []
        return [self.group(before) if self.random.random() < 0.2 else self.question(before)
                for _ in range(self.random.randint(2, 8))]

    def instances(self, group, parents):
        """The items of each time that a group is filled in. A repetition without an answer is not in a response."""
        filled, begun = [], len(self.questions)
        for _ in range(self.random.randint(1, 2) if group.get("repeats") else 1):
            known = len(self.questions)
            entries = self.answer(group["item"], parents, f"[{len(filled)}]" if group.get("repeats") else "")
            if entries:
                del self.questions[begun if not filled else known:known]
                filled.append(entries)
            elif known > begun:
                del self.questions[known:]
        return filled

    def answer(self, items, parents=(), suffix=""):
        """Answers these items, once; gives what a response has of them."""
        answered = []
        for item in items:
            if item["type"] == "group":
                answered += [{"linkId": item["linkId"], "item": entries} for entries in self.instances(item, (*parents, item))]
                continue
            fault, answers = answers_for(self.random, item, self.keeps[item["linkId"]], self.faulty)
            if answers:
                answered.append({"linkId": item["linkId"], "answer": answers})
            self.questions.append(Question(item["linkId"] + suffix, item, parents, fault if answers else None, answers))
        return answered


def case(random, faulty=True):
    """(definition, response, questions); not faulty: every question has a good answer."""
    builder = Builder(random, faulty)
    items = builder.definition()
    answered = builder.answer(items)
    definition = {"resourceType": "Questionnaire", "status": "active", "url": "urn:anamnesis:test", "item": items}
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": "urn:anamnesis:test"}
    return definition, response | ({"item": answered} if answered else {}), builder.questions

"""Generated questionnaires for the engine's benchmark, each with a response that can be submitted."""

GROUP_ITEMS = 9  # questions of a group; the group itself is the tenth item
SYSTEM = "urn:anamnesis:code-system:bench"
EXTENSION = "http://hl7.org/fhir/StructureDefinition/"


def coding(number):
    return {"system": SYSTEM, "code": f"c{number}", "display": f"Choice {number}"}


def question(link_id, number):
    """One of nine kinds: (item, answer)."""
    kind = number % GROUP_ITEMS
    item = {"linkId": link_id, "text": f"Question {link_id}", "required": kind in (0, 1, 4)}
    if kind in (0, 3, 6):
        return item | {"type": "choice", "answerOption": [{"valueCoding": coding(option)} for option in range(6)]}, \
            {"valueCoding": coding(number % 6)}
    if kind == 1:
        return item | {"type": "integer", "extension": [{"url": EXTENSION + "minValue", "valueInteger": 0},
                                                        {"url": EXTENSION + "maxValue", "valueInteger": 300}]}, \
            {"valueInteger": number % 300}
    if kind == 2:
        return item | {"type": "decimal", "extension": [{"url": EXTENSION + "maxDecimalPlaces", "valueInteger": 2}]}, \
            {"valueDecimal": 36.5}
    if kind == 4:
        return item | {"type": "boolean"}, {"valueBoolean": True}
    if kind == 5:
        return item | {"type": "date"}, {"valueDate": "2024-02-29"}
    if kind == 7:
        return item | {"type": "string", "maxLength": 80,
                       "extension": [{"url": EXTENSION + "regex", "valueString": "[A-Za-z ]{2,80}"}]}, \
            {"valueString": "Twice a day after meals"}
    return item | {"type": "text"}, {"valueString": "Since last spring, mostly in the evening and after sport."}


def large(items):
    """
    A form of so many items in groups of ten: choices, limits, patterns, and in each group two questions that depend on an
    answer of the group and a group that depends on the one before. Every condition is met. (definition, response)
    """
    groups, answered = [], []
    for number in range(items // (GROUP_ITEMS + 1)):
        name = f"g{number}"
        questions, answers = [], []
        for position in range(GROUP_ITEMS):
            item, answer = question(f"{name}.{position}", position)
            if position in (5, 8):
                item["enableWhen"] = [{"question": f"{name}.4", "operator": "=", "answerBoolean": True}]
            questions.append(item)
            answers.append({"linkId": item["linkId"], "answer": [answer]})
        group = {"linkId": name, "text": f"Section {number}", "type": "group", "item": questions}
        if number > 0:
            group["enableWhen"] = [{"question": f"g{number - 1}.0", "operator": "exists", "answerBoolean": True}]
        groups.append(group)
        answered.append({"linkId": name, "item": answers})
    return ({"resourceType": "Questionnaire", "url": "urn:anamnesis:bench", "version": "1", "status": "active",
             "title": f"A form of {items} items", "item": groups},
            {"resourceType": "QuestionnaireResponse", "questionnaire": "urn:anamnesis:bench|1", "status": "completed",
             "item": answered})


def answers_to(definition):
    """A response to a form of single choices, texts and totals that the server computes: the second option each time."""
    items = []
    for item in definition["item"]:
        options = [option["valueCoding"] for option in item.get("answerOption", [])]
        if options:
            items.append({"linkId": item["linkId"], "answer": [{"valueCoding": options[1]}]})
    return {"resourceType": "QuestionnaireResponse", "questionnaire": definition["url"], "status": "completed", "item": items}

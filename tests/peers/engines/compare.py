"""What ours and the others say of the same case, in the same words; each difference as one line of text."""

import re

# A finding in the words of both; LHC-Forms by the start of its message.
OURS = {"required": "required", "wrong-type": "type", "min-value": "limit", "max-value": "limit", "min-length": "length",
        "max-length": "length", "pattern": "pattern", "not-an-option": "option", "too-many-answers": "one answer"}
LHC_FORMS = [("must be a value (greater|less) than", "limit"), ("requires a value", "required"), ("must be an? ", "type"), ("must have a total length", "length"),
             ("must match", "pattern")]


def name_of(path):
    """An item path as generate.py names a question: the last linkId, with the index of the group."""
    *groups, link_id = path.split("/")
    index = re.search(r"\[\d+\]$", groups[-1]) if groups else None
    return re.sub(r"\[\d+\]$", "", link_id) + (index.group() if index else "")


def found_by_ours(verdict):
    """({name: findings}, names of what is disabled)"""
    findings, disabled = {}, set()
    for severity, code, path in verdict["issues"]:
        if code == "disabled-dropped":
            disabled.add(name_of(path))
        elif severity == "error":
            findings.setdefault(name_of(path), set()).add(OURS.get(code, code))
    return findings, disabled


def found_by_lhc_forms(verdict):
    findings = {}
    for name, message in verdict["errors"]:
        finding = next((finding for start, finding in LHC_FORMS if re.match(start, message)), message)
        findings.setdefault(name, set()).add(finding)
    return findings, set(verdict["disabled"])


def asked_by(when, question, questions):
    """The question that a condition means: in the same repetition of a group, if it is there."""
    suffix = question.name.removeprefix(question.item["linkId"])
    by_name = {other.name: other for other in questions}
    return by_name.get(when["question"] + suffix) or by_name[when["question"]]


def off(question, disabled):
    return question.name in disabled or any(parent["linkId"] in disabled for parent in question.parents)


def described(item, question, questions, disabled):
    """The conditions of an item, without the values; of a single one also what it finds."""
    if len(item["enableWhen"]) > 1:
        return f"{item['enableBehavior']} of two conditions"
    (when,) = item["enableWhen"]
    asked = asked_by(when, question, questions)
    if off(asked, disabled):
        state = "of a disabled question"
    else:
        state = {0: "without an answer", 1: "of one answer"}.get(len(asked.answers), "of two answers")
    return f"{asked.item['type']} {when['operator']} {state}"


def culprit(question, disabled):
    """The outermost item that one side calls disabled; where it does not say which, the innermost with a condition."""
    chain = [*question.parents, question.item]
    return next((parent for parent in question.parents if parent["linkId"] in disabled), None) or (
        question.item if question.name in disabled else next(each for each in reversed(chain) if each.get("enableWhen")))


def doubtful(item, question, questions, known):
    """Whether a condition asks what the two already see differently, or a question whose own answer is refused."""
    asked = [asked_by(when, question, questions) for when in item.get("enableWhen", [])]
    return any(other.name in known or other.fault not in (None, "") for other in asked)


def same_repetition(question, other):
    return other.parents == question.parents and all(each.name.endswith(question.name.removeprefix(question.item["linkId"]))
                                                     for each in (question, other))


def state_of(question, questions, disabled):
    """What there is to judge: nothing, a good answer, a fault."""
    if question.answers:
        return question.fault or "good answer"
    if question.parents and question.parents[-1].get("repeats") and not any(
            other.answers and not off(other, disabled) for other in questions if same_repetition(question, other)):
        return "no answer in the whole repetition"
    return "no answer"


def differences(questions, ours, theirs):
    """A set of texts. What follows from a difference that was told already is left out."""
    if "thrown" in theirs:
        return {f"LHC-Forms stops: {theirs['thrown']}"}
    our_findings, our_disabled = found_by_ours(ours)
    their_findings, their_disabled = found_by_lhc_forms(theirs)
    told, known = set(), set()  # known: names of what the two see differently, or of what nothing can be said
    for question in questions:
        item = question.item
        chain = [*question.parents, item]
        if any(parent["linkId"] in known for parent in question.parents) or any(
                doubtful(each, question, questions, known) for each in chain):
            known.add(question.name)
            continue
        mine, other = our_findings.get(question.name, set()), their_findings.get(question.name, set())
        state = state_of(question, questions, our_disabled)
        theirs_off = off(question, their_disabled)
        # All that tells it of an unanswered question is that it is required.
        ours_off = off(question, our_disabled) if question.answers else not mine
        tells = question.answers or (item.get("required") and state == "no answer")
        if ours_off != theirs_off and tells:
            whose = culprit(question, our_disabled if ours_off else their_disabled)
            known |= {whose["linkId"], question.name}
            told.add(f"enabled, {described(whose, question, questions, our_disabled)}: "
                     f"ours {not ours_off}, LHC-Forms {not theirs_off}")
        elif not theirs_off and mine != other:
            words = " and ".join(sorted(mine)) or "fine", " and ".join(sorted(other)) or "fine"
            required = "required " if item.get("required") else ""
            told.add(f"{required}{item['type']}, {state}: ours {words[0]}, LHC-Forms {words[1]}")
    return told


def structural_difference(kind, broken, ours, theirs):
    """The same of the structure of a resource: None when both take it or both refuse it."""
    refused = any(severity == "error" for severity, _, _ in ours["issues"])
    if refused == bool(theirs.get("errors", "thrown" in theirs)):
        return None
    words = ("refuses", "takes") if refused else ("takes", "refuses")
    return f"{kind}, {broken}: ours {words[0]}, npm fhir {words[1]}"

"""What ours and the others say of the same case, in the same words; each difference as one line of text."""

import re

# A finding in the words of both; LHC-Forms by the start of its message.
OURS = {"required": "required", "wrong-type": "type", "min-value": "limit", "max-value": "limit", "min-length": "length",
        "max-length": "length", "pattern": "pattern", "not-an-option": "option", "too-many-answers": "one answer"}
LHC_FORMS = [("requires a value", "required"), ("must be an? ", "type"), ("must have a total length", "length"),
             ("must match", "pattern")]


def found_by_ours(verdict):
    """({linkId: findings}, linkIds that are disabled)"""
    findings, disabled = {}, set()
    for severity, code, path in verdict["issues"]:
        link_id = path.split("/")[-1]
        if code == "disabled-dropped":
            disabled.add(link_id)
        elif severity == "error":
            findings.setdefault(link_id, set()).add(OURS.get(code, code))
    return findings, disabled


def found_by_lhc_forms(verdict):
    findings = {}
    for link_id, message in verdict["errors"]:
        name = "limit" if re.match("must be a value (greater|less) than", message) else next(
            (name for start, name in LHC_FORMS if re.match(start, message)), message)
        findings.setdefault(link_id, set()).add(name)
    return findings, set(verdict["disabled"])


def described(item, questions, disabled):
    """The conditions of an item, without the values; of a single one also what it finds."""
    asked = {question.item["linkId"]: question for question in questions}
    if len(item["enableWhen"]) > 1:
        return f"{item['enableBehavior']} of two conditions"
    (when,) = item["enableWhen"]
    question = asked[when["question"]]
    if any(each["linkId"] in disabled for each in [*question.parents, question.item]):
        state = "of a disabled question"
    else:
        state = {0: "without an answer", 1: "of one answer"}.get(len(question.answers), "of two answers")
    return f"{question.item['type']} {when['operator']} {state}"


def culprit(chain, disabled):
    """The outermost item that one side calls disabled; where it does not say which, the innermost with a condition."""
    return next((each for each in chain if each["linkId"] in disabled),
                next(each for each in reversed(chain) if each.get("enableWhen")))


def doubtful(item, questions, known):
    """Whether a condition asks what the two already see differently, or a question whose own answer is refused."""
    asked = {question.item["linkId"]: question for question in questions}
    return any(when["question"] in known or asked[when["question"]].fault not in (None, "")
               for when in item.get("enableWhen", []))


def differences(questions, ours, theirs):
    """A set of texts. What follows from a difference that was told already is left out."""
    if "thrown" in theirs:
        return {f"LHC-Forms stops: {theirs['thrown']}"}
    our_findings, our_disabled = found_by_ours(ours)
    their_findings, their_disabled = found_by_lhc_forms(theirs)
    told, known = set(), set()  # known: linkIds whose state the two see differently, or that nothing is said of
    for question in questions:
        item, above = question.item, [parent["linkId"] for parent in question.parents]
        link_id = item["linkId"]
        chain = [*question.parents, item]
        if any(parent in known for parent in above) or any(doubtful(each, questions, known) for each in chain):
            known.add(link_id)
            continue
        off, off_theirs = (any(each["linkId"] in disabled for each in chain) for disabled in (our_disabled, their_disabled))
        mine, other = our_findings.get(link_id, set()), their_findings.get(link_id, set())
        if not question.answers:
            off = not mine  # all that tells it of an unanswered question is that it is required
        if off != off_theirs and (question.answers or item.get("required")):
            whose = culprit(chain, our_disabled if off else their_disabled)
            known |= {whose["linkId"], link_id}
            told.add(f"enabled, {described(whose, questions, our_disabled)}: ours {not off}, LHC-Forms {not off_theirs}")
            continue
        if off_theirs:
            continue
        if mine != other:
            state = {None: "no answer", "": "good answer"}.get(question.fault, question.fault)
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

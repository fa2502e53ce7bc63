"""Every hand-written case of tests/form/*.yaml: a definition, maybe answers, and exactly the findings that there must be.

A file is a list of cases. `name` reads like a requirement. The definition is `items` (of a draft questionnaire), a whole
`questionnaire`, or `file` (a path from the top); it has further members by `with`. `value_sets` are those that the practice
stores. With `answers` - QuestionnaireResponse.item, or a short form: {linkId: answer or [answer, ...]} - it is judged as
`mode` says: draft or submit, by default both. `findings` are "code path", "warning code path" or "information code path":
a finding too many or too few fails. `kept` is what a submission stores, in either form; `scores`: {linkId: [value, code of
its band or null]} are all the scores that stand in it. It is noon of 2026-01-15, UTC.

YAML is read so that JSON stays JSON: dates are text, and a decimal keeps its digits (1.50).
"""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

TOP = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("ANAMNESIS_BUILD", TOP / "build")) / "tests" / "programs" / "form_check"
KEYS = {"name", "items", "questionnaire", "file", "with", "value_sets", "answers", "mode", "findings", "kept", "scores"}
DECIMAL = "\N{PRIVATE USE ONE}"
DECIMALS = re.compile(f'"{DECIMAL}([^"]*)"')


class Loader(yaml.SafeLoader):  # pylint: disable=too-many-ancestors
    """YAML 1.2's JSON: true and false, null, numbers, text."""


NOT_JSON = {"tag:yaml.org,2002:" + name for name in ("timestamp", "bool", "value", "merge")}
Loader.yaml_implicit_resolvers = {first: [(tag, pattern) for tag, pattern in resolvers if tag not in NOT_JSON]
                                  for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), "tf")
Loader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: DECIMAL + node.value)


def as_json(value):
    return DECIMALS.sub(r"\1", json.dumps(value, ensure_ascii=False))


def items_of(answers):
    if answers is None or isinstance(answers, list):
        return answers
    return [{"linkId": link_id, "answer": given if isinstance(given, list) else [given]}
            for link_id, given in answers.items()]


def definition_of(case):
    if "file" in case:
        found = json.loads((TOP / case["file"]).read_text(encoding="utf-8"))
    else:
        found = case.get("questionnaire", {"resourceType": "Questionnaire", "status": "draft", "item": case.get("items")})
    return found | case["with"] if "with" in case else found


def finding_of(text):
    words = text.split(" ")
    severity = words.pop(0) if words[0] in ("warning", "information", "error") else "error"
    return [severity, words[0], " ".join(words[1:])]


def tasks_of(case):
    """(mode, what the program is given) of each time that a case is judged."""
    task = {"questionnaire": definition_of(case)}
    if "value_sets" in case:
        task["value_sets"] = case["value_sets"]
    if "answers" not in case:
        return [(None, task)]
    task["items"] = items_of(case["answers"])
    return [(mode, task | {"mode": mode}) for mode in ([case["mode"]] if "mode" in case else ["draft", "submit"])]


def all_cases():
    for path in sorted(Path(__file__).parent.glob("*.yaml")):
        for case in yaml.load(path.read_text(encoding="utf-8"), Loader):
            yield path.stem, case


CASES = list(all_cases())


@pytest.fixture(scope="module")
def judge():
    """judge(task) asks one process that lives as long as this file."""
    with subprocess.Popen([PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        def ask(task):
            process.stdin.write(as_json(task) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())
        yield ask
        process.stdin.close()
        assert process.wait(10) == 0


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{stem}: {case['name']}") for stem, case in CASES])
def test_case(judge, case):
    assert set(case) <= KEYS, "a key that means nothing"
    assert len({"items", "questionnaire", "file"} & set(case)) == 1, "one definition"
    wanted = sorted(finding_of(text) for text in case.get("findings", []))
    for mode, task in tasks_of(case):
        verdict = judge(task)
        assert sorted(verdict["issues"]) == wanted, f"judged as {mode}"
        if "kept" in case and mode == "submit":
            assert verdict["kept"] == json.loads(as_json(items_of(case["kept"])))
        if "scores" in case and mode == "submit":
            assert {link_id: rest for link_id, *rest in verdict["scores"]} == json.loads(as_json(case["scores"]))


def test_names_are_different_and_there_are_enough_cases():
    names = [case["name"] for _, case in CASES]
    assert len(names) == len(set(names))
    assert len(names) >= 300


# Findings that a case cannot have: limits (below, and in tests/unit), what only auto-save, carrying over or beginning says.
ELSEWHERE = {"too-many-items", "too-many-conditions", "too-many-options", "too-many-rules", "too-many-value-sets", "too-large",
             "too-long", "no-memory", "pattern-too-costly", "index-gap", "not-a-question", "unexpected-index", "read-only",
             "parent-dropped", "too-many-expressions", "initial-misfit", "too-costly"}
# A code stands before its sentence, at most one line away.
NOTED = re.compile(r'"([a-z][a-z0-9]*(?:-[a-z0-9]+)*)",\s*(?:"[A-Z]|arena_format)')


def test_every_finding_of_the_engine_is_in_a_case():
    sources = [path for path in (TOP / "lib" / "form").rglob("*.c") if path.name not in ("outcome.c", "envelope.c", "migrate.c")]
    codes = {code for path in sources for code in NOTED.findall(path.read_text(encoding="utf-8"))}
    assert len(codes) > 80
    found = {finding_of(text)[1] for _, case in CASES for text in case.get("findings", [])}
    assert codes - found - ELSEWHERE == set()


def flat(count):
    return {"questionnaire": {"resourceType": "Questionnaire", "status": "draft",
                              "item": [{"linkId": str(number), "type": "string"} for number in range(count)]}}


def test_a_questionnaire_has_at_most_5000_items(judge):
    assert judge(flat(5000))["issues"] == []
    assert judge(flat(5001))["issues"] == [["error", "too-many-items", "/item"]]


def test_a_questionnaire_has_at_most_100000_options(judge):
    def task(count):
        options = [{"valueInteger": number} for number in range(count)]
        return {"questionnaire": {"resourceType": "Questionnaire", "status": "draft", "item": [
            {"linkId": "a", "type": "integer", "answerOption": options}]}}
    assert judge(task(100000))["issues"] == []
    assert ["error", "too-many-options", ""] in judge(task(100001))["issues"]


def test_a_questionnaire_has_at_most_20000_conditions(judge):
    def task(count):
        when = [{"question": "a", "operator": "exists", "answerBoolean": True}] * count
        return {"questionnaire": {"resourceType": "Questionnaire", "status": "draft", "item": [
            {"linkId": "a", "type": "string"}, {"linkId": "b", "type": "string", "enableBehavior": "any", "enableWhen": when}]}}
    assert judge(task(20000))["issues"] == []
    assert judge(task(20001))["issues"] == [["error", "too-many-conditions", "/item/1/enableWhen/0"]]

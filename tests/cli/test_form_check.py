"""`anamnesis form check`, as a person or a program calls it: exit status, OperationOutcome, what stderr says."""

import json
import os
import resource
import subprocess
import sys
import time

import pytest

from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("ANAMNESIS_BUILD", TOP / "build")) / "anamnesis"
MEGABYTE = 1024 * 1024

ONE_QUESTION = {"resourceType": "Questionnaire", "url": "http://example.org/q", "version": "1", "status": "active",
                "item": [{"linkId": "a", "type": "string", "required": True}]}
ANSWERED = {"resourceType": "QuestionnaireResponse", "questionnaire": "http://example.org/q|1", "status": "completed",
            "item": [{"linkId": "a", "answer": [{"valueString": "yes"}]}]}


def check(*arguments, **options):
    return subprocess.run([PROGRAM, "form", "check", *map(str, arguments)], capture_output=True, text=True, timeout=60,
                          check=False, **options)


@pytest.fixture
def file(tmp_path):
    """file(value) writes JSON (or text as it is) and gives the path."""
    def write(value, name=None):
        path = tmp_path / (name or f"{len(list(tmp_path.iterdir()))}.json")
        path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
        return path
    return write


def found(done):
    """(severity, code, diagnostics) of each issue."""
    outcome = json.loads(done.stdout)
    assert outcome["resourceType"] == "OperationOutcome"
    return [(issue["severity"], issue["details"]["coding"][0]["code"], issue.get("diagnostics")) for issue in outcome["issue"]]


def test_a_definition_without_fault_exits_0(file):
    done = check(file(ONE_QUESTION))
    assert (done.returncode, done.stderr) == (0, "")
    assert found(done) == [("information", "all-fine", None)]


def test_a_wrong_definition_exits_1_and_is_no_measure_of_a_response(file):
    done = check(file(ONE_QUESTION | {"item": [{"linkId": "a", "type": "question"}]}), file(ANSWERED))
    assert done.returncode == 1
    assert [entry[0] for entry in found(done)] == ["error"]


def test_warnings_alone_exit_0(file):
    done = check(file(ONE_QUESTION | {"item": [{"linkId": "a", "type": "choice"}]}))
    assert done.returncode == 0
    assert found(done) == [("warning", "no-options", "/item/0")]


def test_a_complete_response_exits_0(file):
    assert check(file(ONE_QUESTION), file(ANSWERED)).returncode == 0


def test_a_completed_response_is_judged_as_a_submission_and_one_in_progress_as_a_draft(file):
    definition = file(ONE_QUESTION)
    empty = {key: value for key, value in ANSWERED.items() if key != "item"}
    for status, options, code in (("completed", [], 1), ("amended", [], 1), ("in-progress", [], 0),
                                  ("completed", ["--draft"], 0), ("amended", ["--draft"], 0)):
        done = check(definition, file(empty | {"status": status}), *options)
        assert done.returncode == code, status
        assert found(done) == ([("error", "required", "a")] if code else [("information", "all-fine", None)])


def test_the_envelope_is_judged_with_the_items(file):
    response = ANSWERED | {"status": "done", "colour": "red", "questionnaire": "http://example.org/q|2"}
    done = check(file(ONE_QUESTION), file(response))
    assert done.returncode == 1
    assert sorted(found(done), key=str) == [("error", "invalid-code", None), ("error", "unknown-element", None),
                                   ("warning", "other-questionnaire", None)]
    assert check(file(ONE_QUESTION), file(ONE_QUESTION)).returncode == 1
    assert check(file(ONE_QUESTION), file(ANSWERED | {"item": "none"})).returncode == 1


def test_an_outcome_never_holds_an_answer(file):
    done = check(file(ONE_QUESTION), file(ANSWERED | {"item": [{"linkId": "a", "answer": [{"valueCode": "Canary"}]}]}))
    assert done.returncode == 1
    assert "Canary" not in done.stdout + done.stderr


def test_standard_input_and_one_line(file):
    done = check("--json", "-", file(ANSWERED), input=json.dumps(ONE_QUESTION))
    assert done.returncode == 0 and done.stdout.count("\n") == 1
    assert check(file(ONE_QUESTION), "-", input=json.dumps(ANSWERED)).returncode == 0
    assert check(file(ONE_QUESTION)).stdout.count("\n") > 1


@pytest.mark.parametrize("text, said", [
    ('{"resourceType":\n "Questionnaire", "status": }', ":2:29: "), ('{"a": 1, "a": 1}', "twice"), ("", "empty"),
    ("[]", "no JSON object"), ("null", "no JSON object"), ('{"a": "\\u0000"}', "U+0000"), ("[" * 200, "128 levels"),
    ('{"a": 1} {}', "goes on")])
def test_what_is_not_strict_json_exits_2_and_stderr_says_where(file, text, said):
    for arguments in ([file(text, "wrong.json")], [file(ONE_QUESTION), file(text, "wrong.json")]):
        done = check(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert "wrong.json" in done.stderr and said in done.stderr


SET = {"resourceType": "ValueSet", "url": "http://example.org/vs", "status": "active", "compose": {"include": [
    {"system": "http://example.org/s", "concept": [{"code": "a"}, {"code": "b"}]}]}}
CHOICE = ONE_QUESTION | {"item": [{"linkId": "a", "type": "choice", "answerValueSet": "http://example.org/vs"}]}


def chosen(code):
    return ANSWERED | {"item": [{"linkId": "a", "answer": [{"valueCoding": {"system": "http://example.org/s", "code": code}}]}]}


@pytest.mark.parametrize("stored", [SET, {"resourceType": "Bundle", "type": "collection", "entry": [
    {"fullUrl": "http://example.org/p"}, {"resource": {"resourceType": "Patient"}}, {"resource": SET}]}])
def test_value_sets_of_a_directory_say_what_may_be_chosen(file, tmp_path, stored):
    sets = tmp_path / "sets"
    sets.mkdir()
    (sets / "set.json").write_text(json.dumps(stored), encoding="utf-8")
    (sets / "other.json").write_text('{"resourceType": "CodeSystem"}', encoding="utf-8")
    (sets / "notes.txt").write_text("not JSON, not looked at", encoding="utf-8")
    for code, findings in (("a", [("information", "all-fine", None)]), ("c", [("error", "not-an-option", "a")])):
        done = check(file(CHOICE), file(chosen(code)), "--value-sets", sets)
        assert found(done) == findings
    assert found(check(file(CHOICE), file(chosen("c"))))[0][:2] == ("warning", "value-set-not-known")


def test_value_sets_that_cannot_be_read_exit_2(file, tmp_path):
    sets = tmp_path / "sets"
    sets.mkdir()
    (sets / "broken.json").write_text('{"resourceType": "ValueSet",}', encoding="utf-8")
    for arguments, said in (([sets], "broken.json:1:29"), ([tmp_path / "absent"], "No such file"), ([], "needs a value")):
        done = check(file(CHOICE), "--value-sets", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr


def test_items_16_levels_deep_each_below_an_answer(file):
    """The deepest that the engine takes is deeper than what the API reads."""
    item, answered = {"linkId": "16", "type": "string"}, {"linkId": "16", "answer": [{"valueString": "here"}]}
    for level in range(15, 0, -1):
        item = {"linkId": str(level), "type": "boolean", "item": [item]}
        answered = {"linkId": str(level), "answer": [{"valueBoolean": True, "item": [answered]}]}
    done = check(file(ONE_QUESTION | {"item": [item]}), file(ANSWERED | {"item": [answered]}))
    assert (done.returncode, done.stderr) == (0, "")
    done = check(file(ONE_QUESTION | {"item": [{"linkId": "0", "type": "boolean", "item": [item]}]}))
    assert found(done)[0][:2] == ("error", "too-deep")


def test_what_cannot_be_read_exits_2(file, tmp_path):
    for arguments, said in (([tmp_path / "absent.json"], "No such file"), ([tmp_path], "directory"), ([], "is needed"),
                            (["-", "-"], "not two"), ([file({}), file({}), file({})], "too many"),
                            (["--colour", file({})], "not known")):
        done = check(*arguments)
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert said in done.stderr


def test_a_file_over_16_mebibytes_exits_2(file):
    done = check(file('{"a": "' + "x" * (16 * MEGABYTE) + '"}'))
    assert done.returncode == 2 and "16 MiB" in done.stderr


def test_help_names_the_exit_statuses():
    done = check("--help")
    assert done.returncode == 0 and "Exit status:\n  0\n" in done.stdout


def options_of(index):
    return [{"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": weight}],
             "valueCoding": {"system": "http://example.org/answers", "code": f"q{index}-{weight}", "display": f"Answer {weight}"}}
            for weight in range(4)]


KINDS = [("string", {}, {"valueString": "as always"}), ("integer", {}, {"valueInteger": 7}),
         ("boolean", {}, {"valueBoolean": True}), ("date", {}, {"valueDate": "2026-02-28"}),
         ("choice", {"answerOption": options_of(0)}, {"valueCoding": {"system": "http://example.org/answers", "code": "q0-3"}})]


@pytest.fixture
def large(file):
    """5,000 items of five types in 50 groups, each but the first in a group enabled by it, and 5,000 answers."""
    items, answers = [], []
    for group in range(50):
        first = {"linkId": f"{group}-0", "type": "boolean", "text": "Does this apply?", "required": True}
        below, given = [first], [{"linkId": f"{group}-0", "answer": [{"valueBoolean": True}]}]
        for index in range(1, 98):
            kind, more, answer = KINDS[index % len(KINDS)]
            link_id = f"{group}-{index}"
            below.append({"linkId": link_id, "type": kind, "text": f"Question {index} of section {group}", "required": True,
                          "enableWhen": [{"question": f"{group}-0", "operator": "=", "answerBoolean": True}], **more})
            given.append({"linkId": link_id, "answer": [answer]})
        items.append({"linkId": f"{group}", "type": "group", "text": f"Section {group}", "item": below})
        answers.append({"linkId": f"{group}", "item": given})
    for index in range(50):
        items.append({"linkId": f"last-{index}", "type": "text", "repeats": True, "text": f"Anything else about section {index}?"})
        answers.append({"linkId": f"last-{index}", "answer": [{"valueString": "No."}, {"valueString": "Nothing."}]})
    return file(ONE_QUESTION | {"item": items}), file(ANSWERED | {"item": answers})


def test_5000_items_with_5000_answers_need_less_than_64_megabytes(large):
    """Acceptance 4. The limit is on everything that the process may write to; the time is printed, not judged."""
    def limit():
        resource.setrlimit(resource.RLIMIT_DATA, (64 * MEGABYTE, 64 * MEGABYTE))
    started = time.monotonic()
    done = check("--json", *large, preexec_fn=limit)
    print(f"5,000 items, 5,000 answers: {(time.monotonic() - started) * 1000:.0f} ms", file=sys.stderr)
    assert done.returncode == 0, done.stderr
    assert found(done) == [("information", "all-fine", None)]


def test_the_limit_of_the_test_above_is_felt(large):
    def limit():
        resource.setrlimit(resource.RLIMIT_DATA, (8 * MEGABYTE, 8 * MEGABYTE))
    done = check("--json", *large, preexec_fn=limit)
    assert done.returncode == 2 and "memory" in done.stderr

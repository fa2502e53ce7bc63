"""The main job, end to end: from a questionnaire's draft to the answers that the physician reads."""

import json
import pathlib
import subprocess
import time

import pytest
from support import client as api

TOP = pathlib.Path(__file__).resolve().parents[2]


def chosen(item, definition):
    """An option of a choice: a given one, one of a value set in the document, or any code where the set is elsewhere."""
    if "answerOption" in item:
        return {key: value for key, value in item["answerOption"][0].items() if key.startswith("value")}
    for found in definition.get("contained", []):
        if item.get("answerValueSet") == f"#{found['id']}":
            include = found["compose"]["include"][0]
            return {"valueCoding": {"system": include["system"], "code": include["concept"][0]["code"]}}
    return {"valueCoding": {"system": "http://loinc.org", "code": "LA6569-3", "display": "Several days"}}


def answers_for(item, definition):
    """One good answer for a question, from its definition alone."""
    kind = item["type"]
    if kind == "choice":
        return [chosen(item, definition)]
    return [{"boolean": {"valueBoolean": True}, "integer": {"valueInteger": 2}, "decimal": {"valueDecimal": 1.5},
             "date": {"valueDate": "2020-02-29"}, "string": {"valueString": "some words"},
             "text": {"valueString": "line one\nline two"}}[kind]]


def questions(items, path=""):
    """(item path, item) of every question that an answer can be given to."""
    for item in items:
        here = f"{path}/{item['linkId']}" if path else item["linkId"]
        if item["type"] not in ("group", "display"):
            yield here, item
        if item["type"] == "group":
            yield from questions(item.get("item", []), here)


def store_value_sets(staff, draft):
    """What the questionnaire names and does not contain must be stored; until then it cannot be published."""
    named = {item["answerValueSet"] for _, item in questions(draft["definition"]["item"])
             if not item.get("answerValueSet", "#").startswith("#")}
    if named:
        found = api.problem(staff.publish(draft["id"], draft["revision"]), 422, "invalid-form")
        assert {error["code"] for error in found["errors"]} == {"value-set-not-known"}
    for canonical in named:
        url, _, version = canonical.partition("|")
        code = chosen({"answerValueSet": canonical}, {})["valueCoding"]
        resource = {"resourceType": "ValueSet", "status": "active", "url": url, "compose": {"include": [
            {"system": code["system"], "concept": [{"code": code["code"]}]}]}} | ({"version": version} if version else {})
        if not api.good(staff.get(f"/admin/value-sets?url={url}"))["items"]:
            api.good(staff.post("/admin/value-sets", {"resource": resource}), 201)


def run_journey(practice, definition):
    """Every step as a portal does it; gives what was sent and what the physician reads."""
    staff = practice.staff()
    draft = api.good(staff.post("/admin/questionnaires", {"definition": definition}), 201)
    assert (draft["status"], draft["version"], draft["revision"]) == ("draft", None, 1)
    store_value_sets(staff, draft)
    published = api.good(staff.publish(draft["id"], draft["revision"]), 200)
    assert (published["status"], published["version"]) == ("active", 1)

    patient = practice.patient(record_number=f"R-{time.time_ns()}")
    invitation = api.good(staff.post(f"/admin/patients/{patient['id']}/invitations",
                                     {"delivery": "link", "questionnaires": [draft["id"]]}), 201)
    token = invitation["url"].split("#", 1)[1]

    anonymous = practice.anonymous
    hint = api.good(anonymous.post("/patient/register/validate", {"token": token}))
    assert hint["practice_name"] == practice.name
    password = f"correct horse battery {time.time_ns()}"
    registered = api.good(anonymous.post("/patient/register", {
        "token": token, "birth_date": patient["birth_date"], "password": password}), 201)
    assert registered == {"patient_id": patient["id"], "status": "registered"}
    me = api.sign_in_patient(anonymous, patient["email"], password)

    listed = api.good(me.get("/patient/questionnaires"))["items"]
    assert [entry["questionnaire_id"] for entry in listed] == [draft["id"]]
    shown = api.good(me.get(f"/patient/questionnaires/{listed[0]['assignment_id']}"))
    assert shown["definition"] == definition
    response = api.good(me.post("/patient/responses", {"assignment_id": listed[0]["assignment_id"]}), 201)

    revision, sent = response["revision"], {}
    for path, item in questions(definition["item"]):
        if item.get("enableWhen") or item.get("readOnly"):
            continue
        sent[path] = answers_for(item, definition)
        saved = api.good(me.save(response["id"], revision, {path: sent[path]}))
        assert saved["revision"] == revision + 1
        assert saved["issues"] == []
        revision = saved["revision"]
    submitted = api.good(me.submit(response["id"], revision))
    assert submitted["status"] == "completed"

    read = api.good(staff.get(f"/admin/responses/{response['id']}"))
    assert read["patient_id"] == patient["id"]
    assert read["status"] == "completed"
    assert read["proof"] == submitted["proof"]
    return sent, read


def answers_in(items, path=""):
    found = {}
    for item in items:
        here = f"{path}/{item['linkId']}" if path else item["linkId"]
        if "answer" in item:
            found[here] = [{key: value for key, value in answer.items() if key != "item"} for answer in item["answer"]]
        found |= answers_in(item.get("item", []), here)
    return found


def test_phq_9(practice):
    definition = json.loads((TOP / "forms" / "phq-9.json").read_text(encoding="utf-8"))
    sent, read = run_journey(practice, definition)
    found = answers_in(read["response"]["item"])
    # The total is the server's own: the sum of the weights that the chosen options have.
    weights = {option["valueCoding"]["code"]: extension["valueDecimal"] for _, item in questions(definition["item"])
               for option in item.get("answerOption", []) for extension in option.get("extension", [])
               if extension["url"].endswith("/ordinalValue")}
    total = sum(weights.get(answers[0]["valueCoding"]["code"], 0) for answers in sent.values())
    assert len(weights) == 4 and found.pop("44261-6") == [{"valueDecimal": total}]
    assert found == sent
    assert len(sent) >= 9


@pytest.mark.parametrize("name", ["phq-9-questionnaire", "3141", "f201", "gcs"])
def test_a_questionnaire_of_the_fhir_examples(practice, name):
    """Published by HL7 in the npm package hl7.fhir.r4.examples."""
    place = TOP / "tests/fhir/node_modules/hl7.fhir.r4.examples"
    subprocess.run([TOP / "tools/npm-packages", TOP / "tests/fhir"], check=True)
    found = list(place.rglob(f"Questionnaire-{name}.json"))
    definition = json.loads(found[0].read_text(encoding="utf-8"))
    sent, read = run_journey(practice, definition)
    assert answers_in(read["response"]["item"]) == sent
    assert sent


def test_the_proof_can_be_computed_from_what_is_shown(practice):
    """Hashes of the canonical forms (RFC 8785); these documents have only text and small integers."""
    import hashlib

    def canonical_sha256(value):
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    definition = json.loads((TOP / "forms" / "phq-9.json").read_text(encoding="utf-8"))
    _, read = run_journey(practice, definition)
    version = api.good(practice.staff().get(
        f"/admin/questionnaires/{read['questionnaire_id']}/versions/{read['version']}"))
    assert read["proof"]["response_sha256"] == canonical_sha256(read["response"])
    assert read["proof"]["definition_sha256"] == version["definition_sha256"]

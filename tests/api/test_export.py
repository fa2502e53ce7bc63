"""A patient takes all of their own data along, as FHIR Bundles."""

import json
import os
import pathlib
import subprocess

import pytest
from support import client as api
from support import sending
from support.clean_files import File, Objects
from test_amendments import sha256
from test_scores import NINE, PHQ_9, answers_of, chosen

EXPORT = "/patient/profile/export"
PROGRAM = os.environ.get("ANAMNESIS_BUILD", str(pathlib.Path(__file__).resolve().parents[2] / "build")) + "/anamnesis"


def of_type(bundle, name):
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == name]


def phq_9_submitted(practice):
    patient, me, response = practice.begun(PHQ_9)
    saved = api.good(me.save(response["id"], 1, answers_of(2) | {"69722-7": chosen(PHQ_9["item"][10], 0)}))
    done = api.good(me.submit(response["id"], saved["revision"]))
    return patient, me, response["id"], done


def test_what_was_asked_answered_and_computed_is_there(practice, tmp_path):
    patient, me, identifier, done = phq_9_submitted(practice)
    answer = me.get(EXPORT)
    bundle = api.good(answer)
    assert answer.headers["Content-Type"] == "application/fhir+json"
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection") and "link" not in bundle
    [person] = of_type(bundle, "Patient")
    assert person["id"] == patient["id"] and person["birthDate"] == patient["birth_date"]
    assert person["name"] == [{"family": patient["family_name"], "given": [patient["given_name"]]}]
    assert person["telecom"] == [{"system": "email", "value": patient["email"]}]
    assert person["managingOrganization"] == {"display": practice.name}
    [definition], [response] = of_type(bundle, "Questionnaire"), of_type(bundle, "QuestionnaireResponse")
    assert response == api.good(me.get(f"/patient/responses/{identifier}"))["response"]
    assert {"definition_sha256": sha256(definition), "response_sha256": sha256(response)} == done["proof"]
    [score] = of_type(bundle, "Observation")
    assert score["valueQuantity"] == {"value": 18} and score["code"] == {"text": "Total score"}
    assert score["interpretation"] == [{"text": "Moderately severe depression"}]
    assert score["derivedFrom"] == [{"reference": f"QuestionnaireResponse/{identifier}"}]
    for name, resource in (("q.json", definition), ("r.json", response)):
        (tmp_path / name).write_text(json.dumps(resource), encoding="utf-8")
    checked = subprocess.run([PROGRAM, "form", "check", tmp_path / "q.json", tmp_path / "r.json"], capture_output=True, text=True,
                             check=False)
    assert checked.returncode == 0, checked.stdout


def test_references_lead_to_entries_of_the_bundle(practice):
    _, me, identifier, _ = phq_9_submitted(practice)
    bundle = api.good(me.get(EXPORT))
    urls = [entry["fullUrl"] for entry in bundle["entry"]]
    base = urls[0].rsplit("/", 2)[0]
    assert len(set(urls)) == len(urls)
    [response] = of_type(bundle, "QuestionnaireResponse")
    canonical, version = response["questionnaire"].removeprefix("urn:uuid:").split("|")
    assert {f"{base}/{response['subject']['reference']}", f"{base}/Questionnaire/{canonical}-{version}",
            f"{base}/QuestionnaireResponse/{identifier}"} <= set(urls)


def test_drafts_and_amendments_are_data_too(practice):
    _, me, identifier, _ = phq_9_submitted(practice)
    amended = api.good(me.post(f"/patient/responses/{identifier}/amend"), 201)
    api.good(me.save(amended["id"], amended["revision"], {NINE[0]["linkId"]: chosen(NINE[0], 3)}))
    bundle = api.good(me.get(EXPORT))
    assert [(one["id"], one["status"]) for one in of_type(bundle, "QuestionnaireResponse")] == [
        (amended["id"], "in-progress"), (identifier, "completed")]
    assert len(of_type(bundle, "Questionnaire")) == 1, "both are of one version"
    assert len(of_type(bundle, "Observation")) == 1, "what is in progress has no score yet"


def test_pages_have_everything_once(practice):
    _, me, identifier, _ = phq_9_submitted(practice)
    amended = api.good(me.post(f"/patient/responses/{identifier}/amend"), 201)
    seen, path = [], f"{EXPORT}?limit=1"
    while path:
        bundle = api.good(me.get(path))
        assert len(of_type(bundle, "Patient")) == len(of_type(bundle, "Questionnaire")) == 1
        seen += [one["id"] for one in of_type(bundle, "QuestionnaireResponse")]
        path = next((link["url"][link["url"].index(EXPORT):] for link in bundle.get("link", [])), None)
    assert seen == [amended["id"], identifier]


def test_files_are_named_with_their_state_and_where_the_original_is(practice, database, demo):
    patient, me, response = practice.begun(sending.FORM)
    clean = File(Objects(demo, database), me, response, "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                 filename='Grüße "an" alle.docx', size=2000)
    refused = sending.declare(me, response, sending.noise(700), filename="rash.jpg")
    sending.put_state(database, refused, "rejected", reason="damaged")
    waits = sending.declare(me, response, sending.noise(300))
    api.good(me.save(response["id"], 1, {"photo": [{"valueAttachment": {"url": f"urn:uuid:{clean.id}"}}]}))
    bundle = api.good(me.get(EXPORT))
    files = {one["id"]: one for one in of_type(bundle, "DocumentReference")}
    assert list(files) == [waits["id"], refused["id"], clean.id]
    assert {name: one["description"] for name, one in files.items()} == {
        clean.id: "clean", refused["id"]: "rejected: damaged", waits["id"]: "awaiting-upload"}
    for one in files.values():
        assert one["subject"] == {"reference": f"Patient/{patient['id']}"} and one["status"] == "current"
        assert one["context"] == {"related": [{"reference": f"QuestionnaireResponse/{response['id']}"}]}
    [answered] = of_type(bundle, "QuestionnaireResponse")
    assert files[clean.id]["identifier"][0]["value"] == answered["item"][0]["answer"][0]["valueAttachment"]["url"]
    said = files[clean.id]["content"][0]["attachment"]
    assert (said["contentType"], said["size"], said["title"]) == (clean.type, 2000, clean.name)
    assert me.get(said["url"][said["url"].index("/patient/"):]).content == clean.objects["original"]
    assert "url" not in files[refused["id"]]["content"][0]["attachment"] and "url" not in files[waits["id"]]["content"][0]["attachment"]
    assert sending.noise(300) not in me.get(EXPORT).content


@pytest.mark.parametrize(("limit", "pages"), [(1, 6), (2, 3), (4, 2), (100, 1)])
def test_pages_have_each_file_once_behind_the_last_response(practice, limit, pages):
    _, me, response = practice.begun(sending.FORM)
    first = sending.declare(me, response, sending.noise(100, 0))
    api.good(me.save(response["id"], 1, {"comment": [{"valueString": "none"}]}))
    api.good(me.submit(response["id"], 2))
    amended = api.good(me.post(f"/patient/responses/{response['id']}/amend"), 201)
    more = [sending.declare(me, amended, sending.noise(100, number))["id"] for number in range(1, 5)]
    seen, path, count = [], f"{EXPORT}?limit={limit}", 0
    while path:
        bundle = api.good(me.get(path))
        seen += [entry["resource"]["id"] for entry in bundle["entry"][1:] if entry["resource"]["resourceType"] != "Questionnaire"]
        path = next((link["url"][link["url"].index(EXPORT):] for link in bundle.get("link", [])), None)
        count += 1
    assert seen == [amended["id"], response["id"], *reversed(more), first["id"]]
    assert count == pages


def test_files_of_others_are_in_no_export(practice):
    _, mine, response = practice.begun(sending.FORM)
    _, theirs, _ = practice.begun(sending.FORM)
    upload = sending.declare(mine, response, sending.noise(100))
    for query in ("", "?only=files"):
        assert upload["id"] in mine.get(EXPORT + query).text
        assert upload["id"] not in theirs.get(EXPORT + query).text


def test_somebody_without_answers_gets_who_they_are(practice):
    patient, me = practice.signed_in_patient()
    bundle = api.good(me.get(EXPORT))
    assert [entry["resource"]["id"] for entry in bundle["entry"]] == [patient["id"]]


def test_what_is_not_a_page_is_refused(practice):
    _, me = practice.signed_in_patient()
    for query in ("limit=0", "limit=101", "cursor=x", "only=x", "only=files&cursor=x"):
        api.problem(me.get(f"{EXPORT}?{query}"), 400, "invalid-request")


def test_an_export_is_written_down_as_one(practice, database):
    patient, me, _, _ = phq_9_submitted(practice)
    api.good(me.get(EXPORT))
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit.event WHERE operation = 'my_export' AND patient_id = %s",
                       (patient["id"],))
        assert cursor.fetchone() == (1,)

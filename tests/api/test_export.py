"""A patient takes all of their own data along, as FHIR Bundles."""

import json
import os
import pathlib
import subprocess

from support import client as api
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


def test_somebody_without_answers_gets_who_they_are(practice):
    patient, me = practice.signed_in_patient()
    bundle = api.good(me.get(EXPORT))
    assert [entry["resource"]["id"] for entry in bundle["entry"]] == [patient["id"]]


def test_what_is_not_a_page_is_refused(practice):
    _, me = practice.signed_in_patient()
    for query in ("limit=0", "limit=101", "cursor=x"):
        api.problem(me.get(f"{EXPORT}?{query}"), 400, "invalid-request")


def test_an_export_is_written_down_as_one(practice, database):
    patient, me, _, _ = phq_9_submitted(practice)
    api.good(me.get(EXPORT))
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit.event WHERE operation = 'my_export' AND patient_id = %s",
                       (patient["id"],))
        assert cursor.fetchone() == (1,)

"""The audit log as the practice and the patient see it."""

import json
import os
import pathlib
import subprocess

import pytest
from support import client as api
from support import lambda_runtime as aws

TOP = pathlib.Path(__file__).resolve().parents[2]
NOBODY = "01900000-0000-7000-8000-000000000000"
WHAT = {"patient_get": "Opened your name and contact data", "response_get": "Opened your answers to a questionnaire"}


def pages(client, path, **filters):
    """All items of a list, page by page."""
    found, cursor = [], None
    while True:
        query = "&".join(f"{name}={value}" for name, value in (filters | ({"cursor": cursor} if cursor else {})).items())
        page = api.good(client.get(f"{path}?{query}"))
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


@pytest.fixture(scope="module")
def front(demo, tmp_path_factory):
    made = aws.Front(tmp_path_factory.mktemp("lambda"), aws.program(),
                     aws.environment_of(os.environ.get("ANAMNESIS_DEMO", TOP / "var" / "demo.json")))
    yield made
    made.close()


@pytest.fixture(scope="module")
def used(new_practice):
    """A practice where a physician has opened a patient and an answer, and an assistant was refused one."""
    practice = new_practice()
    patient, client, response = practice.begun()
    physician, assistant = practice.staff(), practice.staff("assistant")
    api.good(physician.get(f"/admin/patients/{patient['id']}"))
    api.good(physician.get(f"/admin/responses/{response['id']}"))
    api.good(assistant.get("/admin/patients"))
    api.problem(assistant.get(f"/admin/responses/{response['id']}"), 403, "forbidden")
    return practice, patient, client, response


@pytest.mark.parametrize("role", ["owner", "auditor"])
def test_who_did_what(used, role):
    """[16.3.2]"""
    practice, patient, _, response = used
    rows = pages(practice.staff(role), "/admin/audit", limit=200)
    opened = [row for row in rows if row["operation"] == "response_get" and row["outcome"] == "ok"]
    (row,) = opened
    assert (row["realm"], row["role"], row["object_id"]) == ("staff", "physician", response["id"])
    assert row["actor_id"] == practice.accounts["physician"]["id"] and row["patient_ids"] == [patient["id"]]
    refused = [row for row in rows if row["operation"] == "response_get" and row["outcome"] == "forbidden"]
    assert [(row["role"], row["object_id"]) for row in refused] == [("assistant", response["id"])]
    places = [(row["at"], row["id"]) for row in rows]
    assert len(places) == len(set(places)) and [at for at, _ in places] == sorted((at for at, _ in places), reverse=True)


def test_filters_and_pages(used):
    """Each filter, and any page size, show the same rows in the same order as the whole log does."""
    practice, patient, _, _ = used
    owner = practice.staff("owner")
    end = api.good(owner.get("/admin/audit?limit=1"))["items"][0]["at"]
    rows = pages(owner, "/admin/audit", limit=200, to=end)
    middle = rows[len(rows) // 2]
    filters = [
        ({"actor_id": middle["actor_id"] or practice.id}, lambda row: row["actor_id"] == (middle["actor_id"] or practice.id)),
        ({"patient_id": patient["id"]}, lambda row: patient["id"] in row["patient_ids"]),
        ({"operation": "response_get"}, lambda row: row["operation"] == "response_get"),
        ({"outcome": "forbidden"}, lambda row: row["outcome"] == "forbidden"),
        ({"from": middle["at"]}, lambda row: row["at"] >= middle["at"]),
        ({"operation": "response_get", "outcome": "ok", "patient_id": patient["id"]},
         lambda row: (row["operation"], row["outcome"]) == ("response_get", "ok") and patient["id"] in row["patient_ids"])]
    for given, wanted in filters:
        expected = [row for row in rows if wanted(row)]
        assert expected, given
        for limit in (1, 3, 200):
            assert pages(owner, "/admin/audit", limit=limit, **({"to": end} | given)) == expected, given
    assert pages(owner, "/admin/audit", limit=7, to=end) == rows


def test_reading_the_log_is_in_the_log(used):
    practice, patient, _, _ = used
    auditor = practice.staff("auditor")
    api.good(auditor.get(f"/admin/audit?patient_id={patient['id']}"))
    row = api.good(auditor.get("/admin/audit?operation=audit_list&limit=1"))["items"][0]
    assert (row["role"], row["object_id"], row["outcome"]) == ("auditor", patient["id"], "ok")


def test_the_log_shows_identifiers_and_nothing_else_of_a_patient(used):
    practice, patient, client, response = used
    api.good(client.save(response["id"], 1, {"comment": [{"valueString": "a canary in the answers"}]}))
    text = practice.staff("owner").get("/admin/audit?limit=200").text
    assert patient["id"] in text
    for part in ("a canary in the answers", patient["email"], patient["family_name"], patient["birth_date"]):
        assert part not in text


@pytest.mark.parametrize("role", ["physician", "assistant"])
def test_others_do_not_read_the_log(used, role):
    """[16.3.2]"""
    practice = used[0]
    api.problem(practice.staff(role).get("/admin/audit"), 403, "forbidden")
    rows = api.good(practice.staff("owner").get("/admin/audit?operation=audit_list&outcome=forbidden"))["items"]
    assert role in [row["role"] for row in rows]


def test_a_practice_sees_its_own_rows_only(used, other_practice):
    """P5 [8.2.2]: also when it names the other's people."""
    practice, patient, _, _ = used
    other = other_practice.staff("owner")
    mine = {row["id"] for row in pages(practice.staff("owner"), "/admin/audit", limit=200)}
    assert not mine & {row["id"] for row in pages(other, "/admin/audit", limit=200)}
    actor = practice.accounts["owner"]["id"]
    for given in ({"patient_id": patient["id"]}, {"actor_id": actor}, {"actor_id": actor, "patient_id": patient["id"]}):
        assert pages(other, "/admin/audit", **given) == []


@pytest.mark.parametrize("query", ["cursor=x", "cursor=1.2.3", "cursor=-1.1", "cursor=1.", "cursor=99999999999999999999.1",
                                   "from=yesterday", "to=2026-13-01T00:00:00Z", "operation=Patient", "actor_id=me",
                                   "limit=0", "limit=201", "colour=red"])
def test_questions_that_are_none(used, query):
    api.problem(used[0].staff("owner").get(f"/admin/audit?{query}"), 400, "invalid-request")


def test_a_patient_sees_who_opened_what(used):
    practice, patient, client, _ = used
    items = pages(client, "/patient/profile/access-log", limit=200)
    shown = {item["operation"]: item for item in items}
    for operation, what in WHAT.items():
        assert (shown[operation]["name"], shown[operation]["role"], shown[operation]["what"]) == (
            "Physician Test", "physician", what)
    assert (shown["patient_list"]["name"], shown["patient_list"]["role"]) == ("Assistant Test", "assistant")
    # What the patient did is not there, nor what was refused.
    assert not [item for item in items if item["operation"].startswith("my_") or item["role"] == "patient"]
    assert [item["role"] for item in items if item["operation"] == "response_get"] == ["physician"]
    assert all(item["what"] for item in items)
    for limit in (1, 2):
        assert pages(client, "/patient/profile/access-log", limit=limit) == items


def test_a_patient_sees_own_accesses_only(used):
    practice, patient, _, _ = used
    other, client = practice.signed_in_patient()
    api.good(practice.staff().get(f"/admin/patients/{other['id']}"))
    items = pages(client, "/patient/profile/access-log", limit=200)
    assert [item["operation"] for item in items].count("patient_get") == 1
    assert "response_get" not in [item["operation"] for item in items]
    for query in ("cursor=x", "limit=0", "patient_id=" + patient["id"]):
        api.problem(client.get(f"/patient/profile/access-log?{query}"), 400, "invalid-request")


def test_the_running_log_is_sealed_and_whole(demo, used):
    """The instance's own log, with all that the other tests do to it meanwhile [16.4.2]."""
    var = pathlib.Path(demo["var"])
    environment = os.environ | {"ANAMNESIS_AUDITOR_DATABASE_URL": demo["database_urls"]["auditor"],
                                "ANAMNESIS_JOBS_KEYRING_FILE": str(var / "keys" / "keyring-jobs.json")}
    done = subprocess.run([os.environ.get("ANAMNESIS_BUILD", str(TOP / "build")) + "/anamnesis", "audit", "verify", "--json"],
                          env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["seals"] > 0


@pytest.mark.parametrize("given", [{"actor_id": NOBODY}, {"patient_id": NOBODY}, {"operation": "practice_delete"},
                                   {"outcome": "gone"}, {"from": "2999-01-01T00:00:00Z"}, {"to": "2020-01-01T00:00:00Z"},
                                   {"operation": "response_get", "actor_id": NOBODY}],
                         ids=lambda given: "+".join(given))
def test_a_filter_that_nothing_fits_shows_nothing(used, given):
    practice = used[0]
    page = api.good(practice.staff("owner").get("/admin/audit?" + "&".join(f"{name}={of}" for name, of in given.items())))
    assert (page["items"], page["next_cursor"]) == ([], None)


def test_the_log_is_the_same_through_lambda(front, used):
    """Filters, pages and refusals, in both realms; and what is asked there is in the log too."""
    practice, patient, client, _ = used
    owner, physician = practice.staff("owner"), practice.staff()

    def there(session):
        return api.Client(front.base_url, front.ca_file, session.token)
    first = api.good(owner.get("/admin/audit?limit=1"))["items"][0]
    end, actor = first["at"], practice.accounts["physician"]["id"]
    for given in ({}, {"actor_id": actor}, {"patient_id": patient["id"]}, {"operation": "response_get"},
                  {"outcome": "forbidden"}, {"from": "2020-01-01T00:00:00Z"}):
        here = pages(owner, "/admin/audit", limit=3, to=end, **given)
        assert here and pages(there(owner), "/admin/audit", limit=3, to=end, **given) == here, given
    assert pages(there(owner), "/admin/audit", actor_id=NOBODY) == []
    assert pages(there(client), "/patient/profile/access-log", limit=2) == pages(client, "/patient/profile/access-log")
    api.problem(there(physician).get("/admin/audit"), 403, "forbidden")
    api.problem(there(owner).get("/admin/audit?cursor=x"), 400, "invalid-request")
    api.problem(api.Client(front.base_url, front.ca_file).get("/admin/audit"), 401, "not-signed-in")
    refused = api.problem(there(physician).get("/admin/audit"), 403, "forbidden")["instance"].removeprefix("urn:uuid:")
    rows = api.good(owner.get("/admin/audit?operation=audit_list&outcome=forbidden&limit=5"))["items"]
    assert refused in [row["request_id"] for row in rows]

"""The life of a questionnaire: versions that stay readable for ever; retired, copied, removed."""

import concurrent.futures
import copy

import psycopg2
import pytest
from conftest import SHORT_FORM, unique
from support import client as api


def created(staff, definition=None):
    return api.good(staff.post("/admin/questionnaires", {"definition": definition or SHORT_FORM}), 201)


def at_once(calls):
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return [done.result() for done in [pool.submit(call) for call in calls]]


# --- retire

def test_a_retired_questionnaire_is_given_to_nobody_new(practice):
    staff, questionnaire = practice.staff(), practice.questionnaire()
    _, me = practice.signed_in_patient([questionnaire])
    api.problem(staff.retire(questionnaire, 1), 412, "stale-revision")
    done = staff.retire(questionnaire, 2)
    assert (api.good(done)["status"], api.good(done)["version"], done.headers["ETag"]) == ("retired", 1, '"3"')
    patient = practice.patient()
    api.problem(staff.post(f"/admin/patients/{patient['id']}/assignments", {"questionnaire_id": questionnaire}), 409,
                "questionnaire-state")
    invitation = {"delivery": "link", "questionnaires": [questionnaire]}
    api.problem(staff.post(f"/admin/patients/{patient['id']}/invitations", invitation), 409, "questionnaire-state")
    # Who was asked before begins and finishes.
    assignment = api.good(me.get("/patient/questionnaires"))["items"][0]["assignment_id"]
    response = api.good(me.post("/patient/responses", {"assignment_id": assignment}), 201)
    api.good(me.save(response["id"], 1, {"hours": [{"valueDecimal": 7}]}))
    api.good(me.submit(response["id"], 2))
    assert api.good(staff.get(f"/admin/responses/{response['id']}"))["status"] == "completed"


def test_only_an_active_one_is_retired_and_once(practice):
    staff, draft = practice.staff(), created(practice.staff())
    api.problem(staff.retire(draft["id"], 1), 409, "questionnaire-state")
    questionnaire = practice.questionnaire()
    api.good(staff.retire(questionnaire, 2))
    api.problem(staff.retire(questionnaire, 3), 409, "questionnaire-state")
    api.problem(staff.put(f"/admin/questionnaires/{questionnaire}/draft", {"definition": SHORT_FORM}, revision=3), 409,
                "questionnaire-state")
    api.problem(staff.publish(questionnaire, 3), 409, "questionnaire-state")
    assert [it["id"] for it in api.good(staff.get("/admin/questionnaires?status=retired&limit=1"))["items"]] == [questionnaire]


@pytest.mark.parametrize("attempt", range(3))
def test_retiring_and_assigning_at_once(practice, database, attempt):
    """Whoever is assigned was so before the questionnaire was retired."""
    staff, questionnaire = practice.staff(), practice.questionnaire()
    patients = [practice.patient()["id"] for _ in range(6)]

    def assign(patient):
        return lambda: staff.again(staff.token).post(f"/admin/patients/{patient}/assignments",
                                                     {"questionnaire_id": questionnaire})
    *assigned, retired = at_once([assign(patient) for patient in patients] + [lambda: staff.retire(questionnaire, 2)])
    api.good(retired)
    for answer in assigned:
        assert answer.status_code == 201 or api.problem(answer, 409, "questionnaire-state")
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM anamnesis.assignment WHERE questionnaire_id = %s", (questionnaire,))
        assert cursor.fetchone()[0] == sum(answer.status_code == 201 for answer in assigned)
    later = staff.post(f"/admin/patients/{patients[0]}/assignments", {"questionnaire_id": questionnaire})
    api.problem(later, 409, "questionnaire-state")


# --- duplicate

def test_a_copy_is_a_draft_of_its_own(practice):
    staff = practice.staff()
    questionnaire = practice.questionnaire()
    made = staff.post(f"/admin/questionnaires/{questionnaire}/duplicate")
    copied = api.good(made, 201)
    assert made.headers["Location"] == f"/admin/questionnaires/{copied['id']}" and made.headers["ETag"] == '"1"'
    assert (copied["status"], copied["version"], copied["has_draft"]) == ("draft", None, True)
    assert copied["definition"] == SHORT_FORM | {"title": "Short form (copy)"} and copied["title"] == "Short form (copy)"
    assert copied["id"] != questionnaire
    # The draft goes before the version.
    api.good(staff.put(f"/admin/questionnaires/{questionnaire}/draft", {"definition": SHORT_FORM | {"title": "Newer"}},
                       revision=2))
    assert api.good(staff.post(f"/admin/questionnaires/{questionnaire}/duplicate"), 201)["title"] == "Newer (copy)"
    api.good(staff.retire(questionnaire, 3))
    api.good(staff.post(f"/admin/questionnaires/{questionnaire}/duplicate"), 201)


@pytest.mark.parametrize("title, copied", [
    (None, "Copy"), ("", "Copy"), ("x" * 500, "x" * 493 + " (copy)"), ("ä" * 250, "ä" * 246 + " (copy)")])
def test_a_copys_title_fits(practice, title, copied):
    definition = copy.deepcopy(SHORT_FORM) | {"title": title}
    if title is None:
        del definition["title"]
    made = created(practice.staff(), definition)
    done = api.good(practice.staff().post(f"/admin/questionnaires/{made['id']}/duplicate"), 201)
    assert done["title"] == done["definition"]["title"] == copied


def test_the_same_copy_with_a_key(practice):
    staff, made, key = practice.staff(), created(practice.staff()), {"Idempotency-Key": unique("k")}
    path = f"/admin/questionnaires/{made['id']}/duplicate"
    first = staff.post(path, headers=key)
    assert staff.post(path, headers=key).text == first.text
    other = created(staff)
    api.problem(staff.post(f"/admin/questionnaires/{other['id']}/duplicate", headers=key), 422, "idempotency-key-reused")


# --- delete

def test_only_a_draft_that_was_never_published_is_deleted(practice):
    staff, made = practice.staff(), created(practice.staff())
    path = f"/admin/questionnaires/{made['id']}"
    api.problem(staff.delete(path, revision=2), 412, "stale-revision")
    api.problem(practice.staff("assistant").delete(path, revision=1), 403, "forbidden")
    assert staff.delete(path, revision=1).status_code == 204
    api.problem(staff.get(path), 404, "not-found")
    api.problem(staff.delete(path, revision=1), 404, "not-found")
    published = practice.questionnaire()
    api.problem(staff.delete(f"/admin/questionnaires/{published}", revision=2), 409, "questionnaire-state")
    api.good(staff.put(f"/admin/questionnaires/{published}/draft", {"definition": SHORT_FORM}, revision=2))
    api.problem(staff.delete(f"/admin/questionnaires/{published}", revision=3), 409, "questionnaire-state")


def test_two_publishers_at_once(practice):
    staff, made = practice.staff(), created(practice.staff())
    answers = at_once([lambda: staff.again(staff.token).publish(made["id"], 1)] * 4)
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    assert len(api.good(staff.get(f"/admin/questionnaires/{made['id']}/versions"))["items"]) == 1


# --- old responses

def five_versions(url):
    """Each breaks what came before: types, options, branching, places, value sets, scores."""
    def option(code, weight):
        return {"valueCoding": {"system": "urn:x:s", "code": code, "display": code.upper()},
                "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": weight}]}

    def form(*items, **more):
        return {"resourceType": "Questionnaire", "status": "active", "title": "Five \u00e4 \U0001F600", "item": list(items)} | more
    mood = {"linkId": "mood", "type": "choice", "text": "Mood?", "answerOption": [option("low", 1.10), option("high", 2)]}
    amount = {"linkId": "amount", "type": "decimal", "text": "How much?"}
    return [
        (form(mood, amount), {"mood": [{"valueCoding": {"system": "urn:x:s", "code": "low"}}], "amount": [{"valueDecimal": 1.5}]}),
        (form({**amount, "type": "string"}, {**mood, "answerOption": [option("other", 3)]}),
         {"amount": [{"valueString": "much"}], "mood": [{"valueCoding": {"system": "urn:x:s", "code": "other"}}]}),
        (form({"linkId": "group", "type": "group", "repeats": True, "item": [{**mood, "answerOption": [option("low", 7)]}]}),
         {"group[0]/mood": [{"valueCoding": {"system": "urn:x:s", "code": "low"}}],
          "group[1]/mood": [{"valueCoding": {"system": "urn:x:s", "code": "low"}}]}),
        (form({"linkId": "mood", "type": "choice", "answerValueSet": url}, {**amount, "required": True, "enableWhen": [
            {"question": "mood", "operator": "exists", "answerBoolean": True}]}),
         {"mood": [{"valueCoding": {"system": "urn:x:s", "code": "stored"}}], "amount": [{"valueDecimal": 0.10}]}),
        (form({"linkId": "only", "type": "boolean", "text": "Only this?"}, language="de"), {"only": [{"valueBoolean": False}]}),
    ]


def test_old_responses_are_read_back_as_they_were(practice, database):
    """Five versions with breaking changes: every response of every earlier one stays byte-identical, and immutable."""
    staff, url = practice.staff(), f"http://example.org/vs/{unique('five')}"
    value_set = {"resourceType": "ValueSet", "status": "active", "url": url, "compose": {"include": [
        {"system": "urn:x:s", "concept": [{"code": "stored"}]}]}}
    kept = api.good(staff.post("/admin/value-sets", {"resource": value_set}), 201)
    questionnaire, revision, first_read = None, 1, {}
    for number, (definition, answers) in enumerate(five_versions(url), 1):
        if questionnaire is None:
            questionnaire = created(staff, definition)["id"]
        else:
            draft = api.good(staff.put(f"/admin/questionnaires/{questionnaire}/draft", {"definition": definition},
                                       revision=revision))
            revision = draft["revision"]
        on_drafts = "migrate" if number % 2 else "keep"
        published = api.good(staff.publish(questionnaire, revision, on_drafts=on_drafts))
        assert published["version"] == number
        revision = published["revision"]
        _, me = practice.signed_in_patient([questionnaire])
        assignment = api.good(me.get("/patient/questionnaires"))["items"][0]["assignment_id"]
        response = api.good(me.post("/patient/responses", {"assignment_id": assignment}), 201)
        api.good(me.save(response["id"], 1, answers))
        api.good(me.submit(response["id"], 2))
        paths = [f"/admin/responses/{response['id']}", f"/admin/responses/{response['id']}/proof",
                 f"/admin/questionnaires/{questionnaire}/versions/{number}"]
        first_read[response["id"]] = (me, {path: staff.get(path).text for path in paths},
                                      {path: me.get(path).text for path in (f"/patient/responses/{response['id']}",
                                                                            f"/patient/questionnaires/{assignment}")})
        assert f'"version":{number},' in first_read[response["id"]][1][paths[0]]
    # Whatever happens afterwards.
    api.good(staff.put(f"/admin/value-sets/{kept['id']}", {"resource": value_set | {"title": "changed"}}, revision=1))
    assert staff.delete(f"/admin/value-sets/{kept['id']}", revision=2).status_code == 204
    api.good(staff.retire(questionnaire, revision))
    for me, as_staff, as_patient in first_read.values():
        for path, text in as_staff.items():
            assert staff.get(path).text == text
        for path, text in as_patient.items():
            assert me.get(path).text == text
    for response in first_read:
        proof = api.good(staff.get(f"/admin/responses/{response}/proof"))
        assert proof["verified"] is True
        assert proof["definition"] == five_versions(url)[proof["version"] - 1][0]
    # A superuser is refused by the database itself, also one who switches ordinary triggers off.
    assert database.info.user == "postgres"
    with database.cursor() as cursor:
        for way in ("SET session_replication_role = origin", "SET session_replication_role = replica"):
            cursor.execute(way)
            for statement in ("UPDATE anamnesis.questionnaire_version SET definition = '{}' WHERE questionnaire_id = %s",
                              "UPDATE anamnesis.questionnaire_version SET value_sets = '[]' WHERE questionnaire_id = %s",
                              "DELETE FROM anamnesis.questionnaire_version WHERE questionnaire_id = %s",
                              "UPDATE anamnesis.response SET answers = answers WHERE questionnaire_id = %s",
                              "UPDATE anamnesis.response SET response_sha256 = response_sha256 WHERE questionnaire_id = %s",
                              "DELETE FROM anamnesis.response WHERE questionnaire_id = %s"):
                with pytest.raises(psycopg2.Error) as refused:
                    cursor.execute(statement, (questionnaire,))
                assert refused.value.pgcode == "AN409"

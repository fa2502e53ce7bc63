"""Drafts and a newer version: they finish what they were asked, or are carried over - and nothing is lost in silence."""

import concurrent.futures

import pytest
from conftest import unique
from support import client as api


def form(*items, title="Moves"):
    return {"resourceType": "Questionnaire", "status": "active", "title": title, "item": list(items)}


def question(link_id, kind="string", **more):
    return {"linkId": link_id, "text": f"{link_id}?", "type": kind} | more


def coded(link_id, *codes):
    return question(link_id, "choice", answerOption=[{"valueCoding": {"system": "urn:x:s", "code": code}} for code in codes])


def code(value):
    return [{"valueCoding": {"system": "urn:x:s", "code": value}}]


def text(value):
    return [{"valueString": value}]


FIRST = form(question("name"), question("age", "integer"), coded("kind", "a", "b"), question("note", "text"),
             {"linkId": "drug", "type": "group", "repeats": True, "text": "Drugs", "item": [question("what"), question("dose")]})
SECOND = form(coded("kind", "b", "c"), question("name", required=True), question("age", "string"), question("new"),
              {"linkId": "drug", "type": "group", "repeats": True, "text": "Drugs", "item": [question("what")]})


def next_version(staff, questionnaire, definition, on_drafts):
    revision = api.good(staff.get(f"/admin/questionnaires/{questionnaire}"))["revision"]
    draft = api.good(staff.put(f"/admin/questionnaires/{questionnaire}/draft", {"definition": definition}, revision=revision))
    return api.good(staff.publish(questionnaire, draft["revision"], on_drafts=on_drafts))


def begun_with(practice, answers=None, definition=FIRST):
    patient, me, response = practice.begun(definition)
    if answers:
        api.good(me.save(response["id"], 1, answers))
    return patient, me, response


ANSWERS = {"name": text("Ada"), "age": [{"valueInteger": 41}], "kind": code("a"), "note": text("kept nowhere"),
           "drug[0]/dose": text("1 mg"), "drug[1]/what": text("iron"), "drug[1]/dose": text("2 mg")}
FITS = [{"linkId": "name", "answer": text("Ada")},
        {"linkId": "drug", "item": [{"linkId": "what", "answer": text("iron")}]}]
LOST = {"age": "wrong-type", "kind": "not-an-option", "note": "unknown-item", "drug/dose": "unknown-item",
        "drug[1]/dose": "unknown-item"}


@pytest.fixture
def moved(practice):
    """(patient, client, response, questionnaire) of answers to FIRST, with SECOND published to take them over."""
    patient, me, response = begun_with(practice, ANSWERS)
    published = next_version(practice.staff(), response["questionnaire_id"], SECOND, "migrate")
    assert (published["version"], published["on_drafts"]) == (2, "migrate")
    return patient, me, response, response["questionnaire_id"]


def test_with_keep_a_draft_is_finished_with_its_own_version(practice):
    _, me, response = begun_with(practice, ANSWERS)
    next_version(practice.staff(), response["questionnaire_id"], SECOND, "keep")
    shown = api.good(me.get(f"/patient/questionnaires/{response['assignment_id']}"))
    assert (shown["version"], shown["definition"], shown["migrated"]) == (1, FIRST, None)
    assert "moves_to_version" not in api.good(me.save(response["id"], 2, {"note": text("more")}))
    api.good(me.submit(response["id"], 3))
    assert api.good(practice.staff().get(f"/admin/responses/{response['id']}"))["version"] == 1


WAYS = {"questionnaire": lambda me, it: me.get(f"/patient/questionnaires/{it['assignment_id']}"),
        "response": lambda me, it: me.get(f"/patient/responses/{it['id']}"),
        "begin": lambda me, it: me.post("/patient/responses", {"assignment_id": it["assignment_id"]}),
        "with a key": lambda me, it: me.post("/patient/responses", {"assignment_id": it["assignment_id"]},
                                             headers={"Idempotency-Key": unique("k")})}


@pytest.mark.parametrize("way", WAYS)
def test_answers_that_fit_are_carried_over_and_the_others_listed(moved, practice, database, way):
    patient, me, response, _ = moved
    before = api.good(practice.staff().get(f"/admin/responses/{response['id']}"))
    assert (before["version"], before["moves_to_version"], before["migrated"]) == (1, 2, None)
    answer = WAYS[way](me, response)
    shown = api.good(answer, 200)
    assert shown["version"] == 2 and shown["revision"] == 3 and shown["response"]["item"] == FITS
    assert shown["progress"] == {"answered": 2, "total": 5, "required_missing": 0}
    migrated = shown["migrated"]
    assert (migrated["from_version"], migrated["to_version"]) == (1, 2)
    assert {it["path"]: it["reason"] for it in migrated["dropped"]} == LOST
    dropped = {it["path"]: it["answers"] for it in migrated["dropped"]}
    assert dropped["kind"] == code("a") and dropped["note"] == text("kept nowhere") and dropped["age"] == [{"valueInteger": 41}]
    assert all(it["detail"] for it in migrated["dropped"])
    # Opened again, it is the same; the practice finds what was dropped in the history.
    again = api.good(me.get(f"/patient/responses/{response['id']}"))
    assert (again["revision"], again["migrated"], again["moves_to_version"]) == (3, migrated, None)
    history = api.good(practice.staff().get(f"/admin/responses/{response['id']}/history"))
    assert history["migrations"] == [migrated | {"response_id": response["id"], "revision": 2}]
    assignment = api.good(practice.staff().get(f"/admin/patients/{patient['id']}/assignments"))["items"][0]
    assert (assignment["version"], assignment["status"]) == (2, "in-progress")
    with database.cursor() as cursor:  # P3
        cursor.execute("SELECT count(*) FROM audit.event WHERE outcome = 'migrated' AND patient_id = %s "
                       "AND realm = 'patient'", (patient["id"],))
        assert cursor.fetchone()[0] == 1
    api.good(me.submit(response["id"], 3))
    done = api.good(practice.staff().get(f"/admin/responses/{response['id']}"))
    assert (done["version"], done["status"], done["response"]["item"]) == (2, "completed", FITS)
    assert done["response"]["questionnaire"].endswith("|2")


def test_the_answers_before_are_kept_sealed(moved, database):
    _, me, response, _ = moved
    api.good(me.get(f"/patient/responses/{response['id']}"))
    with database.cursor() as cursor:
        cursor.execute("SELECT octet_length(answers), get_byte(answers, 0), position('Ada'::bytea in answers), "
                       "position('kept'::bytea in dropped) FROM anamnesis.response_migration WHERE response_id = %s",
                       (response["id"],))
        size, form_of_it, *found = cursor.fetchone()
    assert size > 200 and form_of_it == 2 and found == [0, 0]


def test_what_is_saved_before_it_is_opened_is_carried_over_too(moved):
    _, me, response, _ = moved
    saved = api.good(me.save(response["id"], 2, {"name": text("Grace")}))
    assert saved["moves_to_version"] == 2
    api.problem(me.submit(response["id"], 3), 409, "version-changed")
    shown = api.good(me.get(f"/patient/responses/{response['id']}"))
    assert shown["response"]["item"][0]["answer"] == text("Grace") and shown["revision"] == 4


def test_a_page_that_still_shows_the_older_version_saves_nothing_into_the_newer(moved):
    _, me, response, _ = moved
    api.good(me.get(f"/patient/responses/{response['id']}"))
    for answers in ({"name": text("old page")}, {"note": text("gone")}):
        api.problem(me.save(response["id"], 2, answers), 409, "version-changed")
    shown = api.good(me.get(f"/patient/responses/{response['id']}"))
    assert shown["response"]["item"] == FITS and shown["revision"] == 3
    api.good(me.save(response["id"], 3, {"name": text("new page")}))


def test_what_was_assigned_and_not_begun_begins_with_the_newer_version(practice):
    questionnaire = practice.questionnaire(FIRST)
    _, me = practice.signed_in_patient([questionnaire])
    _, other = practice.signed_in_patient([questionnaire])
    next_version(practice.staff(), questionnaire, SECOND, "migrate")
    listed = api.good(me.get("/patient/questionnaires"))["items"][0]
    begun = api.good(me.post("/patient/responses", {"assignment_id": listed["assignment_id"]}), 201)
    assert (begun["version"], begun["migrated"], begun["progress"]["required_missing"]) == (2, None, 1)
    theirs = api.good(other.get("/patient/questionnaires"))["items"][0]["assignment_id"]
    shown = api.good(other.get(f"/patient/questionnaires/{theirs}"))
    assert (shown["version"], shown["definition"], shown["response"]) == (2, SECOND, None)


def test_several_versions_are_one_step(practice):
    """To the newest one that takes drafts over, not to those after it that do not."""
    _, me, response = begun_with(practice, ANSWERS)
    staff, questionnaire = practice.staff(), response["questionnaire_id"]
    next_version(staff, questionnaire, form(question("other")), "keep")
    next_version(staff, questionnaire, SECOND, "migrate")
    next_version(staff, questionnaire, form(question("last")), "keep")
    shown = api.good(me.get(f"/patient/responses/{response['id']}"))
    assert (shown["version"], shown["migrated"]["from_version"], shown["response"]["item"]) == (3, 1, FITS)
    next_version(staff, questionnaire, FIRST, "migrate")
    shown = api.good(me.get(f"/patient/responses/{response['id']}"))
    assert (shown["version"], shown["migrated"]["from_version"], shown["migrated"]["dropped"]) == (5, 3, [])
    history = api.good(staff.get(f"/admin/responses/{response['id']}/history"))
    assert [(it["from_version"], it["to_version"]) for it in history["migrations"]] == [(1, 3), (3, 5)]


def test_completed_and_cancelled_ones_stay_and_amendments_too(practice):
    staff = practice.staff()
    _, me, response = begun_with(practice, ANSWERS)
    api.good(me.submit(response["id"], 2))
    questionnaire = response["questionnaire_id"]
    patient = practice.patient()
    cancelled = api.good(staff.post(f"/admin/patients/{patient['id']}/assignments", {"questionnaire_id": questionnaire}), 201)
    assert staff.delete(f"/admin/assignments/{cancelled['id']}").status_code == 204
    next_version(staff, questionnaire, SECOND, "migrate")
    before = me.get(f"/patient/responses/{response['id']}")
    assert (api.good(before)["version"], api.good(before)["moves_to_version"]) == (1, None)
    amendment = api.good(me.post(f"/patient/responses/{response['id']}/amend"), 201)
    assert (amendment["version"], amendment["moves_to_version"]) == (1, None)
    assert api.good(me.get(f"/patient/questionnaires/{response['assignment_id']}"))["definition"] == FIRST
    api.good(me.submit(amendment["id"], 1))
    assert me.get(f"/patient/responses/{response['id']}").text == before.text
    assert api.good(staff.get(f"/admin/patients/{patient['id']}/assignments"))["items"][0]["version"] == 1


def test_a_retired_questionnaires_drafts_move_as_well(moved, practice):
    _, me, response, questionnaire = moved
    revision = api.good(practice.staff().get(f"/admin/questionnaires/{questionnaire}"))["revision"]
    api.good(practice.staff().retire(questionnaire, revision))
    assert api.good(me.get(f"/patient/responses/{response['id']}"))["version"] == 2


@pytest.mark.parametrize("attempt", range(4))
def test_saving_opening_and_publishing_at_once(practice, attempt):
    """P1: every save that was acknowledged is in the newer version or listed as dropped; it is carried over once."""
    _, me, response = begun_with(practice)
    staff, saved = practice.staff(), {}

    def saver(number):
        mine, revision, acknowledged = me.again(me.token), 1, []
        for count in range(8):
            value = f"{number}-{count}"
            changes = {("name", "note", "drug[0]/what")[number]: text(value)}
            answer = api.until_served(lambda: mine.save(response["id"], revision, changes))
            if answer.status_code == 200:
                revision = answer.json()["revision"]
                acknowledged.append(value)
            else:
                assert answer.status_code == 503 or api.problem(answer, 409, "version-changed")
        saved[number] = acknowledged

    def opener():
        mine = me.again(me.token)
        return [api.good(api.until_served(lambda: mine.get(f"/patient/responses/{response['id']}"))) for _ in range(6)][-1]
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        work = [pool.submit(saver, number) for number in range(3)]
        work += [pool.submit(next_version, staff, response["questionnaire_id"], SECOND, "migrate")]
        work += [pool.submit(opener) for _ in range(2)]
        for done in work:
            done.result()
    shown = api.good(me.get(f"/patient/responses/{response['id']}"))
    assert shown["version"] == 2
    history = api.good(staff.get(f"/admin/responses/{response['id']}/history"))
    assert len(history["migrations"]) == 1
    stored = {it["linkId"]: it for it in shown["response"].get("item", [])}
    last = {number: values[-1] for number, values in saved.items() if values}
    if 0 in last:
        assert stored["name"]["answer"] == text(last[0])
    if 1 in last:
        assert [it["answers"] for it in shown["migrated"]["dropped"] if it["path"] == "note"] == [text(last[1])]
    if 2 in last:
        assert stored["drug"]["item"][0]["answer"] == text(last[2])


@pytest.mark.parametrize("attempt", range(3))
def test_submitting_and_publishing_at_once(practice, attempt):
    """Submitted with the version that was shown, or not at all."""
    _, me, response = begun_with(practice, ANSWERS)
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        publishing = pool.submit(next_version, practice.staff(), response["questionnaire_id"], SECOND, "migrate")
        opening = pool.submit(me.again(me.token).get, f"/patient/responses/{response['id']}")
        submitting = pool.submit(me.again(me.token).submit, response["id"], 2)
        publishing.result(), api.good(opening.result())
        answer = submitting.result()
    shown = api.good(me.get(f"/patient/responses/{response['id']}"))
    if answer.status_code == 200:
        assert (shown["status"], shown["version"]) == ("completed", 1)
    else:
        assert answer.json()["code"] in ("version-changed", "stale-revision"), answer.text
        assert (shown["status"], shown["version"]) == ("in-progress", 2)

"""Questionnaires: drafts that change, versions that never do."""

import copy

import pytest
from conftest import SHORT_FORM
from support import client as api


def created(staff, definition=None):
    return api.good(staff.post("/admin/questionnaires", {"definition": definition or SHORT_FORM}), 201)


def test_a_draft_is_kept_as_it_was_sent(practice):
    staff = practice.staff()
    definition = copy.deepcopy(SHORT_FORM)
    definition["extension"] = [{"url": "http://example.org/unknown", "valueDecimal": 1.10}]
    made = staff.post("/admin/questionnaires", {"definition": definition})
    body = api.good(made, 201)
    assert made.headers["Location"] == f"/admin/questionnaires/{body['id']}"
    assert made.headers["ETag"] == '"1"'
    shown = staff.get(f"/admin/questionnaires/{body['id']}")
    assert api.good(shown)["definition"] == definition
    assert '"valueDecimal":1.1' in shown.text
    assert api.good(shown)["has_draft"] is True


def test_a_draft_may_be_unfinished_but_is_not_published_so(practice):
    staff = practice.staff()
    made = created(staff, {"resourceType": "Questionnaire", "item": [{"linkId": "a", "type": "group"},
                                                                     {"linkId": "a", "type": "integer"}]})
    body = api.problem(staff.publish(made["id"], made["revision"]), 422, "invalid-form")
    assert len(body["errors"]) >= 2


@pytest.mark.parametrize("title", [1, ["x"], "x" * 501])
def test_the_title_must_be_text(practice, title):
    answer = practice.staff().post("/admin/questionnaires",
                                   {"definition": {"resourceType": "Questionnaire", "title": title}})
    assert api.problem(answer, 422, "invalid-form")["errors"][0]["pointer"] == "/definition/title"
    made = created(practice.staff())
    answer = practice.staff().put(f"/admin/questionnaires/{made['id']}/draft", revision=1,
                                  json={"definition": {"resourceType": "Questionnaire", "title": title}})
    api.problem(answer, 422, "invalid-form")


def test_a_definition_is_judged_only_for_who_may_write_one(practice):
    wrong = {"definition": {"resourceType": "Questionnaire", "title": 1}}
    api.problem(practice.anonymous.again("A" * 43).post("/admin/questionnaires", wrong), 401, "not-signed-in")
    api.problem(practice.staff("assistant").post("/admin/questionnaires", wrong), 403, "forbidden")


def test_two_authors_do_not_overwrite_each_other(practice):
    staff, made = practice.staff(), created(practice.staff())
    path = f"/admin/questionnaires/{made['id']}/draft"
    first = api.good(staff.put(path, {"definition": SHORT_FORM | {"title": "First"}}, revision=1))
    assert (first["revision"], first["title"]) == (2, "First")
    api.problem(staff.put(path, {"definition": SHORT_FORM | {"title": "Second"}}, revision=1), 412, "stale-revision")
    api.problem(staff.publish(made["id"], 1), 412, "stale-revision")
    assert api.good(staff.get(f"/admin/questionnaires/{made['id']}"))["title"] == "First"


def test_versions_are_frozen_and_numbered(practice):
    staff, made = practice.staff(), created(practice.staff())
    path = f"/admin/questionnaires/{made['id']}"
    assert api.good(staff.get(f"{path}/versions"))["items"] == []
    one = api.good(staff.publish(made["id"], 1))
    api.problem(staff.publish(made["id"], one["revision"]), 409, "questionnaire-state")
    draft = api.good(staff.put(f"{path}/draft", {"definition": SHORT_FORM | {"title": "Better"}},
                               revision=one["revision"]))
    assert (draft["status"], draft["version"], draft["has_draft"]) == ("active", 1, True)
    two = api.good(staff.publish(made["id"], draft["revision"]))
    assert two["version"] == 2
    listed = api.good(staff.get(f"{path}/versions"))["items"]
    assert [(it["version"], it["title"]) for it in listed] == [(2, "Better"), (1, "Short form")]
    assert listed[1]["definition_sha256"] == one["definition_sha256"] != two["definition_sha256"]
    assert api.good(staff.get(f"{path}/versions/1"))["definition"] == SHORT_FORM
    api.problem(staff.get(f"{path}/versions/3"), 404, "not-found")
    page = api.good(staff.get(f"{path}/versions?limit=1"))
    assert api.good(staff.get(f"{path}/versions?limit=1&cursor={page['next_cursor']}"))["items"][0]["version"] == 1


def test_a_retired_questionnaire_takes_no_draft(practice, database):
    staff, made = practice.staff(), created(practice.staff())
    api.good(staff.publish(made["id"], 1))
    with database.cursor() as cursor:
        cursor.execute("UPDATE anamnesis.questionnaire SET status = 'retired' WHERE id = %s", (made["id"],))
    answer = staff.put(f"/admin/questionnaires/{made['id']}/draft", {"definition": SHORT_FORM}, revision=2)
    api.problem(answer, 409, "questionnaire-state")
    api.problem(staff.publish(made["id"], 2), 409, "questionnaire-state")


def test_lists_are_filtered_and_paged(new_practice):
    staff = new_practice(roles=("physician",)).staff()
    ids = [created(staff, SHORT_FORM | {"title": f"Title {number} ÄÖ"})["id"] for number in range(5)]
    api.good(staff.publish(ids[0], 1))
    seen, cursor = [], ""
    while cursor is not None:
        page = api.good(staff.get(f"/admin/questionnaires?limit=2{cursor and '&cursor=' + cursor}"))
        seen += [it["id"] for it in page["items"]]
        cursor = page["next_cursor"]
    assert seen == ids[::-1]
    assert [it["id"] for it in api.good(staff.get("/admin/questionnaires?status=active"))["items"]] == [ids[0]]
    assert [it["id"] for it in api.good(staff.get("/admin/questionnaires?q=title%203"))["items"]] == [ids[3]]
    assert api.good(staff.get("/admin/questionnaires?q=%25"))["items"] == []
    for query, pointer in (("limit=0", "limit"), ("limit=201", "limit"), ("limit=x", "limit"), ("limit=1&limit=2", "limit"),
                           ("cursor=nonsense", "cursor"), ("status=old", "status"), ("q=", "q")):
        found = api.problem(staff.get(f"/admin/questionnaires?{query}"), 400, "invalid-request")
        assert found["errors"][0]["pointer"] == f"/query/{pointer}"


@pytest.mark.parametrize("title, words", [
    ("Mu\u0308digkeit", "m\u00fcdigkeit"), ("M\u00fcdigkeit", "MU\u0308DIG"), ("Straße", "STRASSE"), ("STRASSE", "straße"),
    ("Schlaf und \u039f\u0394\u039f\u03a3", "\u03bf\u03b4\u03bf\u03c3"), ("\ufb01nal", "FIN"), ("\uac00\uac01", "\u1100\u1161")])
def test_a_title_is_found_in_any_case_and_however_its_letters_are_composed(new_practice, title, words):
    staff = new_practice(roles=("physician",)).staff()
    made = created(staff, SHORT_FORM | {"title": title})
    created(staff, SHORT_FORM | {"title": "Mudigkeit, Strase"})
    found = api.good(staff.get("/admin/questionnaires", params={"q": words}))["items"]
    assert [(it["id"], it["title"]) for it in found] == [(made["id"], title)]


def test_the_same_creation_sent_twice_makes_one(practice):
    staff, key = practice.staff(), {"Idempotency-Key": "the same key"}
    before = len(api.good(staff.get("/admin/questionnaires?limit=200"))["items"])
    first = staff.post("/admin/questionnaires", {"definition": SHORT_FORM}, headers=key)
    again = staff.post("/admin/questionnaires", {"definition": SHORT_FORM}, headers=key)
    assert (again.status_code, again.text, again.headers["ETag"], again.headers["Location"]) == (
        201, first.text, first.headers["ETag"], first.headers["Location"])
    other = staff.post("/admin/questionnaires", {"definition": SHORT_FORM | {"title": "Other"}}, headers=key)
    api.problem(other, 422, "idempotency-key-reused")
    assert len(api.good(staff.get("/admin/questionnaires?limit=200"))["items"]) == before + 1

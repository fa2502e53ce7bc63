"""Value sets of the practice: stored as they were sent, one for each url and version, changed by whoever read them last."""

import concurrent.futures
import copy

import pytest
from conftest import unique
from support import client as api


def value_set(url=None, **fields):
    return {"resourceType": "ValueSet", "status": "active", "url": url or f"http://example.org/vs/{unique('set')}",
            "compose": {"include": [{"system": "urn:x:s", "concept": [{"code": "a", "display": "A"}, {"code": "b"}]}]}} | fields


def stored(staff, resource=None):
    return api.good(staff.post("/admin/value-sets", {"resource": resource or value_set()}), 201)


def test_a_value_set_is_kept_as_it_was_sent(practice):
    staff, resource = practice.staff(), value_set(version="2.1", title="A or B", extension=[{"url": "urn:x", "valueDecimal": 1.5}])
    made = staff.post("/admin/value-sets", {"resource": resource})
    body = api.good(made, 201)
    assert made.headers["Location"] == f"/admin/value-sets/{body['id']}" and made.headers["ETag"] == '"1"'
    assert (body["url"], body["version"], body["title"], body["resource"]) == (resource["url"], "2.1", "A or B", resource)
    shown = practice.staff("auditor").get(f"/admin/value-sets/{body['id']}")
    assert api.good(shown) == body and shown.headers["ETag"] == '"1"'


@pytest.mark.parametrize("fields, title", [({"title": "T", "name": "N"}, "T"), ({"name": "N"}, "N"), ({}, None)])
def test_the_title_is_what_there_is(practice, fields, title):
    made = stored(practice.staff(), value_set(**fields))
    assert made["title"] == (title or made["url"])
    assert made["version"] is None


@pytest.mark.parametrize("change, pointer, code", [
    ({"url": None}, "/resource/url", "wrong-type"), ({"url": ""}, "/resource/url", "wrong-type"),
    ({"url": "relative"}, "/resource/url", "format"), ({"url": "http://x|1"}, "/resource/url", "format"),
    ({"url": "http://x#y"}, "/resource/url", "format"), ({"url": "http://x/" + "y" * 1024}, "/resource/url", "wrong-type"),
    ({"version": 1}, "/resource/version", "wrong-type"), ({"version": "1|2"}, "/resource/version", "format"),
    ({"title": ["x"]}, "/resource/title", "wrong-type"), ({"name": "x" * 501}, "/resource/name", "wrong-type"),
    ({"compose": None}, "/resource", "codes-not-listed"), ({"compose": {"include": []}}, "/resource", "codes-not-listed"),
    ({"compose": {"include": [{"system": "urn:x:s"}]}}, "/resource/compose/include/0", "codes-not-listed"),
    ({"compose": {"include": [{"system": "urn:x:s", "concept": [{"display": "no code"}]}]}}, "/resource/compose/include/0",
     "codes-not-listed"),
    ({"compose": {"include": [{"system": "urn:x:s", "filter": [{"property": "p", "op": "=", "value": "v"}]}]}},
     "/resource/compose/include/0", "codes-not-listed"),
    ({"compose": None, "expansion": {"contains": []}}, "/resource", "codes-not-listed")])
def test_what_cannot_be_stored(practice, change, pointer, code):
    staff, made = practice.staff(), stored(practice.staff())
    for answer in (staff.post("/admin/value-sets", {"resource": value_set() | change}),
                   staff.put(f"/admin/value-sets/{made['id']}", {"resource": value_set() | change}, revision=1)):
        found = api.problem(answer, 422, "invalid-value-set")
        assert (pointer, code) in [(error["pointer"], error["code"]) for error in found["errors"]]
    assert api.good(staff.get(f"/admin/value-sets/{made['id']}")) == made


def test_a_value_set_without_a_url_or_of_another_type(practice):
    staff, resource = practice.staff(), value_set()
    del resource["url"]
    found = api.problem(staff.post("/admin/value-sets", {"resource": resource}), 422, "invalid-value-set")
    assert found["errors"][0]["pointer"] == "/resource/url"
    api.problem(staff.post("/admin/value-sets", {"resource": {"resourceType": "CodeSystem"}}), 400, "invalid-request")


@pytest.mark.parametrize("codes", [{"expansion": {"contains": [{"system": "urn:x:s", "code": "a"}]}},
                                   {"compose": {"include": [{"valueSet": ["http://example.org/other"]}]}}])
def test_codes_are_listed_by_an_expansion_or_another_set(practice, codes):
    resource = value_set() | codes
    assert stored(practice.staff(), resource)["resource"] == resource


def test_one_for_each_url_and_version(practice, other_practice):
    staff, first = practice.staff(), stored(practice.staff(), value_set(version="1"))
    api.problem(staff.post("/admin/value-sets", {"resource": first["resource"]}), 409, "value-set-taken")
    second = stored(staff, first["resource"] | {"version": "2"})
    third = stored(staff, value_set(first["url"]))
    answer = staff.put(f"/admin/value-sets/{second['id']}", {"resource": first["resource"]}, revision=1)
    api.problem(answer, 409, "value-set-taken")
    stored(other_practice.staff(), first["resource"])
    listed = api.good(staff.get(f"/admin/value-sets?url={first['url']}"))["items"]
    assert [it["id"] for it in listed] == [third["id"], second["id"], first["id"]]
    assert "resource" not in listed[0]


def test_the_same_twice_at_once_is_one(practice):
    staff, resource = practice.staff(), value_set()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: staff.again(staff.token).post("/admin/value-sets", {"resource": resource}), range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


def test_the_same_creation_with_a_key(practice):
    staff, body, key = practice.staff(), {"resource": value_set()}, {"Idempotency-Key": unique("k")}
    first = staff.post("/admin/value-sets", body, headers=key)
    assert staff.post("/admin/value-sets", body, headers=key).text == first.text
    api.problem(staff.post("/admin/value-sets", {"resource": value_set()}, headers=key), 422, "idempotency-key-reused")


def test_changes_need_the_revision_that_was_read(practice):
    staff, made = practice.staff(), stored(practice.staff())
    path = f"/admin/value-sets/{made['id']}"
    changed = made["resource"] | {"title": "Better"}
    done = staff.put(path, {"resource": changed}, revision=1)
    assert api.good(done)["title"] == "Better" and done.headers["ETag"] == '"2"'
    api.problem(staff.put(path, {"resource": changed}, revision=1), 412, "stale-revision")
    api.problem(staff.delete(path, revision=1), 412, "stale-revision")
    api.problem(practice.staff("assistant").delete(path, revision=2), 403, "forbidden")
    assert staff.delete(path, revision=2).status_code == 204
    api.problem(staff.get(path), 404, "not-found")
    api.problem(staff.delete(path, revision=2), 404, "not-found")


def test_lists_are_paged(new_practice):
    staff = new_practice(roles=("physician",)).staff()
    ids = [stored(staff)["id"] for _ in range(3)]
    page = api.good(staff.get("/admin/value-sets?limit=2"))
    assert [it["id"] for it in page["items"]] == ids[:0:-1]
    rest = api.good(staff.get(f"/admin/value-sets?limit=2&cursor={page['next_cursor']}"))
    assert ([it["id"] for it in rest["items"]], rest["next_cursor"]) == (ids[:1], None)
    api.problem(staff.get("/admin/value-sets?cursor=x"), 400, "invalid-request")


# --- frozen with a version

def choice(*names, **more):
    return {"resourceType": "Questionnaire", "status": "active", "title": "Choices",
            "item": [{"linkId": f"c{number}", "text": "?", "type": "choice", "answerValueSet": name}
                     for number, name in enumerate(names)]} | more


def codes(resource):
    return [concept["code"] for concept in resource["compose"]["include"][0]["concept"]]


def listing(url, *listed, **fields):
    return value_set(url, **fields) | {"compose": {"include": [{"system": "urn:x:s", "concept": [{"code": it} for it in listed]}]}}


def drafted(staff, definition):
    return api.good(staff.post("/admin/questionnaires", {"definition": definition}), 201)["id"]


def save_code(me, response, code, revision=1):
    return me.save(response["id"], revision, {"c0": [{"valueCoding": {"system": "urn:x:s", "code": code}}]})


def test_what_is_not_known_is_not_published(practice, other_practice):
    staff, elsewhere = practice.staff(), stored(other_practice.staff())
    known = stored(staff, value_set(version="1"))
    made = drafted(staff, choice(known["url"], elsewhere["url"], f"{known['url']}|2", f"{known['url']}|1"))
    found = api.problem(staff.publish(made, 1), 422, "invalid-form")
    assert [(error["pointer"], error["code"]) for error in found["errors"]] == [
        ("/item/1/answerValueSet", "value-set-not-known"), ("/item/2/answerValueSet", "value-set-not-known")]
    assert api.good(staff.get(f"/admin/questionnaires/{made}"))["status"] == "draft"


def test_a_version_keeps_the_value_set_that_it_was_published_with(practice):
    staff, url = practice.staff(), f"http://example.org/vs/{unique('frozen')}"
    kept = stored(staff, listing(url, "a", "b"))
    definition = choice(url)
    questionnaire = drafted(staff, definition)
    published = api.good(staff.publish(questionnaire, 1))
    assert (published["on_drafts"], published["issues"]) == ("keep", [])
    _, me = practice.signed_in_patient([questionnaire])
    assignment = api.good(me.get("/patient/questionnaires"))["items"][0]["assignment_id"]
    # Changed, then gone: the version stays as it was, and so do its answers.
    api.good(staff.put(f"/admin/value-sets/{kept['id']}", {"resource": listing(url, "b", "z")}, revision=1))
    shown = api.good(me.get(f"/patient/questionnaires/{assignment}"))
    assert (shown["definition"], [codes(it) for it in shown["value_sets"]]) == (definition, [["a", "b"]])
    response = api.good(me.post("/patient/responses", {"assignment_id": assignment}), 201)
    assert api.good(save_code(me, response, "z"))["issues"][0]["code"] == "not-an-option"
    assert staff.delete(f"/admin/value-sets/{kept['id']}", revision=2).status_code == 204
    assert api.good(save_code(me, response, "a", 2))["issues"] == []
    api.good(me.submit(response["id"], 3))
    version = api.good(staff.get(f"/admin/questionnaires/{questionnaire}/versions/1"))
    assert version["value_sets"] == shown["value_sets"] == [kept["resource"]]
    assert (version["definition"], version["on_drafts"]) == (definition, "keep")
    # What is published next needs it again.
    api.good(staff.put(f"/admin/questionnaires/{questionnaire}/draft", {"definition": definition},
                       revision=published["revision"]))
    api.problem(staff.publish(questionnaire, published["revision"] + 1), 422, "invalid-form")


def test_without_a_version_the_one_stored_last_is_meant(practice):
    staff, url = practice.staff(), f"http://example.org/vs/{unique('versions')}"
    first = stored(staff, listing(url, "a", version="9"))
    second = stored(staff, listing(url, "b", version="1"))
    stored(staff, listing(f"{url}/other", "c"))
    frozen = {}
    for names in ((url,), (f"{url}|9",), (url, f"{url}|9"), ()):
        made = drafted(staff, choice(*names) if names else {"resourceType": "Questionnaire", "status": "draft"})
        api.good(staff.publish(made, 1))
        frozen[names] = api.good(staff.get(f"/admin/questionnaires/{made}/versions/1"))["value_sets"]
    assert frozen[(url,)] == [second["resource"]] and frozen[(f"{url}|9",)] == [first["resource"]]
    assert frozen[(url, f"{url}|9")] == [first["resource"], second["resource"]] and frozen[()] == []


def test_sets_that_name_other_sets_are_frozen_with_them(practice):
    staff, base = practice.staff(), f"http://example.org/vs/{unique('nested')}"
    inner = stored(staff, listing(f"{base}/inner", "in"))
    outer = stored(staff, value_set(f"{base}/outer") | {"compose": {"include": [{"valueSet": [f"{base}/inner"]}]}})
    made = drafted(staff, choice(f"{base}/outer"))
    api.good(staff.publish(made, 1))
    assert api.good(staff.get(f"/admin/questionnaires/{made}/versions/1"))["value_sets"] == [inner["resource"], outer["resource"]]
    missing = stored(staff, value_set(f"{base}/missing") | {"compose": {"include": [{"valueSet": [f"{base}/nowhere"]}]}})
    found = api.problem(staff.publish(drafted(staff, choice(missing["url"])), 1), 422, "invalid-form")
    assert found["errors"][0]["code"] == "value-set-not-known"


def test_too_many_sets_are_refused(practice):
    staff = practice.staff()
    made = drafted(staff, choice(*[f"http://example.org/vs/{number}" for number in range(201)]))
    found = api.problem(staff.publish(made, 1), 422, "invalid-form")
    assert found["errors"][0]["code"] == "too-many-value-sets"


def test_changing_a_set_while_it_is_published(practice):
    """The version has the one or the other, whole."""
    staff, url = practice.staff(), f"http://example.org/vs/{unique('race')}"
    one, other = listing(url, "a"), listing(url, "b")
    kept = stored(staff, one)
    drafts = [drafted(staff, choice(url)) for _ in range(3)]
    calls = [lambda made=made: staff.again(staff.token).publish(made, 1) for made in drafts]
    calls.insert(1, lambda: staff.again(staff.token).put(f"/admin/value-sets/{kept['id']}", {"resource": other}, revision=1))
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        for done in [pool.submit(call) for call in calls]:
            api.good(done.result())
    for made in drafts:
        assert api.good(staff.get(f"/admin/questionnaires/{made}/versions/1"))["value_sets"] in ([one], [other])
    last = drafted(staff, copy.deepcopy(choice(url)))
    api.good(staff.publish(last, 1))
    assert api.good(staff.get(f"/admin/questionnaires/{last}/versions/1"))["value_sets"] == [other]

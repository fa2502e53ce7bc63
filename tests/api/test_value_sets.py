"""Value sets of the practice: stored as they were sent, one for each url and version, changed by whoever read them last."""

import concurrent.futures

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

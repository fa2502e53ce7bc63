"""Owners and their staff: roles that count at once, accounts that are disabled and taken up again, the practice's policies."""

import concurrent.futures
import uuid

import pytest
from support import client as api
from support import sending, sessions
from test_accounts import messages

ROUNDS = 20


class Owner:
    """A practice, its owner with a fresh session, and the ids of all."""

    def __init__(self, database, practice):
        self.database, self.practice = database, practice
        self.ids = sessions.staff_ids(database, practice.id)
        self.client = self.session("owner")

    def session(self, role, fresh=True):
        return self.practice.anonymous.again(
            sessions.open_session(self.database, "staff", self.ids[role], self.practice.id, fresh))

    def list(self):
        return {one["id"]: one for one in api.good(self.client.get("/admin/staff?limit=200"))["items"]}

    def revision(self, role):
        return self.list()[self.ids[role]]["revision"]

    def patch(self, whom, **fields):
        return self.client.patch(f"/admin/staff/{self.ids[whom]}", fields, revision=self.revision(whom))

    def disable(self, role):
        return self.client.delete(f"/admin/staff/{self.ids[role]}", revision=self.revision(role))


@pytest.fixture
def owner(database, new_practice):
    return Owner(database, new_practice())


def test_an_owner_sees_the_staff_with_names_and_addresses(owner):
    found = owner.list()
    assert {one["role"]: one["email"] for one in found.values()} == {
        role: account["email"] for role, account in owner.practice.accounts.items()}
    assert {one["name"] for one in found.values()} == {"Owner Test", "Physician Test", "Assistant Test", "Auditor Test"}
    assert {one["status"] for one in found.values()} == {"active"}


def test_the_list_has_pages(owner):
    first = api.good(owner.client.get("/admin/staff?limit=3"))
    second = api.good(owner.client.get(f"/admin/staff?limit=3&cursor={first['next_cursor']}"))
    assert len(first["items"]) == 3 and len(second["items"]) == 1 and second["next_cursor"] is None
    assert {one["id"] for one in first["items"] + second["items"]} == set(owner.ids.values())


def test_a_change_of_role_counts_at_once(owner, demo):
    """In a session that is under way, both ways. [8.3.2]"""
    assistant = owner.session("assistant")
    api.problem(assistant.post("/admin/questionnaires", {"definition": {"resourceType": "Questionnaire"}}), 403, "forbidden")
    changed = api.good(owner.patch("assistant", role="auditor"))
    assert changed["role"] == "auditor" and changed["id"] == owner.ids["assistant"]
    api.problem(assistant.get("/admin/patients"), 403, "forbidden")
    api.good(assistant.get("/admin/audit"))
    assert messages(demo, changed["email"], "Your role has changed")


def test_whoever_is_disabled_is_signed_out_at_once(owner, demo):
    """[7.4.2]"""
    physician = owner.session("physician")
    api.good(physician.get("/admin/patients"))
    api.good(owner.disable("physician"), 204)
    api.problem(physician.get("/admin/patients"), 401, "not-signed-in")
    account = owner.practice.accounts["physician"]
    api.problem(owner.practice.anonymous.post("/admin/auth/login", {"email": account["email"],
                                                                    "password": account["password"]}),
                401, "sign-in-refused")
    assert owner.list()[owner.ids["physician"]]["status"] == "disabled"
    assert messages(demo, account["email"], "Your account is disabled")
    api.problem(owner.disable("physician"), 409, "not-active")


def test_who_is_taken_up_again_signs_in_anew(owner):
    physician = owner.session("physician")
    api.good(owner.disable("physician"), 204)
    assert api.good(owner.patch("physician", status="active"))["status"] == "active"
    api.problem(physician.get("/admin/patients"), 401, "not-signed-in")  # the old session stays dead
    api.good(owner.session("physician").get("/admin/patients"))
    api.problem(owner.patch("physician", status="active"), 409, "not-active")


def test_the_last_active_owner_can_be_neither_demoted_nor_disabled(owner):
    api.problem(owner.patch("owner", role="physician"), 409, "last-owner")
    api.problem(owner.patch("owner", status="disabled"), 409, "last-owner")
    api.problem(owner.disable("owner"), 409, "last-owner")
    assert owner.list()[owner.ids["owner"]]["revision"] == 1
    # With a second owner it can; a disabled second owner is none.
    api.good(owner.patch("physician", role="owner"))
    api.good(owner.disable("physician"), 204)
    api.problem(owner.disable("owner"), 409, "last-owner")
    api.good(owner.patch("physician", status="active"))
    api.good(owner.disable("owner"), 204)


def test_two_owners_who_demote_each_other_leave_one(owner):
    """At the same moment, many times: one is demoted, and who was demoted demotes nobody. [8.3.2]"""
    api.good(owner.patch("physician", role="owner"))
    for _ in range(ROUNDS):
        clients = {"owner": owner.session("owner"), "physician": owner.session("physician")}
        revisions = {role: owner.revision(role) for role in clients}
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda pair: clients[pair[0]].patch(
                f"/admin/staff/{owner.ids[pair[1]]}", {"role": "auditor"}, revision=revisions[pair[1]]),
                [("owner", "physician"), ("physician", "owner")]))
        assert sorted(answer.status_code for answer in answers) == [200, 403], [answer.text for answer in answers]
        with owner.database.cursor() as cursor:
            cursor.execute("UPDATE anamnesis.staff SET role = 'owner' WHERE id = ANY (%s::uuid[]) AND role = 'auditor'",
                           ([owner.ids["owner"], owner.ids["physician"]],))
            assert cursor.rowcount == 1


def test_changes_need_an_owner_fresh_proof_and_the_present_revision(owner):
    """[7.5.3, 8.2.1]"""
    path = f"/admin/staff/{owner.ids['assistant']}"
    stale = owner.session("owner", fresh=False)
    api.problem(stale.patch(path, {"role": "auditor"}, revision=1), 403, "step-up-required")
    api.problem(stale.delete(path, revision=1), 403, "step-up-required")
    api.problem(stale.patch("/admin/practice", {"session_hours": 1}, revision=1), 403, "step-up-required")
    api.problem(owner.client.patch(path, {"role": "auditor"}, revision=9), 412, "stale-revision")
    api.problem(owner.client.delete(path, revision=9), 412, "stale-revision")
    api.problem(owner.client.patch("/admin/practice", {"session_hours": 1}, revision=9), 412, "stale-revision")
    api.problem(owner.client.patch(path, {}, revision=1), 400, "invalid-request")
    api.problem(owner.client.patch(path, {"role": "king"}, revision=1), 400, "invalid-request")
    api.problem(owner.client.patch("/admin/practice", {"session_hours": 13}, revision=1), 400, "invalid-request")
    api.problem(owner.client.patch(f"/admin/staff/{uuid.uuid4()}", {"role": "owner"}, revision=1), 404, "not-found")
    assert owner.list()[owner.ids["assistant"]]["role"] == "assistant"


def test_each_change_is_in_the_audit_log(owner):
    api.good(owner.patch("assistant", role="auditor"))
    api.problem(owner.patch("owner", role="auditor"), 409, "last-owner")
    rows = api.good(owner.client.get("/admin/audit?operation=staff_patch"))["items"]
    assert [(row["object_id"], row["outcome"]) for row in rows] == [(owner.ids["assistant"], "ok")]


def test_the_practices_policies(owner):
    """[7.3.1, 7.3.2]"""
    now = api.good(owner.client.get("/admin/practice"))
    assert now == {"id": owner.practice.id, "revision": 1, "name": owner.practice.name, "patient_mfa": "optional",
                   "staff_idle_minutes": 15, "patient_idle_minutes": 30, "session_hours": 12, "patient_access": "all",
                   "patient_email_by": "physician", "language": "en", "time_zone": "UTC", "upload_bytes_patient": 200000000,
                   "upload_bytes_practice": 20000000000, "upload_bytes_used": 0, "upload_days_signatures": 7}
    patient = owner.practice.registered()
    changed = owner.client.patch("/admin/practice", {"patient_mfa": "required", "session_hours": 2}, revision=1)
    assert api.good(changed) == now | {"revision": 2, "patient_mfa": "required", "session_hours": 2}
    assert changed.headers["ETag"] == '"2"'
    done = api.good(owner.practice.anonymous.post("/patient/auth/login", {
        "email": patient["email"], "password": patient["password"], "session": "bearer"}))
    assert done["status"] == "mfa_enrolment_required"
    api.problem(owner.session("physician").get("/admin/practice"), 403, "forbidden")


LIMITS = {"upload_bytes_patient": (10**6, 10**10), "upload_bytes_practice": (10**6, 10**14), "upload_days_signatures": (1, 90)}


@pytest.mark.parametrize("name", LIMITS)
def test_each_limit_of_files_has_its_bounds(owner, name):
    least, most = LIMITS[name]
    revision = 1
    for value in (None, 0, -1, least - 1, most + 1, 2**62, least + 0.5, str(least), True, [least], {}):
        api.problem(owner.client.patch("/admin/practice", {name: value}, revision=revision), 400, "invalid-request")
    before = api.good(owner.client.get("/admin/practice"))
    for value in (least, most):
        assert api.good(owner.client.patch("/admin/practice", {name: value}, revision=revision)) == before | {
            name: value, "revision": revision + 1}
        revision += 1
    # What is not given stays.
    now = api.good(owner.client.patch("/admin/practice", {"language": "de"}, revision=revision))
    assert now[name] == most and all(now[other] == before[other] for other in LIMITS if other != name)
    rows = api.good(owner.client.get("/admin/audit?operation=practice_patch"))["items"]
    assert [row["outcome"] for row in rows].count("ok") == 3
    for role in ("physician", "assistant", "auditor"):
        api.problem(owner.session(role).patch("/admin/practice", {name: least}, revision=revision + 1), 403, "forbidden")
    api.problem(owner.session("owner", fresh=False).patch("/admin/practice", {name: least}, revision=revision + 1), 403, "step-up-required")


@pytest.mark.parametrize("name", ["upload_bytes_patient", "upload_bytes_practice"])
def test_what_is_above_a_lowered_limit_stays_and_nothing_more_is_taken(owner, name):
    _, me, response = owner.practice.begun(sending.FORM)
    kept = sending.declare(me, response, b"x" * 1500000)
    now = api.good(owner.client.get("/admin/practice"))
    assert now["upload_bytes_used"] == 1500000
    api.good(owner.client.patch("/admin/practice", {name: 1000000}, revision=now["revision"]))
    assert api.good(me.get(f"/patient/uploads/{kept['id']}"))["status"] == "awaiting-upload"
    refused = me.post("/patient/uploads", sending.declaration(response, b"x"))
    api.problem(refused, 409, "upload-limit")
    api.good(owner.client.patch("/admin/practice", {name: 1600000}, revision=now["revision"] + 1))
    sending.declare(me, response, b"x" * 100000)
    api.problem(me.post("/patient/uploads", sending.declaration(response, b"y")), 409, "upload-limit")
    assert api.good(owner.client.get("/admin/practice"))["upload_bytes_used"] == 1600000

"""Patients, their assignments, and what is said when something is not as it should be."""

import concurrent.futures
import datetime

import pytest
from conftest import unique
from support import client as api

GOOD = {"given_name": "Zoë", "family_name": "O'Hara \U0001f33b", "birth_date": "2000-02-29"}


def body(**fields):
    return GOOD | {"email": f"{unique('mail')}@example.org"} | fields


def test_what_is_sent_comes_back(practice):
    staff, sent = practice.staff(), body(record_number="A-1", language="pt-BR")
    answer = staff.post("/admin/patients", sent)
    made = api.good(answer, 201)
    assert {name: made[name] for name in sent} == sent
    assert (made["status"], made["registered"], made["revision"]) == ("active", False, 1)
    assert answer.headers["Location"] == f"/admin/patients/{made['id']}"
    assert answer.headers["Cache-Control"] == "no-store"
    assert api.good(staff.get(f"/admin/patients/{made['id']}")) == made


@pytest.mark.parametrize("field, value", [
    ("given_name", ""), ("given_name", "   "), ("given_name", 1), ("given_name", "x" * 201),
    ("birth_date", "1980-02-30"), ("birth_date", "80-02-03"), ("birth_date", "2999-01-01"), ("birth_date", 19800101),
    ("birth_date", "1879-12-31"), ("birth_date", "0000-01-01"), ("birth_date", "9999-12-31"),
    ("email", "no address"), ("email", "a@b@c.example"), ("email", "x" * 250 + "@example.org"), ("language", "x"),
    ("record_number", ""), ("record_number", "x" * 65)])
def test_a_bad_field_is_named(practice, field, value):
    found = api.problem(practice.staff().post("/admin/patients", body(**{field: value})), 400, "invalid-request")
    assert [error["pointer"] for error in found["errors"]] == [f"/{field}"]
    made = practice.patient()
    answer = practice.staff().patch(f"/admin/patients/{made['id']}", {field: value}, revision=1)
    assert [error["pointer"] for error in api.problem(answer, 400, "invalid-request")["errors"]] == [f"/{field}"]


@pytest.mark.parametrize("blank", ["\u00a0", "\u3000", "\u200b\u200d", "\u3164", "\uffa0", "\u2800", "\u0308"],
                         ids=lambda text: f"{ord(text[0]):04x}")
def test_a_name_that_nobody_can_see_is_refused_in_any_script(practice, blank, fresh):
    staff, made = practice.staff(), practice.patient()
    answers = {"/given_name": staff.post("/admin/patients", body(given_name=blank)),
               "/family_name": staff.patch(f"/admin/patients/{made['id']}", {"family_name": blank}, revision=1)}
    for pointer, answer in answers.items():
        errors = api.problem(answer, 400, "invalid-request")["errors"]
        assert [(error["pointer"], error["code"]) for error in errors] == [(pointer, "blank")]
    owner, revision = fresh(practice.staff("owner")), api.good(staff.get("/admin/profile"))["revision"]
    joins = {"name": blank, "email": body()["email"], "role": "assistant"}
    for answer in (owner.post("/admin/staff", joins), staff.patch("/admin/profile", {"name": blank}, revision=revision)):
        errors = api.problem(answer, 400, "invalid-request")["errors"]
        assert [(error["pointer"], error["code"]) for error in errors] == [("/name", "blank")]


def test_null_is_a_member_that_was_not_given(practice):
    found = api.problem(practice.staff().post("/admin/patients", body(birth_date=None)), 400, "invalid-request")
    assert [(error["pointer"], error["code"]) for error in found["errors"]] == [("/birth_date", "required")]
    made = practice.patient()
    answer = practice.staff().patch(f"/admin/patients/{made['id']}", {"birth_date": None}, revision=1)
    assert [error["code"] for error in api.problem(answer, 400, "invalid-request")["errors"]] == ["count"]


def test_all_faults_are_told_at_once(practice):
    found = api.problem(practice.staff().post("/admin/patients", {"birth_date": "x", "surprise": 1}), 400,
                        "invalid-request")
    assert {error["pointer"] for error in found["errors"]} >= {"/birth_date", "/surprise"}


def test_a_record_number_is_unique_in_the_practice_only(practice, other_practice):
    staff, made = practice.staff(), practice.patient(record_number=unique("R"))
    same_number = body(record_number=made["record_number"].lower())
    api.problem(staff.post("/admin/patients", same_number), 409, "record-number-taken")
    assert other_practice.patient(email=made["email"], record_number=made["record_number"])["email"] == made["email"]
    second = practice.patient()
    api.problem(staff.patch(f"/admin/patients/{second['id']}", {"record_number": made["record_number"]}, revision=1), 409,
                "record-number-taken")


def test_relatives_share_an_address_and_nobody_is_recorded_twice(practice):
    staff, one = practice.staff(), practice.patient()
    person = {name: one[name] for name in ("given_name", "family_name", "birth_date")}
    api.problem(staff.post("/admin/patients", body(**person) | {"email": one["email"].upper()}), 409, "patient-exists")
    api.problem(staff.post("/admin/patients", body(**person | {"given_name": one["given_name"].upper()}) |
                           {"email": one["email"]}), 409, "patient-exists")
    family = [one["id"]]
    for other in ({"given_name": "Twin"}, {"birth_date": "2011-03-04"}, {"family_name": "Step"}):
        family.append(api.good(staff.post("/admin/patients", body(**person | other) | {"email": one["email"]}), 201)["id"])
    found = api.good(staff.get("/admin/patients", params={"email": one["email"]}))["items"]
    assert sorted(patient["id"] for patient in found) == sorted(family)
    moved = api.good(staff.post("/admin/patients", body(**person)), 201)
    api.problem(staff.patch(f"/admin/patients/{moved['id']}", {"email": one["email"]}, revision=1), 409, "patient-exists")
    api.good(staff.patch(f"/admin/patients/{moved['id']}", {"email": one["email"], "given_name": "Another"}, revision=1))


def test_search_is_exact(practice, other_practice):
    made = practice.patient(record_number=unique("Rec"))
    for query in (f"email={made['email'].upper()}", f"record_number={made['record_number']}"):
        assert [it["id"] for it in api.good(practice.staff().get(f"/admin/patients?{query}"))["items"]] == [made["id"]]
        assert api.good(other_practice.staff().get(f"/admin/patients?{query}"))["items"] == []
    assert api.good(practice.staff().get(f"/admin/patients?email={made['email'][:-1]}"))["items"] == []


def test_pages_of_patients(new_practice):
    fresh = new_practice(roles=("physician",))
    made = [fresh.patient() for _ in range(5)]
    first = api.good(fresh.staff().get("/admin/patients?limit=3"))
    second = api.good(fresh.staff().get(f"/admin/patients?limit=3&cursor={first['next_cursor']}"))
    assert first["items"] + second["items"] == made[::-1]
    assert second["next_cursor"] is None


def test_changes_need_the_present_revision(practice):
    staff, made = practice.staff(), practice.patient(record_number=unique("R"), language="en")
    path = f"/admin/patients/{made['id']}"
    changed = api.good(staff.patch(path, {"family_name": "New", "record_number": None, "language": None}, revision=1))
    assert changed["revision"] == 2 and changed["family_name"] == "New"
    assert changed["record_number"] is None and changed["language"] is None
    assert changed["given_name"] == made["given_name"] and changed["email"] == made["email"]
    for never in (1, 2**31, 9999999999):
        api.problem(staff.patch(path, {"family_name": "Newer"}, revision=never), 412, "stale-revision")
    api.problem(staff.patch(path, {}, revision=2), 400, "invalid-request")


def test_of_many_changes_at_once_one_wins(practice):
    made = practice.patient()

    def change(number):
        return practice.staff().again(practice.staff().token).patch(
            f"/admin/patients/{made['id']}", {"given_name": f"Name {number}"}, revision=1).status_code
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(change, range(16)))
    assert statuses.count(200) == 1 and set(statuses) == {200, 412}


def test_an_archived_patient_is_not_changed_invited_or_asked(practice, database):
    staff, made = practice.staff(), practice.patient()
    invitation = api.good(staff.post(f"/admin/patients/{made['id']}/invitations", {"delivery": "link"}), 201)
    with database.cursor() as cursor:
        cursor.execute("UPDATE anamnesis.patient SET status = 'archived' WHERE id = %s", (made["id"],))
    path = f"/admin/patients/{made['id']}"
    api.problem(staff.patch(path, {"given_name": "X"}, revision=1), 409, "not-active")
    api.problem(staff.post(f"{path}/invitations", {"delivery": "link"}), 409, "not-active")
    api.problem(staff.post(f"/admin/invitations/{invitation['id']}/resend"), 409, "not-active")
    questionnaire = {"questionnaire_id": practice.questionnaire()}
    api.problem(staff.post(f"{path}/assignments", questionnaire), 409, "not-active")


def test_assignments(practice):
    staff, made, questionnaire = practice.staff(), practice.patient(), practice.questionnaire()
    path = f"/admin/patients/{made['id']}/assignments"
    one = api.good(staff.post(path, {"questionnaire_id": questionnaire, "due_at": "2030-01-01T12:00:00+01:00"}), 201)
    assert (one["status"], one["version"], one["title"], one["due_at"]) == (
        "assigned", 1, "Short form", "2030-01-01T11:00:00.000Z")
    two = api.good(staff.post(path, {"questionnaire_id": questionnaire, "due_at": None}), 201)
    assert api.good(staff.get(path))["items"] == [two, one]
    assert staff.delete(f"/admin/assignments/{one['id']}").status_code == 204
    assert staff.delete(f"/admin/assignments/{one['id']}").status_code == 204
    assert [it["status"] for it in api.good(staff.get(path))["items"]] == ["assigned", "cancelled"]
    draft = api.good(staff.post("/admin/questionnaires", {"definition": {"resourceType": "Questionnaire"}}), 201)
    api.problem(staff.post(path, {"questionnaire_id": draft["id"]}), 409, "questionnaire-state")
    bad = staff.post(path, {"questionnaire_id": questionnaire, "due_at": "2030-02-30T00:00:00Z"})
    api.problem(bad, 400, "invalid-request")


@pytest.mark.parametrize("date", [datetime.date(1880, 1, 1), datetime.date.today() + datetime.timedelta(days=1)])
def test_a_birth_date_is_from_1880_to_tomorrow(practice, date):
    assert practice.patient(birth_date=str(date))["birth_date"] == str(date)


@pytest.mark.parametrize("due_at", ["9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59Z", "2100-01-01T00:00:00Z", "1999-12-31T23:59:59Z",
                                    "2000-01-01T00:00:00+00:01", "0000-01-01T00:00:00Z"])
def test_a_due_date_out_of_its_range_is_refused(practice, due_at):
    """What has a year of five digits in UTC cannot be read back."""
    body = {"questionnaire_id": practice.questionnaire(), "due_at": due_at}
    found = api.problem(practice.staff().post(f"/admin/patients/{practice.patient()['id']}/assignments", body), 400,
                        "invalid-request")
    assert [(error["pointer"], error["code"]) for error in found["errors"]] == [("/due_at", "range")]


def test_a_due_date_is_from_2000_to_twenty_years_ahead(practice):
    staff, path = practice.staff(), f"/admin/patients/{practice.patient()['id']}/assignments"
    latest = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=20 * 365)
    for due_at in ("2000-01-01T00:00:00Z", latest.strftime("%Y-%m-%dT%H:%M:%SZ"), "2016-12-31T23:59:60Z"):
        body = {"questionnaire_id": practice.questionnaire(), "due_at": due_at}
        made = api.good(staff.post(path, body), 201)
        assert made["due_at"] == due_at.replace("2016-12-31T23:59:60", "2017-01-01T00:00:00").replace("Z", ".000Z")
        assert made in api.good(staff.get(path))["items"]


@pytest.mark.parametrize("path", ["/admin/patients", "/admin/patients/{id}/invitations",
                                  "/admin/patients/{id}/assignments"])
def test_the_same_creation_sent_twice_makes_one(practice, path):
    staff, made = practice.staff(), practice.patient()
    path = path.replace("{id}", made["id"])
    sent = {"patients": body(), "invitations": {"delivery": "link"},
            "assignments": {"questionnaire_id": practice.questionnaire()}}[path.rsplit("/", 1)[1]]
    key = {"Idempotency-Key": unique("key")}
    empty = staff.post("/admin/patients", {}, headers={"Idempotency-Key": ""})
    assert "/header/idempotency-key" in [fault["pointer"] for fault in api.problem(empty, 400, "invalid-request")["errors"]]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: staff.again(staff.token).post(path, sent, headers=key), range(8)))
    assert {(it.status_code, it.text) for it in answers} == {(201, answers[0].text)}
    api.problem(staff.post(path, sent | {"surprise": 1}, headers=key), 400, "invalid-request")
    other = {"patients": body(), "invitations": {"delivery": "email"},
             "assignments": sent | {"due_at": "2030-01-01T00:00:00Z"}}[path.rsplit("/", 1)[1]]
    api.problem(staff.post(path, other, headers=key), 422, "idempotency-key-reused")
    # Another member of staff has keys of their own.
    again = practice.staff("owner").post(path, other, headers=key)
    api.good(again, 201)

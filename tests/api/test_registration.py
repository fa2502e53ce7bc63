"""Invitations and registration: single use, time-limited, few tries, and no answer that tells more than it must."""

import concurrent.futures

import pytest
from conftest import unique
from support import client as api
from support.tokens import token_hash
from test_accounts import link_of, messages


def register(anonymous, token, patient, **more):
    return anonymous.post("/patient/register", {"token": token, "birth_date": patient["birth_date"],
                                                "password": "a good long password"} | more)


def gone(anonymous, token, patient):
    first = api.problem(anonymous.post("/patient/register/validate", {"token": token}), 410, "invitation-gone")
    second = api.problem(register(anonymous, token, patient), 410, "invitation-gone")
    return {**first, "instance": None} == {**second, "instance": None}


def test_the_hint_shows_little(practice, anonymous):
    patient = practice.patient()
    hint = api.good(anonymous.post("/patient/register/validate", {"token": practice.invite(patient)}))
    assert hint["practice_name"] == practice.name
    assert hint["email_hint"] == "p***@e***.org"


def test_an_invitation_counts_once(practice, anonymous):
    """[6.4.1]"""
    patient = practice.patient()
    token = practice.invite(patient)
    api.good(register(anonymous, token, patient), 201)
    assert gone(anonymous, token, patient)
    listed = api.good(practice.staff().get(f"/admin/patients/{patient['id']}/invitations"))["items"]
    assert [it["status"] for it in listed] == ["used"] and "url" not in listed[0]
    assert api.good(practice.staff().get(f"/admin/patients/{patient['id']}"))["registered"] is True


def test_fifty_registrations_at_once_make_one_account(practice, anonymous):
    patient = practice.patient()
    token = practice.invite(patient)
    strangers = [api.Client(anonymous.base_url, anonymous.ca_file) for _ in range(10)]

    def one(number):
        return register(strangers[number % 10], token, patient, password=f"a good long password {number}").status_code
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(one, range(50)))
    assert statuses.count(201) == 1, statuses
    assert set(statuses) <= {201, 410, 429}


def test_wrong_birth_dates_spend_the_link(practice, anonymous):
    patient = practice.patient()
    token = practice.invite(patient)
    for _ in range(5):
        api.problem(register(anonymous, token, patient, birth_date="1980-03-01"), 422, "birth-date-refused")
    assert gone(anonymous, token, patient)
    # Sending it again gives it a new life.
    invitation = api.good(practice.staff().get(f"/admin/patients/{patient['id']}/invitations"))["items"][0]
    assert invitation["status"] == "spent"
    again = api.good(practice.staff().post(f"/admin/invitations/{invitation['id']}/resend"))
    api.good(register(anonymous, again["url"].split("#")[1], patient), 201)


def test_a_bad_password_is_no_try(practice, anonymous):
    patient = practice.patient()
    token = practice.invite(patient)
    for password in ("too short", "password1234567", practice.name, "x" * 300):
        body = api.problem(register(anonymous, token, patient, password=password), 422, "password-refused")
        assert [error["pointer"] for error in body["errors"]] == ["/password"]
    for _ in range(2):
        api.problem(register(anonymous, token, patient, password="short"), 422, "password-refused")
    api.good(register(anonymous, token, patient), 201)


def test_where_a_second_factor_is_required_the_password_may_be_shorter(new_practice, anonymous):
    strict = new_practice(mfa="required")
    patient = strict.patient()
    api.good(register(anonymous, strict.invite(patient), patient, password="9 letters"), 201)


def test_a_revoked_link_and_one_that_was_sent_again(practice, anonymous):
    staff, patient = practice.staff(), practice.patient()
    made = api.good(staff.post(f"/admin/patients/{patient['id']}/invitations", {"delivery": "link"}), 201)
    renewed = api.good(staff.post(f"/admin/invitations/{made['id']}/resend"), 200)
    assert gone(anonymous, made["url"].split("#")[1], patient)
    assert staff.delete(f"/admin/invitations/{made['id']}").status_code == 204
    assert staff.delete(f"/admin/invitations/{made['id']}").status_code == 204
    assert gone(anonymous, renewed["url"].split("#")[1], patient)
    api.problem(staff.post(f"/admin/invitations/{made['id']}/resend"), 409, "invitation-state")


def test_a_used_invitation_stays_as_it_is(practice):
    staff, patient = practice.staff(), practice.registered()
    used = api.good(staff.get(f"/admin/patients/{patient['id']}/invitations"))["items"][0]
    api.problem(staff.delete(f"/admin/invitations/{used['id']}"), 409, "invitation-state")
    api.problem(staff.post(f"/admin/invitations/{used['id']}/resend"), 409, "invitation-state")
    again = staff.post(f"/admin/patients/{patient['id']}/invitations", {"delivery": "link"})
    api.problem(again, 409, "already-registered")


def test_an_expired_invitation(practice, anonymous, database):
    """[6.5.5]"""
    patient = practice.patient()
    token = practice.invite(patient)
    with database.cursor() as cursor:
        cursor.execute("UPDATE anamnesis.invitation SET expires_at = now() - interval '1 second' WHERE patient_id = %s",
                       (patient["id"],))
    assert gone(anonymous, token, patient)
    listed = api.good(practice.staff().get(f"/admin/patients/{patient['id']}/invitations"))["items"]
    assert listed[0]["status"] == "expired"


def test_guessing_tokens_has_to_wait(anonymous):
    guesser = api.Client(anonymous.base_url, anonymous.ca_file)
    statuses = set()
    for _ in range(60):
        answer = guesser.post("/patient/register/validate", {"token": "A" * 43})
        statuses.add(answer.status_code)
        if answer.status_code == 429:
            break
    assert statuses == {410, 429}
    api.problem(guesser.post("/patient/register", {"token": "A" * 43, "birth_date": "1980-01-01",
                                                   "password": "a good long password"}), 429, "throttled")


def test_an_unknown_questionnaire_assigns_and_invites_nothing(practice):
    staff, patient = practice.staff(), practice.patient()
    draft = api.good(staff.post("/admin/questionnaires", {"definition": {"resourceType": "Questionnaire"}}), 201)
    path = f"/admin/patients/{patient['id']}/invitations"
    for bad, status, code in (("01900000-0000-7000-8000-000000000000", 404, "not-found"),
                              (draft["id"], 409, "questionnaire-state")):
        body = {"delivery": "link", "questionnaires": [practice.questionnaire(), bad]}
        found = api.problem(staff.post(path, body), status, code)
        assert found["errors"][0]["pointer"] == "/questionnaires/1"
    assert api.good(staff.get(path))["items"] == []
    assert api.good(staff.get(f"/admin/patients/{patient['id']}/assignments"))["items"] == []


# --- lost factors

def recover(practice, fresh, patient, **body):
    return fresh(practice.staff()).post(f"/admin/patients/{patient['id']}/recover", body)


def mailed(practice, fresh, patient, demo, count=1):
    """The token of a link to recover, from the patient's mailbox."""
    assert "url" not in api.good(recover(practice, fresh, patient), 201)
    return link_of(messages(demo, patient["email"], "Your invitation", count)[-1]).split("#", 1)[1]


def test_who_has_lost_everything_begins_anew_and_keeps_the_answers(practice, anonymous, fresh, demo):
    """[6.4.4] The birth date is asked for again, the second factor is gone, other sessions end."""
    patient, me, response = practice.begun()
    api.good(me.save(response["id"], 1, {"comment": [{"valueString": "kept"}]}))
    secret = api.good(me.post("/patient/profile/mfa/totp", {"current_password": patient["password"]}))["secret"]
    api.good(me.post("/patient/profile/mfa/totp/confirm", {"code": api.totp(secret)}))
    token = mailed(practice, fresh, patient, demo)
    api.good(me.get("/patient/auth/session"))
    api.problem(register(anonymous, token, patient, birth_date="1999-09-09"), 422, "birth-date-refused")
    password = "another good long password"
    assert api.good(register(anonymous, token, patient, password=password), 201)["patient_id"] == patient["id"]
    api.problem(me.get("/patient/auth/session"), 401, "not-signed-in")
    api.problem(register(anonymous, token, patient, password=password), 410, "invitation-gone")
    again = api.sign_in_patient(anonymous, patient["email"], password)
    assert api.good(again.get("/patient/profile"))["mfa"] == {"required": False, "totp": False, "passkeys": 0,
                                                                "recovery_codes_left": 0}
    assert "kept" in again.get(f"/patient/responses/{response['id']}").text
    old = anonymous.post("/patient/auth/login", {"email": patient["email"], "password": patient["password"]})
    api.problem(old, 401, "sign-in-refused")


def test_recovering_needs_fresh_proof_and_somebody_who_has_registered(practice, fresh, database):
    staff, patient = practice.staff(), practice.patient()
    with database.cursor() as cursor:
        cursor.execute("UPDATE auth.session SET stepped_up_at = NULL WHERE token_hash = %s", (token_hash("session", staff.token),))
    api.problem(staff.post(f"/admin/patients/{patient['id']}/recover", {}), 403, "step-up-required")
    api.problem(recover(practice, fresh, patient), 409, "not-registered")


def test_a_newer_link_to_recover_ends_the_older_and_an_invitation_is_not_one(practice, anonymous, fresh, demo):
    patient = practice.registered()
    first, second = (mailed(practice, fresh, patient, demo, count) for count in (1, 2))
    api.problem(anonymous.post("/patient/register/validate", {"token": first}), 410, "invitation-gone")
    api.good(anonymous.post("/patient/register/validate", {"token": second}))
    staff = practice.staff()
    one = api.good(staff.get(f"/admin/patients/{patient['id']}/invitations"))["items"][0]
    assert one["status"] == "pending"
    assert staff.delete(f"/admin/invitations/{one['id']}").status_code == 204
    api.problem(register(anonymous, second, patient), 410, "invitation-gone")


@pytest.mark.parametrize("how", ["revoked", "resent", "used"])
def test_a_link_that_has_ended_is_not_shown_again(practice, anonymous, how):
    """A stored answer (Idempotency-Key) is no way around the end of what it shows."""
    patient, staff = practice.patient(), practice.staff()
    path, key = f"/admin/patients/{patient['id']}/invitations", {"Idempotency-Key": unique("key")}
    first = api.good(staff.post(path, {"delivery": "link"}, headers=key), 201)
    assert api.good(staff.post(path, {"delivery": "link"}, headers=key), 201)["url"] == first["url"]
    if how == "revoked":
        assert staff.delete(f"/admin/invitations/{first['id']}").status_code == 204
    elif how == "resent":
        assert api.good(staff.post(f"/admin/invitations/{first['id']}/resend"))["url"] != first["url"]
    else:
        api.good(register(anonymous, first["url"].split("#")[1], patient), 201)
    again = staff.post(path, {"delivery": "link"}, headers=key)
    api.problem(again, 409, "invitation-state")
    assert first["url"] not in again.text


def test_the_same_recovery_sent_twice_is_one(practice, fresh):
    patient = practice.registered()
    staff = fresh(practice.staff())
    path, headers = f"/admin/patients/{patient['id']}/recover", {"Idempotency-Key": "recover once"}
    first = api.good(staff.post(path, {}, headers=headers), 201)
    assert api.good(staff.post(path, {}, headers=headers), 201) == first
    api.problem(staff.post(path, {"delivery": "email"}, headers=headers), 422, "idempotency-key-reused")
    owner = fresh(practice.staff("owner"))
    shown = api.good(owner.post(f"{path}/link", headers=headers), 201)
    assert api.good(owner.post(f"{path}/link", headers=headers), 201) == shown
    assert api.good(owner.post(f"{path}/link", headers={"Idempotency-Key": "another"}), 201)["url"] != shown["url"]

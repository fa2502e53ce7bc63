"""An address that somebody signs in with is a credential: how it changes, who is told, and what its holders may say."""

import concurrent.futures

import pytest
from conftest import unique
from support import client as api
from test_accounts import PATIENT, STAFF, Person, forget_steps, id_of, link_of, make_stale, messages

CONFIRM, STOP, CHANGED = "Confirm your e-mail address", "Another address was proposed", "Your account has another address"
HELD = "answers-held"


def address(name="other"):
    return f"{unique(name)}@example.org"


def token_of(message):
    return link_of(message).split("#", 1)[1]


@pytest.fixture
def clinic(new_practice):
    """A practice with an address of its own: failures are counted by address."""
    practice = new_practice()
    practice.anonymous = api.Client(practice.anonymous.base_url, practice.anonymous.ca_file)
    return practice


def propose(clinic, fresh, patient, email, role="physician"):
    return fresh(clinic.staff(role)).post(f"/admin/patients/{patient['id']}/email", {"email": email})


def confirm(anonymous, token, realm=PATIENT):
    return anonymous.post(f"{realm}/auth/email/confirm", {"token": token})


def objects(anonymous, token, realm=PATIENT):
    return anonymous.post(f"{realm}/auth/email/object", {"token": token})


def moved(clinic, fresh, demo, patient, role="physician"):
    """The patient's new address, as staff proposed and its holder confirmed it."""
    new = address()
    api.good(propose(clinic, fresh, patient, new, role), 202)
    api.good(confirm(clinic.anonymous, token_of(messages(demo, new, CONFIRM)[0])))
    return new


def sign_in(clinic, email, password):
    return clinic.anonymous.post("/patient/auth/login", {"email": email, "password": password, "session": "bearer"})


def reset(clinic, demo, email, password="another good long password", count=1):
    """A new password by a link to this mailbox."""
    api.good(clinic.anonymous.post("/patient/auth/password-reset", {"email": email}), 202)
    token = token_of(messages(demo, email, "A new password", count)[-1])
    return clinic.anonymous.post("/patient/auth/password-reset/confirm", {"token": token, "password": password})


def answered(clinic):
    """(patient, their client, a response with an answer)"""
    patient, me, response = clinic.begun()
    api.good(me.save(response["id"], 1, {"comment": [{"valueString": "what I told nobody else"}]}))
    return patient, me, response


# --- staff proposes, the patient decides

@pytest.mark.parametrize("role", ["owner", "physician", "assistant"])
def test_staff_change_no_address_that_somebody_signs_in_with(clinic, fresh, role):
    patient = clinic.registered()
    staff, path = fresh(clinic.staff(role)), f"/admin/patients/{patient['id']}"
    revision = api.good(staff.get(path))["revision"]
    api.problem(staff.patch(path, {"email": address()}, revision=revision), 409, "email-is-sign-in")
    same = api.good(staff.patch(path, {"email": patient["email"].upper(), "language": "de"}, revision=revision))
    assert same["email"] == patient["email"] and same["language"] == "de"
    assert [one["id"] for one in api.good(staff.get(f"/admin/patients?email={patient['email']}"))["items"]] == [patient["id"]]


def test_another_address_counts_when_its_holder_has_opened_the_link(clinic, fresh, demo):
    patient, me = clinic.signed_in_patient()
    new, staff = address(), clinic.staff()
    api.good(clinic.anonymous.post("/patient/auth/password-reset", {"email": patient["email"]}), 202)
    reset_token = token_of(messages(demo, patient["email"], "A new password")[0])
    made = api.good(propose(clinic, fresh, patient, new), 202)
    assert made["status"] == "proposed"
    told, asked = messages(demo, patient["email"], STOP)[0], messages(demo, new, CONFIRM)[0]
    assert link_of(asked).split("#")[0].endswith("/email/confirm/patient") and link_of(told) != link_of(asked)
    # Nothing has changed yet, and a program that follows the link changes nothing.
    api.good(me.get("/patient/auth/session"))
    assert clinic.anonymous.get("/patient/auth/email/confirm").status_code == 405
    assert api.good(staff.get(f"/admin/patients/{patient['id']}"))["email"] == patient["email"]
    assert api.good(staff.get(f"/admin/patients?email={new}"))["items"] == []
    assert api.good(confirm(clinic.anonymous, token_of(asked))) == {"status": "confirmed"}
    assert messages(demo, patient["email"], CHANGED) and messages(demo, new, "E-mail address changed")
    # Sessions and older links are over; the former address signs in nobody and finds nobody.
    api.problem(me.get("/patient/auth/session"), 401, "not-signed-in")
    late = {"token": reset_token, "password": "another good long password"}
    api.problem(clinic.anonymous.post("/patient/auth/password-reset/confirm", late), 410, "reset-gone")
    api.problem(confirm(clinic.anonymous, token_of(asked)), 410, "address-gone")
    api.problem(sign_in(clinic, patient["email"], patient["password"]), 401, "sign-in-refused")
    api.good(sign_in(clinic, new, patient["password"]))
    assert api.good(staff.get(f"/admin/patients?email={patient['email']}"))["items"] == []
    assert api.good(staff.get(f"/admin/patients?email={new}"))["items"][0]["email"] == new


def test_proposing_needs_fresh_proof_a_role_and_somebody_who_has_registered(clinic, fresh, database):
    patient, other = clinic.registered(), clinic.patient()
    api.problem(propose(clinic, fresh, patient, address(), "assistant"), 403, "forbidden")
    change = {"patient_email_by": "assistant"}
    shown = api.good(fresh(clinic.staff("owner")).patch("/admin/practice", change, revision=1))
    assert shown["patient_email_by"] == "assistant"
    api.good(propose(clinic, fresh, patient, address(), "assistant"), 202)
    api.problem(propose(clinic, fresh, other, address()), 409, "not-registered")
    api.problem(propose(clinic, fresh, patient, patient["email"].upper()), 409, "same-email")
    api.problem(propose(clinic, fresh, patient, "no address"), 400, "invalid-request")
    with database.cursor() as cursor:
        cursor.execute("UPDATE auth.session SET stepped_up_at = NULL WHERE practice_id = %s", (clinic.id,))
    answer = clinic.staff().post(f"/admin/patients/{patient['id']}/email", {"email": address()})
    api.problem(answer, 403, "step-up-required")


def test_a_mailbox_is_not_filled_by_proposals(clinic, fresh):
    patient = clinic.registered()
    for _ in range(5):
        api.good(propose(clinic, fresh, patient, address()), 202)
    api.problem(propose(clinic, fresh, patient, address()), 409, "proposal-limit")


def test_of_two_proposals_the_newer_one_counts(clinic, fresh, demo):
    patient, first, second = clinic.registered(), address(), address()
    api.good(propose(clinic, fresh, patient, first), 202)
    api.good(propose(clinic, fresh, patient, second), 202)
    api.problem(confirm(clinic.anonymous, token_of(messages(demo, first, CONFIRM)[0])), 410, "address-gone")
    api.good(confirm(clinic.anonymous, token_of(messages(demo, second, CONFIRM)[0])))


def test_an_address_may_be_a_relatives_and_whoever_proposes_it_does_not_learn_that(clinic, fresh, demo):
    patient, other = clinic.registered(), clinic.registered()
    answer, free = propose(clinic, fresh, patient, other["email"]), propose(clinic, fresh, patient, address())
    assert set(api.good(answer, 202)) == set(api.good(free, 202))
    api.good(propose(clinic, fresh, patient, other["email"]), 202)
    api.good(confirm(clinic.anonymous, token_of(messages(demo, other["email"], CONFIRM, 2)[-1])))
    for one in (patient, other):
        client = clinic.anonymous.again(api.good(sign_in(clinic, other["email"], one["password"]))["access_token"])
        assert api.good(client.get("/patient/auth/session"))["patient"]["id"] == one["id"]


def test_a_link_ends_with_its_time(clinic, fresh, demo, database):
    patient, new = clinic.registered(), address()
    api.good(propose(clinic, fresh, patient, new), 202)
    token, stop = token_of(messages(demo, new, CONFIRM)[0]), token_of(messages(demo, patient["email"], STOP)[0])
    with database.cursor() as cursor:
        cursor.execute("UPDATE auth.address_change SET expires_at = now() WHERE account_id = %s", (patient["id"],))
    for answer in (confirm(clinic.anonymous, token), objects(clinic.anonymous, stop), confirm(clinic.anonymous, "A" * 43),
                   confirm(clinic.anonymous, stop), objects(clinic.anonymous, token)):
        api.problem(answer, 410, "address-gone")


def test_guessed_links_make_the_address_wait(clinic):
    paths = [("confirm", {}), ("object", {})]
    for realm in (PATIENT, STAFF):
        for name, more in paths:
            anonymous = api.Client(clinic.anonymous.base_url, clinic.anonymous.ca_file)
            answers = [anonymous.post(f"{realm}/auth/email/{name}", {"token": "A" * 43} | more) for _ in range(40)]
            assert {answer.status_code for answer in answers} == {410, 429}
    anonymous = api.Client(clinic.anonymous.base_url, clinic.anonymous.ca_file)
    answers = [anonymous.post("/patient/auth/recovery", {"token": "A" * 43, "answer": "stop"}) for _ in range(40)]
    assert {answer.status_code for answer in answers} == {410, 429}


# --- objections

def test_an_objection_before_the_link_was_opened_ends_the_proposal(clinic, fresh, demo):
    patient, new = clinic.registered(), address()
    api.good(propose(clinic, fresh, patient, new), 202)
    stop = token_of(messages(demo, patient["email"], STOP)[0])
    assert api.good(objects(clinic.anonymous, stop)) == {"status": "withdrawn"}
    api.problem(confirm(clinic.anonymous, token_of(messages(demo, new, CONFIRM)[0])), 410, "address-gone")
    api.problem(objects(clinic.anonymous, stop), 410, "address-gone")
    api.good(sign_in(clinic, patient["email"], patient["password"]))


@pytest.mark.parametrize("which", [STOP, CHANGED])
def test_the_former_address_takes_the_account_back_whatever_its_new_holder_did(clinic, fresh, demo, database, which):
    """By the first message or the second one; also after the new holder moved on. [6.3.7]"""
    patient, _, response = answered(clinic)
    new = moved(clinic, fresh, demo, patient, "owner")
    api.good(reset(clinic, demo, new))
    thief = api.good(sign_in(clinic, new, "another good long password"))
    thief = clinic.anonymous.again(thief["access_token"])
    api.good(thief.post("/patient/profile/mfa/totp", {"current_password": "another good long password"}))
    onwards = {"email": address(), "current_password": "another good long password"}
    api.good(thief.post("/patient/profile/email", onwards), 202)
    further = token_of(messages(demo, onwards["email"], CONFIRM)[0])
    api.good(confirm(clinic.anonymous, further))
    token = token_of(messages(demo, patient["email"], which)[0])
    assert api.good(objects(clinic.anonymous, token)) == {"status": "restored"}
    api.problem(thief.get("/patient/auth/session"), 401, "not-signed-in")
    for email in (new, onwards["email"], patient["email"]):
        for password in (patient["password"], "another good long password"):
            assert sign_in(clinic, email, password).status_code in (401, 429)
    assert messages(demo, patient["email"], "A change of address was undone")
    assert messages(demo, new, "A change of address was undone")
    assert messages(demo, clinic.accounts["owner"]["email"], "Somebody objected")
    # No mailbox leads in, the practice's link to the restored address does.
    for email in (patient["email"], new):
        api.good(clinic.anonymous.post("/patient/auth/password-reset", {"email": email}), 202)
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM auth.challenge WHERE account_id = %s AND used_at IS NULL", (patient["id"],))
        assert cursor.fetchone() == (0,)
    api.good(fresh(clinic.staff()).post(f"/admin/patients/{patient['id']}/recover", {}), 201)
    again = {"token": token_of(messages(demo, patient["email"], "Your invitation")[-1]), "birth_date": patient["birth_date"],
             "password": "a third good long password"}
    api.good(clinic.anonymous.post("/patient/register", again), 201)
    client = api.sign_in_patient(clinic.anonymous, patient["email"], again["password"])
    assert "what I told nobody else" in client.get(f"/patient/responses/{response['id']}").text


def test_after_seven_days_the_new_address_stays(clinic, fresh, demo, database):
    patient = clinic.registered()
    new = moved(clinic, fresh, demo, patient)
    with database.cursor() as cursor:
        cursor.execute("UPDATE auth.address_change SET object_until = now() WHERE account_id = %s", (patient["id"],))
    api.problem(objects(clinic.anonymous, token_of(messages(demo, patient["email"], CHANGED)[0])), 410, "address-gone")
    api.good(sign_in(clinic, new, patient["password"]))


def test_nobody_takes_an_address_that_may_still_be_taken_back(clinic, fresh, demo):
    """Patients may share one; of staff, an invitation to the former address would keep its holder from objecting."""
    person, new = Person(clinic, STAFF), address()
    owner = fresh(clinic.staff("owner"))
    api.good(person.sign_in().post("/admin/profile/email", {"email": new, "current_password": person.password}), 202)
    api.good(confirm(clinic.anonymous, token_of(messages(demo, new, CONFIRM)[0]), STAFF))
    joins = {"name": "Somebody New", "email": person.email, "role": "assistant"}
    api.problem(owner.post("/admin/staff", joins), 409, "staff-email-taken")
    token = token_of(messages(demo, person.email, CHANGED)[0])
    assert api.good(objects(clinic.anonymous, token, STAFF))["status"] == "restored"


def test_confirming_and_objecting_at_once_have_one_outcome(clinic, fresh, demo):
    """Fifty at once; whichever is first, the objection wins in the end."""
    patient, new = clinic.registered(), address()
    api.good(propose(clinic, fresh, patient, new), 202)
    token, stop = token_of(messages(demo, new, CONFIRM)[0]), token_of(messages(demo, patient["email"], STOP)[0])
    strangers = [api.Client(clinic.anonymous.base_url, clinic.anonymous.ca_file) for _ in range(10)]

    def one(number):
        client = strangers[number % 10]
        return (confirm(client, token) if number % 2 else objects(client, stop)).status_code
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(one, range(50)))
    assert set(statuses) <= {200, 410, 429, 503} and statuses.count(200) in (1, 2), statuses
    shown = api.good(clinic.staff().get(f"/admin/patients/{patient['id']}"))
    assert shown["email"] == patient["email"]


def test_two_proposals_at_once_leave_one(clinic, fresh, database):
    patient, staff = clinic.registered(), fresh(clinic.staff())
    path = f"/admin/patients/{patient['id']}/email"
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: staff.post(path, {"email": address()}).status_code, range(12)))
    assert 1 <= answers.count(202) <= 5 and set(answers) <= {202, 409, 429, 503}, answers  # 429: a fair share of the workers
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM auth.address_change WHERE account_id = %s AND ended_at IS NULL", (patient["id"],))
        assert cursor.fetchone() == (1,)


# --- earlier answers are held

def test_an_assistant_who_moves_a_patients_address_to_a_mailbox_of_theirs_reads_nothing(clinic, fresh, demo):
    """Where assistants may propose: the mailbox, a reset and the birth date do not open what was answered before."""
    patient, _, response = answered(clinic)
    api.good(fresh(clinic.staff("owner")).patch("/admin/practice", {"patient_email_by": "assistant"}, revision=1))
    new = moved(clinic, fresh, demo, patient, "assistant")
    api.good(reset(clinic, demo, new))
    me = api.sign_in_patient(clinic.anonymous, new, "another good long password")
    check_held(me, response)
    # A second reset by the same mailbox, and the password that they chose, are no proof either.
    api.good(reset(clinic, demo, new, "a third good long password", 2))
    me = api.sign_in_patient(clinic.anonymous, new, "a third good long password")
    wrong = me.post("/patient/profile/hold/release", {"earlier_password": "another good long password"})
    faults = api.problem(wrong, 422, "password-refused")["errors"]
    assert [fault["pointer"] for fault in faults] == ["/earlier_password"]
    check_held(me, response)
    assert me.post("/patient/profile/hold/release", {"earlier_password": patient["password"]}).status_code == 204
    check_open(me, response)


def check_held(client, response):
    assert api.good(client.get("/patient/profile"))["answers_held_until"] is not None
    assert api.good(client.get("/patient/responses"))["items"] == []
    api.problem(client.get(f"/patient/responses/{response['id']}"), 404, "not-found")
    api.problem(client.post("/patient/responses", {"assignment_id": response["assignment_id"]}), 403, HELD)
    api.problem(client.get("/patient/profile/export"), 403, HELD)
    asked = client.get(f"/patient/questionnaires/{response['assignment_id']}")
    assert "what I told nobody else" not in asked.text + client.get("/patient/questionnaires").text
    api.problem(client.save(response["id"], 2, {"comment": [{"valueString": "x"}]}), 404, "not-found")


def check_open(client, response):
    assert api.good(client.get("/patient/profile"))["answers_held_until"] is None
    assert "what I told nobody else" in client.get(f"/patient/responses/{response['id']}").text
    assert "what I told nobody else" in client.get("/patient/profile/export").text


def shown_link(clinic, fresh, patient):
    made = api.good(fresh(clinic.staff("owner")).post(f"/admin/patients/{patient['id']}/recover/link"), 201)
    return made["url"].split("#", 1)[1]


def recovered(clinic, token, patient, password="another good long password"):
    body = {"token": token, "birth_date": patient["birth_date"], "password": password}
    api.good(clinic.anonymous.post("/patient/register", body), 201)
    return api.sign_in_patient(clinic.anonymous, patient["email"], password)


def answer_recovery(clinic, token, answer):
    return clinic.anonymous.post("/patient/auth/recovery", {"token": token, "answer": answer})


def test_a_recovery_link_is_shown_to_owners_with_fresh_proof_and_mailed_otherwise(clinic, fresh, demo, database):
    patient = clinic.registered()
    path = f"/admin/patients/{patient['id']}/recover"
    for role in ("assistant", "physician", "owner"):
        api.problem(fresh(clinic.staff(role)).post(path, {"delivery": "link"}), 400, "invalid-request")
    for role in ("assistant", "physician"):
        api.problem(fresh(clinic.staff(role)).post(f"{path}/link"), 403, "forbidden")
    assert "url" not in api.good(fresh(clinic.staff("assistant")).post(path, {}), 201)
    with database.cursor() as cursor:
        cursor.execute("UPDATE auth.session SET stepped_up_at = NULL WHERE practice_id = %s", (clinic.id,))
    api.problem(clinic.staff("owner").post(f"{path}/link"), 403, "step-up-required")
    api.problem(fresh(clinic.staff("owner")).post(f"/admin/patients/{clinic.patient()['id']}/recover/link"), 409, "not-registered")


def test_what_was_answered_before_a_shown_link_is_held_and_its_patient_is_told(clinic, fresh, demo, database):
    """[6.4.4]"""
    patient, before, response = answered(clinic)
    me = recovered(clinic, shown_link(clinic, fresh, patient), patient)
    assert messages(demo, patient["email"], "Your account is being recovered")
    api.problem(before.get("/patient/auth/session"), 401, "not-signed-in")
    check_held(me, response)
    log = api.good(me.get("/patient/profile/access-log"))["items"]
    assert ("patient_recover_link", "owner") in {(entry["operation"], entry["role"]) for entry in log}
    # What is begun now is theirs to see.
    clinic.staff().post(f"/admin/patients/{patient['id']}/assignments", {"questionnaire_id": clinic.questionnaire()})
    newest = api.good(me.get("/patient/questionnaires"))["items"][0]["assignment_id"]
    begun = api.good(me.post("/patient/responses", {"assignment_id": newest}), 201)
    api.good(me.get(f"/patient/responses/{begun['id']}"))
    # The time ends it.
    with database.cursor() as cursor:
        cursor.execute("UPDATE auth.account SET held_until = now() WHERE id = %s", (patient["id"],))
        cursor.execute("UPDATE auth.session SET held_until = now() WHERE account_id = %s", (patient["id"],))
    check_open(me, response)


def test_the_stored_address_says_that_a_recovery_is_theirs(clinic, fresh, demo):
    patient, _, response = answered(clinic)
    me = recovered(clinic, shown_link(clinic, fresh, patient), patient)
    token = token_of(messages(demo, patient["email"], "Your account is being recovered")[0])
    assert api.good(answer_recovery(clinic, token, "mine")) == {"status": "mine"}
    check_open(me, response)
    api.problem(answer_recovery(clinic, token, "stop"), 410, "address-gone")


def test_a_new_password_by_the_stored_address_opens_them_too(clinic, fresh, demo):
    patient, _, response = answered(clinic)
    recovered(clinic, shown_link(clinic, fresh, patient), patient)
    api.good(reset(clinic, demo, patient["email"], "a third good long password"))
    check_open(api.sign_in_patient(clinic.anonymous, patient["email"], "a third good long password"), response)


def test_whoever_recovered_an_account_opens_nothing_by_a_mailbox_that_they_chose(clinic, fresh, demo):
    """An owner shows the link to themselves, moves the address, and resets the password there."""
    patient, _, response = answered(clinic)
    me = recovered(clinic, shown_link(clinic, fresh, patient), patient)
    new = address()
    api.good(me.post("/patient/profile/email", {"email": new, "current_password": "another good long password"}), 202)
    api.good(confirm(clinic.anonymous, token_of(messages(demo, new, CONFIRM)[0])))
    api.good(reset(clinic, demo, new, "a third good long password"))
    check_held(api.sign_in_patient(clinic.anonymous, new, "a third good long password"), response)
    # And again, by a second link: the message goes to the mailbox of theirs, which proves nothing.
    me = recovered(clinic, shown_link(clinic, fresh, patient), patient | {"email": new}, "a fourth good long password")
    answer_recovery(clinic, token_of(messages(demo, new, "Your account is being recovered")[0]), "mine")
    check_held(me, response)


@pytest.mark.parametrize("used", [False, True])
def test_the_stored_address_stops_a_recovery(clinic, fresh, demo, used):
    patient, _, response = answered(clinic)
    token = shown_link(clinic, fresh, patient)
    me = recovered(clinic, token, patient) if used else None
    stop = token_of(messages(demo, patient["email"], "Your account is being recovered")[0])
    assert api.good(answer_recovery(clinic, stop, "stop")) == {"status": "stopped"}
    assert messages(demo, clinic.accounts["owner"]["email"], "Somebody objected")
    late = {"token": token, "birth_date": patient["birth_date"], "password": "another good long password"}
    api.problem(clinic.anonymous.post("/patient/register", late), 410, "invitation-gone")
    if used:
        api.problem(me.get("/patient/auth/session"), 401, "not-signed-in")
        api.problem(sign_in(clinic, patient["email"], "another good long password"), 401, "sign-in-refused")
    else:
        check = api.sign_in_patient(clinic.anonymous, patient["email"], patient["password"])
        assert "what I told nobody else" in check.get(f"/patient/responses/{response['id']}").text


def test_nothing_is_held_that_is_not(clinic):
    _, me = clinic.signed_in_patient()
    assert me.post("/patient/profile/hold/release", {"earlier_password": "some password or other"}).status_code == 204


def test_guessing_the_earlier_password_has_to_wait(clinic, fresh):
    patient = clinic.registered()
    me = recovered(clinic, shown_link(clinic, fresh, patient), patient)
    answers = [me.post("/patient/profile/hold/release", {"earlier_password": f"some password or other {n}"}).status_code
               for n in range(6)]
    assert answers[0] == 422 and answers[-1] == 429, answers


# --- an address of one's own, and who has not registered

@pytest.mark.parametrize("realm", [STAFF, PATIENT])
def test_ones_own_address_needs_the_password_and_both_are_told(clinic, demo, database, realm):
    person, new = Person(clinic, realm), address()
    client = person.sign_in()
    path = f"{realm}/profile/email"
    wrong = client.post(path, {"email": new, "current_password": "not my password at all"})
    assert [fault["pointer"] for fault in api.problem(wrong, 422, "password-refused")["errors"]] == ["/current_password"]
    api.problem(client.post(path, {"email": new}), 400, "invalid-request")
    api.problem(client.post(path, {"email": person.email, "current_password": person.password}), 409, "same-email")
    api.good(client.post(path, {"email": new, "current_password": person.password}), 202)
    assert messages(demo, person.email, STOP)
    api.good(confirm(clinic.anonymous, token_of(messages(demo, new, CONFIRM)[0]), realm))
    assert messages(demo, person.email, CHANGED) and messages(demo, new, "E-mail address changed")
    api.problem(client.get(f"{realm}/auth/session"), 401, "not-signed-in")
    former, person.email = person.email, new
    forget_steps(database, person)
    assert api.good(person.sign_in().get(f"{realm}/profile"))["email"] == new
    assert api.good(objects(clinic.anonymous, token_of(messages(demo, former, CHANGED)[0]), realm))["status"] == "restored"
    api.problem(person.first_step(), 401, "sign-in-refused")
    answers = [client.post(path, {"email": new, "current_password": "x" * 15}).status_code for _ in range(2)]
    assert answers == [401, 401]


@pytest.mark.parametrize("realm", [STAFF, PATIENT])
def test_guessing_the_password_for_another_address_has_to_wait(clinic, realm):
    client = Person(clinic, realm).sign_in()
    body = {"email": address(), "current_password": "not my password at all"}
    answers = [client.post(f"{realm}/profile/email", body).status_code for _ in range(6)]
    assert answers[0] == 422 and answers[-1] == 429, answers


def test_a_corrected_address_ends_the_invitations_that_went_to_the_wrong_one(clinic, demo):
    patient, staff = clinic.patient(), clinic.staff()
    path = f"/admin/patients/{patient['id']}"
    api.good(staff.post(f"{path}/invitations", {"delivery": "email"}), 201)
    token = token_of(messages(demo, patient["email"], "Your invitation")[0])
    right = address()
    assert api.good(staff.patch(path, {"email": right}, revision=1))["email"] == right
    late = {"token": token, "birth_date": patient["birth_date"], "password": "a good long password"}
    api.problem(clinic.anonymous.post("/patient/register", late), 410, "invitation-gone")
    listed = api.good(staff.get(f"{path}/invitations"))["items"]
    assert [one["status"] for one in listed] == ["revoked"]
    api.problem(staff.post(f"/admin/invitations/{listed[0]['id']}/resend"), 409, "invitation-state")
    api.good(staff.post(f"{path}/invitations", {"delivery": "email"}), 201)
    late["token"] = token_of(messages(demo, right, "Your invitation")[0])
    api.good(clinic.anonymous.post("/patient/register", late), 201)


def test_resending_keeps_an_invitations_own_span(clinic, database):
    patient, staff = clinic.patient(), clinic.staff()
    made = api.good(staff.post(f"/admin/patients/{patient['id']}/invitations",
                               {"delivery": "link", "expires_in_hours": 700}), 201)
    again = api.good(staff.post(f"/admin/invitations/{made['id']}/resend"))
    with database.cursor() as cursor:
        cursor.execute("SELECT expires_at > now() + interval '699 hours' FROM anamnesis.invitation WHERE id = %s", (made["id"],))
        assert cursor.fetchone() == (True,)
    assert again["expires_at"] >= made["expires_at"]


# --- one name, no address

@pytest.mark.parametrize("names", [{"given_name": "Suharto"}, {"family_name": "Suharto", "given_name": None}])
def test_somebody_may_have_one_name(clinic, names):
    staff = clinic.staff()
    made = api.good(staff.post("/admin/patients", names | {"birth_date": "1980-01-01", "email": address()}), 201)
    assert (made["given_name"], made["family_name"]) == (names.get("given_name"), names.get("family_name"))
    path = f"/admin/patients/{made['id']}"
    assert api.good(staff.get(path)) == made
    api.problem(staff.patch(path, {"given_name": None, "family_name": None}, revision=1), 400, "invalid-request")
    swapped = {"given_name": made["family_name"], "family_name": made["given_name"]}
    changed = api.good(staff.patch(path, swapped, revision=1))
    assert (changed["given_name"], changed["family_name"]) == (made["family_name"], made["given_name"])
    nobody = {"birth_date": "1980-01-01", "email": address()}
    faults = api.problem(staff.post("/admin/patients", nobody), 400, "invalid-request")["errors"]
    assert [fault["pointer"] for fault in faults] == ["/family_name"]


def test_one_name_signs_in_and_is_exported(clinic):
    patient, me = clinic.signed_in_patient(given_name=None, family_name="Suharto")
    assert api.good(me.get("/patient/auth/session"))["patient"]["given_name"] is None
    assert api.good(me.get("/patient/profile"))["family_name"] == "Suharto"
    name = api.good(me.get("/patient/profile/export"))["entry"][0]["resource"]["name"]
    assert name == [{"family": "Suharto"}]


def test_who_has_no_address_registers_with_one_of_their_own(clinic, demo):
    patient, staff = clinic.patient(email=None), clinic.staff()
    assert patient["email"] is None
    path = f"/admin/patients/{patient['id']}"
    api.problem(staff.post(f"{path}/invitations", {"delivery": "email"}), 409, "no-email")
    token, mine = clinic.invite(patient), address()
    assert api.good(clinic.anonymous.post("/patient/register/validate", {"token": token}))["email_hint"] is None
    body = {"token": token, "birth_date": patient["birth_date"], "password": "a good long password"}
    faults = api.problem(clinic.anonymous.post("/patient/register", body), 400, "invalid-request")["errors"]
    assert [fault["pointer"] for fault in faults] == ["/email"]
    mistyped = address()
    for email in (mistyped, mine):
        done = api.good(clinic.anonymous.post("/patient/register", body | {"email": email}), 201)
        assert done == {"patient_id": patient["id"], "status": "confirm-email"}
    assert api.good(staff.get(path))["registered"] is False
    api.problem(sign_in(clinic, mine, body["password"]), 401, "sign-in-refused")
    api.problem(confirm(clinic.anonymous, token_of(messages(demo, mistyped, CONFIRM)[0])), 410, "address-gone")
    api.good(confirm(clinic.anonymous, token_of(messages(demo, mine, CONFIRM)[0])))
    assert messages(demo, mine, "You are registered")
    shown = api.good(staff.get(path))
    assert shown["registered"] is True and shown["email"] == mine
    me = api.sign_in_patient(clinic.anonymous, mine, body["password"])
    assert api.good(me.get("/patient/profile"))["answers_held_until"] is None
    api.problem(clinic.anonymous.post("/patient/register", body | {"email": mine}), 410, "invitation-gone")


def test_an_address_of_ones_own_is_for_those_without_one_and_five_times_a_day(clinic):
    patient = clinic.patient()
    body = {"birth_date": patient["birth_date"], "password": "a good long password", "email": address()}
    known = clinic.anonymous.post("/patient/register", body | {"token": clinic.invite(patient)})
    assert [fault["code"] for fault in api.problem(known, 400, "invalid-request")["errors"]] == ["known"]
    token = clinic.invite(clinic.patient(email=None))
    for _ in range(5):
        api.good(clinic.anonymous.post("/patient/register", body | {"token": token}), 201)
    api.problem(clinic.anonymous.post("/patient/register", body | {"token": token}), 409, "proposal-limit")


def test_an_address_that_staff_has_entered_meanwhile_counts(clinic, demo):
    patient, mine = clinic.patient(email=None), address()
    body = {"token": clinic.invite(patient), "birth_date": patient["birth_date"], "password": "a good long password"}
    api.good(clinic.anonymous.post("/patient/register", body | {"email": mine}), 201)
    api.good(clinic.staff().patch(f"/admin/patients/{patient['id']}", {"email": address()}, revision=1))
    api.problem(confirm(clinic.anonymous, token_of(messages(demo, mine, CONFIRM)[0])), 410, "address-gone")


# --- staff against staff

def second_owner(clinic, database):
    with database.cursor() as cursor:
        cursor.execute("UPDATE anamnesis.staff SET role = 'owner' WHERE id = %s",
                       (id_of(database, Person(clinic, STAFF)),))
    return clinic.accounts["physician"]


def staff_id(database, clinic, role):
    with database.cursor() as cursor:
        cursor.execute("SELECT id FROM anamnesis.staff WHERE practice_id = %s AND role = %s", (clinic.id, role))
        return cursor.fetchone()[0]


def test_an_owner_proposes_another_address_for_staff_who_may_object(clinic, fresh, demo, database):
    owner, assistant = fresh(clinic.staff("owner")), clinic.accounts["assistant"]
    who, new = staff_id(database, clinic, "assistant"), address()
    client = clinic.staff("assistant")
    api.good(owner.post(f"/admin/staff/{who}/email", {"email": new}), 202)
    api.problem(owner.post(f"/admin/staff/{who}/email", {"email": assistant["email"]}), 409, "same-email")
    api.good(client.get("/admin/auth/session"))
    api.good(confirm(clinic.anonymous, token_of(messages(demo, new, CONFIRM)[0]), STAFF))
    api.problem(client.get("/admin/auth/session"), 401, "not-signed-in")
    # While it can be taken back, a link that would remove their factors goes nowhere.
    api.problem(owner.post(f"/admin/staff/{who}/recover"), 409, "email-recent")
    api.good(objects(clinic.anonymous, token_of(messages(demo, assistant["email"], CHANGED)[0]), STAFF))
    listed = {one["id"]: one["email"] for one in api.good(owner.get("/admin/staff"))["items"]}
    assert listed[str(who)] == assistant["email"]
    assert messages(demo, clinic.accounts["owner"]["email"], "Somebody objected")
    api.good(owner.post(f"/admin/staff/{who}/recover"), 202)
    assert messages(demo, assistant["email"], "Your account is being recovered")


def test_an_owner_does_not_take_over_another_owners_account_in_silence(clinic, fresh, demo, database):
    other = second_owner(clinic, database)
    owner, mine = fresh(clinic.staff("owner")), clinic.accounts["owner"]["email"]
    with database.cursor() as cursor:
        cursor.execute("SELECT id FROM anamnesis.staff WHERE practice_id = %s AND role = 'owner' ORDER BY id", (clinic.id,))
        ids = [row[0] for row in cursor.fetchall()]
    for who in ids:
        api.problem(owner.post(f"/admin/staff/{who}/email", {"email": address()}), 409, "owner-account")
    me = api.good(owner.get("/admin/auth/session"))["staff"]["id"]
    victim = next(str(who) for who in ids if str(who) != me)
    api.good(owner.post(f"/admin/staff/{victim}/recover"), 202)
    assert messages(demo, other["email"], "Your account is being recovered")
    assert messages(demo, mine, "An owner's account is being recovered")


def test_the_address_of_who_has_not_joined_is_corrected_at_once(clinic, fresh, demo):
    owner, wrong, right = fresh(clinic.staff("owner")), address("wrong"), address("right")
    made = api.good(owner.post("/admin/staff", {"name": "Somebody New", "email": wrong, "role": "assistant"}), 201)
    token = token_of(messages(demo, wrong, "Your account with")[0])
    done = api.good(owner.post(f"/admin/staff/{made['id']}/email", {"email": right}), 202)
    assert done["status"] == "invited"
    body = {"password": "a good long password"}
    api.problem(clinic.anonymous.post("/admin/register", body | {"token": token}), 410, "invitation-gone")
    api.good(clinic.anonymous.post("/admin/register", body | {"token": token_of(messages(demo, right, "Your account with")[0])}), 201)
    another = api.good(owner.post("/admin/staff", {"name": "Somebody Else", "email": address(), "role": "assistant"}), 201)
    api.problem(owner.post(f"/admin/staff/{another['id']}/email", {"email": right}), 409, "staff-email-taken")


def test_an_address_that_other_staff_has_is_told_to_its_holder_alone(clinic, demo):
    person = Person(clinic, STAFF)
    taken = clinic.accounts["auditor"]["email"]
    api.good(person.sign_in().post("/admin/profile/email", {"email": taken, "current_password": person.password}), 202)
    api.problem(confirm(clinic.anonymous, token_of(messages(demo, taken, CONFIRM)[0]), STAFF), 409, "staff-email-taken")

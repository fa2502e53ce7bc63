"""One address, several accounts: at two practices, in one family. A right password that fits more than one asks which."""

import email
import email.policy
import json
import pathlib
import re
import time

import pytest
from support import client as api

WRONG = "not the right password"


def same_password(database, ids):
    """All accounts have the first one's password."""
    with database.cursor() as cursor:
        cursor.execute("UPDATE auth.account SET password_hash = (SELECT password_hash FROM auth.account WHERE id = %s) "
                       "WHERE id = ANY (%s::uuid[])", (ids[0], ids))
        assert cursor.rowcount == len(ids)


def same_address(database, table, ids):
    """All have the first one's address, by which they are found."""
    with database.cursor() as cursor:
        cursor.execute(f"UPDATE anamnesis.{table} SET email_index = (SELECT email_index FROM anamnesis.{table} WHERE id = %s) "
                       "WHERE id = ANY (%s::uuid[])", (ids[0], ids))


def staff_id(database, practice):
    with database.cursor() as cursor:
        cursor.execute("SELECT id::text FROM anamnesis.staff WHERE practice_id = %s AND role = 'physician'", (practice.id,))
        return cursor.fetchone()[0]


@pytest.fixture
def twice(database, new_practice):
    """A physician of two practices: one address, one password, two authenticator apps."""
    practices = [new_practice(roles=("owner", "physician")) for _ in range(2)]
    ids = [staff_id(database, practice) for practice in practices]
    same_address(database, "staff", ids)
    same_password(database, ids)
    return practices


def log_in(client, realm, account, **more):
    body = {"email": account["email"], "password": account["password"], "session": "bearer"} | more
    return client.post(f"{realm}/auth/login", body)


def caller(practice):
    return api.Client(practice.anonymous.base_url, practice.anonymous.ca_file)


def test_a_physician_of_two_practices_chooses(twice):
    client, account = caller(twice[0]), twice[0].accounts["physician"]
    for practice in twice:
        step = api.good(log_in(client, "/admin", account))
        assert step["status"] == "choose"
        assert sorted(choice["practice_name"] for choice in step["choices"]) == sorted(one.name for one in twice)
        assert {choice["given_name"] for choice in step["choices"]} == {None}
        token = next(choice["choice_token"] for choice in step["choices"] if choice["practice_name"] == practice.name)
        chosen = api.good(client.post("/admin/auth/choose", {"choice_token": token}))
        assert chosen["status"] == "mfa_required" and chosen["factors"] == ["totp"]
        done = api.good(client.post("/admin/auth/mfa", {"mfa_token": chosen["mfa_token"],
                                                        "code": api.totp(practice.accounts["physician"]["totp_secret"])}))
        assert done["staff"]["practice_id"] == practice.id
        api.problem(client.post("/admin/auth/choose", {"choice_token": token}), 401, "challenge-gone")


def test_different_passwords_need_no_choice(twice, database):
    client, second = caller(twice[0]), twice[1].accounts["physician"]
    with database.cursor() as cursor:
        cursor.execute("UPDATE auth.account SET password_hash = (SELECT password_hash FROM auth.account a JOIN anamnesis.staff m "
                       "ON m.id = a.id WHERE m.practice_id = %s AND m.role = 'owner') WHERE id = %s",
                       (twice[1].id, staff_id(database, twice[1])))
    body = {"email": twice[0].accounts["physician"]["email"], "password": twice[1].accounts["owner"]["password"]}
    step = api.good(log_in(client, "/admin", body))
    assert step["status"] == "mfa_required"
    done = api.good(client.post("/admin/auth/mfa", {"mfa_token": step["mfa_token"], "code": api.totp(second["totp_secret"])}))
    assert done["staff"]["practice_id"] == twice[1].id


def test_a_choice_is_good_once_in_time_for_its_realm(twice, database):
    client, account = caller(twice[0]), twice[0].accounts["physician"]
    choices = api.good(log_in(client, "/admin", account))["choices"]
    api.problem(client.post("/patient/auth/choose", {"choice_token": choices[0]["choice_token"]}), 401, "challenge-gone")
    api.problem(client.post("/admin/auth/mfa", {"mfa_token": choices[0]["choice_token"], "code": "123456"}), 401, "challenge-gone")
    api.problem(client.post("/admin/auth/mfa/totp", {"mfa_token": choices[0]["choice_token"]}), 401, "challenge-gone")
    for gone in ("A" * 43, "B" * 42 + "="):
        answer = client.post("/admin/auth/choose", {"choice_token": gone})
        assert answer.status_code in (400, 401)
    with database.cursor() as cursor:
        cursor.execute("UPDATE auth.challenge SET expires_at = now() - interval '1 second' WHERE purpose = 'choose' "
                       "AND practice_id = ANY (%s::uuid[])", ([practice.id for practice in twice],))
    for choice in choices:
        api.problem(client.post("/admin/auth/choose", {"choice_token": choice["choice_token"]}), 401, "challenge-gone")


def test_nobody_learns_who_is_staff_elsewhere(new_practice, database, fresh):
    """An address of another practice's staff is invited like any other; within the practice it is taken."""
    first, second = new_practice(roles=("owner", "physician")), new_practice(roles=("owner",))
    taken = first.accounts["physician"]["email"]
    body = {"email": taken, "name": "Somebody", "role": "physician"}
    api.good(fresh(second.staff("owner")).post("/admin/staff", body), 201)
    api.problem(fresh(second.staff("owner")).post("/admin/staff", body), 409, "staff-email-taken")


def test_a_patient_of_two_practices_chooses(practice, other_practice, database):
    first = practice.registered()
    second = other_practice.registered(email=first["email"])
    client = caller(practice)
    # Each practice has a password of its own to begin with.
    assert api.good(log_in(client, "/patient", second))["patient"]["practice_id"] == other_practice.id
    same_password(database, [first["id"], second["id"]])
    step = api.good(log_in(client, "/patient", first))
    assert step["status"] == "choose" and {choice["given_name"] for choice in step["choices"]} == {None}
    for choice in step["choices"]:
        done = api.good(client.post("/patient/auth/choose", {"choice_token": choice["choice_token"]}))
        assert done["status"] == "signed_in" and done["patient"]["practice_name"] == choice["practice_name"]
        assert done["access_token"]


def test_a_family_chooses_by_given_name(practice, database):
    parent = practice.registered(given_name="Ada")
    children = [practice.registered(given_name=name, email=parent["email"]) for name in ("Bo", "Cy")]
    # Each with a password of their own, and then with one for all.
    assert api.good(log_in(caller(practice), "/patient", children[0]))["patient"]["id"] == children[0]["id"]
    same_password(database, [parent["id"], *(child["id"] for child in children)])
    step = api.good(log_in(caller(practice), "/patient", parent))
    assert sorted(choice["given_name"] for choice in step["choices"]) == ["Ada", "Bo", "Cy"]
    for choice in step["choices"]:
        done = api.good(caller(practice).post("/patient/auth/choose", {"choice_token": choice["choice_token"]}))
        assert done["patient"]["given_name"] == choice["given_name"]
    api.problem(log_in(caller(practice), "/patient", parent | {"password": WRONG}), 401, "sign-in-refused")


def hashes(demo, answer):
    """The Argon2 computations that an answer cost, as the log has it once the worker has nothing else to do."""
    name, deadline = answer.headers["X-Request-Id"], time.monotonic() + 10
    while True:
        log = (pathlib.Path(demo["var"]) / "log/fcgi.log").read_text(encoding="utf-8")
        found = [json.loads(line)["hashes"] for line in log.splitlines()
                 if name in line and line.endswith("}") and json.loads(line).get("event") == "request"]
        if found:
            return found[0]
        assert time.monotonic() < deadline, f"no line of {name}"


def test_a_sign_in_costs_the_same_whatever_the_number_of_accounts(practice, other_practice, new_practice, database, demo):
    """[6.3.8]"""
    practices = [practice, other_practice, new_practice(), new_practice(), new_practice()]
    first = practice.registered()
    costs = [hashes(demo, log_in(caller(practice), "/patient", {"email": "nobody@example.org", "password": WRONG}))]
    patients = [first]
    for one in practices[1:4]:
        for body in (first | {"password": WRONG}, first, patients[-1]):
            costs.append(hashes(demo, log_in(caller(practice), "/patient", body)))
        patients.append(one.registered(email=first["email"]))
    costs.append(hashes(demo, log_in(caller(practice), "/patient", first | {"password": WRONG})))
    costs.append(hashes(demo, log_in(caller(practice), "/patient", patients[-1])))
    assert costs == [4] * len(costs)
    last = practices[4].registered(email=first["email"])
    answer = log_in(caller(practice), "/patient", last)  # the fifth is reached too
    assert api.good(answer)["patient"]["id"] == last["id"] and hashes(demo, answer) == 8


# --- Which of several a link is for

ADDRESSED = {"en": "for", "de": "für", "es": "para", "fr": ""}


def mail_to(demo, address, count):
    """So many messages to an address, the oldest first; waits for them."""
    deadline = time.monotonic() + 20
    while True:
        found = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                 for path in sorted(pathlib.Path(demo["mail_dir"]).glob("*.eml"))]
        found = [message for message in found if message["To"] == address]
        if len(found) >= count:
            return found
        assert time.monotonic() < deadline, f"{len(found)} of {count} messages"
        time.sleep(0.1)


def texts_of(message):
    return [message.get_body((kind,)).get_content() for kind in ("plain", "html")]


def token_of(message):
    return re.search(r"https://\S+#(\S+)", texts_of(message)[0])[1]


def invite_by_mail(practice, patient):
    return api.good(practice.staff().post(f"/admin/patients/{patient['id']}/invitations", {}), 201)["id"]


def register(practice, token, patient, password):
    return api.good(practice.anonymous.post("/patient/register", {"token": token, "birth_date": patient["birth_date"],
                                                                  "password": password}), 201)


@pytest.mark.parametrize("language", sorted(ADDRESSED))
def test_an_invitation_to_a_relatives_address_says_whom_it_is_for(practice, demo, language):
    """Registering by it makes an account beside the relative's, which stays as it is."""
    parent = practice.registered(given_name="Adalgisa", language=language)
    child = practice.patient(given_name="Bertoldo", email=parent["email"], language=language)
    invitation = invite_by_mail(practice, child)
    api.good(practice.staff().post(f"/admin/invitations/{invitation}/resend"))
    messages = mail_to(demo, parent["email"], 3)[-2:]
    for message in messages:
        for text in texts_of(message):
            assert f"{ADDRESSED[language]} Bertoldo" in text and "Adalgisa" not in text
    child["password"] = "quite another password of the child"
    assert register(practice, token_of(messages[-1]), child, child["password"])["patient_id"] == child["id"]
    for person in (parent, child):
        assert api.good(log_in(caller(practice), "/patient", person))["patient"]["id"] == person["id"]


def test_who_is_alone_at_an_address_is_not_named_there(practice, other_practice, demo):
    """It may be mistyped, and somebody else's. Relatives who have not registered, and other practices' patients, are nobody."""
    patient = practice.patient(given_name="Adalgisa")
    other_practice.registered(given_name="Bertoldo", email=patient["email"])
    practice.patient(given_name="Cunegonda", email=patient["email"])
    invite_by_mail(practice, patient)
    message = mail_to(demo, patient["email"], 2)[-1]
    register(practice, token_of(message), patient, "a password of somebody alone")
    api.good(practice.anonymous.post("/patient/auth/password-reset", {"email": patient["email"]}), 202)
    for one in mail_to(demo, patient["email"], 5):
        assert not any(name in text for text in texts_of(one) for name in ("Adalgisa", "Bertoldo", "Cunegonda"))


def test_a_reset_says_which_account_of_a_family_it_is_for(practice, demo):
    names = ("Adalgisa", "Bertoldo", "Cunegonda")
    family = [practice.registered(given_name=names[0])]
    family += [practice.registered(given_name=name, email=family[0]["email"]) for name in names[1:]]
    address = family[0]["email"]
    before = len(mail_to(demo, address, len(family)))
    api.good(practice.anonymous.post("/patient/auth/password-reset", {"email": address}), 202)
    links = {}
    for message in mail_to(demo, address, before + len(family))[before:]:
        named = {name for name in names if all(f"the account of {name}." in text for text in texts_of(message))}
        assert len(named) == 1 and sum(name in texts_of(message)[0] for name in names) == 1
        links[named.pop()] = token_of(message)
    assert sorted(links) == sorted(names)
    chosen = family[1] | {"password": "a new password for one of them"}
    api.good(practice.anonymous.post("/patient/auth/password-reset/confirm", {"token": links["Bertoldo"],
                                                                              "password": chosen["password"]}))
    for person in (family[0], chosen, family[2]):
        assert api.good(log_in(caller(practice), "/patient", person))["patient"]["id"] == person["id"]
    api.problem(log_in(caller(practice), "/patient", family[1]), 401, "sign-in-refused")

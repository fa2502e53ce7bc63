"""Passkeys: adding, a second factor, fresh proof, a whole sign-in, keeping; both realms [6.3.3, 6.3.7, 6.5.1]."""

import concurrent.futures
import json
import pathlib

import pytest
from conftest import unique
from support import client as api
from support.authenticator import AT, BE, BS, EDDSA, ES256, RS256, UP, UV, Authenticator, b64, unb64
from support.tokens import token_hash
from test_accounts import NEW_PASSWORD, PATIENT, STAFF, Person, id_of, link_of, make_stale, messages


@pytest.fixture(params=[STAFF, PATIENT])
def person(new_practice, request):
    """From an address that no other test has: failures are counted by address, too."""
    practice = new_practice()
    practice.anonymous = api.Client(practice.anonymous.base_url, practice.anonymous.ca_file)
    return Person(practice, request.param)


def from_elsewhere(person):
    """At an address of their own: what is wrong is counted by address, too."""
    person.anonymous = api.Client(person.anonymous.base_url, person.anonymous.ca_file)
    return person


@pytest.fixture
def origin(demo):
    """What a browser would say: the instance's own address, not the one that tests connect to."""
    return json.loads((pathlib.Path(demo["var"]) / "demo.json").read_text(encoding="utf-8"))["base_url"]


def options(client, person, body=None):
    body = {"current_password": person.password} if body is None and person.realm == PATIENT else body
    return client.post(f"{person.realm}/profile/passkeys/options", body)


def register(client, person, authenticator, name="My phone", **changes):
    public_key = api.good(options(client, person))["public_key"]
    made = authenticator.create(public_key, **changes)
    return client.post(f"{person.realm}/profile/passkeys", {"name": name, "passkey": made})


def enrolled(person, origin, **kwargs):
    """(client, authenticator, reply) of an account with a passkey."""
    client, authenticator = person.sign_in(), Authenticator(origin, **kwargs)
    return client, authenticator, api.good(register(client, person, authenticator), 201)


def begin_mfa(person):
    first = api.good(person.first_step())
    assert first["status"] == "mfa_required" and "passkey" in first["factors"]
    asked = api.good(person.anonymous.post(f"{person.realm}/auth/mfa/passkey/options", {"mfa_token": first["mfa_token"]}))
    return first["mfa_token"], asked["public_key"]


def second_step(person, token, passkey):
    return person.anonymous.post(f"{person.realm}/auth/mfa", {"mfa_token": token, "passkey": passkey})


def begin(person):
    return api.good(person.anonymous.post(f"{person.realm}/auth/passkey/options"))["public_key"]


def alone(person, passkey, **more):
    return person.anonymous.post(f"{person.realm}/auth/passkey", {"passkey": passkey, "session": "bearer"} | more)


# --- Adding

@pytest.mark.parametrize("algorithm", [ES256, EDDSA, RS256])
@pytest.mark.parametrize("fmt", ["none", "packed"])
def test_a_passkey_is_added_and_is_a_second_factor(demo, person, origin, algorithm, fmt):
    client, authenticator = person.sign_in(), Authenticator(origin, algorithm)
    asked = api.good(options(client, person))["public_key"]
    assert asked["rp"] == {"id": "localhost", "name": person.practice.name} and asked["user"]["name"] == person.email
    assert len(unb64(asked["challenge"])) == 32 and len(unb64(asked["user"]["id"])) == 16
    assert [one["alg"] for one in asked["pubKeyCredParams"]] == [ES256, EDDSA, RS256]
    added = api.good(client.post(f"{person.realm}/profile/passkeys", {
        "name": "Schlüssel", "passkey": authenticator.create(asked, fmt=fmt)}), 201)
    assert added["status"] == "enrolled" and added["passkey"]["name"] == "Schlüssel"
    # Recovery codes come with the first second factor; staff has an authenticator app already.
    assert ("recovery_codes" in added) == (person.realm == PATIENT)
    assert messages(demo, person.email, "Passkey added")
    token, public_key = begin_mfa(person)
    assert [one["id"] for one in public_key["allowCredentials"]] == [b64(authenticator.id)]
    assert public_key["allowCredentials"][0]["transports"] == ["hybrid", "internal"]
    done = api.good(second_step(person, token, authenticator.get(public_key)))
    assert done["status"] == "signed_in"
    profile = api.good(person.anonymous.again(done["access_token"]).get(f"{person.realm}/profile"))
    assert profile["mfa"]["passkeys"] == 1


WRONG = {
    "type": ({"client_data": {"type": "webauthn.get"}}, "type"),
    "origin": ({"client_data": {"origin": "https://evil.example"}}, "origin"),
    "cross origin": ({"client_data": {"crossOrigin": True}}, "cross-origin"),
    "top origin": ({"client_data": {"topOrigin": "https://evil.example"}}, "cross-origin"),
    "cross origin is text": ({"client_data": {"crossOrigin": "false"}}, "client-data"),
    "foreign challenge": ({"client_data": {"challenge": b64(bytes(32))}}, "challenge"),
    "short challenge": ({"client_data": {"challenge": "AAAA"}}, "challenge"),
    "rp id": ({"rp_id": "evil.example"}, "rp-id"),
    "no presence": ({"flags": UV}, "user-presence"),
    "backed up, not eligible": ({"flags": UP | BS}, "backup-state"),
    "bytes behind": ({"tail": b"\x00"}, "authenticator-data"),
    "no key": ({"cose": b""}, "authenticator-data"),
    "not on the curve": ({"cose": Authenticator("x").key.cose()[:-1] + b"\x00"}, "public-key"),
    "algorithm": ({"cose": b"\xa5\x01\x02\x03\x38\x22\x20\x02\x21\x40\x22\x40"}, "algorithm"),
    "format": ({"fmt": "fido-u2f"}, "attestation-format"),
    "none with a statement": ({"statement": {"alg": -7}}, "attestation-statement"),
    "packed without one": ({"fmt": "packed", "statement": {}}, "attestation-statement"),
    "packed, signed by another": ({"fmt": "packed", "statement": {"alg": -7, "sig": Authenticator("x").key.sign(b"x")}},
                                  "signature"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_with_a_registration_is_said_and_its_challenge_is_spent(practice, origin, case, database):
    changes, code = WRONG[case]
    person = from_elsewhere(Person(practice, PATIENT))
    client, authenticator = person.sign_in(), Authenticator(origin)
    asked = api.good(options(client, person))["public_key"]
    body = {"name": "x", "passkey": authenticator.create(asked, **changes)}
    faults = api.problem(client.post("/patient/profile/passkeys", body), 422, "passkey-invalid")["errors"]
    assert [fault["code"] for fault in faults] == [code]
    if "client_data" not in changes:
        faults = api.problem(client.post("/patient/profile/passkeys", {
            "name": "x", "passkey": authenticator.create(asked)}), 422, "passkey-invalid")["errors"]
        assert [fault["code"] for fault in faults] == ["challenge"]
    assert api.good(client.get("/patient/profile/passkeys"))["items"] == []


def test_a_challenge_registers_once_in_time_and_for_its_own_account(person, origin, database, practice):
    client, authenticator = person.sign_in(), Authenticator(origin)
    path = f"{person.realm}/profile/passkeys"
    asked = api.good(options(client, person))["public_key"]
    stranger = from_elsewhere(Person(practice, PATIENT))
    body = {"name": "x", "passkey": authenticator.create(asked)}
    api.problem(stranger.sign_in().post("/patient/profile/passkeys", body), 422, "passkey-invalid")
    with database.cursor() as cursor:
        cursor.execute("UPDATE auth.passkey_challenge SET expires_at = now() - interval '1 second' WHERE account_id = %s",
                       (id_of(database, person),))
    api.problem(client.post(path, body), 422, "passkey-invalid")
    body = {"name": "x", "passkey": authenticator.create(api.good(options(client, person))["public_key"])}
    api.good(client.post(path, body), 201)
    asked = begin(person)
    taken = api.good(alone(person, authenticator.get(asked)))
    again = person.anonymous.again(taken["access_token"])
    # The same credential once more, by a browser that ignores `excludeCredentials`.
    api.problem(register(again, person, authenticator), 409, "passkey-taken")


def test_idempotency_key_answers_the_same_reply(person, origin):
    client, authenticator = person.sign_in(), Authenticator(origin)
    path, key = f"{person.realm}/profile/passkeys", {"Idempotency-Key": unique("key")}
    body = {"name": "x", "passkey": authenticator.create(api.good(options(client, person))["public_key"])}
    first = client.post(path, body, headers=key)
    assert api.good(first, 201) == api.good(client.post(path, body, headers=key), 201)
    api.problem(client.post(path, body | {"name": "y"}, headers=key), 422, "idempotency-key-reused")
    assert len(api.good(client.get(path))["items"]) == 1


def test_another_factor_needs_fresh_proof_and_ten_are_enough(person, origin, database):
    """[7.5.1]"""
    client, authenticator, _ = enrolled(person, origin)
    make_stale(database, person)
    api.problem(options(client, person), 403, "step-up-required")
    with database.cursor() as cursor:
        cursor.execute("UPDATE auth.session SET stepped_up_at = now() WHERE account_id = %s", (id_of(database, person),))
    asked = api.good(options(client, person))["public_key"]
    assert [one["id"] for one in asked["excludeCredentials"]] == [b64(authenticator.id)]
    last = Authenticator(origin).create(asked)
    make_stale(database, person)
    body = {"name": "x", "passkey": last}
    api.problem(client.post(f"{person.realm}/profile/passkeys", body), 403, "step-up-required")
    with database.cursor() as cursor:
        cursor.execute("UPDATE auth.session SET stepped_up_at = now() WHERE account_id = %s", (id_of(database, person),))
    for _ in range(9):
        api.good(register(client, person, Authenticator(origin)), 201)
    api.problem(options(client, person), 409, "passkey-limit")
    assert len(api.good(client.get(f"{person.realm}/profile/passkeys"))["items"]) == 10
    # One that was begun when there were fewer.
    api.problem(client.post(f"{person.realm}/profile/passkeys", body), 409, "passkey-limit")


def test_without_a_session_or_an_unfinished_sign_in_nothing_is_begun(anonymous):
    for path in ("/admin/profile/passkeys/options", "/patient/profile/passkeys/options"):
        api.problem(anonymous.again().post(path, {} if "patient" in path else None), 401, "not-signed-in")
    api.problem(anonymous.again().post("/patient/profile/passkeys/options", {"mfa_token": "A" * 43}), 401, "challenge-gone")
    for pre in (STAFF, PATIENT):
        api.problem(anonymous.again().post(f"{pre}/auth/mfa/passkey/options", {"mfa_token": "A" * 43}), 401, "challenge-gone")


def test_a_required_second_factor_may_be_a_passkey(demo, new_practice, origin):
    """Enrolled while signing in [6.3.3]."""
    practice = new_practice("required")
    person = from_elsewhere(Person(practice, PATIENT))
    first = api.good(person.first_step())
    assert first["status"] == "mfa_enrolment_required"
    token = {"mfa_token": first["mfa_token"]}
    authenticator = Authenticator(origin)
    asked = api.good(person.anonymous.post("/patient/profile/passkeys/options", token))["public_key"]
    assert asked["user"]["name"] == person.email
    body = {"name": "Phone", "passkey": authenticator.create(asked)} | token
    added = api.good(person.anonymous.post("/patient/profile/passkeys", body), 201)
    assert added["status"] == "signed_in" and len(added["recovery_codes"]) == 10
    client = person.anonymous.again(added["access_token"])
    assert api.good(client.get("/patient/profile"))["mfa"] == {
        "required": True, "totp": False, "passkeys": 1, "recovery_codes_left": 10}
    api.problem(person.anonymous.post("/patient/profile/passkeys", body), 401, "challenge-gone")
    # A recovery code does in place of it; the last second factor stays.
    token = api.good(person.first_step())["mfa_token"]
    done = api.good(person.anonymous.post("/patient/auth/mfa", {"mfa_token": token,
                                                                "recovery_code": added["recovery_codes"][0]}))
    client = person.anonymous.again(done["access_token"])
    api.problem(client.delete(f"/patient/profile/passkeys/{added['passkey']['id']}"), 409, "last-factor")


def test_another_sign_in_that_was_faster_ends_the_one_that_adds_a_factor(new_practice, origin):
    """[6.3.4]"""
    person = from_elsewhere(Person(new_practice("required"), PATIENT))
    first, late = ({"mfa_token": api.good(person.first_step())["mfa_token"]} for _ in range(2))
    asked = [api.good(person.anonymous.post("/patient/profile/passkeys/options", token))["public_key"] for token in (first, late)]
    bodies = [{"name": "x", "passkey": Authenticator(origin).create(one)} for one in asked]
    api.good(person.anonymous.post("/patient/profile/passkeys", bodies[0] | first), 201)
    api.problem(person.anonymous.post("/patient/profile/passkeys", bodies[1] | late), 401, "challenge-gone")
    api.problem(person.anonymous.post("/patient/profile/passkeys/options", late), 401, "challenge-gone")
    api.problem(person.anonymous.post("/patient/profile/mfa/totp", late), 401, "challenge-gone")


# --- Second factor

REFUSED = {"type": {"client_data": {"type": "webauthn.create"}}, "origin": {"client_data": {"origin": "https://evil.example"}},
           "rp id": {"rp_id": "evil.example"}, "no presence": {"flags": UV}, "key in it": {"flags": UP | AT},
           "eligible now": {"flags": UP | UV | BE}, "signature": {"wrong": True}, "whose": {"handle": b64(bytes(16))}}


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_assertion_is_refused(practice, origin, case):
    person = from_elsewhere(Person(practice, PATIENT))
    _, authenticator, _ = enrolled(person, origin)
    token, public_key = begin_mfa(person)
    api.problem(second_step(person, token, authenticator.get(public_key, **REFUSED[case])), 401, "passkey-refused")
    public_key = begin(person)
    api.problem(alone(person, authenticator.get(public_key, **REFUSED[case])), 401, "passkey-refused")
    api.good(alone(person, authenticator.get(begin(person))))


def test_a_challenge_is_good_once_for_its_purpose_and_its_realm(person, origin, database):
    """[6.5.1]"""
    _, authenticator, _ = enrolled(person, origin)
    public_key = begin(person)
    passkey = authenticator.get(public_key)
    other = STAFF if person.realm == PATIENT else PATIENT
    api.problem(person.anonymous.post(f"{other}/auth/passkey", {"passkey": passkey}), 401, "challenge-gone")
    token, asked = begin_mfa(person)
    api.problem(second_step(person, token, passkey), 401, "challenge-gone")
    api.problem(alone(person, authenticator.get(asked)), 401, "challenge-gone")
    api.good(alone(person, authenticator.get(public_key)))
    api.problem(alone(person, authenticator.get(public_key)), 401, "challenge-gone")
    public_key = begin(person)
    with database.cursor() as cursor:
        cursor.execute("UPDATE auth.passkey_challenge SET expires_at = now() - interval '1 second' WHERE challenge_hash = %s",
                       (token_hash("passkey", public_key["challenge"]),))
        assert cursor.rowcount == 1
    api.problem(alone(person, authenticator.get(public_key)), 401, "challenge-gone")


def test_fifty_at_once_use_an_assertion_once(person, origin):
    _, authenticator, _ = enrolled(person, origin)
    passkey = authenticator.get(begin(person))
    callers = [api.Client(person.anonymous.base_url, person.anonymous.ca_file) for _ in range(50)]
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda caller: caller.post(f"{person.realm}/auth/passkey", {"passkey": passkey}), callers))
    codes = [answer.status_code for answer in answers]
    assert codes.count(200) == 1 and set(codes) <= {200, 401, 503}


def test_without_a_passkey_there_is_nothing_to_ask_for(person):
    client = person.sign_in()
    api.problem(client.post(f"{person.realm}/auth/step-up/passkey/options"), 409, "enrolment-state")
    if person.realm == STAFF:
        first = api.good(person.first_step())
        assert first["factors"] == ["totp"]
    else:
        person.enrol(client)
        first = api.good(person.first_step())
    api.problem(person.anonymous.post(f"{person.realm}/auth/mfa/passkey/options", {"mfa_token": first["mfa_token"]}), 409,
                "enrolment-state")


def test_exactly_one_factor_is_taken(person, origin):
    _, authenticator, _ = enrolled(person, origin)
    token, asked = begin_mfa(person)
    passkey = authenticator.get(asked)
    for bad in ({}, {"passkey": passkey, "code": "123456"}, {"passkey": {}}, {"passkey": passkey | {"extra": 1}},
                {"passkey": passkey | {"type": "password"}}, {"passkey": passkey | {"id": "not base64url!"}}):
        api.problem(person.anonymous.post(f"{person.realm}/auth/mfa", {"mfa_token": token} | bad), 400, "invalid-request")
    api.problem(second_step(person, token, passkey | {"rawId": b64(bytes(32))}), 401, "passkey-refused")


@pytest.mark.parametrize("handle", [None, ""])
def test_a_second_factor_need_not_say_whose_it_is(person, origin, handle):
    _, authenticator, _ = enrolled(person, origin)
    token, asked = begin_mfa(person)
    assert api.good(second_step(person, token, authenticator.get(asked, handle=handle)))["status"] == "signed_in"


# --- Signing in with it alone

def test_a_passkey_alone_signs_in_when_it_verified_its_user(person, origin):
    """[6.3.3]"""
    _, authenticator, _ = enrolled(person, origin)
    public_key = begin(person)
    assert public_key["allowCredentials"] == [] and public_key["userVerification"] == "required"
    api.problem(alone(person, authenticator.get(public_key, flags=UP)), 401, "passkey-refused")
    for absent in (None, ""):
        api.problem(alone(person, authenticator.get(begin(person), handle=absent)), 401, "passkey-refused")
    done = api.good(alone(person, authenticator.get(begin(person))))
    assert done["status"] == "signed_in"
    client = person.anonymous.again(done["access_token"])
    api.good(client.post(f"{person.realm}/profile/mfa/recovery-codes"))  # it is fresh
    answer = person.anonymous.again().post(f"{person.realm}/auth/passkey", {"passkey": authenticator.get(begin(person))})
    assert "access_token" not in api.good(answer) and answer.headers["Set-Cookie"].startswith("__Host-anamnesis_")


def test_unknown_passkeys_and_wrong_signatures_get_the_same_answer(person, origin):
    """[6.3.8]"""
    _, authenticator, _ = enrolled(person, origin)
    unknown = Authenticator(origin)
    unknown.handle = authenticator.handle
    first = api.problem(alone(person, unknown.get(begin(person))), 401, "passkey-refused")
    second = api.problem(alone(person, authenticator.get(begin(person), wrong=True)), 401, "passkey-refused")
    assert {**first, "instance": ""} == {**second, "instance": ""}


def test_who_may_not_sign_in_does_not_by_passkey_either(person, origin, database):
    _, authenticator, _ = enrolled(person, origin)
    table, status = ("staff", "disabled") if person.realm == STAFF else ("patient", "archived")
    with database.cursor() as cursor:
        cursor.execute(f"UPDATE anamnesis.{table} SET status = %s WHERE id = %s", (status, id_of(database, person)))
    api.problem(alone(person, authenticator.get(begin(person))), 401, "passkey-refused")


@pytest.mark.parametrize("realm", [STAFF, PATIENT])
def test_guessing_has_to_wait(anonymous, origin, realm):
    """[6.3.1]"""
    caller = api.Client(anonymous.base_url, anonymous.ca_file)
    authenticator = Authenticator(origin)
    authenticator.handle = b64(bytes(16))
    fake = {"challenge": b64(bytes(32)), "rpId": "localhost"}
    passkey = authenticator.get(fake, client_data={"origin": "https://evil.example"})
    for _ in range(40):
        answer = caller.post(f"{realm}/auth/passkey", {"passkey": passkey})
        if answer.status_code == 429:
            break
    api.problem(answer, 429, "throttled")
    api.problem(caller.post(f"{realm}/auth/passkey/options"), 429, "throttled")


# --- Counts

def test_a_count_that_went_back_is_refused_told_and_noted(demo, person, origin):
    client, authenticator, added = enrolled(person, origin)
    api.good(alone(person, authenticator.get(begin(person))))
    used = authenticator.count
    for back in (used, used - 1):  # the same count, and one before it
        authenticator.count = back - 1
        api.problem(alone(person, authenticator.get(begin(person))), 401, "passkey-refused")
    assert messages(demo, person.email, "Passkey refused", 2)
    shown = api.good(client.get(f"{person.realm}/profile/passkeys"))["items"]
    assert [one["id"] for one in shown] == [added["passkey"]["id"]] and shown[0]["doubted_at"] is not None
    authenticator.count = used
    api.good(alone(person, authenticator.get(begin(person))))


def test_an_authenticator_that_does_not_count_is_taken(person, origin):
    _, authenticator, _ = enrolled(person, origin, counts=False, flags=UP | UV | BE | BS)
    for _ in range(2):
        api.good(alone(person, authenticator.get(begin(person))))


# --- Fresh proof

def test_a_passkey_gives_fresh_proof(person, origin, database):
    """[7.5.3]"""
    client, authenticator, _ = enrolled(person, origin)
    make_stale(database, person)
    path = f"{person.realm}/profile/mfa/recovery-codes"
    if person.realm == STAFF:
        api.problem(client.post(path), 403, "step-up-required")
    asked = api.good(client.post(f"{person.realm}/auth/step-up/passkey/options"))["public_key"]
    api.problem(client.post(f"{person.realm}/auth/step-up", {"passkey": authenticator.get(asked, wrong=True)}), 401,
                "passkey-refused")
    asked = api.good(client.post(f"{person.realm}/auth/step-up/passkey/options"))["public_key"]
    passkey = authenticator.get(asked)
    done = api.good(client.post(f"{person.realm}/auth/step-up", {"passkey": passkey}))
    assert done["status"] == "fresh"
    client = client.again(done["access_token"])
    assert len(api.good(client.post(path))["recovery_codes"]) == 10
    api.problem(client.post(f"{person.realm}/auth/step-up", {"passkey": passkey}), 401, "challenge-gone")


# --- Keeping

def test_passkeys_are_renamed_by_their_owner(person, origin, practice):
    client, _, added = enrolled(person, origin)
    path = f"{person.realm}/profile/passkeys/{added['passkey']['id']}"
    renamed = api.good(client.patch(path, {"name": "Key ring"}, 1))
    assert renamed == added["passkey"] | {"name": "Key ring", "revision": 2}
    api.problem(client.patch(path, {"name": "x"}, 1), 412, "stale-revision")
    api.problem(client.patch(path, {"name": "x"}), 428, "precondition-required")
    for bad in ({}, {"name": ""}, {"name": " "}, {"name": "x" * 101}, {"name": "x", "id": "y"}):
        api.problem(client.patch(path, bad, 2), 400, "invalid-request")
    assert api.good(client.patch(path, {"name": "𝔘" * 100}, 2))["name"] == "𝔘" * 100
    stranger = practice.staff("owner") if person.realm == STAFF else from_elsewhere(Person(practice, PATIENT)).sign_in()
    api.problem(stranger.patch(path, {"name": "x"}, 3), 404, "not-found")


def test_passkeys_are_removed_with_fresh_proof(demo, person, origin, database, fresh):
    client, authenticator, added = enrolled(person, origin)
    path = f"{person.realm}/profile/passkeys/{added['passkey']['id']}"
    make_stale(database, person)
    api.problem(client.delete(path), 403, "step-up-required")
    fresh(client)
    api.problem(client.delete(f"{person.realm}/profile/passkeys/{id_of(database, person)}"), 404, "not-found")
    assert client.delete(path).status_code == 204
    assert messages(demo, person.email, "Passkey removed")
    api.problem(client.delete(path), 404, "not-found")
    api.problem(alone(person, authenticator.get(begin(person))), 401, "passkey-refused")
    mfa = api.good(client.get(f"{person.realm}/profile"))["mfa"]
    assert mfa["passkeys"] == 0 and mfa["recovery_codes_left"] == 0


def test_the_last_second_factor_of_staff_stays(demo, new_practice, origin, fresh):
    person = Person(new_practice(), STAFF)
    client = person.sign_in()
    api.problem(client.delete("/admin/profile/mfa/totp"), 409, "last-factor")
    authenticator = Authenticator(origin)
    added = api.good(register(client, person, authenticator), 201)
    assert client.delete("/admin/profile/mfa/totp").status_code == 204
    assert messages(demo, person.email, "Second factor removed")
    api.problem(client.delete("/admin/profile/mfa/totp"), 409, "enrolment-state")
    api.problem(client.post("/admin/auth/step-up", {"code": "123456"}), 409, "enrolment-state")
    api.problem(client.delete(f"/admin/profile/passkeys/{added['passkey']['id']}"), 409, "last-factor")
    token, asked = begin_mfa(person)
    client = person.anonymous.again(api.good(second_step(person, token, authenticator.get(asked)))["access_token"])
    codes = api.good(client.post("/admin/profile/mfa/recovery-codes"))["recovery_codes"]
    token = api.good(person.first_step())["mfa_token"]
    api.good(person.anonymous.post("/admin/auth/mfa", {"mfa_token": token, "recovery_code": codes[0]}))


def test_whoever_begins_anew_loses_their_passkeys(demo, person, origin, database, fresh):
    """Whoever has the old authenticator does not come in by it [6.4.4]."""
    practice, account = person.practice, id_of(database, person)
    _, authenticator, _ = enrolled(person, origin)
    if person.realm == STAFF:
        api.good(practice.staff("owner").post(f"/admin/staff/{account}/recover"))
        token = link_of(messages(demo, person.email, "Your account with")[-1]).split("#")[1]
        api.good(person.anonymous.post("/admin/register", {"token": token, "password": NEW_PASSWORD}))
    else:
        api.good(fresh(practice.staff()).post(f"/admin/patients/{account}/recover", {}), 201)
        link = link_of(messages(demo, person.email, "Your invitation")[-1])
        api.good(person.anonymous.post("/patient/register", {
            "token": link.split("#")[1], "birth_date": person.account["birth_date"],
            "password": NEW_PASSWORD}), 201)
    api.problem(alone(person, authenticator.get(begin(person))), 401, "passkey-refused")
    assert "factors" not in api.good(person.first_step(NEW_PASSWORD))

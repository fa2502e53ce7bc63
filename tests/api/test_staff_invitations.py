"""How staff join by a link, enrol their first app, and begin anew when they have lost their factors."""

import concurrent.futures

from conftest import unique
from support import client as api
from support import contract, sessions
from support.authenticator import Authenticator
from test_accounts import link_of, messages

PASSWORD = "a long password of my own"
SUBJECT = "Your account with"


def invite(owner, role="assistant", address=None, **kwargs):
    return owner.post("/admin/staff", {"name": "Somebody New", "email": address or f"{unique('new')}@example.org",
                                       "role": role}, **kwargs)


def token_of(demo, address, count=1):
    page, token = link_of(messages(demo, address, SUBJECT, count)[-1]).split("#")
    assert page.endswith("/register/staff")
    return token


def register(owner, token, password=PASSWORD):
    return owner.practice.anonymous.post("/admin/register", {"token": token, "password": password})


def first_sign_in(owner, address, password=PASSWORD):
    """(client, seed, recovery codes) of somebody who enrols an app while signing in."""
    anonymous = owner.practice.anonymous
    begun = api.good(anonymous.post("/admin/auth/login", {"email": address, "password": password, "session": "bearer"}))
    assert begun["status"] == "mfa_enrolment_required"
    mfa = {"mfa_token": begun["mfa_token"]}
    api.problem(anonymous.post("/admin/auth/mfa/totp/confirm", mfa | {"code": "000000"}), 409, "enrolment-state")
    seed = api.good(anonymous.post("/admin/auth/mfa/totp", mfa))["secret"]
    wrong = "000000" if api.totp(seed) != "000000" else "000001"
    api.problem(anonymous.post("/admin/auth/mfa/totp/confirm", mfa | {"code": wrong}), 401, "code-refused")
    done = api.good(anonymous.post("/admin/auth/mfa/totp/confirm", mfa | {"code": api.totp(seed)}))
    api.problem(anonymous.post("/admin/auth/mfa/totp", mfa), 401, "challenge-gone")
    return anonymous.again(done["access_token"]), seed, done


def test_from_the_invitation_to_the_first_session(owner, demo):
    """[6.4.1]"""
    made = api.good(invite(owner), 201)
    assert made["status"] == "invited"
    token = token_of(demo, made["email"])
    shown = api.good(owner.practice.anonymous.post("/admin/register/validate", {"token": token}))
    assert (shown["practice_name"], shown["role"]) == (owner.practice.name, "assistant")
    assert api.good(register(owner, token), 201) == {"staff_id": made["id"], "status": "registered"}
    client, _, done = first_sign_in(owner, made["email"])
    assert done["staff"]["id"] == made["id"] and len(done["recovery_codes"]) == 10
    assert api.good(client.get("/admin/auth/session"))["staff"]["name"] == "Somebody New"
    api.good(client.get("/admin/patients"))
    for path, body in (("/admin/register", {"token": token, "password": PASSWORD}),
                       ("/admin/register/validate", {"token": token})):
        api.problem(owner.practice.anonymous.post(path, body), 410, "invitation-gone")


def test_a_refused_password_does_not_spend_the_link(owner, demo):
    """[6.2.1, 6.2.4]"""
    made = api.good(invite(owner), 201)
    token = token_of(demo, made["email"])
    for weak in ("short", "password123", made["email"]):
        faults = api.problem(register(owner, token, weak), 422, "password-refused")["errors"]
        assert [fault["pointer"] for fault in faults] == ["/password"]
    api.good(register(owner, token), 201)


def test_a_link_ends_with_its_time_with_a_newer_one_and_with_the_account(owner, demo, database):
    """[6.5.5]"""
    made = api.good(invite(owner), 201)
    first = token_of(demo, made["email"])
    api.good(owner.post(f"/admin/staff/{made['id']}/recover"), 202)
    second = token_of(demo, made["email"], 2)
    api.problem(register(owner, first), 410, "invitation-gone")
    with database.cursor() as cursor:
        cursor.execute("UPDATE auth.staff_invitation SET expires_at = now() WHERE staff_id = %s AND used_at IS NULL",
                       (made["id"],))
    api.problem(register(owner, second), 410, "invitation-gone")
    api.good(owner.post(f"/admin/staff/{made['id']}/recover"), 202)
    third = token_of(demo, made["email"], 3)
    api.good(owner.delete(f"/admin/staff/{made['id']}", revision=1), 204)
    api.problem(register(owner, third), 410, "invitation-gone")
    api.problem(owner.post(f"/admin/staff/{made['id']}/recover"), 409, "not-active")
    taken_up = api.good(owner.patch(f"/admin/staff/{made['id']}", {"status": "active"}, revision=2))
    assert taken_up["status"] == "invited"


def test_one_of_many_registrations_at_once_succeeds(owner, demo):
    token = token_of(demo, api.good(invite(owner), 201)["email"])
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(lambda _: register(owner, token).status_code, range(8)))
    assert statuses[0] == 201 and 201 not in statuses[1:] and set(statuses[1:]) <= {410, 429, 503}


def test_an_address_signs_in_to_one_account(owner):
    taken = owner.practice.accounts["physician"]["email"]
    api.problem(invite(owner, address=taken.upper()), 409, "staff-email-taken")
    api.problem(invite(owner, address="no address"), 400, "invalid-request")


def test_an_invitation_that_is_sent_again_is_made_once(owner, demo):
    address, key = f"{unique('new')}@example.org", {"Idempotency-Key": unique("key")}
    first, second = (api.good(invite(owner, address=address, headers=key), 201) for _ in range(2))
    assert first == second and len(messages(demo, address, SUBJECT)) == 1
    api.problem(invite(owner, address=f"{unique('other')}@example.org", headers=key), 422, "idempotency-key-reused")


def test_guessed_links_make_the_address_wait(owner):
    """[6.3.1]"""
    guesser = api.Client(owner.base_url, owner.ca_file)
    for path, more in (("/admin/register/validate", {}), ("/admin/register", {"password": PASSWORD})):
        for _ in range(60):
            answer = guesser.post(path, {"token": contract.TOKEN} | more)
            if answer.status_code == 429:
                break
            api.problem(answer, 410, "invitation-gone")
        api.problem(answer, 429, "throttled")


def test_who_has_lost_their_factors_begins_anew(owner, demo, database):
    """Sessions end with the new link; password and factors are replaced by using it. [6.4.4, 7.4.2]"""
    account = owner.practice.accounts["physician"]
    physician = owner.practice.anonymous.again(
        sessions.open_session(database, "staff", owner.ids["physician"], owner.practice.id))
    api.good(owner.post(f"/admin/staff/{owner.ids['physician']}/recover"), 202)
    api.problem(physician.get("/admin/patients"), 401, "not-signed-in")
    # Nothing else has changed until the link is used.
    begun = {"email": account["email"], "password": account["password"]}
    assert api.good(owner.practice.anonymous.post("/admin/auth/login", begun))["status"] == "mfa_required"
    api.good(register(owner, token_of(demo, account["email"])), 201)
    api.problem(owner.practice.anonymous.post("/admin/auth/login", begun), 401, "sign-in-refused")
    client, seed, _ = first_sign_in(owner, account["email"])
    assert seed != account["totp_secret"]
    api.good(client.get("/admin/patients"))
    assert messages(demo, account["email"], "You are registered")


def joined(owner, demo):
    """The answer to the first sign-in of somebody who has just set a password."""
    made = api.good(invite(owner), 201)
    api.good(register(owner, token_of(demo, made["email"])), 201)
    begun = api.good(owner.practice.anonymous.post("/admin/auth/login", {
        "email": made["email"], "password": PASSWORD, "session": "bearer"}))
    assert begun["status"] == "mfa_enrolment_required"
    return made, {"mfa_token": begun["mfa_token"]}


def test_the_first_second_factor_may_be_a_passkey(owner, demo):
    """No app is needed; without the passkey there is no session. [6.3.3, 6.3.7]"""
    made, mfa = joined(owner, demo)
    anonymous, path = owner.practice.anonymous, "/admin/auth/mfa/passkeys"
    origin = anonymous.base_url.replace("//127.0.0.1:", "//localhost:")
    authenticator = Authenticator(origin)
    asked = api.good(anonymous.post(f"{path}/options", mfa))["public_key"]
    assert asked["user"]["name"] == made["email"] and asked["excludeCredentials"] == []
    wrong = mfa | {"name": "Key", "passkey": authenticator.create(asked, client_data={"origin": "https://evil.example"})}
    faults = api.problem(anonymous.post(path, wrong), 422, "passkey-invalid")["errors"]
    assert [fault["code"] for fault in faults] == ["origin"]
    asked = api.good(anonymous.post(f"{path}/options", mfa))["public_key"]
    done = api.good(anonymous.post(path, mfa | {"name": "Key", "passkey": authenticator.create(asked)}), 201)
    assert (done["status"], done["staff"]["id"], done["passkey"]["name"]) == ("signed_in", made["id"], "Key")
    assert len(done["recovery_codes"]) == 10
    client = anonymous.again(done["access_token"])
    assert api.good(client.get("/admin/profile"))["mfa"]["passkeys"] == 1
    assert messages(demo, made["email"], "Passkey added")
    # It is the only one, and stays.
    asked = api.good(client.post("/admin/auth/step-up/passkey/options"))["public_key"]
    fresh = api.good(client.post("/admin/auth/step-up", {"passkey": authenticator.get(asked)}))
    client = anonymous.again(fresh["access_token"])
    api.problem(client.delete(f"/admin/profile/passkeys/{done['passkey']['id']}"), 409, "last-factor")
    # From now on the password alone leads to the passkey.
    again = api.good(anonymous.post("/admin/auth/login", {"email": made["email"], "password": PASSWORD}))
    assert again["status"] == "mfa_required" and "passkey" in again["factors"] and "totp" not in again["factors"]


def test_an_unfinished_sign_in_adds_one_factor(owner, demo):
    _, mfa = joined(owner, demo)
    anonymous, path = owner.practice.anonymous, "/admin/auth/mfa/passkeys"
    origin = anonymous.base_url.replace("//127.0.0.1:", "//localhost:")
    one, other = Authenticator(origin), Authenticator(origin)
    first = api.good(anonymous.post(f"{path}/options", mfa))["public_key"]
    second = api.good(anonymous.post(f"{path}/options", mfa))["public_key"]
    api.good(anonymous.post(path, mfa | {"name": "Key", "passkey": one.create(first)}), 201)
    api.problem(anonymous.post(path, mfa | {"name": "Key", "passkey": other.create(second)}), 401, "challenge-gone")
    api.problem(anonymous.post(f"{path}/options", mfa), 401, "challenge-gone")
    # A key that somebody has already is nobody else's.
    _, theirs = joined(owner, demo)
    asked = api.good(anonymous.post(f"{path}/options", theirs))["public_key"]
    api.problem(anonymous.post(path, theirs | {"name": "Key", "passkey": one.create(asked)}), 409, "passkey-taken")


def test_two_unfinished_sign_ins_add_one_factor(owner, demo):
    """Given two first sign-ins under way, when one has added a factor, then the other is over, whatever it adds [6.3.4]."""
    made, mfa = joined(owner, demo)
    anonymous, path = owner.practice.anonymous, "/admin/auth/mfa/passkeys"
    origin = anonymous.base_url.replace("//127.0.0.1:", "//localhost:")
    login = {"email": made["email"], "password": PASSWORD, "session": "bearer"}
    late = {"mfa_token": api.good(anonymous.post("/admin/auth/login", login))["mfa_token"]}
    begun = api.good(anonymous.post(f"{path}/options", late))["public_key"]
    seed = api.good(anonymous.post("/admin/auth/mfa/totp", late))["secret"]
    first = api.good(anonymous.post(f"{path}/options", mfa))["public_key"]
    api.good(anonymous.post(path, mfa | {"name": "Key", "passkey": Authenticator(origin).create(first)}), 201)
    for refused in (anonymous.post(path, late | {"name": "Key", "passkey": Authenticator(origin).create(begun)}),
                    anonymous.post(f"{path}/options", late),
                    anonymous.post("/admin/auth/mfa/totp/confirm", late | {"code": api.totp(seed)}),
                    anonymous.post("/admin/auth/mfa/totp", late)):
        api.problem(refused, 401, "challenge-gone")
    again = api.good(anonymous.post("/admin/auth/login", login))
    assert (again["status"], again["factors"]) == ("mfa_required", ["passkey"])


def test_of_many_unfinished_sign_ins_at_once_one_adds_a_passkey(owner, demo):
    made, _ = joined(owner, demo)
    anonymous, path = owner.practice.anonymous, "/admin/auth/mfa/passkeys"
    origin = anonymous.base_url.replace("//127.0.0.1:", "//localhost:")
    login = {"email": made["email"], "password": PASSWORD, "session": "bearer"}
    bodies = []
    for _ in range(8):
        mfa = {"mfa_token": api.good(anonymous.post("/admin/auth/login", login))["mfa_token"]}
        asked = api.good(anonymous.post(f"{path}/options", mfa))["public_key"]
        bodies.append(mfa | {"name": "Key", "passkey": Authenticator(origin).create(asked)})
    with concurrent.futures.ThreadPoolExecutor(len(bodies)) as pool:
        answers = list(pool.map(lambda body: anonymous.again().post(path, body), bodies))
    assert sorted(answer.status_code for answer in answers) == [201] + 7 * [401]
    won = next(answer.json() for answer in answers if answer.status_code == 201)
    listed = api.good(anonymous.again(won["access_token"]).get("/admin/profile/passkeys"))["items"]
    assert [one["id"] for one in listed] == [won["passkey"]["id"]]

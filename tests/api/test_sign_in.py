"""Signing in, both realms: password, second factor, session, sign-out. [7.2.4]"""

import concurrent.futures
import time
import urllib.parse

import pytest
from support import client as api


def password_step(anonymous, account, **more):
    return anonymous.post("/admin/auth/login", {"email": account["email"], "password": account["password"]} | more)


def test_staff_need_a_second_factor(new_practice, anonymous):
    """[6.3.3]"""
    account = new_practice(roles=("owner",)).accounts["owner"]
    first = api.good(password_step(anonymous, account, session="bearer"))
    assert set(first) == {"status", "mfa_token", "factors"} and first["status"] == "mfa_required"
    assert first["factors"] == ["totp"]
    api.problem(anonymous.again(first["mfa_token"]).get("/admin/auth/session"), 401, "not-signed-in")
    done = api.good(anonymous.post("/admin/auth/mfa", {"mfa_token": first["mfa_token"],
                                                       "code": api.totp(account["totp_secret"])}))
    assert done["staff"]["email"] == account["email"] and done["staff"]["role"] == "owner"
    assert "Set-Cookie" not in done
    shown = api.good(anonymous.again(done["access_token"]).get("/admin/auth/session"))
    assert shown["staff"] == done["staff"]


def test_by_cookie_the_token_is_not_in_the_body(new_practice, anonymous):
    """[3.3.1, 3.3.2, 3.3.3, 3.3.4, 3.3.5, 7.4.1]"""
    account = new_practice(roles=("owner",)).accounts["owner"]
    browser = anonymous.again()
    first = api.good(password_step(browser, account))
    answer = browser.post("/admin/auth/mfa", {"mfa_token": first["mfa_token"], "code": api.totp(account["totp_secret"])})
    assert "access_token" not in api.good(answer)
    cookie = answer.headers["Set-Cookie"].split(", __Host-anamnesis_device=")[0]
    assert cookie.startswith("__Host-anamnesis_staff=")
    assert {part.strip() for part in cookie.split(";")[1:]} == {"Path=/", "Secure", "HttpOnly", "SameSite=Strict"}
    assert api.good(browser.get("/admin/auth/session"))["staff"]["role"] == "owner"
    left = browser.post("/admin/auth/logout")
    assert left.status_code == 204 and "Max-Age=0" in left.headers["Set-Cookie"]
    api.problem(browser.again().get("/admin/auth/session", headers={"Cookie": cookie.split(";")[0]}), 401,
                "not-signed-in")


def test_a_client_does_not_say_where_it_is(new_practice, anonymous):
    """[4.1.3] What proxies would say counts from nobody: sessions and failures are of the address that nginx saw."""
    account = new_practice(roles=("owner",)).accounts["owner"]
    forged = {"X-Forwarded-For": "192.0.2.7", "X-Real-IP": "192.0.2.7", "Forwarded": "for=192.0.2.7", "Client-IP": "192.0.2.7"}
    liar = anonymous.again()
    liar.http.headers.update(forged)
    sessions = api.good(api.sign_in_staff(liar, account).get("/admin/profile/sessions"))["items"]
    assert [one["client_address"].startswith("127.") for one in sessions] == [True]


def test_unknown_address_and_wrong_password_answer_alike(new_practice, anonymous):
    """[6.3.8]"""
    account = new_practice(roles=("owner",)).accounts["owner"]
    wrong = api.problem(password_step(anonymous, account | {"password": "wrong wrong wrong"}), 401, "sign-in-refused")
    unknown = api.problem(password_step(anonymous, {"email": "nobody@example.org", "password": "wrong wrong wrong"}),
                          401, "sign-in-refused")
    assert {**wrong, "instance": None} == {**unknown, "instance": None}


def test_the_address_is_compared_without_case(new_practice, anonymous):
    account = new_practice(roles=("owner",)).accounts["owner"]
    assert api.good(password_step(anonymous, account | {"email": account["email"].upper()}))["status"] == "mfa_required"


def test_after_failures_there_is_a_wait(new_practice, anonymous):
    """[6.3.1]"""
    account = new_practice(roles=("owner",)).accounts["owner"]
    someone = api.Client(anonymous.base_url, anonymous.ca_file)
    for _ in range(20):
        answer = password_step(someone, account | {"password": "wrong wrong wrong"})
        if answer.status_code == 429:
            break
        api.problem(answer, 401, "sign-in-refused")
    api.problem(answer, 429, "throttled")
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.headers["RateLimit"] == f'"failures";r=0;t={answer.headers["Retry-After"]}'
    # The right password waits too; and another account from another address does not.
    api.problem(password_step(someone, account), 429, "throttled")
    other = new_practice(roles=("owner",)).accounts["owner"]
    assert api.good(password_step(api.Client(anonymous.base_url, anonymous.ca_file), other))["status"] == "mfa_required"


def test_wrong_codes_spend_the_challenge(new_practice, anonymous):
    account = new_practice(roles=("owner",)).accounts["owner"]
    token = api.good(password_step(anonymous, account))["mfa_token"]
    right = {api.totp(account["totp_secret"], step_offset=offset) for offset in (-2, -1, 0, 1, 2)}
    wrong = next(code for code in (f"{n:06d}" for n in range(100)) if code not in right)
    codes = []
    for _ in range(8):
        answer = anonymous.post("/admin/auth/mfa", {"mfa_token": token, "code": wrong})
        codes.append((answer.status_code, answer.json()["code"]))
        if answer.status_code == 429:
            time.sleep(int(answer.headers["Retry-After"]))
    assert codes[0] == (401, "code-refused")
    assert (401, "challenge-gone") in codes
    answer = anonymous.post("/admin/auth/mfa", {"mfa_token": token, "code": api.totp(account["totp_secret"])})
    api.problem(answer, 401, "challenge-gone")


def test_one_code_counts_once_also_in_a_race(new_practice, anonymous):
    """[6.5.1] 50 sign-ins with the same code at the same moment, one session."""
    account = new_practice(roles=("owner",)).accounts["owner"]
    tokens = [api.good(password_step(anonymous, account))["mfa_token"] for _ in range(8)]
    code = api.totp(account["totp_secret"])

    def finish(token):
        return anonymous.again().post("/admin/auth/mfa", {"mfa_token": token, "code": code}).status_code
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(finish, tokens))
    assert statuses.count(200) == 1, statuses


def test_signing_out_ends_the_session_at_once(new_practice):
    """[7.4.1]"""
    staff = new_practice(roles=("owner",)).staff("owner")
    api.good(staff.get("/admin/auth/session"))
    assert staff.post("/admin/auth/logout").status_code == 204
    for path in ("/admin/auth/session", "/admin/questionnaires", "/admin/patients"):
        api.problem(staff.get(path), 401, "not-signed-in")


def test_a_patient_signs_in_and_out(practice, anonymous):
    patient, client = practice.signed_in_patient(language="de")
    shown = api.good(client.get("/patient/auth/session"))
    assert shown["patient"] == {"id": patient["id"], "practice_id": practice.id, "practice_name": practice.name,
                                "given_name": "Given", "family_name": "Family", "email": patient["email"],
                                "language": "de"}
    assert client.post("/patient/auth/logout").status_code == 204
    api.problem(client.get("/patient/auth/session"), 401, "not-signed-in")
    wrong = {"email": patient["email"], "password": "not the password at all"}
    api.problem(anonymous.post("/patient/auth/login", wrong), 401, "sign-in-refused")


def test_a_long_name_and_address_still_make_a_code_that_can_be_scanned(practice, database):
    patient, client = practice.signed_in_patient(email=f"{'x' * 60}@{'y' * 60}.{'z' * 60}.example")
    with database.cursor() as cursor:
        cursor.execute("UPDATE anamnesis.practice SET name = %s WHERE id = %s", ("\U00020000" * 60, practice.id))
        begun = api.good(client.post("/patient/profile/mfa/totp", {"current_password": patient["password"]}))
        cursor.execute("UPDATE anamnesis.practice SET name = %s WHERE id = %s", (practice.name, practice.id))
    assert len(begun["otpauth_uri"]) <= 1024 and "\U00020000" in urllib.parse.unquote(begun["otpauth_uri"])
    assert begun["qr_svg"].startswith("<svg")


def test_a_patient_enrols_a_second_factor_and_needs_it_from_then_on(practice, anonymous):
    patient, client = practice.signed_in_patient()
    begun = api.good(client.post("/patient/profile/mfa/totp", {"current_password": patient["password"]}))
    uri = urllib.parse.urlsplit(begun["otpauth_uri"])
    # Issuer and account: by both together authenticator apps tell one account from the others.
    assert urllib.parse.unquote(uri.path) == f"/{practice.name}:{patient['email']}"
    assert urllib.parse.parse_qs(uri.query)["issuer"] == [practice.name]
    assert urllib.parse.parse_qs(uri.query)["secret"] == [begun["secret"]]
    assert begun["qr_svg"].startswith("<svg") or begun["qr_svg"].startswith("<?xml")
    api.problem(client.post("/patient/profile/mfa/totp/confirm", {"code": "000000"}), 401, "code-refused")
    done = api.good(client.post("/patient/profile/mfa/totp/confirm", {"code": api.totp(begun["secret"])}))
    assert done["status"] == "enrolled" and len(done["recovery_codes"]) == 10
    api.problem(client.post("/patient/profile/mfa/totp", {}), 409, "enrolment-state")
    api.problem(client.post("/patient/profile/mfa/totp/confirm", {"code": "000000"}), 409, "enrolment-state")

    login = {"email": patient["email"], "password": patient["password"], "session": "bearer"}
    first = api.good(anonymous.post("/patient/auth/login", login))
    assert first["status"] == "mfa_required"
    reused = {"mfa_token": first["mfa_token"], "code": api.totp(begun["secret"])}
    api.problem(anonymous.post("/patient/auth/mfa", reused), 401, "code-refused")
    code = {"mfa_token": first["mfa_token"], "recovery_code": done["recovery_codes"][0].upper()}
    signed_in = api.good(anonymous.post("/patient/auth/mfa", code))
    api.good(anonymous.again(signed_in["access_token"]).get("/patient/auth/session"))
    again = api.good(anonymous.post("/patient/auth/login", login))
    code["mfa_token"] = again["mfa_token"]
    api.problem(anonymous.post("/patient/auth/mfa", code), 401, "code-refused")


def test_where_the_practice_requires_it_enrolment_comes_before_the_session(new_practice, anonymous):
    """[6.3.3]"""
    strict = new_practice(mfa="required")
    patient = strict.registered()
    login = {"email": patient["email"], "password": patient["password"], "session": "bearer"}
    first = api.good(anonymous.post("/patient/auth/login", login))
    assert first["status"] == "mfa_enrolment_required"
    begun = api.good(anonymous.post("/patient/profile/mfa/totp", {"mfa_token": first["mfa_token"]}))
    done = api.good(anonymous.post("/patient/profile/mfa/totp/confirm",
                                   {"mfa_token": first["mfa_token"], "code": api.totp(begun["secret"])}))
    assert done["status"] == "signed_in" and done["patient"]["id"] == patient["id"]
    api.good(anonymous.again(done["access_token"]).get("/patient/questionnaires"))
    assert api.good(anonymous.post("/patient/auth/login", login))["status"] == "mfa_required"


def test_confirming_without_an_enrolment(practice):
    _, client = practice.signed_in_patient()
    api.problem(client.post("/patient/profile/mfa/totp/confirm", {"code": "000000"}), 409, "enrolment-state")


@pytest.mark.parametrize("path", ["/admin/auth/mfa", "/patient/auth/mfa"])
def test_a_challenge_that_is_none(anonymous, path):
    api.problem(anonymous.post(path, {"mfa_token": "A" * 43, "code": "000000"}), 401, "challenge-gone")
    api.problem(anonymous.post(path, {"mfa_token": "A" * 43, "code": "000000", "recovery_code": "x" * 8}), 400,
                "invalid-request")


def test_a_patient_who_fails_has_to_wait_too(practice, anonymous):
    patient, client = practice.signed_in_patient()
    seed = api.good(client.post("/patient/profile/mfa/totp", {"current_password": patient["password"]}))["secret"]
    api.good(client.post("/patient/profile/mfa/totp/confirm", {"code": api.totp(seed)}))
    login = {"email": patient["email"], "password": patient["password"]}
    tokens = [api.good(anonymous.post("/patient/auth/login", login))["mfa_token"] for _ in range(2)]
    right = {api.totp(seed, step_offset=offset) for offset in (-2, -1, 0, 1, 2)}
    wrong = next(code for code in (f"{n:06d}" for n in range(100)) if code not in right)
    statuses = [anonymous.post("/patient/auth/mfa", {"mfa_token": tokens[n // 4], "code": wrong}).status_code
                for n in range(8)]
    assert statuses[0] == 401 and statuses[-1] == 429, statuses
    other = practice.registered()
    guesses = {"email": other["email"], "password": "wrong wrong wrong"}
    assert [anonymous.post("/patient/auth/login", guesses).status_code for _ in range(5)][-1] == 429

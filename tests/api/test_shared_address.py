"""Many at one address, one with many addresses: strangers are slowed down, and keep nobody out who was there before."""

import concurrent.futures

import pytest
from support import client as api
from support.authenticator import Authenticator, b64

DEVICE = "__Host-anamnesis_device"
FREE, ADDRESS_FREE = 3, 30  # failures of an account, and of an address, before they wait


def caller(practice, address=None, device=None):
    """Somebody at an address, with the device's token in a header (programs) when one is given."""
    made = api.Client(practice.anonymous.base_url, practice.anonymous.ca_file, address=address)
    if device:
        made.http.headers["Anamnesis-Device"] = device
    return made


def sign_in(client, email, password="not the right password"):
    return client.post("/patient/auth/login", {"email": email, "password": password, "session": "bearer"})


def right(client, patient):
    answer = sign_in(client, patient["email"], patient["password"])
    assert api.good(answer)["status"] == "signed_in"
    return answer


def crowd(client, count):
    """So many failures at accounts that nobody has; gives the statuses."""
    return [sign_in(client, f"nobody-{api.random_address()}-{number}@example.org").status_code for number in range(count)]


def until_it_waits(place, database):
    """Failures until the address waits, and then a minute, however slow the machine is."""
    answers = crowd(place, ADDRESS_FREE)
    while answers[-1] != 429 and len(answers) < ADDRESS_FREE + 10:
        answers += crowd(place, 1)
    assert answers[:ADDRESS_FREE] == [401] * ADDRESS_FREE and answers[-1] == 429
    with database.cursor() as cursor:
        cursor.execute("UPDATE auth.throttle SET blocked_until = now() + interval '1 minute' WHERE failures >= %s", (ADDRESS_FREE,))


def test_strangers_at_an_address_do_not_keep_out_who_was_there_before(practice, database):
    """[6.3.1]"""
    patients = [practice.registered() for _ in range(3)]
    place = caller(practice)
    device = right(place, patients[0]).headers["Anamnesis-Device"]
    right(caller(practice, place.address), patients[1])
    until_it_waits(place, database)
    right(caller(practice, place.address, device), patients[0])
    right(caller(practice, place.address), patients[0])  # has no token any more, but was here
    right(caller(practice, place.address), patients[1])
    api.problem(sign_in(caller(practice, place.address), patients[2]["email"], patients[2]["password"]), 429, "throttled")
    right(caller(practice), patients[2])


def test_an_account_under_attack_from_everywhere_is_open_to_its_own_devices(practice):
    """[6.3.1] A hundred addresses of a hundred networks, and one that has signed in before."""
    patient = practice.registered()
    device = right(caller(practice), patient).headers["Anamnesis-Device"]
    networks = [f"{api.random_site()}:{number:x}::1" for number in range(100)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda address: sign_in(caller(practice, address), patient["email"]).status_code, networks))
    assert answers.count(401) < 20 and answers.count(429) > 80
    api.problem(sign_in(caller(practice), patient["email"], patient["password"]), 429, "throttled")
    right(caller(practice, device=device), patient)
    right(caller(practice), patient)  # signing in has forgotten what strangers did


def test_a_stolen_device_token_gives_one_limit_and_nothing_else(practice):
    patient, other = practice.registered(), practice.registered()
    place = caller(practice)
    stolen = right(place, patient).headers["Anamnesis-Device"]
    mine = right(caller(practice), patient).headers["Anamnesis-Device"]
    thief = caller(practice, device=stolen)
    answers = [sign_in(thief, patient["email"]).status_code for _ in range(FREE + 2)]
    assert answers[:FREE] == [401] * FREE and set(answers[FREE:]) == {429}
    right(caller(practice, device=mine), patient)
    right(caller(practice), patient)
    # It is worth nothing at another account, and opens nothing.
    elsewhere = caller(practice, device=stolen)
    assert [sign_in(elsewhere, other["email"]).status_code for _ in range(FREE + 1)] == [401] * FREE + [429]
    api.problem(sign_in(caller(practice), other["email"], other["password"]), 429, "throttled")
    api.problem(elsewhere.again(stolen).get("/patient/profile"), 401, "not-signed-in")
    elsewhere.http.headers["Cookie"] = f"{DEVICE}={stolen}; __Host-anamnesis_patient={stolen}"
    api.problem(elsewhere.get("/patient/profile"), 401, "not-signed-in")


def test_a_made_up_device_token_is_worth_nothing(practice):
    patient = practice.registered()
    answers = [sign_in(caller(practice, device=b64(bytes([0] * 31 + [number]))), patient["email"]).status_code
               for number in range(FREE + 1)]
    assert answers == [401] * FREE + [429]


def test_single_typing_errors_of_a_clinic_lock_nobody(practice):
    """Thirty-three who mistype once, and twenty-nine who then get it right, behind one address."""
    place = caller(practice)
    patients = [practice.registered() for _ in range(29)]
    for number, patient in enumerate(patients):
        assert sign_in(place, patient["email"]).status_code == 401
        if number % 8 == 7:
            assert crowd(place, 1) == [401]
        right(caller(practice, place.address), patient)
    assert crowd(place, 1) == [401]
    right(caller(practice, place.address), practice.registered())


def test_links_and_passkeys_are_not_failed_sign_ins(practice):
    place, patient = caller(practice), practice.registered()
    passkey = Authenticator(practice.anonymous.base_url)
    passkey.handle = b64(bytes(16))
    wrong = passkey.get({"challenge": b64(bytes(32)), "rpId": "localhost"})
    for ask in (lambda: place.post("/patient/auth/password-reset", {"email": f"{api.random_address()}@example.org"}),
                lambda: place.post("/patient/auth/passkey", {"passkey": wrong}),
                lambda: place.post("/patient/register/validate", {"token": "A" * 43})):
        answers = [ask().status_code for _ in range(ADDRESS_FREE + 1)]
        assert answers[-1] == 429 and 429 not in answers[:ADDRESS_FREE]
    right(place, patient)


def test_a_network_of_ipv6_is_one_address(practice):
    """[6.3.1] Sixty guesses, each from another address of one /64; its neighbour is another one, and softer their site."""
    site = api.random_site()
    answers = [crowd(caller(practice, f"{site}:1::{host:x}"), 1)[0] for host in range(1, 61)]
    assert answers[:ADDRESS_FREE] == [401] * ADDRESS_FREE
    assert answers[ADDRESS_FREE:].count(429) > 20  # the others came when a wait of 1, 2, 4 ... seconds was over
    assert crowd(caller(practice, f"{site}:2::1"), 1) == [401]


@pytest.mark.parametrize("realm", ["staff", "patient"])
def test_a_browser_keeps_a_cookie_of_the_device(new_practice, realm):
    """[3.3.1, 3.3.2, 3.3.3, 3.3.4]"""
    practice = new_practice()
    client = caller(practice)
    if realm == "staff":
        account = practice.accounts["physician"]
        first = api.good(client.post("/admin/auth/login", {"email": account["email"], "password": account["password"]}))
        assert DEVICE not in client.http.cookies
        answer = client.post("/admin/auth/mfa", {"mfa_token": first["mfa_token"], "code": api.totp(account["totp_secret"])})
    else:
        patient = practice.registered()
        answer = client.post("/patient/auth/login", {"email": patient["email"], "password": patient["password"]})
    assert api.good(answer)["status"] == "signed_in" and "Anamnesis-Device" not in answer.headers
    assert (f"{DEVICE}={client.http.cookies[DEVICE]}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=15552000"
            in answer.headers["Set-Cookie"])


def test_one_device_of_several_people_keeps_its_token(practice, other_practice):
    first, second = practice.registered(), other_practice.registered()
    device = right(caller(practice), first).headers["Anamnesis-Device"]
    assert right(caller(practice, device=device), second).headers["Anamnesis-Device"] == device
    assert right(caller(practice, device="A" * 43), second).headers["Anamnesis-Device"] not in ("A" * 43, device)


def test_twenty_devices_of_an_account_are_known(practice, database):
    patient = practice.registered()
    for _ in range(22):
        right(caller(practice), patient)
    with database.cursor() as cursor:
        cursor.execute("SELECT kind, count(*) FROM auth.familiar WHERE account_id = %s GROUP BY kind ORDER BY kind",
                       (patient["id"],))
        assert cursor.fetchall() == [("address", 20), ("device", 20)]

"""What comes in the headers is taken whole, or the request is refused."""

import http.client
import ssl
import urllib.parse

import pytest
from conftest import unique
from support import client as api

HEADERS_MAX = 64  # REQUEST_HEADERS_MAX


def crowd(count):
    return {f"X-Crowd-{number}": "v" for number in range(count)}


@pytest.mark.parametrize("count", [40, 60, 64, 65, 100, 150])
def test_a_key_behind_many_headers_counts_or_the_request_is_refused(practice, count):
    """Nothing is made twice because a header was not looked at."""
    staff = practice.staff()
    body = {"given_name": "Once", "family_name": "Only", "birth_date": "1980-02-29",
            "email": f"{unique('once')}@example.org"}
    key = {"Idempotency-Key": unique("key")}
    answers = [staff.post("/admin/patients", body, headers=crowd(count) | key) for _ in range(2)]
    if count <= 40:
        assert len({api.good(answer, 201)["id"] for answer in answers}) == 1
    for answer in answers:
        if count >= HEADERS_MAX:
            api.problem(answer, 431, "headers-too-large")
        else:
            assert answer.status_code in (201, 431)


def test_a_cookie_behind_many_headers_counts_or_the_request_is_refused(practice):
    cookie = {"Cookie": f"__Host-anamnesis_staff={practice.staff().token}"}
    stranger = practice.anonymous.again()
    api.good(stranger.get("/admin/auth/session", headers=crowd(40) | cookie))
    api.problem(stranger.get("/admin/auth/session", headers=crowd(150) | cookie), 431, "headers-too-large")


def test_headers_that_are_large_together(practice):
    large = {f"X-Large-{number}": "v" * 1000 for number in range(40)}
    api.problem(practice.staff().get("/admin/auth/session", headers=large), 431, "headers-too-large")


@pytest.mark.parametrize("agent", [b"Gr\xfc\xdfe", b"\xff\xfe", b"\xed\xa0\x80", b"caf\xc3\xa9", b"tab\there"])
def test_a_user_agent_that_is_no_utf_8_signs_in_and_is_shown(practice, demo, agent):
    patient = practice.registered()
    where = urllib.parse.urlsplit(demo["base_url"])
    connection = http.client.HTTPSConnection(where.hostname, where.port, timeout=30,
                                             context=ssl.create_default_context(cafile=demo["ca_file"]),
                                             source_address=(api.random_address(), 0))
    connection.putrequest("POST", "/patient/auth/login", skip_accept_encoding=True)
    body = f'{{"email": "{patient["email"]}", "password": "{patient["password"]}", "session": "bearer"}}'.encode()
    connection.putheader("User-Agent", agent)
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    text = answer.read().decode()
    assert answer.status == 200, text
    token = text.split('"access_token":"')[1].split('"')[0]
    shown = api.good(practice.anonymous.again(token).get("/patient/profile/sessions"))["items"][0]["user_agent"]
    assert shown == "".join(c if c >= " " else "\ufffd" for c in _decoded(agent))


def _decoded(agent):
    """Each byte that is in no well-formed sequence stands for itself."""
    try:
        return agent.decode()
    except UnicodeDecodeError:
        return "".join(chr(byte) if byte < 0x80 else "\ufffd" for byte in agent)

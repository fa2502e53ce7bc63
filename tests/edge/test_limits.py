"""Limits by address: the general one, the stricter one of sign-in, and connections at once."""

import concurrent.futures
import random

from support import client as api
from test_edge import is_problem, raw

# As the runner starts this instance (tools/testlib/suites.py): bursts of 20 and 5, 16 connections, 4 password checks.
BURST, AUTH_BURST, CONNECTIONS, AUTH_AT_ONCE = 20, 5, 16, 4


def throttled(answers):
    found = [answer for answer in answers if answer.status_code == 429]
    for answer in found:
        assert is_problem(answer, 429, "throttled")
        assert int(answer.headers["Retry-After"]) >= 1
        assert answer.headers["RateLimit"] == '"requests";r=0;t=1'
    return len(found)


def test_many_requests_of_one_address_are_slowed(demo, client):
    answers = [client.get("/livez") for _ in range(4 * BURST)]
    assert throttled(answers) > 0
    assert sum(answer.status_code == 200 for answer in answers) >= BURST
    other = api.Client(demo["base_url"], demo["ca_file"])
    assert other.get("/livez").status_code == 200


def test_sign_in_is_slowed_sooner_and_alone(client):
    """[6.3.1]"""
    answers = [client.post("/patient/auth/login", {}) for _ in range(2 * AUTH_BURST)]
    assert throttled(answers) >= AUTH_BURST - 2
    assert [answer.status_code for answer in answers[:AUTH_BURST]] == [400] * AUTH_BURST
    assert client.get("/livez").status_code == 200


def test_an_ipv6_network_is_limited_as_one_address(demo):
    """[6.3.1] Its owner has every address of it."""
    site = api.random_site()

    def ask(host):
        return api.Client(demo["base_url"], demo["ca_file"], address=f"{site}:{host}").post("/patient/auth/login", {})
    assert throttled([ask(f"1::{host:x}") for host in range(2 * AUTH_BURST)]) >= AUTH_BURST - 2
    assert ask("2::1").status_code == 400
    assert throttled([ask(f"{network:x}::1") for network in range(3, 3 + 12 * AUTH_BURST)]) >= AUTH_BURST
    assert api.Client(demo["base_url"], demo["ca_file"], address=f"{api.random_site()}::1").get("/livez").status_code == 200


def test_an_ipv4_address_within_ipv6_is_that_one(demo):
    address = f"192.0.2.{random.randrange(1, 255)}"
    clients = [api.Client(demo["base_url"], demo["ca_file"], address=f"::ffff:{address}") for _ in range(2)]
    clients[1].http.headers["X-Forwarded-For"] = address
    answers = [clients[number % 2].post("/patient/auth/login", {}) for number in range(2 * AUTH_BURST)]
    assert throttled(answers) >= AUTH_BURST - 2


def test_strangers_do_not_use_up_what_a_known_device_has(client, demo):
    """Both at one address: who has signed in from a device before is counted by the device."""
    assert throttled([client.post("/patient/auth/login", {}) for _ in range(3 * AUTH_BURST)]) > 0
    known = api.Client(demo["base_url"], demo["ca_file"], address=client.address)
    known.http.headers["Cookie"] = f"a=b; __Host-anamnesis_device={'A' * 43}"
    answers = [known.post("/patient/auth/login", {}) for _ in range(2 * AUTH_BURST)]
    assert [answer.status_code for answer in answers[:AUTH_BURST]] == [400] * AUTH_BURST
    assert throttled(answers) > 0


def test_passwords_that_are_being_checked_at_once(tls):
    """Of one network a few wait for it; who has signed in from a device before is not behind them."""
    address = api.random_address()
    begun = b"POST /patient/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n"
    begun += b"Content-Type: application/json\r\n%s\r\n"
    known = b"Cookie: __Host-anamnesis_device=" + b"A" * 43 + b"\r\n"
    held = [tls(address) for _ in range(AUTH_AT_ONCE)]
    try:
        for connection in held:
            connection.sendall(begun % b"")
        with tls(address) as one_more:
            line, headers, _ = raw(one_more, begun % b"Connection: close\r\n")
        assert line.startswith("HTTP/1.1 429") and int(headers["retry-after"]) >= 1
        with tls(address) as one_more:
            line, _, _ = raw(one_more, begun % (known + b"Connection: close\r\n") + b"not json!")
        assert line.startswith("HTTP/1.1 400")
    finally:
        for connection in held:
            connection.close()


def test_connections_at_once(tls):
    address = api.random_address()
    begun = b"POST /patient/responses HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
    held = [tls(address) for _ in range(CONNECTIONS)]
    try:
        for connection in held:
            connection.sendall(begun)
        with tls(address) as one_more:
            line, headers, _ = raw(one_more, begun.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert line.startswith("HTTP/1.1 429") and int(headers["retry-after"]) >= 1
    finally:
        for connection in held:
            connection.close()


def test_a_reader_that_is_slow_holds_no_worker(tls, demo):
    """More slow readers than there are workers, none of them reading: others are served."""
    held = [tls() for _ in range(8)]
    try:
        for connection in held:
            connection.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: api.Client(demo["base_url"], demo["ca_file"]).get("/livez"), range(8)))
        assert [answer.status_code for answer in answers] == [200] * 8
    finally:
        for connection in held:
            connection.close()

"""Limits by address: the general one, the stricter one of sign-in, and connections at once."""

import concurrent.futures

from support import client as api
from test_edge import is_problem, raw

# As the runner starts this instance (tools/testlib/suites.py): bursts of 20 and 5, 16 connections.
BURST, AUTH_BURST, CONNECTIONS = 20, 5, 16


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

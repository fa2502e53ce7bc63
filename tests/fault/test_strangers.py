"""Strangers from everywhere keep the auth lane full: who has signed in from their device before does not stand behind them, and
nobody gets in front by a token that is not theirs."""

import json
import secrets
import socket
import struct
import threading
import time

import pytest
from faults.stack import wait_for
from support import client as api
from support.tokens import new_token

CROWD = 48
TIME_LIMIT_SECONDS = 60


class Crowd:
    """So many who sign in at the same moment, each from a network of their own; their answers in the order of their arrival."""

    def __init__(self, client, count, act, with_token=False):
        self.answers, self.lock, start = [], threading.Lock(), threading.Barrier(count)

        def one():
            caller = api.Client(client.base_url, client.ca_file)
            if with_token:
                caller.http.headers["Anamnesis-Device"] = new_token()
            caller.get("/livez")  # the connection is there
            start.wait(TIME_LIMIT_SECONDS)
            answer = act(caller)
            with self.lock:
                self.answers.append(answer)
        self.threads = [threading.Thread(target=one) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def answered(self):
        with self.lock:
            return list(self.answers)

    def all_answered(self):
        for thread in self.threads:
            thread.join(TIME_LIMIT_SECONDS)
        return self.answered()


def try_password(caller):
    return caller.post("/patient/auth/login", {"email": f"{secrets.token_hex(8)}@example.org", "password": "nobody has this one"})


def ask_for_a_link(caller):
    return caller.post("/patient/auth/password-reset", {"email": f"{secrets.token_hex(8)}@example.org"})


def statuses(answers):
    found = [answer.status_code for answer in answers]
    assert set(found) <= {202, 401, 429}, found
    return found


def refused(answer):
    api.problem(answer, 429, "too-many-at-once")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert int(answer.headers["Retry-After"]) >= 1


@pytest.fixture
def known(practice):
    """(client, body): a patient at a device that they have signed in from, now in another network."""
    patient = practice.registered()
    body = {"email": patient["email"], "password": patient["password"], "session": "bearer"}
    first = api.Client(practice.anonymous.base_url, practice.anonymous.ca_file).post("/patient/auth/login", body)
    caller = api.Client(practice.anonymous.base_url, practice.anonymous.ca_file)
    caller.http.headers["Anamnesis-Device"] = first.headers["Anamnesis-Device"]
    caller.get("/livez")
    return caller, body


def test_who_was_here_before_does_not_stand_behind_strangers(whole, practice, known):
    caller, body = known
    crowd = Crowd(practice.anonymous, CROWD, try_password)
    wait_for("the first of the crowd", lambda: len(crowd.answered()) > 0)
    before = len(crowd.answered())
    assert api.good(caller.post("/patient/auth/login", body))["status"] == "signed_in"
    between = len(crowd.answered()) - before
    found = statuses(crowd.all_answered())
    print(f"{between} of {CROWD - before} strangers were answered before; in the end {found.count(401)} 401 and {found.count(429)} 429")
    assert between <= (CROWD - before) // 2


@pytest.mark.parametrize("act", [try_password, ask_for_a_link])
def test_an_invented_token_gets_nobody_in_front(whole, practice, known, act):
    caller, body = known
    crowd = Crowd(practice.anonymous, CROWD, act, with_token=True)
    wait_for("the first of the crowd", lambda: len(crowd.answered()) > 0)
    assert api.good(caller.post("/patient/auth/login", body))["status"] == "signed_in"
    checked = sum(status != 429 for status in statuses(crowd.answered()))
    answers = crowd.all_answered()
    found = statuses(answers)
    print(f"{checked} were served before, {CROWD - found.count(429)} of {CROWD} in all")
    assert checked <= CROWD // 4
    assert found.count(429) >= CROWD // 2
    for answer in answers:
        if answer.status_code == 429:
            refused(answer)


def test_strangers_have_a_turn_beside_those_who_carry_tokens(whole, practice):
    """A crowd that never ends: each time it is answered, it comes again."""
    stop, turns = threading.Event(), []

    def come_again():
        device = api.Client(practice.anonymous.base_url, practice.anonymous.ca_file)
        while not stop.is_set():
            device.http.headers["Anamnesis-Device"] = new_token()
            turns.append(try_password(device).status_code)
    threads = [threading.Thread(target=come_again) for _ in range(CROWD // 2)]
    for thread in threads:
        thread.start()
    try:
        wait_for("the crowd", lambda: len(turns) > CROWD)
        stranger = api.Client(practice.anonymous.base_url, practice.anonymous.ca_file)
        found = [try_password(stranger).status_code for _ in range(3)]
    finally:
        stop.set()
        for thread in threads:
            thread.join(TIME_LIMIT_SECONDS)
    assert found == [401] * 3


# ---- how long strangers stand there

def record(kind, content):
    """FastCGI 1.0, section 3.3: of request 1."""
    return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content


def ask(path, seconds_ago):
    """(status, code, Retry-After) of a sign-in that nginx had sent to this socket so many seconds ago."""
    body = json.dumps({"email": f"{secrets.token_hex(8)}@example.org", "password": "nobody has this one"}).encode()
    parameters = {"REQUEST_METHOD": "POST", "REQUEST_URI": "/patient/auth/login", "CONTENT_TYPE": "application/json",
                  "CONTENT_LENGTH": str(len(body)), "REMOTE_ADDR": api.random_address(),
                  "QUEUED_AT": f"{time.time() - seconds_ago:.3f}"}
    packed = b"".join(bytes([len(name), len(value)]) + name.encode() + value.encode() for name, value in parameters.items())
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(TIME_LIMIT_SECONDS)
        connection.connect(str(path))
        connection.sendall(record(1, struct.pack(">HB5x", 1, 0)) + record(4, packed) + record(4, b"") + record(5, body) + record(5, b""))
        got = b""
        while part := connection.recv(65536):
            got += part
    output = b""
    while got:
        _, kind, _, size, padding, _ = struct.unpack(">BBHHBB", got[:8])
        output += got[8:8 + size] if kind == 6 else b""
        got = got[8 + size + padding:]
    head, _, text = output.decode().partition("\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.split("\r\n"))
    assert headers["Content-Type"] == "application/problem+json"
    return int(headers["Status"]), json.loads(text)["code"], headers.get("Retry-After")


def test_strangers_who_stood_too_long_are_told_to_come_again(whole):
    """Before the database is asked, and only those; a clock that was set back turns nobody away."""
    front, devices, other = (whole.layout.run / f"{name}.sock" for name in ("auth", "auth-device", "api"))
    assert ask(front, 0)[:2] == (401, "sign-in-refused")
    assert ask(front, -3600)[:2] == (401, "sign-in-refused")
    status, code, after = ask(front, 6)
    assert (status, code) == (429, "too-many-at-once") and int(after) >= 1
    assert ask(devices, 6)[:2] == (401, "sign-in-refused")
    assert ask(other, 6)[:2] == (401, "sign-in-refused")

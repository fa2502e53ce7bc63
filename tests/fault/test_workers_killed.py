"""kill -9 of a random worker every second, under load."""

import collections
import os
import random
import re
import signal
import socket
import struct
import time

import pytest
from faults.stack import wait_for

KILLS = 30
WHOLE_SECONDS = 1


def requests_in_log(stack):
    return [line["request"] for line in stack.log_lines() if line["event"] == "request"]


def test_a_worker_killed_every_second_costs_only_the_request_it_held(whole, load):
    load.start()
    killed, moments = [], []
    for turn in range(KILLS):
        # Mostly where the load is; the other lanes' workers too.
        lane = "api" if turn % 3 else random.choice(["auth", "bulk"])
        victim = random.choice(whole.workers(lane))
        before = time.monotonic()
        os.kill(victim, signal.SIGKILL)
        at = time.monotonic()
        killed.append(victim)
        moments.append((before, at))
        wait_for("a whole pool", lambda: victim not in whole.workers() and whole.is_whole(), WHOLE_SECONDS)
        time.sleep(max(0, at + 1 - time.monotonic()))
    served = load.successes()
    load.stop()

    failed = load.failures()
    print(f"{served} answers while {len(killed)} workers were killed, {len(failed)} of them lost:",
          collections.Counter(answer.status for answer in failed))
    assert len(failed) <= len(killed)
    for answer in failed:
        assert (answer.status, answer.code) == (503, "unavailable"), answer
        assert answer.headers["Content-Type"].startswith("application/problem+json")
        assert int(answer.headers["Retry-After"]) >= 1
    died = [line for line in whole.log_lines() if line["event"] == "worker-died" and line["worker"] in killed]
    assert len(died) == KILLS
    # Each lost request was under way when a worker was killed, one for one. (Who was at it when it died says `serving` in the
    # log, but for a connection that the kernel was just handing over.)
    causes = [[turn for turn, (before, after) in enumerate(moments) if answer.began <= after and before <= answer.ended]
              for answer in failed]
    assert all(len(found) == 1 for found in causes), causes
    assert len({turn for turn, in causes}) == len(failed)
    print(f"{sum(line['serving'] for line in died)} of the killed were serving")
    assert served > KILLS
    load.check()
    answered = {answer.headers["X-Request-Id"] for answer in load.answers if answer.status in (200, 409)}
    wait_for("the lines of all that was answered", lambda: answered <= set(requests_in_log(whole)))


def record(kind, content):
    """FastCGI 1.0, section 3.3: of request 1."""
    return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content


def parameter(name, value):
    return bytes((len(name), len(value))) + name + value


def test_what_a_killed_worker_had_not_written_is_in_the_log(whole):
    """Its line waits while the next request is there already."""
    victim, = whole.workers("bulk")
    begin = record(1, struct.pack(">HB5x", 1, 0))
    whole_request = (begin + record(4, parameter(b"REQUEST_METHOD", b"GET") + parameter(b"REQUEST_URI", b"/livez")) + record(4, b"") +
                     record(5, b""))
    os.kill(victim, signal.SIGSTOP)
    with socket.socket(socket.AF_UNIX) as first, socket.socket(socket.AF_UNIX) as second:
        for connection, sent in ((first, whole_request), (second, begin)):
            connection.settimeout(10)
            connection.connect(str(whole.layout.run / "bulk.sock"))
            connection.sendall(sent)
        os.kill(victim, signal.SIGCONT)
        answer = b"".join(iter(lambda: first.recv(65536), b""))
        identifier = re.search(rb"X-Request-Id: (\S+)", answer).group(1).decode()
        assert identifier not in requests_in_log(whole)
        os.kill(victim, signal.SIGKILL)
        wait_for("a whole pool", lambda: victim not in whole.workers() and whole.is_whole())
    lines = whole.log_lines()
    served = [number for number, line in enumerate(lines) if line.get("request") == identifier]
    died = [number for number, line in enumerate(lines) if line["event"] == "worker-died" and line["worker"] == victim]
    assert len(served) == len(died) == 1 and served < died


@pytest.mark.parametrize("lengths", [(2**31 - 1, 2**31 - 1), (2**31 - 1, 1), (2**31 - 3, 0), (2**30, 2**30 - 3)])
def test_lengths_that_libfcgi_does_not_take_cost_one_worker(whole, practice, lengths):
    """Only the sockets' group can send them."""
    reader = practice.staff()
    begin = record(1, struct.pack(">HB5x", 1, 0))
    parameters = record(4, struct.pack(">II", *(length | 2**31 for length in lengths)) + b"x" * 64)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(whole.layout.run / "api.sock"))
        connection.sendall(begin + parameters)
        assert connection.recv(1) == b""
    assert reader.get("/admin/patients").status_code == 200
    wait_for("a whole pool", whole.is_whole)

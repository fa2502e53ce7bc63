"""kill -9 of a random worker every second, under load."""

import collections
import os
import random
import signal
import socket
import struct
import time

import pytest
from faults.stack import wait_for

KILLS = 30
WHOLE_SECONDS = 1


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


def record(kind, content):
    """FastCGI 1.0, section 3.3: of request 1."""
    return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content


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

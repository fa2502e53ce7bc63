"""kill -9 of a random worker every second, under load."""

import collections
import os
import random
import signal
import time

from faults.stack import wait_for

KILLS = 30
WHOLE_SECONDS = 1


def test_a_worker_killed_every_second_costs_only_the_request_it_held(whole, load):
    load.start()
    killed = []
    for turn in range(KILLS):
        # Mostly where the load is; the other lanes' workers too.
        lane = "api" if turn % 3 else random.choice(["auth", "bulk"])
        victim = random.choice(whole.workers(lane))
        os.kill(victim, signal.SIGKILL)
        killed.append(victim)
        at = time.monotonic()
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
    # Only who held a request was missed by anybody.
    assert len(failed) <= sum(line["serving"] for line in died)
    assert served > KILLS
    load.check()

"""PostgreSQL stopped for ten seconds, under load."""

import collections
import concurrent.futures
import time

import pytest
from faults.stack import wait_for
from support import client as api
from support.contract import TOKEN, operations

DOWN_SECONDS = 10
HANG_SECONDS = 5


def is_unavailable(answer):
    return (answer.status == 503 and answer.code in ("unavailable", "overloaded") and
            int(answer.headers.get("Retry-After", 0)) >= 1 and
            answer.headers["Content-Type"].startswith("application/problem+json"))


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_the_database_stopped_for_ten_seconds(whole, load, anonymous, how):
    load.start()
    wait_for("load", lambda: load.successes() > 50)
    assert anonymous.get("/readyz").status_code == 200
    whole.stop_database(how)
    down = time.monotonic()
    while time.monotonic() < down + DOWN_SECONDS:
        api.problem(anonymous.get("/readyz", timeout=HANG_SECONDS), 503, "unavailable")
        assert anonymous.get("/livez").status_code == 200
        time.sleep(0.25)
    up = time.monotonic()
    whole.start_database()
    wait_for("readiness by itself", lambda: anonymous.get("/readyz").status_code == 200)
    ready = time.monotonic()
    wait_for("every worker's new connection", lambda: all_well_for_a_second(load))
    load.stop()

    between = [answer for answer in load.answers if answer.began > down and answer.ended < up]
    slowest = max(answer.ended - answer.began for answer in load.answers)
    print(f"{how}: {len(between)} answers in between, slowest of all {slowest:.2f} s, ready {ready - up:.2f} s after start;",
          collections.Counter((answer.status, answer.code) for answer in load.answers))
    assert between and all(is_unavailable(answer) for answer in between)
    assert all(is_unavailable(answer) for answer in load.failures())
    assert slowest < HANG_SECONDS
    load.check()


def all_well_for_a_second(load):
    before, served = len(load.failures()), load.successes()
    time.sleep(1)
    return len(load.failures()) == before and load.successes() > served


def test_every_operation_says_so_while_the_database_is_down(whole, anonymous):
    whole.stop_database("fast")
    needing = [operation for operation in operations() if operation.row["x-tx"] != "none"]
    assert len(needing) > 30

    def ask(operation):
        # Each from an address of its own: the site's limits are not what is asked about.
        client = api.Client(anonymous.base_url, anonymous.ca_file, TOKEN if operation.realm else None)
        began = time.monotonic()
        answer = operation.send(client)
        return operation, answer, time.monotonic() - began
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        asked = list(pool.map(ask, needing))
    wrong = [f"{operation.id}: {answer.status_code} {answer.text}" for operation, answer, _ in asked
             if answer.status_code != 503]
    assert not wrong
    for operation, answer, seconds in asked:
        api.problem(answer, 503, "unavailable")
        assert int(answer.headers["Retry-After"]) >= 1, operation
        assert 503 in operation.statuses, operation
        assert seconds < HANG_SECONDS, operation

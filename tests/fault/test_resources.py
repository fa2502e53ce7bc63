"""What a request costs: round trips to the database, system calls, and no memory that stays."""

import json
import os
import pathlib
import re
import signal
import subprocess
import time

import pytest
from faults.stack import wait_for
from support import client as api

READ_TRIPS, SAVE_TRIPS = 1, 2
READ_CALLS = 16
RESIDENT_KILOBYTES = 12 * 1024
STEADY_KILOBYTES = 128  # what counts as "does not grow" from the first half to the second
REQUESTS = 100_000
HERE = pathlib.Path(__file__).resolve().parent


class Used:
    """A practice in use: what the readers read."""

    def __init__(self, practice):
        self.staff = practice.staff()
        self.patient, self.me, self.response = practice.begun()
        api.good(self.me.save(self.response["id"], 1, {"hours": [{"valueDecimal": 7.5}]}))
        self.reads = {
            "staff_session": (self.staff, "/admin/auth/session"),
            "questionnaire_list": (self.staff, "/admin/questionnaires"),
            "patient_get": (self.staff, f"/admin/patients/{self.patient['id']}"),
            "patient_list": (self.staff, "/admin/patients"),
            "response_list": (self.staff, "/admin/responses"),
            "response_get": (self.staff, f"/admin/responses/{self.response['id']}"),
            "response_history": (self.staff, f"/admin/responses/{self.response['id']}/history"),
            "questionnaire_get": (self.staff, f"/admin/questionnaires/{self.response['questionnaire_id']}"),
            "value_set_list": (self.staff, "/admin/value-sets"),
            "my_questionnaire_get": (self.me, f"/patient/questionnaires/{self.response['assignment_id']}"),
            "patient_session": (self.me, "/patient/auth/session"),
            "my_access_log": (self.me, "/patient/profile/access-log"),
            "my_questionnaire_list": (self.me, "/patient/questionnaires"),
            "my_response_list": (self.me, "/patient/responses"),
            "my_response_get": (self.me, f"/patient/responses/{self.response['id']}"),
        }


@pytest.fixture(scope="module")
def as_in_use(stack, anonymous):
    """Without the check of every reply against the contract, which is for tests and costs time and a system call."""
    stack.bring_back(anonymous)
    stack.instance.workers.stop()
    stack.start_workers(without=["ANAMNESIS_CONTRACT_LOG"])
    stack.bring_back(anonymous)
    yield stack
    stack.instance.workers.stop()
    stack.start_workers()


@pytest.fixture(scope="module")
def used(as_in_use, practice):
    return Used(practice)


def in_turn(stack, client, path, count):
    """As many good answers; workers take turns, so a multiple of their number warms each. Gives the request ids."""
    found = []
    for _ in range(count):
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        found.append(answer.headers["X-Request-Id"])
    return found


def trips_of(stack, identifiers):
    """By worker's process: round trips of these requests, in their order."""
    wanted = set(identifiers)

    def all_lines():  # written when the worker has nothing else to do, which may be after its answer
        lines = [line for line in stack.log_lines() if line["event"] == "request" and line["request"] in wanted]
        return lines if len(lines) >= len(wanted) else None
    lines = wait_for("the lines", all_lines)
    assert len(lines) == len(wanted)
    by_worker = {}
    for line in lines:
        by_worker.setdefault(line["pid"], []).append(line["trips"])
    return by_worker


def test_a_read_is_one_round_trip(whole, used):
    found = {}
    for name, (client, path) in used.reads.items():
        warming = in_turn(whole, client, path, 10 * len(whole.workers("api")))
        warm = in_turn(whole, client, path, 5 * len(whole.workers("api")))
        cold, trips = trips_of(whole, warming), trips_of(whole, warm)
        warmed = {pid: of for pid, of in trips.items() if pid in cold}
        assert warmed
        found[name] = max(max(of) for of in warmed.values())
        print(f"{name}: first {max(max(of) for of in cold.values())}, then {found[name]}")
    assert {name: trips for name, trips in found.items() if trips > READ_TRIPS} == {}


def test_an_auto_save_is_two_round_trips(whole, used):
    revision = api.good(used.me.get(f"/patient/responses/{used.response['id']}"))["revision"]
    identifiers = []
    for turn in range(20 * len(whole.workers("api"))):
        answer = used.me.save(used.response["id"], revision, {"hours": [{"valueDecimal": turn}]})
        revision = api.good(answer)["revision"]
        identifiers.append(answer.headers["X-Request-Id"])
    by_worker = trips_of(whole, identifiers)
    print("trips of auto-saves:", by_worker)
    assert max(max(of[1:], default=0) for of in by_worker.values()) <= SAVE_TRIPS


def system_calls(pids, task):
    """How many of each these processes make while `task()` runs."""
    command = ["strace", "-c", "-f", "-qq", "-U", "calls,name"] + [word for pid in pids for word in ("-p", str(pid))]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
        def attached():
            assert strace.poll() is None, strace.stderr.read()
            return all("TracerPid:\t0\n" not in pathlib.Path(f"/proc/{pid}/status").read_text() for pid in pids)
        wait_for("strace", attached)
        task()
        strace.send_signal(signal.SIGINT)
        _, report = strace.communicate(timeout=30)
    rows = re.findall(r"^\s*(\d+)\s+(\w+)$", report, re.MULTILINE)
    counts = {name: int(number) for number, name in rows if name != "total"}
    assert counts, report
    return counts


@pytest.mark.skipif(os.getuid() != 0, reason="workers forbid their own account to look into them; root may")
def test_a_warm_read_is_sixteen_system_calls(whole, used):
    count, found = 200, {}
    for name in ("staff_session", "questionnaire_list", "my_response_get"):
        client, path = used.reads[name]
        in_turn(whole, client, path, 10 * len(whole.workers("api")))
        calls = system_calls(whole.workers("api"), lambda: in_turn(whole, client, path, count))
        found[name] = sum(calls.values()) / count
        print(f"{name}: {found[name]:.2f}", {call: round(of / count, 2) for call, of in calls.items()})
    assert {name: calls for name, calls in found.items() if calls > READ_CALLS} == {}


def resident(pids):
    """Kilobytes, by process."""
    found = {}
    for pid in pids:
        status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        found[pid] = int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE).group(1))
    return found


def served(stack, pids):
    """Requests that these workers have answered, by their log."""
    mark = b'"event":"request"'
    wanted = {f'"pid":{pid},'.encode() for pid in pids}
    with (stack.layout.log / "fcgi.log").open("rb") as log:
        return sum(mark in line and any(pid in line for pid in wanted) for line in log)


def test_a_worker_stays_small(whole, demo, used, tmp_path):
    """Mostly reads, with what is refused, what is large, and what fails among them."""
    plan = tmp_path / "plan"
    entries = [("GET", path, client.token) for client, path in used.reads.values()] * 3
    entries += [("GET", "/openapi.json", ""), ("GET", "/admin/patients/nobody", used.staff.token),
                ("GET", "/patient/responses", "A" * 43), ("GET", "/nowhere", ""), ("DELETE", "/livez", ""),
                ("POST", f"/patient/responses/{used.response['id']}/submit", used.me.token)]
    plan.write_text("".join("\t".join(entry) + "\n" for entry in entries), encoding="utf-8")
    pids = whole.workers("api")
    start, seen, began = served(whole, pids), {}, time.monotonic()
    for half in (REQUESTS // 2, REQUESTS):
        while served(whole, pids) - start < half:
            done = subprocess.run(["wrk", "-t1", f"-c{2 * len(pids)}", "-d5s", "-s", HERE / "mix.lua", demo["base_url"], "--",
                                   plan], capture_output=True, text=True, check=True)
            totals = json.loads(done.stdout.splitlines()[-1])
            assert totals["failed"] == 0, done.stdout
        seen[half] = resident(pids)
    assert whole.workers("api") == pids or set(whole.workers("api")) == set(pids)
    total = served(whole, pids) - start
    print(f"{total} requests in {time.monotonic() - began:.0f} s; resident kB by worker:", seen)
    assert max(seen[REQUESTS].values()) < RESIDENT_KILOBYTES
    grown = {pid: seen[REQUESTS][pid] - seen[REQUESTS // 2][pid] for pid in pids}
    assert max(grown.values()) <= STEADY_KILOBYTES, grown

"""One practice at its worst: another one's requests go on being served, whatever the first one's do."""

import concurrent.futures
import contextlib
import multiprocessing
import os
import signal
import statistics
import threading
import time

import psycopg2
import pytest
from faults.stack import wait_for
from support import client as api

AT_ONCE = 8
READS = 40
READER_READS = 300
DEAR_TEXT = 20000
PATIENCE_SECONDS = 60
PAUSE_SECONDS = 0.01  # a client that is refused does not come back at once


@pytest.fixture
def whole(whole):
    """With the shares of an instance that several practices use; the other tests' load is of one."""
    def restart(percent):
        os.kill(whole.supervisor(), signal.SIGTERM)
        wait_for("the end of the workers", lambda: whole.supervisor() is None)
        whole.environment["ANAMNESIS_PRACTICE_SHARE"] = percent
        whole.start_workers()
    before = whole.environment.get("ANAMNESIS_PRACTICE_SHARE", "50")
    restart("50")
    yield whole
    restart(before)


@pytest.fixture
def crowd(practice):
    """Two sessions of each of four patients with a response, as many requests as AT_ONCE; one per address."""
    begun = [practice.begun() for _ in range(AT_ONCE // 2)]
    return [(api.Client(client.base_url, client.ca_file, client.token), response["id"])
            for _, client, response in begun for _ in range(2)]


@contextlib.contextmanager
def locked(demo, practice):
    """The practice's responses, so that whoever saves an answer waits in the database."""
    with contextlib.closing(psycopg2.connect(demo["database_url"])) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM anamnesis.response WHERE practice_id = %s FOR UPDATE", (practice.id,))
        yield


def waiting(database):
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'anamnesis_api'")
        return cursor.fetchone()[0]


def save(caller):
    client, response = caller
    return client.save(response, 1, {"hours": [{"valueDecimal": 7}]})


def half(stack):
    return max(1, len(stack.workers("api")) // 2)


def refused(answers):
    for answer in answers:
        api.problem(answer, 429, "too-many-at-once")
        assert int(answer.headers["Retry-After"]) >= 1
        assert answer.headers["RateLimit"].startswith('"share";r=0;t=')
    return len(answers)


def hold_and_read(pool, stack, database, crowd, reader):
    """All of the crowd saves, which waits: never more than the share are held, others are refused, and the reader is served."""
    saves = [pool.submit(save, caller) for caller in crowd]
    wait_for("saves that wait", lambda: waiting(database) > 0)
    held = []
    for _ in range(READS):
        api.good(reader.get("/admin/patients"), 200)
        held.append(waiting(database))
    assert max(held) <= half(stack)
    answers = [done.result() for done in saves]
    assert {answer.status_code for answer in answers} <= {429, 503}
    assert refused([answer for answer in answers if answer.status_code == 429]) > 0


def test_one_practice_holds_half_of_a_lane_and_another_is_served(whole, demo, database, practice, new_practice, crowd):
    other = new_practice()
    reader = other.staff()
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        with locked(demo, practice):  # for longer than a transaction may wait: then it is 503
            hold_and_read(pool, whole, database, crowd, reader)
    # Nothing is held any more.
    wait_for("a save of each", lambda: all(save(caller).status_code in (200, 409) for caller in crowd))


def test_what_a_dead_worker_held_is_held_no_more(whole, demo, database, practice, new_practice, crowd):
    reader = new_practice().staff()
    with concurrent.futures.ThreadPoolExecutor(2 * AT_ONCE) as pool, locked(demo, practice):
        lost = [pool.submit(save, caller) for caller in crowd]
        wait_for("saves that wait", lambda: waiting(database) > 0)
        for pid in whole.workers("api"):
            os.kill(pid, signal.SIGKILL)
        wait_for("a whole pool", whole.is_whole)
        for done in lost:
            assert done.result().status_code in (429, 503)
        wait_for("readiness", lambda: reader.get("/readyz").status_code == 200)
        wait_for("the database to notice", lambda: waiting(database) == 0)
        hold_and_read(pool, whole, database, crowd, reader)


# --- Dear work

DEAR = {"resourceType": "Questionnaire", "status": "active", "item": [
    {"linkId": "t", "type": "text", "text": "?"},
    {"linkId": "n", "type": "integer", "text": "?", "readOnly": True, "extension": [
        {"url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression",
         "valueExpression": {"language": "text/fhirpath", "expression":
                             "%resource.item.where(linkId = 't').answer.value.select($this.toChars().select(%resource."
                             "item.where(linkId = 't').answer.value).exclude('q').count()).first()"}}]}]}


def percentile(times, share):
    return sorted(times)[int(len(times) * share)]


def read_and_time(client, count):
    """Seconds of each answer; all of them are successes."""
    times = []
    for _ in range(count):
        began = time.monotonic()
        api.good(client.get("/admin/patients"), 200)
        times.append(time.monotonic() - began)
    return times


def be_dear(callers, stop, answers):
    """In a process of its own that gives way, because such a client is elsewhere: what it leaves is what the server does. Each caller
    saves a dear answer again and again. The statuses of all go into `answers` at the end; one at once, when the load is on."""
    os.nice(19)
    statuses = []

    def one(client, response):
        revision = 1
        while not stop.is_set():
            answer = client.save(response, revision, {"t": [{"valueString": f"{'y' * DEAR_TEXT}{len(statuses)}"}]})
            revision += answer.status_code == 200
            statuses.append(answer.status_code)
            if len(statuses) == len(callers):
                answers.put(None)
            time.sleep(PAUSE_SECONDS)

    threads = [threading.Thread(target=one, args=(api.Client(url, ca_file, token), response)) for url, ca_file, token, response in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.put({status: statuses.count(status) for status in sorted(set(statuses))})


def test_dear_requests_of_one_practice_leave_another_its_answers(whole, practice, new_practice):
    reader = new_practice().staff()
    callers = [(client.base_url, client.ca_file, client.token, response["id"])
               for _, client, response in (practice.begun(DEAR) for _ in range(AT_ONCE))]
    apart = multiprocessing.get_context("fork")
    stop, answers = apart.Event(), apart.Queue()
    quiet = read_and_time(reader, READER_READS)
    load = apart.Process(target=be_dear, args=(callers, stop, answers))
    load.start()
    try:
        answers.get(timeout=PATIENCE_SECONDS)
        loaded = read_and_time(reader, READER_READS)
    finally:
        stop.set()
        found = answers.get(timeout=PATIENCE_SECONDS)
        load.join()
    print(f"p99 of a read: {percentile(quiet, .99) * 1000:.1f} ms alone, {percentile(loaded, .99) * 1000:.1f} ms beside "
          f"{found} dear answers; medians {statistics.median(quiet) * 1000:.1f} and {statistics.median(loaded) * 1000:.1f} ms")
    assert found[429] > 0 and not {500, 502, 504} & set(found), found

"""SIGHUP replaces the workers, SIGTERM lets them finish: neither loses a request."""

import concurrent.futures
import os
import signal
import time

import psycopg2
from faults.stack import wait_for
from support import client as api

RELOADS = 3


def test_new_workers_without_a_lost_request(whole, load):
    load.start()
    supervisor = whole.supervisor()
    for _ in range(RELOADS):
        before, served = set(whole.workers()), load.successes()
        os.kill(supervisor, signal.SIGHUP)
        wait_for("workers that are all new", lambda: whole.is_whole() and not before & set(whole.workers()))
        wait_for("answers by the new ones", lambda: load.successes() > served + 20)
    load.stop()
    assert load.failures() == []
    assert whole.supervisor() == supervisor
    served = load.successes()
    print(f"{served} answers during {RELOADS} replacements of {whole.size} workers, none lost")
    load.check()


def test_what_is_under_way_is_finished(whole, practice, demo):
    """More auto-saves than workers, held by a lock of ours: some are being served, the others wait for a worker."""
    supervisor, workers = whole.supervisor(), whole.workers("api")
    begun = [practice.begun() for _ in range(len(workers) + 2)]
    answer = {"comment": [{"valueString": "acknowledged"}]}
    holder = psycopg2.connect(demo["database_url"])
    try:
        with holder.cursor() as cursor:
            cursor.execute("SELECT id FROM anamnesis.response WHERE id = ANY(%s::uuid[]) FOR UPDATE",
                           ([response["id"] for _, _, response in begun],))
            assert cursor.rowcount == len(begun)
        with concurrent.futures.ThreadPoolExecutor(len(begun)) as pool:
            sent = [pool.submit(session.save, response["id"], 1, answer) for _, session, response in begun]
            wait_for("workers that wait for the lock", lambda: waiting(demo) == len(workers))
            time.sleep(0.2)  # for those that find no free worker to get in line
            os.kill(supervisor, signal.SIGTERM)
            time.sleep(0.3)
            assert not any(future.done() for future in sent)
            assert whole.supervisor() == supervisor
            holder.rollback()
            statuses = [future.result().status_code for future in sent]
    finally:
        holder.close()
    assert statuses == [200] * len(begun)
    wait_for("the end of the workers", lambda: whole.supervisor() is None)
    # Nobody is there; the site says so itself.
    refused = practice.anonymous.get("/livez")
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert refused.headers["Content-Type"].startswith("application/problem+json")
    assert int(refused.headers["Retry-After"]) >= 1
    whole.start_workers()
    for _, session, response in begun:
        shown = api.good(session.get(f"/patient/responses/{response['id']}"))
        assert shown["response"]["item"][0]["answer"] == answer["comment"]


def waiting(demo):
    """Sessions of the database that wait for a lock."""
    with psycopg2.connect(demo["database_url"]) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE wait_event_type = 'Lock'")
        return cursor.fetchone()[0]

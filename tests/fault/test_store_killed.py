"""The store's processes killed while parts arrive through nginx: a client that tries again is done, and nothing is lost."""

import os
import random
import signal
import threading

from faults.stack import wait_for
from support import client as api
from support.parts import Part, Signer

SEED = 20261130


def signer_of(whole, demo):
    return Signer(whole.layout.keys / "keyring-files.json", demo["base_url"])


def kept(whole, part):
    path = whole.layout.objects / "incoming" / part.upload / str(part.number)
    return path.read_bytes() if path.exists() else None


def is_told(answer, statuses):
    assert answer.status_code in statuses, answer.text
    assert answer.status_code == 200 or answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code


def test_processes_of_the_store_are_killed_while_parts_arrive(whole, demo):
    chance, signer, done = random.Random(SEED), signer_of(whole, demo), threading.Event()
    parts = [Part(signer, chance.randbytes(chance.randrange(1, 1_000_000)), number=1 + at % 7) for at in range(80)]
    left, taken, told = list(parts), [], set()

    def send():
        client = api.Client(demo["base_url"], demo["ca_file"])
        while left:
            part = left.pop()
            status = is_told(part.send(client), {200, 412, 503})
            told.add(status)
            if status == 503:
                left.append(part)
            else:
                assert kept(whole, part) == part.content
                taken.append(part)

    def kill():
        pauses = random.Random(SEED)
        while not done.wait(pauses.uniform(0.02, 0.3)):
            for pid in whole.stores()[:1]:
                os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    senders = [threading.Thread(target=send) for _ in range(6)]
    for thread in (killer, *senders):
        thread.start()
    for thread in senders:
        thread.join()
    done.set()
    killer.join()
    assert len(taken) == len(parts) and 200 in told
    wait_for("both processes", lambda: len(whole.stores()) == 2)
    for part in parts:
        assert [path.name for path in (whole.layout.objects / "incoming" / part.upload).iterdir()] == [str(part.number)]


def test_without_a_store_uploads_are_unavailable_and_the_rest_goes_on(whole, demo, anonymous):
    client, signer = api.Client(demo["base_url"], demo["ca_file"]), signer_of(whole, demo)
    supervisor, processes = whole.instance.store.pid(), whole.stores()
    os.kill(supervisor, signal.SIGKILL)
    wait_for("its end", lambda: whole.instance.store.pid() is None)
    wait_for("the end of its processes", lambda: not any(os.path.exists(f"/proc/{pid}") for pid in processes))
    try:
        part = Part(signer, os.urandom(1000))
        answer = part.send(client)
        assert answer.status_code == 503 and answer.json()["code"] == "unavailable" and int(answer.headers["Retry-After"]) >= 1
        assert anonymous.get("/readyz").status_code == 200
    finally:
        whole.start_store()
    wait_for("the store", lambda: part.send(client).status_code == 200)
    assert kept(whole, part) == part.content

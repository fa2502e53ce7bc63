"""What it costs to know who asks, to keep practices apart and to write it down; and what signing in shows and takes."""

import collections
import http.client
import json
import os
import secrets
import ssl
import subprocess
import time
import urllib.parse

from harness import ceiling
from harness.ceiling import Send
from harness.load import LOAD
from harness.statements import Parameter, Statement

TRIES_OF_AN_ADDRESS = 20  # failures of one client's address that need not wait
PARALLEL_SIGN_INS = 200
SETTLING_SECONDS = 2

Cost = collections.namedtuple("Cost", "name whole audit security session")
SignIns = collections.namedtuple("SignIns", "known unknown difference")


# The outcome of a session's proof: who acts (sql/functions/auth/pin.sql).
PINS = [f"pin_{number}" for number in range(1, 7)]
PINNED = Statement("pinned", "SELECT auth.pin($1, ARRAY[$2, $3, $4, $5, $6, $7]::bigint[], $8, '', '')",
                   [Parameter("pinned_kind", "int", False), *(Parameter(name, "bigint", False) for name in PINS),
                    Parameter("session", "uuid", False)])
PATIENTS, PHYSICIANS = 82, 37  # sql/schema/0112_pinned_actor.sql


def as_if_proven(instance, whole):
    """The transaction with the outcome of the session's proof in the place of the proof."""
    known = {bytes.fromhex(row[0]): row[1:] for row in instance.psql(
        "SELECT encode(token_hash, 'hex'), realm, id, array_to_string(pins, ' ') FROM auth.session;")}
    rows = []
    for facts in whole.rows:
        realm, session, pins = known[facts["token_hash"]]
        rows.append(facts | dict(zip(PINS, map(int, pins.split()))) | {
            "session": session, "pinned_kind": PATIENTS if realm == "patient" else PHYSICIANS})
    trips = [[Send(PINNED, {}) if one.statement.name == "session_prove" else one for one in trip] for trip in whole.trips]
    return whole._replace(trips=trips, rows=rows)


def costs(instance, operations, extent):
    """
    Of each operation's transaction, over one connection: the microseconds, and how many of them are the audit row's (with
    its place on the disk), row-level security's (a superuser passes it), and the session's proof's. `extent`: `seconds`, `warm_up`.
    """
    api, superuser = instance.demo["database_urls"]["api"], instance.demo["database_url"]

    def microseconds(url, whole):
        return 1e6 / ceiling.measure(url, whole, connections=1, **extent)["rate"]
    for operation in operations:
        whole = microseconds(api, operation.transaction)
        silent = ceiling.without(operation.transaction, "audit_close")
        unaudited = microseconds(api, silent)
        unguarded = microseconds(superuser, silent)
        bare = microseconds(superuser, as_if_proven(instance, silent))
        yield Cost(operation.name, whole, whole - unaudited, unaudited - unguarded, unguarded - bare)


def give_passwords(instance):
    """The patients of the benchmark get the password of a member of staff; it and their addresses."""
    staff = instance.demo["practices"][0]["staff"][0]
    rows = instance.psql(
        "INSERT INTO auth.account (id, practice_id, realm, password_hash) SELECT p.id, p.practice_id, 'patient', a.password_hash"
        " FROM anamnesis.patient p JOIN bench.account b ON b.id = p.id,"
        " (SELECT password_hash FROM auth.account WHERE realm = 'staff' LIMIT 1) a ON CONFLICT (id) DO NOTHING;"
        " SELECT b.email FROM bench.patient b ORDER BY b.number;")
    return staff["password"], [row[0] for row in rows]


class Caller:
    """A connection from an address of its own: failures are counted by address, too."""

    def __init__(self, instance, number):
        parts = urllib.parse.urlsplit(instance.base_url)
        address = f"127.{1 + number // 65536 % 254}.{number // 256 % 256}.{1 + number % 254}"
        self.connection = http.client.HTTPSConnection(
            "127.0.0.1", parts.port, timeout=30, source_address=(address, 0),
            context=ssl.create_default_context(cafile=instance.demo["ca_file"]))

    def sign_in(self, email, password):
        """Seconds until the refusal, and its text without the request's identifier."""
        body = json.dumps({"email": email, "password": password})
        begin = time.perf_counter()
        self.connection.request("POST", "/patient/auth/login", body, {"Content-Type": "application/json"})
        reply = self.connection.getresponse()
        answer = json.loads(reply.read())
        return time.perf_counter() - begin, (reply.status, {**answer, "instance": None})


def compare_sign_ins(instance, emails, count):
    """Wrong passwords for `count` addresses that have an account and as many that have none, in turn."""
    times, answers, caller = {True: [], False: []}, [], None
    for number in range(count):
        if number % (TRIES_OF_AN_ADDRESS // 2) == 0:
            caller = Caller(instance, number)
            caller.connection.connect()
        order = (True, False) if number % 2 else (False, True)
        for known in order:
            email = emails[number] if known else f"nobody-{secrets.token_hex(6)}@bench.example"
            taken, answer = caller.sign_in(email, "not the password of anybody")
            times[known].append(taken)
            answers.append(answer)
    if any(answer != answers[0] for answer in answers):
        raise RuntimeError("a refused sign-in tells whether there is such an account")
    known, unknown = (sum(times[kind]) / count * 1000 for kind in (True, False))
    return SignIns(known, unknown, 100 * (known / unknown - 1))


def under_attack(instance, measure, operation, password, emails):
    """p50 and p99 of the operation alone and while 200 connections sign in as fast as they are let."""
    bodies = instance.var / "sign-ins.txt"
    with open(bodies, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.writelines(json.dumps({"email": email, "password": password}) + "\n" for email in emails)
    quiet = measure.once(operation, instance.base_url, instance.workers("api"))
    attack = subprocess.Popen(
        ["wrk", "-t", "1", "-c", str(PARALLEL_SIGN_INS), "-d", "600", "--timeout", "60", "-s", str(LOAD / "sign_in.lua"),
         instance.base_url, "--", str(bodies), "/patient/auth/login"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(SETTLING_SECONDS)
        before = signed_in(instance)
        loaded = measure.once(operation, instance.base_url, instance.workers("api"))
        count = signed_in(instance) - before
    finally:
        attack.kill()
        attack.wait()
    return quiet, loaded, count


def signed_in(instance):
    return int(instance.psql("SELECT count(*) FROM auth.session WHERE realm = 'patient';")[0][0])

"""Seals by somebody who has the background program's password: what is no seal of the log is refused."""

import datetime
import hashlib
import json
import os

import psycopg2
import pytest

from support.tokens import door
from support.world import Session


def seal_of(log, **changes):
    """The next seal as the background program makes it, with a signature of noise; parts of it changed."""
    log.connection.rollback()
    last = log.sql("SELECT number, horizon, rows, total, (extract(epoch FROM sealed_at) * 1000000)::bigint, key_version, root, "
                   "previous, signature FROM audit.seal ORDER BY number DESC LIMIT 1")
    number, horizon, total, previous = 0, -2 ** 63, 0, bytes(32)
    if last:
        number, horizon, _, total = last[0][:4]
        text = b"\2anamnesis audit seal 1\n" + b"".join(value.to_bytes(8, "big", signed=True) for value in last[0][:6])
        previous = hashlib.sha256(text + b"".join(bytes(value) for value in last[0][6:])).digest()
    upto = log.sql.one("SELECT max(position) + 1 FROM audit.event")
    leaves = bytes(log.sql.one("SELECT audit.leaves(%s, %s)", horizon, upto))
    seal = {"number": number + 1, "horizon": upto, "rows": len(leaves) // 56, "total": total + len(leaves) // 56,
            "sealed_at": log.sql.one("SELECT now()"), "key_version": 1, "root": root_of(leaves), "previous": previous,
            "signature": os.urandom(64), "leaves": leaves, "door": door(json.loads(log.keyring.read_text(encoding="utf-8")), "audit")}
    return seal | {name: change(seal[name]) for name, change in changes.items()}


def root_of(leaves):
    """RFC 9162, 2.1, as it is written there."""
    def tree(hashes):
        if len(hashes) == 1:
            return hashes[0]
        left = 1 << (len(hashes) - 1).bit_length() - 1
        return hashlib.sha256(b"\1" + tree(hashes[:left]) + tree(hashes[left:])).digest()
    return tree([hashlib.sha256(b"\0" + leaves[at:at + 56]).digest() for at in range(0, len(leaves), 56)])


ADD = ("SELECT audit.seal_add(%(number)s, %(horizon)s, %(rows)s, %(total)s, %(sealed_at)s, %(key_version)s, %(root)s, "
       "%(previous)s, %(signature)s, %(leaves)s, %(door)s)")


def flipped(value):
    return bytes([value[0] ^ 1]) + value[1:]


WRONG = {
    "number": [lambda n: n + 1, lambda n: n - 1, lambda n: 0, lambda n: None], "horizon": [lambda n: n - 10 ** 6, lambda n: n + 10 ** 6],
    "rows": [lambda n: n + 1, lambda n: 0], "total": [lambda n: n + 1, lambda n: 0, lambda n: None],
    "sealed_at": [lambda t: t + datetime.timedelta(days=1), lambda t: t - datetime.timedelta(days=1)], "key_version": [lambda n: 2],
    "root": [flipped, lambda b: bytes(32), lambda b: None], "previous": [flipped, lambda b: os.urandom(32)],
    "signature": [lambda b: bytes(64), lambda b: b[:63], lambda b: b"", lambda b: None],
    "leaves": [flipped, lambda b: b[:-56], lambda b: b[56:] + b[:56], lambda b: b + b[:56], lambda b: b[:-1], lambda b: b"", lambda b: None],
    "door": [flipped, lambda b: b"", lambda b: bytes(32), lambda b: None],
}


@pytest.mark.parametrize("sealed", [0, 3])
def test_what_is_no_seal_of_the_log_is_refused(log, sealed):
    """[16.4.2] By whoever has the background program's password, also with its key; and sealing goes on as if nothing had been."""
    if sealed:
        log.add(sealed)
        log.seal()
    log.add(5)
    session = Session(log.database.connect("anamnesis_jobs"))
    for name, changes in WRONG.items():
        for change in changes:
            seal = seal_of(log, **{name: change})
            session.cursor.execute("SAVEPOINT before")
            with pytest.raises(psycopg2.Error) as fault:
                session.cursor.execute(ADD, seal)
            assert fault.value.pgcode in ("AN403", "23502", "23514"), (name, fault.value)
            session.cursor.execute("ROLLBACK TO SAVEPOINT before")
    session.refused("42501", "INSERT INTO audit.seal (number, horizon, rows, total, sealed_at, key_version, root, previous, signature, "
                             "leaves) VALUES (1, 1, 1, 1, now(), 1, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'), "
                             "decode(repeat('00', 64), 'hex'), decode(repeat('00', 56), 'hex'))")
    session.cursor.execute(ADD, seal_of(log))  # all of it was right, but for the signature, which the database cannot tell
    session.connection.rollback()
    session.connection.close()
    log.seal()
    found = log.verify("--checkpoints", log.checkpoints)
    assert (found["whole"], found["sealed"]) == (True, sealed + 5)


@pytest.mark.parametrize("role", ["anamnesis_api", "anamnesis_scan", "anamnesis_auditor"])
def test_nobody_else_adds_a_seal(sealed_log, role):
    session = Session(sealed_log.database.connect(role))
    session.refused("42501", "SELECT audit.seal_add(1, 1, 1, 1, now(), 1, '', '', '', '', '')")
    session.refused("42501", "SELECT audit.leaves(0, 1)")
    session.connection.close()


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 7, 8, 9, 31, 33])
def test_a_seals_root_is_the_one_of_the_standard(log, rows):
    leaves = os.urandom(56 * rows)
    assert bytes(log.sql.one("SELECT audit.merkle_root(%s)", leaves)) == root_of(leaves)


def test_jobs_adds_seals_and_changes_none(sealed_log):
    session = Session(sealed_log.database.connect("anamnesis_jobs"))
    assert session.one("SELECT count(*) FROM audit.seal") == 4
    for statement in ("UPDATE audit.seal SET total = total", "DELETE FROM audit.seal", "TRUNCATE audit.seal",
                      "INSERT INTO audit.event (realm, client_address, request_id, operation, outcome) VALUES ('none', '', "
                      "gen_random_uuid(), 'x', 'ok')", "SELECT audit.add_month('2040-01-01')"):
        session.refused("42501", statement)
    session.connection.close()

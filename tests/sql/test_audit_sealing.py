"""The background program seals the audit log: everything once, in one chain, with checkpoints outside the database."""

import itertools
import stat
import uuid

from support.audit_log import wait_for
from support.world import Session


def test_rows_are_sealed_and_proven(log):
    """[16.4.2] The log is protected from change: every row is under a signature."""
    log.add(5)
    log.seal()
    found = log.verify("--checkpoints", log.checkpoints)
    assert (found["sealed"], found["unsealed"], found["first"]) == (5, 0, None)
    log.add(2)
    found = log.verify()
    assert (found["whole"], found["sealed"], found["unsealed"]) == (True, 5, 2)
    log.seal()
    assert log.verify("--checkpoints", log.checkpoints, role="anamnesis_owner")["sealed"] == 7


def test_a_transaction_that_commits_late_is_not_missed(log, connect):
    """Its row has a smaller id than one that was committed, and sealed, before it."""
    late = log.database.connect("postgres")
    session = Session(late)
    log.add(1)
    (first,) = log.add(1, "late", session)
    (second,) = log.add(1)
    assert first < second
    with log.jobs():
        wait_for(lambda: log.sealed() == 1)  # what came before it; nothing after it can be sealed yet
        late.commit()
        wait_for(lambda: log.unsealed() == 0)
    late.close()
    found = log.verify()
    assert (found["whole"], found["sealed"]) == (True, 3)


def test_a_transaction_that_never_commits_leaves_no_hole(log):
    late = log.database.connect("postgres")
    log.add(1, "lost", Session(late))
    log.add(1)
    late.rollback()
    late.close()
    log.seal()
    found = log.verify()
    assert (found["whole"], found["sealed"]) == (True, 1)


def test_several_programs_at_once_make_one_chain(log):
    other = log.directory / "other"
    other.mkdir()
    with log.jobs(), log.jobs(), log.jobs(ANAMNESIS_AUDIT_CHECKPOINT_DIR=str(other)):
        for _ in range(3):
            log.add(700)
            wait_for(lambda: log.unsealed() == 0)
        wait_for(lambda: len(log.noted()) == log.sealed())
        second = other / log.checkpoints.name
        wait_for(lambda: second.exists() and len(second.read_text(encoding="utf-8").splitlines()) == log.sealed())
    for checkpoints in (log.checkpoints, second):
        found = log.verify("--checkpoints", checkpoints)
        assert (found["whole"], found["sealed"]) == (True, 2100)
    assert max(rows for (rows,) in log.sql("SELECT rows FROM audit.seal")) <= 1000


def test_checkpoints_are_private_and_outlive_a_crash(log):
    """[16.4.3]"""
    log.add(1)
    log.seal()
    log.add(1)
    log.seal()
    assert stat.S_IMODE(log.checkpoints.stat().st_mode) == 0o600
    whole = log.checkpoints.read_bytes()
    first = whole[:whole.index(b"\n") + 1]
    for left in (b"", first, first + whole[len(first):-20], whole[:30]):
        log.checkpoints.write_bytes(left)
        log.add(1)
        log.seal()
        assert log.checkpoints.read_bytes().startswith(whole)
        assert log.verify("--checkpoints", log.checkpoints)["whole"]


def test_nothing_is_sealed_on_top_of_a_past_that_was_changed(log):
    """A signature on top would make it good."""
    log.add(3)
    log.seal()
    log.add(3)
    log.seal()
    log.tamper("UPDATE audit.seal SET sealed_at = sealed_at + interval '1 second' WHERE number = 2", table="audit.seal")
    log.add(1)
    with log.jobs():
        wait_for(lambda: log.said("audit-not-sealed"))
    assert log.sealed() == 2 and log.said("not signed by a key")
    log.tamper("DELETE FROM audit.seal WHERE number = 2", table="audit.seal")
    with log.jobs():
        wait_for(lambda: log.said("know a later seal"))
    assert log.sealed() == 1


def test_without_a_directory_seals_are_in_the_database_only(log):
    log.add(1)
    with log.jobs(ANAMNESIS_AUDIT_CHECKPOINT_DIR=""):
        wait_for(lambda: log.unsealed() == 0)
    assert not log.checkpoints.exists() and log.verify()["whole"]


def test_a_rotated_key_leaves_old_seals_good(log):
    log.add(1)
    log.seal()
    done = log.database.command("keys", "rotate", "--kind", "audit", ANAMNESIS_KEYRING_FILE=str(log.keyring))
    assert done.returncode == 0, done.stderr
    log.add(1)
    log.seal()
    assert [version for (version,) in log.sql("SELECT key_version FROM audit.seal ORDER BY number")] == [1, 2]
    assert log.verify()["whole"]


def test_leaves_are_the_same_in_the_database_and_in_the_program(log):
    """Rows with every part there or not, long and not in ASCII: the background program seals them, so the two agree."""
    for number, parts in enumerate(itertools.product([True, False], repeat=3)):
        actor, detail, patients = parts
        log.sql("INSERT INTO audit.event (practice_id, realm, actor_id, role, session_id, client_address, request_id, operation, object_id, "
                "patient_ids, outcome, detail) VALUES (%s, 'staff', %s, %s, %s, %s, gen_random_uuid(), 'op', %s, %s::uuid[], 'ok', %s)",
                str(uuid.uuid4()) if actor else None, str(uuid.uuid4()) if actor else None, "owner" if actor else None,
                str(uuid.uuid4()) if actor else None, "2001:db8::1" if actor else "", str(uuid.uuid4()) if detail else None,
                [str(uuid.uuid4()) for _ in range(number + 1)] if patients else [], "\u20acuro\n" * 300 if detail else None)
        log.connection.commit()
    log.seal()
    found = log.verify()
    assert (found["whole"], found["sealed"]) == (True, 8)


def test_the_order_goes_on_in_a_database_that_was_restored(log):
    """From a dump, into a cluster that counts transactions from a smaller number."""
    log.add(2)
    log.seal()
    log.tamper("UPDATE audit.event SET position = position + 1000000")  # as if this cluster were younger than the log
    log.tamper("DELETE FROM audit.seal", table="audit.seal")
    log.checkpoints.unlink()
    log.migrate()
    log.add(2)
    positions = [position for (position,) in log.sql("SELECT position FROM audit.event ORDER BY id")]
    assert positions == sorted(positions) and positions[0] > 1000000
    log.migrate()
    log.seal()
    assert log.verify()["sealed"] == 4

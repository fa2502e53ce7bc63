"""Whatever is changed in a sealed audit log, by whomever, `anamnesis audit verify` finds, and says which row is the first."""

import json

import pytest

from support.audit_log import ROWS, wait_for


def first(log, *arguments):
    """(fault, row) from the database, which must be the same from an export."""
    found = log.verify(*arguments)
    exported = log.verify("--from", log.export(), *arguments, ANAMNESIS_AUDITOR_DATABASE_URL="", ANAMNESIS_KEYRING_FILE=str(
        log.keyring))
    assert not found["whole"] and not exported["whole"]
    assert found["first"] == exported["first"]
    return found["first"]["fault"], found["first"]["row"]


def test_every_column_that_is_edited_is_found(tampered):
    """[16.4.2] Edit: by a superuser, of any column of any row."""
    changes = {"practice_id": "gen_random_uuid()", "realm": "'staff'", "actor_id": "gen_random_uuid()", "role": "'owner'",
               "session_id": "gen_random_uuid()", "client_address": "'10.0.0.1'", "request_id": "gen_random_uuid()",
               "operation": "'other'", "object_id": "NULL", "patient_id": "gen_random_uuid()",
               "patient_ids": "ARRAY[patient_id]", "outcome": "'forbidden'",
               "detail": "'x'", "at": "at + interval '1 microsecond'"}
    assert set(changes) | {"id", "position"} == set(tampered.columns)
    for number, (column, value) in enumerate(changes.items()):
        row = tampered.ids[number % ROWS]
        before = tampered.sql(f"SELECT {column} FROM audit.event WHERE id = %s", row)[0][0]
        tampered.tamper((f"UPDATE audit.event SET {column} = {value} WHERE id = %s", row))
        assert first(tampered) == ("row-changed", row), column
        given = "%s::uuid[]" if column == "patient_ids" else "%s"
        tampered.tamper((f"UPDATE audit.event SET {column} = {given} WHERE id = %s", before, row))
        assert tampered.verify()["whole"], column


@pytest.mark.parametrize("number", range(ROWS))
def test_a_row_that_is_deleted_is_found(tampered, number):
    """Delete: any row; the last one is a log that was cut."""
    row = tampered.ids[number]
    tampered.tamper(("DELETE FROM audit.event WHERE id = %s", row))
    assert first(tampered) == ("truncated" if number == ROWS - 1 else "row-removed", row)


COPY = ("INSERT INTO audit.event (id, position, at, practice_id, realm, actor_id, role, session_id, client_address, "
        "request_id, operation, object_id, patient_id, patient_ids, outcome, detail) OVERRIDING SYSTEM VALUE SELECT {id}, {position}, at, "
        "practice_id, realm, actor_id, role, session_id, client_address, request_id, operation, object_id, patient_id, "
        "patient_ids, outcome, detail FROM audit.event WHERE id = %s")


@pytest.mark.parametrize("number", [0, 4, ROWS - 1])
def test_a_row_that_is_inserted_is_found(tampered, number):
    """Insert: among what is sealed, a copy of a row with the same number or a new one."""
    row = tampered.ids[number]
    tampered.tamper((COPY.format(id="id", position="position - 1"), row))
    assert first(tampered) == ("row-inserted", row)
    tampered.tamper(("DELETE FROM audit.event WHERE id = %s AND position IN (SELECT min(position) FROM audit.event "
                     "WHERE id = %s)", row, row))
    tampered.tamper((COPY.format(id="9999", position="position"), row))
    assert first(tampered) == ("row-inserted", 9999)


def test_a_row_that_is_backdated_is_found(tampered):
    """Insert: at the end, with a time in the past."""
    tampered.sql("INSERT INTO audit.event (at, realm, client_address, request_id, operation, outcome) VALUES "
                 "(now() - interval '2 hours', 'none', '', gen_random_uuid(), 'x', 'ok')")
    tampered.connection.commit()
    row = tampered.sql.one("SELECT max(id) FROM audit.event")
    assert first(tampered) == ("row-backdated", row)


@pytest.mark.parametrize("one, other", [(0, 1), (3, 5), (1, 10)])
def test_rows_that_are_exchanged_are_found(tampered, one, other):
    """Reorder: within a seal, and across; by what they say, or by their numbers."""
    first_id, second_id = tampered.ids[one], tampered.ids[other]
    columns = ", ".join(name for name in tampered.columns if name not in ("id", "position"))
    swap = f"""
        UPDATE audit.event e SET ({columns}) = (SELECT {columns} FROM audit.event o
            WHERE o.id = CASE e.id WHEN %s THEN %s ELSE %s END) WHERE e.id IN (%s, %s)"""
    tampered.tamper((swap, first_id, second_id, first_id, first_id, second_id))
    same_seal = one // 3 == other // 3
    assert first(tampered) == ("rows-reordered" if same_seal else "row-changed", first_id)
    tampered.tamper((swap, first_id, second_id, first_id, first_id, second_id))
    tampered.tamper(("UPDATE audit.event e SET position = (SELECT o.position FROM audit.event o WHERE o.id = CASE e.id "
                     "WHEN %s THEN %s ELSE %s END) WHERE e.id IN (%s, %s)", first_id, second_id, first_id, first_id,
                     second_id))
    fault, row = first(tampered)
    assert fault in ("row-removed", "row-inserted") and row in (first_id, second_id)


@pytest.mark.parametrize("left", [0, 1, 3, 7, ROWS - 1])
def test_a_log_that_is_truncated_is_found(tampered, left):
    """Truncate: from any row on."""
    tampered.tamper(("DELETE FROM audit.event WHERE id = ANY (%s)", tampered.ids[left:]))
    assert first(tampered) == ("truncated", tampered.ids[left])


def test_a_partition_that_is_dropped_is_found(tampered):
    (partition,) = {name for (name,) in tampered.sql("SELECT DISTINCT tableoid::regclass::text FROM audit.event")}
    tampered.sql(f"ALTER TABLE audit.event DETACH PARTITION {partition}")
    tampered.connection.commit()
    try:
        assert first(tampered) == ("truncated", tampered.ids[0])
    finally:
        month = partition.removeprefix("audit.event_").replace("_", "-") + "-01"
        tampered.sql(f"ALTER TABLE audit.event ATTACH PARTITION {partition} FOR VALUES FROM ('{month} 00:00:00+00') "
                     f"TO ('{next_month(month)} 00:00:00+00')")
        tampered.connection.commit()


def next_month(month):
    year, number = int(month[:4]), int(month[5:7])
    return f"{year + number // 12}-{number % 12 + 1:02}-01"


@pytest.mark.parametrize("change", ["horizon = horizon + 1", "total = total + 1", "sealed_at = now()",
                                    "root = sha256(root)", "previous = sha256(previous)",
                                    "signature = signature || ''::bytea, key_version = 2"])
def test_a_seal_that_is_edited_is_found(tampered, change):
    tampered.tamper(f"UPDATE audit.seal SET {change} WHERE number = 2", table="audit.seal")
    assert first(tampered) == ("seal-forged", tampered.ids[3])


def test_leaves_signatures_and_seals_that_are_gone_are_found(tampered):
    tampered.tamper("UPDATE audit.seal SET leaves = set_byte(leaves, 30, get_byte(leaves, 30) # 1) WHERE number = 3",
                    table="audit.seal")
    assert first(tampered)[0] == "seal-changed"
    tampered.tamper("DELETE FROM audit.seal WHERE number = 2", table="audit.seal")
    found = tampered.verify()["first"]
    assert (found["fault"], found["seal"]) == ("seal-removed", 2)


def test_seals_that_were_made_anew_are_found_by_the_checkpoints(tampered):
    """By somebody who has the audit key too: edits a row, and makes every seal from there on anew [16.4.3]."""
    row = tampered.ids[4]
    tampered.tamper(("UPDATE audit.event SET outcome = 'other' WHERE id = %s", row))
    tampered.tamper("DELETE FROM audit.seal WHERE number >= 2", table="audit.seal")
    kept = tampered.checkpoints.read_bytes()
    tampered.checkpoints.unlink()
    tampered.seal()  # without the kept checkpoints nothing holds the program back
    assert tampered.verify()["whole"]
    tampered.checkpoints.write_bytes(kept)
    fault, first_row = first(tampered, "--checkpoints", tampered.checkpoints)
    assert (fault, first_row) == ("checkpoint-differs", tampered.ids[3])  # the first row of the first seal that differs
    tampered.add(1)
    with tampered.jobs():
        wait_for(lambda: tampered.said("know a later seal") or tampered.said("another one in the database"))


def test_seals_that_were_cut_off_with_their_rows_are_found_by_the_checkpoints(tampered):
    """[16.4.3]"""
    tampered.tamper(("DELETE FROM audit.event WHERE id = ANY (%s)", tampered.ids[9:]))
    tampered.tamper("DELETE FROM audit.seal WHERE number = 4", table="audit.seal")
    assert tampered.verify()["whole"]  # nothing in the database can tell
    found = tampered.verify("--checkpoints", tampered.checkpoints)
    assert (found["first"]["fault"], found["first"]["seal"]) == ("seals-cut", 4)
    assert first(tampered, "--checkpoints", tampered.checkpoints)[0] == "seals-cut"


def test_checkpoints_that_were_changed_prove_nothing(tampered):
    lines = tampered.checkpoints.read_text(encoding="utf-8").splitlines()
    other = json.loads(lines[1]) | {"total": 99}
    for wrong in ([lines[0], json.dumps(other)], [lines[1], lines[0]], ["{}"], [lines[0][:50]]):
        tampered.checkpoints.write_text("\n".join(wrong) + "\n", encoding="utf-8")
        done = tampered.command("verify", "--checkpoints", tampered.checkpoints)
        assert done.returncode == 2 and "line" in done.stderr

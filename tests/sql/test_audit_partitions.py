"""The audit log is kept by month, and no partition of it can be changed or reached by its name."""

import contextlib

import pytest

from support import former
from support.audit_log import wait_for
from support.world import Session


def test_rows_go_to_the_partition_of_their_month(log, connect):
    log.add(1)
    month = log.sql.one("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')")
    assert log.sql.one("SELECT tableoid::regclass::text FROM audit.event") == f"audit.event_{month}"
    partitions = {name for (name,) in log.sql("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = "
                                              "'audit.event'::regclass")}
    ahead = {f"audit.event_{text}" for (text,) in log.sql(
        "SELECT to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month', 'YYYY_MM') "
        "FROM generate_series(0, 3) n")}
    assert partitions == ahead | {"audit.event_default"}


def test_a_row_is_written_though_its_month_is_missing(log):
    """An insert never fails for want of a partition; what went elsewhere is proven like the rest."""
    insert = ("INSERT INTO audit.event (at, realm, client_address, request_id, operation, outcome) VALUES (%s, 'none', '', "
              "gen_random_uuid(), 'x', 'ok') RETURNING tableoid::regclass::text")
    assert log.sql.one(insert, "2031-05-05") == "audit.event_default"
    log.connection.commit()
    assert log.sql.one("SELECT audit.add_month('2031-05-01')") is False  # rows that are there stay there
    assert log.sql.one("SELECT audit.add_month('2031-06-01')") is True
    assert log.sql.one(insert, "2031-06-30T23:59:59.999999Z") == "audit.event_2031_06"
    log.connection.commit()
    log.seal()
    assert log.verify()["sealed"] == 2


def test_jobs_makes_partitions_ahead(log):
    log.sql("DROP TABLE audit.event_" + log.sql.one("SELECT to_char(now() + interval '2 months', 'YYYY_MM')"))
    log.connection.commit()
    with log.jobs():
        wait_for(lambda: log.said("audit-partitions-made"))
    log.connection.rollback()
    assert log.sql.one("SELECT count(*) FROM pg_inherits WHERE inhparent = 'audit.event'::regclass") == 5


def test_every_partition_and_the_seals_are_append_only(log):
    """[16.4.2] Whoever asks, a superuser who is a replica too."""
    log.add(1)
    log.seal()
    (partition,) = {name for (name,) in log.sql("SELECT DISTINCT tableoid::regclass::text FROM audit.event")}
    log.connection.rollback()
    for role in ("anamnesis_owner", "postgres"):
        with contextlib.closing(log.database.connect(role)) as connection:
            session = Session(connection)
            session("SET lock_timeout = '20s'")
            if role == "postgres":
                session("SET session_replication_role = replica")
            for table, change in (("audit.event", "outcome = 'x'"), (partition, "outcome = 'x'"), ("audit.seal", "total = 1")):
                for statement in (f"UPDATE {table} SET {change}", f"DELETE FROM {table}", f"TRUNCATE {table}"):
                    session.refused("AN409", statement)


@pytest.mark.parametrize("role", ["anamnesis_api", "anamnesis_jobs", "anamnesis_scan", "anamnesis_auditor"])
def test_nobody_reaches_a_partition_by_its_name(sealed_log, role):
    (partition,) = {name for (name,) in sealed_log.sql("SELECT DISTINCT tableoid::regclass::text FROM audit.event")}
    session = Session(sealed_log.database.connect(role))
    session.refused("42501", f"SELECT * FROM {partition}")
    session.refused("42501", "SELECT * FROM audit.event_default")
    session.connection.close()


def test_a_log_from_before_keeps_its_rows_and_their_order(bare):
    """Rows of a table that once was one piece have partitions of their months, and come first."""
    former.restore(bare)
    owner = Session(bare.connect("anamnesis_owner"))
    before = owner("SELECT * FROM audit.event ORDER BY id")
    owner.commit()
    assert bare.command("migrate").returncode == 0
    after = owner("SELECT id, position, at, practice_id, realm::text, actor_id, role, session_id, client_address, request_id, operation, "
                  "object_id, CASE WHEN patient_id IS NULL THEN coalesce(patient_ids, '{}') ELSE ARRAY[patient_id] END, outcome, detail "
                  "FROM audit.event ORDER BY position")
    assert after == before
    assert [name for (name,) in owner("SELECT tableoid::regclass::text FROM audit.event ORDER BY position LIMIT 3")] == [
        "audit.event_2024_02", "audit.event_2023_12", "audit.event_2024_03"]
    owner("INSERT INTO audit.event (realm, client_address, request_id, operation, patient_ids, outcome) VALUES "
          "('none', '', gen_random_uuid(), 'next', ARRAY[gen_random_uuid()], 'ok')")
    (last, following) = owner("SELECT id, position FROM audit.event ORDER BY position DESC LIMIT 2")
    assert last[0] == before[-1][0] + 1 and last[1] > following[1] > 0
    owner.connection.close()

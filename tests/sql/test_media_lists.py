"""A gallery shows what a plain query shows, whichever way it finds it (as test_lists.py for responses)."""

import datetime
import os
import random
import uuid

import pytest
from psycopg2.extras import execute_values
from support import uploads
from support.world import Practice, Session

SEED, PATIENTS, FILES, CALLS = 1120, 200, 4000, 160
NOW = datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc)
HOUR = datetime.timedelta(hours=1)
LINKS = ("photo", "letter", "skin", "Ω")
TEAMS = (0, 1, 5, 60)
ASK = ("SELECT id FROM anamnesis.upload_page(%(patient)s, %(questionnaire)s, %(link)s, %(type)s, %(states)s, %(since)s, %(until)s, %(before)s, "
       "%(fetch)s)")
FILTERS = {"patient": "patient_id = %s", "questionnaire": "questionnaire_id = %s", "link": "link_id = %s", "type": "type = %s",
           "since": "created_at >= %s", "until": "created_at < %s", "before": "id < %s"}


def uuid_of(rng, moment):
    """Version 7 of this moment."""
    head = int(moment.timestamp() * 1000) << 80
    return uuid.UUID(int=head | 7 << 76 | rng.getrandbits(12) << 64 | 2 << 62 | rng.getrandbits(62))


def in_state(state):
    """The columns that a file of this state has: salt, completed, decided, reason, signature, scanned with, removed."""
    done = state in ("clean", "infected", "rejected")
    return {"salt": state in ("awaiting-upload", "scanning", "clean"), "completed_at": done or state == "scanning", "decided_at": done,
            "reason": state == "rejected", "signature": state == "infected", "scanned_with": done, "removed": state == "removed",
            "whole": state != "erased"}


def a_file(rng, practice, patient, response, questionnaire):
    created = NOW - HOUR * rng.randrange(24 * 90)
    state = rng.choice(uploads.STATES)
    has = in_state(state)
    sealed = b"\x02" + os.urandom(60)
    ahead = datetime.timedelta(seconds=rng.choice((0, 0, 0, -50, 50, 3600)))  # a worker's clock
    return (uuid_of(rng, created + ahead), practice.id, patient, practice.assignments[patient], response, questionnaire, rng.choice(LINKS),
            rng.choice(uploads.TYPES), 1000 if has["whole"] else None, 1, sealed if has["whole"] else None,
            os.urandom(60) if has["whole"] else None, os.urandom(32) if has["salt"] else None, state,
            "damaged" if has["reason"] else None, "Eicar" if has["signature"] else None, created, created if has["completed_at"] else None,
            created if has["decided_at"] else None, "daily:1" if has["scanned_with"] else None, *((patient, created, sealed)
                                                                                                  if has["removed"] else (None,) * 3))


@pytest.fixture(scope="module")
def crowd(database):
    """A practice whose staff sees their care teams' patients, two questionnaires, and files in every state."""
    rng = random.Random(SEED)
    connection = database.connect("postgres")
    sql = Session(connection)
    practice = Practice(sql, "Gallery")
    first = practice.questionnaire
    second = uuid.uuid4()
    sql("INSERT INTO anamnesis.questionnaire (id, practice_id, title, draft, created_by) VALUES (%s, %s, 'R', '{}', %s)", second,
        practice.id, second)
    sql("INSERT INTO anamnesis.questionnaire_version (practice_id, questionnaire_id, version, title, definition, definition_sha256, "
        "published_by) VALUES (%s, %s, 1, 'R', '{}', sha256('{}'), %s)", practice.id, second, second)
    rows = []
    for number in range(PATIENTS):
        patient = practice.add_patient(sql, registered=False)
        practice.questionnaire = (first, second)[number % 2]
        practice.assignments[patient.id] = practice.add_assignment(sql, patient)
        response = practice.add_response(sql, patient, "in-progress")
        rows += [a_file(rng, practice, patient.id, response, practice.questionnaire) for _ in range(FILES // PATIENTS)]
    practice.questionnaires, practice.files = (first, second), [row[0] for row in rows]
    practice.everybody = sorted({row[2] for row in rows}, key=str)
    sql("UPDATE anamnesis.practice SET patient_access = 'care-team' WHERE id = %s", practice.id)
    sql("ALTER TABLE anamnesis.upload DISABLE TRIGGER ALL")
    execute_values(sql.cursor, "INSERT INTO anamnesis.upload (id, practice_id, patient_id, assignment_id, response_id, questionnaire_id, "
                   "link_id, type, size, parts, name, declared, salt, state, reason, signature, created_at, completed_at, decided_at, "
                   "scanned_with, removed_by, removed_at, removal_reason) VALUES %s", rows)
    sql("ALTER TABLE anamnesis.upload ENABLE TRIGGER ALL")
    for name in ("moves", "leaves", "kept", "kept_all"):
        sql(f"ALTER TABLE anamnesis.upload ENABLE ALWAYS TRIGGER {name}")
    # What the triggers would have counted: other tests' programs may move these files, too.
    sql("DELETE FROM anamnesis.upload_quota WHERE practice_id = %s", practice.id)
    sql("INSERT INTO anamnesis.upload_quota (practice_id, patient_id, bytes, open_count) SELECT practice_id, patient_id, "
        "coalesce(sum(size) FILTER (WHERE state IN ('awaiting-upload', 'scanning', 'clean')), 0), "
        "count(*) FILTER (WHERE state IN ('awaiting-upload', 'scanning')) FROM anamnesis.upload WHERE practice_id = %s "
        "GROUP BY GROUPING SETS ((practice_id), (practice_id, patient_id))", practice.id)
    connection.commit()
    sql("ANALYZE")
    connection.commit()
    connection.close()
    return practice


def join(sql, practice, role, patients):
    """Exactly these are the team's, and for one more the glass is broken."""
    staff = practice.staff[role].id
    sql("DELETE FROM anamnesis.care_team WHERE staff_id = %s", staff)
    for patient in patients:
        sql("INSERT INTO anamnesis.care_team (practice_id, staff_id, patient_id, added_by) VALUES (%s, %s, %s, %s)", practice.id, staff,
            patient, staff)
    for patient, hours in zip(practice.everybody[:2], (1, -1)):
        sql("INSERT INTO anamnesis.break_glass (id, practice_id, staff_id, patient_id, reason, opened_at, expires_at) VALUES "
            "(%s, %s, %s, %s, %s, now() - interval '3 hours', now() + %s * interval '1 hour')", uuid.uuid4(), practice.id, staff, patient,
            b"\x02" + os.urandom(80), hours)
    sql.commit()


def asked(rng, practice):
    def perhaps(chance, value):
        return value if rng.random() < chance else None

    def a_moment():
        return NOW - HOUR * rng.randrange(-800, 24 * 92)
    return {"patient": perhaps(0.15, rng.choice(practice.everybody)), "questionnaire": perhaps(0.3, rng.choice(practice.questionnaires)),
            "link": perhaps(0.3, rng.choice((*LINKS, "none"))), "type": perhaps(0.3, rng.choice(uploads.TYPES)),
            "states": perhaps(0.6, rng.sample(uploads.STATES, rng.randrange(0, 5))), "since": perhaps(0.3, a_moment()),
            "until": perhaps(0.3, a_moment()), "before": perhaps(0.4, rng.choice(practice.files)), "fetch": rng.choice((1, 2, 7, 51, 201))}


def plain(sql, practice, role, values):
    """What a plain query gives, which knows neither row-level security nor the ways of the function."""
    conditions, arguments = ["practice_id = %s"], [practice.id]
    if role not in ("owner", "auditor"):
        conditions.append("patient_id IN (SELECT patient_id FROM anamnesis.care_team WHERE staff_id = %s UNION ALL "
                          "SELECT patient_id FROM anamnesis.break_glass WHERE staff_id = %s AND expires_at > now())")
        arguments += [practice.staff[role].id] * 2
    for name, condition in FILTERS.items():
        if values[name] is not None:
            conditions.append(condition)
            arguments.append(values[name])
    if values["states"] is not None:
        conditions.append("state = ANY (%s)" if role == "owner" else
                          "CASE state WHEN 'infected' THEN 'rejected' ELSE state END = ANY (array_remove(%s, 'infected'))")
        arguments.append(values["states"])
    return [row for (row,) in sql(f"SELECT id FROM anamnesis.upload WHERE {' AND '.join(conditions)} ORDER BY id DESC LIMIT %s",
                                  *arguments, values["fetch"])]


@pytest.mark.parametrize("role", ["owner", "auditor", "physician", "assistant"])
def test_a_gallery_is_what_a_plain_query_gives(api, superuser, crowd, role):
    rng, shown = random.Random(SEED), 0
    for number in range(CALLS):
        if role in ("physician", "assistant") and number % (CALLS // len(TEAMS)) == 0:
            join(superuser, crowd, role, rng.sample(crowd.everybody, TEAMS[number * len(TEAMS) // CALLS]))
        values = asked(rng, crowd)
        expected = plain(superuser, crowd, role, values)
        api.rollback()
        api.prove(crowd.staff[role])
        api.cursor.execute(ASK, values)
        assert [row for (row,) in api.cursor.fetchall()] == expected, values
        shown += len(expected)
    assert shown > 300


def test_a_gallery_shows_nobody_else_anything(api, crowd, world):
    nothing = {name: None for name in (*FILTERS, "states")} | {"fetch": 10000}
    api.cursor.execute(ASK, nothing)
    assert api.cursor.fetchall() == []
    for practice in world:
        for who in (*practice.staff.values(), *practice.patients):
            api.rollback()
            api.prove(who)
            api.cursor.execute(ASK, nothing)
            assert not {row for (row,) in api.cursor.fetchall()} - set(practice.uploads.values())
    api.rollback()
    api.prove(world[0].patient)
    assert api("SELECT auth.team_uploads(NULL, NULL, NULL, ARRAY['clean'], '-infinity', 'infinity', %s, %s, 100)", str(uuid.UUID(int=0)),
               str(uuid.UUID(int=2 ** 128 - 1))) == []

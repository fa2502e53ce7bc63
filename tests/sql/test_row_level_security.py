"""Practices, and patients, are kept apart by the database itself, under the role of the workers (P5)."""

import os
import uuid

import pytest
from support.world import Practice

TABLES = ["practice", "staff", "patient", "questionnaire", "questionnaire_version", "assignment", "invitation",
          "response", "response_migration", "value_set", "idempotency", "care_team", "break_glass", "data_key", "outbox", "upload", "upload_object",
          "upload_shown", "review", "review_now"]
PATIENTS_TABLES = {"practice", "patient", "questionnaire_version", "assignment", "response", "response_migration",
                   "idempotency", "data_key", "upload", "upload_object", "upload_shown"}
STAFFS_TABLES = set(TABLES) - {"idempotency"}
NOT_FOR = {"owner": set(), "physician": set(), "assistant": {"review"}, "auditor": {"outbox", "upload_object", "review"}}
VIOLATION = "42501"


def practice_column(table):
    return "id" if table == "practice" else "practice_id"


def rows(session, table):
    """(own practice's, others') rows that the session sees."""
    column = practice_column(table)
    return session(f"SELECT count(*) FILTER (WHERE {column} = auth.practice()), "
                   f"count(*) FILTER (WHERE {column} IS DISTINCT FROM auth.practice()) FROM anamnesis.{table}")[0]


def test_every_table_that_the_api_reads_is_in_this_test(superuser):
    readable = superuser("SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                         "WHERE c.relkind IN ('r', 'p', 'v') AND n.nspname IN ('anamnesis', 'auth', 'audit') "
                         "AND has_any_column_privilege('anamnesis_api', c.oid, 'SELECT')")
    # What is left is of no practice: which migrations and texts there are, and which versions of keys.
    assert {name for (name,) in readable} == set(TABLES) | {"migration", "sql_state", "key_check"}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("role", ["owner", "physician", "assistant", "auditor"])
def test_staff_sees_its_own_practice_only(api, world, table, role):
    """[8.4.1]"""
    for practice in world:
        api.prove(practice.staff[role])
        own, others = rows(api, table)
        assert others == 0
        assert (own > 0) == (table in STAFFS_TABLES - NOT_FOR[role])
        api.rollback()


@pytest.mark.parametrize("table", TABLES)
def test_a_patient_sees_nothing_of_another_practice(api, world, table):
    for practice in world:
        api.prove(practice.patient)
        own, others = rows(api, table)
        assert others == 0
        assert (own > 0) == (table in PATIENTS_TABLES)
        api.rollback()


@pytest.mark.parametrize("table", TABLES)
def test_nobody_sees_anything_before_the_proof(api, world, table):
    assert api.one(f"SELECT count(*) FROM anamnesis.{table}") == 0
    api.anonymous()
    assert api.one(f"SELECT count(*) FROM anamnesis.{table}") == 0


OF_PATIENTS = {"patient": "id", "assignment": "patient_id", "invitation": "patient_id", "response": "patient_id",
               "response_migration": "patient_id", "data_key": "patient_id", "outbox": "patient_id", "upload": "patient_id",
               "upload_object": "patient_id", "upload_shown": "patient_id", "review": "patient_id", "review_now": "patient_id"}


def seen_of(api, who, policy, table, practice, superuser):
    """The patients of whom the member of staff sees rows under this policy."""
    superuser("UPDATE anamnesis.practice SET patient_access = %s WHERE id = %s", policy, practice.id)
    superuser.commit()
    api.prove(who)
    found = {patient for (patient,) in api(f"SELECT {OF_PATIENTS[table]} FROM anamnesis.{table}") if patient}
    api.rollback()
    return found


@pytest.fixture
def kept_apart(world, superuser):
    """A practice whose policy is set back afterwards."""
    yield world[0]
    superuser.rollback()
    superuser("UPDATE anamnesis.practice SET patient_access = 'all' WHERE id = %s", world[0].id)
    superuser.commit()


@pytest.mark.parametrize("table", OF_PATIENTS)
def test_care_teams_keep_patients_apart(api, kept_apart, superuser, table):
    """What was opened in an emergency is closed after the hour. [8.2.2, 8.2.3]"""
    first, second = (patient.id for patient in kept_apart.patients)
    for role, seen in {"owner": {first, second}, "auditor": {first, second}, "physician": {first}, "assistant": set()}.items():
        if table in NOT_FOR[role]:
            continue  # sees none at all
        who = kept_apart.staff[role]
        assert seen_of(api, who, "care-team", table, kept_apart, superuser) == seen
        assert seen_of(api, who, "all", table, kept_apart, superuser) == {first, second}
    superuser("INSERT INTO anamnesis.break_glass (id, practice_id, staff_id, patient_id, reason) VALUES (%s, %s, %s, %s, %s)",
              uuid.uuid4(), kept_apart.id, kept_apart.staff["assistant"].id, second, b"\x01" + os.urandom(60))
    superuser.commit()
    assert seen_of(api, kept_apart.staff["assistant"], "care-team", table, kept_apart, superuser) == {second} - (
        {second} if table in NOT_FOR["assistant"] else set())
    # No program could: the rows are for ever.
    superuser("ALTER TABLE anamnesis.break_glass DISABLE TRIGGER broken_for_ever")
    superuser("DELETE FROM anamnesis.break_glass WHERE staff_id = %s", kept_apart.staff["assistant"].id)
    superuser("ALTER TABLE anamnesis.break_glass ENABLE ALWAYS TRIGGER broken_for_ever")
    superuser.commit()


def test_of_messages_the_api_reads_what_became_of_them_and_nothing_else(api, world, superuser):
    """Those to staff, and those to staff about a patient, are for owners; nobody of the practice's reads what is sealed."""
    practice = world[0]
    superuser("INSERT INTO anamnesis.outbox (practice_id, kind, sealed, patient_id, for_staff) VALUES (%s, 'x', %s, %s, true)",
              practice.id, os.urandom(60), practice.patient.id)
    superuser.commit()
    for role, seen in {"owner": True, "physician": False, "assistant": False, "auditor": False}.items():
        api.prove(practice.staff[role])
        found = api("SELECT patient_id IS NULL, for_staff FROM anamnesis.outbox")
        assert ((True, False) in found or (False, True) in found) == seen, role
        api.refused(VIOLATION, "SELECT sealed FROM anamnesis.outbox")
        api.prove(practice.staff[role])
        api.refused(VIOLATION, "UPDATE anamnesis.outbox SET kind = 'y'")
    api.prove(practice.patient)
    assert api.one("SELECT count(*) FROM anamnesis.outbox") == 0


def test_who_does_not_see_a_patient_changes_none(api, kept_apart, superuser):
    """Not even by a statement that reads nothing of the row."""
    superuser("UPDATE anamnesis.practice SET patient_access = 'care-team' WHERE id = %s", kept_apart.id)
    superuser.commit()
    for role, changed in {"owner": 2, "physician": 1, "assistant": 0, "auditor": 0}.items():
        for table in ("patient", "assignment", "invitation"):
            api.prove(kept_apart.staff[role])
            column = "language = 'de'" if table == "patient" else "status = status"
            found = api.affected(f"UPDATE anamnesis.{table} SET {column}")
            assert found == changed, (role, table)
            api.rollback()


@pytest.mark.parametrize("role", ["physician", "assistant", "auditor"])
def test_only_owners_make_care_teams(api, world, role):
    """Also by SQL of one's own, nobody takes themselves into a care team, or breaks a glass without its function. [8.2.1]"""
    practice = world[0]
    api.prove(practice.staff[role])
    api.refused("AN403", "SELECT auth.care_team_add(%s, %s)", practice.patient.id, practice.staff[role].id)
    api.prove(practice.staff[role])
    assert api.affected("DELETE FROM anamnesis.care_team") == 0
    api.refused(VIOLATION, "INSERT INTO anamnesis.care_team (practice_id, staff_id, patient_id, added_by) "
                "VALUES (%s, %s, %s, %s)", practice.id, practice.staff[role].id, practice.patient.id, practice.staff[role].id)
    api.prove(practice.staff[role])
    api.refused(VIOLATION, "INSERT INTO anamnesis.break_glass (id, practice_id, staff_id, patient_id, reason) "
                "VALUES (%s, %s, %s, %s, %s)", uuid.uuid4(), practice.id, practice.staff[role].id, practice.patient.id, b"x")
    api.prove(practice.staff[role])
    api.refused("AN403", "SELECT auth.glass_break(%s, %s, %s, %s)", uuid.uuid4(), practice.patient.id, os.urandom(32), "x")


def test_the_actor_ends_with_the_transaction(api, world):
    api.prove(world[0].staff["owner"])
    assert api.one("SELECT count(*) FROM anamnesis.patient") > 0
    api.commit()
    assert api.one("SELECT count(*) FROM anamnesis.patient") == 0


def test_a_patient_sees_own_rows_only(api, world):
    """[8.2.2]"""
    practice = world[0]
    first, second = practice.patients
    api.prove(first)
    assert api("SELECT id FROM anamnesis.patient") == [(first.id,)]
    assert api("SELECT DISTINCT patient_id FROM anamnesis.assignment") == [(first.id,)]
    assert api("SELECT DISTINCT patient_id FROM anamnesis.response") == [(first.id,)]
    for table in ("staff", "questionnaire", "invitation"):
        assert api.one(f"SELECT count(*) FROM anamnesis.{table}") == 0
    assert api.one("SELECT count(*) FROM anamnesis.response WHERE id = %s", practice.started) == 0
    assert api.affected("UPDATE anamnesis.response SET revision = 9 WHERE id = %s", practice.started) == 0
    assert api.affected("UPDATE anamnesis.assignment SET status = 'completed' WHERE patient_id = %s", second.id) == 0


def test_a_patient_reads_only_versions_that_were_assigned(api, world):
    api.prove(world[0].patient)
    assert api("SELECT questionnaire_id, version FROM anamnesis.questionnaire_version") == [(world[0].questionnaire, 1)]
    api.rollback()
    api.prove(world[0].staff["physician"])
    assert len(api("SELECT version FROM anamnesis.questionnaire_version")) == 2


INSERTS = {
    "patient": ("WITH key AS (INSERT INTO anamnesis.data_key (patient_id, practice_id, wrapped_key) VALUES (%(id)s, "
                "%(practice)s, %(key)s)) INSERT INTO anamnesis.patient (id, practice_id, created_by, given_name, "
                "family_name, birth_date, email, email_index) VALUES (%(id)s, %(practice)s, %(id)s, %(sealed)s, %(sealed)s, %(sealed)s, "
                "%(sealed)s, %(hash)s)"),
    "questionnaire": ("INSERT INTO anamnesis.questionnaire (practice_id, title, draft, created_by) "
                      "VALUES (%(practice)s, 't', '{}', %(id)s)"),
    "questionnaire_version": ("INSERT INTO anamnesis.questionnaire_version (practice_id, questionnaire_id, version, title, "
                              "definition, definition_sha256, published_by) VALUES (%(practice)s, %(questionnaire)s, 3, "
                              "'t', '{}', %(hash)s, %(id)s)"),
    "assignment": ("INSERT INTO anamnesis.assignment (practice_id, patient_id, questionnaire_id, version, created_by) "
                   "VALUES (%(practice)s, %(patient)s, %(questionnaire)s, 1, %(id)s)"),
    "invitation": ("INSERT INTO anamnesis.invitation (practice_id, patient_id, token_hash, delivery, expires_at, created_by) "
                   "VALUES (%(practice)s, %(patient)s, %(hash)s, 'link', now(), %(id)s)"),
    "value_set": ("INSERT INTO anamnesis.value_set (practice_id, url, title, resource, created_by) "
                  "VALUES (%(practice)s, 'urn:x:' || %(id)s, 't', '{}', %(id)s)"),
    "outbox": "INSERT INTO anamnesis.outbox (practice_id, kind, sealed) VALUES (%(practice)s, 'x', %(key)s)",
}


def values(practice):
    return {"practice": practice.id, "patient": practice.patient.id, "questionnaire": practice.questionnaire,
            "id": uuid.uuid4(), "key": os.urandom(76), "hash": os.urandom(32), "sealed": b"\x01" + os.urandom(60)}


@pytest.mark.parametrize("table", INSERTS)
def test_staff_adds_to_its_own_practice_only(api, world, table):
    mine, other = world
    api.prove(mine.staff["assistant"])
    api.cursor.execute(INSERTS[table], values(mine))
    with pytest.raises(Exception) as fault:
        api.cursor.execute(INSERTS[table], values(other))
    assert fault.value.pgcode == VIOLATION


@pytest.mark.parametrize("table", ["patient", "questionnaire", "questionnaire_version", "assignment", "invitation",
                                   "value_set"])
@pytest.mark.parametrize("who", ["auditor", "patient", None])
def test_who_only_looks_on_adds_nothing(api, world, table, who):
    practice = world[0]
    if who is None:
        api.anonymous()
    else:
        api.prove(practice.patient if who == "patient" else practice.staff[who])
    with pytest.raises(Exception) as fault:
        api.cursor.execute(INSERTS[table], values(practice))
    assert fault.value.pgcode == VIOLATION


@pytest.mark.parametrize("table, change", [
    ("patient", "revision = revision + 1"), ("questionnaire", "revision = revision + 1"),
    ("assignment", "revision = revision + 1"), ("invitation", "tries = 0"), ("value_set", "revision = revision + 1")])
def test_changes_stay_in_the_practice(api, world, table, change):
    mine, other = world
    api.prove(mine.staff["physician"])
    assert api.affected(f"UPDATE anamnesis.{table} SET {change}") > 0
    assert api.affected(f"UPDATE anamnesis.{table} SET {change} WHERE practice_id = %s", other.id) == 0
    api.rollback()
    for who in (mine.staff["auditor"], mine.patient):
        api.prove(who)
        changed = api.affected(f"UPDATE anamnesis.{table} SET {change}")
        own_assignment = table == "assignment" and who is mine.patient
        assert changed == (1 if own_assignment else 0)
        api.rollback()


def test_what_may_be_removed_is_removed_in_the_practice_only(api, world):
    mine, other = world
    api.prove(mine.staff["physician"])
    assert api.affected("DELETE FROM anamnesis.value_set WHERE practice_id = %s", other.id) == 0
    assert api.affected("DELETE FROM anamnesis.value_set") == 1
    # Only a draft that was never published: the world's questionnaire is not even found.
    assert api.affected("DELETE FROM anamnesis.questionnaire") == 0
    api.cursor.execute(INSERTS["questionnaire"], values(mine))
    assert api.affected("DELETE FROM anamnesis.questionnaire") == 1
    api.rollback()
    for who in (mine.staff["auditor"], mine.patient):
        api.prove(who)
        for table in ("value_set", "questionnaire"):
            assert api.affected(f"DELETE FROM anamnesis.{table}") == 0
        api.rollback()


def test_a_patient_reads_the_version_that_an_open_assignment_moves_to(api, superuser, connect, database):
    """And no other newer one; and none any more once it is completed."""
    def seen(patient):
        api.prove(patient)
        found = sorted(version for (version,) in api("SELECT version FROM anamnesis.questionnaire_version"))
        api.rollback()
        return found
    practice = Practice(superuser, "moves")
    for version, on_drafts in ((3, "migrate"), (4, "keep")):
        superuser("INSERT INTO anamnesis.questionnaire_version (practice_id, questionnaire_id, version, title, definition, "
                  "definition_sha256, published_by, on_drafts) VALUES (%s, %s, %s, 'Q', '{}', %s, %s, %s)", practice.id,
                  practice.questionnaire, version, b"h" * 32, uuid.uuid4(), on_drafts)
    superuser("UPDATE anamnesis.assignment SET status = 'completed' WHERE patient_id = %s", practice.patient.id)
    superuser.commit()
    assert seen(practice.patients[1]) == [1, 3]
    assert seen(practice.patient) == [1]


def test_an_assignment_moves_only_by_its_patient_and_only_where_drafts_are_taken_over(api, superuser):
    practice = Practice(superuser, "moves by whom")
    superuser("INSERT INTO anamnesis.questionnaire_version (practice_id, questionnaire_id, version, title, definition, "
              "definition_sha256, published_by, on_drafts) VALUES (%s, %s, 3, 'Q', '{}', %s, %s, 'migrate')", practice.id,
              practice.questionnaire, b"h" * 32, uuid.uuid4())
    superuser.commit()
    second = practice.patients[1]
    move = "UPDATE anamnesis.assignment SET version = %s WHERE patient_id = %s"
    superuser.refused("AN409", move, 3, second.id)
    for who in (practice.staff["owner"], practice.staff["physician"]):
        api.prove(who)
        api.refused("AN409", move, 3, second.id)
        api.rollback()
    api.prove(second)
    api.refused("AN409", move, 2, second.id)  # published with `keep`
    assert api.affected(move, 3, second.id) == 1
    assert api("SELECT version FROM anamnesis.response") == [(3,)]  # the response goes along
    api.refused("AN409", move, 1, second.id)


def test_a_patient_adds_own_migrations_only(api, world):
    practice = world[0]
    insert = ("INSERT INTO anamnesis.response_migration (practice_id, patient_id, response_id, from_version, to_version, "
              "revision, answers, dropped) VALUES (%s, %s, %s, 1, 2, 1, %s, %s)")
    sealed = b"\x01" + os.urandom(60)
    first, second = practice.patients
    api.prove(second)
    assert api.affected(insert, practice.id, second.id, practice.started, sealed, sealed) == 1
    api.refused(VIOLATION, insert, practice.id, first.id, practice.completed, sealed, sealed)
    api.refused("23503", insert, practice.id, second.id, practice.completed, sealed, sealed)
    api.rollback()
    api.prove(practice.staff["physician"])
    api.refused(VIOLATION, insert, practice.id, second.id, practice.started, sealed, sealed)


def test_references_cannot_reach_into_another_practice(api, world):
    """Foreign keys are checked without row-level security: the practice is part of the key."""
    mine, other = world
    api.prove(mine.staff["physician"])
    for wrong in ({"patient": other.patient.id}, {"questionnaire": other.questionnaire}):
        with pytest.raises(Exception) as fault:
            api.cursor.execute("SAVEPOINT before")
            api.cursor.execute(INSERTS["assignment"], values(mine) | wrong)
        assert fault.value.pgcode == "23503"
        api.cursor.execute("ROLLBACK TO SAVEPOINT before")
    with pytest.raises(Exception) as fault:
        api.cursor.execute(INSERTS["invitation"], values(mine) | {"patient": other.patient.id})
    assert fault.value.pgcode == "23503"


def test_staff_does_not_write_answers(api, world):
    practice = world[0]
    api.prove(practice.staff["physician"])
    assert api.one("SELECT count(*) FROM anamnesis.response WHERE id = %s", practice.started) == 1
    assert api.affected("UPDATE anamnesis.response SET revision = 9 WHERE id = %s", practice.started) == 0


def test_a_patient_writes_own_answers_only(api, world):
    practice = world[0]
    second = practice.patients[1]
    api.prove(second)
    assert api.affected("UPDATE anamnesis.response SET revision = revision + 1 WHERE id = %s", practice.started) == 1
    api.refused(VIOLATION, "INSERT INTO anamnesis.response (practice_id, patient_id, assignment_id, questionnaire_id, "
                "version, answers) VALUES (%s, %s, %s, %s, 1, %s)", practice.id, practice.patient.id,
                practice.assignments[practice.patient.id], practice.questionnaire, b"\x01" + os.urandom(60))
    api.refused(VIOLATION, "UPDATE anamnesis.assignment SET status = 'cancelled'")


def test_a_response_agrees_with_its_assignment(superuser, world):
    practice = world[0]
    made = practice.add_assignment(superuser, practice.patient)
    superuser.refused("23503", "INSERT INTO anamnesis.response (practice_id, patient_id, assignment_id, questionnaire_id, "
                      "version, answers) VALUES (%s, %s, %s, %s, 2, %s)", practice.id, practice.patient.id, made,
                      practice.questionnaire, b"\x01" + os.urandom(60))


def test_idempotency_keys_are_of_one_actor(api, world):
    practice = world[0]
    insert = ("INSERT INTO anamnesis.idempotency (practice_id, actor_id, key_hash, operation, body_sha256) "
              "VALUES (%s, %s, %s, 'x', %s)")
    api.prove(practice.staff["owner"])
    assert api.affected(insert, practice.id, practice.staff["owner"].id, b"k" * 32, b"b" * 32) == 1
    assert api.one("SELECT count(*) FROM anamnesis.idempotency") == 1
    api.refused(VIOLATION, insert, practice.id, practice.patient.id, b"k" * 32, b"b" * 32)
    api.refused(VIOLATION, insert, world[1].id, practice.staff["owner"].id, b"k" * 32, b"b" * 32)


def test_functions_beside_the_policies_tell_of_whom_the_actor_may_see_alone(api, superuser):
    """What response_read and my_response_lock ask for without the tables' policies."""
    mine, other = Practice(superuser, "asks"), Practice(superuser, "is asked about")
    superuser("INSERT INTO anamnesis.questionnaire_version (practice_id, questionnaire_id, version, title, definition, "
              "definition_sha256, published_by, on_drafts) VALUES (%s, %s, 3, 'Q', '{}', %s, %s, 'migrate')", mine.id,
              mine.questionnaire, b"h" * 32, uuid.uuid4())
    patient, erased, neighbour = mine.patient, mine.patients[1], mine.add_patient(superuser)
    mine.assignments[neighbour.id] = mine.add_assignment(superuser, neighbour)
    superuser("UPDATE anamnesis.patient SET status = 'erased', given_name = NULL, family_name = NULL, birth_date = NULL, "
              "email = NULL, email_index = NULL WHERE id = %s", erased.id)
    superuser.commit()
    everything, nothing = ("Q", [(False, 3)]), (None, [(None, None)])

    def told(who, about, practice=mine):
        if who is not None:
            api.prove(who)
        title = api.one("SELECT anamnesis.version_title(%s, %s, 1)", about.id, practice.questionnaire)
        now = api("SELECT (anamnesis.assignment_now(%s)).*", practice.assignments[about.id])
        elsewhere = api.one("SELECT anamnesis.version_title(%s, %s, 1)", about.id, (other if practice is mine else mine).questionnaire)
        api.rollback()
        assert elsewhere is None
        return title, now
    for who in (None, *mine.staff.values(), patient, neighbour):
        assert told(who, other.patient, other) == nothing
        assert told(who, erased)[0] is None
    assert told(None, patient) == nothing
    assert (told(patient, patient), told(neighbour, patient), told(patient, neighbour)) == (everything, nothing, nothing)
    for member in mine.staff.values():
        assert told(member, patient) == told(member, neighbour) == everything
    superuser("UPDATE anamnesis.practice SET patient_access = 'care-team' WHERE id = %s", mine.id)
    superuser.commit()
    # The physician is of the first patient's care team; owners and auditors see all.
    assert [(told(mine.staff[role], patient), told(mine.staff[role], neighbour)) for role in ("owner", "auditor", "physician", "assistant")
            ] == [(everything, everything)] * 2 + [(everything, nothing), (nothing, nothing)]


@pytest.mark.parametrize("status", ["in-progress", "completed", "cancelled", "assigned", "other", None])
def test_a_patient_begins_and_completes_what_was_assigned_and_nothing_else(api, superuser, status):
    practice, other = Practice(superuser, f"answers {status}"), Practice(superuser, f"another {status}")
    superuser("UPDATE anamnesis.assignment SET status = 'cancelled' WHERE id = %s", other.assignments[other.patient.id])
    superuser.commit()
    answered, state = "SELECT anamnesis.assignment_answered(%s, %s)", "SELECT status, revision FROM anamnesis.assignment WHERE id = %s"

    def after(who, assignment):
        if who is not None:
            api.prove(who)
        api(answered, assignment, status)
        api.commit()
        found = superuser(state, assignment)
        superuser.rollback()
        return found[0]
    own = practice.assignments[practice.patient.id]
    for who in (None, *practice.staff.values(), practice.patients[1], other.patient):
        assert after(who, own) == ("assigned", 1)
    assert after(other.patient, other.assignments[other.patient.id]) == ((status, 2) if status == "completed" else ("cancelled", 1))
    assert after(practice.patient, own) == ((status, 2) if status in ("in-progress", "completed") else ("assigned", 1))

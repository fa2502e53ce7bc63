"""What was published, completed or logged stays as it was, whoever asks - a superuser too."""

import itertools
import os
import uuid

import psycopg2
import pytest

REFUSED = "AN409"
SEALED = b"\x01" + os.urandom(60)  # as good as any sealed value, until it is opened
WAYS = {"plainly": "SELECT", "as a replica": "SET session_replication_role = replica"}


@pytest.fixture(params=WAYS)
def anybody(superuser, request):
    """A superuser, also one who switches ordinary triggers off."""
    superuser(WAYS[request.param])
    return superuser


@pytest.mark.parametrize("statement", [
    "UPDATE anamnesis.questionnaire_version SET title = 'other'", "DELETE FROM anamnesis.questionnaire_version",
    "UPDATE anamnesis.questionnaire_version SET definition = definition",
    "UPDATE anamnesis.questionnaire_version SET value_sets = '[]'",
    "UPDATE anamnesis.questionnaire_version SET on_drafts = 'migrate'",
    "TRUNCATE anamnesis.questionnaire_version CASCADE", "TRUNCATE anamnesis.questionnaire CASCADE"])
def test_published_versions(anybody, world, statement):
    anybody.refused(REFUSED, statement)


@pytest.mark.parametrize("statement", [
    "UPDATE anamnesis.response SET answers = answers WHERE id = %s",
    "UPDATE anamnesis.response SET status = 'in-progress', submitted_at = NULL, definition_sha256 = NULL, "
    "response_sha256 = NULL WHERE id = %s",
    "DELETE FROM anamnesis.response WHERE id = %s"])
def test_completed_responses(anybody, world, statement):
    anybody.refused(REFUSED, statement, world[0].completed)
    # One in progress is the patient's to change.
    assert anybody.affected("UPDATE anamnesis.response SET revision = revision + 1 WHERE id = %s", world[0].started) == 1


@pytest.mark.parametrize("statement", [
    "UPDATE anamnesis.response_migration SET dropped = dropped", "DELETE FROM anamnesis.response_migration",
    "TRUNCATE anamnesis.response_migration"])
def test_what_was_carried_over(anybody, world, statement):
    anybody.refused(REFUSED, statement)


def test_amendments(superuser, world):
    """Completed ones and those given up, as the first response; the chain has one end."""
    practice, patient = world[0], world[0].patient
    proof = (practice.definition_sha256, SEALED)
    insert = ("INSERT INTO anamnesis.response (practice_id, patient_id, assignment_id, questionnaire_id, version, status, "
              "answers, amendment, amends, submitted_at, definition_sha256, response_sha256) VALUES (%s, %s, %s, %s, 1, %s, "
              "%s, %s, %s, CASE WHEN %s::bytea IS NOT NULL THEN now() END, %s, %s) RETURNING id")

    def amend(number, of, status, hashes=(None, None)):
        return (insert, practice.id, patient.id, practice.assignments[patient.id], practice.questionnaire, status,
                b"\x01" + os.urandom(60), number, of, hashes[0], *hashes)
    given_up = superuser.one(*amend(1, practice.completed, "stopped"))
    amended = superuser.one(*amend(2, practice.completed, "amended", proof))
    for wrong in (amend(3, practice.completed, "in-progress"), amend(2, amended, "in-progress"),
                  amend(0, None, "in-progress")):
        superuser.refused("23505", *wrong)
    for wrong in (amend(3, None, "in-progress"), amend(3, amended, "completed", proof), amend(3, amended, "amended")):
        superuser.refused("23514", *wrong)
    superuser.refused("23503", *amend(3, practice.started, "in-progress"))
    superuser.one(*amend(3, amended, "in-progress"))
    superuser.refused("23505", *amend(4, amended, "in-progress"))
    for way in WAYS.values():
        superuser(way)
        for one in (given_up, amended):
            superuser.refused(REFUSED, "UPDATE anamnesis.response SET revision = revision + 1 WHERE id = %s", one)
            superuser.refused(REFUSED, "DELETE FROM anamnesis.response WHERE id = %s", one)


STATES = list(itertools.product(["in-progress", "completed", "amended", "stopped", "other"], [-1, 0, 1], [False, True],
                                [False, True], [None, os.urandom(31), os.urandom(32)], [None, SEALED]))


def holds(status, amendment, amends, submitted, definition, response):
    """Whether there may be a response with this state and these proofs."""
    state = (amendment == 0 and not amends and status in ("in-progress", "completed")
             or amendment > 0 and amends and status in ("in-progress", "amended", "stopped"))
    proofs = [submitted, definition is not None, response is not None]
    return state and (all(proofs) and len(definition) == 32 if status in ("completed", "amended") else not any(proofs))


def test_what_holds_for_a_response(anybody, world):
    """Each state with each proof, written as a new row, and into one that is in progress."""
    practice, patient = world[0], world[0].patient
    new = ("INSERT INTO anamnesis.response (practice_id, patient_id, assignment_id, questionnaire_id, version, answers, status, "
           "amendment, amends, submitted_at, definition_sha256, response_sha256) VALUES (%s, %s, %s, %s, 1, %s, %s, %s, %s, "
           "CASE WHEN %s THEN now() END, %s, %s)")
    row = (practice.id, patient.id, practice.assignments[patient.id], practice.questionnaire, SEALED)
    changed = ("UPDATE anamnesis.response SET status = %s, amendment = %s, amends = %s, submitted_at = CASE WHEN %s THEN now() END, "
               "definition_sha256 = %s, response_sha256 = %s WHERE id = %s")
    for status, amendment, amends, *proofs in STATES:
        wanted = holds(status, amendment, amends, *proofs)
        state = (status, amendment, practice.completed if amends else None, *proofs)
        for statement, values in ((new, row + state), (changed, (*state, practice.started))):
            anybody("SAVEPOINT before")
            try:
                anybody(statement, *values)
                code = None
            except psycopg2.Error as fault:
                code = fault.pgcode
            anybody("ROLLBACK TO SAVEPOINT before")
            # What holds may still be there already, or name another assignment's response.
            assert (code != "23514") == wanted and code in (None, "23514", "23505", "23503"), (code, state)


@pytest.mark.parametrize("table", ["anamnesis.response", "anamnesis.practice", "anamnesis.patient"])
def test_responses_are_not_truncated(anybody, world, table):
    anybody.refused(REFUSED, f"TRUNCATE {table} CASCADE")


def test_a_response_is_completed_with_its_proof_and_then_never_again(api, world):
    practice = world[1]
    patient = practice.patients[1]
    api.prove(patient)
    api.refused("23514", "UPDATE anamnesis.response SET status = 'completed' WHERE id = %s", practice.started)
    finish = ("UPDATE anamnesis.response SET status = 'completed', submitted_at = now(), definition_sha256 = %s, "
              "response_sha256 = %s, revision = revision + 1 WHERE id = %s")
    assert api.affected(finish, practice.definition_sha256, SEALED, practice.started) == 1
    api.refused(REFUSED, finish, practice.definition_sha256, SEALED, practice.started)


@pytest.mark.parametrize("statement", ["UPDATE audit.event SET outcome = 'ok'", "DELETE FROM audit.event",
                                       "TRUNCATE audit.event"])
def test_the_log(anybody, world, statement):
    anybody.anonymous("x")
    anybody("SELECT audit.close(NULL, 'ok', 'event')")
    anybody.refused(REFUSED, statement)


def test_erasing_a_patient_leaves_nothing_that_opens(superuser, world):
    practice = world[0]
    patient = practice.add_patient(superuser)
    superuser.refused("23514", "UPDATE anamnesis.patient SET status = 'erased' WHERE id = %s", patient.id)
    superuser("UPDATE anamnesis.patient SET status = 'erased', given_name = NULL, family_name = NULL, "
              "birth_date = NULL, email = NULL, email_index = NULL WHERE id = %s", patient.id)
    assert superuser.one("SELECT num_nonnulls(given_name, family_name, birth_date, email, email_index) "
                         "FROM anamnesis.patient WHERE id = %s", patient.id) == 0

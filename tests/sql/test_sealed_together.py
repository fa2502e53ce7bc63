"""A submitted response's scores are sealed behind its hash; what was submitted before has them in a column of their own. Both are read alike."""

import json
import pathlib
import sys
import uuid

import pytest

from support.world import Practice

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tools"))

import gen_sql  # noqa: E402  (the path is set above)

QUERIES = TOP / "sql" / "queries"
STATEMENTS = {statement.name: statement for statement in gen_sql.load(QUERIES, gen_sql.Types(QUERIES / "types.txt"))}
TYPES = {"DB_UUID": "uuid", "DB_TEXT": "text", "DB_INT4": "integer", "DB_BYTEA": "bytea", "DB_TIMESTAMPTZ": "timestamptz"}
HASH = bytes(range(100, 132))
SCORES = ["[]", json.dumps([{"code": "\u20ac\u00e4", "value": 27}] * 3, ensure_ascii=False), json.dumps(["x" * 9000])]
FORMS = {  # what each form says in response_sha256 and in the column `scores`
    "behind the hash": lambda scores: (HASH.hex() + scores, None),
    "in a column": lambda scores: (HASH.hex(), scores),
}


@pytest.fixture
def clinic(superuser):
    return Practice(superuser, "Sealed")


def run(session, name, *values):
    """The rows of a statement of the workers, by its columns' names."""
    statement = STATEMENTS[name]
    session(f"PREPARE {name} ({', '.join(TYPES[field.enum] for field in statement.params)}) AS {statement.text}".replace("%", "%%"))
    rows = session(f"EXECUTE {name} ({', '.join(['%s'] * len(values))})", *values)
    session(f"DEALLOCATE {name}")
    return [dict(zip([field.name for field in statement.columns], row)) for row in rows]


def completed(superuser, clinic, form, scores):
    made, patient = uuid.uuid4(), clinic.patient
    proof, own = FORMS[form](scores)
    superuser("INSERT INTO anamnesis.response (id, practice_id, patient_id, assignment_id, questionnaire_id, version, status, answers, "
              "submitted_at, definition_sha256, response_sha256, scores) VALUES (%s, %s, %s, %s, %s, 1, 'completed', "
              "phi.seal(%s, 'response.answers:' || %s, '{}'), now(), %s, phi.seal(%s, 'response.response_sha256:' || %s, %s), "
              "phi.seal(%s, 'response.scores:' || %s, %s))", made, clinic.id, patient.id, clinic.add_assignment(superuser, patient),
              clinic.questionnaire, patient.key, str(made), clinic.definition_sha256, patient.key, str(made), proof, patient.key,
              str(made), own)
    return made


def as_actor(session, account):
    """From here on the workers' role, for this account."""
    session("SET LOCAL ROLE anamnesis_api")
    session.prove(account)


def shown(session, clinic, response):
    """What reading, proof and history say of it, to staff."""
    key = clinic.patient.key
    [read], [proof] = run(session, "response_read", response, key), run(session, "response_proof", response, key)
    [history] = [row for row in run(session, "response_history", response, key) if row["id"] == response]
    return bytes(read["response_sha256"]), read["scores"], bytes(proof["response_sha256"]), bytes(history["response_sha256"])


@pytest.mark.parametrize("scores", SCORES)
@pytest.mark.parametrize("form", FORMS)
def test_both_forms_are_read_alike(superuser, clinic, form, scores):
    response = completed(superuser, clinic, form, scores)
    as_actor(superuser, clinic.staff["owner"])
    assert shown(superuser, clinic, response) == (HASH, scores, HASH, HASH)


@pytest.mark.parametrize("scores", SCORES)
@pytest.mark.parametrize("form", FORMS)
def test_both_forms_are_exported_alike(superuser, clinic, form, scores):
    response = completed(superuser, clinic, form, scores)
    as_actor(superuser, clinic.patient)
    rows = {row["id"]: row["scores"] for row in run(superuser, "my_export", clinic.patient.key, None, 100)}
    assert rows.pop(response) == scores
    assert rows and set(rows.values()) == {None}  # those of the world have none


@pytest.mark.parametrize("scores", SCORES)
def test_what_is_submitted_is_read_as_it_was_said(superuser, clinic, scores):
    """By the statement that submits: one sealed value, and nothing in the other column."""
    patient = clinic.patient
    response = uuid.uuid4()
    superuser("INSERT INTO anamnesis.response (id, practice_id, patient_id, assignment_id, questionnaire_id, version, answers) VALUES "
              "(%s, %s, %s, %s, %s, 1, phi.seal(%s, 'response.answers:' || %s, '{}'))", response, clinic.id, patient.id,
              clinic.add_assignment(superuser, patient), clinic.questionnaire, patient.key, str(response))
    as_actor(superuser, patient)
    run(superuser, "my_response_submit", response, patient.key, "{}", scores, "2026-01-01T00:00:00Z", HASH, 1, 1)
    assert superuser.one("SELECT scores FROM anamnesis.response WHERE id = %s", response) is None
    superuser.prove(clinic.staff["owner"])
    assert shown(superuser, clinic, response) == (HASH, scores, HASH, HASH)


def test_without_scores_nothing_is_submitted(superuser, clinic):
    """NULL would leave no hash either: the table refuses."""
    patient, response = clinic.patient, uuid.uuid4()
    superuser("INSERT INTO anamnesis.response (id, practice_id, patient_id, assignment_id, questionnaire_id, version, answers) VALUES "
              "(%s, %s, %s, %s, %s, 1, phi.seal(%s, 'response.answers:' || %s, '{}'))", response, clinic.id, patient.id,
              clinic.add_assignment(superuser, patient), clinic.questionnaire, patient.key, str(response))
    as_actor(superuser, patient)
    with pytest.raises(Exception, match="response_completed_is_proven"):
        run(superuser, "my_response_submit", response, patient.key, "{}", None, "2026-01-01T00:00:00Z", HASH, 1, 1)

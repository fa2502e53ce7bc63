"""How many have not completed a version, and how many have: kept as differences and sums, and at each moment what counting would give."""

import random
import uuid

import pytest

SEED = 1117
COUNTED = ("SELECT version, count(*) FILTER (WHERE status = 'assigned'), count(*) FILTER (WHERE status = 'in-progress') "
           "FROM anamnesis.assignment WHERE practice_id = %s AND questionnaire_id = %s AND status IN ('assigned', 'in-progress') "
           "GROUP BY 1 ORDER BY 1 DESC")
COMPLETED = "SELECT version, count(*) FROM anamnesis.assignment WHERE practice_id = %s AND status = 'completed' GROUP BY 1 ORDER BY 1"
SUMMED = ("SELECT version, sum(completed)::bigint FROM anamnesis.open_count WHERE practice_id = %s GROUP BY 1 HAVING sum(completed) <> 0 "
          "ORDER BY 1")
SHOWN = "SELECT version, assigned, in_progress FROM auth.open_assignments(%s, 20)"


def assign(sql, practice, status, version):
    sql("INSERT INTO anamnesis.assignment (practice_id, patient_id, questionnaire_id, version, status, created_by) VALUES (%s, %s, %s, %s, %s, "
        "%s)", practice.id, practice.patient.id, practice.questionnaire, version, status, practice.id)


def change(rng, sql, practice):
    """One of what becomes of assignments: made, begun, completed, cancelled, moved to another version, gone."""
    kind, status = rng.randrange(4), rng.choice(("assigned", "in-progress", "completed", "cancelled"))
    one = rng.choice(sql("SELECT id FROM anamnesis.assignment WHERE practice_id = %s AND id NOT IN (SELECT assignment_id FROM "
                         "anamnesis.response) ORDER BY id", practice.id) or [(None,)])[0]
    if kind < 2 or one is None:
        assign(sql, practice, status, rng.choice((1, 2)))
    elif kind == 2:
        sql("UPDATE anamnesis.assignment SET status = %s WHERE id = %s", status, one)
    elif rng.random() < 0.5:
        sql("DELETE FROM anamnesis.assignment WHERE id = %s", one)
    else:
        sql("ALTER TABLE anamnesis.assignment DISABLE TRIGGER moves_forward") # only a patient's own session moves one
        sql("UPDATE anamnesis.assignment SET version = 3 - version, status = %s WHERE id = %s", status, one)
        sql("ALTER TABLE anamnesis.assignment ENABLE ALWAYS TRIGGER moves_forward")


def test_what_is_shown_is_what_counting_gives_after_every_change_and_fold(superuser, practice):
    rng = random.Random(SEED)
    for number in range(150):
        change(rng, superuser, practice)
        if rng.random() < 0.2:
            superuser("SELECT auth.fold_counts(%s)", rng.choice((1, 3, 1000)))
        if number % 5 == 0:
            superuser.commit()
            assert superuser(SUMMED, practice.id) == superuser(COMPLETED, practice.id)
            superuser.prove(practice.staff["assistant"])
            assert superuser(SHOWN, practice.questionnaire) == superuser(COUNTED, practice.id, practice.questionnaire)


def test_a_fold_leaves_a_row_for_each_version(superuser, practice):
    for _ in range(30):
        assign(superuser, practice, "assigned", 1)
    superuser("SELECT auth.fold_counts(1000000)")
    assert superuser("SELECT version, assigned, in_progress FROM anamnesis.open_count WHERE practice_id = %s", practice.id) == [(1, 32, 0)]


def test_folds_at_once_and_changes_under_way_lose_nothing(connect, practice):
    writer, one, other, reader = (connect("postgres") for _ in range(4))
    assign(writer, practice, "assigned", 1)
    one("SELECT auth.fold_counts(1000)")
    other("SET LOCAL lock_timeout = '5s'")
    other("SELECT auth.fold_counts(1000)") # what the first is adding up is left to it: nobody waits
    reader.prove(practice.staff["owner"])
    assert reader(SHOWN, practice.questionnaire) == [(1, 2, 0)]
    for session in (writer, one, other):
        session.commit()
    reader.rollback()
    reader.prove(practice.staff["owner"])
    assert reader(SHOWN, practice.questionnaire) == [(1, 3, 0)]


def test_a_change_that_is_rolled_back_was_not_counted(superuser, practice):
    superuser("SAVEPOINT before")
    assign(superuser, practice, "in-progress", 2)
    superuser("ROLLBACK TO SAVEPOINT before")
    superuser.prove(practice.staff["physician"])
    assert superuser(SHOWN, practice.questionnaire) == [(1, 2, 0)]


@pytest.mark.parametrize("statement", ["SELECT * FROM anamnesis.open_count", "DELETE FROM anamnesis.open_count", "SELECT auth.fold_counts(1)",
                                       "INSERT INTO anamnesis.open_count VALUES (gen_random_uuid(), gen_random_uuid(), 1, 1, 1)"])
def test_the_api_role_neither_sees_nor_makes_counts(api, practice, statement):
    api.prove(practice.staff["owner"])
    api.refused("42501", statement)


def test_patients_and_others_practices_are_told_nothing(api, practice, world):
    api.prove(practice.patient)
    assert api(SHOWN, practice.questionnaire) == []
    api.rollback()
    api.prove(world[0].staff["owner"])
    assert api(SHOWN, practice.questionnaire) == []
    assert api(SHOWN, uuid.uuid4()) == []

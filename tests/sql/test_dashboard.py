"""The dashboard's numbers beside what counting row by row gives, for everybody who may see them."""

import random

import pytest
from support.world import Practice, Session

SEED = 1240
ACTORS = ("owner", "physician", "assistant")
SHOWN = "SELECT overdue, stopped, unread, in_review, mine, expired, begun, submitted FROM auth.dashboard_counts(%s, '7 days', '30 days')"
# Whom the actor sees is %(who)s (an array), who they are %(me)s; the day began at %(day)s.
COUNTED = """
SELECT (SELECT count(*) FROM anamnesis.assignment a JOIN anamnesis.patient p ON p.id = a.patient_id
        WHERE p.status = 'active' AND a.patient_id = ANY (%(who)s) AND a.status IN ('assigned', 'in-progress') AND a.due_at <= now()),
       (SELECT count(*) FROM anamnesis.response r JOIN anamnesis.patient p ON p.id = r.patient_id
        WHERE p.status = 'active' AND r.patient_id = ANY (%(who)s) AND r.status = 'in-progress' AND r.amends IS NULL
          AND r.updated_at <= now() - interval '7 days'),
       (SELECT count(*) FROM anamnesis.review_now n WHERE n.patient_id = ANY (%(who)s) AND n.state = 'new'),
       (SELECT count(*) FROM anamnesis.review_now n WHERE n.patient_id = ANY (%(who)s) AND n.state = 'in-review'),
       (SELECT count(*) FROM anamnesis.review_now n
        WHERE n.patient_id = ANY (%(who)s) AND n.state IN ('new', 'in-review') AND n.assignee = %(me)s),
       (SELECT count(*) FROM anamnesis.patient p JOIN anamnesis.invitation i ON i.patient_id = p.id
        WHERE p.status = 'active' AND p.id = ANY (%(who)s) AND i.status = 'pending'
          AND i.expires_at <= now() AND i.expires_at > now() - interval '30 days'
          AND i.id = (SELECT o.id FROM anamnesis.invitation o
                      WHERE o.patient_id = p.id AND o.status IN ('pending', 'used') ORDER BY o.id DESC LIMIT 1)),
       (SELECT count(*) FROM anamnesis.response r WHERE r.patient_id = ANY (%(who)s) AND r.started_at >= %(day)s AND r.amends IS NULL),
       (SELECT count(*) FROM anamnesis.response r WHERE r.patient_id = ANY (%(who)s) AND r.submitted_at >= %(day)s)"""


def fill(rng, sql, practice, patients):
    """Of each kind some, at moments around those that count."""
    def ago(*hours):
        return f"{rng.choice(hours)} hours"

    for patient in patients:
        for _ in range(rng.randrange(4)):
            status = rng.choice(("assigned", "in-progress", "completed", "cancelled"))
            assignment = sql.one("INSERT INTO anamnesis.assignment (practice_id, patient_id, questionnaire_id, version, status, due_at, created_by) "
                                 "VALUES (%s, %s, %s, 2, %s, now() - %s::interval, %s) RETURNING id", practice.id, patient, practice.questionnaire,
                                 status, rng.choice((None, "1 hour", "-1 hour", "0")), practice.staff["owner"].id)
            if status in ("in-progress", "completed"):
                began, changed = sorted((ago(0, 1, 30, 167, 169, 400), ago(0, 1, 30, 167, 169)), key=lambda it: -int(it.split()[0]))
                done = status == "completed"
                response = sql.one(
                    "INSERT INTO anamnesis.response (id, practice_id, patient_id, assignment_id, questionnaire_id, version, status, answers, answered, total, "
                    "required_missing, started_at, updated_at) SELECT encode(decode(lpad(to_hex((extract(epoch FROM now() - %s::interval) * 1000)::bigint), 12, '0'), "
                    "'hex') || substr(uuid_send(anamnesis.uuid_v7()), 7), 'hex')::uuid, r.practice_id, %s, %s, r.questionnaire_id, 2, 'in-progress', r.answers, "
                    "1, 1, 0, now() - %s::interval, now() - %s::interval FROM anamnesis.response r WHERE r.id = %s RETURNING id",
                    began, patient, assignment, began, changed, practice.started)
                if done:
                    sql("UPDATE anamnesis.response r SET status = 'completed', submitted_at = now() - %s::interval, definition_sha256 = c.definition_sha256, "
                        "response_sha256 = c.response_sha256 FROM anamnesis.response c WHERE r.id = %s AND c.id = %s", changed, response, practice.completed)
                    sql("UPDATE anamnesis.review_now SET state = %s, assignee = %s WHERE response_id = %s",
                        rng.choice(("new", "in-review", "reviewed", "superseded")),
                        rng.choice((None, practice.staff["owner"].id, practice.staff["physician"].id)), response)
        for _ in range(rng.randrange(3)):
            used = rng.random() < 0.2
            sql("INSERT INTO anamnesis.invitation (practice_id, patient_id, token_hash, delivery, expires_at, created_by, status, used_at) "
                "VALUES (%s, %s, %s, 'link', now() - %s::interval, %s, %s, CASE WHEN %s THEN now() END)", practice.id, patient, rng.randbytes(32),
                ago(-1, 1, 700, 721, 800), practice.staff["owner"].id, "used" if used else rng.choice(("pending", "revoked")), used)


def compare(sql, practice, account, who):
    sql.commit()
    [(day,)] = sql("SELECT date_trunc('day', now() AT TIME ZONE time_zone) AT TIME ZONE time_zone FROM anamnesis.practice WHERE id = %s", practice.id)
    sql.cursor.execute(COUNTED, {"who": who, "me": account.id, "day": day})
    expected = sql.cursor.fetchall()
    sql.prove(account)
    assert sql(SHOWN, 1000) == expected
    [found] = sql(SHOWN, 2)
    assert found == tuple(min(number, 2) for number in expected[0])
    rows = sql("SELECT questionnaire_id, assigned, in_progress, completed, seconds FROM auth.dashboard_questionnaires(false, 20, 1000)")
    [numbers] = sql("SELECT count(*) FILTER (WHERE status = 'assigned'), count(*) FILTER (WHERE status = 'in-progress'), "
                    "count(*) FILTER (WHERE status = 'completed') FROM anamnesis.assignment WHERE patient_id = ANY (%s)", who)
    median = sql.one("SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM submitted_at - started_at)))::bigint "
                     "FROM anamnesis.response WHERE patient_id = ANY (%s) AND status = 'completed'", who)
    assert rows == ([(practice.questionnaire, *numbers, median)] if sum(numbers) else [])
    sql.commit()
    return expected[0]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/St_Johns"])
def test_every_number_is_what_counting_gives(superuser, practice, zone):
    rng = random.Random(f"{SEED} {zone}")
    superuser("UPDATE anamnesis.practice SET time_zone = %s WHERE id = %s", zone, practice.id)
    patients = [practice.add_patient(superuser).id for _ in range(60)]
    fill(rng, superuser, practice, patients)
    superuser("UPDATE anamnesis.patient SET status = 'archived' WHERE id = ANY (%s)", patients[:3])
    everybody = patients + [each.id for each in practice.patients]
    most = [compare(superuser, practice, practice.staff[role], everybody) for role in ACTORS]
    assert all(any(numbers) for numbers in zip(*most))  # something of each kind
    superuser("UPDATE anamnesis.practice SET patient_access = 'care-team' WHERE id = %s", practice.id)
    superuser("DELETE FROM anamnesis.care_team WHERE practice_id = %s", practice.id)
    physician = practice.staff["physician"]
    assert not any(compare(superuser, practice, physician, [])[:6])
    for patient in (team := patients[1:30]):
        superuser("INSERT INTO anamnesis.care_team (practice_id, staff_id, patient_id, added_by) VALUES (%s, %s, %s, %s)", practice.id, physician.id,
                  patient, practice.staff["owner"].id)
    compare(superuser, practice, physician, team)


@pytest.mark.parametrize("role", ["auditor", "patient"])
def test_nobody_else_is_told_anything(superuser, practice, role):
    superuser.prove(practice.patient if role == "patient" else practice.staff[role])
    assert superuser(SHOWN, 1000) == []
    assert superuser("SELECT FROM auth.dashboard_questionnaires(false, 20, 1000)") == []


def test_nothing_is_another_practice_s(superuser, practice, database):
    connection = database.connect("postgres")
    other = Practice(Session(connection), "Other")
    connection.commit()
    connection.close()
    fill(random.Random(SEED), superuser, other, [other.add_patient(superuser).id for _ in range(5)])
    compare(superuser, practice, practice.staff["owner"], [each.id for each in practice.patients])


def test_a_large_team_is_counted_as_exactly(superuser, practice):
    """Of more than a thousand patients: by what the practice has, and not another's among it."""
    rng = random.Random(f"{SEED} large")
    patients = [practice.add_patient(superuser).id for _ in range(40)]
    fill(rng, superuser, practice, patients)
    superuser("UPDATE anamnesis.practice SET patient_access = 'care-team' WHERE id = %s", practice.id)
    superuser("DELETE FROM anamnesis.care_team WHERE practice_id = %s", practice.id)
    physician = practice.staff["physician"]
    team = patients[::2] + superuser.one("SELECT array_agg(gen_random_uuid()) FROM generate_series(1, 1001)")
    superuser("INSERT INTO anamnesis.patient (id, practice_id, status, created_by) SELECT id, %s, 'erased', id FROM unnest(%s) id", practice.id, team[20:])
    superuser("INSERT INTO anamnesis.care_team (practice_id, staff_id, patient_id, added_by) SELECT %s, %s, id, %s FROM unnest(%s) id ON CONFLICT DO NOTHING",
              practice.id, physician.id, practice.staff["owner"].id, team)
    whole = compare(superuser, practice, practice.staff["owner"], patients + [each.id for each in practice.patients])
    compare(superuser, practice, physician, team)
    superuser.prove(physician)
    assert superuser.one("SELECT whole FROM auth.dashboard_counts(1000, '7 days', '30 days')") is True
    [row] = superuser("SELECT assigned + in_progress + completed FROM auth.dashboard_questionnaires(true, 20, 30)")
    assert row[0] > 0 and whole

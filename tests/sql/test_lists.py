"""Lists of responses and patients show what a plain query shows, whichever way they find it.

Teams, statuses, moments, cursors and filters are generated; the plain query says who is seen in its own words, and knows neither
row-level security nor the ways of anamnesis.response_page and anamnesis.patient_page.
"""

import datetime
import os
import random
import sys
import uuid

import pytest
from psycopg2.extras import execute_values

from support import postgres
from support.world import Practice, Session

sys.path.insert(0, str(postgres.TOP / "tools"))

import gen_sql  # noqa: E402  (the path is set above)

QUERIES = postgres.TOP / "sql" / "queries"
STATEMENTS = {one.name: one for one in gen_sql.load(QUERIES, gen_sql.Types(QUERIES / "types.txt"))}
SEED = 1117
PATIENTS, RESPONSES = 1300, 5000
LARGE_TEAM = 1100  # more than auth.team_responses asks one by one
NOW = datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc)
HOUR = datetime.timedelta(hours=1)
STATUSES = ("in-progress", "completed", "amended", "stopped")
REVIEWS = ("new", "in-review", "reviewed", "superseded")
SEES_ALL = ("owner", "auditor")
TEAMS = (0, 1, 3, 40)
HIGHEST = str(uuid.UUID(int=2 ** 128 - 1))


def uuid_of(rng, moment):
    """Version 7 of this moment."""
    head = int(moment.timestamp() * 1000) << 80
    return uuid.UUID(int=head | 7 << 76 | rng.getrandbits(12) << 64 | 2 << 62 | rng.getrandbits(62))


def an_identifier(rng, began):
    """Most tell when; a worker's clock may be ahead by seconds or by days, and some tell nothing."""
    kind = rng.random()
    if kind < 0.1:
        return uuid.UUID(int=rng.getrandbits(128), version=4)
    ahead = rng.choice((-1, 3, 59, 61, 3600, 864000)) if kind < 0.3 else 0
    return uuid_of(rng, began + datetime.timedelta(seconds=ahead))


def a_response(rng, sealed, practice, patients, questionnaires):
    """(assignment, response, perhaps an amendment), on whole hours so that moments are those that are asked for."""
    patient, questionnaire, version = rng.choice(patients), rng.choice(questionnaires), rng.choice((1, 1, 1, 2))
    began = NOW - HOUR * rng.randrange(24 * 60)
    moment = began + HOUR * rng.choice((0, 0, 1, 1, 1, 30, 700))
    done = rng.random() < 0.7
    assignment, response = uuid_of(rng, began - HOUR), an_identifier(rng, began)
    digest = os.urandom(32)

    def row(identifier, status, started, changed, amends):
        submitted = changed if status in ("completed", "amended") else None
        return (identifier, practice.id, patient, assignment, questionnaire, version, status, sealed, started, changed, submitted,
                digest if submitted else None, sealed if submitted else None, 1 if amends else 0, amends)
    rows = [row(response, "completed" if done else "in-progress", began, moment, None)]
    if done and rng.random() < 0.1:
        later = moment + HOUR * rng.randrange(1, 100)
        rows.append(row(an_identifier(rng, later), rng.choice(("amended", "stopped")), later, later + HOUR, response))
    return (assignment, practice.id, patient, questionnaire, version, "completed" if done else "in-progress", practice.id), rows


def add_patients(sql, rng, practice, sealed):
    """Families share an address; some are archived, some erased."""
    addresses, numbers = [os.urandom(32) for _ in range(PATIENTS // 3)], [os.urandom(32) for _ in range(PATIENTS // 2)]
    rows = []
    for _ in range(PATIENTS):
        status = rng.choice(("active",) * 8 + ("archived", "erased"))
        kept = status != "erased"
        number = rng.choice(numbers) if kept and rng.random() < 0.5 else None
        rows.append((uuid_of(rng, NOW - HOUR * rng.randrange(10000)), practice.id, status, *([sealed if kept else None] * 4),
                     rng.choice(addresses) if kept else None, sealed if number else None, number, practice.id))
    execute_values(sql.cursor, "INSERT INTO anamnesis.patient (id, practice_id, status, given_name, family_name, birth_date, email, "
                   "email_index, record_number, record_number_index, created_by) VALUES %s", rows)
    return [row[0] for row in rows]


@pytest.fixture(scope="module")
def crowd(database):
    """A practice whose staff sees their care teams' patients; the assistant's team is large."""
    rng, sealed = random.Random(SEED), b"\x02" + os.urandom(80)
    connection = database.connect("postgres")
    sql = Session(connection)
    practice = Practice(sql, "Crowd")
    sql("UPDATE anamnesis.practice SET patient_access = 'care-team' WHERE id = %s", practice.id)
    sql("INSERT INTO anamnesis.questionnaire (practice_id, title, draft, created_by) VALUES (%s, 'R', '{}', %s), (%s, 'S', '{}', %s)",
        *[practice.id] * 4)
    sql("INSERT INTO anamnesis.questionnaire_version (practice_id, questionnaire_id, version, title, definition, definition_sha256, "
        "published_by) SELECT practice_id, id, v, title, '{}', sha256('{}'), practice_id FROM anamnesis.questionnaire, "
        "generate_series(1, 2) v WHERE practice_id = %s ON CONFLICT DO NOTHING", practice.id)
    practice.questionnaires = [row for (row,) in sql("SELECT id FROM anamnesis.questionnaire WHERE practice_id = %s ORDER BY title", practice.id)]
    practice.everybody = add_patients(sql, rng, practice, sealed)
    made = [a_response(rng, sealed, practice, practice.everybody, practice.questionnaires) for _ in range(RESPONSES)]
    execute_values(sql.cursor, "INSERT INTO anamnesis.assignment (id, practice_id, patient_id, questionnaire_id, version, status, created_by) "
                   "VALUES %s", [assignment for assignment, _ in made])
    execute_values(sql.cursor, "INSERT INTO anamnesis.response (id, practice_id, patient_id, assignment_id, questionnaire_id, version, status, "
                   "answers, started_at, updated_at, submitted_at, definition_sha256, response_sha256, amendment, amends) VALUES %s",
                   [row for _, rows in made for row in rows])
    practice.responses = [row[0] for _, rows in made for row in rows]
    sql("DELETE FROM anamnesis.review_now WHERE practice_id = %s", practice.id)
    sql("INSERT INTO anamnesis.review_now (response_id, practice_id, patient_id, state) SELECT id, practice_id, patient_id, "
        "(%s::text[])[1 + get_byte(sha256(id::text::bytea), 0) %% 4] FROM anamnesis.response WHERE practice_id = %s AND status IN "
        "('completed', 'amended')", list(REVIEWS), practice.id)
    for role, size in (("physician", 3), ("assistant", LARGE_TEAM)):
        join(sql, practice, role, rng.sample(practice.everybody, size))
    connection.commit()
    sql("ANALYZE")
    connection.commit()
    connection.close()
    return practice


def join(sql, practice, role, patients):
    """Exactly these are the team's, in a practice whose staff is otherwise of no team."""
    staff = practice.staff[role].id
    sql("DELETE FROM anamnesis.care_team WHERE staff_id = %s", staff)
    execute_values(sql.cursor, "INSERT INTO anamnesis.care_team (practice_id, staff_id, patient_id, added_by) VALUES %s",
                   [(practice.id, staff, patient, staff) for patient in patients])


def break_glass(sql, rng, practice, role):
    """Open for some, for one of the team and for one twice; over for others."""
    staff = practice.staff[role].id
    chosen = rng.sample(practice.everybody, 4)
    team = sql("SELECT patient_id FROM anamnesis.care_team WHERE staff_id = %s LIMIT 1", staff)
    for patient, hours in [(chosen[0], 1), (chosen[1], 1), (chosen[1], 2), (chosen[2], -1), (chosen[3], -1), *((one, 1) for (one,) in team)]:
        sql("INSERT INTO anamnesis.break_glass (id, practice_id, staff_id, patient_id, reason, opened_at, expires_at) VALUES "
            "(%s, %s, %s, %s, %s, now() - interval '3 hours', now() + %s * interval '1 hour')", uuid.uuid4(), practice.id, staff, patient,
            b"\x02" + os.urandom(80), hours)


def seen_by(practice, role):
    """What the plain query says of whom the role sees, and its values."""
    if role in SEES_ALL:
        return "true", ()
    return ("patient_id IN (SELECT c.patient_id FROM anamnesis.care_team c WHERE c.staff_id = %s UNION ALL "
            "SELECT g.patient_id FROM anamnesis.break_glass g WHERE g.staff_id = %s AND g.expires_at > now())", (practice.staff[role].id,) * 2)


def ask(session, who, name, values):
    """The first column of what the statement gives; values by parameter."""
    statement = STATEMENTS[name]
    session.rollback()
    session.prove(who)
    text = statement.text.replace("%", "%%")
    for number in range(len(statement.params), 0, -1):
        text = text.replace(f"${number}", f"%({statement.params[number - 1].name})s")
    session.cursor.execute(text, values)
    return [row[0] for row in session.cursor.fetchall()]


def a_moment(rng):
    return NOW - HOUR * rng.randrange(-800, 24 * 62) if rng.random() < 0.9 else NOW + HOUR * 10000


def a_cursor(rng, identifiers):
    return rng.choice(identifiers) if rng.random() < 0.8 else uuid_of(rng, a_moment(rng))


def asked_of_responses(rng, practice):
    def perhaps(chance, value):
        return value if rng.random() < chance else None
    return {"patient_id": perhaps(0.1, rng.choice(practice.everybody)), "questionnaire_id": perhaps(0.3, rng.choice(practice.questionnaires)),
            "version": perhaps(0.2, rng.choice((1, 2, 3))), "status": perhaps(0.5, rng.choice(STATUSES)),
            "since": perhaps(0.4, a_moment(rng)), "until": perhaps(0.4, a_moment(rng)),
            "review": perhaps(0.3, rng.choice(REVIEWS)), "assignee": None,
            "before": perhaps(0.4, a_cursor(rng, practice.responses)), "fetch": rng.choice((1, 2, 7, 51, 201))}


def plain(sql, table, conditions, arguments, filters, values):
    """The identifiers that a plain query gives: `filters` by parameter, each where it has a value."""
    given = [name for name in filters if values[name] not in (None, [])]
    where = " AND ".join(conditions + [filters[name] for name in given])
    rows = sql(f"SELECT id FROM anamnesis.{table} WHERE {where} ORDER BY id DESC LIMIT %s", *arguments, *(values[name] for name in given),
               values["fetch"])
    return [row for (row,) in rows]


def plain_responses(sql, practice, role, values):
    seen, of = seen_by(practice, role)
    return plain(sql, "response", ["practice_id = %s", seen], [practice.id, *of],
                 {"patient_id": "patient_id = %s", "questionnaire_id": "questionnaire_id = %s", "version": "version = %s", "status": "status = %s",
                  "since": "coalesce(submitted_at, updated_at) >= %s", "until": "coalesce(submitted_at, updated_at) < %s",
                  "review": "(SELECT n.state FROM anamnesis.review_now n WHERE n.response_id = response.id) = %s", "before": "id < %s"}, values)


def asked_of_patients(rng, practice, addresses, numbers):
    def several(chance, values):
        return rng.sample(values, rng.randrange(1, 5)) if rng.random() < chance else []
    return {"email_indexes": several(0.2, addresses), "record_number_indexes": several(0.2, numbers), "only": several(0.1, practice.everybody),
            "before": a_cursor(rng, practice.everybody) if rng.random() < 0.5 else None, "fetch": rng.choice((1, 2, 7, 51, 201)),
            "key_ids": [], "keys": []}


def plain_patients(sql, practice, role, values):
    seen, of = seen_by(practice, role)
    return plain(sql, "patient", ["practice_id = %s", "status <> 'erased'", seen.replace("patient_id", "id", 1)], [practice.id, *of],
                 {"email_indexes": "email_index = ANY (%s)", "record_number_indexes": "record_number_index = ANY (%s)",
                  "only": "id = ANY (%s)", "before": "id < %s"}, values)


def compare(api, superuser, crowd, role, statement, calls, asked, expected_of):
    """So many generated calls against the plain query, physicians with a team of each size in turn. Returns how many rows there were."""
    rng = random.Random(SEED)
    each = calls // len(TEAMS)
    shown = 0
    for number in range(calls):
        if role == "physician" and number % each == 0:
            join(superuser, crowd, role, rng.sample(crowd.everybody, TEAMS[number // each]))
            break_glass(superuser, rng, crowd, role)
            superuser.commit()
        values = asked(rng)
        expected = expected_of(superuser, crowd, role, values)
        assert ask(api, crowd.staff[role], statement, values) == expected, values
        shown += len(expected)
    return shown


@pytest.mark.parametrize("role", ["owner", "auditor", "physician", "assistant"])
def test_a_list_of_responses_is_what_a_plain_query_gives(api, superuser, crowd, role):
    assert compare(api, superuser, crowd, role, "response_list", 160, lambda rng: asked_of_responses(rng, crowd), plain_responses) > 500


@pytest.mark.parametrize("role", ["owner", "auditor", "physician", "assistant"])
def test_a_list_of_patients_is_what_a_plain_query_gives(api, superuser, crowd, role):
    known = superuser("SELECT email_index, record_number_index FROM anamnesis.patient WHERE practice_id = %s ORDER BY id", crowd.id)
    addresses, numbers = ([bytes(row[column]) for row in known if row[column] is not None] for column in (0, 1))
    shown = compare(api, superuser, crowd, role, "patient_list", 120, lambda rng: asked_of_patients(rng, crowd, addresses, numbers),
                    plain_patients)
    assert shown > 200


def test_who_has_proven_nothing_or_is_a_patient_is_given_nobody_by_a_team(api, crowd):
    call = "SELECT auth.team_responses(NULL, NULL, NULL, NULL, NULL, %s, 100)"
    assert api(call, HIGHEST) == []
    api.rollback()
    api.prove(crowd.patient)
    assert api(call, HIGHEST) == []


def test_a_team_gives_nothing_of_another_practice(api, superuser, crowd, world):
    other = world[0]
    superuser("INSERT INTO anamnesis.care_team (practice_id, staff_id, patient_id, added_by) SELECT %s, %s, id, %s FROM anamnesis.patient "
              "WHERE practice_id = %s ON CONFLICT DO NOTHING", other.id, other.staff["physician"].id, other.id, other.id)
    ours = {row for (row,) in superuser("SELECT id FROM anamnesis.response WHERE practice_id = %s", other.id)}
    api.prove(other.staff["physician"])
    found = api("SELECT auth.team_responses(NULL, NULL, NULL, NULL, NULL, %s, 10000)", HIGHEST)
    assert {row for (row,) in found} <= ours

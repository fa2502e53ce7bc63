"""Whoever has a program's password and SQL of their own gets and changes nothing of patients' files beyond what that program does
(docs/security.md), and what is counted is right however many do it at once."""

import os
import random
import threading
import uuid

import psycopg2
import pytest
from support import uploads
from support.world import Practice, Session

NO_PRIVILEGE, FORBIDDEN, VIOLATION, INTERNAL = "42501", "AN403", "23514", "AN500"
TABLES = ("upload", "upload_object", "upload_shown", "upload_quota", "upload_grant", "object_leaving", "scanner")
PROGRAMS = ("anamnesis_api", "anamnesis_jobs", "anamnesis_scan", "anamnesis_auditor")
SEED = 1121
# Every function about files, who may call it, and what somebody would give it.
FUNCTIONS = {
    "anamnesis_api": {
        "upload_create": "gen_random_uuid(), %(response)s, 'photo', 'image/jpeg', 1, 1, %(key)s, 'n', %(blob)s, %(salt)s, %(blob)s",
        "upload_urls": "%(upload)s, 300", "upload_complete": "%(upload)s", "upload_withdraw": "%(upload)s",
        "upload_show": "%(response)s, ARRAY[%(upload)s::uuid]", "upload_grant_make": "%(salt)s, %(upload)s, 'view'",
        "upload_grant_use": "%(salt)s, %(upload)s", "upload_is_clean": "%(upload)s, 'view'", "upload_remove": "%(upload)s, %(key)s, 'reason'",
        "upload_page": "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 100", "upload_used": "",
        "upload_kind": "'image/jpeg', 'view', NULL"},
    "anamnesis_scan": {
        "upload_claim": "120, now()", "upload_decide": "%(upload)s, 1, 'infected', NULL, 'x', 'y', NULL, NULL, NULL, NULL",
        "upload_retry": "%(upload)s, 1, 1", "upload_put_off": "%(upload)s, 1, 1",
        "upload_claim_again": "120, 'y', now()", "upload_note_again": "%(upload)s, 1, 'clean', NULL, 'y', now()",
        "scanner_note": "'daily:1', now()", "scanner_keys": ""},
    "anamnesis_jobs": {"upload_expire": "100"},
    "nobody": {"upload_own": "%(upload)s", "upload_log": "%(upload)s, 'x', NULL", "upload_moves": "", "upload_leaves": "",
               "upload_object_belongs": ""}}


@pytest.fixture
def place(database):
    """A practice of its own, committed; `sql` is the superuser's, each statement on its own."""
    connection = database.connect("postgres")
    connection.autocommit = True
    sql = Session(connection)
    made = Practice(sql, "Practice of files")
    made.sql, made.draft = sql, made.patients[1]
    yield made
    connection.close()


def given(place, upload):
    return {"upload": upload, "response": place.started, "key": place.draft.key, "blob": os.urandom(60), "salt": os.urandom(32)}


def test_every_function_about_files_is_in_this_test(superuser):
    there = superuser("SELECT proname FROM pg_proc WHERE pronamespace = 'anamnesis'::regnamespace AND proname ~ '^(upload|scanner|object)_'")
    assert {name for (name,) in there} == {name for names in FUNCTIONS.values() for name in names}
    tables = superuser("SELECT relname FROM pg_class WHERE relnamespace = 'anamnesis'::regnamespace AND relkind = 'r' "
                       "AND relname ~ '^(upload|object|scanner)'")
    assert {name for (name,) in tables} == set(TABLES)


@pytest.mark.parametrize("role", PROGRAMS)
def test_a_function_is_its_program_s_alone(connect, place, role):
    session, values = connect(role), given(place, place.uploads[place.draft.id])
    for whose, functions in FUNCTIONS.items():
        for name, arguments in functions.items():
            session.cursor.execute("SAVEPOINT before")
            try:
                session.cursor.execute(f"SELECT anamnesis.{name}({arguments})", values)
                refused = None
            except psycopg2.Error as fault:
                refused = fault.pgcode
            session.cursor.execute("ROLLBACK TO SAVEPOINT before")
            assert (refused == NO_PRIVILEGE) == (whose != role), (role, name, refused)


@pytest.mark.parametrize("role", PROGRAMS)
@pytest.mark.parametrize("table", TABLES)
def test_no_program_changes_a_row(connect, place, superuser, role, table):
    """But jobs, which puts off and removes what is leaving."""
    session = connect(role)
    session("SET TRANSACTION READ WRITE")
    if role == "anamnesis_api":
        session.prove(place.staff["owner"])
    columns = [name for (name,) in superuser("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
                                             "AND NOT attisdropped", f"anamnesis.{table}")]
    theirs = {"next_at", "attempts"} if (role, table) == ("anamnesis_jobs", "object_leaving") else set()
    for column in columns:
        if column in theirs:
            session(f"UPDATE anamnesis.{table} SET {column} = {column}")
        else:
            session.refused(NO_PRIVILEGE, f"UPDATE anamnesis.{table} SET {column} = {column}")
            session.refused(NO_PRIVILEGE, f"INSERT INTO anamnesis.{table} ({column}) VALUES (NULL)")
    if not theirs:
        session.refused(NO_PRIVILEGE, f"DELETE FROM anamnesis.{table}")
    session.refused(NO_PRIVILEGE, f"TRUNCATE anamnesis.{table}")
    seen = {"anamnesis_api": {"upload", "upload_object", "upload_shown"}, "anamnesis_jobs": {"object_leaving"}}.get(role, set())
    if table not in seen:
        session.refused(NO_PRIVILEGE, f"SELECT FROM anamnesis.{table}")
    session.refused(NO_PRIVILEGE, "UPDATE anamnesis.data_key SET files_key = NULL")


def test_the_scanner_s_role_reaches_no_table_and_opens_no_value(connect, superuser):
    scan = connect("anamnesis_scan")
    for (table,) in superuser("SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind IN ('r', 'p', 'S', 'v') "
                              "AND c.relnamespace IN ('anamnesis'::regnamespace, 'auth'::regnamespace, 'audit'::regnamespace)"):
        scan.refused(NO_PRIVILEGE, f"SELECT FROM {table}")
    allowed = superuser("SELECT p.oid::regproc::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
                        "WHERE n.nspname IN ('anamnesis', 'auth', 'audit', 'phi', 'ext') AND has_function_privilege('anamnesis_scan', p.oid, "
                        "'EXECUTE') AND n.nspname <> 'ext'")
    assert {name for (name,) in allowed} == {f"anamnesis.{name}" for name in FUNCTIONS["anamnesis_scan"]}
    for name in ("auth", "audit", "phi", "ext"):
        assert superuser.one("SELECT has_schema_privilege('anamnesis_scan', %s, 'USAGE')", name) is False


def test_the_scanner_s_role_touches_no_file_that_it_was_not_given(connect, place):
    """It may judge what it claimed, and nothing else; not even what it knows by name."""
    scan = connect("anamnesis_scan")
    for state in [*uploads.STATES, "quarantined"]:
        upload = uploads.add(place.sql, place.draft, place.started, state)
        for attempt in (0, 1):
            for verdict, reason, signature in (("infected", None, "x"), ("rejected", "damaged", None), ("clean", None, None)):
                assert scan.one("SELECT anamnesis.upload_decide(%s, %s, %s, %s, %s, 'y', NULL, NULL, NULL, NULL)", upload, attempt, verdict,
                                reason, signature) is False
                if verdict != "rejected":
                    assert scan.one("SELECT anamnesis.upload_note_again(%s, %s, %s, %s, 'y', now())", upload, attempt, verdict, signature) is False
            assert scan.one("SELECT anamnesis.upload_retry(%s, %s, 1)", upload, attempt) is False


@pytest.mark.parametrize("state", [*uploads.STATES, "quarantined"])
def test_object_names_are_seen_of_a_clean_file_and_of_no_other(connect, place, state):
    """[P6] By nobody: patient, staff of any role, and not by a function either."""
    upload = uploads.add(place.sql, place.draft, place.started, state)
    if state == "scanning":
        uploads.add_objects(place.sql, upload)  # stored, but not judged
    api = connect("anamnesis_api")
    for who in (place.draft, *place.staff.values()):
        api.prove(who)
        seen = api("SELECT name FROM anamnesis.upload_object WHERE upload_id = %s", upload)
        assert (len(seen) > 0) == (state == "clean" and who.role != "auditor")
        texts = api("SELECT u::text FROM anamnesis.upload u WHERE u.id = %s", upload)
        assert len(texts) == 1 and "sealed/" not in texts[0][0]
        api.rollback()


def test_who_does_not_see_the_patient_sees_no_file(connect, place, world):
    place.sql("UPDATE anamnesis.practice SET patient_access = 'care-team' WHERE id = %s", place.id)
    upload = place.uploads[place.draft.id]
    api = connect("anamnesis_api")
    strangers = [place.staff["physician"], place.staff["assistant"], place.patient, *world[0].staff.values(), world[0].patient]
    for who in strangers:  # the physician is of the other patient's team
        place.sql("UPDATE auth.session SET stepped_up_at = now() WHERE account_id = %s", who.id)
        api.prove(who)
        for table in ("upload", "upload_object", "upload_shown"):
            column = "id" if table == "upload" else "upload_id"
            assert api(f"SELECT 1 FROM anamnesis.{table} WHERE {column} = %s", upload) == []
        assert api.one("SELECT anamnesis.upload_grant_make(%s, %s, 'view')", os.urandom(32), upload) is None
        for function in ("upload_complete(%s)", "upload_withdraw(%s)", "upload_urls(%s, 60)"):
            assert api.one(f"SELECT anamnesis.{function}", upload) is None
        if who.role == "owner":
            assert api.one("SELECT anamnesis.upload_remove(%s, %s, 'x')", upload, place.draft.key) is None
        assert api("SELECT audit.named()") == [([],)]
        api.rollback()
    place.sql("INSERT INTO anamnesis.break_glass (id, practice_id, staff_id, patient_id, reason) VALUES (%s, %s, %s, %s, %s)", uuid.uuid4(),
              place.id, place.staff["physician"].id, place.draft.id, b"\x02" + os.urandom(60))
    api.prove(place.staff["physician"])
    assert len(api("SELECT 1 FROM anamnesis.upload_object WHERE upload_id = %s", upload)) == 3


def test_held_answers_hold_their_files(connect, place):
    """Until the hold ends: what was given before it is as if it were not there."""
    before, after = (uploads.add(place.sql, place.draft, place.started, "clean") for _ in range(2))
    place.sql("ALTER TABLE anamnesis.upload DISABLE TRIGGER moves")
    place.sql("UPDATE anamnesis.upload SET created_at = now() - interval '2 days' WHERE id <> %s AND patient_id = %s", after, place.draft.id)
    place.sql("ALTER TABLE anamnesis.upload ENABLE ALWAYS TRIGGER moves")
    place.sql("UPDATE auth.session SET held_since = now() - interval '1 day', held_until = now() + interval '1 day' WHERE account_id = %s",
              place.draft.id)
    api = connect("anamnesis_api")
    api.prove(place.draft)
    assert api("SELECT id FROM anamnesis.upload") == [(after,)]
    assert {upload for (upload,) in api("SELECT upload_id FROM anamnesis.upload_object")} == {after}
    assert [api.one("SELECT anamnesis.upload_grant_make(%s, %s, 'view') IS NULL", os.urandom(32), upload) for upload in (before, after)] == [
        True, False]
    assert [api.one("SELECT anamnesis.upload_withdraw(%s)", upload) for upload in (before, after)] == [None, "withdrawn"]
    api.rollback()
    api.prove(place.draft)  # the draft was begun before the hold, or after it
    place.sql("UPDATE anamnesis.response SET started_at = now() - interval '2 days' WHERE id = %s", place.started)
    assert create(api, place) is None and api.one("SELECT anamnesis.upload_show(%s, %s)", place.started, [after]) is None
    place.sql("UPDATE anamnesis.response SET started_at = now() WHERE id = %s", place.started)
    api.rollback()
    api.prove(place.draft)
    assert create(api, place) == "created"
    api.rollback()
    api.prove(place.staff["owner"])  # for staff nothing is held
    assert {before, after} <= {upload for (upload,) in api("SELECT id FROM anamnesis.upload")}


# ---- declaring

def create(session, place, response=None, **other):
    values = {"id": uuid.uuid4(), "response": response or place.started, "link": "photo", "type": "image/jpeg", "size": 1000, "parts": 1,
              "key": place.draft.key, "name": "arm.jpg", "declared": os.urandom(80), "salt": os.urandom(32), "files_key": os.urandom(60), **other}
    session.cursor.execute("SELECT anamnesis.upload_create(%(id)s, %(response)s, %(link)s, %(type)s, %(size)s, %(parts)s, %(key)s, %(name)s, "
                           "%(declared)s, %(salt)s, %(files_key)s)", values)
    return session.cursor.fetchone()[0]


def test_a_file_is_declared_by_its_patient_for_a_response_in_progress(connect, place, world):
    api = connect("anamnesis_api")
    assert create(api, place) is None  # nobody
    api.rollback()
    for who in (*place.staff.values(), place.patient, world[0].patient):
        api.prove(who)
        assert create(api, place) is None
        api.rollback()
    api.prove(place.draft)
    for response in (world[0].started, place.completed, uuid.uuid4()):
        assert create(api, place, response) is None
    api.rollback()
    api.prove(place.patient)
    assert create(api, place, place.completed) == "not-open"
    place.sql("UPDATE anamnesis.assignment SET status = 'cancelled' WHERE id = %s", place.assignments[place.draft.id])
    api.rollback()
    api.prove(place.draft)
    assert create(api, place) == "not-open"


WRONG = [("size", 0), ("size", 50000001), ("size", None), ("parts", 0), ("parts", 8), ("type", "image/svg+xml"), ("type", "text/html"),
         ("type", None), ("link", ""), ("link", "x" * 256), ("name", None), ("declared", b"x" * 44), ("declared", b"x" * 1001),
         ("declared", None), ("salt", b"x" * 31), ("salt", None), ("files_key", b"x" * 44), ("key", b"x" * 95), ("key", None)]


@pytest.mark.parametrize("column, value", WRONG)
def test_a_declaration_that_does_not_hold_stores_nothing(connect, place, column, value):
    api = connect("anamnesis_api")
    api.prove(place.draft)
    with pytest.raises(psycopg2.Error) as fault:
        create(api, place, **{column: value})
    assert fault.value.pgcode in (VIOLATION, "23502", INTERNAL)
    api.rollback()
    assert place.sql.one("SELECT count(*) FROM anamnesis.upload WHERE patient_id = %s", place.draft.id) == 1


def test_the_scanner_s_copy_of_a_files_key_is_written_once(connect, place):
    api, first = connect("anamnesis_api"), os.urandom(60)
    api.prove(place.draft)
    assert create(api, place, files_key=first) == create(api, place) == "created"
    api.commit()
    assert bytes(place.sql.one("SELECT files_key FROM anamnesis.data_key WHERE patient_id = %s", place.draft.id)) == first
    api.prove(place.staff["owner"])
    api.refused(NO_PRIVILEGE, "INSERT INTO anamnesis.data_key (patient_id, practice_id, wrapped_key, files_key) VALUES (%s, %s, %s, %s)",
                uuid.uuid4(), place.id, os.urandom(76), os.urandom(60))


def test_old_signatures_are_told(connect, place):
    api = connect("anamnesis_api")
    for days, said in ((8, "signatures-old"), (6, "created")):
        place.sql("INSERT INTO anamnesis.scanner (signatures, signatures_at) VALUES ('x', now() - %s * interval '1 day') "
                  "ON CONFLICT (singleton) DO UPDATE SET signatures_at = excluded.signatures_at", days)
        api.prove(place.draft)
        assert create(api, place) == said
        api.rollback()
    place.sql("DELETE FROM anamnesis.scanner")


# ---- counting

def recount(place):
    """What is stored and what is under way, counted anew and as it was counted: the practice's, and each patient's."""
    rows = place.sql("SELECT patient_id, sum(size) FILTER (WHERE state IN ('awaiting-upload', 'scanning', 'clean'))::bigint, "
                     "count(*) FILTER (WHERE state IN ('awaiting-upload', 'scanning')) FROM anamnesis.upload WHERE practice_id = %s "
                     "AND state <> 'erased' GROUP BY ROLLUP (patient_id)", place.id)
    counted = place.sql("SELECT patient_id, bytes, open_count FROM anamnesis.upload_quota WHERE practice_id = %s", place.id)
    return ({(who, size, count) for who, size, count in rows if size or count}, {row for row in counted if row[1] or row[2]})


@pytest.mark.parametrize("limit, said", [("patient", "limit-patient"), ("practice", "limit-practice"), ("open", "limit-open")])
def test_of_many_at_once_no_more_are_taken_than_fit(connect, place, limit, said):
    """The practice has two files of 1000 bytes; each of the patients asks twenty times."""
    draft = place.add_assignment(place.sql, place.patient)
    place.assignments[place.patient.id] = draft
    of = {place.draft: place.started, place.patient: place.add_response(place.sql, place.patient, "in-progress")}
    if limit != "open":
        place.sql(f"UPDATE anamnesis.practice SET upload_bytes_{limit} = 9000 WHERE id = %s", place.id)
    sessions = {who: [connect("anamnesis_api") for _ in range(4)] for who in of}
    found = []

    def ask(who, session, times):
        for _ in range(times):
            session.prove(who)
            found.append((who, create(session, place, of[who])))
            session.commit()
    times = 5 if limit != "open" else 8
    threads = [threading.Thread(target=ask, args=(who, session, times)) for who, several in sessions.items() for session in several]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = {who: sum(1 for asked, answer in found if asked == who and answer == "created") for who in of}
    assert {answer for _, answer in found} == {"created", said} and len(found) == 2 * 4 * times
    assert {"patient": set(taken.values()) == {8}, "practice": sum(taken.values()) == 7, "open": set(taken.values()) == {20}}[limit]
    anew, counted = recount(place)
    assert anew == counted


def test_many_moves_at_once_are_counted_right_and_nobody_is_in_a_deadlock(connect, place):
    """Patients declare, complete and withdraw, the scanner judges, jobs expires, the owner removes and erases one: all at once."""
    rng = random.Random(SEED)
    patients = [place.add_patient(place.sql) for _ in range(4)]
    drafts = {}
    for who in patients:
        place.assignments[who.id] = place.add_assignment(place.sql, who)
        drafts[who] = place.add_response(place.sql, who, "in-progress")
    faults = []

    def as_patient(who, session, seed):
        own, mine = random.Random(seed), []
        for _ in range(25):
            session.prove(who)
            if mine and own.random() < 0.6:
                session.one(f"SELECT anamnesis.upload_{own.choice(('complete', 'withdraw'))}(%s)", own.choice(mine))
            else:
                upload = uuid.uuid4()
                if create(session, place, drafts[who], id=upload) == "created":
                    mine.append(upload)
            session.commit()

    def as_scanner(session, seed):
        own = random.Random(seed)
        for _ in range(40):
            for upload, attempt in session("SELECT id, attempts FROM anamnesis.upload_claim(120, now())"):
                if own.random() < 0.5:
                    session("SELECT anamnesis.upload_decide(%s, %s, 'rejected', 'damaged', NULL, 'y', NULL, NULL, NULL, NULL)", upload, attempt)
            session.commit()

    def as_jobs(session, seed):
        own = random.Random(seed)
        for _ in range(30):
            place.sql("UPDATE anamnesis.upload SET expires_at = now() WHERE id IN (SELECT id FROM anamnesis.upload WHERE practice_id = %s "
                      "AND state = 'awaiting-upload' ORDER BY random() LIMIT %s FOR UPDATE SKIP LOCKED)", place.id, own.randrange(3))
            session("SELECT anamnesis.upload_expire(100)")
            session.commit()

    def as_owner(session, seed):
        for who in patients[:2]:
            place.sql("UPDATE auth.session SET stepped_up_at = now() WHERE account_id = %s", place.staff["owner"].id)
            session.prove(place.staff["owner"])
            for (upload,) in session("SELECT id FROM anamnesis.upload WHERE patient_id = %s AND state = 'scanning' LIMIT 2", who.id):
                session("SELECT anamnesis.upload_remove(%s, %s, 'x')", upload, who.key)
            session.commit()
        session.prove(place.staff["owner"])
        assert session.one("SELECT auth.patient_erase(%s, 1)", patients[0].id) is True
        session.commit()

    def guarded(work, *arguments):
        try:
            work(*arguments)
        except psycopg2.Error as fault:
            if work is not as_patient or arguments[0] != patients[0] or fault.pgcode != "AN401":  # the erased one's session ended
                faults.append((work.__name__, fault.pgcode, str(fault)))
    works = [(as_patient, who, connect("anamnesis_api"), rng.random()) for who in patients for _ in range(2)]
    works += [(as_scanner, connect("anamnesis_scan"), rng.random()), (as_jobs, connect("anamnesis_jobs"), rng.random()),
              (as_owner, connect("anamnesis_api"), rng.random())]
    threads = [threading.Thread(target=guarded, args=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    anew, counted = recount(place)
    assert anew == counted
    assert place.sql("SELECT DISTINCT state FROM anamnesis.upload WHERE patient_id = %s", patients[0].id) in ([], [("erased",)])


def test_an_erasure_takes_along_what_is_declared_meanwhile(connect, place):
    """The declaration holds the patient: the erasure waits for it, and one that comes later finds nobody."""
    place.sql("UPDATE auth.session SET stepped_up_at = now() WHERE account_id = %s", place.staff["owner"].id)
    patient, owner, late = (connect("anamnesis_api") for _ in range(3))
    patient.prove(place.draft)
    late.prove(place.draft)
    assert create(patient, place) == "created"
    owner.prove(place.staff["owner"])
    thread = threading.Thread(target=lambda: owner("SELECT auth.patient_erase(%s, 1)", place.draft.id))
    thread.start()
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%%patient_erase%%' AND state = 'active'"
    while place.sql.one(waiting) == 0:
        assert thread.is_alive()
    patient.commit()
    thread.join()
    owner.commit()
    assert create(late, place) is None
    assert place.sql("SELECT DISTINCT state FROM anamnesis.upload WHERE patient_id = %s", place.draft.id) == [("erased",)]
    assert place.sql("SELECT 1 FROM anamnesis.upload_quota WHERE patient_id = %s", place.draft.id) == []

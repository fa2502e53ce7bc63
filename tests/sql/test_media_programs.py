"""What the programs do with patients' files in the database: the scanner's queue, what expires, and an erasure."""

import itertools
import json
import os
import threading
import uuid

import psycopg2
import pytest
from support import uploads
from support.world import Practice, Session

VIOLATION = "23514"


@pytest.fixture
def place(database):
    """A practice of its own, committed; `sql` is the superuser's, each statement on its own."""
    connection = database.connect("postgres")
    connection.autocommit = True
    sql = Session(connection)
    made = Practice(sql, "Practice of files")
    made.sql, made.draft = sql, made.patients[1]
    # Other tests' files, which the scanner and jobs would take up; not those that are only awaited.
    sql("UPDATE anamnesis.upload SET state = 'erased' WHERE state <> 'erased' AND (state IN ('scanning', 'clean', 'infected') "
        "OR expires_at <= now())")
    sql("DELETE FROM anamnesis.object_leaving")
    yield made
    sql("DELETE FROM anamnesis.scanner")
    connection.close()


def program(connect, role):
    session = connect(role)
    session.connection.autocommit = True
    return session


@pytest.fixture
def scan(connect):
    return program(connect, "anamnesis_scan")


@pytest.fixture
def jobs(connect):
    return program(connect, "anamnesis_jobs")


def made(place, state, patient=None, response=None, **columns):
    return uploads.add(place.sql, patient or place.draft, response or place.started, state, **columns)


def in_order(place, count):
    """Clean files, the oldest first."""
    first = int.from_bytes(os.urandom(6), "big") << 80
    return [made(place, "clean", id=uuid.UUID(int=first + number)) for number in range(count)]


def objects_of(content_type="image/jpeg", **other):
    return [{"kind": kind, "name": uploads.object_name(), "content_type": "image/jpeg", "plain_size": 99, "width": 3, "height": 2, **other}
            for kind in uploads.kinds(content_type)]


def claim(scan, lease=120, age="0"):
    return scan("SELECT id, attempts FROM anamnesis.upload_claim(%s, now() - %s::interval)", lease, age)


def claim_again(scan, signatures="daily:9", lease=120, age="1 hour"):
    return scan("SELECT id, attempts, state, name FROM anamnesis.upload_claim_again(%s, %s, now() - %s::interval)", lease, signatures, age)


def decide(scan, upload, attempt, state="clean", objects=None, reason=None, signature=None, scanned_with="daily:1"):
    return scan.one("SELECT anamnesis.upload_decide(%s, %s, %s, %s, %s, %s, 3, 2, NULL, %s)", upload, attempt, state, reason, signature,
                    scanned_with, json.dumps(objects) if objects is not None else None)


def one(place, upload, columns):
    return place.sql(f"SELECT {columns} FROM anamnesis.upload WHERE id = %s", upload)[0]


def again(place, upload):
    """As if the lease were over, and the next try due."""
    place.sql("UPDATE anamnesis.upload SET claimed_until = now() - interval '1 second', next_at = now() WHERE id = %s", upload)


def test_a_claim_is_one_program_s_until_its_lease_ends(place, scan):
    first = made(place, "scanning")
    assert claim(scan) == [(first, 1)] and claim(scan) == []
    assert one(place, first, "claimed_until > now() + interval '100 seconds', next_at >= claimed_until") == (True, True)
    again(place, first)
    assert claim(scan) == [(first, 2)]
    # The first one comes too late with its verdict: the attempts are the proof.
    assert decide(scan, first, 1, objects=objects_of()) is False and one(place, first, "state") == ("scanning",)
    assert scan.one("SELECT anamnesis.upload_retry(%s, 1, 0)", first) is False
    assert scan.one("SELECT anamnesis.upload_retry(%s, 2, 0)", first) is True and claim(scan) == [(first, 3)]
    assert decide(scan, first, 3, objects=objects_of()) is True


def test_after_five_tries_a_file_is_refused(place, scan):
    upload = made(place, "scanning")
    for attempt in range(1, 6):
        assert claim(scan) == [(upload, attempt)]
        again(place, upload)
    assert claim(scan) == []
    assert one(place, upload, "state, reason, salt") == ("rejected", "not-scanned", None)
    assert place.sql("SELECT detail FROM audit.event WHERE object_id = %s", upload) == [("rejected",)]


def test_a_fault_of_ours_costs_no_try(place, scan):
    upload = made(place, "scanning")
    for attempt in range(1, 21):
        assert claim(scan) == [(upload, attempt)]
        assert scan.one("SELECT anamnesis.upload_put_off(%s, %s, 60)", upload, attempt + 1) is False
        assert scan.one("SELECT anamnesis.upload_put_off(%s, %s, 60)", upload, attempt) is True
        assert one(place, upload, "next_at > now() + interval '50 seconds', claimed_until < now()") == (True, True) and claim(scan) == []
        again(place, upload)
    for attempt in range(21, 26):  # its own five
        assert claim(scan) == [(upload, attempt)]
        again(place, upload)
    assert claim(scan) == [] and one(place, upload, "state, reason, attempts, faults") == ("rejected", "not-scanned", 0, 0)


def test_a_put_off_file_that_moved_on_is_left_alone(place, scan):
    upload = made(place, "scanning")
    [(_, attempt)] = claim(scan)
    uploads.move(place.sql, upload, "withdrawn")
    assert scan.one("SELECT anamnesis.upload_put_off(%s, %s, 60)", upload, attempt) is False
    assert one(place, upload, "state, attempts, faults") == ("withdrawn", 0, 0)


def test_one_patient_does_not_fill_the_queue(place, scan):
    many = [made(place, "scanning") for _ in range(4)]
    other = made(place, "scanning", place.patient, place.completed)
    place.sql("UPDATE anamnesis.upload SET next_at = now() - interval '1 hour' WHERE id = ANY (%s)", many)
    taken = [claim(scan)[0][0] for _ in range(3)]
    assert other in taken[:2] and len(set(taken) & set(many)) == 2 and claim(scan) == []  # nobody had a turn: either may be first
    assert decide(scan, next(each for each in taken if each in many), 1, "rejected", reason="damaged") is True
    assert claim(scan)[0][0] in many


def test_two_programs_claim_each_file_once(place, connect):
    files = {made(place, "scanning", *whose) for whose in [(place.draft, place.started), (place.patient, place.completed)] for _ in range(2)}
    programs = [program(connect, "anamnesis_scan") for _ in range(4)]
    found = []
    threads = [threading.Thread(target=lambda each=each: found.extend(claim(each))) for each in programs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({upload for upload, _ in found}) == len(found) and {upload for upload, _ in found} <= files


def test_files_wait_for_signatures_that_their_practice_believes(place, scan):
    upload = made(place, "scanning")
    assert claim(scan, age="8 days") == [] and claim(scan, age="6 days") == [(upload, 1)]
    again(place, upload)
    place.sql("UPDATE anamnesis.practice SET upload_days_signatures = 5 WHERE id = %s", place.id)
    assert claim(scan, age="6 days") == []


@pytest.mark.parametrize("content_type", uploads.TYPES)
def test_clean_needs_all_that_is_made_of_a_type(place, scan, content_type):
    upload = made(place, "scanning", content_type=content_type)
    [(_, attempt)] = claim(scan)
    whole = objects_of(content_type)
    for count in range(1, len(whole) + 1):
        for left_out in itertools.combinations(range(len(whole)), count):
            objects = [each for place_of, each in enumerate(whole) if place_of not in left_out]
            if content_type == "application/pdf" and {each["kind"] for each in objects} >= {"original", "thumbnail", "page-1"}:
                continue  # a document of one page
            with pytest.raises(psycopg2.errors.CheckViolation):
                decide(scan, upload, attempt, objects=objects)
    assert decide(scan, upload, attempt, objects=whole) is True
    assert {name for (name,) in place.sql("SELECT name FROM anamnesis.upload_object WHERE upload_id = %s", upload)} == {
        each["name"] for each in whole}


WRONG = {
    "no verdict": {"state": "withdrawn"}, "erased": {"state": "erased"}, "clean with a reason": {"objects": 1, "reason": "damaged"},
    "clean by a signature": {"objects": 1, "signature": "Eicar"}, "clean with no signatures": {"objects": 1, "scanned_with": None},
    "infected by none": {"state": "infected"}, "infected with objects": {"state": "infected", "signature": "Eicar", "objects": 1},
    "rejected for nothing": {"state": "rejected"}, "rejected for what is no reason": {"state": "rejected", "reason": "disliked"},
    "rejected by a signature": {"state": "rejected", "reason": "damaged", "signature": "Eicar"},
    "rejected with objects": {"state": "rejected", "reason": "damaged", "objects": 1}}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_verdict_that_does_not_hold_together_changes_nothing(place, scan, wrong):
    upload = made(place, "scanning")
    [(_, attempt)] = claim(scan)
    given = WRONG[wrong] | ({"objects": objects_of()} if "objects" in WRONG[wrong] else {})
    with pytest.raises(psycopg2.errors.CheckViolation):
        decide(scan, upload, attempt, **given)
    assert one(place, upload, "state") == ("scanning",)
    assert place.sql("SELECT 1 FROM anamnesis.upload_object WHERE upload_id = %s", upload) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "incoming/" + str(uuid.UUID(int=1)), "sealed/ab/" + "g" * 30, "sealed/ab/" + "a" * 29,
                                  "sealed/ab/" + "a" * 30 + "\n", "", None])
def test_an_object_has_a_name_of_the_store(place, scan, name):
    upload = made(place, "scanning")
    [(_, attempt)] = claim(scan)
    with pytest.raises(psycopg2.errors.IntegrityError):
        decide(scan, upload, attempt, objects=objects_of(name=name))
    assert decide(scan, upload, attempt, objects=objects_of()) is True


def test_no_two_objects_have_one_name(place, scan):
    first, second = made(place, "scanning"), made(place, "scanning")
    objects = objects_of()
    for upload, attempt in (claim(scan)[0], claim(scan)[0]):
        if upload == first:
            assert decide(scan, upload, attempt, objects=objects) is True
    [(_, attempt)] = place.sql("SELECT id, attempts FROM anamnesis.upload WHERE id = %s", second)
    with pytest.raises(psycopg2.errors.UniqueViolation):
        decide(scan, second, attempt, objects=objects)


@pytest.mark.parametrize("to", ["withdrawn", "removed", "erased"])
def test_a_verdict_on_a_file_that_moved_on_is_refused(place, scan, to):
    upload = made(place, "scanning")
    [(_, attempt)] = claim(scan)
    uploads.move(place.sql, upload, to)
    assert decide(scan, upload, attempt, objects=objects_of()) is False
    assert decide(scan, upload, attempt, "infected", signature="Eicar") is False
    assert place.sql("SELECT 1 FROM anamnesis.upload_object WHERE upload_id = %s", upload) == [] and one(place, upload, "state") == (to,)


# ---- looked at again

def note_again(scan, upload, attempt, state, signature=None, signatures="daily:9", age="1 hour"):
    return scan.one("SELECT anamnesis.upload_note_again(%s, %s, %s, %s, %s, now() - %s::interval)", upload, attempt, state, signature,
                    signatures, age)


def test_newer_signatures_look_at_what_was_clean_newest_first(place, scan):
    files = in_order(place, 6)[::-1]
    for number, upload in enumerate(files):
        place.sql("UPDATE anamnesis.upload SET scanned_with = %s WHERE id = %s", f"daily:{number % 3}", upload)
    found = []
    for _ in files:
        [(upload, attempt, state, name)] = claim_again(scan)
        assert state == "clean" and place.sql("SELECT kind FROM anamnesis.upload_object WHERE name = %s", name) == [("original",)]
        found.append(upload)
        assert note_again(scan, upload, attempt, "clean") is True
        assert note_again(scan, upload, attempt, "clean") is False
    assert found == files and claim_again(scan) == []
    assert place.sql("SELECT DISTINCT scanned_with, attempts, claimed_until FROM anamnesis.upload WHERE id = ANY (%s)", files) == [
        ("daily:9", 0, None)]


def test_what_newer_signatures_find_is_out_of_reach_and_may_come_back(place, scan, connect):
    upload = made(place, "clean")
    names = place.sql("SELECT name FROM anamnesis.upload_object WHERE upload_id = %s", upload)
    [(_, attempt, _, _)] = claim_again(scan)
    for state, signature in (("infected", None), ("clean", "Eicar")):
        with pytest.raises(psycopg2.errors.CheckViolation):
            note_again(scan, upload, attempt, state, signature)
    with pytest.raises(psycopg2.errors.CheckViolation):
        note_again(scan, upload, attempt, "withdrawn")
    assert note_again(scan, upload, attempt, "infected", "Eicar") is True
    assert one(place, upload, "state, signature, salt IS NOT NULL, quarantined_until > now() + interval '29 days'") == (
        "infected", "Eicar", True, True)
    api = connect("anamnesis_api")
    for who in (place.draft, *place.staff.values()):
        api.prove(who)
        assert api("SELECT name FROM anamnesis.upload_object WHERE upload_id = %s", upload) == []
        api.rollback()
    assert claim_again(scan) == []  # until there are others
    [(_, attempt, state, _)] = claim_again(scan, "daily:10", age="1 minute")
    assert state == "infected" and note_again(scan, upload, attempt, "clean", None, "daily:10", "1 minute") is True
    assert one(place, upload, "state, signature, quarantined_until") == ("clean", None, None)
    assert place.sql("SELECT name FROM anamnesis.upload_object WHERE upload_id = %s", upload) == names
    assert place.sql("SELECT operation, detail FROM audit.event WHERE object_id = %s ORDER BY at, id", upload) == [
        ("upload_rescanned", "rejected"), ("upload_rescanned", "clean")]


@pytest.mark.parametrize("signatures, age", [("daily:8", "1 day"), ("daily:8", "2 hours"), ("development.ndb:68c78186a809fdcf", "0")])
def test_neither_older_signatures_nor_those_of_development_give_a_file_back(place, scan, signatures, age):
    upload = made(place, "clean")
    [(_, attempt, _, _)] = claim_again(scan)
    assert note_again(scan, upload, attempt, "infected", "Eicar") is True
    assert claim_again(scan, signatures, age=age) == []
    place.sql("UPDATE anamnesis.upload SET claimed_until = now() + interval '1 minute', attempts = 1 WHERE id = %s", upload)
    assert note_again(scan, upload, 1, "clean", None, signatures, age) is False
    assert one(place, upload, "state, scanned_with") == ("infected", "daily:9")


def test_signatures_that_the_practice_does_not_believe_give_nothing_back(place, scan):
    upload = made(place, "clean")
    [(_, attempt, _, _)] = claim_again(scan, age="30 days")
    assert note_again(scan, upload, attempt, "infected", "Eicar", age="30 days") is True
    assert claim_again(scan, "daily:10", age="20 days") == []
    [(_, attempt, _, _)] = claim_again(scan, "daily:11", age="1 day")
    assert note_again(scan, upload, attempt, "clean", None, "daily:10", "20 days") is False
    assert note_again(scan, upload, attempt, "clean", None, "daily:11", "1 day") is True


@pytest.mark.parametrize("signatures, age, claimed", [("daily:8", "2 hours", False), ("daily:10", "1 minute", True),
                                                      ("development.ndb:68c78186a809fdcf", "0", False)])
def test_a_clean_file_is_not_looked_at_with_older_signatures(place, scan, signatures, age, claimed):
    upload = made(place, "clean")
    [(_, attempt, _, _)] = claim_again(scan)
    assert note_again(scan, upload, attempt, "clean") is True
    assert [row[0] for row in claim_again(scan, signatures, age=age)] == ([upload] if claimed else [])


def test_what_development_s_signatures_have_looked_at_is_looked_at_with_others(place, scan):
    upload = made(place, "scanning")
    [(_, attempt)] = claim(scan, age="0")
    assert decide(scan, upload, attempt, objects=objects_of(), scanned_with="development.ndb:68c78186a809fdcf") is True
    assert [row[0] for row in claim_again(scan, age="3 days")] == [upload]


def test_faults_of_ours_have_an_end(place, scan):
    upload = made(place, "scanning")
    place.sql("UPDATE anamnesis.upload SET attempts = 1001, faults = 999 WHERE id = %s", upload)
    [(_, attempt)] = claim(scan)
    assert scan.one("SELECT anamnesis.upload_put_off(%s, %s, 0)", upload, attempt) is True
    assert claim(scan) == [] and one(place, upload, "state, reason") == ("rejected", "not-scanned")


def test_a_claim_waits_for_nobody_who_counts(place, scan, connect):
    """Whoever holds a practice's limits, the scanner neither waits for them nor holds another practice's."""
    upload = made(place, "scanning")
    holder = connect("postgres")
    holder("SELECT FROM anamnesis.upload_quota WHERE practice_id = (SELECT practice_id FROM anamnesis.upload WHERE id = %s) "
           "AND patient_id IS NULL FOR UPDATE", upload)
    scan("SET lock_timeout = '2s'")
    assert claim(scan) == []
    holder.rollback()
    assert [row[0] for row in claim(scan)] == [upload]


def test_a_file_that_cannot_be_looked_at_again_does_not_hold_up_the_others(place, scan):
    older, newer = in_order(place, 2)
    [(upload, attempt, _, _)] = claim_again(scan)
    assert upload == newer and scan.one("SELECT anamnesis.upload_retry(%s, %s, 3600)", upload, attempt) is True
    assert [row[0] for row in claim_again(scan)] == [older] and claim_again(scan) == []


# ---- jobs

def expire(jobs):
    return jobs("SELECT * FROM anamnesis.upload_expire(100)")[0]


def test_what_does_not_come_expires(place, jobs):
    upload, later = made(place, "awaiting-upload"), made(place, "awaiting-upload")
    place.sql("UPDATE anamnesis.upload SET expires_at = now(), urls_until = now() + interval '3 minutes' WHERE id = %s", upload)
    assert expire(jobs) == (1, 0, 0) and expire(jobs) == (0, 0, 0)
    assert one(place, upload, "state") == ("expired",) and one(place, later, "state") == ("awaiting-upload",)
    # Whoever still has an address may lay a part down for three minutes more.
    assert place.sql("SELECT until > now() + interval '3 minutes 30 seconds', next_at <= now() FROM anamnesis.object_leaving WHERE name = %s",
                     f"incoming/{upload}") == [(True, True)]


def test_what_no_response_shows_goes_thirty_days_after_the_last_one_was_given(place, jobs):
    place.sql("UPDATE anamnesis.upload SET retain_until = NULL WHERE practice_id = %s", place.id)
    draft, given = made(place, "clean"), made(place, "clean", place.patient, place.completed)
    place.sql("UPDATE anamnesis.upload SET retain_until = now() WHERE id = ANY (%s)", [draft, given])
    assert expire(jobs) == (0, 0, 0)  # of a draft; and given too lately
    assert one(place, draft, "retain_until > now() + interval '23 hours'") == (True,)
    assert one(place, given, "retain_until > now() + interval '29 days'") == (True,)
    place.sql("ALTER TABLE anamnesis.response DISABLE TRIGGER completed_for_ever")
    place.sql("UPDATE anamnesis.response SET submitted_at = now() - interval '31 days' WHERE id = %s", place.completed)
    place.sql("ALTER TABLE anamnesis.response ENABLE ALWAYS TRIGGER completed_for_ever")
    place.sql("UPDATE anamnesis.upload SET retain_until = now() WHERE id = %s", given)
    assert expire(jobs) == (0, 1, 0)
    assert one(place, given, "state, salt") == ("expired", None)
    assert place.sql("SELECT operation, patient_id FROM audit.event WHERE object_id = %s", given) == [("upload_expired", place.patient.id)]
    # The assignment is cancelled, and the draft has not been touched for as long.
    place.sql("UPDATE anamnesis.assignment SET status = 'cancelled' WHERE id = %s", place.assignments[place.draft.id])
    place.sql("UPDATE anamnesis.response SET updated_at = now() - interval '31 days' WHERE id = %s", place.started)
    place.sql("UPDATE anamnesis.upload SET retain_until = now() WHERE id = %s", draft)
    assert expire(jobs) == (0, 1, 0) and one(place, draft, "state") == ("expired",)


def test_what_newer_signatures_found_goes_after_thirty_days(place, jobs):
    upload, infected = made(place, "quarantined"), made(place, "infected")
    names = {name for (name,) in place.sql("SELECT name FROM anamnesis.upload_object WHERE upload_id = %s", upload)}
    assert len(names) == 3 and expire(jobs) == (0, 0, 0)
    place.sql("UPDATE anamnesis.upload SET quarantined_until = now() WHERE id = %s", upload)
    assert expire(jobs) == (0, 0, 1)
    assert one(place, upload, "state, salt") == ("infected", None) == one(place, infected, "state, salt")
    assert names <= {name for (name,) in jobs("SELECT name FROM anamnesis.object_leaving")}


def test_two_that_expire_at_once_do_it_once(place, connect):
    files = [made(place, "awaiting-upload") for _ in range(20)]
    place.sql("UPDATE anamnesis.upload SET expires_at = now() WHERE id = ANY (%s)", files)
    programs, counts = [program(connect, "anamnesis_jobs") for _ in range(4)], []
    threads = [threading.Thread(target=lambda each=each: counts.append(expire(each)[0])) for each in programs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 20


# ---- erasure

def erase(connect, place, patient):
    place.sql("UPDATE auth.session SET stepped_up_at = now() WHERE account_id = %s", place.staff["owner"].id)
    session = connect("anamnesis_api")
    session.prove(place.staff["owner"])
    assert session.one("SELECT auth.patient_erase(%s, 1)", patient.id) is True
    session.commit()


def test_an_erased_patient_s_files_are_gone(place, connect):
    files = {name: made(place, name) for name in [*uploads.STATES, "quarantined"]}
    kept = made(place, "clean", place.patient, place.completed)
    names = {name for (name,) in place.sql("SELECT name FROM anamnesis.upload_object WHERE patient_id = %s", place.draft.id)}
    api = connect("anamnesis_api")
    api.prove(place.staff["owner"])
    assert api.one("SELECT anamnesis.upload_grant_make(%s, %s, 'view')", os.urandom(32), files["clean"]) is not None
    api.commit()
    erase(connect, place, place.draft)
    assert place.sql("SELECT DISTINCT state, num_nonnulls(name, declared, size, salt, reason, signature, removal_reason, width, height, "
                     "seconds, quarantined_until) FROM anamnesis.upload WHERE patient_id = %s", place.draft.id) == [("erased", 0)]
    assert place.sql("SELECT 1 FROM anamnesis.upload_object WHERE patient_id = %s", place.draft.id) == []
    assert place.sql("SELECT 1 FROM anamnesis.upload_grant WHERE patient_id = %s", place.draft.id) == []
    assert place.sql("SELECT 1 FROM anamnesis.upload_quota WHERE patient_id = %s", place.draft.id) == []
    leaving = dict(place.sql("SELECT name, urgent FROM anamnesis.object_leaving"))
    wanted = names | {f"incoming/{upload}" for name, upload in files.items() if name != "erased"}
    assert wanted <= set(leaving) and all(leaving[name] for name in wanted)
    assert one(place, kept, "state") == ("clean",)
    assert place.sql("SELECT bytes, open_count FROM anamnesis.upload_quota WHERE practice_id = %s AND patient_id IS NULL", place.id) == [
        (1000, 0)]  # the other patient's

"""What is left of an erased patient's key on the server: nothing, in no file, once the background program's steps are done."""

import os
import time
import uuid

import psycopg2
import pytest
from support import postgres
from support.world import Practice, Session

STEPS = ("SELECT auth.keys_rewrite()", "SELECT auth.keys_pass()", "SELECT auth.keys_gone()")
PATIENCE_SECONDS = 60  # recycled files of the write-ahead log are passed one a round; their times are whole seconds


class Place:
    """A practice, and what a person with the server's disk would find."""

    def __init__(self, database):
        self.database = database
        self.connection = database.connect("postgres")
        self.connection.autocommit = True
        self.sql = Session(self.connection)
        self.practice = Practice(self.sql, "Practice")
        self.jobs = database.connect("anamnesis_jobs")
        self.jobs.autocommit = True

    def step(self, number):
        return Session(self.jobs).one(STEPS[number])

    def key(self, patient):
        return bytes(self.sql.one("SELECT wrapped_key FROM anamnesis.data_key WHERE patient_id = %s", patient.id))

    def erase(self, *patients):
        """As the api does it, each in a transaction of its own."""
        api = self.database.connect("anamnesis_api")
        session = Session(api)
        for patient in patients:
            self.sql("UPDATE auth.session SET stepped_up_at = now() WHERE account_id = %s", self.practice.staff["owner"].id)
            session.prove(self.practice.staff["owner"])
            assert session.one("SELECT auth.patient_erase(%s, 1)", patient.id) is True
            session.commit()
        api.close()

    def all_steps(self):
        """Until nothing is left to do."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.sql.one("SELECT count(*) FROM auth.erasure") > 0:
            assert time.monotonic() < deadline, "the keys are not gone"
            for number in range(3):
                self.step(number)
            time.sleep(0.3)

    def rewritten(self):
        """Of how many the first rewrite was; the server's own vacuum may be a reader that it waits for."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        made = self.step(0)
        while made == 0 and time.monotonic() < deadline:
            time.sleep(0.05)
            made = self.step(0)
        return made

    def files_with(self, *needles):
        """Files of the cluster that hold one of these."""
        found = []
        for directory, _, names in os.walk(self.database.where.directory / "data"):
            for name in names:
                path = os.path.join(directory, name)
                try:
                    with open(path, "rb") as file:
                        content = file.read()
                except FileNotFoundError:
                    continue
                if any(needle in content for needle in needles):
                    found.append(os.path.relpath(path, self.database.where.directory / "data"))
        return found

    def gone(self):
        """Patients of whom the audit log says that their key is gone."""
        return {row[0] for row in self.sql("SELECT object_id FROM audit.event WHERE operation = 'key_gone' AND outcome = 'ok' "
                                           "AND realm = 'system' AND practice_id = %s AND detail = 'table and log' "
                                           "AND patient_id = object_id AND patient_ids IS NULL", self.practice.id)}

    def close(self):
        self.jobs.close()
        self.connection.close()


@pytest.fixture
def place(bare):
    if not isinstance(bare.where, postgres.Server):
        pytest.skip("the server's files are not here")
    assert bare.command("migrate").returncode == 0
    made = Place(bare)
    yield made
    made.close()


def test_the_key_is_in_no_file(place):
    patient, other = place.practice.add_patient(place.sql), place.practice.patient
    key, kept = place.key(patient), place.key(other)
    # Wrapped anew, as a rotation of the KEK does, and the scanner's copy of the files key sealed anew; the row before is one that
    # nobody sees any more.
    newer, copy, newer_copy, kept_copy = (os.urandom(76) for _ in range(4))
    files_key = "UPDATE anamnesis.data_key SET files_key = %s WHERE patient_id = %s"
    for value, whose in ((copy, patient), (newer_copy, patient), (kept_copy, other)):
        place.sql(files_key, value, whose.id)
    place.sql("UPDATE anamnesis.data_key SET wrapped_key = %s WHERE patient_id = %s", newer, patient.id)
    place.sql("ANALYZE")
    place.sql("CHECKPOINT")
    place.erase(patient)
    assert any(name.startswith("base/") for name in place.files_with(key))
    assert all(place.files_with(value) for value in (newer, copy, newer_copy))
    place.all_steps()
    assert place.files_with(key, newer, copy, newer_copy) == []
    assert place.gone() == {patient.id}
    assert place.key(other) == kept and place.files_with(kept) and place.files_with(kept_copy)


def test_many_erasures_are_one_rewrite(place):
    patients = [place.practice.add_patient(place.sql) for _ in range(5)]
    keys = [place.key(patient) for patient in patients]
    file = "SELECT pg_relation_filenode('anamnesis.data_key')"
    place.erase(*patients)
    before = place.sql.one(file)
    assert place.rewritten() == 5
    after = place.sql.one(file)
    assert after != before and place.step(0) == 0 and place.sql.one(file) == after
    place.all_steps()
    assert place.files_with(*keys) == [] and place.gone() == {patient.id for patient in patients}
    assert place.sql.one("SELECT count(*) FROM anamnesis.data_key") == 2
    assert [place.step(number) for number in range(3)] == [0, 0, 0] and place.sql.one(file) == after


def test_an_older_reader_is_waited_for_and_sees_what_it_saw(place):
    """pg_dump, for one: what it has not read yet is there, and the key is not said to be gone."""
    patient = place.practice.patient
    key = place.key(patient)
    reader = place.database.connect("postgres")
    reader.set_session(isolation_level="REPEATABLE READ")
    assert Session(reader).one("SELECT 1") == 1
    place.erase(patient)
    assert [place.step(number) for number in range(3)] == [0, 0, 0] and place.gone() == set()
    assert Session(reader).one("SELECT count(*) FROM anamnesis.data_key WHERE wrapped_key = %s", key) == 1
    reader.commit()
    reader.close()
    place.all_steps()
    assert place.gone() == {patient.id} and place.files_with(key) == []


def test_a_reader_of_the_table_is_not_in_the_way_for_long(place):
    """The rewrite gives up after a moment; whoever reads keys then waits no longer than that."""
    place.erase(place.practice.patient)
    reader = place.database.connect("postgres")
    Session(reader)("LOCK TABLE anamnesis.data_key IN ACCESS SHARE MODE")
    with pytest.raises(psycopg2.errors.LockNotAvailable):
        place.step(0)
    reader.close()
    place.all_steps()


@pytest.mark.parametrize("died_after", [0, 1, 2])
def test_what_was_begun_is_taken_up_again(place, died_after):
    """The program ends after any of the steps, or the server in the middle of everything."""
    patient = place.practice.patient
    key = place.key(patient)
    place.erase(patient)
    for number in range(died_after):
        place.step(number)
    place.jobs.close()
    place.jobs = place.database.connect("anamnesis_jobs")
    place.jobs.autocommit = True
    place.all_steps()
    assert place.gone() == {patient.id} and place.files_with(key) == []


def test_a_rewrite_that_does_not_commit_is_none(place):
    patient = place.practice.patient
    place.erase(patient)
    place.jobs.autocommit = False
    assert place.step(0) == 1
    place.jobs.rollback()
    place.jobs.autocommit = True
    assert place.sql.one("SELECT rewritten_at FROM auth.erasure") is None
    assert place.step(0) == 1


def test_jobs_causes_no_row_but_for_a_key_that_is_gone(place):
    jobs = Session(place.jobs)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        jobs("INSERT INTO auth.erasure (patient_id, practice_id) VALUES (%s, %s)", uuid.uuid4(), place.practice.id)
    for statement in ("SELECT ext.next_wal_file()", "SELECT ext.oldest_wal_file()", "SELECT ext.oldest_reader_age()",
                      "SELECT pg_switch_wal()", "CHECKPOINT", "CLUSTER anamnesis.data_key",
                      "SELECT wrapped_key FROM anamnesis.data_key", "SELECT files_key FROM anamnesis.data_key"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            jobs(statement)
    assert place.step(2) == 0 and place.gone() == set()

"""A dump is worth what comes out of it: `anamnesis backup check` restores it and says what is missing."""

import subprocess

import pytest
from support import postgres
from support.world import Session


class Place:
    """A database with a practice, its dump, and empty databases to restore it into."""

    def __init__(self, database, directory):
        self.database, self.directory = database, directory
        self.keyring, self.made = directory / "keyring.json", []
        self.must("keys", "create", self.keyring)
        self.must("migrate")
        self.must("practice", "create", "--name", "Practice", "--staff", "owner:owner@example.org")

    def must(self, *arguments):
        done = self.database.command(*arguments, ANAMNESIS_KEYRING_FILE=str(self.keyring))
        assert done.returncode == 0, done.stderr

    def sql(self, statement):
        self.database.administer(statement, self.database.name)

    def dump(self, *options):
        path = self.directory / f"{len(self.made)}.dump"
        subprocess.run(["pg_dump", "--format=custom", f"--file={path}", *options, "-d", self.database.url("postgres")],
                       check=True, capture_output=True)
        return path

    def scratch(self):
        name = f"{self.database.name}_{len(self.made)}"
        self.database.administer(f"CREATE DATABASE {name}", "postgres")
        self.made.append(name)
        return name

    def check(self, dump, scratch=None, keyring=None):
        url = self.database.where.url("postgres", scratch or self.scratch())
        return self.database.command("backup", "check", dump, ANAMNESIS_KEYRING_FILE=str(keyring or self.keyring),
                                     ANAMNESIS_SCRATCH_DATABASE_URL=url)


@pytest.fixture
def place(bare, tmp_path):
    made = Place(bare, tmp_path)
    yield made
    for name in made.made:
        bare.administer(f"DROP DATABASE {name} WITH (FORCE)", "postgres")


def test_a_good_dump(place):
    done = place.check(place.dump())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every migration" in done.stdout and "1 data keys open" in done.stdout and "wrong" not in done.stdout


def test_what_was_restored_serves_and_keeps_its_audit_log(place):
    """The way of a restore, to its end: bootstrap, migrate, then the commands work on it."""
    scratch = place.scratch()
    assert place.check(place.dump(), scratch).returncode == 0
    environment = {"ANAMNESIS_OWNER_DATABASE_URL": place.database.where.url("anamnesis_owner", scratch),
                   "ANAMNESIS_KEYRING_FILE": str(place.keyring)}
    subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", place.database.where.url("postgres", scratch), "-f",
                    postgres.TOP / "sql" / "bootstrap.sql"], check=True, capture_output=True)
    for arguments in (["migrate"], ["staff", "list", "--practice", "Practice"], ["audit", "verify"]):
        done = place.database.command(*arguments, **environment)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("options", [["--exclude-table-data=anamnesis.data_key"], ["--exclude-table-data=auth.key_check"],
                                     ["--exclude-table-data=anamnesis.migration"]])
def test_a_dump_that_lacks_something(place, options):
    connection = place.database.connect("postgres")
    with connection:
        sql = Session(connection)
        # A patient of the owner's identifier, whose wrapped key is good for it.
        sql("INSERT INTO anamnesis.patient (id, practice_id, given_name, family_name, birth_date, email, email_index, "
            "created_by) SELECT id, practice_id, name, name, name, email, email_index, id FROM anamnesis.staff")
        sql("INSERT INTO anamnesis.data_key (patient_id, practice_id, wrapped_key) SELECT id, practice_id, wrapped_key "
            "FROM anamnesis.staff")
    connection.close()
    assert place.check(place.dump()).returncode == 0
    done = place.check(place.dump(*options))
    assert done.returncode == 1 and "wrong" in done.stdout, done.stdout + done.stderr


@pytest.fixture
def patients(place):
    """Patients who have sent a file: their data keys, and the scanner's copies of their files keys."""
    done = subprocess.run([postgres.program("tests/programs/files_keys"), "3"], capture_output=True, text=True, check=True,
                          env={"ANAMNESIS_KEYRING_FILE": str(place.keyring)})
    connection = place.database.connect("postgres")
    with connection:
        sql = Session(connection)
        for patient, wrapped, sealed in map(str.split, done.stdout.splitlines()):
            sql("INSERT INTO anamnesis.patient (id, practice_id, family_name, birth_date, created_by) "
                "SELECT %s, practice_id, name, name, id FROM anamnesis.staff", patient)
            sql("INSERT INTO anamnesis.data_key (patient_id, practice_id, wrapped_key, files_key) "
                "SELECT %s, practice_id, decode(%s, 'hex'), decode(%s, 'hex') FROM anamnesis.staff", patient, wrapped, sealed)
    connection.close()
    return place


def test_the_scanners_copies_are_those_of_the_data_keys(patients):
    done = patients.check(patients.dump())
    assert done.returncode == 0 and "4 data keys open" in done.stdout, done.stdout + done.stderr
    patients.sql("UPDATE anamnesis.data_key d SET files_key = (SELECT o.files_key FROM anamnesis.data_key o "
                 "WHERE o.patient_id <> d.patient_id LIMIT 1) WHERE d.patient_id = (SELECT min(patient_id::text)::uuid FROM anamnesis.data_key)")
    done = patients.check(patients.dump())
    assert done.returncode == 1 and "copies of files keys do not open" in done.stdout, done.stdout + done.stderr
    # What it says to do.
    assert patients.database.command("keys", "rotate", "--kind", "files",
                                     ANAMNESIS_KEYRING_FILE=str(patients.keyring)).returncode == 0
    assert patients.check(patients.dump()).returncode == 0


def test_a_dump_of_before_there_were_files(patients):
    patients.sql("ALTER TABLE anamnesis.data_key DROP COLUMN files_key")
    done = patients.check(patients.dump())
    assert done.returncode == 0 and "4 data keys open" in done.stdout, done.stdout + done.stderr


def test_another_keyring(place):
    other = place.directory / "other.json"
    subprocess.run([postgres.program(), "keys", "create", other], check=True, capture_output=True)
    done = place.check(place.dump(), keyring=other)
    assert done.returncode == 1 and "the keyring is not the one" in done.stdout


def test_a_log_that_was_changed(place):
    place.sql("ALTER TABLE audit.event DISABLE TRIGGER ALL; INSERT INTO audit.seal SELECT 1, 99999999999, 1, 1, now(), 1, "
              "sha256(''), sha256(''), sha256('') || sha256(''), decode(repeat('00', 56), 'hex')")
    done = place.check(place.dump())
    assert done.returncode == 1 and "the audit log is not proven" in done.stdout


def test_what_cannot_be_restored(place):
    dump, scratch = place.dump(), place.scratch()
    cut = place.directory / "cut.dump"
    cut.write_bytes(dump.read_bytes()[:-2000])
    done = place.check(cut)
    assert done.returncode == 2 and "was not restored" in done.stderr
    assert place.check(dump, scratch).returncode == 0
    again = place.check(dump, scratch)
    assert again.returncode == 2 and "not empty" in again.stderr
    missing = place.database.command("backup", "check", dump, ANAMNESIS_KEYRING_FILE=str(place.keyring))
    assert missing.returncode == 2 and "ANAMNESIS_SCRATCH_DATABASE_URL" in missing.stderr

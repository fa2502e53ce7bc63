"""Keyrings of the workers, the background program and the programs for files: each has what its program needs, and all are kept
in step."""

import hashlib
import json
import shutil

import pytest


class Place:
    """A migrated database with a practice, and its keyring divided into three files."""

    def __init__(self, database, directory):
        self.database, self.directory = database, directory
        self.workers, self.jobs, self.files = (directory / f"keyring{name}.json" for name in ("", "-jobs", "-files"))
        self.must("keys", "create", self.workers, alone=True)
        self.must("keys", "split", self.workers, self.jobs, alone=True)
        self.must("keys", "split", "--files", self.files, self.workers, alone=True)
        self.must("migrate")
        self.must("practice", "create", "--name", "Practice", "--staff", "owner:owner@example.org")

    def run(self, *arguments, alone=False, without=(), **environment):
        """`alone`: only the workers' keyring is given."""
        files = {"ANAMNESIS_KEYRING_FILE": str(self.workers)} | (
            {} if alone else {"ANAMNESIS_JOBS_KEYRING_FILE": str(self.jobs), "ANAMNESIS_FILES_KEYRING_FILE": str(self.files)})
        given = {name: value for name, value in files.items() if name not in without}
        return self.database.command(*arguments, **(given | environment))

    def must(self, *arguments, **options):
        done = self.run(*arguments, **options)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def versions(self, path, kind):
        """(version, on standby) of each, newest first."""
        return [(one["version"], one.get("standby", False)) for one in json.loads(path.read_text(encoding="utf-8"))[kind]]


@pytest.fixture
def place(bare, tmp_path):
    return Place(bare, tmp_path)


def test_each_has_what_its_program_needs_and_no_more(place):
    workers, jobs, files = (json.loads(path.read_text(encoding="utf-8")) for path in (place.workers, place.jobs, place.files))
    assert jobs.keys() == {"seal", "audit"} and workers.keys() == {"kek", "index", "pepper", "seal", "files"}
    assert workers["seal"] == jobs["seal"] and files == {"files": workers["files"]}
    assert all(path.stat().st_mode & 0o777 == 0o400 for path in (place.workers, place.jobs, place.files))
    assert len(list(place.directory.glob("*keyring*"))) == 3
    before = place.workers.read_bytes(), place.jobs.read_bytes()
    again = place.run("keys", "split", place.workers, place.directory / "third.json", alone=True)
    assert again.returncode == 1 and "split already" in again.stderr and not (place.directory / "third.json").exists()
    assert before == (place.workers.read_bytes(), place.jobs.read_bytes())


def test_a_keyring_for_files_is_a_copy_and_overwrites_none(place):
    paths = (place.workers, place.jobs, place.files)
    before = [path.read_bytes() for path in paths]
    again = place.run("keys", "split", "--files", place.files, place.workers, alone=True)
    assert again.returncode == 1 and "File exists" in again.stderr
    (place.directory / "more.json.new").write_text("what a command that was ended has left", encoding="utf-8")
    place.must("keys", "split", "--files", place.directory / "more.json", place.workers, alone=True)
    assert (place.directory / "more.json").read_bytes() == before[2] and not (place.directory / "more.json.new").exists()
    assert [path.read_bytes() for path in paths] == before
    assert place.run("keys", "split", place.workers, alone=True).returncode == 2


def test_all_three_are_made_at_once(bare, tmp_path):
    whole, jobs, files = (tmp_path / name for name in ("whole.json", "jobs.json", "files.json"))
    assert bare.command("keys", "create", whole).returncode == 0
    done = bare.command("keys", "split", "--files", files, whole, jobs)
    assert done.returncode == 0, done.stderr
    kinds = [set(json.loads(path.read_text(encoding="utf-8"))) for path in (whole, jobs, files)]
    assert kinds == [{"kek", "index", "pepper", "seal", "files"}, {"seal", "audit"}, {"files"}]


def test_an_older_divided_keyring_gets_the_key_for_files_and_no_second_audit_key(place):
    """The workers' of a keyring that was divided before there was a `files` key."""
    whole = json.loads(place.workers.read_text(encoding="utf-8"))
    place.workers.chmod(0o600)
    place.workers.write_text(json.dumps({kind: keys for kind, keys in whole.items() if kind != "files"}), encoding="utf-8")
    place.workers.chmod(0o400)
    none = {"without": ["ANAMNESIS_FILES_KEYRING_FILE"]}
    refused = place.run("keys", "rotate", "--kind", "files", **none)
    assert refused.returncode == 1 and "anamnesis keys upgrade" in refused.stderr
    refused = place.run("keys", "split", "--files", place.directory / "files.json", place.workers)
    assert refused.returncode == 1 and "anamnesis keys upgrade" in refused.stderr
    assert place.must("keys", "status", **none)  # it serves as before
    upgraded = place.run("keys", "upgrade", place.workers)
    assert upgraded.returncode == 0, upgraded.stderr
    after = json.loads(place.workers.read_text(encoding="utf-8"))
    assert after.keys() == whole.keys() and all((after[kind] == whole[kind]) == (kind != "files") for kind in whole)
    # This database knows the key that was taken away: one that is made in its place is refused.
    done = place.run("keys", "status", **none)
    assert done.returncode == 78 and "Version 1 of `files`" in done.stderr
    sql = place.database.connect("postgres")
    sql.cursor().execute("DELETE FROM auth.key_check WHERE kind = 'files'")  # a database that knew none
    sql.commit()
    place.must("migrate", **none)
    cursor = sql.cursor()
    cursor.execute("SELECT version FROM auth.key_check WHERE kind = 'files' AND in_use_since IS NOT NULL")
    assert cursor.fetchall() == [(1,)]
    sql.close()


def test_an_audit_key_too_many_is_said_and_can_be_taken_out(place):
    """The workers' of a divided keyring, and nobody says that it is divided."""
    before = json.loads(place.workers.read_text(encoding="utf-8"))
    done = place.run("keys", "upgrade", place.workers, alone=True)
    assert done.returncode == 0 and "new keys now: audit." in done.stdout
    refused = place.run("keys", "status")
    assert refused.returncode == 78 and "version 1 of `audit` is another key" in refused.stderr
    assert f"anamnesis keys split {place.workers} OTHER" in done.stdout
    place.must("keys", "split", place.workers, place.directory / "other.json", alone=True)
    assert json.loads(place.workers.read_text(encoding="utf-8")) == before
    place.must("keys", "status")


def test_nothing_is_overwritten_by_a_split(bare, tmp_path):
    whole, other = tmp_path / "whole.json", tmp_path / "other.json"
    other.write_text("something", encoding="utf-8")
    assert bare.command("keys", "create", whole).returncode == 0
    text = whole.read_text(encoding="utf-8")
    done = bare.command("keys", "split", whole, other)
    assert done.returncode == 1 and "File exists" in done.stderr
    assert whole.read_text(encoding="utf-8") == text and other.read_text(encoding="utf-8") == "something"


@pytest.mark.parametrize("kind", ["seal", "audit"])
def test_a_rotation_changes_both_files_or_refuses(place, kind):
    refused = place.run("keys", "rotate", "--kind", kind, alone=True)
    assert refused.returncode == 1 and "ANAMNESIS_JOBS_KEYRING_FILE" in refused.stderr
    place.must("keys", "rotate", "--kind", kind)
    assert place.versions(place.jobs, kind) == [(2, False), (1, False)]
    if kind == "seal":
        assert place.versions(place.workers, kind) == [(2, False), (1, False)]
        place.must("keys", "retire", "--kind", kind, "1")
        assert place.versions(place.workers, kind) == place.versions(place.jobs, kind) == [(2, False)]
    assert "audit" not in json.loads(place.workers.read_text(encoding="utf-8"))


def test_a_rotation_changes_the_keyring_for_files_and_the_workers(place):
    jobs = place.jobs.read_bytes()
    place.must("keys", "rotate", "--kind", "files", "--prepare")
    assert place.versions(place.files, "files") == place.versions(place.workers, "files") == [(2, True), (1, False)]
    place.must("keys", "rotate", "--kind", "files")
    assert place.versions(place.files, "files") == place.versions(place.workers, "files") == [(2, False), (1, False)]
    files, workers = (json.loads(path.read_text(encoding="utf-8")) for path in (place.files, place.workers))
    assert files == {"files": workers["files"]} and json.loads(place.jobs.read_bytes()) == json.loads(jobs)


@pytest.mark.parametrize("stage", ["--prepare", None])
@pytest.mark.parametrize("kind, late", [("seal", "workers"), ("seal", "jobs"), ("files", "workers"), ("files", "files")])
def test_one_file_that_was_not_written_is_written_the_next_time(place, stage, kind, late):
    """The command was ended between the two."""
    path, other = getattr(place, late), place.jobs if kind == "seal" else place.files
    if stage is None:
        place.must("keys", "rotate", "--kind", kind, "--prepare")
    before = place.directory / "before.json"
    shutil.copy2(path, before)
    place.must("keys", "rotate", "--kind", kind, *([stage] if stage else []))
    path.unlink()
    shutil.copy2(before, path)
    place.must("keys", "rotate", "--kind", kind)
    assert place.versions(place.workers, kind)[0][0] == place.versions(other, kind)[0][0] >= 2
    assert place.versions(place.workers, kind) == place.versions(other, kind)


def test_a_program_that_scans_is_waited_for(place):
    """It says by its connection's name which keyring it has; one that has an older one is seen."""
    connection = place.database.connect("postgres")
    cursor = connection.cursor()
    cursor.execute("SET application_name = 'anamnesis keyring 0123456789abcdef'")
    refused = place.run("keys", "rotate", "--kind", "files", "--wait", "0")
    assert refused.returncode == 1 and "1 connections are of programs with another keyring" in refused.stderr
    assert place.versions(place.files, "files") == [(2, True), (1, False)]
    label = "5:2-;5:1;"  # lib/crypto/keyring_versions.c: the kind, version 2 on standby, version 1
    name = "anamnesis keyring " + hashlib.sha256(label.encode()).hexdigest()[:16]
    cursor.execute("SELECT set_config('application_name', %s, false)", (name,))
    place.run("keys", "rotate", "--kind", "files", "--wait", "0")
    assert place.versions(place.files, "files") == [(2, False), (1, False)]  # in use: it was seen to have it
    connection.close()


def test_keyrings_of_two_deployments_are_not_joined(place):
    other, theirs = place.directory / "other.json", place.directory / "theirs.json"
    place.must("keys", "create", other, alone=True)
    place.must("keys", "split", other, theirs, alone=True)
    done = place.run("keys", "status", ANAMNESIS_JOBS_KEYRING_FILE=str(theirs))
    assert done.returncode == 78 and "is another key in one keyring than in the other" in done.stderr


def test_other_commands_need_the_workers_alone_and_the_log_only_the_other(place):
    place.must("practice", "create", "--name", "Second", "--staff", "owner:second@example.org", alone=True)
    key = place.must("audit", "key", ANAMNESIS_KEYRING_FILE="")
    assert key == place.must("audit", "key")
    refused = place.run("audit", "key", alone=True)
    assert refused.returncode != 0 and "it is in the background program's" in refused.stderr


def test_the_keyring_of_before_serves_both(bare, tmp_path):
    """One file, as until now: nobody has to divide it."""
    whole = tmp_path / "whole.json"
    for arguments in (["keys", "create", whole], ["migrate"], ["keys", "rotate", "--kind", "seal"], ["audit", "key"]):
        done = bare.command(*arguments, ANAMNESIS_KEYRING_FILE=str(whole))
        assert done.returncode == 0, done.stderr
    assert "audit" in json.loads(whole.read_text(encoding="utf-8"))

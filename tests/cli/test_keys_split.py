"""Two keyrings, the workers' and the background program's: each has what its program needs, and both are kept in step."""

import json
import shutil

import pytest


class Place:
    """A migrated database with a practice, and its keyring divided into two files."""

    def __init__(self, database, directory):
        self.database, self.directory = database, directory
        self.workers, self.jobs = directory / "keyring.json", directory / "keyring-jobs.json"
        self.must("keys", "create", self.workers, both=False)
        self.must("keys", "split", self.workers, self.jobs, both=False)
        self.must("migrate")
        self.must("practice", "create", "--name", "Practice", "--staff", "owner:owner@example.org")

    def run(self, *arguments, both=True, **environment):
        files = {"ANAMNESIS_KEYRING_FILE": str(self.workers)} | (
            {"ANAMNESIS_JOBS_KEYRING_FILE": str(self.jobs)} if both else {})
        return self.database.command(*arguments, **(files | environment))

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
    workers, jobs = (json.loads(path.read_text(encoding="utf-8")) for path in (place.workers, place.jobs))
    assert jobs.keys() == {"seal", "audit"} and "audit" not in workers and workers.keys() >= {"kek", "index", "pepper", "seal"}
    assert workers["seal"] == jobs["seal"]
    assert place.jobs.stat().st_mode & 0o777 == 0o400 and place.workers.stat().st_mode & 0o777 == 0o400
    before = place.workers.read_bytes(), place.jobs.read_bytes()
    again = place.run("keys", "split", place.workers, place.directory / "third.json", both=False)
    assert again.returncode == 1 and "split already" in again.stderr and not (place.directory / "third.json").exists()
    assert before == (place.workers.read_bytes(), place.jobs.read_bytes())


def test_the_programs_for_files_have_that_key_alone(place):
    files = place.directory / "keyring-files.json"
    before = place.workers.read_bytes(), place.jobs.read_bytes()
    place.must("keys", "split", "--files", files, place.workers, both=False)
    workers, theirs = (json.loads(path.read_text(encoding="utf-8")) for path in (place.workers, files))
    assert theirs == {"files": workers["files"]} and files.stat().st_mode & 0o777 == 0o400
    assert before == (place.workers.read_bytes(), place.jobs.read_bytes())
    again = place.run("keys", "split", "--files", files, place.workers, both=False)
    assert again.returncode == 1 and "File exists" in again.stderr
    assert json.loads(files.read_text(encoding="utf-8")) == theirs
    assert place.run("keys", "split", place.workers, both=False).returncode == 2


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
    refused = place.run("keys", "rotate", "--kind", "files")
    assert refused.returncode == 1 and "anamnesis keys upgrade" in refused.stderr
    refused = place.run("keys", "split", "--files", place.directory / "files.json", place.workers)
    assert refused.returncode == 1 and "anamnesis keys upgrade" in refused.stderr
    assert place.must("keys", "status")  # it serves as before
    upgraded = place.run("keys", "upgrade", place.workers)
    assert upgraded.returncode == 0, upgraded.stderr
    after = json.loads(place.workers.read_text(encoding="utf-8"))
    assert after.keys() == whole.keys() and all((after[kind] == whole[kind]) == (kind != "files") for kind in whole)
    # This database knows the key that was taken away: one that is made in its place is refused.
    done = place.run("keys", "status")
    assert done.returncode == 78 and "Version 1 of `files`" in done.stderr
    sql = place.database.connect("postgres")
    sql.cursor().execute("DELETE FROM auth.key_check WHERE kind = 'files'")  # a database that knew none
    sql.commit()
    place.must("migrate")
    cursor = sql.cursor()
    cursor.execute("SELECT version FROM auth.key_check WHERE kind = 'files' AND in_use_since IS NOT NULL")
    assert cursor.fetchall() == [(1,)]
    sql.close()


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
    refused = place.run("keys", "rotate", "--kind", kind, both=False)
    assert refused.returncode == 1 and "ANAMNESIS_JOBS_KEYRING_FILE" in refused.stderr
    place.must("keys", "rotate", "--kind", kind)
    assert place.versions(place.jobs, kind) == [(2, False), (1, False)]
    if kind == "seal":
        assert place.versions(place.workers, kind) == [(2, False), (1, False)]
        place.must("keys", "retire", "--kind", kind, "1")
        assert place.versions(place.workers, kind) == place.versions(place.jobs, kind) == [(2, False)]
    assert "audit" not in json.loads(place.workers.read_text(encoding="utf-8"))


@pytest.mark.parametrize("stage", ["--prepare", None])
@pytest.mark.parametrize("late", ["workers", "jobs"])
def test_one_file_that_was_not_written_is_written_the_next_time(place, stage, late):
    """The command was ended between the two."""
    path = getattr(place, late)
    if stage is None:
        place.must("keys", "rotate", "--kind", "seal", "--prepare")
    before = place.directory / "before.json"
    shutil.copy2(path, before)
    place.must("keys", "rotate", "--kind", "seal", *([stage] if stage else []))
    path.unlink()
    shutil.copy2(before, path)
    place.must("keys", "rotate", "--kind", "seal")
    assert place.versions(place.workers, "seal")[0][0] == place.versions(place.jobs, "seal")[0][0] >= 2
    assert place.versions(place.workers, "seal") == place.versions(place.jobs, "seal")


def test_keyrings_of_two_deployments_are_not_joined(place):
    other, theirs = place.directory / "other.json", place.directory / "theirs.json"
    place.must("keys", "create", other, both=False)
    place.must("keys", "split", other, theirs, both=False)
    done = place.run("keys", "status", ANAMNESIS_JOBS_KEYRING_FILE=str(theirs))
    assert done.returncode == 78 and "is another key in one keyring than in the other" in done.stderr


def test_other_commands_need_the_workers_alone_and_the_log_only_the_other(place):
    place.must("practice", "create", "--name", "Second", "--staff", "owner:second@example.org", both=False)
    key = place.must("audit", "key", ANAMNESIS_KEYRING_FILE="")
    assert key == place.must("audit", "key")
    refused = place.run("audit", "key", both=False)
    assert refused.returncode != 0 and "it is in the background program's" in refused.stderr


def test_the_keyring_of_before_serves_both(bare, tmp_path):
    """One file, as until now: nobody has to divide it."""
    whole = tmp_path / "whole.json"
    for arguments in (["keys", "create", whole], ["migrate"], ["keys", "rotate", "--kind", "seal"], ["audit", "key"]):
        done = bare.command(*arguments, ANAMNESIS_KEYRING_FILE=str(whole))
        assert done.returncode == 0, done.stderr
    assert "audit" in json.loads(whole.read_text(encoding="utf-8"))

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
    assert done.returncode == 78 and "is another key in the background program's keyring" in done.stderr


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

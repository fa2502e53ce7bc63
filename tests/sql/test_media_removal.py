"""The background program removes from the store what the database says is superfluous, and nothing else."""

import contextlib
import signal
import time

import pytest
from support import uploads
from support.world import Practice

PATIENCE_SECONDS = 60


class Store:
    """A directory of objects beside a log's database, and a practice with files of a patient."""

    def __init__(self, log, directory):
        self.log, self.top = log, directory
        for name in ("incoming", "sealed"):
            (directory / name).mkdir(parents=True)
        log.connection.autocommit = True
        self.sql = log.sql
        self.practice = Practice(self.sql, "Practice")
        self.patient = self.practice.patients[1]

    def add(self, state, **columns):
        """A file with its parts and objects on the disk."""
        upload = uploads.add(self.sql, self.patient, self.practice.started, state, **columns)
        for name in [f"incoming/{upload}/{number}" for number in (1, 2)] + self.objects(upload):
            path = self.top / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"x")
        return upload

    def objects(self, upload):
        return [name for (name,) in self.sql("SELECT name FROM anamnesis.upload_object WHERE upload_id = %s", upload)]

    def files(self):
        return {str(path.relative_to(self.top)) for path in self.top.rglob("*") if path.is_file()}

    def leaving(self):
        return {name for (name,) in self.sql("SELECT name FROM anamnesis.object_leaving")}

    @contextlib.contextmanager
    def jobs(self):
        """The background program, once it is at work."""
        path = self.log.directory / "jobs.log"
        before = path.read_text(encoding="utf-8").count("jobs-started") if path.exists() else 0
        with self.log.jobs(ANAMNESIS_STORE_DIR=str(self.top)) as process:
            self.wait(lambda: path.read_text(encoding="utf-8").count("jobs-started") > before)
            yield process

    def wait(self, condition):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, (self.files(), self.leaving())
            time.sleep(0.001)


@pytest.fixture
def store(log, tmp_path):
    made = Store(log, tmp_path / "objects")
    made.sql("DELETE FROM anamnesis.object_leaving")  # of files that never were on this disk
    return made


def test_what_is_superfluous_is_removed_and_nothing_else(store):
    kept = {state: store.add(state) for state in ("awaiting-upload", "scanning", "clean", "quarantined")}
    gone = {state: store.add(state) for state in ("infected", "rejected", "withdrawn", "expired", "removed", "erased")}
    was_clean = store.add("clean")
    names = store.objects(was_clean)
    uploads.move(store.sql, was_clean, "withdrawn")
    assert len(names) == 3 and set(names) <= store.files()
    with store.jobs():
        store.wait(lambda: not store.leaving())
    left = {f"incoming/{kept[state]}/{number}" for state in ("awaiting-upload", "scanning") for number in (1, 2)}
    left |= {name for state in ("clean", "quarantined") for name in store.objects(kept[state])}
    assert store.files() == left and not any((store.top / "incoming" / str(upload)).exists() for upload in gone.values())


def test_what_expires_is_removed_by_itself(store):
    upload = store.add("awaiting-upload")
    store.sql("UPDATE anamnesis.upload SET expires_at = now() WHERE id = %s", upload)
    with store.jobs():
        store.wait(lambda: store.sql.one("SELECT state FROM anamnesis.upload WHERE id = %s", upload) == "expired" and not store.leaving())
    assert store.files() == set()


def test_parts_that_come_while_an_address_counts_are_removed_once_more(store):
    upload = store.add("awaiting-upload")
    store.sql("UPDATE anamnesis.upload SET urls_until = now() + interval '5 minutes' WHERE id = %s", upload)
    uploads.move(store.sql, upload, "withdrawn")
    again = "SELECT next_at = until AND until > now() + interval '5 minutes' FROM anamnesis.object_leaving"
    with store.jobs():
        store.wait(lambda: store.sql.one(again))
    assert store.files() == set() and store.leaving() == {f"incoming/{upload}"}
    late = store.top / "incoming" / str(upload) / "1"
    late.parent.mkdir()
    late.write_bytes(b"laid down with an address that still counted")
    store.sql("UPDATE anamnesis.object_leaving SET until = now(), next_at = now()")
    with store.jobs():
        store.wait(lambda: not store.leaving())
    assert not late.parent.exists()


def test_what_cannot_be_removed_is_tried_again_and_holds_up_nothing(store):
    stuck, other = store.add("withdrawn"), store.add("withdrawn")
    strange = store.top / "incoming" / str(stuck) / "what-is-this"
    strange.write_bytes(b"no part")
    with store.jobs():
        store.wait(lambda: store.leaving() == {f"incoming/{stuck}"})
    assert strange.exists() and not (store.top / "incoming" / str(other)).exists()
    assert store.sql("SELECT attempts, next_at > now() + interval '10 seconds' FROM anamnesis.object_leaving") == [(1, True)]
    assert store.log.said("object-not-removed")
    strange.unlink()
    store.sql("UPDATE anamnesis.object_leaving SET next_at = now()")
    with store.jobs():
        store.wait(lambda: not store.leaving())


@pytest.mark.parametrize("missing", ["the directory", "what is in it"])
def test_a_store_that_is_not_mounted_loses_no_note(store, missing):
    names = {f"incoming/{store.add('withdrawn')}"}
    place = store.top if missing == "the directory" else store.top / "incoming"
    place.rename(store.top.parent / "unmounted")
    with store.jobs():
        store.wait(lambda: store.sql.one("SELECT min(attempts) FROM anamnesis.object_leaving") == 1)
    assert store.leaving() == names
    (store.top.parent / "unmounted").rename(place)
    store.sql("UPDATE anamnesis.object_leaving SET next_at = now()")
    with store.jobs():
        store.wait(lambda: not store.leaving())
    assert store.files() == set()


def test_without_a_store_nothing_is_forgotten(store):
    names = {f"incoming/{store.add('withdrawn')}"}
    due = store.add("awaiting-upload")
    store.sql("UPDATE anamnesis.upload SET expires_at = now() WHERE id = %s", due)
    with store.log.jobs():
        store.wait(lambda: store.sql.one("SELECT state FROM anamnesis.upload WHERE id = %s", due) == "expired")
    assert store.leaving() == names | {f"incoming/{due}"} and len(store.files()) == 4


def test_an_erased_patient_s_files_go_first(store):
    """More than one step takes wait, and the erased patient's came last."""
    for _ in range(120):
        store.sql("INSERT INTO anamnesis.object_leaving (name, practice_id, next_at) VALUES (%s, %s, now() - interval '1 day')",
                  uploads.object_name(), store.practice.id)
    upload = store.add("clean")
    names = set(store.objects(upload))
    uploads.move(store.sql, upload, "erased")
    claimed = store.sql("SELECT name FROM anamnesis.object_leaving WHERE next_at <= now() ORDER BY urgent DESC, next_at LIMIT 100")
    assert names <= {name for (name,) in claimed[:3]}
    with store.jobs():
        store.wait(lambda: not store.leaving())
    assert not names & store.files()


def test_a_killed_program_s_work_is_taken_up_again(store):
    """However often it ends in the middle, no note is lost before its object is gone, and no object is left."""
    for _ in range(400):
        store.add("withdrawn")
    for kills in range(3):
        with pytest.raises(AssertionError):  # that it ended with 0
            with store.jobs() as process:
                before = sum(1 for _ in (store.top / "incoming").iterdir())
                store.wait(lambda: sum(1 for _ in (store.top / "incoming").iterdir()) < before or not store.leaving())
                process.send_signal(signal.SIGKILL)
                process.wait()
        assert {name.rsplit("/", 1)[0] for name in store.files()} <= store.leaving(), kills
        store.sql("UPDATE anamnesis.object_leaving SET next_at = now()")
    with store.jobs():
        store.wait(lambda: not store.leaving())
    assert store.files() == set()

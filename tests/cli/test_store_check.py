"""`anamnesis store check`: what the database and the store say of each other, with every way in which they can differ."""

import json
import os
import time
import uuid

import pytest
from support import uploads
from support.world import Practice, Session

HOUR = 3600
KINDS = {"object-missing", "object-unknown", "size-differs", "part-missing", "part-unknown", "strange"}


def sealed_size(plain):
    return 32 + plain + 16 * max(1, -(-plain // 65536))


class Place:
    """A database with a patient's files, and a store that has what they say."""

    def __init__(self, database, top):
        self.database, self.top = database, top
        assert database.command("migrate").returncode == 0
        connection = database.connect("postgres")
        connection.autocommit = True
        self.sql = Session(connection)
        self.practice = Practice(self.sql, "Practice")
        self.patient = self.practice.patients[1]
        for name in ("incoming", "sealed"):
            (top / name).mkdir(parents=True)
        self.store_objects()

    def store_objects(self):
        for name, plain in self.sql("SELECT name, plain_size FROM anamnesis.upload_object"):
            if not (self.top / name).exists():
                self.put(name, sealed_size(plain))

    def add(self, state):
        upload = uploads.add(self.sql, self.patient, self.practice.started, state, size=9000000)
        self.store_objects()
        if state in ("awaiting-upload", "scanning"):
            for number in (1, 2):
                self.put(f"incoming/{upload}/{number}", 10)
        return upload

    def put(self, name, size, age=0):
        """A file of the store, and when its directory was made by it, that too as old."""
        path = self.top / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x" * size)
        for each in (path, path.parent):
            os.utime(each, (time.time() - age,) * 2)
        return name

    def object_of(self, upload, kind="view"):
        return self.sql.one("SELECT name FROM anamnesis.upload_object WHERE upload_id = %s AND kind = %s", upload, kind)

    def check(self, *options, **environment):
        return self.database.command("store", "check", *options, **({"ANAMNESIS_STORE_DIR": str(self.top)} | environment))

    def found(self, *options):
        """(exit status, {(what, name)}, the whole value)"""
        done = self.check("--json", *options)
        assert done.returncode in (0, 1), done.stderr
        value = json.loads(done.stdout)
        assert value["counts"].keys() == KINDS and sum(value["counts"].values()) == len(value["items"])
        return done.returncode, {(item["found"], item["name"]) for item in value["items"]}, value


@pytest.fixture
def place(bare, tmp_path):
    return Place(bare, tmp_path / "objects")


def test_nothing_is_found_where_nothing_is_wrong(place):
    for state in [*uploads.STATES, "quarantined"]:
        place.add(state)
    status, found, value = place.found("--repair")
    assert (status, found) == (0, set()) and value["objects"] == place.sql.one("SELECT count(*) FROM anamnesis.upload_object")
    assert value["uploads"] == 2 and value["removed"] == 0
    done = place.check()
    assert done.returncode == 0 and done.stdout.endswith("0 findings, 0 removed.\n")


def test_everything_that_is_wrong_is_found_and_what_is_unknown_removed(place):
    clean, other, scanning, withdrawn = (place.add(state) for state in ("clean", "clean", "scanning", "withdrawn"))
    missing = place.object_of(clean)
    (place.top / missing).unlink()
    other_size = place.object_of(other)
    place.put(other_size, 5)
    (place.top / f"incoming/{scanning}/2").unlink()
    unknown = place.put(uploads.object_name(), 5, age=2 * HOUR)
    parts = f"incoming/{withdrawn}"
    place.sql("DELETE FROM anamnesis.object_leaving")
    place.put(f"{parts}/1", 5, age=2 * HOUR)
    nobody = place.put(f"incoming/{uuid.uuid4()}/1", 5, age=2 * HOUR).rsplit("/", 1)[0]
    strange = [place.put("sealed/readme", 5, age=2 * HOUR), place.put("sealed/zz/x", 5, age=2 * HOUR),
               place.put(f"incoming/{scanning}/3", 5, age=2 * HOUR), place.put(f"incoming/{scanning}/1.part", 5, age=2 * HOUR),
               place.put("incoming/note", 5, age=2 * HOUR)]
    wrong = {("object-missing", missing), ("size-differs", other_size), ("part-missing", f"incoming/{scanning}/2"),
             *(("strange", name) for name in strange)}
    removed = {("object-unknown", unknown), ("part-unknown", parts), ("part-unknown", nobody)}
    status, found, value = place.found()
    assert (status, found) == (1, wrong | removed) and value["removed"] == 0 and (place.top / unknown).exists()
    rows = place.sql("SELECT * FROM anamnesis.upload ORDER BY id"), place.sql("SELECT * FROM anamnesis.upload_object ORDER BY name")
    status, found, value = place.found("--repair")
    assert (status, found) == (1, wrong | removed) and value["removed"] == 3
    assert not any((place.top / name).exists() for _, name in removed) and all((place.top / name).exists() for name in strange)
    status, found, _ = place.found("--repair")
    assert (status, found) == (1, wrong)
    assert rows == (place.sql("SELECT * FROM anamnesis.upload ORDER BY id"), place.sql("SELECT * FROM anamnesis.upload_object ORDER BY name"))
    assert f"object-missing  {missing}  upload {clean}\n" in place.check().stdout


def test_what_is_unknown_alone_is_repaired(place):
    place.put(uploads.object_name(), 5, age=2 * HOUR)
    assert place.found()[0] == 1 and place.found("--repair")[0] == 0 and place.found()[0] == 0


def test_what_is_young_or_waits_for_its_removal_is_left_alone(place):
    young, parts = place.put(uploads.object_name(), 5), place.put(f"incoming/{uuid.uuid4()}/1", 5)
    leaving = place.put(uploads.object_name(), 5, age=2 * HOUR)
    place.sql("INSERT INTO anamnesis.object_leaving (name, practice_id) VALUES (%s, %s)", leaving, place.practice.id)
    gone = place.add("withdrawn")
    place.put(f"incoming/{gone}/1", 5, age=2 * HOUR)
    assert place.found("--repair")[:2] == (0, set())
    assert all((place.top / name).exists() for name in (young, parts, leaving, f"incoming/{gone}/1"))


def test_a_store_of_another_database_is_not_emptied(place):
    known = place.sql.one("SELECT count(*) FROM anamnesis.upload_object")
    names = [place.put(uploads.object_name(), 5, age=2 * HOUR) for _ in range(known + 1)]
    done = place.check("--repair")
    assert done.returncode == 2 and f"{known + 1} objects are unknown and {known} known" in done.stderr
    assert all((place.top / name).exists() for name in names)
    status, _, value = place.found("--repair", "--most")
    assert status == 0 and value["removed"] == known + 1


def test_many_are_compared_page_by_page_in_one_order(place):
    """More than two pages of rows, of which some are missing, and as many unknown ones between them."""
    names = sorted(uploads.object_name() for _ in range(2500))
    upload = place.add("scanning")
    place.sql("ALTER TABLE anamnesis.upload_object DROP CONSTRAINT upload_object_kind_check")
    for number, name in enumerate(names):
        place.sql("INSERT INTO anamnesis.upload_object (upload_id, kind, practice_id, patient_id, name, content_type, plain_size) "
                  "VALUES (%s, %s, %s, %s, %s, 'x', %s)", upload, str(number), place.practice.id, place.patient.id, name, number * 100)
    missing = {("object-missing", name) for name in names[::7]}
    for number, name in enumerate(names):
        if number % 7:
            place.put(name, sealed_size(number * 100))
    unknown = {("object-unknown", place.put(uploads.object_name(), 1, age=2 * HOUR)) for _ in range(300)}
    assert place.found()[:2] == (1, missing | unknown)


@pytest.mark.parametrize("breaking", ["no store", "no sealed", "no incoming", "no variable", "no database"])
def test_what_cannot_be_checked_is_said(place, breaking):
    environment = {}
    if breaking == "no store":
        place.top.rename(place.top.parent / "gone")
    elif breaking == "no variable":
        environment = {"ANAMNESIS_STORE_DIR": ""}
    elif breaking == "no database":
        environment = {"ANAMNESIS_OWNER_DATABASE_URL": "postgresql://nobody@/none?host=/nonexistent"}
    else:
        (place.top / breaking.split()[1]).rename(place.top / "gone")
    for options in ((), ("--repair",), ("--repair", "--json")):
        done = place.check(*options, **environment)
        assert done.returncode == 2 and done.stderr != ""


def test_links_are_not_followed_and_names_not_printed_raw(place, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "1").write_bytes(b"kept")
    link = place.top / "incoming" / str(uuid.uuid4())
    link.symlink_to(outside)
    (place.top / "sealed" / "ab").mkdir(exist_ok=True)
    (place.top / "sealed" / "ab" / "\x1b[31m\n\u00fc").write_bytes(b"")
    _, found, _ = place.found("--repair")
    assert found == {("strange", f"incoming/{link.name}"), ("strange", "sealed/ab/?[31m???")} and (outside / "1").exists()

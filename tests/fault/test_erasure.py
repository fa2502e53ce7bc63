"""A patient is erased over HTTPS, and the background program sees to it that nothing of their key is left on the disk."""

import os
import types

import pytest
from faults.stack import wait_for
from support import client as api
from support import sessions, uploads
from support.world import Session


def files_with(directory, needle):
    found = []
    for where, _, names in os.walk(directory):
        for name in names:
            try:
                with open(os.path.join(where, name), "rb") as file:
                    if needle in file.read():
                        found.append(os.path.join(where, name))
            except FileNotFoundError:
                continue
    return found


def one(database, statement, *values):
    with database.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
        return row and row[0]


@pytest.mark.parametrize("killed", [False, True])
def test_an_erased_patients_key_is_on_no_disk(whole, database, practice, killed):
    """Also when the background program is ended in the middle and started again."""
    patient = practice.registered()
    key = bytes(one(database, "SELECT wrapped_key FROM anamnesis.data_key WHERE patient_id = %s", patient["id"]))
    copy = os.urandom(76)  # of the files key, for the scanner
    one(database, "UPDATE anamnesis.data_key SET files_key = %s WHERE patient_id = %s RETURNING 1", copy, patient["id"])
    one(database, "CHECKPOINT; SELECT 1")
    assert files_with(whole.layout.data, key) and files_with(whole.layout.data, copy)
    ids = sessions.staff_ids(database, practice.id)
    owner = practice.anonymous.again(sessions.open_session(database, "staff", ids["owner"], practice.id))
    revision = one(database, "SELECT revision FROM anamnesis.patient WHERE id = %s", patient["id"])
    api.good(owner.post(f"/admin/patients/{patient['id']}/erase", headers={"If-Match": f'"{revision}"'}))
    if killed:
        whole.instance.jobs.signal(9)
        wait_for("the end of the background program", lambda: whole.instance.jobs.pid() is None)
        whole.instance.jobs.start([whole.layout.programs / "anamnesis-jobs"], whole.layout.jobs_account,
                                  whole.instance.jobs_environment())
    gone = ("SELECT detail FROM audit.event WHERE operation = 'key_gone' AND object_id = %s AND practice_id = %s "
            "AND realm = 'system' AND outcome = 'ok'")
    wait_for("the row that says so", lambda: one(database, gone, patient["id"], practice.id), seconds=120, pause=0.5)
    assert one(database, gone, patient["id"], practice.id) == "table and log"
    assert files_with(whole.layout.data, key) == [] and files_with(whole.layout.data, copy) == []
    shown = api.good(owner.get("/admin/audit?operation=key_gone"))["items"]
    assert [row["object_id"] for row in shown if row["object_id"] == patient["id"]] == [patient["id"]]


def lay_down(layout, sql, upload):
    """A file's parts, or its objects, on the disk: of the accounts and with the modes that the programs give them."""
    group = os.stat(layout.objects).st_gid
    names = [name for (name,) in sql("SELECT name FROM anamnesis.upload_object WHERE upload_id = %s", upload)]
    paths = [layout.objects / name for name in names or (f"incoming/{upload}/1", f"incoming/{upload}/2")]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"a file's bytes")
        for each, mode in ((path.parent, 0o2771 if "incoming" in str(path) else 0o2770), (path, 0o640)):
            if os.getuid() == 0:
                os.chown(each, layout.store_account.entry.pw_uid, group)
            each.chmod(mode)
    return paths


def test_an_erased_patients_files_are_on_no_disk(whole, database, practice):
    """Removed by the background program's own account, in its sandbox; another patient's are left."""
    sql = Session(database)
    begun = [practice.begun() for _ in range(2)]
    laid = {}
    for patient, _, response in begun:
        key = types.SimpleNamespace(key=os.urandom(96))
        found = [uploads.add(sql, key, response["id"], state) for state in ("awaiting-upload", "scanning", "clean", "quarantined")]
        laid[patient["id"]] = [path for upload in found for path in lay_down(whole.layout, sql, upload)]
    ids = sessions.staff_ids(database, practice.id)
    owner = practice.anonymous.again(sessions.open_session(database, "staff", ids["owner"], practice.id))
    patient, other = (who["id"] for who, _, _ in begun)
    revision = one(database, "SELECT revision FROM anamnesis.patient WHERE id = %s", patient)
    api.good(owner.post(f"/admin/patients/{patient}/erase", headers={"If-Match": f'"{revision}"'}))
    wait_for("the removal", lambda: not any(path.exists() for path in laid[patient]), seconds=60, pause=0.2)
    assert not any(path.parent.exists() for path in laid[patient] if "incoming" in str(path))
    wait_for("the end of the notes", lambda: one(database, "SELECT count(*) FROM anamnesis.object_leaving WHERE urgent AND practice_id = %s", practice.id) == 0,
             pause=0.2)
    assert len(laid[other]) == 2 * 2 + 2 * 3 and all(path.exists() for path in laid[other])
    assert one(database, "SELECT count(*) FROM anamnesis.upload WHERE patient_id = %s AND state <> 'erased'", patient) == 0

"""A patient is erased over HTTPS, and the background program sees to it that nothing of their key is left on the disk."""

import os

import pytest
from faults.stack import wait_for
from support import client as api
from support import sessions


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

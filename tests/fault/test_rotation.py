"""Keys are rotated while programs run: nobody notices, whatever ends the command in between [11.1.1, 13.3.4]."""

import io
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import threading
import time

import psycopg2
import pytest
from faults.stack import wait_for
from support import client as api
from support.authenticator import Authenticator

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("ANAMNESIS_BUILD", TOP / "build"))
PATIENTS = 10_000
BATCH = 1  # small: the command is ended in the middle
PAUSE_SECONDS = 0.02  # below the site's rate limit for one address
ROTATION_SECONDS = 300

SEED = """
    INSERT INTO anamnesis.patient (id, practice_id, given_name, family_name, birth_date, email, email_index, created_by)
    SELECT s.id, %s, phi.seal(s.data_key, 'patient.given_name:' || s.id, 'Given'),
           phi.seal(s.data_key, 'patient.family_name:' || s.id, 'Family'),
           phi.seal(s.data_key, 'patient.birth_date:' || s.id, '1970-01-01'),
           phi.seal(s.data_key, 'patient.email:' || s.id, s.email), s.email_index, s.id
    FROM seed s"""


class Keys:
    """The operator's command against the instance under test."""

    def __init__(self, stack, demo):
        self.keyring = stack.layout.keys / "keyring.json"
        self.environment = {"PATH": os.environ["PATH"], "ANAMNESIS_KEYRING_FILE": str(self.keyring),
                            "ANAMNESIS_JOBS_KEYRING_FILE": str(stack.layout.keys / "keyring-jobs.json"),
                            "ANAMNESIS_FILES_KEYRING_FILE": str(stack.layout.keys / "keyring-files.json"),
                            "ANAMNESIS_OWNER_DATABASE_URL": demo["database_urls"]["owner"]}

    def start(self, *arguments):
        return subprocess.Popen([BUILD / "anamnesis", "keys", *arguments], env=self.environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, *arguments):
        """What it printed; it must succeed."""
        process = self.start(*arguments)
        out, errors = process.communicate(timeout=ROTATION_SECONDS)
        assert process.returncode == 0, errors
        return out

    def opened(self, keyring, rows):
        """(how many of these (id, wrapped key) this keyring opens, how many not)"""
        lines = "".join(f"{owner} {bytes(key).hex()}\n" for owner, key in rows)
        done = subprocess.run([BUILD / "tests" / "programs" / "open_keys"], input=lines, capture_output=True, text=True,
                              env={"ANAMNESIS_KEYRING_FILE": str(keyring)}, check=True)
        return tuple(map(int, done.stdout.split()))


@pytest.fixture
def keys(whole, demo):
    return Keys(whole, demo)


def rows(database, statement, *values):
    with database.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def wrapped(database):
    return rows(database, "SELECT patient_id, wrapped_key FROM anamnesis.data_key UNION ALL "
                          "SELECT id, wrapped_key FROM anamnesis.staff")


def seed(database, practice, keyring):
    """Patients with real keys; gives their ids."""
    subprocess.run(["make", "-s", "-f", "Makefile", "-f", "bench/bench.mk", "build/bench/seed"], cwd=TOP, check=True)
    done = subprocess.run([TOP / "build" / "bench" / "seed", str(PATIENTS)], capture_output=True, text=True, check=True,
                          env={"ANAMNESIS_KEYRING_FILE": str(keyring)})
    with database.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE seed (id uuid, data_key bytea, wrapped_key bytea, email text, email_index bytea)")
        cursor.copy_expert("COPY seed FROM STDIN", io.StringIO(done.stdout))
        cursor.execute(SEED, (practice.id,))
        cursor.execute("INSERT INTO anamnesis.data_key (patient_id, practice_id, wrapped_key) "
                       "SELECT id, %s, wrapped_key FROM seed", (practice.id,))
        cursor.execute("DROP TABLE seed")
    return [line.split("\t")[0] for line in done.stdout.splitlines()]


class Staff:
    """Somebody who reads patients by chance, and enrols new ones; every answer must be the right one."""

    def __init__(self, practice, ids, number):
        session = practice.staff()
        self.client = api.Client(session.base_url, session.ca_file, session.token)
        self.chance, self.ids, self.number = random.Random(number), ids, number
        self.wrong, self.served, self.stopping = [], 0, threading.Event()
        self.thread = threading.Thread(target=self.work)

    def work(self):
        while not self.stopping.is_set():
            try:
                answer = self.client.get(f"/admin/patients/{self.chance.choice(self.ids)}")
                if answer.status_code != 200 or answer.json()["family_name"] != "Family":
                    self.wrong.append(answer.text)
                if self.served % 10 == 0:
                    body = {"given_name": "New", "family_name": "Patient", "birth_date": "1990-01-01",
                            "email": f"new-{self.number}-{self.served}-{self.chance.random()}@example.org"}
                    answer = self.client.post("/admin/patients", body)
                    if answer.status_code != 201:
                        self.wrong.append(answer.text)
            except Exception as fault:  # pylint: disable=broad-except  (a thread's: the test has to hear of it)
                self.wrong.append(repr(fault))
            self.served += 1
            time.sleep(PAUSE_SECONDS)


@pytest.fixture
def staff(practice):
    at_work = []

    def begin(ids):
        at_work.extend(Staff(practice, ids, number) for number in range(4))
        for one in at_work:
            one.thread.start()
        return at_work
    yield begin
    for one in at_work:
        one.stopping.set()
        one.thread.join()


def kill_when(process, pattern):
    """kill -9 as soon as the command has said this."""
    for line in process.stderr:
        if re.search(pattern, line):
            process.send_signal(signal.SIGKILL)
            break
    process.communicate(timeout=ROTATION_SECONDS)
    assert process.returncode == -signal.SIGKILL


def version_of(database, table, column):
    return dict(rows(database, f"SELECT auth.key_version({column}), count(*) FROM anamnesis.{table} GROUP BY 1"))


def test_ten_thousand_data_keys_under_load(whole, keys, database, practice, load, staff, tmp_path):
    ids = seed(database, practice, keys.keyring)
    first = shutil.copy2(keys.keyring, tmp_path / "first.json")
    current = max(version_of(database, "staff", "wrapped_key"))
    new = current + 1
    load.start()
    at_work = staff(ids)
    wait_for("answers", lambda: load.successes() > 50)
    # Ended three times: when the new version is known and not used, when it is used, and in the middle of the rows.
    kill_when(keys.start("rotate", "--batch", str(BATCH)), "on standby")
    assert set(version_of(database, "data_key", "wrapped_key")) == {current}
    kill_when(keys.start("rotate", "--batch", str(BATCH)), "is in use")
    kill_when(keys.start("rotate", "--batch", str(BATCH)), f"kek {new}: [1-9][0-9]* of [0-9]+ patients")
    between = version_of(database, "data_key", "wrapped_key")
    assert between[current] > 0 and between[new] > 0, between
    began = time.monotonic()
    keys.run("rotate")
    print(f"{between} when it was ended; the rest in {time.monotonic() - began:.1f} s")
    load.stop()
    for one in at_work:
        one.stopping.set()
        one.thread.join()
    assert load.failures() == [] and [one.wrong for one in at_work] == [[]] * len(at_work)
    print(f"{load.successes()} auto-saves and reads, {sum(one.served for one in at_work)} patients read: none failed")
    load.check()
    found = wrapped(database)
    assert len(found) > PATIENTS
    assert keys.opened(first, found) == (0, len(found))
    assert keys.opened(keys.keyring, found) == (len(found), 0)
    keys.run("retire", "--kind", "kek", str(current))
    wait_for("workers without the old key", lambda: "old" not in keys.run("status").split("index")[0])
    wait_for("a whole pool", whole.is_whole)
    answer = practice.staff().get(f"/admin/patients/{ids[0]}")
    assert (answer.status_code, answer.json()["family_name"]) == (200, "Family")


def held(demo, patient_ids, staff_ids):
    """A transaction that holds these rows, so that a rotation leaves them for later."""
    connection = psycopg2.connect(demo["database_url"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM anamnesis.patient WHERE id = ANY (%s::uuid[]) FOR KEY SHARE", (patient_ids,))
        cursor.execute("SELECT FROM anamnesis.staff WHERE id = ANY (%s::uuid[]) FOR KEY SHARE", (staff_ids,))
    return connection


def test_people_are_found_by_either_index_key(whole, demo, keys, database, new_practice, anonymous):
    """Sign-in and exact search, and nobody gets what somebody has, while some are indexed by the old key."""
    practice = new_practice()
    practice.staff()  # the second factor's code counts once: signed in before
    old = practice.registered(record_number="A-1815")
    moved = practice.registered(record_number="A-1816")
    physician = practice.accounts["physician"]
    holder = held(demo, [old["id"]], [physician["id"]])
    process = keys.start("rotate", "--kind", "index")
    try:
        def versions():
            return {str(owner): version for owner, version in rows(
                database, "SELECT id, auth.key_version(email_index) FROM anamnesis.patient WHERE practice_id = %s "
                          "UNION ALL SELECT id, auth.key_version(email_index) FROM anamnesis.staff WHERE practice_id = %s",
                practice.id, practice.id)}
        before = versions()[old["id"]]
        wait_for("the others' rows", lambda: versions()[moved["id"]] == before + 1)
        assert versions()[old["id"]] == before and versions()[physician["id"]] == before
        check_both(practice, anonymous, old, moved)
        answer = anonymous.again().post("/admin/auth/login", {"email": physician["email"].upper(),
                                                              "password": physician["password"]})
        assert api.good(answer)["status"] == "mfa_required"
    finally:
        holder.rollback()
        _, errors = process.communicate(timeout=ROTATION_SECONDS)
    assert process.returncode == 0, errors
    assert set(versions().values()) == {before + 1}
    check_both(practice, anonymous, old, moved)
    keys.run("retire", "--kind", "index", str(before))
    wait_for("a whole pool", whole.is_whole)
    check_both(practice, anonymous, old, moved)


def check_both(practice, anonymous, *patients):
    staff = practice.staff()
    for patient in patients:
        again = anonymous.again().post("/patient/auth/login", {"email": patient["email"].upper(),
                                                               "password": patient["password"]})
        assert api.good(again)["status"] == "signed_in"
        for field in ("email", "record_number"):
            found = api.good(staff.get("/admin/patients", params={field: patient[field]}))["items"]
            assert [one["id"] for one in found] == [patient["id"]]
        new = {name: found[0][name] for name in ("given_name", "family_name", "birth_date")} | {"email": "other@example.org"}
        for field, code in (("email", "patient-exists"), ("record_number", "record-number-taken")):
            refused = staff.post("/admin/patients", new | {field: patient[field]})
            assert (refused.status_code, refused.json()["code"]) == (409, code), refused.text
    mine = practice.patient()
    for theirs in patients:
        refused = staff.patch(f"/admin/patients/{mine['id']}", {"email": theirs["email"]}, mine["revision"])
        assert (refused.status_code, refused.json()["code"]) == (409, "patient-exists")


def test_a_password_gets_the_new_pepper_when_its_owner_signs_in(whole, keys, database, new_practice, anonymous):
    practice = new_practice()
    patient = practice.registered()
    stored = "SELECT password_hash FROM auth.account WHERE id = %s"
    before = rows(database, stored, patient["id"])[0][0]
    keys.run("rotate", "--kind", "pepper")
    assert rows(database, stored, patient["id"])[0][0] == before
    credentials = {"email": patient["email"], "password": patient["password"]}
    wrong = anonymous.again().post("/patient/auth/login", credentials | {"password": "not the right password"})
    assert wrong.status_code == 401 and rows(database, stored, patient["id"])[0][0] == before

    def renewed():
        assert api.good(anonymous.again().post("/patient/auth/login", credentials))["status"] == "signed_in"
        after = rows(database, stored, patient["id"])[0][0]
        return after.split("$")[0] == f"p{int(before.split('$')[0][1:]) + 1}"
    # A worker that was connected to no database has been waited for by nobody; it is replaced a moment later.
    wait_for("the new pepper", renewed)
    wait_for("a whole pool", whole.is_whole)
    assert renewed()


def test_second_factors_outlive_a_rotation_of_what_seals_them(keys, new_practice, database):
    practice = new_practice()
    owner = practice.accounts["owner"]
    keys.run("rotate", "--kind", "seal")
    sealed = rows(database, "SELECT auth.key_version(totp_sealed), max(k.version) FROM auth.account, auth.key_check k "
                            "WHERE id = %s AND k.kind = 'seal' GROUP BY 1", owner["id"])
    assert sealed[0][0] == sealed[0][1]
    api.good(practice.staff("owner").get("/admin/auth/session"))


def test_the_wrong_keyring_serves_nothing_and_says_so(whole, keys, anonymous, practice, tmp_path):
    """A lost key is a clear error, never a new key."""
    session = practice.staff()
    foreign = tmp_path / "foreign.json"
    subprocess.run([BUILD / "anamnesis", "keys", "create", foreign], check=True, capture_output=True)
    right = keys.keyring.read_bytes()
    whole.instance.workers.stop()
    whole.instance.jobs.stop()
    jobs = [whole.layout.programs / "anamnesis-jobs"]
    try:
        replace(keys.keyring, foreign.read_bytes())
        whole.start_workers()
        wait_for("an answer", lambda: anonymous.get("/livez").status_code == 200)
        assert anonymous.get("/readyz").status_code == 503
        assert session.get("/admin/patients").status_code == 503
        said = [line for line in whole.log_lines() if line["event"] == "keyring-does-not-fit"]
        assert said and "put the right one back" in said[-1]["advice"] and said[-1]["version"] >= 1
        environment = whole.instance.jobs_environment()
        del environment["ANAMNESIS_JOBS_KEYRING_FILE"]
        environment["ANAMNESIS_JOBS_KEYRING"] = foreign.read_text(encoding="utf-8")
        done = subprocess.run(jobs, env=environment, capture_output=True, text=True, timeout=30, check=False, cwd="/",
                              **whole.layout.jobs_account.popen)
        assert done.returncode == 78 and "keyring-does-not-fit" in done.stderr
        assert keys.keyring.read_bytes() == foreign.read_bytes()
        # Put back, it is noticed: nobody has to be told.
        replace(keys.keyring, right)
        wait_for("readiness", lambda: all(anonymous.get("/readyz").status_code == 200 for _ in range(10)))
        assert session.get("/admin/patients").status_code == 200
    finally:
        replace(keys.keyring, right)
        whole.instance.jobs.start(jobs, whole.layout.jobs_account, whole.instance.jobs_environment())


def test_a_keyring_of_before_there_was_a_key_for_files_serves_as_before(whole, keys, anonymous, practice):
    """Put in place of the present one while programs run, and back."""
    session, right = practice.staff(), keys.keyring.read_bytes()
    older = {kind: versions for kind, versions in json.loads(right).items() if kind != "files"}
    before = set(whole.workers())
    # Nobody had a keyring for files; given one, the command would put the key back.
    alone = {name: value for name, value in keys.environment.items() if name != "ANAMNESIS_FILES_KEYRING_FILE"}

    def renewed(old):
        return not old & set(whole.workers()) and whole.is_whole()

    def rotate(kind):
        return subprocess.run([BUILD / "anamnesis", "keys", "rotate", "--kind", kind], env=alone, text=True, capture_output=True,
                              timeout=ROTATION_SECONDS, check=False)
    try:
        replace(keys.keyring, json.dumps(older).encode())
        wait_for("workers with it", lambda: renewed(before))
        assert anonymous.get("/readyz").status_code == 200 and session.get("/admin/patients").status_code == 200
        refused = rotate("files")
        assert refused.returncode == 1 and "anamnesis keys upgrade" in refused.stderr
        assert rotate("seal").returncode == 0  # another kind is none the worse
        assert "files" not in json.loads(keys.keyring.read_bytes())
    finally:
        now = set(whole.workers())
        replace(keys.keyring, json.dumps(json.loads(keys.keyring.read_bytes()) | {"files": json.loads(right)["files"]}).encode())
    wait_for("workers with the present one", lambda: renewed(now))
    assert session.get("/admin/patients").status_code == 200
    keys.run("rotate", "--kind", "files")


def replace(path, content):
    """As the operator would: in one step, with the owner and mode that it had."""
    state, fresh = path.stat(), path.with_suffix(".put")
    fresh.write_bytes(content)
    os.chown(fresh, state.st_uid, state.st_gid)
    fresh.chmod(0o400)
    fresh.rename(path)


def test_keys_are_shown_while_they_are_rotated(keys):
    """The keyring and the database change one after the other: in between, nobody is told that a key is lost."""
    shown = 0
    for kind in ("seal", "index", "files", "kek"):
        process = keys.start("rotate", "--kind", kind)
        while process.poll() is None:
            keys.run("status")
            shown += 1
        assert process.returncode == 0, process.stderr.read()
    assert shown > 3


def signs_in_alone(anonymous, authenticator):
    asked = api.good(anonymous.post("/admin/auth/passkey/options"))["public_key"]
    body = {"passkey": authenticator.get(asked), "session": "bearer"}
    return api.good(anonymous.post("/admin/auth/passkey", body))["staff"]["id"]


def test_passkeys_outlive_the_rotation_of_every_key_that_they_rest_on(whole, demo, keys, database, new_practice, anonymous):
    """They are found by a keyed index and sealed by another key: while some are under the old ones, and afterwards."""
    practice = new_practice()
    owner, origin = practice.staff("owner"), anonymous.base_url.replace("//127.0.0.1:", "//localhost:")
    authenticator = Authenticator(origin)
    asked = api.good(owner.post("/admin/profile/passkeys/options"))["public_key"]
    added = api.good(owner.post("/admin/profile/passkeys", {"name": "Key", "passkey": authenticator.create(asked)}), 201)
    account = practice.accounts["owner"]["id"]
    versions = ("SELECT auth.key_version(credential_index), auth.key_version(passkey_sealed) FROM auth.passkey "
                "WHERE account_id = %s")
    before = rows(database, versions, account)[0]
    holder = psycopg2.connect(demo["database_url"])
    with holder.cursor() as cursor:
        cursor.execute("SELECT FROM auth.passkey WHERE account_id = %s FOR KEY SHARE", (account,))
    process = keys.start("rotate", "--kind", "index")
    try:
        wait_for("the new index key", lambda: "index" in keys.run("status") and rows(
            database, "SELECT max(version) FROM auth.key_check WHERE kind = 'index'")[0][0] > before[0])
        assert rows(database, versions, account)[0] == before
        taken = owner.post("/admin/profile/passkeys/options")
        again = {"name": "Twice", "passkey": authenticator.create(api.good(taken)["public_key"])}
        api.problem(owner.post("/admin/profile/passkeys", again), 409, "passkey-taken")
    finally:
        holder.rollback()
        _, errors = process.communicate(timeout=ROTATION_SECONDS)
    assert process.returncode == 0, errors
    for kind in ("seal", "kek"):
        keys.run("rotate", "--kind", kind)
    after = rows(database, versions, account)[0]
    assert after[0] > before[0] and after[1] > before[1]
    assert signs_in_alone(anonymous.again(), authenticator) == account
    for kind, version in (("index", before[0]), ("seal", before[1])):
        keys.run("retire", "--kind", kind, str(version))
    wait_for("a whole pool", whole.is_whole)
    assert signs_in_alone(anonymous.again(), authenticator) == account
    listed = api.good(owner.get("/admin/profile/passkeys"))["items"]
    assert [(one["id"], one["name"]) for one in listed] == [(added["passkey"]["id"], "Key")]


class PasskeyHolder:
    """Somebody who signs in with a passkey alone, again and again; every answer must be the right one."""

    def __init__(self, practice, realm):
        self.anonymous, self.realm = practice.anonymous.again(), realm
        if realm == "/admin":
            self.account, client, self.first = practice.accounts["owner"]["id"], practice.staff("owner"), None
        else:
            patient, client = practice.signed_in_patient()
            self.account, self.first = patient["id"], {"current_password": patient["password"]}
        self.client = client.again(client.token)
        self.origin = self.anonymous.base_url.replace("//127.0.0.1:", "//localhost:")
        self.proof = self.added()  # for fresh proof alone: counts rise, so two threads do not share one
        self.authenticators = [self.added_with_proof()]
        self.wrong, self.served, self.stopping = [], 0, threading.Event()
        self.thread = threading.Thread(target=self.work)

    def added(self):
        authenticator = Authenticator(self.origin)
        path = f"{self.realm}/profile/passkeys"
        asked = api.good(self.client.post(f"{path}/options", self.first))["public_key"]
        api.good(self.client.post(path, {"name": "Key", "passkey": authenticator.create(asked)}), 201)
        return authenticator

    def added_with_proof(self):
        path = f"{self.realm}/auth/step-up"
        asked = api.good(self.client.post(f"{path}/passkey/options"))["public_key"]
        fresh = api.good(self.client.post(path, {"passkey": self.proof.get(asked)}))
        self.client = self.client.again(fresh["access_token"])
        return self.added()

    def signs_in(self, authenticator):
        asked = api.good(self.anonymous.post(f"{self.realm}/auth/passkey/options"))["public_key"]
        body = {"passkey": authenticator.get(asked), "session": "bearer"}
        done = api.good(self.anonymous.post(f"{self.realm}/auth/passkey", body))
        assert done["staff" if self.realm == "/admin" else "patient"]["id"] == self.account

    def work(self):
        while not self.stopping.is_set():
            try:
                self.signs_in(self.authenticators[self.served % len(self.authenticators)])
            except (AssertionError, OSError) as fault:
                self.wrong.append(str(fault))
            self.served += 1
            time.sleep(PAUSE_SECONDS)

    def each_has_signed_in(self):
        """A condition: each authenticator has, from now on."""
        least = self.served + 2 * len(self.authenticators)
        return lambda: self.served > least

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()


def test_passkeys_sign_in_while_the_keys_that_they_rest_on_are_rotated(keys, database, new_practice):
    """Also one that is added meanwhile, whichever version the worker that adds it knows."""
    versions = ("SELECT auth.key_version(credential_index), auth.key_version(passkey_sealed) FROM auth.passkey "
                "WHERE account_id = %s")
    with PasskeyHolder(new_practice(), "/admin") as one, PasskeyHolder(new_practice(), "/patient") as other:
        for kind in ("index", "seal", "kek"):
            process = keys.start("rotate", "--kind", kind)
            for holder in (one, other):
                holder.authenticators.append(holder.added_with_proof())
            _, errors = process.communicate(timeout=ROTATION_SECONDS)
            assert process.returncode == 0, errors
            for holder in (one, other):
                wait_for("each of them", holder.each_has_signed_in())
        for kind in ("index", "seal"):
            keys.run("rotate", "--kind", kind)  # what was added under an old version is moved too
    newest = dict(rows(database, "SELECT kind, max(version) FROM auth.key_check GROUP BY kind"))
    for holder in (one, other):
        assert holder.wrong == []
        assert set(rows(database, versions, holder.account)) == {(newest["index"], newest["seal"])}
        for authenticator in [holder.proof, *holder.authenticators]:
            holder.signs_in(authenticator)

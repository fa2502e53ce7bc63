"""`anamnesis doctor`: each thing that can be wrong is broken, and is told; what is well is told too."""

import contextlib
import json
import os
import resource
import subprocess

import pytest

from support import postgres, uploads
from support.certificates import Certificates, openssl
from support.smtp_server import SmtpServer
from support.world import Practice, Session

CLAUSES = {"164.312(a)(1)", "164.312(a)(2)(iv)", "164.312(b)", "164.312(c)(1)", "164.312(d)", "164.312(e)(1)"}
WORST = {"ok": 0, "warning": 1, "failed": 2}
LATER = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
int clock_gettime(clockid_t clock, struct timespec *now) {
    int (*real)(clockid_t, struct timespec *) = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, now);
    if (clock == CLOCK_REALTIME) now->tv_sec += atol(getenv("LATER_SECONDS"));
    return result;
}
time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL) *out = now.tv_sec;
    return now.tv_sec;
}
"""


class Patient:
    """A database with a practice, its keyring and a mail directory; examined again and again."""

    def __init__(self, database, directory):
        self.database, self.directory = database, directory
        self.keyring = directory / "keys" / "keyring.json"
        self.keyring.parent.mkdir(mode=0o700)
        (directory / "mail").mkdir()
        self.command("keys", "create", self.keyring)
        self.command("migrate")
        self.command("practice", "create", "--name", "P", "--staff", "owner:owner@example.org")

    def command(self, *arguments):
        done = self.database.command(*arguments, ANAMNESIS_KEYRING_FILE=str(self.keyring))
        assert done.returncode == 0, done.stderr

    def examine(self, *arguments, limits=None, without=(), **environment):
        """check -> finding; the exit status is that of the worst one."""
        variables = {"PATH": os.environ["PATH"], "ANAMNESIS_OWNER_DATABASE_URL": self.database.url("anamnesis_owner"),
                     "ANAMNESIS_KEYRING_FILE": str(self.keyring), "ANAMNESIS_MAIL_DIR": str(self.directory / "mail"),
                     "ANAMNESIS_SOCKET_DIR": str(self.directory)} | environment
        done = subprocess.run([postgres.program(), "doctor", "--json", *map(str, arguments)], capture_output=True, text=True,
                              env={name: value for name, value in variables.items() if name not in without}, timeout=60,
                              check=False, preexec_fn=limits)
        found = json.loads(done.stdout)
        assert all(one["clause"] in CLAUSES for one in found["checks"])
        assert all((one["advice"] is None) == (one["result"] == "ok") for one in found["checks"])
        assert done.returncode == WORST[found["result"]] == max(WORST[one["result"]] for one in found["checks"])
        return {one["check"]: one for one in found["checks"]}

    def sql(self, statement):
        self.database.administer(statement, self.database.name)


@pytest.fixture
def patient(bare, tmp_path):
    tmp_path.chmod(0o700)
    return Patient(bare, tmp_path)


def later(patient, seconds):
    """Environment of a process for which it is so much later."""
    source, library = patient.directory / "later.c", patient.directory / "later.so"
    if not library.exists():
        source.write_text(LATER, encoding="utf-8")
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return {"LD_PRELOAD": str(library), "LATER_SECONDS": str(seconds)}


def results(findings):
    return {name: one["result"] for name, one in findings.items()}


def test_a_deployment_in_order(patient):
    found = results(patient.examine())
    version = found.pop("server-version")  # whatever this machine has
    host = {name: found.pop(name) for name in ("disk", "core-dumps", "core-limit", "locked-memory") if name in found}
    assert version in WORST and set(host.values()) <= set(WORST)
    assert found == {"parameters-logged": "ok", "migrations": "ok", "clock": "ok", "grants": "ok",
                     "row-level-security": "ok", "sessions": "ok", "audit-log": "ok", "connection-owner": "warning", "keyring-file": "ok",
                     "secret-files": "ok", "key-versions": "ok", "key-check": "ok", "keys-needed": "ok",
                     "mail": "warning", "certificate": "warning", "base-url": "ok", "allowed-origins": "ok",
                     "audit-reads": "ok", "contract-log": "ok", "scanner": "ok", "put-off": "ok", "erased-keys": "ok", "wal-recycling": "warning",
                     "erasure-window": "warning"} | {
                         name: "ok" for name in ("audit-seals",) if name in found}


def test_as_a_table(patient):
    done = patient.database.command("doctor", ANAMNESIS_KEYRING_FILE=str(patient.keyring),
                                    ANAMNESIS_MAIL_DIR=str(patient.directory / "mail"))
    assert "ok       164.312(a)(1)      grants " in done.stdout
    assert "-> set ANAMNESIS_SMTP_URL" in done.stdout


@pytest.mark.parametrize("breaking, check, said", [
    ("ALTER DATABASE {database} SET log_parameter_max_length = -1", "parameters-logged", "log_parameter_max_length = -1"),
    ("ALTER DATABASE {database} SET debug_print_plan = on", "parameters-logged", "debug_print_plan = on"),
    ("ALTER DATABASE {database} SET pgaudit.log_parameter = on", "parameters-logged", "pgaudit.log_parameter = on"),
    ("ALTER ROLE anamnesis_api IN DATABASE {database} SET pgaudit.log_parameter = 'true'", "parameters-logged",
     "pgaudit.log_parameter=true"),
    ("DROP FUNCTION ext.oldest_wal_file()", "erased-keys", "bootstrap.sql was not run again"),
    ("GRANT SELECT ON auth.account TO anamnesis_api", "grants", "+ table auth.account anamnesis_api select"),
    ("REVOKE SELECT ON anamnesis.patient FROM anamnesis_api", "grants", "- table anamnesis.patient anamnesis_api select"),
    ("CREATE POLICY open ON anamnesis.patient FOR SELECT TO anamnesis_api USING (true)", "grants",
     "+ policy anamnesis.patient anamnesis_api open for select"),
    ("ALTER TABLE audit.event DISABLE TRIGGER append_only", "grants", "audit.event - append_only"),
    # Each clause is still there, and is another policy's.
    ("ALTER POLICY staff_reads ON anamnesis.questionnaire USING (practice_id = (SELECT auth.writes()));"
     " ALTER POLICY staff_changes ON anamnesis.questionnaire USING (practice_id = (SELECT auth.staffs()))", "grants",
     "+ policy anamnesis.questionnaire anamnesis_api staff_changes for update, using (practice_id = ( SELECT auth.staffs()"),
    ("ALTER POLICY staff_adds ON anamnesis.patient WITH CHECK (true)", "grants", "- policy anamnesis.patient anamnesis_api staff_adds"),
    ("GRANT EXECUTE ON FUNCTION auth.concerns(uuid, uuid) TO PUBLIC", "grants", "+ function auth.concerns(uuid, uuid) PUBLIC execute"),
    ("ALTER TABLE anamnesis.response DISABLE ROW LEVEL SECURITY", "row-level-security", "anamnesis.response"),
    ("ALTER TABLE auth.session DISABLE TRIGGER acts; INSERT INTO auth.session (practice_id, realm, account_id, token_hash, idle_seconds, "
     "expires_at, client_address, acts_as, wrapped_key) SELECT practice_id, 'staff', id, sha256('t'), 900, now() + interval '1 hour', '', "
     "69, wrapped_key FROM anamnesis.staff", "sessions", "1 sessions say something else"),
    ("ALTER TABLE auth.session NO FORCE ROW LEVEL SECURITY", "row-level-security", "auth.session"),
    ("DELETE FROM anamnesis.migration WHERE version = 102", "migrations", "are applied"),
    ("UPDATE anamnesis.migration SET sha256 = repeat('0', 64) WHERE version = 103", "migrations", "other ones"),
    ("ALTER TABLE audit.event RENAME TO elsewhere", "audit-log", "no audit log"),
    ("DELETE FROM auth.key_check", "key-check", "no check values"),
    ("UPDATE auth.key_check SET value = sha256('x') WHERE kind = 'kek'", "key-check", "version 1 of `kek` is another key"),
    ("UPDATE anamnesis.staff SET wrapped_key = set_byte(wrapped_key, 3, 9)", "keys-needed", "1 staff need version 9 of `kek`"),
])
def test_what_is_wrong_in_the_database(patient, breaking, check, said):
    assert patient.examine()[check]["result"] == "ok"
    patient.sql(breaking.format(database=patient.database.name))
    found = patient.examine()[check]
    assert found["result"] == "failed" and said in found["found"], found


def test_a_role_s_own_setting_counts_too(patient):
    role = f"ALTER ROLE anamnesis_api IN DATABASE {patient.database.name}"
    patient.sql(f"{role} SET log_parameter_max_length_on_error = 100")
    assert patient.examine()["parameters-logged"]["result"] == "failed"
    patient.sql(f"{role} RESET log_parameter_max_length_on_error")
    assert patient.examine()["parameters-logged"]["result"] == "ok"


def test_the_clock(patient):
    """Of a process for which it is later than for the database."""
    for seconds, result in ((0, "ok"), (5, "warning"), (3600, "failed"), (-3600, "failed"), (-10**8, "failed")):
        found = patient.examine(**later(patient, seconds))["clock"]
        assert found["result"] == result, (seconds, found)


@pytest.mark.parametrize("urls, check, said", [
    ({"ANAMNESIS_DATABASE_URL": "anamnesis_owner"}, "connection-api", "connects as anamnesis_owner"),
    ({"ANAMNESIS_JOBS_DATABASE_URL": "anamnesis_api"}, "connection-jobs", "connects as anamnesis_api"),
    ({"ANAMNESIS_AUDITOR_DATABASE_URL": "anamnesis_jobs"}, "connection-auditor", "connects as anamnesis_jobs"),
])
def test_a_connection_by_the_wrong_role(patient, urls, check, said):
    found = patient.examine(**{name: patient.database.url(role) for name, role in urls.items()})[check]
    assert found["result"] == "failed" and said in found["found"]


def test_the_other_connections(patient):
    found = results(patient.examine(ANAMNESIS_DATABASE_URL=patient.database.url("anamnesis_api"),
                                    ANAMNESIS_AUDITOR_DATABASE_URL=patient.database.url("anamnesis_auditor"),
                                    ANAMNESIS_JOBS_DATABASE_URL="postgresql://nobody@/none?host=/nonexistent"))
    assert found["connection-api"] == found["connection-auditor"] == "warning" and found["connection-jobs"] == "failed"


def test_without_a_database_the_rest_is_examined(patient):
    for environment in ({"without": ["ANAMNESIS_OWNER_DATABASE_URL"]},
                        {"ANAMNESIS_OWNER_DATABASE_URL": "postgresql://nobody@/none?host=/nonexistent"}):
        found = results(patient.examine(**environment))
        assert found["database"] == "failed" and found["keyring-file"] == "ok" and "disk" in found


def test_the_keyring_s_file(patient):
    patient.keyring.chmod(0o644)
    assert "chmod 0400" in patient.examine()["keyring"]["found"]
    patient.keyring.chmod(0o400)
    patient.keyring.parent.chmod(0o777)
    found = patient.examine()["keyring-file"]
    assert found["result"] == "failed" and str(patient.keyring.parent) in found["found"]
    patient.keyring.parent.chmod(0o700)
    assert patient.examine()["keyring-file"]["result"] == "ok"
    text = patient.keyring.read_text(encoding="utf-8")
    assert patient.examine(without=["ANAMNESIS_KEYRING_FILE"], ANAMNESIS_KEYRING=text)["keyring-file"]["result"] == "warning"
    assert patient.examine(without=["ANAMNESIS_KEYRING_FILE"])["keyring"]["result"] == "failed"


def test_another_keyring_and_an_unfinished_rotation(patient):
    foreign = patient.directory / "foreign.json"
    subprocess.run([postgres.program(), "keys", "create", foreign], check=True, capture_output=True)
    found = patient.examine(ANAMNESIS_KEYRING_FILE=str(foreign))["key-check"]
    assert found["result"] == "failed" and "put the right one back" in found["advice"]
    patient.command("keys", "rotate", "--prepare")
    assert patient.examine()["key-versions"]["result"] == "warning"
    patient.command("keys", "rotate")
    assert patient.examine()["key-versions"]["result"] == "ok"


@pytest.mark.parametrize("role, variable", [("owner", "OWNER_DATABASE_URL"), ("api", "DATABASE_URL"),
                                            ("jobs", "JOBS_DATABASE_URL"), ("auditor", "AUDITOR_DATABASE_URL")])
def test_files_of_other_secrets(patient, role, variable):
    place = patient.directory / "secrets"
    place.mkdir(mode=0o700)
    url = place / "a.url"
    url.write_text(patient.database.url(f"anamnesis_{role}"), encoding="utf-8")
    given = {f"ANAMNESIS_{variable}_FILE": str(url)}
    for mode, result in ((0o400, "ok"), (0o440, "ok"), (0o644, "failed"), (0o460, "failed")):
        url.chmod(mode)
        assert patient.examine(without=[f"ANAMNESIS_{variable}"], **given)["secret-files"]["result"] == result
    url.chmod(0o400)
    place.chmod(0o777)
    found = patient.examine(without=[f"ANAMNESIS_{variable}"], **given)["secret-files"]
    assert found["result"] == "failed" and f"chmod go-w {place}" in found["found"]


def test_the_background_programs_keyring(patient):
    jobs = patient.directory / "keys" / "jobs.json"
    patient.command("keys", "split", patient.keyring, jobs)
    given = {"ANAMNESIS_JOBS_KEYRING_FILE": str(jobs)}
    found = results(patient.examine(**given))
    assert (found["keyring-file"], found["keyring-file-jobs"], found["key-check"]) == ("ok", "ok", "ok")
    jobs.parent.chmod(0o777)
    assert results(patient.examine(**given))["keyring-file-jobs"] == "failed"
    jobs.chmod(0o644)
    assert "chmod 0400" in patient.examine(**given)["keyring"]["found"]


def test_the_keyring_of_the_programs_for_files(patient):
    files = patient.directory / "keys" / "files.json"
    patient.command("keys", "split", "--files", files, patient.keyring)
    given = {"ANAMNESIS_FILES_KEYRING_FILE": str(files)}
    found = results(patient.examine(**given))
    assert (found["keyring-file"], found["keyring-file-files"], found["key-check"]) == ("ok", "ok", "ok")
    files.chmod(0o440)
    assert results(patient.examine(**given))["keyring-file-files"] == "ok"
    files.chmod(0o644)
    assert "chmod 0400" in patient.examine(**given)["keyring"]["found"]


def test_a_keyring_of_before_there_was_a_key_for_files(patient):
    assert "files 1" in patient.examine()["key-versions"]["found"]
    older = json.loads(patient.keyring.read_text(encoding="utf-8"))
    del older["files"]
    path = patient.directory / "keys" / "older.json"
    path.write_text(json.dumps(older), encoding="utf-8")
    path.chmod(0o400)
    found = patient.examine(ANAMNESIS_KEYRING_FILE=str(path))
    assert found["key-versions"]["result"] == "warning" and "keys upgrade" in found["key-versions"]["advice"]
    assert found["key-check"]["result"] == found["keys-needed"]["result"] == "ok"


@pytest.mark.parametrize("check, good, bad", [
    ("base-url", {}, {"ANAMNESIS_BASE_URL": "http://anamnesis.example.org"}),
    ("allowed-origins", {"ANAMNESIS_ALLOWED_ORIGINS": "https://a.example http://localhost:5173"},
     {"ANAMNESIS_ALLOWED_ORIGINS": "https://a.example null"}),
    ("allowed-origins", {}, {"ANAMNESIS_ALLOWED_ORIGINS": "http://portal.example"}),
    ("allowed-origins", {}, {"ANAMNESIS_ALLOWED_ORIGINS": "http://localhost.example"}),
    ("audit-reads", {}, {"ANAMNESIS_AUDIT_READS": "relaxed"}),
    ("contract-log", {}, {"ANAMNESIS_CONTRACT_LOG": "/tmp/contract.log"}),
    ("erasure-window", {"ANAMNESIS_BACKUP_DAYS": "35"}, {}),
])
def test_settings_that_are_for_a_try_out(patient, check, good, bad):
    assert patient.examine(**good)[check]["result"] == "ok"
    found = patient.examine(**bad)[check]
    assert found["result"] in ("warning", "failed") and found["advice"]


def test_an_erased_patients_key_that_does_not_go(patient):
    patient.sql("INSERT INTO auth.erasure (patient_id, practice_id, erased_at) "
                "SELECT gen_random_uuid(), id, now() - interval '5 minutes' FROM anamnesis.practice")
    assert patient.examine()["erased-keys"]["result"] == "ok"
    patient.sql("UPDATE auth.erasure SET erased_at = now() - interval '3 hours'")
    found = patient.examine()["erased-keys"]
    assert found["result"] == "warning" and "the table of keys was not rewritten, for 180 minutes" in found["found"]
    patient.sql("UPDATE auth.erasure SET rewritten_at = now()")
    assert "write-ahead log of before is kept" in patient.examine()["erased-keys"]["found"]


PUBLISHED, OWN = "bytecode:335,daily:27830,main:62", "development.ndb:68c78186a809fdcf"


@pytest.mark.parametrize("signatures, days, result, said", [
    (PUBLISHED, 6, "ok", None), (PUBLISHED, 8, "warning", "freshclam fetches none"), ("daily:1", 7, "ok", None),
    (f"daily:1,{OWN}", 0, "ok", None),
    (OWN, 0, "warning", "install clamav-freshclam"), (OWN, 8, "warning", "install clamav-freshclam")])
def test_what_files_are_looked_at_by(patient, signatures, days, result, said):
    assert "signatures" not in patient.examine()
    patient.sql(f"INSERT INTO anamnesis.scanner (signatures, signatures_at) VALUES ('{signatures}', now() - interval '{days} days')")
    found = patient.examine()["signatures"]
    assert found["result"] == result and signatures in found["found"] and f"{days} days old" in found["found"]
    assert said is None or said in found["advice"]


def test_files_that_wait_for_a_scanner(patient):
    connection = patient.database.connect("postgres")
    connection.autocommit = True
    sql = Session(connection)
    world = Practice(sql, "Practice")
    upload = uploads.add(sql, world.patients[1], world.started, "scanning")

    def scanner():
        return patient.examine()["scanner"]
    sql("UPDATE anamnesis.upload SET completed_at = now() - interval '9 minutes' WHERE id = %s", upload)
    assert scanner()["result"] == "ok"
    sql("UPDATE anamnesis.upload SET completed_at = now() - interval '15 minutes' WHERE id = %s", upload)
    found = scanner()
    assert found["result"] == "warning" and "no scanner was seen for 15 minutes" in found["found"] and "start anamnesis-scan" in found["advice"]
    sql("INSERT INTO anamnesis.scanner (signatures, signatures_at, seen_at) VALUES (%s, now(), now() - interval '11 minutes')", PUBLISHED)
    assert "no scanner was seen for 11 minutes" in scanner()["found"]
    sql("UPDATE anamnesis.scanner SET seen_at = now() - interval '1 minute'")
    assert scanner()["result"] == "ok"
    sql("UPDATE anamnesis.scanner SET seen_at = now() - interval '1 day'")
    assert scanner()["result"] == "warning"
    sql("UPDATE anamnesis.upload SET state = 'rejected', reason = 'damaged', decided_at = now() WHERE id = %s", upload)
    assert scanner()["result"] == "ok"


def test_files_that_newer_signatures_have_not_seen(patient):
    connection = patient.database.connect("postgres")
    connection.autocommit = True
    sql = Session(connection)
    world = Practice(sql, "Practice")
    for state in ("clean", "clean", "quarantined", "infected", "withdrawn"):
        uploads.add(sql, world.patients[1], world.started, state)
    kept = sql.one("SELECT count(*) FROM anamnesis.upload WHERE salt IS NOT NULL AND state IN ('clean', 'infected')")
    assert "looked-at-again" not in patient.examine()
    sql("INSERT INTO anamnesis.scanner (signatures, signatures_at) VALUES ('daily:1', now())")
    found = patient.examine()["looked-at-again"]
    assert found["result"] == "ok" and found["found"].startswith("1 files are still")  # the one that `daily:2` took
    sql("UPDATE anamnesis.scanner SET signatures = 'daily:3'")
    found = patient.examine()["looked-at-again"]
    assert found["result"] == "ok" and found["found"].startswith(f"{kept} files are still")
    found = patient.examine(ANAMNESIS_RESCANS_PER_MINUTE="0")["looked-at-again"]
    assert found["result"] == "warning" and "ANAMNESIS_RESCANS_PER_MINUTE" in found["advice"]


def test_files_that_wait_by_faults_that_are_not_theirs(patient):
    connection = patient.database.connect("postgres")
    connection.autocommit = True
    sql = Session(connection)
    world = Practice(sql, "Practice")
    files = [uploads.add(sql, world.patients[1], world.started, "scanning") for _ in range(3)]
    assert patient.examine()["put-off"]["result"] == "ok"
    sql("UPDATE anamnesis.upload SET faults = 2 WHERE id = ANY (%s)", files[:2])
    found = patient.examine()["put-off"]
    assert found["result"] == "warning" and found["found"].startswith("2 files wait") and "upload-put-off" in found["advice"]
    for upload in files[:2]:
        uploads.move(sql, upload, "rejected")
    assert patient.examine()["put-off"]["result"] == "ok"


def test_files_of_the_log_that_are_used_again(patient):
    if not isinstance(patient.database.where, postgres.Server):
        pytest.skip("the server's settings are not ours")
    found = patient.examine()["wal-recycling"]
    assert found["result"] == "warning" and "wal_recycle = off" in found["advice"]
    patient.sql(f"ALTER DATABASE {patient.database.name} SET wal_recycle = off")
    assert patient.examine()["wal-recycling"]["result"] == "ok"


def test_an_activity_stream_cannot_be_ruled_out_on_aurora(patient):
    assert "activity-stream" not in patient.examine()
    patient.sql("CREATE FUNCTION public.aurora_version() RETURNS text LANGUAGE sql RETURN '15.15.1'")
    found = patient.examine()
    assert found["activity-stream"]["result"] == "warning" and "ActivityStreamStatus" in found["activity-stream"]["advice"]
    assert "wal-recycling" not in found


def test_a_server_that_would_leave_its_memory_in_a_file(patient):
    where = patient.database.where
    if not isinstance(where, postgres.Server):
        pytest.skip("the server is not ours")

    def limit(*arguments):
        """As the server's own account, which may do so."""
        return subprocess.run(["prlimit", "--pid", str(where.process.pid), *arguments], check=True, capture_output=True,
                              text=True, **where.account).stdout.split()
    soft, hard = limit("--core", "--noheadings", "--output", "SOFT,HARD")
    limit("--core=0:")
    try:
        assert patient.examine()["core-limit"]["result"] == "ok"
        if hard != "0":
            limit(f"--core={hard}:")
            assert patient.examine()["core-limit"]["result"] == "warning"
    finally:
        limit(f"--core={soft}:")


def test_mail(patient):
    assert "as files" in patient.examine()["mail"]["found"]
    assert patient.examine(ANAMNESIS_MAIL_DIR=str(patient.directory / "none"))["mail"]["result"] == "failed"
    assert not (patient.directory / "none").exists()  # nothing is changed
    assert patient.examine(ANAMNESIS_SMTP_URL="http://localhost")["mail"]["result"] == "failed"
    assert "connect" in patient.examine(ANAMNESIS_SMTP_URL="smtps://127.0.0.1:1")["mail"]["found"]
    for mode in ("tls", "starttls"):
        with contextlib.closing(SmtpServer(patient.directory / mode, mode, user="mailer", password="right")) as server:
            reach = {"ANAMNESIS_SMTP_URL": server.url, "ANAMNESIS_SMTP_CA_FILE": server.ca_file,
                     "ANAMNESIS_SMTP_USER": "mailer", "ANAMNESIS_SMTP_PASSWORD": "right"}
            assert patient.examine(**reach)["mail"]["result"] == "ok"
            assert "sign-in" in patient.examine(**reach | {"ANAMNESIS_SMTP_PASSWORD": "wrong"})["mail"]["found"]
            del reach["ANAMNESIS_SMTP_CA_FILE"]
            assert "tls" in patient.examine(**reach)["mail"]["found"]
            assert server.messages == []


def objects(directory):
    """As deployment.md has them."""
    for name, mode in ((".", 0o2751), ("incoming", 0o2771), ("sealed", 0o2770)):
        path = directory / "objects" / name
        path.mkdir(exist_ok=True)
        path.chmod(mode)
    return directory / "objects"


@pytest.mark.parametrize("spoil, said", [
    (lambda top: (top / "incoming").chmod(0o2777), "incoming has mode 2777: chmod 2771"),
    (lambda top: (top / "sealed").chmod(0o770), "sealed has mode 0770: chmod 2770"),
    (lambda top: top.chmod(0o2755), "has mode 2755: chmod 2751"),
    (lambda top: (top / "sealed").rmdir(), "sealed: No such file"),
    (lambda top: ((top / "sealed").rmdir(), (top / "sealed").symlink_to("/tmp")), "sealed is no directory"),
    (lambda top: top.parent.chmod(0o777), "chmod go-w"),
], ids=["all write", "no group for what is made", "all list", "missing", "a link", "open above"])
def test_the_directory_of_files(patient, spoil, said):
    top = objects(patient.directory)
    assert "objects" not in patient.examine()
    assert patient.examine(ANAMNESIS_STORE_DIR=str(top))["objects"]["result"] == "ok"
    spoil(top)
    found = patient.examine(ANAMNESIS_STORE_DIR=str(top))["objects"]
    patient.directory.chmod(0o700)
    assert found["result"] == "failed" and said in found["found"], found


@pytest.mark.skipif(os.getuid() != 0, reason="gives a directory to somebody else")
def test_a_directory_of_files_that_is_another_ones(patient):
    top = objects(patient.directory)
    os.chown(top / "incoming", 1, -1)
    (top / "incoming").chmod(0o2771)
    assert "another account" in patient.examine(ANAMNESIS_STORE_DIR=str(top))["objects"]["found"]


def test_the_certificate(patient):
    made = Certificates(patient.directory / "tls")
    base = {"ANAMNESIS_BASE_URL": "https://localhost:8443/"}
    found = patient.examine("--certificate", made.certificate, **base)["certificate"]
    assert found["result"] == "warning" and "for localhost, valid for" in found["found"]  # for a day only
    found = patient.examine(ANAMNESIS_TLS_CERT_FILE=str(made.certificate), ANAMNESIS_BASE_URL="https://other.example")
    assert found["certificate"]["result"] == "failed" and "not for other.example" in found["certificate"]["found"]
    assert patient.examine("--certificate", made.key)["certificate"]["result"] == "failed"
    assert patient.examine("--certificate", patient.directory / "none")["certificate"]["result"] == "failed"
    path = patient.directory / "long.pem"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 90, "-subj",
            "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", patient.directory / "key", "-out", path)
    for days, result, said in ((0, "ok", "more days"), (80, "warning", "more days"), (100, "failed", "expired"),
                               (-1, "failed", "not valid yet")):
        found = patient.examine("--certificate", path, **base | later(patient, days * 86400))["certificate"]
        assert found["result"] == result and said in found["found"], found


def test_memory_that_cannot_be_locked(patient):
    def little():
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (65536, 65536))
    assert patient.examine(limits=little)["locked-memory"]["result"] == "warning"


def test_a_full_disk(patient):
    small = patient.directory / "small"
    small.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", small], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("needs root's right to mount")
    try:
        with contextlib.suppress(OSError):
            (small / "filler").write_bytes(bytes(512 * 1024))
        found = patient.examine(ANAMNESIS_SOCKET_DIR=str(small))["disk"]
        assert found["result"] == "failed" and str(small) in found["found"]
    finally:
        subprocess.run(["umount", small], check=True)


def test_usage():
    for arguments in (["--certificate"], ["--jsn"], ["now"]):
        done = subprocess.run([postgres.program(), "doctor", *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 2 and done.stderr and not done.stdout

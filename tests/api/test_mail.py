"""Mail: from the outbox to a file or a server, once, whatever goes wrong in between.

Each test of delivery has a database of its own in the instance's cluster, so that the instance's own background program
does not take its messages.
"""

import contextlib
import email
import email.policy
import json
import os
import pathlib
import re
import signal
import subprocess
import time
import uuid
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from conftest import TOP, unique
from support import client as api
from support.smtp_server import SmtpServer

BUILD = pathlib.Path(os.environ.get("ANAMNESIS_BUILD", TOP / "build"))
SEAL = next((path for path in (BUILD / "tests/programs/seal_outbox", TOP / "build/tests/programs/seal_outbox")
             if path.exists()), None)
HOUR = 3600


def in_database(url, name):
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path="/" + name))


class Outbox:
    """A migrated database with one practice, and the background program on it."""

    def __init__(self, demo, directory):
        self.name = f"mail_{uuid.uuid4().hex[:12]}"
        self.superuser = demo["database_url"]
        keys = pathlib.Path(demo["var"]) / "keys"
        self.keyring, self.jobs_keyring = ((keys / name).read_text(encoding="utf-8")
                                           for name in ("keyring.json", "keyring-jobs.json"))
        self.mail_dir = directory / "mail"
        self.log = directory / "jobs.log"
        self.processes = []
        self.in_cluster(f"CREATE DATABASE {self.name}")
        self.url = in_database(self.superuser, self.name)
        self.db = psycopg2.connect(self.url)
        self.db.autocommit = True
        self.run((TOP / "sql" / "bootstrap.sql").read_text(encoding="utf-8").replace("%", "%%"))
        self.jobs_url = in_database(demo["database_urls"]["jobs"], self.name)
        self.command(in_database(demo["database_urls"]["owner"], self.name), "migrate")
        self.command(in_database(demo["database_urls"]["owner"], self.name), "practice", "create", "--name", "Praxis",
                     "--patient-mfa", "optional", "--staff", "owner:o@example.org:Owner")
        self.practice = self.run("SELECT id FROM anamnesis.practice")[0][0]

    def in_cluster(self, statement):
        connection = psycopg2.connect(self.superuser)
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute(statement)

    def run(self, statement, values=None):
        with self.db.cursor() as cursor:
            cursor.execute(statement, values or ())
            return cursor.fetchall() if cursor.description else cursor.rowcount

    def environment(self, **more):
        passed = {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")
                  if name in os.environ}
        return {"PATH": "/usr/bin:/bin", "ANAMNESIS_KEYRING": self.keyring,
                "ANAMNESIS_JOBS_KEYRING": self.jobs_keyring, **passed, **more}

    def command(self, url, *arguments):
        done = subprocess.run([BUILD / "anamnesis", *arguments], capture_output=True, text=True, timeout=60,
                              check=False, env=self.environment(ANAMNESIS_OWNER_DATABASE_URL=url))
        assert done.returncode == 0, done.stderr

    def seal(self, message_id, payload):
        text = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        done = subprocess.run([SEAL, message_id], input=text, check=True,
                              capture_output=True, env=self.environment(), timeout=60)
        return bytes.fromhex(done.stdout.decode().strip())

    def put(self, payload=None, kind="invitation", age=0, sealed_for=None, **changes):
        """A message that is due; gives its id."""
        message_id = str(uuid.uuid4())
        payload = payload or {"kind": kind, "to": "ada@example.org", "practice": "Praxis Dr. Müller",
                              "url": "https://portal.example/register#secret-token",
                              "expires_at": "2099-01-01T00:00:00.000Z"} | changes
        self.run("INSERT INTO anamnesis.outbox (id, practice_id, kind, sealed, created_at) "
                 "VALUES (%s, %s, %s, %s, now() - %s * interval '1 second')",
                 (message_id, self.practice, kind, self.seal(sealed_for or message_id, payload), age))
        return message_id

    def start(self, **settings):
        """The background program: to files, unless settings say otherwise."""
        with self.log.open("ab") as log:
            process = subprocess.Popen([BUILD / "anamnesis-jobs"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       env=self.environment(**{
                                           "ANAMNESIS_JOBS_DATABASE_URL": self.jobs_url,
                                           "ANAMNESIS_MAIL_DIR": str(self.mail_dir),
                                           "ANAMNESIS_MAIL_FROM": "Anamnesis <no-reply@clinic.example>"} | settings))
        self.processes.append(process)
        return process

    def start_smtp(self, server, **settings):
        return self.start(ANAMNESIS_SMTP_URL=server.url, ANAMNESIS_SMTP_CA_FILE=server.ca_file, **settings)

    def row(self, message_id):
        names = ("attempts", "sealed", "sent", "failed", "error", "wait", "claimed", "state")
        found = self.run("SELECT attempts, sealed, sent_at IS NOT NULL, failed_at IS NOT NULL, last_error, "
                         "extract(epoch FROM next_at - now())::float, claimed_until IS NOT NULL, state "
                         "FROM anamnesis.outbox WHERE id = %s", (message_id,))
        row = dict(zip(names, found[0]))
        assert row["state"] == ("sent" if row["sent"] else "given-up" if row["failed"] else "queued")
        return row

    def wait(self, message_id, happened, seconds=20):
        until = time.monotonic() + seconds
        while not happened(self.row(message_id)):
            assert time.monotonic() < until, (self.row(message_id), self.logged())
            time.sleep(0.05)
        return self.row(message_id)

    def due_now(self, message_id):
        self.run("UPDATE anamnesis.outbox SET next_at = now(), claimed_until = NULL WHERE id = %s", (message_id,))

    def files(self):
        return sorted(path.name for path in self.mail_dir.iterdir()) if self.mail_dir.exists() else []

    def logged(self):
        return self.log.read_text(encoding="utf-8")

    def end(self):
        """Ends what was started; gives the exit codes. A signal that comes before the program listens just kills."""
        codes = []
        for process in self.processes:
            until = time.monotonic() + 15
            while process.poll() is None and not hears(process, signal.SIGTERM):
                assert time.monotonic() < until, self.logged()
                time.sleep(0.005)
            if process.poll() is None:
                process.terminate()
                codes.append(process.wait(15))
        return codes

    def close(self):
        self.end()
        self.db.close()
        self.in_cluster(f"DROP DATABASE {self.name} WITH (FORCE)")


def hears(process, number):
    """Whether the process has a handler for the signal (proc(5): SigCgt is a mask)."""
    try:
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return int(re.search(r"^SigCgt:\s*(\w+)", status, re.MULTILINE).group(1), 16) >> (number - 1) & 1 == 1


@pytest.fixture(scope="module")
def shared(demo, tmp_path_factory):
    made = Outbox(demo, tmp_path_factory.mktemp("outbox"))
    yield made
    made.close()


@pytest.fixture
def outbox(shared, tmp_path):
    """An empty outbox; what a test starts has ended when the next begins."""
    shared.run("DELETE FROM anamnesis.outbox")
    shared.mail_dir, shared.log, shared.processes = tmp_path / "mail", tmp_path / "jobs.log", []
    yield shared
    assert not any(shared.end())
    assert "secret-token" not in shared.logged()
    assert "ada@example.org" not in shared.logged()


@pytest.fixture
def server(tmp_path):
    made = SmtpServer(tmp_path / "tls")
    yield made
    made.close()


def parts_of(message):
    return {part.get_content_type(): part.get_content() for part in message.walk() if not part.is_multipart()}


# --- Files

def test_an_invitation_becomes_a_file(outbox):
    message_id = outbox.put()
    outbox.start()
    row = outbox.wait(message_id, lambda row: row["sent"])
    assert (row["sealed"], row["attempts"], row["failed"]) == (None, 1, False)
    assert (row["error"], row["claimed"]) == (None, False)
    assert outbox.files() == [f"{message_id}.eml"]
    raw = (outbox.mail_dir / f"{message_id}.eml").read_bytes()
    assert (outbox.mail_dir / f"{message_id}.eml").stat().st_mode & 0o777 == 0o600
    assert raw.isascii() and b"\r\n" in raw and not re.search(rb"[^\r]\n", raw)
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert not message.defects
    assert message["To"] == "ada@example.org" and message["From"] == "Anamnesis <no-reply@clinic.example>"
    assert message["Subject"] == "Your invitation from Praxis Dr. Müller"
    assert message["Message-ID"] == f"<{message_id}@clinic.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    texts = parts_of(message)
    assert set(texts) == {"text/plain", "text/html"}
    for text in texts.values():
        assert "https://portal.example/register#secret-token" in text
        assert "Praxis Dr. Müller" in text and "2099" in text
        assert "ada" not in text.lower()


def test_a_message_is_there_once_after_a_crash_before_the_note(outbox):
    """The file was written, then the process died: the row says nothing of it, and the next try changes nothing."""
    message_id = outbox.put()
    outbox.mail_dir.mkdir()
    file = outbox.mail_dir / f"{message_id}.eml"
    file.write_text("delivered before the crash", encoding="utf-8")
    outbox.start()
    outbox.wait(message_id, lambda row: row["sent"])
    assert outbox.files() == [file.name]
    assert file.read_text(encoding="utf-8") == "delivered before the crash"


def test_a_claim_of_a_dead_process_is_taken_over_when_its_lease_ends(outbox):
    message_id = outbox.put()
    outbox.run("UPDATE anamnesis.outbox SET attempts = 1, claimed_until = now() + interval '2 seconds'")
    outbox.start()
    time.sleep(0.8)
    assert outbox.files() == []
    row = outbox.wait(message_id, lambda row: row["sent"])
    assert row["attempts"] == 2


def test_an_outcome_that_cannot_be_noted_does_not_repeat_the_message_for_ever(outbox, server):
    message_id = outbox.put()
    outbox.run("CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS "
               "$$ BEGIN RAISE 'no notes' USING ERRCODE = 'AN500'; END $$")
    outbox.run("CREATE TRIGGER refuse BEFORE UPDATE ON anamnesis.outbox FOR EACH ROW WHEN (NEW.sent_at IS NOT NULL) "
               "EXECUTE FUNCTION public.refuse()")
    try:
        outbox.start_smtp(server)
        outbox.wait(message_id, lambda row: row["claimed"])
        waits = []
        for attempt in range(1, 7):
            outbox.wait(message_id, lambda row, attempt=attempt: row["attempts"] == attempt)
            waits.append(outbox.row(message_id)["wait"])
            outbox.due_now(message_id)
        assert waits[0] > 250 and waits[-1] > 900
        outbox.run("UPDATE anamnesis.outbox SET attempts = 30")
        outbox.due_now(message_id)
        row = outbox.wait(message_id, lambda row: row["failed"])
        assert (row["error"], row["sealed"]) == ("attempts", None)
    finally:
        outbox.run("DROP FUNCTION public.refuse CASCADE")


def test_two_programs_share_the_work(outbox):
    ids = {outbox.put() for _ in range(40)}
    outbox.start()
    outbox.start()
    for message_id in ids:
        outbox.wait(message_id, lambda row: row["sent"])
    assert set(outbox.files()) == {f"{message_id}.eml" for message_id in ids}
    assert outbox.run("SELECT max(attempts) FROM anamnesis.outbox")[0][0] == 1


def test_killed_at_random_every_message_is_there_once(outbox):
    ids = [outbox.put() for _ in range(30)]
    for pause in (0.05, 0.07, 0.09, 0.11, 0.13):
        process = outbox.start()
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        outbox.processes.remove(process)
        outbox.run("UPDATE anamnesis.outbox SET claimed_until = NULL, next_at = now() WHERE sent_at IS NULL")
    outbox.start()
    for message_id in ids:
        outbox.wait(message_id, lambda row: row["sent"])
    assert [name for name in outbox.files() if name.endswith(".eml")] == sorted(f"{i}.eml" for i in ids)
    for message_id in ids:
        text = (outbox.mail_dir / f"{message_id}.eml").read_bytes()
        assert text.endswith(f"--=_{message_id}--\r\n".encode())


def test_a_full_disk_is_tried_again(outbox):
    message_id = outbox.put()
    process = outbox.start()
    outbox.wait(message_id, lambda row: row["sent"])
    outbox.mail_dir.rename(outbox.mail_dir.with_name("moved"))
    (outbox.mail_dir.with_name("moved") / f"{message_id}.eml").unlink()
    outbox.mail_dir.with_name("moved").rmdir()  # the open directory takes no files any more
    second = outbox.put()
    row = outbox.wait(second, lambda row: row["error"] == "disk")
    assert 15 < row["wait"] < 45 and row["sealed"] is not None and not row["failed"]
    assert process.poll() is None


@pytest.mark.parametrize("changes,reason", [
    ({"to": "a@example.org\r\nBcc: all@example.org"}, "address"),
    ({"to": "a@example.org, b@example.org"}, "address"),
    ({"url": "javascript:alert(1)"}, "content"),
    ({"expires_at": "2020-01-01T00:00:00.000Z"}, "expired"),
])
def test_what_must_not_be_sent_is_not(outbox, changes, reason):
    """Nothing that could add a header gets into a message [1.3.11]."""
    message_id = outbox.put(**changes)
    outbox.start()
    row = outbox.wait(message_id, lambda row: row["failed"])
    assert (row["error"], row["sealed"], row["sent"]) == (reason, None, False)
    assert outbox.files() == []


@pytest.mark.parametrize("name,shown", [
    ("Praxis\r\nBcc: all@example.org", "Praxis Bcc: all@example.org"),
    ("Praxis\u2028am Markt", "Praxis am Markt"),
    ("Praxis \u202egro.elpmaxe\u202c", "Praxis gro.elpmaxe"),
    ("\u2028\u202e", "Your practice"),
])
def test_no_name_of_a_practice_stops_a_message(outbox, name, shown):
    """It may have been stored before names were judged; nothing of it gets into a header [1.3.11]."""
    message_id = outbox.put(practice=name)
    outbox.start()
    outbox.wait(message_id, lambda row: row["sent"])
    message = email.message_from_bytes((outbox.mail_dir / f"{message_id}.eml").read_bytes(), policy=email.policy.default)
    assert message["Subject"] == f"Your invitation from {shown}" and message["Bcc"] is None
    assert shown in parts_of(message)["text/plain"]


def test_a_payload_of_another_row_does_not_open(outbox):
    """A sealed message that is moved to another row is refused; the key may yet come back, so it is not given up."""
    message_id = outbox.put(sealed_for=str(uuid.uuid4()))
    outbox.start()
    row = outbox.wait(message_id, lambda row: row["error"])
    assert (row["error"], row["sent"], row["failed"]) == ("sealed", False, False)


def test_a_payload_that_is_not_ours_is_put_off(outbox):
    message_id = outbox.put(payload=b'{"kind":"invitation","surprise":1}')
    outbox.start()
    row = outbox.wait(message_id, lambda row: row["error"])
    assert (row["error"], row["sent"]) == ("payload", False)


def test_a_message_from_before_there_were_languages_is_english_and_in_utc(outbox):
    outbox.run("UPDATE anamnesis.practice SET language = 'de', time_zone = 'Asia/Tokyo'")
    message_ids = [outbox.put(), outbox.put()]
    outbox.run("UPDATE anamnesis.practice SET language = DEFAULT, time_zone = DEFAULT")
    outbox.run("UPDATE anamnesis.outbox SET languages = NULL, time_zone = NULL WHERE id = %s", (message_ids[0],))
    outbox.start()
    found = []
    for message_id in message_ids:
        outbox.wait(message_id, lambda row: row["sent"])
        raw = (outbox.mail_dir / f"{message_id}.eml").read_bytes()
        found.append(email.message_from_bytes(raw, policy=email.policy.default))
    assert [message["Content-Language"] for message in found] == ["en", "de"]
    assert "00:00 (UTC)" in parts_of(found[0])["text/plain"] and "09:00 Uhr (JST)" in parts_of(found[1])["text/plain"]


def test_notices_have_no_link(outbox):
    message_id = outbox.put(payload={"kind": "security-notice", "to": "ada@example.org", "practice": "Praxis",
                                     "notice": "second-factor-added"}, kind="security-notice")
    outbox.start()
    outbox.wait(message_id, lambda row: row["sent"])
    raw = (outbox.mail_dir / f"{message_id}.eml").read_bytes()
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert message["Subject"] == "Second factor added: Praxis"
    assert all("http" not in text for text in parts_of(message).values())


# --- SMTP

@pytest.mark.parametrize("given, sent, parameters", [
    ("ada@müller.example", "ada@xn--mller-kva.example", []),
    ("jürgen@müller.example", "jürgen@xn--mller-kva.example", ["SMTPUTF8"]),
    ("山田@mail.example", "山田@mail.example", ["SMTPUTF8"])])
def test_addresses_of_all_scripts_are_sent_to(outbox, tmp_path, given, sent, parameters):
    """Domains travel as A-labels; SMTPUTF8 is asked for when a local part needs it (RFC 6531)."""
    with contextlib.closing(SmtpServer(tmp_path)) as server:
        message_id = outbox.put(to=given)
        outbox.start_smtp(server)
        outbox.wait(message_id, lambda row: row["sent"])
        [taken] = server.messages
        assert taken.recipients == [sent] and server.mail_parameters[-1][:1] == parameters
        assert f"To: <{sent}>\r\n".encode() in taken.raw


def test_a_server_without_smtputf8_is_told_no_such_address(outbox, tmp_path):
    """The message is given up at once and says why; others go on, by the same connection."""
    with contextlib.closing(SmtpServer(tmp_path, smtputf8=False)) as server:
        refused, good = outbox.put(to="jürgen@mail.example"), outbox.put(to="ada@müller.example")
        outbox.start_smtp(server)
        row = outbox.wait(refused, lambda row: row["failed"])
        assert (row["error"], row["sent"], row["sealed"]) == ("smtputf8", False, None)
        outbox.wait(good, lambda row: row["sent"])
        assert [taken.recipients for taken in server.messages] == [["ada@xn--mller-kva.example"]]


def test_a_senders_address_that_needs_smtputf8_loses_no_message(outbox, tmp_path):
    """Whoever runs the server can mend it: the message waits."""
    with contextlib.closing(SmtpServer(tmp_path, smtputf8=False)) as server:
        message_id = outbox.put()
        outbox.start_smtp(server, ANAMNESIS_MAIL_FROM="Prüfung <prüfung@Müller.example>")
        row = outbox.wait(message_id, lambda row: row["error"])
        assert (row["error"], row["failed"], row["sealed"] is not None) == ("smtputf8", False, True)
        assert server.messages == []


@pytest.mark.parametrize("mode", ["starttls", "tls"])
def test_smtp_is_encrypted_and_signed_in(outbox, tmp_path, mode):
    with contextlib.closing(SmtpServer(tmp_path / mode, mode, user="mailer", password="se cret")) as server:
        message_id = outbox.put()
        outbox.start_smtp(server, ANAMNESIS_SMTP_USER="mailer", ANAMNESIS_SMTP_PASSWORD="se cret")
        outbox.wait(message_id, lambda row: row["sent"])
        [taken] = server.messages
        assert taken.encrypted and taken.user == "mailer"
        assert (taken.sender, taken.recipients) == ("no-reply@clinic.example", ["ada@example.org"])
        assert taken.message["Message-ID"] == f"<{message_id}@clinic.example>"
        assert all(encrypted for verb, encrypted in server.commands if verb in ("AUTH", "MAIL", "RCPT", "DATA"))
        assert "se cret" not in outbox.logged()
    assert outbox.files() == []


def test_without_tls_nothing_is_said(outbox, tmp_path):
    with contextlib.closing(SmtpServer(tmp_path / "plain", "plain")) as server:
        message_id = outbox.put()
        outbox.start_smtp(server)
        row = outbox.wait(message_id, lambda row: row["error"])
        assert (row["error"], row["sent"]) == ("tls", False)
        assert not [verb for verb, _ in server.commands if verb in ("AUTH", "MAIL", "RCPT", "DATA")]


@pytest.mark.parametrize("mode", ["starttls", "tls"])
def test_another_servers_certificate_is_refused(outbox, tmp_path, mode):
    with contextlib.closing(SmtpServer(tmp_path / "other", mode, name="other.example")) as server:
        message_id = outbox.put()
        outbox.start_smtp(server)
        row = outbox.wait(message_id, lambda row: row["error"])
        assert (row["error"], server.messages) == ("tls", [])


def test_an_unknown_ca_is_refused(outbox, server):
    message_id = outbox.put()
    outbox.start(ANAMNESIS_SMTP_URL=server.url)
    row = outbox.wait(message_id, lambda row: row["error"])
    assert (row["error"], server.messages) == ("tls", [])


def test_a_wrong_password_is_tried_again(outbox, tmp_path):
    with contextlib.closing(SmtpServer(tmp_path / "auth", user="mailer", password="right")) as server:
        message_id = outbox.put()
        outbox.start_smtp(server, ANAMNESIS_SMTP_USER="mailer", ANAMNESIS_SMTP_PASSWORD="wrong")
        row = outbox.wait(message_id, lambda row: row["error"])
        assert (row["error"], row["failed"]) == ("sign-in", False)


def test_tries_move_apart(outbox, server):
    message_id = outbox.put()
    server.data_replies = ["451 4.3.0 not now"] * 4
    outbox.start_smtp(server)
    for attempt, usual in ((1, 30), (2, 60), (3, 120), (4, 240)):
        row = outbox.wait(message_id, lambda row, attempt=attempt: row["attempts"] == attempt and not row["claimed"])
        assert usual * 0.7 < row["wait"] < usual * 1.3
        assert row["error"] == "refused"
        outbox.due_now(message_id)
    row = outbox.wait(message_id, lambda row: row["sent"])
    assert row["attempts"] == 5
    assert len(server.messages) == 1


def test_after_three_days_it_is_given_up(outbox, server):
    old = outbox.put(age=3 * 24 * HOUR - 10)
    server.rcpt_replies = ["450 4.2.0 mailbox busy"]
    outbox.start_smtp(server)
    row = outbox.wait(old, lambda row: row["failed"])
    assert (row["error"], row["sealed"], row["sent"]) == ("refused", None, False)


@pytest.mark.parametrize("where", ["rcpt", "data"])
def test_a_refusal_for_good_is_not_tried_again(outbox, server, where):
    message_id = outbox.put()
    getattr(server, f"{where}_replies").append("550 5.1.1 no such mailbox")
    outbox.start_smtp(server)
    row = outbox.wait(message_id, lambda row: row["failed"])
    assert (row["error"], row["attempts"], row["sealed"]) == ("refused", 1, None)
    assert server.messages == []


@pytest.mark.parametrize("what", ["greeting", "mail_reply"])
def test_a_server_that_takes_nothing_is_tried_again(outbox, server, what):
    setattr(server, what, "554 5.3.2 not today")
    message_id = outbox.put()
    outbox.start_smtp(server)
    row = outbox.wait(message_id, lambda row: row["error"])
    assert (row["error"], row["failed"]) == ("refused", False)


def test_a_second_try_is_the_same_message(outbox, server):
    """The server took it, the line broke before it could say so: both tries are one message."""
    message_id = outbox.put()
    server.data_replies = ["taken, then gone"]
    outbox.start_smtp(server)
    row = outbox.wait(message_id, lambda row: row["error"])
    assert not row["sent"] and not row["failed"]
    outbox.due_now(message_id)
    outbox.wait(message_id, lambda row: row["sent"])
    first, second = server.messages
    assert first.raw == second.raw
    assert first.message["Message-ID"] == f"<{message_id}@clinic.example>"


def test_one_connection_serves_many_messages(outbox, server):
    ids = [outbox.put() for _ in range(10)]
    outbox.start_smtp(server)
    for message_id in ids:
        outbox.wait(message_id, lambda row: row["sent"])
    assert len(server.messages) == 10
    assert [verb for verb, _ in server.commands].count("STARTTLS") == 1


def test_a_server_that_is_away_is_tried_again(outbox, server):
    message_id = outbox.put()
    outbox.start(ANAMNESIS_SMTP_URL="smtp://localhost:9", ANAMNESIS_SMTP_CA_FILE=server.ca_file)
    row = outbox.wait(message_id, lambda row: row["error"])
    assert (row["error"], row["failed"]) == ("connect", False)


# --- The program

def test_sigterm_does_not_wait_for_a_silent_server(outbox, server):
    message_id = outbox.put()
    server.hang_at = "RCPT"
    process = outbox.start_smtp(server)
    until = time.monotonic() + 10
    while ("RCPT", True) not in server.commands:
        assert time.monotonic() < until
        time.sleep(0.02)
    process.terminate()
    assert process.wait(10) == 0
    row = outbox.row(message_id)
    assert (row["error"], row["sent"], row["claimed"]) == ("stopped", False, False)
    assert row["wait"] <= 0


def test_sigterm_ends_an_idle_program(outbox):
    process = outbox.start()
    time.sleep(0.5)
    process.terminate()
    assert process.wait(5) == 0


def test_sighup_reads_the_keyring_again(outbox):
    process = outbox.start()
    time.sleep(0.5)
    process.send_signal(signal.SIGHUP)
    message_id = outbox.put()
    outbox.wait(message_id, lambda row: row["sent"])
    assert process.poll() is None
    assert "keyring-reloaded" in outbox.logged()


def test_the_database_may_be_away_for_a_while(outbox):
    process = outbox.start()
    message_id = outbox.put()
    outbox.wait(message_id, lambda row: row["sent"])
    outbox.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
               "WHERE datname = current_database() AND usename = 'anamnesis_jobs'")
    message_id = outbox.put()
    outbox.wait(message_id, lambda row: row["sent"])
    assert process.poll() is None


@pytest.mark.parametrize("name,value", [
    ("ANAMNESIS_JOBS_DATABASE_URL", None), ("ANAMNESIS_JOBS_KEYRING", None), ("ANAMNESIS_MAIL_FROM", "a\nb@example.org"),
    ("ANAMNESIS_SMTP_URL", "http://localhost:25"), ("ANAMNESIS_MAIL_DIR", "/dev/null/mail"),
    ("ANAMNESIS_LOG_LEVEL", "loud")])
def test_a_wrong_setting_is_named(outbox, name, value):
    environment = outbox.environment(ANAMNESIS_JOBS_DATABASE_URL=outbox.jobs_url,
                                     ANAMNESIS_MAIL_DIR=str(outbox.mail_dir))
    environment = {key: text for key, text in environment.items() if key != name}
    if value is not None:
        environment[name] = value
    done = subprocess.run([BUILD / "anamnesis-jobs"], env=environment, capture_output=True, text=True, timeout=20,
                          check=False)
    outbox.log.touch()
    assert done.returncode == 78
    assert name in done.stderr


@contextlib.contextmanager
def never_empty(outbox):
    """A message that does not go out, and is due again whatever is noted of it."""
    outbox.run("CREATE FUNCTION public.always_due() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.attempts := 1; "
               "NEW.next_at := now() - interval '1 hour'; NEW.claimed_until := NULL; RETURN NEW; END $$; "
               "CREATE TRIGGER always_due BEFORE UPDATE ON anamnesis.outbox FOR EACH ROW EXECUTE FUNCTION public.always_due()")
    try:
        yield outbox.put(sealed_for=str(uuid.uuid4()))
    finally:
        outbox.end()
        outbox.run("DROP TRIGGER always_due ON anamnesis.outbox; DROP FUNCTION public.always_due()")


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_an_outbox_that_never_empties_holds_up_nothing_else(outbox, tmp_path):
    """Files that are to go are removed, of erased patients as well, and what has served its time is deleted."""
    store = tmp_path / "objects"
    (store / "incoming").mkdir(parents=True)
    (store / "sealed").mkdir()
    outbox.run("INSERT INTO auth.throttle (key, failures, last_failure, blocked_until, counts_until) "
               "SELECT sha256('old'), 1, t, t, t FROM (SELECT now() - interval '100 days' AS t) old")
    with never_empty(outbox) as message_id:
        outbox.start(ANAMNESIS_STORE_DIR=str(store))
        outbox.wait(message_id, lambda row: row["error"] is not None)
        for _ in range(2):  # and again, when it is due again
            upload = str(uuid.uuid4())
            (store / "incoming" / upload).mkdir()
            (store / "incoming" / upload / "1").write_bytes(b"a part")
            outbox.run("INSERT INTO anamnesis.object_leaving (name, practice_id, urgent) VALUES (%s, %s, true)",
                       (f"incoming/{upload}", outbox.practice))
            until(lambda upload=upload: not (store / "incoming" / upload).exists())
        until(lambda: not outbox.run("SELECT 1 FROM auth.throttle"))
        assert '"event":"mail-put-off"' in outbox.logged() and not outbox.row(message_id)["failed"]


def test_what_has_served_its_time_is_deleted(outbox):
    outbox.run("INSERT INTO anamnesis.idempotency "
               "(practice_id, actor_id, key_hash, operation, body_sha256, created_at) "
               "SELECT %s, anamnesis.uuid_v7(), ext.digest(n::text, 'sha256'), 'x', ext.digest('', 'sha256'), "
               "now() - n * interval '1 hour' FROM generate_series(1, 48) n", (outbox.practice,))
    outbox.start()
    until = time.monotonic() + 10
    while outbox.run("SELECT count(*) FROM anamnesis.idempotency")[0][0] > 23:
        assert time.monotonic() < until, outbox.logged()
        time.sleep(0.1)
    assert outbox.run("SELECT count(*) FROM anamnesis.idempotency")[0][0] == 23
    assert '"event":"swept"' in outbox.logged()


# --- The whole way, through the instance's own background program

def mail_for(demo, address, seconds=20):
    until = time.monotonic() + seconds
    while True:
        for file in pathlib.Path(demo["mail_dir"]).glob("*.eml"):
            message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            if message["To"] == address:
                return message
        assert time.monotonic() < until, f"no message for {address}"
        time.sleep(0.2)


def test_an_invitation_by_email_lets_a_patient_register(demo, practice, database):
    patient = practice.patient(email=f"{unique('mail')}@example.org")
    made = api.good(practice.staff().post(f"/admin/patients/{patient['id']}/invitations", {"delivery": "email"}), 201)
    assert made.get("url") is None
    message = mail_for(demo, patient["email"])
    text = parts_of(message)["text/plain"]
    token = re.search(r"https://\S+#(\S+)", text)[1]
    assert practice.name in text
    assert "Given" not in text and "Family" not in text
    hint = api.good(practice.anonymous.post("/patient/register/validate", {"token": token}))
    assert hint["practice_name"] == practice.name
    with database.cursor() as cursor:
        message_id = message["Message-ID"].strip("<>").split("@")[0]
        cursor.execute("SELECT sealed, kind FROM anamnesis.outbox WHERE id = %s AND sent_at IS NOT NULL",
                       (message_id,))
        assert cursor.fetchone() == (None, "invitation")

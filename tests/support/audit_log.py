"""An audit log of its own: a migrated database, a keyring, the background program that seals it, and `anamnesis audit`."""

import contextlib
import json
import os
import signal
import subprocess
import time
import uuid

from support import postgres
from support.tokens import door
from support.world import Session

PATIENCE_SECONDS = 60
ROWS = 12  # of the fixture `sealed_log`, in seals of three


class Log:
    """A migrated database with a keyring and a directory for checkpoints."""

    def __init__(self, server, directory):
        self.directory = directory
        self.database = postgres.Database(server)
        self.keyring = directory / "keyring.json"
        done = subprocess.run([postgres.program(), "keys", "create", self.keyring], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        self.door = door(json.loads(self.keyring.read_text(encoding="utf-8")))
        self.migrate()
        self.checkpoint_dir = directory / "checkpoints"
        self.checkpoint_dir.mkdir()
        self.checkpoints = self.checkpoint_dir / "audit-checkpoints.jsonl"
        self.connection = self.database.connect("postgres")
        self.sql = Session(self.connection)
        self.sql("SET lock_timeout = '20s'")
        self.connection.commit()

    def migrate(self):
        done = self.database.command("migrate", ANAMNESIS_KEYRING_FILE=str(self.keyring))
        assert done.returncode == 0, done.stderr

    def close(self):
        self.connection.close()
        self.database.drop()

    def add(self, count=1, operation="test", session=None):
        """Rows as requests write them, each in a transaction of its own; gives their ids."""
        sql = session or self.sql
        for number in range(count):
            sql("SELECT auth.anonymous(%s, %s, '127.0.0.1', %s)", f"{operation}_{number}", uuid.uuid4(), self.door)
            sql("SELECT audit.about(%s)", uuid.uuid4())
            sql("SELECT audit.close(%s, 'ok', 'patient')", uuid.uuid4())
            if session is None:
                self.connection.commit()
        return [row for (row,) in sql("SELECT id FROM audit.event ORDER BY position DESC, id DESC LIMIT %s", count)][::-1]

    @contextlib.contextmanager
    def jobs(self, **environment):
        """The background program; its log goes to a file."""
        variables = {"PATH": os.environ["PATH"], "ANAMNESIS_JOBS_DATABASE_URL": self.database.url("anamnesis_jobs"),
                     "ANAMNESIS_KEYRING_FILE": str(self.keyring), "ANAMNESIS_MAIL_DIR": str(self.directory),
                     "ANAMNESIS_AUDIT_CHECKPOINT_DIR": str(self.checkpoint_dir)}
        with open(self.directory / "jobs.log", "a", encoding="utf-8") as log:
            process = subprocess.Popen([postgres.program("anamnesis-jobs")], env=variables | environment, stderr=log)
            try:
                yield process
            finally:
                process.send_signal(signal.SIGTERM)
                assert process.wait(PATIENCE_SECONDS) == 0

    def said(self, text):
        return text in (self.directory / "jobs.log").read_text(encoding="utf-8")

    def unsealed(self):
        self.connection.rollback()
        return self.sql.one("SELECT count(*) FROM audit.event WHERE position >= "
                            "coalesce((SELECT max(horizon) FROM audit.seal), -9e18)")

    def noted(self):
        if not self.checkpoints.exists():
            return []
        return [json.loads(line) for line in self.checkpoints.read_text(encoding="utf-8").splitlines()]

    def sealed(self):
        self.connection.rollback()
        return self.sql.one("SELECT count(*) FROM audit.seal")

    def seal(self):
        """Until everything is sealed and noted."""
        with self.jobs():
            wait_for(lambda: self.unsealed() == 0 and len(self.noted()) == self.sealed())

    def command(self, *arguments, role="anamnesis_auditor", **environment):
        variables = {"PATH": os.environ["PATH"], "ANAMNESIS_KEYRING_FILE": str(self.keyring),
                     "ANAMNESIS_AUDITOR_DATABASE_URL": self.database.url(role)}
        return subprocess.run([postgres.program(), "audit", *map(str, arguments)], env=variables | environment,
                              capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)

    def verify(self, *arguments, **environment):
        """(exit status, what it says)."""
        done = self.command("verify", "--json", *arguments, **environment)
        assert done.returncode in (0, 1), done.stderr
        found = json.loads(done.stdout)
        assert found["whole"] == (done.returncode == 0)
        return found

    def export(self, *arguments, name=None):
        path = self.directory / (name or f"export-{uuid.uuid4().hex}.jsonl")
        done = self.command("export", "-o", path, *arguments)
        assert done.returncode == 0, done.stderr
        return path

    def tamper(self, *statements, table="audit.event"):
        """As a superuser who has switched the triggers off, and on again."""
        self.sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for statement in statements:
            self.sql(*statement) if isinstance(statement, tuple) else self.sql(statement)
        self.sql(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only")
        self.connection.commit()


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)

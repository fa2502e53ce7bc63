"""The instance's private PostgreSQL: a cluster of its own, reached by a Unix socket only, every role by password."""
import os
import secrets
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from . import Trouble
from .layout import TOP, write_private

VERSION_LEAST = 15
DATABASE = "anamnesis"
ROLES = ("owner", "api", "jobs", "scan", "auditor")
START_SECONDS = 60

# Parameters carry keys and names: none may reach a log, nor may messages that quote a value (they come at ERROR and
# in DETAIL), so that what is logged begins at LOG and is terse. Files of the write-ahead log are removed, not used again: an
# erased patient's key would stay in them.
SETTINGS = """\
listen_addresses = ''
unix_socket_directories = '{run}'
port = 5432
max_connections = {connections}
password_encryption = 'scram-sha-256'
shared_buffers = '128MB'
max_wal_size = '2GB'
wal_recycle = off
checkpoint_timeout = '15min'
fsync = on
synchronous_commit = on
jit = off
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_statement = 'none'
log_min_duration_statement = -1
log_min_messages = 'log'
log_min_error_statement = 'panic'
log_error_verbosity = 'terse'
log_connections = off
log_checkpoints = off
log_timezone = 'UTC'
timezone = 'UTC'
logging_collector = on
log_destination = 'jsonlog'
log_directory = '{log}'
log_filename = 'postgresql.log'
log_file_mode = 0640
log_rotation_age = 0
log_rotation_size = 0
cluster_name = 'anamnesis-{hash}'
"""

HBA = "local all all scram-sha-256\n"


def programs():
    """The directory of the newest installed server's programs."""
    versions = [path for path in Path("/usr/lib/postgresql").glob("*") if (path / "bin" / "initdb").exists()]
    newest = max(versions, key=lambda path: int(path.name), default=None)
    if newest is None or int(newest.name) < VERSION_LEAST:
        raise Trouble(f"PostgreSQL {VERSION_LEAST} or newer is not installed. `tools/install run` installs it.")
    return newest / "bin"


class Postgres:
    """The cluster. `process` is its place among the instance's processes."""

    def __init__(self, layout, process):
        self.layout = layout
        self.process = process
        self.bin = programs()
        self.done = layout.state / "database-ready"  # there when a first start went through

    def url(self, role):
        """libpq's connection string of anamnesis_ROLE, or of the superuser."""
        path = self.layout.keys / f"{role}.url"
        if not path.exists():
            user = "postgres" if role == "superuser" else f"anamnesis_{role}"
            text = (f"postgresql://{user}:{secrets.token_urlsafe(24)}@/{DATABASE}"
                    f"?host={quote(str(self.layout.pg_run), safe='')}")
            write_private(path, text + "\n", mode=0o400)
        account = {"api": self.layout.program_account, "jobs": self.layout.jobs_account,
                   "scan": self.layout.scan_account}.get(role)
        if account is not None:
            account.own(path)
        return path.read_text(encoding="utf-8").strip()

    def password(self, role):
        return self.url(role).split("@", 1)[0].rsplit(":", 1)[1]

    def create(self):
        """initdb, unless there is a cluster that a first start has finished."""
        data = self.layout.data
        if self.done.exists():
            return
        if data.exists():
            subprocess.run(["rm", "-rf", data], check=True)
        data.mkdir(mode=0o700)
        self.layout.database_account.own(data)
        password = self.layout.pg_run / "password"
        write_private(password, self.password("superuser"), self.layout.database_account)
        done = subprocess.run([self.bin / "initdb", "-D", data, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8",
                               "--auth=scram-sha-256", f"--pwfile={password}", "--data-checksums"],
                              cwd="/", capture_output=True, text=True, check=False,
                              **self.layout.database_account.popen)
        password.unlink()
        if done.returncode != 0:
            raise Trouble(f"initdb failed:\n{done.stdout}{done.stderr}")

    def _write_settings(self):
        text = SETTINGS.format(run=self.layout.pg_run, log=self.layout.pg_log, hash=self.layout.hash,
                               connections=os.environ.get("ANAMNESIS_DATABASE_CONNECTIONS", "100"))
        for name, content in (("anamnesis.conf", text), ("pg_hba.conf", HBA)):
            write_private(self.layout.data / name, content, self.layout.database_account)
        main = self.layout.data / "postgresql.conf"
        if "anamnesis.conf" not in main.read_text(encoding="utf-8"):
            with main.open("a", encoding="utf-8") as file:
                file.write("\ninclude 'anamnesis.conf'\n")

    def start(self):
        self._write_settings()
        self.process.start([self.bin / "postgres", "-D", self.layout.data], self.layout.database_account,
                           {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"})
        deadline = time.monotonic() + START_SECONDS
        while subprocess.run([self.bin / "pg_isready", "-q", "-h", self.layout.pg_run], check=False).returncode != 0:
            if self.process.pid() is None or time.monotonic() > deadline:
                raise Trouble(f"PostgreSQL did not start.\n{self.process.last_words()}\n"
                              f"See also {self.layout.pg_log}.")
            time.sleep(0.03)

    def psql(self, script, database, **variables):
        """Runs a script as the superuser; variables and password go by standard input and file, not by arguments."""
        head = "".join(f"\\set {name} '{value}'\n" for name, value in variables.items())
        url = self.url("superuser").replace(f"@/{DATABASE}?", f"@/{database}?")
        done = subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1"], input=head + script, text=True,
                              capture_output=True, env={"PATH": "/usr/bin:/bin", **url_environment(url)}, check=False)
        if done.returncode != 0:
            raise Trouble(f"Setting up the database failed:\n{done.stderr}")
        return done.stdout

    def is_renewed(self):
        """True when the server's program was installed anew since it was started (the package's date says nothing)."""
        return (self.bin / "postgres").stat().st_ctime > self.process.started_at()

    def forget_statistics(self):
        """Samples of columns that a migration has taken away stay in the statistics' table until it is written anew."""
        self.psql("VACUUM FULL pg_catalog.pg_statistic;", DATABASE)

    def bootstrap(self):
        """Database, roles with their passwords, extensions; changes nothing that is as it should be."""
        if not self.done.exists():
            self.psql(f"DROP DATABASE IF EXISTS {DATABASE};\nCREATE DATABASE {DATABASE};", "postgres")
        script = (TOP / "sql" / "bootstrap.sql").read_text(encoding="utf-8")
        passwords = "".join(f"ALTER ROLE anamnesis_{role} PASSWORD :'{role}_password';\n" for role in ROLES)
        self.psql(script + passwords, DATABASE, **{f"{role}_password": self.password(role) for role in ROLES})


def url_environment(url):
    """The same connection by PG* variables, so that no password is in an argument list."""
    credentials, rest = url.removeprefix("postgresql://").split("@/", 1)
    user, password = credentials.split(":", 1)
    database, host = rest.split("?host=", 1)
    return {"PGUSER": user, "PGPASSWORD": password, "PGDATABASE": database, "PGHOST": host.replace("%2F", "/")}

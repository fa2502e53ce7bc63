"""A private PostgreSQL for tests that need no instance: made in a temporary directory, gone afterwards.

With ANAMNESIS_TEST_SUPERUSER_URL (a superuser's connection string) that server is used instead; the tests make
databases of their own there.
"""

import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile
import time
import uuid

import psycopg2
from psycopg2 import extensions

TOP = pathlib.Path(__file__).resolve().parents[2]
PORT = 5432  # only the name of a socket in a directory of its own
START_SECONDS = 30


def program(name="anamnesis"):
    return pathlib.Path(os.environ.get("ANAMNESIS_BUILD", TOP / "build")) / name


def program_of(place):
    """`anamnesis` as it would be with other files in sql/: PLACE/build/gen has what tools/gen_migrations.py made of these."""
    subprocess.run(["make", "-s", "-f", "Makefile", "-f", "tests/support/other_schema.mk", f"BUILD={os.path.relpath(program().parent, TOP)}",
                    f"OTHER={place}", place / "anamnesis"], cwd=TOP, check=True)
    return place / "anamnesis"


def server_programs():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return found[-1]


class Server:
    """A cluster that trusts everybody who reaches its socket; PostgreSQL does not run as root."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="anamnesis-sql-"))
        self.account = {"user": "postgres"} if os.geteuid() == 0 else {}
        if self.account:
            entry = pwd.getpwnam("postgres")
            os.chown(self.directory, entry.pw_uid, entry.pw_gid)
        self.bin = server_programs()
        self.process = None

    def start(self):
        data = self.directory / "data"
        subprocess.run([self.bin / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                        "--locale=C.UTF-8", "--no-sync"], cwd="/", check=True, capture_output=True, **self.account)
        settings = {"listen_addresses": "", "unix_socket_directories": str(self.directory), "port": PORT,
                    "fsync": "off", "log_min_messages": "panic", "log_min_error_statement": "panic"}
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self.process = subprocess.Popen([self.bin / "postgres", "-D", data, *arguments], cwd="/",
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self.account)
        deadline = time.monotonic() + START_SECONDS
        while subprocess.run([self.bin / "pg_isready", "-q", "-h", self.directory, "-p", str(PORT)],
                             check=False).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL did not start")
            time.sleep(0.05)

    def stop(self):
        if self.process is not None:
            self.process.send_signal(2)  # fast shutdown
            self.process.wait(START_SECONDS)
        shutil.rmtree(self.directory, ignore_errors=True)

    def url(self, role, database):
        return f"postgresql://{role}@/{database}?host={self.directory}&port={PORT}"


class ForeignServer:
    """A server that somebody else runs, reached by a superuser's URL; roles must be let in without a password."""

    def __init__(self, url):
        self.parts = extensions.parse_dsn(url)

    def start(self):
        pass

    def stop(self):
        pass

    def url(self, role, database):
        user = self.parts.get("user", "postgres") if role == "postgres" else role
        return extensions.make_dsn(**(self.parts | {"user": user, "dbname": database}))


def server():
    foreign = os.environ.get("ANAMNESIS_TEST_SUPERUSER_URL")
    return ForeignServer(foreign) if foreign else Server()


class Database:
    """A database that an administrator has prepared with sql/bootstrap.sql, and nothing else."""

    def __init__(self, where):
        self.where = where
        self.name = "test_" + uuid.uuid4().hex
        self.administer(f"CREATE DATABASE {self.name}", "postgres")
        self.bootstrap()

    def administer(self, statement, database):
        connection = psycopg2.connect(self.where.url("postgres", database))
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()

    def bootstrap(self, role="postgres"):
        return subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.url(role), "-f",
                               TOP / "sql" / "bootstrap.sql"], check=True, capture_output=True, text=True)

    def url(self, role):
        return self.where.url(role, self.name)

    def connect(self, role):
        return psycopg2.connect(self.url(role))

    def command(self, *arguments, programs=None, **environment):
        """`anamnesis ARGUMENTS` against this database; gives what subprocess.run gives."""
        variables = {"ANAMNESIS_OWNER_DATABASE_URL": self.url("anamnesis_owner"), "PATH": os.environ["PATH"]}
        return subprocess.run([programs or program(), *map(str, arguments)], env=variables | environment,
                              capture_output=True, text=True, timeout=60, check=False)

    def drop(self):
        self.administer(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)", "postgres")

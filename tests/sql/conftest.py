"""A migrated database, and two practices in it. Each test works in transactions that are rolled back."""

import json
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import postgres  # noqa: E402  (the path is set above)
from support.audit_log import ROWS, Log  # noqa: E402
from support.tokens import door  # noqa: E402
from support.world import Practice, Session  # noqa: E402


@pytest.fixture(scope="session")
def server():
    found = postgres.server()
    try:
        found.start()
        yield found
    finally:
        found.stop()


@pytest.fixture
def bare(server):
    """A database without a migration."""
    database = postgres.Database(server)
    yield database
    database.drop()


@pytest.fixture(scope="session")
def keyring(tmp_path_factory):
    """The keyring of `database`: its check values are noted before rows come whose keys are none."""
    path = tmp_path_factory.mktemp("keys") / "keyring.json"
    subprocess.run([postgres.program(), "keys", "create", path], check=True, capture_output=True)
    return path


@pytest.fixture(scope="session")
def database(server, keyring):
    made = postgres.Database(server)
    done = made.command("migrate", ANAMNESIS_KEYRING_FILE=str(keyring))
    assert done.returncode == 0, done.stderr
    Session.door = door(json.loads(keyring.read_text(encoding="utf-8")))
    yield made
    made.drop()


@pytest.fixture
def connect(database):
    """connect(role) gives a Session of that database role."""
    opened = []

    def open_session(role):
        opened.append(database.connect(role))
        return Session(opened[-1])
    yield open_session
    for connection in opened:
        connection.close()


@pytest.fixture
def api(connect):
    return connect("anamnesis_api")


@pytest.fixture
def superuser(connect):
    return connect("postgres")


@pytest.fixture
def practice(database):
    """One of its own for the test, committed."""
    connection = database.connect("postgres")
    made = Practice(Session(connection), "Counted")
    connection.commit()
    connection.close()
    return made


@pytest.fixture(scope="module")
def world(database):
    """Practices A and B."""
    connection = database.connect("postgres")
    sql = Session(connection)
    made = Practice(sql, "Practice A"), Practice(sql, "Practice B")
    connection.commit()
    connection.close()
    return made


@pytest.fixture
def log(server, tmp_path):
    made = Log(server, tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def sealed_log(server, tmp_path_factory):
    """A log of ROWS rows in four seals. Tests that change it put it back."""
    made = Log(server, tmp_path_factory.mktemp("log"))
    for _ in range(4):
        made.add(ROWS // 4)
        made.seal()
    made.ids = [row for (row,) in made.sql("SELECT id FROM audit.event ORDER BY position, id")]
    made.columns = [name for (name,) in made.sql(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'audit.event'::regclass AND attnum > 0 AND NOT attisdropped")]
    made.connection.commit()
    yield made
    made.close()


@pytest.fixture
def tampered(sealed_log):
    """The log; rows and seals are put back afterwards, whatever was done to them."""
    sql = sealed_log.sql
    sealed_log.connection.rollback()
    for table in ("event", "seal"):
        sql(f"CREATE TABLE public.kept_{table} AS SELECT * FROM audit.{table}")
    sealed_log.connection.commit()
    kept = sealed_log.checkpoints.read_bytes()
    yield sealed_log
    sealed_log.connection.rollback()
    for table in ("event", "seal"):
        sealed_log.tamper(f"DELETE FROM audit.{table}", f"INSERT INTO audit.{table} "
                          f"{'OVERRIDING SYSTEM VALUE' if table == 'event' else ''} SELECT * FROM public.kept_{table}",
                          f"DROP TABLE public.kept_{table}", table=f"audit.{table}")
    sealed_log.checkpoints.write_bytes(kept)
    assert sealed_log.verify()["whole"]

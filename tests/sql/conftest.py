"""A migrated database, and two practices in it. Each test works in transactions that are rolled back."""

import json
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import postgres  # noqa: E402  (the path is set above)
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


@pytest.fixture(scope="module")
def world(database):
    """Practices A and B."""
    connection = database.connect("postgres")
    sql = Session(connection)
    made = Practice(sql, "Practice A"), Practice(sql, "Practice B")
    connection.commit()
    connection.close()
    return made

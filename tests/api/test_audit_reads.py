"""ANAMNESIS_AUDIT_READS: which transactions the server is told not to wait for the disk with.

The workers' own code serves, as the Lambda program, and a relay before the database notes what the server is told.
"""

import contextlib
import os

import pytest
from conftest import TOP
from support import client as api
from support import contract, sessions
from support import lambda_runtime as aws
from support.relay import Relay

DEMO = os.environ.get("ANAMNESIS_DEMO", TOP / "var" / "demo.json")
OPERATIONS = [operation for operation in contract.operations() if operation.row["x-tx"] != "none"]


@contextlib.contextmanager
def served(tmp_path_factory, reads):
    """A caller, and the relay behind the program that answers."""
    relay = Relay(tmp_path_factory.mktemp("relay"), aws.environment_of(DEMO)["ANAMNESIS_DATABASE_URL"])
    environment = aws.environment_of(DEMO) | {"ANAMNESIS_DATABASE_URL": relay.url} | reads
    front = aws.Front(tmp_path_factory.mktemp("front"), aws.program(), environment, environments=1)
    with contextlib.closing(relay), contextlib.closing(front):
        yield api.Client(front.base_url, front.ca_file), relay


@pytest.fixture(scope="module", params=[{}, {"ANAMNESIS_AUDIT_READS": "durable"}], ids=["default", "durable"])
def durable(tmp_path_factory, request):
    with served(tmp_path_factory, request.param) as pair:
        yield pair


@pytest.fixture(scope="module")
def relaxed(tmp_path_factory):
    with served(tmp_path_factory, {"ANAMNESIS_AUDIT_READS": "relaxed"}) as pair:
        yield pair


@pytest.fixture(scope="module")
def patient(practice):
    return practice.registered()


@pytest.fixture
def ask(database, practice, patient):
    """Sends an operation in a session of its own, which it may end; gives the transactions that the server was told of."""
    ids = sessions.staff_ids(database, practice.id)

    def send(pair, operation, **given):
        caller, relay = pair
        account = patient["id"] if operation.realm == "patient" else ids[(operation.roles or ["owner"])[0]]
        realm = operation.realm
        token = sessions.open_session(database, realm, account, practice.id) if realm else None
        relay.transactions.clear()
        answer = operation.send(caller.again(token), operation.url(**given))
        return answer, list(relay.transactions)
    return send


def waits(names):
    assert names[0] == "tx_begin" and names.count("tx_relax") <= 1
    return "tx_relax" not in names


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_what_the_contract_calls_a_read_is_all_that_does_not_wait(relaxed, ask, operation):
    answer, transactions = ask(relaxed, operation)
    assert transactions and answer.status_code in operation.statuses
    for names in transactions:
        assert waits(names) == (operation.row["x-tx"] != "read" or "audit_refused" in names)
    assert relaxed[1].texts.get("tx_relax", "SET LOCAL synchronous_commit = off") == "SET LOCAL synchronous_commit = off"


@pytest.mark.parametrize("name", ["patient_get", "patient_list", "patient_patch", "my_access_log", "patient_profile_get"])
def test_to_wait_is_the_default_and_not_to_wait_costs_no_trip(durable, relaxed, ask, patient, name):
    [operation] = [one for one in OPERATIONS if one.id == name]
    for pair in (durable, relaxed):  # statements are prepared, and keys in the cache
        ask(pair, operation, id=patient["id"])
    answer, without = ask(durable, operation, id=patient["id"])
    other, relaxing = ask(relaxed, operation, id=patient["id"])
    assert answer.status_code == other.status_code < 500
    assert all(waits(names) for names in without)
    assert [names.count("Sync") for names in without] == [names.count("Sync") for names in relaxing]
    assert [[name for name in names if name != "tx_relax"] for names in relaxing] == without

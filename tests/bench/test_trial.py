"""All of the benchmark once, with so little load that its figures mean nothing: every operation is answered, every figure comes out."""

import json
import os
import pathlib
import socket
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
VAR = TOP / "var-test-bench"
OPERATIONS = {"session check", "list of questionnaires", "read of a response", "auto-save", "submit"}
WITH_A_PEER = {"session check", "read of a response", "auto-save"}
NOTHING_OF_MAKE = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
PATIENCE_SECONDS = 600


def two_free_ports():
    """The first of two that follow each other: the peer's site has the second."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            try:
                other.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


@pytest.fixture(scope="module")
def trial():
    """The run's end, what it printed and what it left in bench.json."""
    done = subprocess.run([TOP / "bench/run", "--try", "--var", VAR, "--port", str(two_free_ports())], cwd=TOP, env=NOTHING_OF_MAKE,
                          capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done, json.loads((VAR / "bench.json").read_text(encoding="utf-8"))


def test_every_operation_was_answered_and_has_its_figures(trial):
    done, figures = trial
    assert set(figures["operations"]) == OPERATIONS
    for name, figure in figures["operations"].items():
        load = figure["load"]
        assert load["requests"] > 0 and load["rate"] > 0 and load["p99"] >= load["p50"] > 0, name
        assert load["processor"] > 0 and figure["ceiling"] > 0, name
        assert "no system calls counted" in done.stderr or (figure["calls"] > 0 and figure["trips"] >= 1), name


def test_the_peer_was_measured_in_turn_with_us(trial):
    _, figures = trial
    services = {}
    for run in figures["beside"]:
        assert run["requests"] > 0 and run["processor"] > 0
        services.setdefault(run["service"], set()).add(run["operation"])
    assert services == {"Anamnesis": WITH_A_PEER, "Node 20": WITH_A_PEER}
    assert all(size > 0 for size in figures["resident_megabytes"].values())


def test_the_engine_was_measured_on_both_forms_beside_what_node_does(trial):
    _, figures = trial
    assert [case["form"] for case in figures["engine"]] == ["PHQ-9", "500 items"]
    for case in figures["engine"]:
        assert len(case["ours"]) == 5 and all(figure["microseconds"] > 0 for figure in case["ours"].values())
        assert len(case["beside"]) == 4 and all(spent > 0 for spent in case["beside"].values())


def test_what_access_costs_was_measured(trial):
    done, figures = trial
    access = figures["access"]
    assert [cost["name"] for cost in access["costs"]] == ["read of a response", "auto-save"]
    assert all(cost["whole"] > 0 for cost in access["costs"])
    assert access["sign_ins"]["known"] > 0 and access["sign_ins"]["unknown"] > 0
    assert access["beside_sign_ins"]["loaded"]["requests"] > 0
    assert all(name in done.stdout for name in OPERATIONS) and "of the ceiling" in done.stdout

"""All of the benchmark once, with so little load that its figures mean nothing: every operation is answered, every figure comes out."""

import pathlib
import sys

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "bench"), str(TOP / "tests")]

from harness import peers  # noqa: E402  (the path is set above)
from support import benchmark  # noqa: E402
from support.benchmark import OPERATIONS  # noqa: E402


@pytest.fixture(scope="module")
def trial():
    return benchmark.trial(TOP / "var-test-bench", "node")


def test_every_operation_was_answered_and_has_its_figures(trial):
    done, figures = trial
    assert set(figures["operations"]) == OPERATIONS
    for name, figure in figures["operations"].items():
        load = figure["load"]
        assert load["requests"] > 0 and load["rate"] > 0 and load["p99"] >= load["p50"] > 0, name
        assert load["processor"] > 0 and figure["ceiling"] > 0, name
        assert "no system calls counted" in done.stderr or (figure["calls"] > 0 and figure["trips"] >= 1), name


def test_the_peer_answered_alike_and_was_measured_in_turn_with_us(trial):
    done, figures = trial
    assert {one["service"] for one in figures["beside"]} == {"Node 20"} and figures["missing"] == []
    benchmark.check_service(done, figures, "Node 20")


def test_without_go_there_is_a_reason_and_no_go_peer(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(peers.CannotBuild, match="there is no Go here"):
        peers.go()


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


def test_photos_were_made_scanned_and_sent_beside_auto_saves(trial):
    done, figures = trial
    files = figures["files"]
    assert [made["name"] for made in files["made"]] == ["JPEG, baseline", "JPEG, progressive", "HEIC"]
    assert files["flow"]["photos"] == 4 and files["flow"]["a_second"] > 0 and files["flow"]["processor_milliseconds"] > 0
    assert files["beside"]["uploads"] > 0 and len(files["beside"]["ratios"]) == 1
    assert [engine["signatures"] for engine in files["engines"]] == [0, 2000]
    assert all(engine["megabytes"] > 0 and engine["processor"] > 0 for engine in files["engines"])
    assert "a second from complete to clean" in done.stdout and "JPEG, progressive" in done.stdout

"""The benchmark's peer in Go: it is built as its go.sum says, answers and stores what we do, and is measured."""

import pathlib
import sys

TOP = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(TOP / "tests"))

from support import benchmark  # noqa: E402  (the path is set above)


def test_the_go_peer_answers_alike_and_is_measured():
    done, figures = benchmark.trial(TOP / "var-test-services", "go")
    assert figures["missing"] == []
    benchmark.check_service(done, figures, "Go, pipelined")

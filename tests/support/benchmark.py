"""A trial of the benchmark: all of it once, with so little load that its figures mean nothing."""

import json
import os
import pathlib
import socket
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[2]
OPERATIONS = {"session check", "list of questionnaires", "read of a response", "auto-save", "submit"}
NOTHING_OF_MAKE = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
# As an ordinary user has it: nginx is in none of these.
NOTHING_OF_MAKE["PATH"] = ":".join(part for part in os.environ["PATH"].split(":") if not part.rstrip("/").endswith("sbin"))
PATIENCE_SECONDS = 600


def two_free_ports():
    """The first of two that follow each other: a peer's site has the second."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            try:
                other.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def trial(var, peers, environment=None):
    """The run's end, what it printed and what it left in bench.json."""
    done = subprocess.run([TOP / "bench/run", "--try", "--peers", peers, "--var", var, "--port", str(two_free_ports())], cwd=TOP,
                          env=environment or NOTHING_OF_MAKE, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done, json.loads((var / "bench.json").read_text(encoding="utf-8"))


def check_service(done, figures, name):
    """The service answered alike, before it was measured in turn with us, over all operations."""
    assert f"{name}: whether it answers, stores and writes down the same" in done.stderr
    assert {one["operation"] for one in figures["beside"] if one["service"] == name} == OPERATIONS
    for one in figures["beside"]:
        assert len(one["pairs"]) == figures["options"]["rounds"]
        assert all(found["requests"] > 0 and found["processor"] > 0 for pair in one["pairs"] for found in pair.values())
    assert figures["memory"][name] > 0 and figures["memory"]["Anamnesis"] > 0

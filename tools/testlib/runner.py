"""Running things and counting what they say."""
import os
import re
import socket
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from contextlib import contextmanager
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
RESULTS = TOP / "build" / "test"
CLOSING = re.compile(r"^\w[\w ]*: (\d+) passed, (\d+) failed$", re.MULTILINE)

# Tests that come from IPv6 networks say so through this one (tests/support/client.py).
PROXY = {"ANAMNESIS_TRUSTED_PROXIES": "127.0.0.9"}
# All load of the tests comes from one machine; the limits have a suite of their own.
NO_LIMITS = PROXY | {"ANAMNESIS_RATE": "1000000", "ANAMNESIS_RATE_BURST": "1000000", "ANAMNESIS_AUTH_RATE": "1000000",
                     "ANAMNESIS_AUTH_RATE_BURST": "1000000", "ANAMNESIS_PART_RATE": "1000000", "ANAMNESIS_PART_RATE_BURST": "1000000",
                     "ANAMNESIS_PARTS_AT_ONCE": "10000", "ANAMNESIS_CONNECTIONS": "10000", "ANAMNESIS_AUTH_AT_ONCE": "10000",
                     "ANAMNESIS_PRACTICE_SHARE": "100"}
SANITIZER_REPORT = re.compile(r"ERROR: \w+Sanitizer|runtime error:|WARNING: \w+Sanitizer")


class Failed(Exception):
    """A suite that could not be run to its end."""


def show(text):
    print(text, flush=True)


def run(*words, environment=None, quiet=False):
    """Shows what it prints, and gives (status, output). Quiet: shows it only when it fails."""
    done = subprocess.Popen([str(word) for word in words], cwd=TOP, env=os.environ | (environment or {}), text=True,
                            errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    lines = []
    for line in done.stdout:
        lines.append(line)
        if not quiet:
            sys.stdout.write(line)
            sys.stdout.flush()
    status = done.wait()
    if quiet and status != 0:
        sys.stdout.write("".join(lines))
    return status, "".join(lines)


def must(*words, environment=None):
    status, _ = run(*words, environment=environment, quiet=True)
    if status != 0:
        raise Failed(f"{' '.join(str(word) for word in words)} failed")


def counted(*words, environment=None):
    """(passed, failed) by the program's closing line `NAME: N passed, N failed`."""
    status, output = run(*words, environment=environment)
    found = CLOSING.findall(output)
    if not found:
        raise Failed(f"{words[0]} ended with status {status} and without a closing line")
    passed, failed = map(int, found[-1])
    return passed, failed if failed or status == 0 else 1


def pytest(name, *paths, environment=None, at_once=1):
    """(passed, failed) of a pytest run."""
    report = RESULTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    RESULTS.mkdir(parents=True, exist_ok=True)
    several = ["-n", str(at_once), "--dist", "loadfile"] if at_once > 1 else ["-p", "no:xdist"]
    status, _ = run("/usr/bin/python3", "-B", "-m", "pytest", "-q", "-ra", "--tb=short", "-p", "no:cacheprovider",
                    *several, f"--junitxml={report}", *paths, environment=environment)
    if not report.exists():
        raise Failed(f"pytest ended with status {status}")
    total = failed = skipped = 0
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        total += int(suite.get("tests"))
        failed += int(suite.get("failures")) + int(suite.get("errors"))
        skipped += int(suite.get("skipped"))
    # Some pytest troubles (a conftest that does not load) are not in the report.
    if status not in (0, 1) and failed == 0:
        failed = 1
    return max(total - failed - skipped, 0), failed


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(var, environment=None):
    """Starts an instance with what the tests need."""
    port = free_port()
    # Where the Lambda program leads clients to; workers do not.
    settings = {"ANAMNESIS_CONTRACT_LOG": str(var / "log/contract.log"), "ANAMNESIS_FILES_URL": f"https://localhost:{port}/files/t",
                **(NO_LIMITS if environment is None else environment)}
    must("tools/instance", "--var", var, "--port", port, "start", environment=settings)


@contextmanager
def instance(name, environment=None):
    """An instance made anew for a suite: gives the path of its demo.json. Its directory stays for a look after."""
    var = TOP / f"var-test-{name}"
    must("tools/instance", "--var", var, "remove")
    began = time.monotonic()
    start(var, environment)
    show(f"  instance {var.name}: {time.monotonic() - began:.1f} s")
    try:
        yield var / "demo.json"
    finally:
        must("tools/instance", "--var", var, "stop")
        complain_of_reports(var)


def complain_of_reports(var):
    """What the sanitizers wrote to the logs fails the suite, whatever the tests saw."""
    for log in sorted((var / "log").glob("*.log")):
        text = log.read_text(encoding="utf-8", errors="replace")
        found = SANITIZER_REPORT.search(text)
        if found:
            show(text[found.start():found.start() + 6000])
            raise Failed(f"a sanitizer's report in {log}")

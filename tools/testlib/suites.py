"""The suites, in the order in which they run. Each gives (passed, failed)."""
import argparse
import os
import re
import time
from pathlib import Path

import yaml

from . import cover
from .runner import NO_LIMITS, PROXY, TOP, Failed, counted, instance, must, pytest, run, show, start

AT_ONCE = max(4, os.cpu_count() or 1)
ASAN = TOP / "build/asan"
SANITIZED = ("BUILD=build/asan", "SANITIZE=1", "COUNT=1")  # as `make asan` builds them
# What valgrind reports is a failure; memory that libraries keep until the end is not a leak.
VALGRIND = "valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,possible"
NOT_SUITES = {"golden", "support", "unit", "e2e", "peers"}
LIMITED = PROXY | {"ANAMNESIS_RATE": "20", "ANAMNESIS_RATE_BURST": "20", "ANAMNESIS_AUTH_RATE": "1",
                   "ANAMNESIS_AUTH_RATE_BURST": "5", "ANAMNESIS_CONNECTIONS": "16", "ANAMNESIS_AUTH_AT_ONCE": "4",
                   "ANAMNESIS_ALLOWED_ORIGINS": "https://portal.example https://desk.example:8443"}


def build():
    """Programs, pages and tests."""
    must("make", "--no-print-directory", "build", "unit-programs")
    return 1, 0


def style():
    """What the compiler does not check."""
    status, output = run("make", "--no-print-directory", "style")
    if status == 0:
        return 1, 0
    found = re.findall(r"^style: .* (\d+) findings$", output, re.MULTILINE)
    return 0, int(found[-1]) if found else 1


def unit():
    """tests/unit, as built for use."""
    return counted("make", "--no-print-directory", "unit")


def asan():
    """tests/unit with the address and undefined-behaviour sanitizers."""
    must("make", "--no-print-directory", *SANITIZED, "unit-programs")
    cover.begin(ASAN)
    return counted("make", "--no-print-directory", "asan")


def valgrind():
    """tests/unit under valgrind."""
    programs = sorted(path for path in (TOP / "build/tests/unit").glob("test_*") if path.suffix == "")
    return counted("tools/run-unit", "--wrap", VALGRIND, *programs)


def fuzz():
    """tests/fuzz under libFuzzer with the sanitizers; ANAMNESIS_FUZZ_SECONDS (30) for each program."""
    must("make", "--no-print-directory", "BUILD=build/fuzz", "CC=clang", "SANITIZE=1", "FUZZ=1", "fuzz-programs")
    programs = sorted((TOP / "tests/fuzz").glob("fuzz_*.c"))
    return counted("tools/run-fuzz", *(TOP / "build/fuzz/tests/fuzz" / program.stem for program in programs))


def tools():
    """The build's own tools, and other tests that need no instance."""
    not_here = {"api", "fault", "edge", "bench"}  # each needs an instance, or the machine
    paths = [path for path in sorted((TOP / "tests").iterdir())
             if path.is_dir() and path.name not in NOT_SUITES | not_here and list(path.rglob("test_*.py"))]
    paths.append(TOP / "tests/peers/engines")
    return pytest("tools", *paths, at_once=AT_ONCE)


def api():
    """Every operation, through nginx and TLS."""
    with instance("api") as demo:
        return pytest("api", "tests/api", environment={"ANAMNESIS_DEMO": str(demo)}, at_once=AT_ONCE)


def api_asan():
    """The same against workers that were built with the sanitizers."""
    must("make", "--no-print-directory", *SANITIZED, "programs", "unit-programs")
    cover.take_counts(ASAN)
    built = {"ANAMNESIS_BUILD": str(ASAN)}
    slow = {"ANAMNESIS_REQUEST_SECONDS": "60", "ASAN_OPTIONS": "abort_on_error=0:detect_leaks=1"}
    os.environ.update(built)
    try:
        with instance("asan", NO_LIMITS | built | slow) as demo:
            return pytest("api-asan", "tests/api", environment={"ANAMNESIS_DEMO": str(demo)}, at_once=AT_ONCE)
    finally:
        del os.environ["ANAMNESIS_BUILD"]


def coverage():
    """Which lines the unit tests and the API tests reach, room by room; a page in build/coverage/html."""
    return cover.measure()


def edge():
    """What nginx itself answers, and its limits."""
    with instance("edge", LIMITED) as demo:
        return pytest("edge", "tests/edge", environment={"ANAMNESIS_EDGE_DEMO": str(demo)})


def fault():
    """Workers killed, the database stopped, programs replaced: under load."""
    with instance("fault") as demo:
        return pytest("fault", "tests/fault", environment={"ANAMNESIS_FAULT_DEMO": str(demo)})


def bench():
    """The benchmark with few patients: every operation is answered, every figure comes out."""
    return pytest("bench", "tests/bench")


def browser():
    """The page at /docs, and LHC-Forms filled in, in a real browser."""
    directory = TOP / "tests/e2e"
    must("tools/npm-packages", directory)
    with instance("browser") as demo:
        return counted("node", "tests/e2e/run.mjs", environment={"ANAMNESIS_DEMO": str(demo)})


def contract():
    """Every operation with every status that it declares was produced by some test (problems.tsv: by the workers)."""
    produced = set()
    for note in TOP.glob("var-test-*/log/contract.log"):
        produced |= {tuple(line.split()) for line in note.read_text(encoding="utf-8").splitlines()}
    document = yaml.safe_load((TOP / "openapi.yaml").read_text(encoding="utf-8"))
    passed, missing = 0, []
    for methods in document["paths"].values():
        for operation in methods.values():
            if not isinstance(operation, dict) or operation.get("x-served-by") == "nginx":
                continue
            for status in operation["responses"]:
                if (operation["operationId"], str(status)) in produced:
                    passed += 1
                else:
                    missing.append(f"{operation['operationId']} {status}")
    if missing:
        show("declared, but produced by no test:\n  " + "\n  ".join(missing))
    return passed, len(missing)


def cover_line():
    """Lines of lib/ and handlers/ that the two suites with the sanitizers have reached."""
    cover.say(ASAN)
    return 1, 0


def peers():
    """Against other programs that do the same."""
    with instance("peers") as demo:
        return pytest("peers", "tests/peers/clients", environment={"ANAMNESIS_DEMO": str(demo)}, at_once=AT_ONCE)


def services():
    """The benchmark beside its peer in Go."""
    return pytest("services", "tests/peers/services")


def cloud():
    """Signatures beside botocore's, and the client of S3 against versitygw and moto."""
    return pytest("cloud", "tests/peers/cloud", at_once=AT_ONCE)


SUITES = {"build": build, "style": style, "unit": unit, "asan": asan, "valgrind": valgrind, "fuzz": fuzz, "tools": tools,
          "api": api, "api-asan": api_asan, "coverage": coverage, "edge": edge, "fault": fault, "bench": bench, "browser": browser, "contract": contract,
          "cover": cover_line}
PEERS = {"build": build, "peers": peers, "services": services, "cloud": cloud}
BY_NAME = {"coverage"}  # as long as `unit` and `api` again: only when it is asked for


def start_for_single_tests(var):
    try:
        start(var)
    except Failed as fault:
        show(str(fault))
        return 1
    show(f"ANAMNESIS_DEMO={var}/demo.json /usr/bin/python3 -m pytest -p no:cacheprovider tests/api/test_...py -k ...\n"
         f"make stop VAR={var}")
    return 0


def main():
    parser = argparse.ArgumentParser(description="builds and runs every suite")
    parser.add_argument("--peers", action="store_true", help="the comparisons with other programs instead")
    parser.add_argument("--list", action="store_true", help="the suites' names")
    parser.add_argument("--start", metavar="VAR", nargs="?", const="var-test", help="start an instance in VAR (var-test), for single tests")
    parser.add_argument("suites", nargs="*", metavar="SUITE", help="only these")
    options = parser.parse_args()
    known = PEERS if options.peers else SUITES
    if options.list:
        for name, suite in known.items():
            print(f"{name:10} {suite.__doc__}")
        return 0
    if options.start:
        return start_for_single_tests(Path(options.start))
    unknown = set(options.suites) - set(known)
    if unknown:
        parser.error(f"there is no suite {', '.join(sorted(unknown))}; --list shows them")
    counts = {}
    for name, suite in known.items():
        if name not in (options.suites or known.keys() - BY_NAME):
            continue
        show(f"\n== {name}: {suite.__doc__}")
        began = time.monotonic()
        try:
            passed, failed = suite()
        except Failed as fault:
            show(f"  {fault}")
            passed, failed = 0, 1
        counts[name] = passed, failed, time.monotonic() - began
        show(f"-- {name}: {passed} passed, {failed} failed ({counts[name][2]:.0f} s)")
        if name == "build" and failed:
            break
    return report(counts)


def report(counts):
    show("")
    for name, (passed, failed, seconds) in counts.items():
        show(f"  {name:10} {passed:6} passed  {failed:4} failed  {seconds:5.0f} s")
    passed = sum(count[0] for count in counts.values())
    failed = sum(count[1] for count in counts.values())
    show(f"total: {passed} passed, {failed} failed")
    return 1 if failed else 0

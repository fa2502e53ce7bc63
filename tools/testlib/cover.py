"""Line cover: programs that count (make COUNT=1), the unit tests and the API tests against them, lcov's page and a table."""
import collections
import os

from .runner import TOP, Failed, counted, instance, must, pytest, show

BUILD = TOP / "build" / "coverage"
ROOMS = ("lib/", "app/", "handlers/", "fcgi/", "lambda/", "jobs/", "cli/")  # the rest is made or is a test
AT_ONCE = max(4, os.cpu_count() or 1)


def counts():
    return list(BUILD.rglob("*.gcda"))


def prepare():
    """An empty file for each object's counts, which every account of an instance may add its own to."""
    must("make", "--no-print-directory", f"BUILD={BUILD.relative_to(TOP)}", "COUNT=1", "programs", "unit-programs")
    for old in counts():
        old.unlink()
    for notes in BUILD.rglob("*.gcno"):
        notes.with_suffix(".gcda").touch()
        notes.with_suffix(".gcda").chmod(0o666)


def run_tests():
    programs = sorted(path for path in (BUILD / "tests/unit").glob("test_*") if path.suffix == "")
    unit = counted("tools/run-unit", *programs)
    built = {"ANAMNESIS_BUILD": str(BUILD)}
    os.environ.update(built)
    try:
        with instance("coverage") as demo:
            api = pytest("coverage", "tests/api", environment={"ANAMNESIS_DEMO": str(demo)}, at_once=AT_ONCE)
    finally:
        del os.environ["ANAMNESIS_BUILD"]
    return unit[0] + api[0], unit[1] + api[1]


def lines_of(tracefile):
    """{file: (lines that were reached, lines)} of what lcov has written (man geninfo, "TRACEFILE FORMAT")."""
    found, name, reached = {}, None, []
    for line in tracefile.read_text(encoding="utf-8").splitlines():
        kind, _, rest = line.partition(":")
        if kind == "SF":
            name, reached = os.path.relpath(rest, TOP), []
        elif kind == "DA":
            reached.append(rest.split(",")[1] != "0")
        elif line == "end_of_record":
            found[name] = sum(reached), len(reached)
    return found


def table(lines):
    """Each room, and lib/ and handlers/ as a whole."""
    sums = collections.defaultdict(lambda: [0, 0])
    for path, (reached, whole) in lines.items():
        places = path.split("/")[:-1]
        for place in {places[0] + "/", "/".join(places[:2]) + "/"}:
            sums[place][0] += reached
            sums[place][1] += whole
    return [f"  {place:26} {100 * reached / max(whole, 1):5.1f} %   {reached:6} of {whole:6} lines"
            for place, (reached, whole) in sorted(sums.items())]


def measure():
    prepare()
    passed, failed = run_tests()
    for file in counts():
        if file.stat().st_size == 0:
            file.unlink()  # nothing of it was ever run
    every, ours, page = BUILD / "all.info", BUILD / "ours.info", BUILD / "html"
    quiet = ("--quiet", "--rc", "lcov_branch_coverage=0")
    must("lcov", *quiet, "--capture", "--initial", "--directory", BUILD, "--output-file", BUILD / "none.info")
    must("lcov", *quiet, "--capture", "--directory", BUILD, "--output-file", BUILD / "some.info")
    must("lcov", *quiet, "--add-tracefile", BUILD / "none.info", "--add-tracefile", BUILD / "some.info", "--output-file", every)
    must("lcov", *quiet, "--extract", every, *(f"{TOP}/{room}*" for room in ROOMS), "--output-file", ours)
    must("genhtml", "--quiet", "--prefix", TOP, "--output-directory", page, ours)
    lines = lines_of(ours)
    if not any(path.startswith("handlers/") and reached for path, (reached, _) in lines.items()):
        raise Failed("the workers wrote no counts: can their account write below this directory?")
    show("\n".join(["lines that were reached:", *table(lines), f"page: {page.relative_to(TOP)}/index.html"]))
    return passed, failed

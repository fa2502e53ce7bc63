"""Line cover by programs that count (make COUNT=1). `make coverage` runs the unit tests and the API tests against such ones, for a
table and lcov's page; programs with the sanitizers count, too, so that each whole run says one line of it for nothing.
"""
import collections
import concurrent.futures
import json
import os
import subprocess

from .runner import TOP, Failed, counted, instance, must, pytest, show

BUILD = TOP / "build" / "coverage"
ROOMS = ("lib/", "app/", "handlers/", "fcgi/", "lambda/", "jobs/", "cli/")  # the rest is made or is a test
WITHOUT_WORKERS = "the workers wrote no counts: can their account write below this directory?"
AT_ONCE = max(4, os.cpu_count() or 1)


def counts(build):
    return list(build.rglob("*.gcda"))


def take_counts(build):
    """An empty file for each object's counts that has none, which every account of an instance may add its own to."""
    for notes in build.rglob("*.gcno"):
        notes.with_suffix(".gcda").touch()
        notes.with_suffix(".gcda").chmod(0o666)


def begin(build):
    """From nothing."""
    for old in counts(build):
        old.unlink()
    take_counts(build)


def forget_empty(build):
    for file in counts(build):
        if file.stat().st_size == 0:
            file.unlink()  # nothing of it was ever run


def prepare():
    must("make", "--no-print-directory", f"BUILD={BUILD.relative_to(TOP)}", "COUNT=1", "programs", "unit-programs")
    begin(BUILD)


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


def lines_of_object(notes):
    """{(file, line): whether it was reached} of one object, by gcov (man gcov, --json-format)."""
    counts_of = notes.with_suffix(".gcda")
    said = subprocess.run(["gcov", "--json-format", "--stdout", counts_of if counts_of.exists() else notes], cwd=TOP,
                          capture_output=True, text=True, check=True).stdout
    reached = {}
    for file in (file for document in said.splitlines() for file in json.loads(document)["files"]):
        for line in file["lines"]:
            place = file["file"], line["line_number"]
            reached[place] = reached.get(place, False) or line["count"] > 0
    return reached


def lines_of(build):
    """{file: (lines that were reached, lines)} of our rooms. A line of a header, or of two programs, was reached by one of them."""
    forget_empty(build)
    reached, sums = {}, collections.defaultdict(lambda: [0, 0])
    objects = [notes for room in ROOMS for notes in (build / "obj" / room).rglob("*.gcno")
               if (TOP / notes.relative_to(build / "obj")).with_suffix(".c").exists()]  # the build may be older than a name
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for lines in pool.map(lines_of_object, objects):
            for line, was in lines.items():
                reached[line] = reached.get(line, False) or was
    for (path, _), was in reached.items():
        if path.startswith(ROOMS):
            sums[path][0] += was
            sums[path][1] += 1
    return sums


def none_by_workers(lines):
    return lines["fcgi/worker.c"][0] == 0


def say(build):
    """One line: how many lines of lib/ and of handlers/ were reached. Fails when the workers wrote no counts."""
    lines = lines_of(build)
    if none_by_workers(lines):
        raise Failed(WITHOUT_WORKERS)
    sums = by_room(lines)
    shares = (f"{room} {share(*sums[room]).strip()} ({sums[room][0]} of {sums[room][1]})" for room in ("lib/", "handlers/"))
    show(f"lines that were reached: {', '.join(shares)}")


def by_room(lines):
    """{room: (lines that were reached, lines)}: each room, and lib/ and handlers/ as a whole."""
    sums = collections.defaultdict(lambda: [0, 0])
    for path, (reached, whole) in lines.items():
        places = path.split("/")[:-1]
        for place in {places[0] + "/", "/".join(places[:2]) + "/"}:
            sums[place][0] += reached
            sums[place][1] += whole
    return sums


def share(reached, whole):
    return f"{100 * reached / max(whole, 1):5.1f} %"


def table(lines):
    return [f"  {place:26} {share(reached, whole)}   {reached:6} of {whole:6} lines"
            for place, (reached, whole) in sorted(by_room(lines).items())]


def measure():
    prepare()
    passed, failed = run_tests()
    forget_empty(BUILD)
    every, ours, page = BUILD / "all.info", BUILD / "ours.info", BUILD / "html"
    quiet = ("--quiet", "--rc", "lcov_branch_coverage=0")
    must("lcov", *quiet, "--capture", "--initial", "--directory", BUILD, "--output-file", BUILD / "none.info")
    must("lcov", *quiet, "--capture", "--directory", BUILD, "--output-file", BUILD / "some.info")
    must("lcov", *quiet, "--add-tracefile", BUILD / "none.info", "--add-tracefile", BUILD / "some.info", "--output-file", every)
    must("lcov", *quiet, "--extract", every, *(f"{TOP}/{room}*" for room in ROOMS), "--output-file", ours)
    must("genhtml", "--quiet", "--prefix", TOP, "--output-directory", page, ours)
    lines = lines_of(BUILD)
    if none_by_workers(lines):
        raise Failed(WITHOUT_WORKERS)
    show("\n".join(["lines that were reached:", *table(lines), f"page: {page.relative_to(TOP)}/index.html"]))
    return passed, failed

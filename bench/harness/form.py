"""The questionnaire engine alone: microseconds and instructions of one validation and one auto-save, beside Node programs."""

import json
import pathlib
import re
import shutil
import subprocess

from harness import forms, peers, table
from harness.instance import TOP

DIRECTORY = TOP / "build" / "bench" / "form"
LARGE_ITEMS = 500
COUNTED_ROUNDS = 10
OPERATIONS = {"compile": "compile, JSON read", "check": "validation", "read-check": "validation, JSON read",
              "save": "auto-save", "read-save-write": "auto-save, JSON read and written"}
PROGRAMS = TOP / "tests" / "peers" / "engines"  # where the Node programs are that the tests compare with, too
SOURCES = [PROGRAMS / name for name in ("package.json", "package-lock.json", "tarballs.json", ".npmrc", "lforms.mjs")]
HEAD = ["form", "operation", "us", "instructions", "LHC-Forms us", "ratio", "npm fhir us", "ratio"]
# What a program on Node does for the same end: it knows no auto-save, so it validates the whole response again.
BESIDE = {"check": "", "read-check": "-read", "save": "", "read-save-write": "-read"}


class Case:
    """A form, a response to it, and one auto-save."""

    def __init__(self, name, definition, response, path, answers):
        self.name, self.path, self.answers = name, path, json.dumps(answers)
        stem = re.sub(r"\W+", "-", name.lower())
        self.definition, self.response = DIRECTORY / f"{stem}.definition.json", DIRECTORY / f"{stem}.response.json"
        for file, document in ((self.definition, definition), (self.response, response)):
            file.write_text(json.dumps(document, separators=(",", ":")), encoding="utf-8")

    def arguments(self, operation, rounds):
        return [str(TOP / "build/bench/form/validate"), operation, str(rounds), str(self.definition), str(self.response),
                self.path, self.answers]


def cases():
    phq = json.loads((TOP / "forms/phq-9.json").read_text(encoding="utf-8"))
    response = forms.answers_to(phq)
    last = response["item"][-1]
    definition, answers = forms.large(LARGE_ITEMS)
    middle = answers["item"][len(answers["item"]) // 2]
    question = middle["item"][0]
    return [Case("PHQ-9", phq, response, last["linkId"], last["answer"]),
            Case(f"{LARGE_ITEMS} items", definition, answers, f"{middle['linkId']}/{question['linkId']}", question["answer"])]


def output_of(command, **parts):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **parts)
    if done.returncode != 0:
        raise RuntimeError(f"{pathlib.Path(command[0]).name}: {done.stdout[-500:]}{done.stderr[-1500:]}")
    return done.stdout, done.stderr


def instructions(case, operation):
    """Of one round, by callgrind; None where there is no valgrind."""
    if shutil.which("valgrind") is None:
        return None
    _, said = output_of(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=operate",
                         *case.arguments(operation, COUNTED_ROUNDS)])
    found = re.search(r"Collected : (\d+)", said)
    return int(found.group(1)) // COUNTED_ROUNDS if found else None


def measure_ours(case, short):
    """operation -> (microseconds, instructions); short: a few rounds only, and no instructions"""
    rounds = COUNTED_ROUNDS if short else 0
    return {operation: (float(output_of(case.arguments(operation, rounds))[0]), None if short else instructions(case, operation))
            for operation in OPERATIONS}


def install_peer():
    """Copies the Node programs and fetches what they need; returns (node, directory)."""
    directory = DIRECTORY / "peer"
    directory.mkdir(parents=True, exist_ok=True)
    for source in (*SOURCES, TOP / "bench" / "form" / "validate.mjs"):
        shutil.copy(source, directory / source.name)
    subprocess.run([TOP / "tools" / "npm-packages", directory], check=True)
    return peers.node_20(directory), directory


def measure_beside(case, seconds):
    """The peers' microseconds by name."""
    node, directory = install_peer()
    said, _ = output_of([node, "validate.mjs", str(seconds), str(case.definition), str(case.response)], cwd=directory)
    return json.loads(said)


def rows(case, ours, beside):
    for operation, (spent, counted) in ours.items():
        cells = [case.name, OPERATIONS[operation], f"{spent:.1f}", table.optional(counted, "{:,}")]
        for name in ("lforms", "fhir"):
            other = beside.get(name + BESIDE[operation]) if operation in BESIDE else None
            ratio = other and other / spent
            cells += [table.optional(other, "{:.0f}"), table.optional(ratio, "{:.1f} x" if (ratio or 0) < 10 else "{:.0f} x")]
        yield cells


def run(say, *, seconds, with_peer=True, short=False):
    """Measures all: (the table, the figures)."""
    subprocess.run(["make", "-s", "-f", "Makefile", "-f", "bench/bench.mk", "build/bench/form/validate"], cwd=TOP, check=True)
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    lines, figures = [], []
    for case in cases():
        say(f"the engine on {case.name}")
        ours = measure_ours(case, short)
        beside = measure_beside(case, seconds) if with_peer else {}
        lines += rows(case, ours, beside)
        figures.append({"form": case.name, "beside": beside, "ours": {
            name: {"microseconds": spent, "instructions": counted} for name, (spent, counted) in ours.items()}})
    return table.table(HEAD, lines), figures

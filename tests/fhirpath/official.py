"""The official FHIRPath tests for R4, run through fhirpath_run: what passes, and why the others do not.

usage: official.py [NAME...]     prints those that do not pass, or shows the named ones
"""
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import namedtuple
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VECTORS = Path(os.environ.get("ANAMNESIS_VECTORS", ROOT.parent / "shared" / "vectors")) / "fhirpath"
PROGRAM = Path(os.environ.get("ANAMNESIS_BUILD", ROOT / "build")) / "tests/programs/fhirpath_run"

Case = namedtuple("Case", "name expression input invalid mode predicate outputs ordered")

# The suite names XML files; the vectors have those around questionnaires as JSON.
FILES = {f"{name}-example.xml": f"{name}-example.json" for name in ("patient", "observation", "questionnaire", "codesystem")}


def cases():
    """Every test; those of one name in several places get a number."""
    seen = {}
    for test in ElementTree.parse(VECTORS / "tests-fhir-r4.xml").getroot().iter("test"):
        name = test.get("name")
        seen[name] = seen.get(name, 0) + 1
        expression = test.find("expression")
        outputs = [(output.get("type") or "", output.text or "") for output in test.findall("output")]
        yield Case(name if seen[name] == 1 else f"{name}#{seen[name]}", expression.text or "", test.get("inputfile"),
                   expression.get("invalid"), test.get("mode"), test.get("predicate") == "true", outputs,
                   test.get("ordered") != "false")


def evaluate(tasks):
    """What fhirpath_run says to each task, in order."""
    text = "".join(json.dumps(task) + "\n" for task in tasks)
    done = subprocess.run([str(PROGRAM)], input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"fhirpath_run ended with {done.returncode}: {done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def missing_input(case):
    """The file that a test wants and the vectors do not have."""
    return case.input if case.input and case.input not in FILES else None


def task_of(case):
    task = {"expression": case.expression}
    if case.input and not missing_input(case):
        task["resource"] = json.loads((VECTORS / FILES[case.input]).read_text(encoding="utf-8"))
    return task


def same(expected, value):
    kind, text = expected
    got = value["text"] if value["text"] is not None else value.get("json", "")
    text = text[1:].removeprefix("T") if text.startswith("@") else text
    if kind in ("integer", "decimal") or (not kind and value["type"] in ("Integer", "Decimal")):
        return value["type"] in ("Integer", "Decimal", "integer", "decimal") and Decimal(text) == Decimal(got)
    return text == got


def verdict(case, answer):
    """True, or what came instead."""
    if case.invalid:
        return True if "fault" in answer else f"no fault, but {[v['text'] for v in answer['result']]}"
    if "fault" in answer:
        return f"{answer['fault']['code']}: {answer['fault']['text']}"
    values = answer["result"]
    if case.predicate:
        values = [{"type": "Boolean", "text": "true" if values else "false"}]
    got = [f"{value['type']} {value['text']}" for value in values]
    if len(values) != len(case.outputs):
        return f"{got} and not {case.outputs}"
    pairs = zip(sorted(case.outputs, key=lambda o: o[1]), sorted(values, key=lambda v: v["text"])) \
        if not case.ordered else zip(case.outputs, values)
    return True if all(same(expected, value) for expected, value in pairs) else f"{got} and not {case.outputs}"


def run():
    """[(case, verdict)] of all that can be run."""
    known = [case for case in cases() if not missing_input(case)]
    return [(case, verdict(case, answer)) for case, answer in zip(known, evaluate(map(task_of, known)))]


if __name__ == "__main__":
    results = run()
    for one, outcome in results:
        if one.name in sys.argv[1:] or (outcome is not True and not sys.argv[1:]):
            print(f"{one.name}\t{' '.join(one.expression.split())}\t{outcome}")
    passed = sum(outcome is True for _, outcome in results)
    print(f"{passed} of {len(results)} pass; {sum(1 for c in cases() if missing_input(c))} have no input file")

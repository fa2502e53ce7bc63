"""What FHIRPath charges is what it costs. Every function and operator is worked out on inputs of growing size, with
everything that may stand in a bracket, and callgrind counts the instructions: they may grow only as the steps do that are
charged (lib/fhirpath/run.h says what a step stands for, lib/fhirpath/functions.c what each function charges). Instructions
are the same each time: nothing here depends on a clock."""
import itertools
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("ANAMNESIS_BUILD", TOP / "build")) / "tests" / "programs" / "fhirpath_price"
SIZES = (48, 800)
# Of a step that is charged more; and what an evaluation may take beside its steps, whatever its size.
INSTRUCTIONS_A_STEP = 1000
INSTRUCTIONS_BESIDE = 8000
# What was charged in advance, for the worst that it may be, pays for growing too.
INSTRUCTIONS_PAID = 100

pytestmark = [
    pytest.mark.skipif(not PROGRAM.exists(), reason="make unit-programs builds fhirpath_price"),
    pytest.mark.skipif(shutil.which("valgrind") is None, reason="there is no valgrind"),
]

WEIGHT = {"url": "http://hl7.org/fhir/StructureDefinition/itemWeight", "valueDecimal": 1.5}
OTHER = {"url": "http://example.org/other", "valueDecimal": 1}


def quantity(number, unit):
    return {"value": number, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}


def response(answers):
    return {"resourceType": "QuestionnaireResponse",
            "item": [{"linkId": f"q{i}", "answer": [answer]} for i, answer in enumerate(answers)]}


def world(size):
    """Variables by name: everything in them grows with the size."""
    long = "ab-" * size
    key = "k" * size
    many = range(size)
    return {
        "text": long,
        "same": "a" * size * 3,
        "points": "äß€" * size,
        "sigma": "aΣ'" * size,
        "zeros": "0" * size + "1",
        "moment": "2026-01-01T10:00:00." + "0" * size,
        "measure": "1 '" + "m" * size + "'",
        "longnumber": "LONG" + "1" * min(size, 60),
        "lists": {
            "texts": [f"t{i}" for i in many],
            "twins": [f"{'a' * size}{i}" for i in range(8)],
            "decimals": [i + 0.25 for i in many],
            "truths": [True] * size,
            "typed": [{"resourceType": "Q" * size, "a": 1}] * 8,
        },
        "codings": response({"valueCoding": {"system": "s", "code": f"c{i}", "display": long[:40],
                                             "extension": [OTHER, WEIGHT]}} for i in many),
        "quantities": response({"valueQuantity": quantity(i, "mg" if i % 2 else "kg")} for i in many),
        "odd": response({"valueQuantity": quantity(i, "{" + key + str(i) + "}")} for i in range(4)),
        "moments": response({"valueDateTime": f"2026-01-01T10:00:{i % 60:02}+0{i % 9}:00"} for i in many),
        "wide": {f"m{i}": i for i in many},
        "keyed": {key + str(i): i for i in range(40)},
        "beside": {key: [1, 2, 3, 4] * 8, "_" + key: [{"id": "a"}] * 32},
        "extended": {"extension": [OTHER] * size, "value": 1},
        "deep": {"linkId": "x", "item": [{"linkId": "x" * size, "item": [{"linkId": "z"}] * 4}] * 8},
        "whole": {"resourceType": "Patient", "contained": [{"resourceType": "Patient", "id": key}] * 8,
                  "link": [{"reference": "#" + key}] * 8},
    }


# What functions and operators are tried on. "LONG1..." in the world stands for a number with so many digits.
INPUTS = ["%text", "%same", "%points", "%sigma", "%zeros", "%moment", "%measure", "%longnumber", "%lists.texts", "%lists.twins",
          "%lists.decimals", "%lists.truths", "%codings", "%codings.item.answer.value", "%quantities.item.answer.value",
          "%odd.item.answer.value.first()", "%moments.item.answer.value", "%wide", "%keyed", "%beside.children()", "%extended",
          "%lists.typed", "%deep.item", "%whole.link", "2.25"]
MOST_TELLING = ["%same", "%lists.texts", "%codings.item.answer.value", "%odd.item.answer.value.first()", "2.25"]
ONE = ["'a'", "''", "3", "%text", "%same", "%lists.texts", "$this", "%measure", "%odd.item.answer.value.first()", "'base64'", "'html'"]
TWO = [("'a'", "'bcd'"), ("''", "'b'"), ("'a'", "%text"), ("%same", "'b'"), ("$this", "0"), ("1", "30000"), ("true", "$this")]
OPERATORS = ["+", "-", "*", "/", "div", "mod", "&", "|", "<=", "<", ">", ">=", "=", "!=", "~", "!~", "in", "contains", "and", "or",
             "xor", "implies"]
OTHER_SIDES = ["'a'", "5", "%text", "%lists.texts", "%quantities.item.answer.value.first()"]
PARTS = ["a", "item", "value", "extension", "m31", "k", "linkId", "`" + "k" * 600 + "`", "item.where(linkId = 'x')",
         "where(linkId = '" + "x" * 600 + "')", "ofType(Quantity)", "is(String)", "as(Integer)", "value.weight()"]


def functions():
    said = subprocess.run([str(PROGRAM), "--functions"], capture_output=True, text=True, check=True).stdout
    return [(name, int(least), int(most), price) for name, least, most, price in map(str.split, said.splitlines())]


def expressions():
    """By what they try: (function or operator, expression)."""
    for name, least, most, _ in functions():
        brackets = [()] if least == 0 else []
        brackets += [(one,) for one in ONE] if least <= 1 <= most else []
        brackets += TWO if least <= 2 <= most else []
        brackets += [("true", "$this", "1")] if least == 3 else []
        pairs = [(source, brackets[0]) for source in INPUTS] + list(itertools.product(MOST_TELLING, brackets[1:]))
        for source, arguments in pairs:
            yield name, f"{source}.{name}({', '.join(arguments)})"
    for operator in OPERATORS:
        for left in INPUTS:
            yield operator, f"{left} {operator} {left}"
        for left, right in itertools.product(MOST_TELLING, OTHER_SIDES):
            yield operator, f"{left} {operator} {right}"
    for source, part in itertools.product(INPUTS, PARTS):
        yield part.split("(", maxsplit=1)[0][:20], f"{source}.{part}"
    for source in INPUTS:
        yield "-", f"-{source}"
        yield "[]", f"{source}[2]"


def measured(texts, directory):
    """For each expression, at each size: (steps, fault, instructions)."""
    lines = []
    for size in SIZES:
        variables = json.dumps({"variables": world(size)})
        lines.append(re.sub(r'"LONG(1+)"', r"0.\1", variables))
        lines += [json.dumps({"expression": text}) for text in texts]
    done = subprocess.run(["valgrind", "--tool=callgrind", "--toggle-collect=fhirpath_evaluate", "--dump-line=no",
                           "--compress-strings=yes", f"--callgrind-out-file={directory}/out", str(PROGRAM)],
                          input="\n".join(lines) + "\n", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    said = [json.loads(line) for line in done.stdout.splitlines()]
    found = []
    for number, line in enumerate(said, start=1):
        totals = re.search(r"^totals: (\d+)", (directory / f"out.{number}").read_text(encoding="utf-8"), re.MULTILINE)
        found.append((line["steps"], line["fault"], int(totals.group(1)) if totals else 0))
    return list(zip(*(found[i * len(texts):(i + 1) * len(texts)] for i in range(len(SIZES)))))


@pytest.fixture(scope="module", name="prices")
def fixture_prices(tmp_path_factory):
    tried = list(expressions())
    return list(zip(tried, measured([text for _, text in tried], tmp_path_factory.mktemp("callgrind"))))


def test_every_function_is_worked_out_somewhere(prices):
    """Given the inputs, then each function and operator has one that it takes: what is only refused shows nothing."""
    names = {name for (name, _), _ in prices}
    fine = {name for (name, _), sizes in prices if all(fault is None for _, fault, _ in sizes)}
    assert names - fine == set()


def test_instructions_grow_no_faster_than_steps(prices):
    wrong = []
    for (name, text), sizes in prices:
        for (steps, _, count), (more_steps, fault, more) in zip(sizes, sizes[1:]):
            grown = more - count > INSTRUCTIONS_BESIDE + INSTRUCTIONS_A_STEP * max(0, more_steps - steps)
            if grown and more > INSTRUCTIONS_BESIDE + INSTRUCTIONS_PAID * more_steps:
                wrong.append(f"{name}: {text[:100]}: {more_steps - steps} steps and {more - count} instructions more ({fault})")
    assert wrong == []


def test_no_step_is_dear(prices):
    wrong = [f"{name}: {text[:100]}: {steps} steps, {count} instructions" for (name, text), sizes in prices
             for steps, _, count in sizes if count > INSTRUCTIONS_BESIDE + INSTRUCTIONS_A_STEP * steps]
    assert wrong == []

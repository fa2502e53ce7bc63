"""lib/fhirpath/model_table.inc has R4's types and elements as npm fhirpath has them, which were made of HL7's definitions."""

import json
import re
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
TOP = HERE.parents[1]
TEXT = (TOP / "lib/fhirpath/model_table.inc").read_text(encoding="utf-8")
TYPE = re.compile(r'\[(MODEL_\w+)\] =\s*\{"([\w.]+)",\s*(MODEL_\w+),\s*\w+,\s*(?:elements_of_(\w+)|NULL)')
ELEMENTS = re.compile(r"elements_of_(\w+)\[\] = \{(.*?)\};", re.DOTALL)
# What medicinal products are described with; and parts of resources that no expression over questionnaires comes to.
NO_TYPES = {"MarketingStatus", "Population", "ProdCharacteristic", "ProductShelfLife", "SubstanceAmount"}
NO_ELEMENTS = {"Bundle.entry.request", "Bundle.entry.response", "Bundle.entry.search", "Practitioner.qualification", "Timing.repeat"}
# HL7's files give the type of the text, and say `uri` beside it (structuredefinition-fhir-type).
RATHER = {"Extension.url": "uri"}
OF_ALL = {"id", "extension", "modifierExtension"}  # each type's, in the table with the type that they come from


@pytest.fixture(scope="module")
def published():
    """name -> the content of a file of npm fhirpath's model of R4."""
    subprocess.run([TOP / "tools/npm-packages", HERE], check=True)
    directory = HERE / "node_modules/fhirpath/fhir-context/r4"
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in directory.glob("*.json")}


@pytest.fixture(scope="module")
def ours():
    """type's name -> (what it derives from, {element: its type's name, or None for a choice})"""
    elements = {name: dict(re.findall(r'\{"(\w+)",\s*(MODEL_\w+)\}', body)) for name, body in ELEMENTS.findall(TEXT)}
    names = {number: name for number, name, _, _ in TYPE.findall(TEXT)}
    return {name: (names.get(base), {element: names.get(kind) for element, kind in elements.get(table, {}).items()})
            for _, name, base, table in TYPE.findall(TEXT)}


def test_every_type_derives_from_what_it_does_there(ours, published):
    theirs = {name: base for name, base in published["type2Parent"].items() if not name.startswith("System.")}
    mine = {name: base for name, (base, _) in ours.items() if "." not in name}
    assert len(mine) > 200
    differing = {name: (mine.get(name), theirs.get(name)) for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name)}
    assert differing == dict.fromkeys(NO_TYPES, (None, "BackboneElement"))


def whole(ours, name):
    """The elements of a type, with those that it inherits."""
    found = {}
    while name is not None:
        base, elements = ours[name]
        found, name = elements | found, base
    return found


def type_of(published, path):
    """The type's name that the table should have; None for a choice."""
    if path in RATHER:
        return RATHER[path]
    path = published["pathsDefinedElsewhere"].get(path, path)
    if path in published["choiceTypePaths"]:
        return None
    found = published["path2Type"][path]
    code = found["code"] if isinstance(found, dict) else found
    return path if code in ("BackboneElement", "Element") and path.count(".") else code


def test_every_element_of_a_type_is_there_with_its_type(ours, published):
    paths = published["path2Type"].keys() | published["choiceTypePaths"].keys() | published["pathsDefinedElsewhere"].keys()
    spelled = {path + kind for path, kinds in published["choiceTypePaths"].items() for kind in kinds}  # valueString is value
    spelled |= {path + kind[0].upper() + kind[1:] for path, kinds in published["choiceTypePaths"].items() for kind in kinds}
    paths -= spelled
    differing = {}
    for name in (name for name, (_, elements) in ours.items() if elements):
        theirs = {path.rpartition(".")[2] for path in paths if path.rpartition(".")[0] == name} - OF_ALL
        mine = whole(ours, name)
        for element in theirs | (mine.keys() - OF_ALL):
            expected = type_of(published, f"{name}.{element}") if element in theirs else "nothing"
            if element not in mine or mine[element] != expected:
                differing[f"{name}.{element}"] = (mine.get(element, "nothing"), expected)
    assert differing.keys() == NO_ELEMENTS, differing

"""The interpreter against the JSON Schema 2020-12 test suite, read in place: every case of every file must come out
as the suite says. Groups that use a keyword the generator refuses are listed by name and reason, here and nowhere else:
a new one fails the test."""
import json
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import schema_check  # noqa: E402
from schema_check import UnknownKeyword  # noqa: E402

VECTORS = Path(os.environ.get("ANAMNESIS_VECTORS", schema_check.ROOT.parent / "shared" / "vectors"))
SUITE = VECTORS / "json-schema-2020-12"
REFUSED = {
    ("additionalProperties.json", "additionalProperties being false does not allow other properties"): "patternProperties",
    ("additionalProperties.json", "non-ASCII pattern with additionalProperties"): "patternProperties",
    ("additionalProperties.json", "additionalProperties with propertyNames"): "propertyNames",
    ("additionalProperties.json", "dependentSchemas with additionalProperties"): "dependentSchemas",
    ("format/email.json", "validation of e-mail addresses"): "email",
    ("properties.json", "properties, patternProperties, additionalProperties interaction"): "patternProperties",
}

pytestmark = [
    pytest.mark.skipif(not SUITE.is_dir(), reason=f"the suite is not at {SUITE}; set ANAMNESIS_VECTORS"),
    pytest.mark.skipif(not schema_check.PROGRAM.exists(), reason="make unit-programs builds schema_check"),
]


def groups():
    return [pytest.param(str(path.relative_to(SUITE)), group, id=f"{path.stem}: {group['description']}")
            for path in sorted(SUITE.rglob("*.json"))
            for group in json.loads(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("file, group", groups())
def test_every_case_is_judged_as_the_suite_says(file, group):
    refused = REFUSED.get((file, group["description"]))
    if refused:
        with pytest.raises(UnknownKeyword, match=refused):
            schema_check.check_all(group["schema"], [])
        pytest.skip(f"the generator refuses `{refused}`")
    verdicts = schema_check.check_all(group["schema"], [case["data"] for case in group["tests"]])
    wrong = [case["description"] for case, verdict in zip(group["tests"], verdicts) if verdict != case["valid"]]
    assert wrong == []


def test_a_schema_and_an_instance_file(tmp_path):
    """Given a schema file, when good, bad and malformed files are checked, then each is told apart."""
    schema, instance = tmp_path / "schema.json", tmp_path / "instance.json"
    schema.write_text('{"type": "object", "required": ["a"], "properties": {"a": {"type": "integer", "maximum": 3}}}')
    for text, code, said in (('{"a": 3}', 0, ""), ('{"a": 4}', 1, "/a: range"), ("{}", 1, "/a: required"),
                             ('{"a": 1, "\\u0061": 1}', 2, "twice")):
        instance.write_text(text)
        done = schema_check.subprocess.run([sys.executable, schema_check.__file__, str(schema), str(instance)],
                                           capture_output=True, text=True, check=False)
        assert (done.returncode, said in done.stdout) == (code, True), done.stdout + done.stderr

"""Every example of the contract fits the schema that it stands beside, as the server's own interpreter sees it."""
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import schema_check  # noqa: E402

sys.path.insert(0, str(schema_check.ROOT / "tools"))
from contract import source  # noqa: E402

DOCUMENT = source.Contract(schema_check.ROOT / "openapi.yaml").document

pytestmark = pytest.mark.skipif(not schema_check.PROGRAM.exists(), reason="make unit-programs builds schema_check")


def examples(value, where="#"):
    """(where, schema, example) of whatever has a schema, and of schemas themselves."""
    if isinstance(value, list):
        for i, one in enumerate(value):
            yield from examples(one, f"{where}/{i}")
    elif isinstance(value, dict):
        schema = value.get("schema", value)
        if "example" in value:
            yield f"{where}/example", schema, value["example"]
        if isinstance(value.get("examples"), dict):
            for name, one in value["examples"].items():
                yield f"{where}/examples/{name}", schema, one["value"]
        for name, one in value.items():
            if name not in ("example", "examples"):
                yield from examples(one, f"{where}/{name.replace('~', '~0').replace('/', '~1')}")


EXAMPLES = list(examples(DOCUMENT))


def misfits(schema, example, tmp_path):
    """What is wrong with it, one line a violation."""
    (tmp_path / "example.json").write_text(json.dumps(example), encoding="utf-8")
    tables = schema_check.compiled(schema, lambda node: {"node": node}, DOCUMENT)
    done = schema_check.run(tables, tmp_path / "example.json")
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def test_there_are_some():
    assert len(EXAMPLES) > 10


@pytest.mark.parametrize("schema, example", [one[1:] for one in EXAMPLES], ids=[one[0] for one in EXAMPLES])
def test_it_fits(schema, example, tmp_path):
    assert misfits(schema, example, tmp_path) == ""


def test_one_that_does_not_fit_is_found(tmp_path):
    schema, example = next(one[1:] for one in EXAMPLES if one[0].startswith("#/paths/~1admin~1patients/post/requestBody"))
    assert misfits(schema, example | {"birth_date": "1985"}, tmp_path).startswith("/birth_date")

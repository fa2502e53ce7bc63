"""The codes of docs/questionnaires.md are the engine's: none is missing, none is invented."""

import re
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
PAGE = (TOP / "docs" / "questionnaires.md").read_text(encoding="utf-8")
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in sorted((TOP / "lib" / "form").rglob("*.c")))
# A code stands before the sentence that goes with it.
CODES = set(re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)*)",\s*"[A-Z]', SOURCES))
DOCUMENTED = set(re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+)*)`", PAGE))


def test_the_page_names_every_code():
    by_range = {f"que-{number}" for number in range(14)}
    assert len(CODES) > 60
    assert not CODES - DOCUMENTED - by_range


def test_the_codes_of_the_page_exist():
    tables = PAGE[PAGE.index("## Codes"):PAGE.index("## Import and export")]
    rows = [line for line in tables.splitlines() if line.startswith("| `")]
    for code in re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`", "\n".join(row.split("|")[1] for row in rows)):
        assert f'"{code}"' in SOURCES, code

"""docs/operations.md lists the configuration as the program itself does."""

import pathlib
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[2]


def test_the_configuration_table_is_the_programs_own():
    page = (TOP / "docs" / "operations.md").read_text(encoding="utf-8")
    table = page.split("<!-- config: begin -->\n", 1)[1].split("<!-- config: end -->", 1)[0]
    own = subprocess.run([TOP / "build" / "anamnesis", "config"], capture_output=True, text=True, check=True).stdout
    assert table == own, "run build/anamnesis config and put its output between the markers"

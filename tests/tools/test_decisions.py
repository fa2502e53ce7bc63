"""docs/architecture.md: each decision of its table has a page in docs/adr, and each page is in the table."""

import pathlib
import re

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"


def test_each_decision_has_its_page_and_each_page_its_decision():
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    rows = page.partition("| decision | instead of | because |\n| --- | --- | --- |\n")[2].partition("\n\n")[0].splitlines()
    linked = [re.findall(r"\]\((adr/[^)]+)\)", row) for row in rows]
    assert all(len(links) == 1 for links in linked)
    assert [links[0] for links in linked] == sorted(f"adr/{path.name}" for path in (DOCS / "adr").glob("*.md"))


def test_a_page_says_what_instead_of_what_and_why():
    for path in (DOCS / "adr").glob("*.md"):
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(path.name[:4])}. ") and "\n**Instead of:** " in text and "\n**Because** " in text
        for link in re.findall(r"\]\(([^)#]+)", text):
            assert (path.parent / link).exists(), f"{path.name}: {link}"

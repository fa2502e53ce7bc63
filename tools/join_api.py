#!/usr/bin/python3
"""Joins the contract's files, api/*.yaml, into openapi.yaml, which the generators, review and outside tools read.

api/info.yaml is the head: what the members mean, `info`, `servers` and `tags`. Each tag is a subject, and has a file of its name
(`Staff sign-in`: staff-sign-in.yaml) with its `paths` and `components`. A file of another name has `components` alone, for several
subjects. What is joined stands in the order of the tags, then of the other files' names; texts are taken as they are, with their
comments. A reference is to the joined document: '#/components/schemas/Patient', wherever that stands.

Writes openapi.yaml when it differs. --check writes nothing, and exits 1 when it is not what api/ says. Exits 1 too, saying
everything that is wrong, when the files cannot be joined.

usage: tools/join_api.py [--api DIR] [--openapi FILE] [--check]
"""
import argparse
import re
import sys
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent))
from contract.source import METHODS, ContractError, Yaml12Loader  # noqa: E402

HEAD = "info.yaml"
SECTIONS = ("paths", "components")
KINDS = ("securitySchemes", "parameters", "headers", "responses", "schemas")  # in the order in which they are joined
WIDTH = 110  # of the line that separates subjects
MADE = """# Made by tools/join_api.py from api/*.yaml, one file a subject: edit there, not here. `make build` writes it anew.
"""


def file_of(tag):
    return re.sub(r"[^a-z0-9]+", "-", tag.lower()).strip("-") + ".yaml"


def split(lines, indent):
    """{key: lines} of the members that stand at this indent, without blank lines at their ends; what is before the first is ''."""
    parts, at = {"": []}, ""
    for line in lines:
        found = re.match(rf" {{{indent}}}([A-Za-z]+):$", line)
        if found:
            at = found[1]
            parts[at] = []
        else:
            parts[at].append(line)
    return {key: "\n".join(part).strip("\n") for key, part in parts.items()}


class Part:
    """A file: its text by section, and what is wrong with it."""

    def __init__(self, path):
        self.path, self.errors = path, []
        text = path.read_text(encoding="utf-8")
        try:
            self.document = yaml.load(text, Loader=Yaml12Loader) or {}
        except (yaml.YAMLError, ContractError) as error:
            raise ContractError(f"{path}: {error}") from error
        self.paths, self.components = self.document.get("paths", {}), self.document.get("components", {})
        sections = split(text.splitlines(), 0)
        self.texts = {"paths": sections.get("paths", ""),
                      **split(sections.get("components", "").split("\n"), 2)}

    def check(self, tag):
        for name in self.document:
            if name not in SECTIONS:
                self.fail(f"`{name}` belongs to {HEAD}, or nowhere")
        for kind in self.components:
            if kind not in KINDS:
                self.fail(f"components: `{kind}` is not known")
        if tag is None and self.paths:
            self.fail(f"has paths, and no tag of {HEAD} has its name")
        for route, item in self.paths.items():
            for method in METHODS:
                if tag is not None and method in item and item[method].get("tags") != [tag]:
                    self.fail(f"{method.upper()} {route}: its tags must be [{tag}], as the file's name says")
        for kind in ("paths", *self.components):
            if kind in KINDS + SECTIONS and bool(self.texts.get(kind)) != bool(self.components.get(kind, self.paths)):
                self.fail(f"`{kind}:` must stand on a line of its own, indented by {0 if kind == 'paths' else 2}")

    def fail(self, text):
        self.errors.append(f"{self.path}: {text}")


def check_once(parts):
    """Nothing is in two files."""
    seen = {}
    for part in parts:
        names = [*part.paths, *(f"{kind}/{name}" for kind, members in part.components.items() for name in members or ())]
        for name in names:
            first = seen.setdefault(name, part)
            if first is not part:
                part.fail(f"`{name}` is in {first.path.name} too")


def join(directory):
    """The text of the whole contract."""
    head = (directory / HEAD).read_text(encoding="utf-8")
    try:
        tags = {file_of(tag["name"]): tag["name"] for tag in yaml.load(head, Loader=Yaml12Loader)["tags"]}
    except (yaml.YAMLError, ContractError) as error:
        raise ContractError(f"{directory / HEAD}: {error}") from error
    there = {path.name for path in directory.glob("*.yaml")} - {HEAD}
    missing = [f"{directory / name}: is not there, for the tag `{tag}`" for name, tag in tags.items() if name not in there]
    if missing:
        raise ContractError("\n".join(missing))
    parts = [Part(directory / name) for name in [*tags, *sorted(there - set(tags))]]
    for part in parts:
        part.check(tags.get(part.path.name))
    check_once(parts)
    errors = [error for part in parts for error in part.errors]
    if errors:
        raise ContractError("\n".join(errors))
    out = [MADE + head.rstrip("\n"), "paths:"]
    out += ["  # " + f" {part.path.name}".rjust(WIDTH, "-") + f"\n\n{part.texts['paths']}" for part in parts if part.paths]
    out.append("components:")
    for kind in KINDS:
        texts = [f"    # -- {part.path.name}\n\n{part.texts[kind]}" for part in parts if part.texts.get(kind)]
        if texts:
            out.append(f"  {kind}:")
            out += texts
    return "\n\n".join(out) + "\n"


def main():
    root = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--api", type=Path, default=root / "api")
    parser.add_argument("--openapi", type=Path, default=root / "openapi.yaml")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the file is stale")
    arguments = parser.parse_args()
    try:
        text = join(arguments.api)
    except ContractError as error:
        sys.exit(str(error))
    if arguments.openapi.exists() and arguments.openapi.read_text(encoding="utf-8") == text:
        return
    if arguments.check:
        sys.exit(f"{arguments.openapi}: is not what {arguments.api} says: run tools/join_api.py")
    arguments.openapi.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

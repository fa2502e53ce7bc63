"""Every Questionnaire and QuestionnaireResponse of HL7's packages is judged by `anamnesis form check`. All are accepted but
those that refusals.yaml explains, by the specification's own text."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

HERE = Path(__file__).resolve().parent
PROGRAM = Path(os.environ.get("ANAMNESIS_BUILD", HERE.parents[1] / "build")) / "anamnesis"
SPECIFICATION = "hl7.fhir.r4.examples"

# Responses that do not say which questionnaire they answer; the package has one of the same id.
BY_ID = {"3141", "bb", "f201"}
# Responses whose questionnaire no package has: nothing can judge them.
WITHOUT_QUESTIONNAIRE = {f"{SPECIFICATION}/QuestionnaireResponse-ussg-fht-answers.json": "Questionnaire/ussg-fht"}


def resources_in(json_value):
    """The resource itself, and those of a Bundle or Parameters."""
    yield json_value
    for entry in json_value.get("entry", []) + json_value.get("parameter", []):
        if isinstance(entry, dict) and "resource" in entry:
            yield entry["resource"]


def name_of(path, top, resource):
    place = str(path.relative_to(top))
    return place if resource is top_resource(path) else f"{place}#{resource['resourceType']}/{resource.get('id', '')}"


CACHE = {}


def top_resource(path):
    if path not in CACHE:
        CACHE[path] = json.loads(path.read_text(encoding="utf-8"))
    return CACHE[path]


class Library:
    """All resources of the packages that matter here."""

    def __init__(self, top):
        self.questionnaires, self.responses, self.sets = {}, {}, {}
        for path in sorted(top.glob("hl7.*/**/*.json")):
            text = path.read_text(encoding="utf-8")
            if path.name == "package.json" or not re.search('"(Questionnaire|QuestionnaireResponse|ValueSet)"', text):
                continue
            content = CACHE.setdefault(path, json.loads(text))
            if not isinstance(content, dict):
                continue
            for resource in resources_in(content):
                kind, name = resource.get("resourceType"), None
                if kind in ("Questionnaire", "QuestionnaireResponse"):
                    name = name_of(path, top, resource)
                if kind == "Questionnaire":
                    self.questionnaires[name] = resource
                elif kind == "QuestionnaireResponse":
                    self.responses[name] = resource
                elif kind == "ValueSet" and "url" in resource:
                    self.sets[resource["url"]] = resource

    def questionnaire_of(self, response):
        """The Questionnaire that a response answers: a contained one, one of that url or id, or None."""
        canonical = response.get("questionnaire", f"Questionnaire/{response.get('id')}" if response.get("id") in BY_ID else "")
        contained = response.get("contained", [])
        for resource in contained:
            if canonical == f"#{resource.get('id')}":
                return resource | {"contained": [other for other in contained if other is not resource]}
        url = canonical.split("|", 1)[0]
        for resource in self.questionnaires.values():
            if url and url in (resource.get("url"), f"Questionnaire/{resource.get('id')}"):
                return resource
        return None

    def sets_for(self, resource, found=None):
        """The value sets of the packages that a resource refers to, and those that they refer to."""
        found = {} if found is None else found
        for text in re.findall(r'"(http[^"|]*)', json.dumps(resource)):
            if text in self.sets and text not in found:
                found[text] = self.sets[text]
                self.sets_for(self.sets[text].get("compose", {}), found)
        return found


@pytest.fixture(scope="session")
def library(packages):
    return Library(packages)


@pytest.fixture(scope="session")
def refused(library, tmp_path_factory):
    """Every (resource, code) that is an error, and how many resources were judged."""
    found, judged = set(), {"Questionnaire": 0, "QuestionnaireResponse": 0}
    for name, questionnaire in library.questionnaires.items():
        judged["Questionnaire"] += 1
        found |= {(name, code) for code in errors(tmp_path_factory, library, questionnaire)}
    for name, response in library.responses.items():
        questionnaire = library.questionnaire_of(response)
        if questionnaire is None:
            assert WITHOUT_QUESTIONNAIRE.get(name) == response.get("questionnaire"), f"whose questionnaire is {name}'s?"
            continue
        if errors(tmp_path_factory, library, questionnaire):
            pytest.fail(f"the questionnaire of {name} is refused itself")
        judged["QuestionnaireResponse"] += 1
        found |= {(name, code) for code in errors(tmp_path_factory, library, questionnaire, response)}
    return found, judged


def errors(tmp_path_factory, library, questionnaire, response=None):
    """The codes of the errors that `form check` finds."""
    place = tmp_path_factory.mktemp("case")
    (place / "sets").mkdir()
    for number, value_set in enumerate(library.sets_for(questionnaire).values()):
        (place / "sets" / f"{number}.json").write_text(json.dumps(value_set), encoding="utf-8")
    files = [place / "questionnaire.json", place / "response.json"][:1 if response is None else 2]
    for path, content in zip(files, (questionnaire, response)):
        path.write_text(json.dumps(content), encoding="utf-8")
    done = subprocess.run([PROGRAM, "form", "check", "--json", *files, "--value-sets", place / "sets"], capture_output=True,
                          text=True, timeout=60, check=False)
    assert done.returncode in (0, 1), done.stderr
    found = {issue["details"]["coding"][0]["code"] for issue in json.loads(done.stdout)["issue"] if issue["severity"] == "error"}
    assert bool(found) == (done.returncode == 1)
    return found


def table():
    return yaml.safe_load((HERE / "refusals.yaml").read_text(encoding="utf-8")) or []


def test_every_refusal_has_a_row_and_every_row_a_refusal(refused):
    found, judged = refused
    rows = [(row["resource"], row["code"]) for row in table()]
    assert len(rows) == len(set(rows)), "a row stands twice"
    assert judged["Questionnaire"] >= 40 and judged["QuestionnaireResponse"] >= 10
    assert sorted(found - set(rows)) == [], "refused without a reason"
    assert sorted(set(rows) - found) == [], "a row whose refusal is gone"


def words_of(packages, page, element):
    """All that a page of the specification says of an element, its cardinality too; the whole page without one."""
    text = (packages / SPECIFICATION / f"{page}.json").read_text(encoding="utf-8")
    if element is None:
        return text
    [found] = [entry for entry in json.loads(text)["snapshot"]["element"] if entry["id"] == element]
    said = [found.get(key, "") for key in ("short", "definition", "comment", "requirements")]
    said += [constraint["human"] for constraint in found.get("constraint", [])]
    return " ".join(said + [f"{found['min']}..{found['max']}"])


@pytest.mark.parametrize("row", [pytest.param(row, id=f"{row['resource']}: {row['code']}") for row in table()])
def test_the_specification_says_so(packages, row):
    assert set(row) - {"element"} == {"resource", "code", "because", "page", "says"}
    assert row["says"] in words_of(packages, row["page"], row.get("element"))


def test_what_cannot_be_judged_is_still_there(library):
    assert set(WITHOUT_QUESTIONNAIRE) <= set(library.responses)
    assert BY_ID <= {response.get("id") for response in library.responses.values() if "questionnaire" not in response}

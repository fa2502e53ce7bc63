"""Fixtures of the tests against other people's programs: those of the API's tests, and packages in places of their own."""

import base64
import hashlib
import importlib.util
import json
import pathlib
import subprocess
import sys

import pytest

TOP = pathlib.Path(__file__).resolve().parents[3]
HERE = pathlib.Path(__file__).resolve().parent
PLACE = TOP / "build" / "peers"
MAVEN_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
sys.dont_write_bytecode = True  # the tree may belong to somebody else
sys.path.insert(0, str(TOP / "tests"))

from support import packages  # noqa: E402  (the path is set above)

# Under a name of its own: pytest knows this file as `conftest` already.
_found = importlib.util.spec_from_file_location("api_fixtures", TOP / "tests" / "api" / "conftest.py")
api_fixtures = importlib.util.module_from_spec(_found)
_found.loader.exec_module(api_fixtures)
anonymous, command, demo = api_fixtures.anonymous, api_fixtures.command, api_fixtures.demo
new_practice, practice = api_fixtures.new_practice, api_fixtures.practice


@pytest.fixture(scope="session")
def python_programs():
    """The directory of the programs that requirements.txt names, installed when it has changed."""
    return packages.python(HERE / "requirements.txt", PLACE / "python")


@pytest.fixture(scope="session")
def node_programs():
    """The directory of the programs that package.json names."""
    subprocess.run([TOP / "tools" / "npm-packages", HERE], check=True, timeout=600)
    return HERE / "node_modules" / ".bin"


@pytest.fixture(scope="session")
def jars():
    """What jars.json names, each as its digest says and without what it says that it depends on: {artifact: path}."""
    wanted = (HERE / "jars.json").read_text(encoding="utf-8")
    place, digests = PLACE / "jars", json.loads(wanted)
    with packages.when_changed(place, wanted) as changed:
        if changed:
            (place / "pom.xml").write_text(pom(digests), encoding="utf-8")
            subprocess.run(["mvn", "-q", "-B", MAVEN_COPY, f"-DoutputDirectory={place}", "-DoverWriteReleases=true"],
                           cwd=place, check=True, timeout=600)
            for name, digest in digests.items():
                data = (place / "{1}-{2}.jar".format(*name.split(":"))).read_bytes()
                found = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
                assert found == digest, f"{name} is not what jars.json says: {found}"
    return {name.split(":")[1]: place / "{1}-{2}.jar".format(*name.split(":")) for name in digests}


def pom(names):
    """Maven fetches what a project depends on."""
    wanted = "".join(
        "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version><exclusions><exclusion>"
        "<groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>".format(*name.split(":"))
        for name in names)
    return ("<project><modelVersion>4.0.0</modelVersion><groupId>anamnesis</groupId><artifactId>peers</artifactId>"
            f"<version>1</version><packaging>pom</packaging><dependencies>{wanted}</dependencies></project>\n")

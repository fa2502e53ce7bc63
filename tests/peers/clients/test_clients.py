"""Clients that other people's generators make of the contract compile, and go the journey on the running instance: sign in with a
second factor, publish, invite, register, answer, submit, read, and see the proof. What each does is in journeys/."""

import json
import os
import re
import shutil
import subprocess

import pytest
from conftest import HERE, PLACE, TOP, api_fixtures
from support import client as api

CONTRACT = TOP / "build" / "gen" / "openapi.json"
JOURNEYS = HERE / "journeys"
TRUST_PASSWORD = "changeit"  # of a store that holds a public certificate
# What this generator's documentation offers; the rest are the defaults.
ONLY_SOURCES = ["--global-property", "models,apis,supportingFiles,modelDocs=false,apiDocs=false,modelTests=false,apiTests=false"]


def run(*words, cwd=None, **environment):
    """Standard output; shows all when it fails."""
    done = subprocess.run([str(word) for word in words], cwd=cwd, env=os.environ | environment, capture_output=True, text=True,
                          timeout=600, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]
    return done.stdout


@pytest.fixture
def place(request):
    """An empty directory, named after the test, that stays to be looked at."""
    made = PLACE / "clients" / request.node.name
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    return made


@pytest.fixture
def given(place, demo, new_practice):
    """Writes what a journey begins with, when it begins: a one-time code does not wait for a compiler."""
    account = new_practice(roles=("physician",)).accounts["physician"]

    def write():
        path = place / "given.json"
        path.write_text(json.dumps({
            "base_url": demo["base_url"], "ca_file": demo["ca_file"], "email": account["email"],
            "password": account["password"], "code": api.totp(account["totp_secret"]), "definition": api_fixtures.SHORT_FORM,
            "patient": {"given_name": "Ada", "family_name": "Example", "birth_date": "1985-12-10",
                        "email": f"{api_fixtures.unique('ada')}@example.org"},
            "patient_password": f"{api_fixtures.unique('a long password')} 72",
            "answers": {"hours": [{"valueDecimal": 6.5}], "smoker": [{"valueBoolean": False}]}}), encoding="utf-8")
        return path
    return write


def check(output):
    """The last line is what the physician has read."""
    read = json.loads(output.splitlines()[-1])
    assert read["status"] == "completed" and read.get("amends") is None
    assert read["response"]["resourceType"] == "QuestionnaireResponse"
    assert [(item["linkId"], item["answer"]) for item in read["response"]["item"]] == [
        ("hours", [{"valueDecimal": 6.5}]), ("smoker", [{"valueBoolean": False}])]


def openapi_generator(jars, generator, target, *options):
    run("java", "-jar", jars["openapi-generator-cli"], "generate", "-i", CONTRACT, "-g", generator, "-o", target, *ONLY_SOURCES,
        *options)


def typescript(node_programs, place, journey, given, demo):
    """Compiles the journey with the client beside it, strictly, and goes it."""
    (place / "node_modules").symlink_to(HERE / "node_modules")
    (place / "package.json").write_text('{"type": "commonjs"}', encoding="utf-8")
    for name in (journey, "tsconfig.json"):
        shutil.copy(JOURNEYS / name, place)
    run(node_programs / "tsc", "-p", place)
    check(run("node", (place / "js" / journey).with_suffix(".js"), given(), NODE_EXTRA_CA_CERTS=demo["ca_file"]))


def test_openapi_typescript(node_programs, place, given, demo):
    run(node_programs / "openapi-typescript", CONTRACT, "-o", place / "client" / "contract.d.ts", cwd=place)
    typescript(node_programs, place, "openapi_fetch.ts", given, demo)


def test_hey_api(node_programs, place, given, demo):
    run(node_programs / "openapi-ts", "-i", CONTRACT, "-o", place / "client", "-c", "@hey-api/client-fetch", cwd=place)
    typescript(node_programs, place, "hey_api.ts", given, demo)


def test_openapi_generator_typescript_axios(node_programs, jars, place, given, demo):
    openapi_generator(jars, "typescript-axios", place / "client")
    typescript(node_programs, place, "axios.ts", given, demo)


def test_openapi_generator_python(python_programs, jars, place, given):
    openapi_generator(jars, "python", place)
    check(run(python_programs / "python", JOURNEYS / "openapi_generator.py", given(), PYTHONPATH=str(place)))


def test_openapi_python_client(python_programs, place, given):
    # It would format what it has written; and it takes bytes of a type that it does not know when it is told that they are bytes.
    operations = [one for methods in json.loads(CONTRACT.read_text(encoding="utf-8"))["paths"].values() for one in methods.values()]
    files = sorted({name for one in operations for answer in one["responses"].values() for name in answer.get("content", {})
                    if not re.match(r"text/|application/(problem\+)?json$", name)})
    overrides = "".join(f"  {name}: application/octet-stream\n" for name in files)
    (place / "settings.yaml").write_text(f"post_hooks: []\ncontent_type_overrides:\n{overrides}", encoding="utf-8")
    run(python_programs / "openapi-python-client", "generate", "--path", CONTRACT, "--output-path", place / "client", "--meta",
        "none", "--config", place / "settings.yaml", "--fail-on-warning")
    check(run(python_programs / "python", JOURNEYS / "openapi_python_client.py", given(), PYTHONPATH=str(place)))


def test_openapi_generator_java(jars, place, given, demo):
    # One argument for each parameter would break the caller's program with each parameter that comes.
    openapi_generator(jars, "java", place / "client", "--library", "native", "--additional-properties=useSingleRequestParameter=true")
    classes, trust = place / "classes", place / "trust.p12"
    libraries = os.pathsep.join(str(path) for name, path in jars.items() if name != "openapi-generator-cli")
    run("javac", "-nowarn", "-d", classes, "-cp", libraries, JOURNEYS / "Journey.java",
        *(place / "client" / "src" / "main" / "java").rglob("*.java"))
    run("keytool", "-importcert", "-noprompt", "-alias", "ca", "-file", demo["ca_file"], "-keystore", trust, "-storepass",
        TRUST_PASSWORD)
    check(run("java", f"-Djavax.net.ssl.trustStore={trust}", f"-Djavax.net.ssl.trustStorePassword={TRUST_PASSWORD}", "-cp",
              f"{classes}{os.pathsep}{libraries}", "Journey", given()))


def test_openapi_generator_go(jars, place, given, demo):
    # Go has one room for the constants of a package, and two states can both be "completed".
    openapi_generator(jars, "go", place / "client", "--additional-properties=enumClassPrefix=true")
    for name in ("go.mod", "go.sum"):
        (place / "client" / name).unlink()  # a package of the journey's module, whose lock is ours
    for name in ("journey.go", "go.mod", "go.sum"):
        shutil.copy(JOURNEYS / name, place)
    run("go", "build", "-o", "journey", ".", cwd=place)
    check(run(place / "journey", given(), SSL_CERT_FILE=demo["ca_file"]))

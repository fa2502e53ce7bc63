"""Schemathesis (PyPI) sends what the served contract allows, and what it forbids, to every operation."""

import json
import subprocess

import pytest
from support import client as api

# Ends the session that the run uses.
LEFT_OUT = ["staff_logout", "patient_logout"]
# Whether a definition or an answer is right is more than a schema can say: a request that fits may be refused (422).
UNCHECKED = ["positive_data_acceptance"]
CONFIGURATION = """
[checks.missing_required_header]
# RFC 6585: 428 says that If-Match is missing.
expected-statuses = [400, 401, 403, 406, 422, 428]

[checks.negative_data_rejection]
# null in place of a member that may be absent is taken as absent: such a request is then refused for what else is wrong with
# it, a stale revision (412) or a link that has ended (410). The others are the check's own.
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 410, 412, 415, 422, 428, 429, "5xx"]
"""
EXAMPLES = 15


def contract(anonymous, keep):
    """The served contract, with the operations that `keep` takes. A bearer token is the one way to sign in: the contract
    knows two (the cookie is its first), and leaving one of two out is no fault."""
    served = api.good(anonymous.get("/openapi.json"))
    for name in served["components"]["securitySchemes"]:
        served["components"]["securitySchemes"][name] = {"type": "http", "scheme": "bearer"}
    for path, methods in list(served["paths"].items()):
        kept = {method: operation for method, operation in methods.items()
                if not isinstance(operation, dict) or keep(path, operation)}
        if any(isinstance(operation, dict) for operation in kept.values()):
            served["paths"][path] = kept
        else:
            del served["paths"][path]
    return served


def run(python_programs, demo, place, document, token):
    (place / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
    (place / "schemathesis.toml").write_text(CONFIGURATION, encoding="utf-8")
    signed_in = ["--header", f"Authorization: Bearer {token}"] if token else []
    done = subprocess.run(
        [python_programs / "st", "run", place / "openapi.json", "--url", demo["base_url"], "--tls-verify", demo["ca_file"],
         *signed_in, "--exclude-checks", ",".join(UNCHECKED), "--phases", "examples,coverage,fuzzing", "--seed", "1",
         "--max-examples", str(EXAMPLES), "--continue-on-failure", "--warnings", "off", "--no-color"],
        cwd=place, capture_output=True, text=True, timeout=900, check=False)
    report = done.stdout + done.stderr
    assert done.returncode == 0, report[-20000:]
    tested = int(report.split("Tested:")[1].split()[0])
    print(report[report.index("= SUMMARY ="):])
    assert tested == sum(isinstance(operation, dict) for methods in document["paths"].values() for operation in methods.values())


def test_staff(python_programs, demo, anonymous, practice, tmp_path):
    document = contract(anonymous, lambda path, operation: path.startswith("/admin/") and operation.get("security")
                        and operation["operationId"] not in LEFT_OUT)
    practice.registered([practice.questionnaire()])
    run(python_programs, demo, tmp_path, document, practice.staff("owner").token)


def test_patient(python_programs, demo, anonymous, practice, tmp_path):
    document = contract(anonymous, lambda path, operation: path.startswith("/patient/") and operation.get("security")
                        and operation["operationId"] not in LEFT_OUT)
    _, client, _ = practice.begun()
    run(python_programs, demo, tmp_path, document, client.token)


@pytest.mark.parametrize("realm", ["/admin/", "/patient/", "/"])
def test_not_signed_in(python_programs, demo, anonymous, tmp_path, realm):
    """Sign-in, registration and what everybody may read; the failures here are throttled like anybody's."""
    realms = ("/admin/", "/patient/")
    document = contract(anonymous, lambda path, operation: not operation.get("security") and (
        path.startswith(realm) if realm in realms else not path.startswith(realms)))
    run(python_programs, demo, tmp_path, document, None)

"""
The specification's test vectors, and those of another published library's tests, refused or accepted alike [6.3.3]: w3c.yaml
has the verdicts of go-webauthn, py_webauthn.yaml those of py_webauthn. Where ours differs, the vector says why.
"""

import json
import os
import subprocess

import pytest
import yaml

from test_beside_simplewebauthn import BE, HERE, TOP, b64, cbor, registered_with, unb64

PROGRAM = os.environ.get("ANAMNESIS_BUILD", str(TOP / "build")) + "/tests/programs/webauthn_judge"
VECTORS = [(name, vector) for name in ("w3c", "py_webauthn")
           for vector in yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))]
# Where ours may be stricter; never the other way round.
STRICTER = {"cross-origin", "attestation-format", "attestation-statement", "algorithm", "challenge", "public-key",
            "not-registered"}
COMMON = {"name", "kind", "rp_id", "origin", "challenge", "verified", "client_data", "theirs", "ours"}
MEMBERS = {"create": COMMON | {"attestation"},
           "get": COMMON | {"authenticator_data", "signature", "cose", "count", "backup_eligible"}}


def judge(vectors):
    """The fault that lib/webauthn finds in each, by name; "fine" for none."""
    tasks = []
    for vector in vectors:
        tasks.append(dict(vector))
        if vector["kind"] == "get":
            tasks[-1]["registered"] = registered_with(vector["rp_id"], unb64(vector["cose"]), vector["count"],
                                                      BE if vector["backup_eligible"] else 0)
    done = subprocess.run([PROGRAM], input="".join(json.dumps(task) + "\n" for task in tasks), capture_output=True, text=True,
                          check=True, timeout=120)
    faults = [line.split()[0] for line in done.stdout.splitlines()]
    assert len(faults) == len(vectors)
    return dict(zip([vector["name"] for vector in vectors], faults))


@pytest.fixture(scope="module", name="faults")
def fixture_faults():
    return judge([vector for _, vector in VECTORS])


@pytest.mark.parametrize("vector", [pytest.param(vector, id=f"{source}: {vector['name']}") for source, vector in VECTORS])
def test_a_vector_is_judged_alike_or_says_why_not(faults, vector):
    assert set(vector) - {"because"} == MEMBERS[vector["kind"]]
    assert vector["theirs"] in ("accept", "refuse")
    assert faults[vector["name"]] == vector["ours"]
    alike = (vector["ours"] == "fine") == (vector["theirs"] == "accept")
    assert alike == ("because" not in vector)
    assert alike or vector["ours"] in STRICTER, "where they refuse, ours does"


def authenticator_data(attestation):
    """The bytes of "authData", which is the last member in all of these."""
    rest = attestation[attestation.index(b"\x68authData") + len(b"\x68authData"):]
    start = 1 + {0x58: 1, 0x59: 2}[rest[0]]
    assert int.from_bytes(rest[1:start], "big") == len(rest[start:])
    return rest[start:]


def test_but_for_their_attestation_the_others_are_fine():
    """Given what ours refuses for its attestation alone, when a browser had left that out, then it is fine."""
    refused = [vector for _, vector in VECTORS if vector["theirs"] == "accept" and vector["ours"].startswith("attestation-")]
    assert len(refused) >= 10
    stripped = [vector | {"attestation": b64(cbor({
        "fmt": "none", "attStmt": {}, "authData": authenticator_data(unb64(vector["attestation"]))}))} for vector in refused]
    assert set(judge(stripped).values()) == {"fine"}


def test_there_are_enough_vectors_and_names_are_different():
    names = [vector["name"] for _, vector in VECTORS]
    assert len(names) == len(set(names)) and len(names) >= 65
    assert sum("because" not in vector for _, vector in VECTORS) >= 40

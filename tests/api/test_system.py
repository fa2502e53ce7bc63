"""Health, the contract itself, and what is true of every answer."""

import pathlib

import yaml
from support import client as api

TOP = pathlib.Path(__file__).resolve().parents[2]


def test_health(anonymous):
    assert api.good(anonymous.get("/livez")) == {"status": "alive"}
    assert api.good(anonymous.get("/readyz")) == {"status": "ready"}


def test_the_contract_that_is_served_is_the_one_in_the_tree(anonymous):
    served = api.good(anonymous.get("/openapi.json"))
    assert served == yaml.safe_load((TOP / "openapi.yaml").read_text(encoding="utf-8"))


def test_every_answer_has_an_identifier_and_is_not_stored(anonymous, practice):
    for answer in (anonymous.get("/livez"), anonymous.get("/nowhere"), practice.staff().get("/admin/patients")):
        assert len(answer.headers["X-Request-Id"]) == 36
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_head_is_get_without_the_body(practice):
    answer = practice.staff().call("HEAD", "/admin/questionnaires")
    assert answer.status_code == 200 and answer.content == b""

"""The parts of bench/ that figures depend on: what is counted, and that the peer's site differs only where it must."""

import pathlib
import re
import sys

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "bench"), str(TOP / "tools")]

import gen_sql  # noqa: E402  (the path is set above)
from harness import ceiling, form, forms, site, statements, table, trace  # noqa: E402  (the path is set above)
from harness.load import Result  # noqa: E402

QUERY = r'sendto(8, "B\0\0\0\33\0P_1"..., 120, MSG_NOSIGNAL, NULL, 0) = 120'
REPLY = r'recvfrom(8, "2\0\0\0\4D\0\0"..., 16384, 0, NULL, NULL) = 300'
NOT_YET = "recvfrom(8, 0x55d0, 16384, 0, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)"
CLIENT = [r'read(5, "\1\1\0\1\0\10\0\0"..., 8192) = 700', r'write(5, "\1\6\0\1\2\37\0\0"..., 600) = 600']


def test_a_trip_is_a_turn_from_sending_to_receiving_on_the_databases_connection():
    assert trace.count_trips([CLIENT[0], QUERY, REPLY, CLIENT[1]]) == 1
    assert trace.count_trips([QUERY, QUERY, NOT_YET, REPLY, REPLY]) == 1
    assert trace.count_trips([QUERY, REPLY, QUERY, REPLY]) == 2


def test_what_goes_to_the_client_is_no_trip():
    assert trace.count_trips(CLIENT * 3) == 0


def test_a_statement_is_one_line_with_its_values_cast():
    text = statements.statement("audit_close", None, "ok", "patient")
    assert "NULL::uuid" in text and "E'ok'::text" in text and "$" not in text
    assert text.endswith(";") and "\n" not in text


def test_every_statement_is_found():
    """By its name alone, in the room where it is: a test over no statements would be skipped without a word."""
    names = [path.stem for path in gen_sql.find(TOP / "sql" / "queries")]
    assert len(names) > 100
    assert sorted(names) == sorted(path.stem for path in statements.QUERIES.rglob("*.sql"))


@pytest.mark.parametrize("name", sorted(path.stem for path in statements.QUERIES.rglob("*.sql")))
def test_no_statement_loses_its_end_to_a_comment(name):
    head = next(statements.QUERIES.rglob(f"{name}.sql")).read_text(encoding="utf-8").split("\n", 1)[0]
    declared = re.search(r":\w+(?:![\w-]*)? \(([^)]*)\)", head).group(1)
    text = statements.statement(name, *([None] * len([part for part in declared.split(",") if part.strip()])))
    assert "--" not in text and "$" not in text and "\n" not in text and text.endswith(";")


def test_values_cannot_be_taken_for_pgbench_variables_or_end_their_quotes():
    assert statements.literal('{"a":2}', "text") == "E'{\"a\"\\x3a2}'::text"
    assert statements.literal("it's \\", "text") == "E'it''s \\\\'::text"
    assert statements.literal(b"\x01\xff", "bytea") == "'\\x01ff'::bytea"


def test_a_ceiling_script_is_one_transaction_of_as_many_pipelines_as_trips():
    lines = ceiling.script(["a;"], ["b;"]).splitlines()
    assert lines == ["\\startpipeline", "BEGIN;", "a;", "\\endpipeline", "\\startpipeline", "b;", "COMMIT;", "\\endpipeline"]


def test_the_peers_site_is_ours_but_for_where_requests_go():
    ours = (TOP / "nginx" / "nginx.conf.in").read_text(encoding="utf-8").replace(
        "@LISTEN@", "        listen 127.0.0.1:8443 ssl http2;\n        listen [::1]:8443 ssl http2;")
    text = site.peer_site(ours, instance_port=8443, port=8444, directory="/tmp/peer", sockets=["/tmp/peer/0.sock"])
    assert "fastcgi_pass" not in text and "fastcgi_param" not in text and "8443" not in text
    assert "server unix:/tmp/peer/0.sock;" in text and "keepalive 32;" in text and "proxy_pass http://api;" in text
    for setting in ("ssl_protocols", "ssl_ciphers", "limit_req  zone=requests", "access_log", "headers.conf"):
        assert text.count(setting) == ours.count(setting)


def test_ratios_are_better_when_ours_does_more_with_less():
    runs = {("read", "ours"): Result(3000, 1000, 5000, 40, 1), ("read", "node"): Result(1500, 2000, 10000, 160, 1)}
    assert list(table.ratio_rows(runs, "ours")) == [["read", "node", "2.00 x", "1/4.0", "0.50 x"]]


def test_the_large_form_has_as_many_items_as_it_says_and_an_answer_to_every_question():
    definition, response = forms.large(500)

    def count(items):
        return sum(1 + count(item.get("item", [])) for item in items)

    assert count(definition["item"]) == count(response["item"]) == 500
    assert forms.large(500) == (definition, response)


def test_the_engine_stands_beside_what_a_node_program_does_for_the_same_end():
    case = type("Case", (), {"name": "Form"})
    beside = {"lforms": 1000.0, "lforms-read": 2000.0, "fhir": 100.0, "fhir-read": 50.0}
    compiled, checked, read = form.rows(
        case, {"compile": (300.0, None), "check": (10.0, 4000), "read-check": (20.0, 5000)}, beside)
    assert compiled[2:] == ["300.0", "-", "-", "-", "-", "-"]
    assert checked[2:] == ["10.0", "4,000", "1000", "100 x", "100", "10 x"]
    assert read[2:] == ["20.0", "5,000", "2000", "100 x", "50", "2.5 x"]


def test_without_the_node_programs_there_is_no_ratio():
    (row,) = form.rows(type("Case", (), {"name": "Form"}), {"check": (10.0, None)}, {})
    assert row[2:] == ["10.0", "-", "-", "-", "-", "-"]

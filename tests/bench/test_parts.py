"""The parts of bench/ that figures depend on: what is counted and sent, and that a peer's site differs only where it must."""

import datetime
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "bench"), str(TOP / "tools")]

import gen_sql  # noqa: E402  (the path is set above)
from harness import ceiling, compare, form, forms, page, pairs, record, site, statements, table, trace  # noqa: E402  (the path is set above)
from harness.load import Result  # noqa: E402
from harness.pairs import Pair  # noqa: E402

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


def test_every_statement_is_found():
    """By its name alone, in the room where it is: a test over no statements would be skipped without a word."""
    names = [path.stem for path in gen_sql.find(TOP / "sql" / "queries")]
    assert len(names) > 100
    assert sorted(names) == sorted(path.stem for path in statements.QUERIES.rglob("*.sql"))


@pytest.mark.parametrize("name", sorted(path.stem for path in statements.QUERIES.rglob("*.sql")))
def test_no_statement_loses_its_end_to_a_comment(name):
    found = statements.statement(name)
    assert "--" not in found.text and "\n" not in found.text and found.text
    placed = {int(number) for number in re.findall(r"\$(\d+)", found.text)}
    assert placed <= set(range(1, len(found.parameters) + 1))
    assert all(parameter.kind in statements.TYPES for parameter in found.parameters)


def test_values_travel_as_the_worker_sends_them():
    moment = datetime.datetime(2000, 1, 1, 0, 0, 1, tzinfo=datetime.timezone.utc)
    for value, kind, expected in ((None, "text", "-"), ("", "text", ""), ("a\tb", "text", "610962"), (b"\x01\xff", "bytea", "01ff"),
                                  (-2, "int", "fffffffe"), (1, "bigint", "0000000000000001"), (True, "bool", "01"),
                                  (moment, "timestamptz", "00000000000f4240")):
        assert statements.travelling(value, kind) == expected


def sample(rows, once=False):
    return ceiling.transaction([[ceiling.send("response_key")], [ceiling.send("audit_close", object="id")]], rows, once)


ROW = {"id": "i", "outcome": "ok", "kind": "patient", "operation": "o", "client_address": "a", "request_id": ceiling.NEW}


def test_a_transaction_is_as_many_trips_as_it_has_between_begin_and_commit():
    script, rows = ceiling.texts(sample([ROW, ROW | {"id": "j"}]))
    names = [line.split("\t")[1] if "\t" in line else line for line in script.splitlines() if not line.startswith("statement")]
    assert names == ["tx_begin", "response_key", "trip", "audit_close", "tx_commit", "trip"]
    assert rows.splitlines()[0].split("\t")[0] == "69" and rows.splitlines()[1].split("\t")[0] == "6a"


def test_a_statement_that_is_not_given_what_it_needs_is_not_sent():
    with pytest.raises(ValueError, match="audit_close needs outcome"):
        ceiling.texts(sample([ROW | {"outcome": None}]))


def test_the_ceiling_refuses_what_it_cannot_read(tmp_path):
    ceiling.build()
    good_script, good_rows = ceiling.texts(sample([ROW]))
    broken = [(good_script.replace("trip", "tripp"), good_rows), (good_script.replace("\t0", "\t47", 1), good_rows),
              (good_script.rsplit("trip", 1)[0], good_rows), (good_script, good_rows.replace("69", "6x", 1)), (good_script, ""),
              ("send\tnothing\n", good_rows), (good_script, good_rows + "69\n"), ("", good_rows)]
    for number, (script, rows) in enumerate(broken):
        (tmp_path / "script").write_text(script)
        (tmp_path / "rows").write_text(rows)
        done = subprocess.run([ceiling.PROGRAM, tmp_path / "script", tmp_path / "rows", "1", "0", "1"], capture_output=True, text=True,
                              check=False, env={"PGHOST": str(tmp_path)})
        assert done.returncode == 2 and "connection" not in done.stderr and done.stderr.startswith("ceiling: "), (number, done.stderr)


def test_the_peers_site_is_ours_but_for_where_requests_go():
    ours = (TOP / "nginx" / "nginx.conf.in").read_text(encoding="utf-8").replace(
        "@LISTEN@", "        listen 127.0.0.1:8443 ssl http2;\n        listen [::1]:8443 ssl http2;")
    text = site.peer_site(ours, instance_port=8443, port=8444, directory="/tmp/peer", sockets=["/tmp/peer/0.sock"])
    assert "fastcgi_pass" not in text and "fastcgi_param" not in text and "8443" not in text
    assert "server unix:/tmp/peer/0.sock;" in text and "keepalive 32;" in text and "proxy_pass http://api;" in text
    for setting in ("ssl_protocols", "ssl_ciphers", "limit_req  zone=requests", "access_log", "headers.conf"):
        assert text.count(setting) == ours.count(setting)


def result(rate, p99=5000, processor=40):
    return Result(rate=rate, p50=1000, p99=p99, processor=processor, requests=1)


PAIRS = [Pair(result(3000), result(1500, 10000, 160)), Pair(result(3000), result(1000, 10000, 160)),
         Pair(result(3000), result(2000, 10000, 160))]


def test_a_ratio_is_the_median_of_the_pairs_and_says_between_which_bounds_they_lie():
    assert pairs.ratio(PAIRS) == (2.0, 1.5, 3.0)
    assert list(table.peer_rows({("read", "Node 20"): PAIRS})) == [
        ["read", "Node 20", "3000", "1500", "2.00 x", "1.50", "3.00", "1/4.0", "0.50 x"]]


def test_services_are_measured_in_turn():
    order = []
    measure = type("Measure", (), {"once": lambda self, operation, url, pids: order.append(url)})()
    pairs.in_turn(measure, "read", ("ours", []), ("theirs", []), 2)
    assert order == ["ours", "theirs", "ours", "theirs"]


def test_the_page_has_what_a_run_left_and_nothing_else_of_it_changes(tmp_path):
    run = {"machine": {"date": "2026-01-15", "commit": "abc", "processors": 2, "model": "M", "memory": 4, "system": "S", "load": 0.5,
                       "versions": {"PostgreSQL": "15.1"}},
           "operations": {"read": {"load": result(3000), "calls": 12.0, "trips": 1.0, "ceiling": 4000}},
           "beside": {("read", "Node 20"): PAIRS}, "missing": ["Go was not measured: there is none."], "memory": {"Anamnesis": 9.5}}
    options = type("Options", (), {name: 3 for name in record.KEPT_OPTIONS})
    record.write(tmp_path / "bench.json", run, options)
    kept = record.read(tmp_path / "bench.json")
    assert {name: kept[name] for name in run} == run
    (tmp_path / "page.md").write_text(f"# Head\n{page.BEGIN}old\n{page.END}tail\n", encoding="utf-8")
    for _ in range(2):
        page.write(kept, tmp_path / "page.md", tmp_path / "page.svg")
    text = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert text.startswith("# Head\n") and text.endswith("tail\n") and "old" not in text and text.count("2.00 x") == 1
    assert "75 %" in text and "2 processors (M)" in text and "PostgreSQL 15.1" in text and "there is none" in text
    drawing = xml.etree.ElementTree.parse(tmp_path / "page.svg").getroot()
    assert len(drawing.findall("{*}rect[@class='bar0']")) == 2  # the legend's and the operation's


def test_docs_have_the_markers_between_which_figures_are_written():
    text = page.PAGE.read_text(encoding="utf-8")
    assert text.count(page.BEGIN) == text.count(page.END) == 1
    assert (page.PICTURE.name in text) == page.PICTURE.exists()


def test_what_two_responses_cannot_share_is_left_out_of_a_comparison_and_nothing_else():
    one = {"id": "01a22cde-d547-71c2-b9a1-41430831d412", "at": "2026-11-30T14:32:10.697Z", "response_sha256": "a" * 64, "revision": 2}
    other = {"id": "01a22cde-d547-71c2-b9a1-41430831d413", "at": "2026-11-30T14:32:10.698Z", "response_sha256": "b" * 64, "revision": 2}
    assert compare.without_own(one) == compare.without_own(other)
    assert compare.without_own(one) != compare.without_own(other | {"revision": 3})
    with pytest.raises(compare.Different, match="a read: the peer does something else"):
        compare.same("a read", (200, "{}"), (200, "{ }"))


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

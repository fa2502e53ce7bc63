"""`anamnesis audit export --practice`: one practice's rows of the log, proven, and nothing of another's."""

import base64
import hashlib
import json
import uuid

import pytest
from support.audit_log import Log

A, B, NOBODY = str(uuid.uuid4()), str(uuid.uuid4()), str(uuid.uuid4())
SEALS, EACH = 4, 3  # the third seal has no row of A; of A: 3 x 3 rows that are sealed, and one that is not


@pytest.fixture(scope="module")
def log(server, tmp_path_factory):
    """Rows of two practices and of none, among each other."""
    made = Log(server, tmp_path_factory.mktemp("log"))
    for seal in range(SEALS):
        for _ in range(EACH):
            add(made, B), add(made, None)
            if seal != 2:
                add(made, A)
            add(made, B)
        made.connection.commit()
        made.seal()
    add(made, A), add(made, B)
    made.connection.commit()
    made.owner = {"ANAMNESIS_OWNER_DATABASE_URL": made.database.url("anamnesis_owner")}
    yield made
    made.close()


def add(log, practice):
    log.sql("INSERT INTO audit.event (practice_id, realm, client_address, request_id, operation, outcome, detail) "
            "VALUES (%s, 'staff', '127.0.0.1', gen_random_uuid(), 'test', 'ok', %s)", practice, f"of {practice}")


@pytest.fixture
def export(log):
    return log.export("--practice", A)


def lines_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def first(log, path, *arguments):
    found = log.verify("--from", path, *arguments)
    return found["first"] and (found["first"]["fault"], found["first"]["row"])


def write(path, lines):
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines),
                    encoding="utf-8")
    return path


def test_it_has_the_practices_rows_and_their_proof(log, export):
    lines = lines_of(export)
    assert lines[0]["practice_id"] == A and [line["type"] for line in lines].count("excerpt") == SEALS - 1
    ids = [row for (row,) in log.sql("SELECT id FROM audit.event WHERE practice_id = %s ORDER BY position, id", A)]
    assert [line["id"] for line in lines if line["type"] == "row"] == ids and len(ids) == 10
    found = log.verify("--from", export, "--checkpoints", log.checkpoints)
    assert (found["whole"], found["practice_id"], found["sealed"], found["unsealed"], found["seals"]) == (True, A, 9, 1, 3)
    key = log.directory / "key.json"
    key.write_text(log.command("key").stdout, encoding="utf-8")
    done = log.command("verify", "--from", export, "--public-key", key, ANAMNESIS_AUDITOR_DATABASE_URL="",
                       ANAMNESIS_KEYRING_FILE="")
    assert done.returncode == 0 and A in done.stdout and "That no row was left out" in done.stdout


def test_nothing_of_other_practices_is_in_it(log, export):
    text = export.read_text(encoding="utf-8")
    assert B not in text and "of None" not in text
    leaves = b"".join(base64.urlsafe_b64decode(line["leaves"] + "==") for line in lines_of(export) if line["type"] == "excerpt")
    assert len(leaves) == 9 * (3 * 8 + hashlib.sha256().digest_size)  # of the nine rows, and of no others
    for (position, row) in log.sql("SELECT position, id FROM audit.event WHERE practice_id IS DISTINCT FROM %s", A):
        assert position.to_bytes(8, "big", signed=True) + row.to_bytes(8, "big") not in leaves


def test_another_practices_export_is_another(log):
    found = log.verify("--from", log.export("--practice", B))
    assert (found["whole"], found["practice_id"], found["sealed"], found["unsealed"], found["seals"]) == (True, B, 24, 1, 4)


def test_a_span_of_time_of_one_practice(log):
    middle = log.sql.one("SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM audit.event "
                         "WHERE practice_id = %s ORDER BY position, id OFFSET 4", A)
    for arguments, rows in ((("--from", middle), (5, 1)), (("--to", middle), (4, 0))):
        found = log.verify("--from", log.export("--practice", A, *arguments), "--checkpoints", log.checkpoints)
        assert (found["whole"], found["sealed"], found["unsealed"]) == (True, *rows), arguments


def test_every_change_of_a_row_is_found(log, export):
    lines = lines_of(export)
    for number, line in enumerate(lines):
        if line["type"] != "row" or number == len(lines) - 2:  # the last one is not sealed: see below
            continue
        changed = write(export, lines[:number] + [line | {"outcome": "other"}] + lines[number + 1:])
        assert first(log, changed) == ("row-changed", line["id"])
        assert first(log, write(export, lines[:number] + lines[number + 1:]))[0] in ("row-removed", "truncated")
        assert first(log, write(export, lines[:number] + [line, line] + lines[number + 1:])) == ("row-inserted", line["id"])


def test_what_the_seals_do_not_show_the_signature_does(log, export):
    lines = export.read_text(encoding="utf-8").splitlines()
    kinds = [json.loads(line)["type"] for line in lines]
    unsealed = len(lines) - 2
    begin = kinds.index("excerpt", kinds.index("excerpt") + 1)
    after = kinds.index("excerpt", begin + 1)
    rows, seals = lines[-1], len([kind for kind in kinds if kind == "excerpt"])
    end = json.loads(rows)
    for changed in (
            lines[:unsealed] + [json.dumps(end | {"rows": end["rows"] - 1})],  # a row that was not sealed is gone
            lines[:unsealed] + [lines[unsealed].replace('"ok"', '"no"'), lines[-1]],
            lines[:begin] + lines[after:-1] + [json.dumps(end | {"rows": end["rows"] - EACH, "seals": seals - 1})],
            [lines[0].replace('"from":null', '"from":"2020-01-01T00:00:00.000000Z"')] + lines[1:],
            lines[:-1] + [json.dumps({"type": "end", "rows": end["rows"], "seals": end["seals"]})],  # without a signature
            lines[:-1] + [json.dumps(end | {"key_version": 2})]):
        assert first(log, write(export, changed)) == ("file-changed", 0)
    assert first(log, write(export, lines[:-1]))[0] == "file-cut"


def test_a_seal_left_out_with_its_place_taken_by_hashes_is_found_by_the_signature(log, export):
    """Whoever knows the tree can hide a row behind a hash: the seals prove what is there, the signature that it is all."""
    lines = lines_of(export)
    [number] = [n for n, line in enumerate(lines) if line["type"] == "excerpt"][:1]
    excerpt = lines[number]
    leaves = base64.urlsafe_b64decode(excerpt["leaves"] + "=" * (-len(excerpt["leaves"]) % 4))
    others = base64.urlsafe_b64decode(excerpt["others"] + "=" * (-len(excerpt["others"]) % 4))
    size, places = len(leaves) // EACH, excerpt["places"]
    assert places == [2, 6, 10]  # of twelve: (0 1) . 3 (4 5) . 7 (8 9) . 11, so place 2 has its own hash behind the first one
    hidden = hashlib.sha256(b"\0" + leaves[:size]).digest()
    pair = hashlib.sha256(b"\1" + hidden + others[32:64]).digest()
    whole = hashlib.sha256(b"\1" + others[:32] + pair).digest()
    text = {name: base64.urlsafe_b64encode(value).rstrip(b"=").decode()
            for name, value in (("leaves", leaves[size:]), ("others", whole + others[64:]))}
    forged = lines[:number] + [excerpt | text | {"places": places[1:]}] + lines[number + 2:-1]
    found = log.verify("--from", write(export, forged + [lines[-1] | {"rows": lines[-1]["rows"] - 1}]))
    assert (found["first"]["fault"], found["faults"]) == ("file-changed", {"file-changed": 1})


def test_lines_that_have_no_place_in_it_are_refused(log, export, tmp_path):
    lines = lines_of(export)
    other = lines_of(log.export("--practice", B))
    foreign = next(line for line in other if line["type"] == "row")
    seal = next(line for line in lines_of(log.export()) if line["type"] == "seal")
    excerpt = next(number for number, line in enumerate(lines) if line["type"] == "excerpt")
    for changed in (lines[:excerpt + 1] + [foreign] + lines[excerpt + 1:], lines[:excerpt] + [seal] + lines[excerpt:],
                    [{name: value for name, value in lines[0].items() if name != "practice_id"}] + lines[1:],
                    [lines[0] | {"practice_id": "A"}] + lines[1:], [lines[0] | {"practice_id": B}] + lines[1:]):
        done = log.command("verify", "--from", write(tmp_path / "changed.jsonl", changed))
        assert done.returncode == 2 and "cannot be read" in done.stderr


def test_rows_that_were_tampered_with_in_the_database_are_found_in_it(log):
    ids = [row for (row,) in log.sql("SELECT id FROM audit.event WHERE practice_id = %s ORDER BY position, id", A)]
    log.sql("CREATE TABLE public.kept AS SELECT * FROM audit.event")
    log.tamper(("UPDATE audit.event SET outcome = 'other' WHERE id = %s", ids[4]))
    assert first(log, log.export("--practice", A)) == ("row-changed", ids[4])
    log.tamper(("UPDATE audit.event SET practice_id = %s WHERE id = %s", A, ids[4] - 1))
    assert first(log, log.export("--practice", A)) == ("row-changed", ids[4] - 1)
    log.tamper("DELETE FROM audit.event", "INSERT INTO audit.event OVERRIDING SYSTEM VALUE SELECT * FROM public.kept",
               "DROP TABLE public.kept")
    assert first(log, log.export("--practice", A)) is None


def test_names_are_the_owners_to_look_up(log):
    name = f"Practice {uuid.uuid4()}"
    log.sql("INSERT INTO anamnesis.practice (id, name) VALUES (%s, %s)", A, name)
    log.connection.commit()
    done = log.command("export", "--practice", name, **log.owner)
    assert done.returncode == 0 and json.loads(done.stdout.splitlines()[0])["practice_id"] == A
    for named, environment, said in ((name, {}, "identifier"), ("No such practice", log.owner, "no practice")):
        done = log.command("export", "--practice", named, **environment)
        assert done.returncode == 1 and said in done.stderr and not done.stdout


def test_an_export_that_would_be_of_nothing_is_none(log):
    path = log.directory / "none.jsonl"
    for arguments in (("--practice", NOBODY), ("--practice", A, "--to", "2020-01-01T00:00:00Z")):
        done = log.command("export", "-o", path, *arguments)
        assert done.returncode == 1 and "no row" in done.stderr and not path.exists()


def test_without_the_key_there_is_no_export_of_one_practice(log):
    path = log.directory / "unsigned.jsonl"
    done = log.command("export", "--practice", A, "-o", path, ANAMNESIS_KEYRING_FILE="")
    assert done.returncode == 1 and "keyring is needed" in done.stderr and not path.exists()


def test_no_month_is_dropped_for_an_export_of_one_practice(log, export):
    done = log.command("drop", "2019-05", "--export", export, **log.owner)
    assert done.returncode == 1 and "does not have the whole month" in done.stderr


def test_what_was_written_is_said_for_programs(log):
    for arguments, practice, rows, seals in ((("--practice", A.upper()), A, 10, 3), ((), None, 47, 4)):
        path = log.directory / f"{uuid.uuid4()}.jsonl"
        done = log.command("export", "-o", path, "--json", *arguments)
        assert json.loads(done.stdout) == {"file": str(path), "practice_id": practice, "rows": rows, "seals": seals}
    done = log.command("export", "--json")
    assert done.returncode == 2 and "-o FILE is needed" in done.stderr and not done.stdout

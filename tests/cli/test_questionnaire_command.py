"""`anamnesis questionnaire import` and `export`, as an operator uses them."""

import hashlib
import json
import pathlib
import uuid

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
GAD_7 = TOP / "forms" / "gad-7.json"
SMALL = {"resourceType": "Questionnaire", "status": "draft", "title": "Small", "item": [{"linkId": "a", "type": "string"}]}
CODED = SMALL | {"item": [{"linkId": "a", "type": "choice", "answerValueSet": "http://example.org/vs"}]}


@pytest.fixture
def practice(database, superuser):
    """practice() makes one more, of a name of its own, and gives (id, name)."""
    def make(name=None):
        name = name or f"Practice {uuid.uuid4()}"
        connection = database.connect("postgres")
        with connection, connection.cursor() as cursor:
            cursor.execute("INSERT INTO anamnesis.practice (name) VALUES (%s) RETURNING id::text", (name,))
            found = cursor.fetchone()[0]
        connection.close()
        return found, name
    return make


@pytest.fixture
def file(tmp_path):
    def write(value, name="q.json"):
        path = tmp_path / name
        path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
        return path
    return write


def bring(database, practice_id, *arguments):
    return database.command("questionnaire", "import", "--practice", practice_id, *arguments)


def imported(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["questionnaires"]


def test_a_draft_and_what_is_noted_of_it(database, superuser, practice, file):
    practice_id, name = practice()
    [made] = imported(bring(database, name, file(SMALL), "--json"))
    assert set(made) == {"file", "id", "title", "status", "version", "definition_sha256"}
    assert (made["title"], made["status"], made["version"]) == ("Small", "draft", None)
    assert superuser("SELECT practice_id::text, status, title, draft, version FROM anamnesis.questionnaire WHERE id = %s",
                     made["id"]) == [(practice_id, "draft", "Small", json.dumps(SMALL), None)]
    assert superuser("SELECT realm, actor_id, operation, object_id::text, outcome FROM audit.event WHERE practice_id = %s",
                     practice_id) == [("system", None, "questionnaire_import", made["id"], "ok")]


def test_a_published_version_with_its_hash_and_its_value_sets(database, superuser, practice, file):
    practice_id, _ = practice()
    connection = database.connect("postgres")
    stored = {"resourceType": "ValueSet", "url": "http://example.org/vs", "status": "active", "compose": {"include": [
        {"system": "http://example.org/s", "concept": [{"code": "x"}]}]}}
    with connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO anamnesis.value_set (practice_id, url, title, resource, created_by) "
                       "VALUES (%s, %s, 'S', %s, %s)", (practice_id, stored["url"], json.dumps(stored), str(uuid.uuid4())))
    connection.close()
    [made] = imported(bring(database, practice_id, file(CODED), "--publish", "--json"))
    assert (made["status"], made["version"]) == ("active", 1)
    [(status, version, draft)] = superuser("SELECT status, version, draft FROM anamnesis.questionnaire WHERE id = %s", made["id"])
    assert (status, version, draft) == ("active", 1, None)
    [(definition, sha256, sets)] = superuser("SELECT definition, encode(definition_sha256, 'hex'), value_sets "
                                             "FROM anamnesis.questionnaire_version WHERE questionnaire_id = %s", made["id"])
    assert definition == json.dumps(CODED)
    canonical = json.dumps(CODED, sort_keys=True, separators=(",", ":"))
    assert sha256 == made["definition_sha256"] == hashlib.sha256(canonical.encode()).hexdigest()
    assert json.loads(sets) == [stored]
    assert superuser("SELECT operation FROM audit.event WHERE object_id = %s ORDER BY id", made["id"]) == [
        ("questionnaire_import",), ("questionnaire_publish",)]


@pytest.mark.parametrize("publish", [(), ("--publish",)])
def test_what_goes_in_comes_out_byte_for_byte(database, practice, file, tmp_path, publish):
    """Blanks, the order of members, the digits of decimals and the last newline are kept."""
    practice_id, _ = practice()
    text = ('{"title": "Ünïcode \\u00e9", "status":"draft",\n\t"resourceType" : "Questionnaire", '
            '"item": [ {"type": "decimal", "linkId": "a", "initial": [{"valueDecimal": 1.50}]} ] }\n\n')
    [made] = imported(bring(database, practice_id, file(text), *publish, "--json"))
    assert made["title"] == "Ünïcode é"
    printed = database.command("questionnaire", "export", made["id"])
    assert (printed.returncode, printed.stdout) == (0, text)
    out = tmp_path / "out.json"
    done = database.command("questionnaire", "export", made["id"], "-o", out, "--json")
    assert json.loads(done.stdout) == {"id": made["id"], "version": 1 if publish else None, "title": "Ünïcode é",
                                       "file": str(out)}
    assert out.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("path", sorted((TOP / "forms").glob("*.json")), ids=lambda path: path.stem)
def test_the_ready_made_questionnaires_can_be_published(database, practice, path):
    practice_id, _ = practice()
    [made] = imported(bring(database, practice_id, path, "--publish", "--json"))
    assert database.command("questionnaire", "export", made["id"], "--version", "1").stdout == path.read_text(encoding="utf-8")


def test_an_export_is_noted(database, superuser, practice):
    practice_id, _ = practice()
    [made] = imported(bring(database, practice_id, GAD_7, "--json"))
    assert database.command("questionnaire", "export", made["id"]).returncode == 0
    assert superuser.one("SELECT count(*) FROM audit.event WHERE object_id = %s AND operation = 'questionnaire_export' "
                         "AND realm = 'system' AND outcome = 'ok'", made["id"]) == 1


def test_all_files_or_none(database, superuser, practice, file):
    practice_id, _ = practice()
    wrong = file(SMALL | {"item": [{"linkId": "a", "type": "question"}]}, "wrong.json")
    done = bring(database, practice_id, file(SMALL), wrong)
    assert done.returncode == 1
    assert "wrong.json: is refused" in done.stderr and "Nothing was imported" in done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["resourceType"] == "OperationOutcome"
    assert outcome["issue"][0]["details"]["coding"][0]["code"] == "unknown-type"
    assert superuser.one("SELECT count(*) FROM anamnesis.questionnaire WHERE practice_id = %s", practice_id) == 0
    assert superuser.one("SELECT count(*) FROM audit.event WHERE practice_id = %s", practice_id) == 0
    assert len(imported(bring(database, practice_id, file(SMALL), file(SMALL, "2.json"), "--json"))) == 2


def test_nothing_is_published_whose_codes_nobody_can_check(database, practice, file):
    practice_id, _ = practice()
    done = bring(database, practice_id, file(CODED), "--publish", "--json")
    assert done.returncode == 1
    [issue] = json.loads(done.stdout)["issue"]
    assert (issue["severity"], issue["details"]["coding"][0]["code"]) == ("error", "value-set-not-known")
    assert bring(database, practice_id, file(CODED)).returncode == 0  # as a draft it may wait for its value set


@pytest.mark.parametrize("text, said", [
    ('{"resourceType": "Questionnaire", "status": "draft", "status": "active"}', "q.json:1:"),
    ('{"extension": ' + "[" * 32 + "]" * 32 + "}", "32 levels"), ("[]", "no JSON object"),
    (json.dumps(SMALL | {"title": "T" * 501}), "500 bytes"),
    (json.dumps(SMALL | {"description": "x" * 1024 * 1024}), "1048576 bytes")])
def test_what_is_no_definition_of_ours_is_refused_in_words(database, practice, file, text, said):
    practice_id, _ = practice()
    done = bring(database, practice_id, file(text))
    assert done.returncode == 1 and said in done.stderr and done.stdout == ""


def test_a_practice_is_named_without_doubt(database, practice, file):
    first, name = practice()
    second, _ = practice(name)
    done = bring(database, name, file(SMALL))
    assert done.returncode == 1 and first in done.stderr and second in done.stderr
    assert bring(database, second, file(SMALL)).returncode == 0
    for unknown in ("No such practice", str(uuid.uuid4()), "'; DROP TABLE anamnesis.practice; --"):
        done = bring(database, unknown, file(SMALL))
        assert done.returncode == 1 and "no practice" in done.stderr


def test_an_export_of_what_is_not_there(database, practice, tmp_path, file):
    practice_id, _ = practice()
    [draft] = imported(bring(database, practice_id, file(SMALL), "--json"))
    for arguments, said in (([str(uuid.uuid4())], "no such"), ([draft["id"], "--version", "1"], "not that version")):
        done = database.command("questionnaire", "export", *arguments)
        assert done.returncode == 1 and said in done.stderr and done.stdout == ""
    there = tmp_path / "there.json"
    there.write_text("precious", encoding="utf-8")
    done = database.command("questionnaire", "export", draft["id"], "-o", there)
    assert done.returncode == 1 and "left as it is" in done.stderr
    assert there.read_text(encoding="utf-8") == "precious"


@pytest.mark.parametrize("arguments, said", [
    (["import"], "FILE is needed"), (["import"], "--practice is needed"), (["import", "q.json"], "--practice is needed"), (["import", "--practice"], "needs a value"),
    (["import", "q.json", "--practice", "P", "--colour"], "not known"), (["export"], "is needed"), (["export", "7"], "is needed"),
    (["export", str(uuid.UUID(int=7)), "--version", "0"], "whole number"), (["export", str(uuid.UUID(int=7)), "--json"], "-o")])
def test_usage(database, arguments, said):
    done = database.command("questionnaire", *arguments)
    assert done.returncode == 2 and said in done.stderr and done.stdout == ""


def test_help(database):
    for words in ("import", "export"):
        done = database.command("questionnaire", words, "--help")
        assert done.returncode == 0 and "byte for" in done.stdout

"""tools/gen_api.py refuses a contract that promises what is not enforced, and says where."""
import copy
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from contract import source  # noqa: E402

DOCUMENT = source.Contract(ROOT / "openapi.yaml").document
CREATE = DOCUMENT["paths"]["/admin/patients"]["post"]


def generate(tmp_path, document, *options):
    openapi = tmp_path / "openapi.yaml"
    openapi.write_text(document if isinstance(document, str) else json.dumps(document))  # JSON is YAML
    command = [sys.executable, ROOT / "tools" / "gen_api.py", "--openapi", openapi, "--out", tmp_path / "gen",
               "--golden", tmp_path / "routes.tsv", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def document():
    return copy.deepcopy(DOCUMENT)


def create_of(document):
    return document["paths"]["/admin/patients"]["post"]


def login_of(document):
    return document["paths"]["/admin/auth/login"]["post"]


def schema_of(document, name):
    return document["components"]["schemas"][name]


def test_the_contract_itself_is_accepted_and_the_second_run_writes_nothing(tmp_path, document):
    assert generate(tmp_path, document, "--write-golden").returncode == 0
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "gen").iterdir()}
    assert generate(tmp_path, document).returncode == 0
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "gen").iterdir()} == before
    assert {"api.h", "api_table.c", "api_schema.c", "reply.h", "reply.c", "problems.h", "problems.c", "openapi.json", "openapi_json.c",
            "openapi_json.h", "lanes.conf", "problems.conf"} == {path.name for path in before}


def test_the_committed_table_of_access_is_the_contracts(tmp_path, document):
    generate(tmp_path, document, "--write-golden")
    for name in ("routes.tsv", "access.tsv"):
        assert (tmp_path / name).read_text() == (ROOT / "tests" / "golden" / name).read_text()


def test_new_rows_of_the_tables_of_access_show_as_new_rows_and_nothing_else(tmp_path, document):
    """However long what is in them: no other line changes."""
    generate(tmp_path, document, "--write-golden")
    before = {name: (tmp_path / name).read_text().splitlines() for name in ("routes.tsv", "access.tsv")}
    copied = copy.deepcopy(document["paths"]["/admin/patients/{id}"]["get"])
    document["paths"]["/admin/patients/{id}/of-a-longer-path-than-any-other-operation-has"] = {
        "get": copied | {"operationId": "an_operation_with_a_longer_name_than_any_other"}}
    assert generate(tmp_path, document, "--write-golden").returncode == 0
    for name, new in (("routes.tsv", 1), ("access.tsv", 3)):
        after = (tmp_path / name).read_text().splitlines()
        assert len(after) == len(before[name]) + new and [line for line in after if line in before[name]] == before[name]
        assert {line.count("\t") for line in after} == {after[0].count("\t")}


def test_a_change_of_access_must_be_accepted(tmp_path, document):
    generate(tmp_path, document, "--write-golden")
    create_of(document)["x-roles"].append("auditor")
    done = generate(tmp_path, document)
    assert done.returncode == 1 and "access has changed" in done.stderr and "+POST" in done.stderr
    assert generate(tmp_path, document, "--write-golden").returncode == 0
    assert generate(tmp_path, document).returncode == 0


def test_operations_that_share_a_handler_have_one_input_and_a_row_each(tmp_path, document):
    generate(tmp_path, document, "--write-golden")
    header = (tmp_path / "gen" / "api.h").read_text()
    table = (tmp_path / "gen" / "api_table.c").read_text()
    assert "h_staff_totp_enrol" not in header and header.count("h_totp_enrol(") == 1
    members = re.search(r"struct totp_enrol_in {(.*?)}", header, re.DOTALL)[1]
    assert "mfa_token" in members and "current_password" in members  # of the first sign-in, and of a patient's profile
    rows = re.findall(r'\.id = "(\w+)".*\.portal = (\w+),.*\.call = call_totp_enrol}', table)
    assert sorted(rows) == [("staff_first_totp", "REALM_STAFF"), ("staff_totp_enrol", "REALM_STAFF"), ("totp_enrol", "REALM_PATIENT")]


def test_the_rows_of_tables_name_their_members(tmp_path, document):
    """So that a new member does not shift others."""
    generate(tmp_path, document, "--write-golden")
    for name in ("api_table.c", "api_schema.c", "problems.c"):
        rows = re.findall(r"^    {.*", (tmp_path / "gen" / name).read_text(), re.MULTILINE)
        assert rows and [row for row in rows if not row.startswith(("    {.", "    {0}"))] == []


def test_a_reply_has_the_members_of_its_schema_in_their_order(tmp_path, document):
    generate(tmp_path, document, "--write-golden")
    header = (tmp_path / "gen" / "reply.h").read_text()
    for name, struct in (("PatientState", "patient_state"), ("AuditItem", "audit_item"), ("MyResponseItem", "my_response_item")):
        members = re.search(rf"struct reply_{struct} {{(.*?)}}", header, re.DOTALL)[1]
        found = [one for one in re.findall(r"(\w+);", members) if not one.endswith("_count")]
        assert found == list(schema_of(document, name)["properties"])


def test_a_new_required_member_is_asked_for_by_its_writer(tmp_path, document):
    document["components"]["schemas"]["Assignment"]["properties"]["place"] = {"type": "string"}
    document["components"]["schemas"]["Assignment"]["required"].append("place")
    assert generate(tmp_path, document, "--write-golden").returncode == 0
    assert 'OF("Assignment", "place"), it->place, REPLY_REQUIRED)' in (tmp_path / "gen" / "reply.c").read_text()


BY_HAND_HANDLERS = {"records/my_export.c"}  # FHIR's own resources, which the contract leaves open


def test_no_handler_writes_a_reply_by_hand_that_the_contract_describes():
    writes = re.compile(r"\bjson_(begin|end|text|email|int|flag|raw|null|time|key|object_key|array_key|value)\w*\(")
    handlers = ROOT / "handlers"
    found = {str(path.relative_to(handlers)) for path in handlers.rglob("*.[ch]") if writes.search(path.read_text())}
    assert found == BY_HAND_HANDLERS


ROW = """
#include "gen/reply.h"
struct row {{ const char *id; const char *status; {revision} }};
void show(struct json_out *out, struct arena *arena, const struct row *row);
void
show(struct json_out *out, struct arena *arena, const struct row *row)
{{
    (void)arena;
    {body}
}}
"""
WHOLE = "reply_patient_state(out, &REPLY_PATIENT_STATE_OF(row));"
BY_HAND = "reply_patient_state(out, &(struct reply_patient_state){.id = row->id, .status = row->status, %s});"
BROKEN = {  # what the row has, what is done with it, what the compiler says
    "a row without a member": ("int64_t other;", WHOLE, "no member named .revision"),
    "a row with a member of another type": ("const char *revision;", WHOLE, "incompatible type|int-conversion|from pointer"),
    "an unknown member": ("int64_t revision;", BY_HAND % ".place = row->id", "no member named .place"),
    "a bare number": ("int64_t revision;", BY_HAND % ".revision = row->revision.x", "not a structure"),
    "text for a number": ("int64_t revision;", BY_HAND % ".revision = row->id", "int-conversion|incompatible types"),
    "a number for text": ("int64_t revision;", BY_HAND % ".id = row->revision", "int-conversion|overwritten"),
    "another object": ("int64_t revision;", "reply_patient(out, &REPLY_PATIENT_STATE_OF(row));", "incompatible.pointer.types"),
    "another object in one": ("int64_t revision;", "(void)(struct reply_my_questionnaire_item){.progress = "
                              "reply_proof_if(arena, true, (struct reply_proof){.response_sha256 = {0}})};", "incompatible.pointer.types"),
    "null for a number": ("int64_t revision;", BY_HAND % ".revision = REPLY_NULL", "int-conversion|incompatible types"),
}


def compiled(tmp_path, revision, body):
    source_file = tmp_path / "reply_use.c"
    source_file.write_text(ROW.format(revision=revision, body=body))
    return subprocess.run(["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I", tmp_path, "-I", ROOT, source_file],
                          capture_output=True, text=True, check=False)


@pytest.mark.parametrize("broken", BROKEN)
def test_a_reply_that_breaks_the_contract_does_not_compile(tmp_path, document, broken):
    generate(tmp_path, document, "--write-golden")
    revision, body, said = BROKEN[broken]
    fine = compiled(tmp_path, "int64_t revision;", WHOLE)
    assert fine.returncode == 0, fine.stderr
    done = compiled(tmp_path, revision, body)
    assert done.returncode != 0 and re.search(said, done.stderr), done.stderr


def test_a_row_without_what_the_contract_newly_requires_does_not_compile(tmp_path, document):
    schema_of(document, "PatientState")["properties"]["place"] = {"type": "string"}
    schema_of(document, "PatientState")["required"].append("place")
    assert generate(tmp_path, document, "--write-golden").returncode == 0
    done = compiled(tmp_path, "int64_t revision;", WHOLE)
    assert done.returncode != 0 and re.search("no member named .place", done.stderr), done.stderr


MISTAKES = {
    "a reply that contains itself": (lambda d: [schema_of(d, "Practice")["properties"].update(of={"$ref": "#/components/schemas/Practice"}),
                                                schema_of(d, "Practice")["required"].append("of")], "cannot contain itself"),
    "two objects of replies with one name": (lambda d: [d["components"]["schemas"].update(
        SessionListItem=schema_of(d, "PatientState")), schema_of(d, "Practice")["properties"].update(
            of={"$ref": "#/components/schemas/SessionListItem"})], "have one name in C"),
    "no security": (lambda d: create_of(d).pop("security"), "has no security"),
    "an x-handler that no other operation has": (lambda d: login_of(d).update({"x-handler": "enter"}), "no other operation has"),
    "an x-handler that is another operation's name": (
        lambda d: d["paths"]["/patient/profile/mfa/totp"]["post"].pop("x-handler"), "totp_enrol is the x-handler of others"),
    "an x-handler that is no name": (lambda d: login_of(d).update({"x-handler": "Log in"}), "x-handler must be snake_case"),
    "an x-handler of nobody's portal": (lambda d: d["paths"]["/livez"]["get"].update({"x-handler": "login"}),
                                        "below /admin or /patient"),
    "two types of one member of a shared input": (lambda d: d["paths"]["/patient/profile/sessions/{id}"]["delete"].update(
        parameters=[{"name": "id", "in": "path", "required": True,
                     "schema": {"type": "integer", "minimum": 1, "maximum": 2}}]), "`id` is of another type"),
    "no lane": (lambda d: create_of(d).pop("x-lane"), "x-lane must be"),
    "no transaction kind": (lambda d: create_of(d).pop("x-tx"), "x-tx must be"),
    "no audit kind": (lambda d: create_of(d).pop("x-audit"), "x-audit must be"),
    "no roles": (lambda d: create_of(d).pop("x-roles"), "x-roles must name"),
    "no owner": (lambda d: create_of(d).pop("x-owner"), "x-owner must say"),
    "an owner of nothing here": (lambda d: create_of(d).update({"x-owner": {"of": "own", "object": "person"}}), "must be one of"),
    "an object that no path names": (lambda d: d["paths"]["/admin/patients"]["get"]["x-owner"].update(object="patient"),
                                     "nothing names"),
    "a path that names no object": (lambda d: d["paths"]["/admin/patients/{id}"]["get"]["x-owner"].pop("object"),
                                    "the path names something"),
    "no words for the patient": (lambda d: create_of(d).pop("x-patient-words"), "must say in x-patient-words"),
    "no words for patients": (lambda d: d["paths"]["/admin/patients"]["get"].pop("x-patient-words"), "must say in x-patient-words"),
    "no words in a language": (lambda d: create_of(d)["x-patient-words"].pop("fr"), "must have de, en, es, fr"),
    "words in a language that is not there": (lambda d: create_of(d)["x-patient-words"].update(pl="x"), "must have de, en, es, fr"),
    "empty words": (lambda d: create_of(d)["x-patient-words"].update(de=""), "de must be text"),
    "words on two lines": (lambda d: create_of(d)["x-patient-words"].update(de="a\nb"), "de must be text"),
    "words that no patient reads": (lambda d: d["paths"]["/patient/profile"]["get"].update(
        {"x-patient-words": create_of(d)["x-patient-words"]}), "read by nobody"),
    "no words for all else": (lambda d: d.pop("x-patient-words"), "the document: x-patient-words"),
    "a role of the other realm": (lambda d: create_of(d)["x-roles"].append("patient"), "x-roles must name"),
    "no body limit": (lambda d: create_of(d).pop("x-body-limit"), "x-body-limit"),
    "an unknown x- member": (lambda d: create_of(d).update({"x-cache": 1}), "`x-cache` is not known"),
    "503 not declared": (lambda d: create_of(d)["responses"].pop("503"), "must answer 503"),
    "415 not declared": (lambda d: create_of(d)["responses"].pop("415"), "must answer 415"),
    "an operationId twice": (lambda d: create_of(d).update(operationId="livez"), "livez is given twice"),
    "an unknown keyword": (lambda d: schema_of(d, "PatientCreate").update(patternProperties={}), "patternProperties"),
    "an unknown format": (lambda d: schema_of(d, "Token").update(format="ipv4"), "`ipv4`"),
    "an object open by silence": (lambda d: schema_of(d, "Patient").pop("additionalProperties"),
                                  "must say additionalProperties"),
    "text without a longest": (lambda d: schema_of(d, "Token").pop("maxLength"), "must have a maxLength"),
    "a number without a range": (
        lambda d: schema_of(d, "InvitationCreate")["properties"]["expires_in_hours"].pop("maximum"), "a maximum"),
    "a date without a range": (lambda d: schema_of(d, "BirthDate").pop("x-maximum"), "an x-minimum and an x-maximum"),
    "a limit that is no date": (lambda d: schema_of(d, "BirthDate").update({"x-minimum": "1880-01-01T00:00:00Z"}), "must be a date"),
    "a limit of what is no date": (lambda d: schema_of(d, "Token").update({"x-minimum": "P1D"}), "only dates and times"),
    "a required member that is no property": (lambda d: schema_of(d, "Patient")["required"].append("x"),
                                              "required but not a property"),
    "a reference to nothing": (lambda d: schema_of(d, "PatientCreate")["properties"].update(
        x={"$ref": "#/components/schemas/Nothing"}), "does not exist"),
    "a path parameter that the path lacks": (lambda d: create_of(d)["parameters"].append(
        {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 1}}), "the path names"),
    "one name in body and query": (lambda d: create_of(d)["parameters"].append(
        {"name": "email", "in": "query", "schema": {"type": "string", "maxLength": 1}}), "two places"),
    "two lanes on one path": (lambda d: create_of(d).update({"x-lane": "bulk"}), "different lanes"),
    "a body without a name": (lambda d: create_of(d)["requestBody"]["content"]["application/json"].update(
        schema=dict(schema_of(d, "PatientCreate"))), "the body has no name"),
    "an alternative without a name": (lambda d: schema_of(d, "ProofOrNone")["oneOf"].append(dict(schema_of(d, "Proof"))),
                                      "must have a name"),
    "an alternative that only requires": (lambda d: schema_of(d, "Login").update(oneOf=[{"required": ["session"]}]),
                                          "must have a name"),
    "a constant without a type": (lambda d: schema_of(d, "Alive")["properties"]["status"].pop("type"), "need their values' type"),
    "a constant of another type": (lambda d: schema_of(d, "Alive")["properties"]["status"].update(const=True),
                                   "need their values' type"),
    "a discriminator that says something else": (
        lambda d: schema_of(d, "StaffLoginStep")["discriminator"]["mapping"].pop("mfa_required"), "mapping must be"),
    "a discriminator that need not be there": (lambda d: schema_of(d, "MfaRequired")["required"].remove("status"),
                                               "does not require `status`"),
    "bytes that nobody is told of": (lambda d: d["paths"]["/admin/media/{id}/view"]["get"].pop("x-bytes"), "must say in x-bytes"),
    "bytes of an operation that has none": (lambda d: create_of(d).update({"x-bytes": "view"}), "the bytes of a file"),
    "bytes of a kind that is not known": (
        lambda d: d["paths"]["/admin/media/{id}/view"]["get"].update({"x-bytes": "all"}), "x-bytes must be one of"),
    "bytes without a row of the patient's log": (
        lambda d: d["paths"]["/patient/uploads/{id}/view"]["get"].update({"x-audit": "event"}), "a row of the patient's log"),
    "two types of what is no file": (lambda d: d["paths"]["/livez"]["get"]["responses"]["200"]["content"].update(
        {"text/html": {}}), "more than one content type"),
    "no bearer": (lambda d: create_of(d)["security"].pop(), "and bearer"),
    "a path with odd characters": (lambda d: d["paths"].update({"/a%2fb": {}}), "unreserved"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused_and_named(tmp_path, document, mistake):
    change, said = MISTAKES[mistake]
    change(document)
    done = generate(tmp_path, document, "--write-golden")
    assert done.returncode == 1, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_yaml_is_read_as_json_people_expect(tmp_path):
    done = generate(tmp_path, "openapi: 3.1.0\npaths: {}\npaths: {}\n")
    assert done.returncode == 1 and "given twice" in done.stderr


def statuses_of_error_pages():
    """What nginx/errors.conf turns into a problem, and as which status."""
    text, found = (ROOT / "nginx" / "errors.conf").read_text(), {405}  # 405 stands beside it
    for given in re.findall(r"^error_page ([^/]+)/.problem;", text, re.MULTILINE):
        *statuses, last = given.split()
        found |= {int(last[1:])} if last.startswith("=") else {int(status) for status in (*statuses, last)}
    return found


def test_nginx_has_the_table_of_problems_that_are_its_own(tmp_path, document):
    """A row for each status that errors.conf turns into a problem, with the code and title of problems.tsv, and no copy by hand."""
    assert generate(tmp_path, document, "--write-golden").returncode == 0
    problems = [one for one in source.read_problems(ROOT / "problems.tsv") if one.by_nginx]
    made = (tmp_path / "gen" / "problems.conf").read_text()
    codes, titles = made.split("map $status $problem_title")
    rows = dict(re.findall(r"^    (\w+) +([a-z-]+);$", codes, re.MULTILINE))
    texts = dict(re.findall(r'^    (\w+) +"([^"]+)";$', titles, re.MULTILINE))
    wanted = {"default" if one.status == 500 else str(one.status): one for one in problems}
    assert rows == {status: one.code for status, one in wanted.items()}
    assert texts == {status: one.title for status, one in wanted.items()}
    assert {one.status for one in problems} == statuses_of_error_pages()
    header, conf = (tmp_path / "gen" / "problems.h").read_text(), (ROOT / "nginx" / "nginx.conf.in").read_text()
    assert "PROBLEM_URI_TOO_LONG" not in header and "PROBLEM_TOO_LARGE" in header
    assert not [one.code for one in problems if re.search(rf"^ +\d+ +{one.code};", conf, re.MULTILINE)]


PROBLEMS = (ROOT / "problems.tsv").read_text()
NO_PROBLEMS = {
    "a row without who answers": ("not-found\t404\tboth", "not-found\t404", "must read code, status, by"),
    "somebody else who answers": ("not-found\t404\tboth", "not-found\t404\tproxy", "by worker, by store, by nginx, or by both"),
    "two of nginx with one status": ("cross-site\t403\tworker", "cross-site\t403\tboth", "status by nginx given twice: 403"),
    "nothing of nginx for the rest": ("internal\t500\tboth", "internal\t500\tworker", "nginx answers no 500"),
    "a title that ends nginx's text": ("The address is too long", 'The "address"', "nginx.conf, or the JSON"),
    "a title with a variable": ("The address is too long", "$request", "nginx.conf, or the JSON"),
    "a status that is no error": ("not-found\t404", "not-found\t204", "must read code, status, by"),
}


@pytest.mark.parametrize("mistake", NO_PROBLEMS)
def test_a_mistake_in_the_table_of_problems_is_refused_and_named(tmp_path, document, mistake):
    old, new, said = NO_PROBLEMS[mistake]
    assert PROBLEMS.count(old) == 1
    (tmp_path / "problems.tsv").write_text(PROBLEMS.replace(old, new))
    done = generate(tmp_path, document, "--problems", tmp_path / "problems.tsv", "--write-golden")
    assert done.returncode == 1 and said in done.stderr and "Traceback" not in done.stderr

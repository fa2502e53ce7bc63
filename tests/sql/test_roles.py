"""What each database role can do at all: no more than tests/golden/grants.tsv says."""

import pathlib
import re
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))

import grants  # noqa: E402  (the path is set above)

NO_PRIVILEGE = "42501"
ANYBODY = ["anamnesis_api", "anamnesis_jobs", "anamnesis_scan", "anamnesis_auditor"]


def test_the_grants_are_those_that_were_reviewed(database):
    """[13.2.2]"""
    assert grants.difference(database.url("postgres")) == ""


def test_roles_are_neither_superusers_nor_above_row_level_security(superuser):
    assert superuser("SELECT rolname FROM pg_roles WHERE rolname LIKE 'anamnesis%%' AND (rolsuper OR rolbypassrls OR "
                     "rolcreaterole OR rolcreatedb OR rolreplication)") == []


def test_every_table_has_row_level_security_for_its_owner_too(superuser):
    assert superuser("SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                     "WHERE n.nspname IN ('anamnesis', 'auth', 'audit') AND c.relkind IN ('r', 'p') "
                     "AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY 1") == [
                         ("anamnesis.migration",), ("anamnesis.sql_state",), ("anamnesis.sql_text",)]


# Every request calls these several times, and a search path of its own costs 2 us at each call. They have the caller's, so that what
# follows must hold: nobody but the owner makes anything anywhere, and nothing that is there is found in front of what they mean.
CALLERS_PATH = {"prove", "realm", "role", "practice", "actor", "session", "patient", "scope", "answers", "answering", "held_patient",
                "staffs", "writes", "signed_in", "sees_all", "sees", "sees_answer", "held_answer", "assigned_version",
                "close", "open", "seal",
                "version_title", "assignment_now", "assignment_answered"}
OURS = "('anamnesis', 'phi', 'auth', 'audit')"


def test_every_definer_function_has_a_search_path_of_its_own(superuser):
    without = superuser("SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
                        f"WHERE n.nspname IN {OURS} AND p.prosecdef "
                        "AND 'search_path=pg_catalog, pg_temp' = ANY (coalesce(p.proconfig, '{}')) IS NOT TRUE")
    assert {name for (name,) in without} == CALLERS_PATH and len(without) == len(CALLERS_PATH)


def test_nobody_makes_anything_that_a_search_path_could_lead_to(superuser):
    """Neither a schema nor anything in one, nor a temporary table: a hostile search path leads to what is there."""
    assert superuser("SELECT r.rolname, n.nspname FROM pg_roles r, pg_namespace n WHERE r.rolname IN ('anamnesis_api', "
                     "'anamnesis_jobs', 'anamnesis_scan', 'anamnesis_auditor') AND has_schema_privilege(r.oid, n.oid, 'CREATE')") == []
    assert superuser("SELECT rolname FROM pg_roles WHERE rolname IN ('anamnesis_api', 'anamnesis_jobs', 'anamnesis_scan', "
                     "'anamnesis_auditor') AND (has_database_privilege(oid, current_database(), 'TEMP') "
                     "OR has_database_privilege(oid, current_database(), 'CREATE'))") == []


def test_nothing_hides_what_a_function_with_the_callers_path_means(superuser):
    """No operator, and no name that these functions' texts say, is in another schema than the system's and in that as well."""
    elsewhere = "NOT IN ('pg_catalog', 'pg_toast')"
    assert superuser(f"SELECT o.oid::regoperator FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace "
                     f"WHERE n.nspname {elsewhere}") == []
    hidden = {name for (name,) in superuser(
        "WITH names AS (SELECT proname AS name, pronamespace AS schema FROM pg_proc UNION SELECT typname, typnamespace FROM pg_type "
        "UNION SELECT relname, relnamespace FROM pg_class) "
        f"SELECT DISTINCT a.name FROM names a JOIN pg_namespace n ON n.oid = a.schema AND n.nspname {elsewhere} "
        "JOIN names b ON b.name = a.name AND b.schema = 'pg_catalog'::regnamespace")}
    assert "gen_random_uuid" in hidden  # of pgcrypto: the query finds what there is
    texts = superuser("SELECT p.proname, p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
                      f"WHERE n.nspname IN {OURS} AND p.proname = ANY (%s)", [*CALLERS_PATH, "pin", "about"])
    said = {(function, word) for function, text in texts for word in re.findall(r"(?<![.\w'])[a-z_0-9]+", text) if word in hidden}
    assert len(texts) >= len(CALLERS_PATH) + 2 and said == set()


@pytest.mark.parametrize("path", ["ext, auth, audit, phi, anamnesis, information_schema, public, pg_catalog",
                                  "pg_temp, ext, pg_catalog", "auth", "''"])
def test_a_hostile_search_path_changes_nothing(connect, world, path):
    api = connect("anamnesis_api")
    member = world[0].staff["physician"]
    look = ("SELECT auth.realm(), auth.practice(), auth.actor(), auth.role(), auth.sees_all(), (SELECT count(*) FROM anamnesis.patient), "
            "(SELECT count(*) FROM anamnesis.response), phi.open(%s, 'x', phi.seal(%s, 'x', 'clear'))")
    seen = []
    for statement in ("SELECT 1", f"SET search_path = {path}"):
        api(statement)
        api.prove(member)
        seen.append(api(look, member.key, member.key))
        api("SELECT audit.close(NULL, 'ok', 'event')")
        api.rollback()
    assert seen[0] == seen[1] and seen[0][0][0] == "staff"


@pytest.mark.parametrize("role", ANYBODY)
@pytest.mark.parametrize("statement", [
    "CREATE TABLE anamnesis.mine (i int)", "CREATE TABLE public.mine (i int)", "CREATE TEMP TABLE mine (i int)",
    "CREATE SCHEMA mine", "CREATE FUNCTION anamnesis.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE ROLE mine",
    "ALTER TABLE anamnesis.patient DISABLE ROW LEVEL SECURITY", "ALTER TABLE anamnesis.patient NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE audit.event DISABLE TRIGGER ALL", "DROP POLICY reads ON anamnesis.patient",
    "DROP TABLE anamnesis.patient", "TRUNCATE anamnesis.patient CASCADE", "TRUNCATE audit.event",
    "SET session_replication_role = replica", "SET ROLE anamnesis_owner", "SET ROLE postgres",
    "SET SESSION AUTHORIZATION postgres", "ALTER ROLE CURRENT_USER BYPASSRLS", "COPY (SELECT 1) TO PROGRAM 'true'",
    "SELECT pg_read_file('PG_VERSION')", "SELECT lo_import('/etc/hostname')", "CREATE EXTENSION dblink",
    "SELECT ext.pgp_sym_decrypt('x'::bytea, 'x')", "SELECT ext.hmac('a'::bytea, 'b'::bytea, 'sha256')",
    "SELECT password_hash FROM auth.account", "SELECT token_hash FROM auth.session", "SELECT * FROM auth.challenge",
    "SELECT * FROM auth.recovery_code", "SELECT * FROM auth.throttle", "UPDATE auth.account SET password_hash = 'x'",
    "INSERT INTO auth.session DEFAULT VALUES", "DELETE FROM auth.throttle",
    "SELECT auth.concerns(NULL, NULL)", "SELECT auth.factor_is_fresh(NULL)",
    "SELECT auth.throttle_note('x', 1, 1, interval '1 hour', NULL)", "SELECT * FROM auth.familiar",
    "SELECT auth.throttle_keys('staff', '{}', NULL, NULL, NULL, NULL, NULL, NULL)",
    "UPDATE audit.event SET outcome = 'x'", "DELETE FROM audit.event",
    "INSERT INTO audit.event (realm, client_address, request_id, operation, outcome) "
    "VALUES ('none', '', gen_random_uuid(), 'x', 'x')",
    "INSERT INTO anamnesis.migration (version, name, sha256) VALUES (99, 'x', 'x')",
    "INSERT INTO anamnesis.practice (name) VALUES ('x')", "UPDATE anamnesis.practice SET name = 'x'",
    "UPDATE anamnesis.staff SET role = 'owner'", "DELETE FROM anamnesis.patient", "DELETE FROM anamnesis.response",
    "DELETE FROM anamnesis.data_key", "UPDATE anamnesis.data_key SET wrapped_key = wrapped_key",
    "DELETE FROM anamnesis.questionnaire_version", "UPDATE anamnesis.questionnaire_version SET title = 'x'"])
def test_nobody_but_the_owner(connect, role, statement):
    allowed_reader = role == "anamnesis_auditor"
    refusal = connect(role)
    with pytest.raises(Exception) as fault:
        refusal(statement)
    # 25006: the auditor's transactions are read-only to begin with.
    assert fault.value.pgcode in ((NO_PRIVILEGE, "25006") if allowed_reader else (NO_PRIVILEGE,)), fault.value


@pytest.mark.parametrize("column", ["id", "practice_id", "created_by", "created_at", "registered_at"])
def test_the_api_never_changes_whose_a_patient_is(api, column):
    api.refused(NO_PRIVILEGE, f"UPDATE anamnesis.patient SET {column} = {column}")


@pytest.mark.parametrize("column", ["id", "practice_id", "patient_id", "assignment_id", "questionnaire_id", "version",
                                    "started_at"])
def test_the_api_never_changes_whose_a_response_is(api, column):
    api.refused(NO_PRIVILEGE, f"UPDATE anamnesis.response SET {column} = {column}")


def test_jobs_sees_messages_and_nothing_of_patients(connect, world):
    jobs = connect("anamnesis_jobs")
    assert jobs.one("SELECT count(*) FROM anamnesis.outbox") >= 2
    for table in ("patient", "staff", "practice", "questionnaire", "assignment", "invitation", "response", "idempotency"):
        jobs.refused(NO_PRIVILEGE, f"SELECT count(*) FROM anamnesis.{table}")
    jobs.refused(NO_PRIVILEGE, "SELECT phi.open('', '', '')")


def test_the_auditor_sees_the_log_and_nothing_else(connect, world):
    """[13.2.2]"""
    auditor = connect("anamnesis_auditor")
    assert auditor.one("SELECT count(*) FROM audit.event") is not None
    for table in ("patient", "staff", "practice", "questionnaire", "response", "outbox"):
        auditor.refused(NO_PRIVILEGE, f"SELECT count(*) FROM anamnesis.{table}")


def test_parameters_are_not_logged(api):
    assert api.one("SHOW log_parameter_max_length") == "0"
    assert api.one("SHOW log_parameter_max_length_on_error") == "0"

#include "cli/texts.h"

#include "build/gen/migrations.h"
#include "cli/command.h"
#include "cli/database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_SIZE = 4 * 1024 * 1024 };

/* Each whole state that the database ever had, and which digest each text has now. */
static const char ledger_sql[] = "CREATE TABLE IF NOT EXISTS anamnesis.sql_state ("
                                 " sha256 text PRIMARY KEY,"
                                 " number integer GENERATED ALWAYS AS IDENTITY,"
                                 " applied_at timestamptz NOT NULL DEFAULT now());"
                                 "CREATE TABLE IF NOT EXISTS anamnesis.sql_text ("
                                 " path text PRIMARY KEY,"
                                 " sha256 text NOT NULL)";

/* current, ahead, behind; and 42P01 when there never was a state. */
static const char state_sql[] =
    "SELECT CASE WHEN s.number IS NULL THEN 'behind' WHEN s.number = max(t.number) THEN 'current' "
    "ELSE 'ahead' END FROM anamnesis.sql_state t LEFT JOIN anamnesis.sql_state s ON s.sha256 = $1 "
    "GROUP BY s.number";

/* What a function of this name looked like, so that what its text did not touch can be told. */
static const char before_sql[] =
    "SELECT coalesce(array_agg(p.oid::text || ':' || p.xmin::text), '{}')::text FROM pg_catalog.pg_proc p "
    "WHERE p.pronamespace = split_part($1, '.', 1)::regnamespace AND p.proname = split_part($1, '.', 2)";

static const char former_functions_sql[] =
    "SELECT format('DROP FUNCTION %s', p.oid::regprocedure) FROM pg_catalog.pg_proc p "
    "WHERE p.pronamespace = split_part($1, '.', 1)::regnamespace AND p.proname = split_part($1, '.', 2) "
    "AND ($2::text[] IS NULL OR p.oid::text || ':' || p.xmin::text = ANY ($2::text[]))";

/* The tables whose policies call one of these functions. */
static const char callers_sql[] =
    "SELECT DISTINCT n.nspname || '.' || c.relname FROM pg_catalog.pg_proc p "
    "JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_proc'::regclass AND d.refobjid = p.oid "
    "JOIN pg_catalog.pg_policy y ON d.classid = 'pg_catalog.pg_policy'::regclass AND d.objid = y.oid "
    "JOIN pg_catalog.pg_class c ON c.oid = y.polrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE p.pronamespace = split_part($1, '.', 1)::regnamespace AND p.proname = split_part($1, '.', 2) "
    "AND ($2::text[] IS NULL OR p.oid::text || ':' || p.xmin::text = ANY ($2::text[]))";

/* What was granted before is not what the text grants. */
static const char former_grants_sql[] =
    "SELECT format('REVOKE ALL ON FUNCTION %s FROM anamnesis_api, anamnesis_jobs, anamnesis_auditor', "
    "p.oid::regprocedure) FROM pg_catalog.pg_proc p "
    "WHERE p.pronamespace = split_part($1, '.', 1)::regnamespace AND p.proname = split_part($1, '.', 2)";

static const char former_policies_sql[] =
    "SELECT format('DROP POLICY %I ON %s', p.polname, p.polrelid::regclass) FROM pg_catalog.pg_policy p "
    "WHERE p.polrelid = to_regclass($1) "
    "UNION ALL SELECT format('REVOKE ALL ON %s FROM anamnesis_api, anamnesis_jobs, anamnesis_auditor', "
    "$1::regclass)";

static const char without_file_sql[] =
    "SELECT format('DROP FUNCTION %s', p.oid::regprocedure) FROM pg_catalog.pg_proc p "
    "JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
    "WHERE n.nspname IN ('anamnesis', 'phi', 'auth', 'audit') "
    "AND n.nspname || '.' || p.proname <> ALL ($1::text[])";

/* Policies and grants of tables and views that stay, though they have no text any more. */
static const char policies_without_file_sql[] =
    "WITH former AS (SELECT to_regclass(substring(path FROM '^policies/(.*)[.]sql$')) AS relation "
    "FROM anamnesis.sql_text WHERE path LIKE 'policies/%' AND path <> ALL ($1::text[])) "
    "SELECT format('DROP POLICY %I ON %s', p.polname, f.relation) FROM former f "
    "JOIN pg_catalog.pg_policy p ON p.polrelid = f.relation "
    "UNION ALL SELECT format('REVOKE ALL ON %s FROM anamnesis_api, anamnesis_jobs, anamnesis_auditor', "
    "relation) FROM former WHERE relation IS NOT NULL";

static const char functions_sql[] = "SELECT DISTINCT n.nspname || '.' || p.proname FROM pg_catalog.pg_proc p "
                                    "JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
                                    "WHERE n.nspname IN ('anamnesis', 'phi', 'auth', 'audit')";

struct texts {
    PGconn *connection;
    struct arena *arena;
    bool there[SQL_TEXT_COUNT];   /* functions of which there is one of the name */
    bool applied[SQL_TEXT_COUNT]; /* or not to be applied now */
};

enum pass { PASS_MISSING, PASS_WHOLE };

enum texts_state
texts_state(PGconn *connection)
{
    const char *const values[] = {SQL_TEXTS_STATE};
    PGresult *result = PQexecParams(connection, state_sql, 1, NULL, values, NULL, NULL, 0);
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    enum texts_state state = TEXTS_BEHIND;
    if (PQresultStatus(result) == PGRES_TUPLES_OK) {
        const char *word = PQntuples(result) == 1 ? PQgetvalue(result, 0, 0) : "behind";
        state = strcmp(word, "current") == 0 ? TEXTS_CURRENT
                : strcmp(word, "ahead") == 0 ? TEXTS_AHEAD
                                             : TEXTS_BEHIND;
    } else if (sqlstate == NULL || (strcmp(sqlstate, "42P01") != 0 && strcmp(sqlstate, "3F000") != 0)) {
        (void)fprintf(stderr, "%s", PQresultErrorMessage(result));
        state = TEXTS_UNKNOWN;
    }
    PQclear(result);
    return state;
}

/* Runs each statement that a query makes of the catalogue; no text from outside is in them. */
static bool
run_made(struct texts *texts, const char *sql, int count, const char *const *values)
{
    PGresult *rows = database_rows(texts->connection, texts->arena, sql, count, values);
    for (int i = 0; rows != NULL && i < PQntuples(rows); i++) {
        if (!command_do(texts->connection, PQgetvalue(rows, i, 0))) {
            return false;
        }
    }
    return rows != NULL;
}

/* Drops functions of a name, and before them the policies that call one: these are applied again. */
static bool
drop_former(struct texts *texts, const char *const name_and_which[2])
{
    PGresult *callers = database_rows(texts->connection, texts->arena, callers_sql, 2, name_and_which);
    for (int row = 0; callers != NULL && row < PQntuples(callers); row++) {
        const char *const table[] = {PQgetvalue(callers, row, 0)};
        for (int i = 0; i < SQL_TEXT_COUNT; i++) {
            if (sql_texts[i].kind == TEXT_POLICIES && strcmp(sql_texts[i].name, table[0]) == 0) {
                texts->applied[i] = false;
                if (!run_made(texts, former_policies_sql, 1, table)) {
                    return false;
                }
            }
        }
    }
    return callers != NULL && run_made(texts, former_functions_sql, 2, name_and_which);
}

/* A function whose result or parameters' names change cannot be replaced, only dropped and made. */
static const char *
apply_function(struct texts *texts, const struct sql_text *text, const char **why)
{
    const char *const name[] = {text->name};
    bool revoked = run_made(texts, former_grants_sql, 1, name);
    PGresult *rows = revoked ? database_rows(texts->connection, texts->arena, before_sql, 1, name) : NULL;
    if (rows == NULL) {
        return "XX000";
    }
    const char *before = PQgetvalue(rows, 0, 0);
    const char *sqlstate = database_attempt(texts->connection, texts->arena, text->text, why);
    if (strcmp(sqlstate, "42P13") == 0) {
        const char *const all[] = {text->name, NULL};
        return drop_former(texts, all) ? database_attempt(texts->connection, texts->arena, text->text, why)
                                       : "XX000";
    }
    const char *const former[] = {text->name, before};
    bool good = sqlstate[0] != '\0' || drop_former(texts, former);
    return good ? sqlstate : "XX000";
}

static const char *
apply_policies(struct texts *texts, const struct sql_text *text, const char **why)
{
    bool good = run_made(texts, former_policies_sql, 1, (const char *const[]){text->name});
    return good ? database_attempt(texts->connection, texts->arena, text->text, why) : "XX000";
}

static bool
note(struct texts *texts, const struct sql_text *text)
{
    return database_rows(texts->connection, texts->arena,
                         "INSERT INTO anamnesis.sql_text (path, sha256) VALUES ($1, $2) "
                         "ON CONFLICT (path) DO UPDATE SET sha256 = excluded.sha256",
                         2, (const char *const[]){text->path, text->sha256}) != NULL;
}

static const char *
apply_text(struct texts *texts, enum pass pass, int place, const char **why)
{
    const struct sql_text *text = &sql_texts[place];
    if (pass == PASS_MISSING) {
        return database_attempt(texts->connection, texts->arena, text->text, why);
    }
    if (text->kind == TEXT_POLICIES) {
        return apply_policies(texts, text, why);
    }
    return text->kind == TEXT_FUNCTION_ONCE && texts->there[place] ? "" : apply_function(texts, text, why);
}

/* Tries each that is left, until all are applied or none could be. How many were, or -1. */
static int
apply_left(struct texts *texts, enum pass pass)
{
    int done = 0;
    const char *why = "";
    const char *waits = NULL;
    for (bool progress = true; progress;) {
        progress = false;
        waits = NULL;
        for (int i = 0; i < SQL_TEXT_COUNT; i++) {
            if (texts->applied[i]) {
                continue;
            }
            const char *sqlstate = apply_text(texts, pass, i, &why);
            if (sqlstate[0] == '\0' && (pass == PASS_MISSING || note(texts, &sql_texts[i]))) {
                texts->applied[i] = progress = true;
                done++;
            } else if (database_is_missing(sqlstate)) {
                waits = sql_texts[i].name;
            } else {
                (void)fprintf(stderr, "%s%s could not be applied.\n", why, sql_texts[i].name);
                return -1;
            }
        }
    }
    if (waits != NULL && pass == PASS_WHOLE) {
        (void)fprintf(stderr, "%s%s could not be applied.\n", why, waits);
        return -1;
    }
    return done;
}

/* The names of all functions, or the paths of all texts, as an array's text. */
static const char *
list_of(struct arena *arena, bool functions)
{
    const char *list = "{";
    const char *comma = "";
    for (int i = 0; i < SQL_TEXT_COUNT; i++) {
        if (!functions || sql_texts[i].kind != TEXT_POLICIES) {
            list =
                arena_format(arena, "%s%s%s", list, comma, functions ? sql_texts[i].name : sql_texts[i].path);
            comma = ",";
        }
    }
    return arena_format(arena, "%s}", list);
}

/* Which texts the database has as they are here. */
static bool
compare(struct texts *texts)
{
    PGresult *rows = database_rows(texts->connection, texts->arena,
                                   "SELECT path, sha256 FROM anamnesis.sql_text", 0, NULL);
    for (int row = 0; rows != NULL && row < PQntuples(rows); row++) {
        for (int i = 0; i < SQL_TEXT_COUNT; i++) {
            if (strcmp(PQgetvalue(rows, row, 0), sql_texts[i].path) == 0) {
                texts->applied[i] = strcmp(PQgetvalue(rows, row, 1), sql_texts[i].sha256) == 0;
            }
        }
    }
    return rows != NULL;
}

/* Which functions there are, of whatever text. */
static bool
look(struct texts *texts)
{
    PGresult *rows = database_rows(texts->connection, texts->arena, functions_sql, 0, NULL);
    for (int row = 0; rows != NULL && row < PQntuples(rows); row++) {
        for (int i = 0; i < SQL_TEXT_COUNT; i++) {
            texts->there[i] = texts->there[i] || (sql_texts[i].kind != TEXT_POLICIES &&
                                                  strcmp(PQgetvalue(rows, row, 0), sql_texts[i].name) == 0);
        }
    }
    return rows != NULL;
}

static int
make_missing(struct texts *texts)
{
    if (!look(texts)) {
        return -1;
    }
    for (int i = 0; i < SQL_TEXT_COUNT; i++) {
        texts->applied[i] = texts->there[i] || sql_texts[i].kind == TEXT_POLICIES;
    }
    return apply_left(texts, PASS_MISSING);
}

static int
apply_all(struct texts *texts, bool all)
{
    if (!command_do(texts->connection, ledger_sql) || !look(texts) || (!all && !compare(texts))) {
        return -1;
    }
    int done = apply_left(texts, PASS_WHOLE);
    const char *const functions[] = {list_of(texts->arena, true)};
    const char *const paths[] = {list_of(texts->arena, false)};
    bool good =
        done >= 0 && run_made(texts, policies_without_file_sql, 1, paths) &&
        run_made(texts, without_file_sql, 1, functions) &&
        database_rows(texts->connection, texts->arena,
                      "DELETE FROM anamnesis.sql_text WHERE path <> ALL ($1::text[])", 1, paths) != NULL &&
        database_rows(texts->connection, texts->arena,
                      "INSERT INTO anamnesis.sql_state (sha256) VALUES ($1) ON CONFLICT DO NOTHING", 1,
                      (const char *const[]){SQL_TEXTS_STATE}) != NULL;
    return good ? done : -1;
}

int
texts_make_missing(PGconn *connection)
{
    struct texts texts = {.connection = connection, .arena = arena_create(ARENA_SIZE, NULL, NULL)};
    int made = texts.arena == NULL ? -1 : make_missing(&texts);
    arena_destroy(texts.arena);
    return made;
}

int
texts_apply(PGconn *connection, bool all)
{
    struct texts texts = {.connection = connection, .arena = arena_create(ARENA_SIZE, NULL, NULL)};
    int done = texts.arena == NULL ? -1 : apply_all(&texts, all);
    arena_destroy(texts.arena);
    return done;
}

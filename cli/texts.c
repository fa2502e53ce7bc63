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

/* audit.epoch() is no text: audit.make_ready() writes it when a log is restored into another cluster. */
static const char without_file_sql[] =
    "SELECT format('DROP FUNCTION %s', p.oid::regprocedure) FROM pg_catalog.pg_proc p "
    "JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
    "WHERE n.nspname IN ('anamnesis', 'phi', 'auth', 'audit') AND n.nspname || '.' || p.proname <> "
    "'audit.epoch' "
    "AND n.nspname || '.' || p.proname <> ALL ($1::text[])";

struct texts {
    PGconn *connection;
    struct arena *arena;
    bool applied[SQL_TEXT_COUNT];
};

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

/* "" when the text was applied, its SQLSTATE when not; what it did is undone then. `why` is the arena's. */
static const char *
attempt(struct texts *texts, const struct sql_text *text, const char **why)
{
    if (!command_do(texts->connection, "SAVEPOINT text")) {
        return "XX000";
    }
    PGresult *result = PQexec(texts->connection, text->text);
    const char *sqlstate = "";
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK) {
        const char *given = PQresultErrorField(result, PG_DIAG_SQLSTATE);
        sqlstate = arena_format(texts->arena, "%s", given == NULL ? "08006" : given);
        *why = arena_format(texts->arena, "%s", PQresultErrorMessage(result));
    }
    PQclear(result);
    bool undone = sqlstate[0] == '\0' || command_do(texts->connection, "ROLLBACK TO SAVEPOINT text");
    return undone && command_do(texts->connection, "RELEASE SAVEPOINT text") ? sqlstate : "XX000";
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
    const char *sqlstate = attempt(texts, text, why);
    if (strcmp(sqlstate, "42P13") == 0) {
        const char *const all[] = {text->name, NULL};
        return run_made(texts, former_functions_sql, 2, all) ? attempt(texts, text, why) : "XX000";
    }
    const char *const former[] = {text->name, before};
    bool good = sqlstate[0] != '\0' || run_made(texts, former_functions_sql, 2, former);
    return good ? sqlstate : "XX000";
}

static const char *
apply_policies(struct texts *texts, const struct sql_text *text, const char **why)
{
    bool good = run_made(texts, former_policies_sql, 1, (const char *const[]){text->name});
    return good ? attempt(texts, text, why) : "XX000";
}

static bool
note(struct texts *texts, const struct sql_text *text)
{
    return database_rows(texts->connection, texts->arena,
                         "INSERT INTO anamnesis.sql_text (path, sha256) VALUES ($1, $2) "
                         "ON CONFLICT (path) DO UPDATE SET sha256 = excluded.sha256",
                         2, (const char *const[]){text->path, text->sha256}) != NULL;
}

/* Tries each that is left, until all are applied or none could be. How many were, or -1. */
static int
apply_left(struct texts *texts)
{
    int done = 0;
    for (bool progress = true; progress;) {
        const char *why = NULL;
        const char *name = NULL;
        progress = false;
        for (int i = 0; i < SQL_TEXT_COUNT; i++) {
            const struct sql_text *text = &sql_texts[i];
            if (texts->applied[i]) {
                continue;
            }
            const char *sqlstate = text->kind == TEXT_FUNCTION ? apply_function(texts, text, &why)
                                                               : apply_policies(texts, text, &why);
            if (sqlstate[0] == '\0' && note(texts, text)) {
                texts->applied[i] = progress = true;
                done++;
            } else if (strcmp(sqlstate, "42883") != 0 && strcmp(sqlstate, "42704") != 0) {
                (void)fprintf(stderr, "%s%s could not be applied.\n", why == NULL ? "" : why, text->name);
                return -1;
            } else {
                name = text->name;
            }
        }
        if (!progress && name != NULL) {
            (void)fprintf(stderr, "%s%s could not be applied.\n", why == NULL ? "" : why, name);
            return -1;
        }
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
        if (!functions || sql_texts[i].kind == TEXT_FUNCTION) {
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

static int
apply_all(struct texts *texts, bool all)
{
    /* Bodies name tables and functions that other texts make. */
    if (!command_do(texts->connection, "SET LOCAL check_function_bodies = off") ||
        !command_do(texts->connection, ledger_sql) || (!all && !compare(texts))) {
        return -1;
    }
    int done = apply_left(texts);
    const char *const functions[] = {list_of(texts->arena, true)};
    const char *const paths[] = {list_of(texts->arena, false)};
    bool good =
        done >= 0 && run_made(texts, without_file_sql, 1, functions) &&
        database_rows(texts->connection, texts->arena,
                      "DELETE FROM anamnesis.sql_text WHERE path <> ALL ($1::text[])", 1, paths) != NULL &&
        database_rows(texts->connection, texts->arena,
                      "INSERT INTO anamnesis.sql_state (sha256) VALUES ($1) ON CONFLICT DO NOTHING", 1,
                      (const char *const[]){SQL_TEXTS_STATE}) != NULL;
    return good ? done : -1;
}

int
texts_apply(PGconn *connection, bool all)
{
    struct texts texts = {.connection = connection, .arena = arena_create(ARENA_SIZE, NULL, NULL)};
    int done = -1;
    if (texts.arena != NULL && command_do(connection, "BEGIN")) {
        done = apply_all(&texts, all);
        if (!command_do(connection, done < 0 ? "ROLLBACK" : "COMMIT")) {
            done = -1;
        }
    }
    arena_destroy(texts.arena);
    return done;
}

#include "cli/migrate/texts.h"

#include "build/gen/migrations.h"
#include "cli/command.h"
#include "cli/database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_SIZE = 4 * 1024 * 1024 };

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
    PGresult *result =
        database_run(connection, &sql_texts_state, &(struct sql_texts_state_in){.sha256 = SQL_TEXTS_STATE});
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
run_made(struct texts *texts, const struct statement *statement, const void *in)
{
    PGresult *rows = database_ask(texts->connection, texts->arena, statement, in);
    for (int i = 0; rows != NULL && i < PQntuples(rows); i++) {
        if (!command_do(texts->connection, PQgetvalue(rows, i, 0))) {
            return false;
        }
    }
    return rows != NULL;
}

/* Drops functions of a name, and before them the policies that call one: these are applied again. */
static bool
drop_former(struct texts *texts, const struct sql_former_functions_in *former)
{
    struct sql_policies_that_call_in called = {.name = former->name, .versions = former->versions};
    PGresult *callers = database_ask(texts->connection, texts->arena, &sql_policies_that_call, &called);
    for (int row = 0; callers != NULL && row < PQntuples(callers); row++) {
        struct sql_former_policies_in table = {.name = PQgetvalue(callers, row, 0)};
        for (int i = 0; i < SQL_TEXT_COUNT; i++) {
            if (sql_texts[i].kind == TEXT_POLICIES && strcmp(sql_texts[i].name, table.name) == 0) {
                texts->applied[i] = false;
                if (!run_made(texts, &sql_former_policies, &table)) {
                    return false;
                }
            }
        }
    }
    return callers != NULL && run_made(texts, &sql_former_functions, former);
}

/* A function whose result or parameters' names change cannot be replaced, only dropped and made. */
static const char *
apply_function(struct texts *texts, const struct sql_text *text, const char **why)
{
    bool revoked = run_made(texts, &sql_former_grants, &(struct sql_former_grants_in){.name = text->name});
    PGresult *rows = revoked ? database_ask(texts->connection, texts->arena, &sql_function_versions,
                                            &(struct sql_function_versions_in){.name = text->name})
                             : NULL;
    if (rows == NULL) {
        return "XX000";
    }
    struct sql_former_functions_in former = {.name = text->name};
    const char *sqlstate = database_attempt(texts->connection, texts->arena, text->text, why);
    if (strcmp(sqlstate, "42P13") == 0) {
        return drop_former(texts, &former)
                   ? database_attempt(texts->connection, texts->arena, text->text, why)
                   : "XX000";
    }
    former.versions = PQgetvalue(rows, 0, 0);
    bool good = sqlstate[0] != '\0' || drop_former(texts, &former);
    return good ? sqlstate : "XX000";
}

static const char *
apply_policies(struct texts *texts, const struct sql_text *text, const char **why)
{
    bool good = run_made(texts, &sql_former_policies, &(struct sql_former_policies_in){.name = text->name});
    return good ? database_attempt(texts->connection, texts->arena, text->text, why) : "XX000";
}

static bool
note(struct texts *texts, const struct sql_text *text)
{
    return database_exec(texts->connection, &sql_text_note,
                         &(struct sql_text_note_in){.path = text->path, .sha256 = text->sha256});
}

static const char *
apply_text(struct texts *texts, enum pass pass, int index, const char **why)
{
    const struct sql_text *text = &sql_texts[index];
    if (pass == PASS_MISSING) {
        return database_attempt(texts->connection, texts->arena, text->text, why);
    }
    if (text->kind == TEXT_POLICIES) {
        return apply_policies(texts, text, why);
    }
    return text->kind == TEXT_FUNCTION_ONCE && texts->there[index] ? "" : apply_function(texts, text, why);
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
    PGresult *rows = database_ask(texts->connection, texts->arena, &sql_text_digests, NULL);
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
    PGresult *rows = database_ask(texts->connection, texts->arena, &sql_functions_there, NULL);
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
    if (!database_exec(texts->connection, &sql_states_table, NULL) ||
        !database_exec(texts->connection, &sql_texts_table, NULL) || !look(texts) ||
        (!all && !compare(texts))) {
        return -1;
    }
    int done = apply_left(texts, PASS_WHOLE);
    const char *paths = list_of(texts->arena, false);
    bool good =
        done >= 0 &&
        run_made(texts, &sql_policies_without_file, &(struct sql_policies_without_file_in){.paths = paths}) &&
        run_made(texts, &sql_functions_without_file,
                 &(struct sql_functions_without_file_in){.names = list_of(texts->arena, true)}) &&
        database_exec(texts->connection, &sql_texts_forget, &(struct sql_texts_forget_in){.paths = paths}) &&
        database_exec(texts->connection, &sql_state_note,
                      &(struct sql_state_note_in){.sha256 = SQL_TEXTS_STATE});
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

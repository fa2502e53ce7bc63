/* The doctor's look at who may do what, and at the audit log. */
#include "build/gen/grants.h"
#include "cli/doctor/doctor.h"
#include "lib/base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_MAX = 1024 * 1024, SHOWN_MAX = 3, SHOWN_SIZE = 600 };

/* Everything that tools/grants.sql answers, as lines. False when a statement fails. */
static bool
ask_grants(PGconn *owner, struct buf *answer)
{
    bool good = true;
    for (size_t i = 0; good && i < GRANTS_STATEMENTS; i++) {
        PGresult *result = PQexec(owner, grants_statements[i]);
        good = PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK;
        for (int row = 0; good && row < PQntuples(result); row++) {
            buf_text(answer, PQgetvalue(result, row, 0));
            buf_byte(answer, '\n');
        }
        PQclear(result);
    }
    PGresult *reset = PQexec(owner, "RESET search_path");
    PQclear(reset);
    return good && !answer->failed;
}

struct difference {
    size_t count;
    char shown[SHOWN_SIZE];
};

/* Counts a line, and shows the first few: with spaces where the line has tabs. */
static void
differ(struct difference *difference, char sign, const char *line, size_t size)
{
    char *end = difference->shown + strlen(difference->shown);
    if (size > 0 && difference->count++ < SHOWN_MAX) {
        (void)snprintf(end, (size_t)(difference->shown + SHOWN_SIZE - end), "%s%c %.*s",
                       end == difference->shown ? "" : "; ", sign, (int)size, line);
        for (char *tab = strchr(end, '\t'); tab != NULL; tab = strchr(tab, '\t')) {
            *tab = ' ';
        }
    }
}

static bool
is_expected(const char *line, size_t size)
{
    for (size_t i = 0; i < GRANTS_LINES; i++) {
        if (strlen(grants_lines[i]) == size && memcmp(grants_lines[i], line, size) == 0) {
            return true;
        }
    }
    return false;
}

static bool
is_there(const char *text, const char *line)
{
    size_t size = strlen(line);
    for (const char *at = text; *at != '\0'; at += strcspn(at, "\n") + 1) {
        if (strncmp(at, line, size) == 0 && at[size] == '\n') {
            return true;
        }
    }
    return false;
}

/* Lines are compared as a set: their order is the statements'. */
static void
check_grants(struct doctor *doctor)
{
    struct buf answer;
    struct difference difference = {.count = 0};
    buf_init(&answer, ANSWER_MAX);
    if (!ask_grants(doctor->owner, &answer)) {
        doctor_say(doctor, "grants", CLAUSE_ACCESS, RESULT_FAILED, "run: anamnesis migrate",
                   "roles and grants cannot be read");
        buf_free(&answer);
        return;
    }
    const char *text = buf_string(&answer);
    for (const char *at = text; *at != '\0'; at += strcspn(at, "\n") + 1) {
        size_t size = strcspn(at, "\n");
        if (!is_expected(at, size)) {
            differ(&difference, '+', at, size);
        }
    }
    for (size_t i = 0; i < GRANTS_LINES; i++) {
        if (!is_there(text, grants_lines[i])) {
            differ(&difference, '-', grants_lines[i], strlen(grants_lines[i]));
        }
    }
    if (difference.count == 0) {
        doctor_say(doctor, "grants", CLAUSE_ACCESS, RESULT_OK, NULL,
                   "%d lines of roles, grants and policies are as reviewed", (int)GRANTS_LINES);
    } else {
        doctor_say(
            doctor, "grants", CLAUSE_ACCESS, RESULT_FAILED,
            "put roles, grants and policies back as tests/golden/grants.tsv has them (+ too much, - missing)",
            "%zu lines differ: %s", difference.count, difference.shown);
    }
    buf_free(&answer);
}

static void
check_row_level_security(struct doctor *doctor)
{
    const char *without = doctor_ask(doctor, &sql_row_level_security_missing);
    const char *tables = doctor_ask(doctor, &sql_row_level_security_count);
    bool some = tables != NULL && strcmp(tables, "0") != 0;
    doctor_say(
        doctor, "row-level-security", CLAUSE_ACCESS, without == NULL && some ? RESULT_OK : RESULT_FAILED,
        "turn it on (ALTER TABLE ... ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY); then find out who "
        "turned it off",
        "%s%s", without == NULL ? "enabled and forced on tables: " : "not enabled, or not forced: ",
        without == NULL ? (some ? tables : "none") : without);
}

/* What a session's row says of its account is what lets a request in. */
static void
check_sessions(struct doctor *doctor)
{
    const char *stale = doctor_ask(doctor, &sql_sessions_stale);
    bool none = stale != NULL && strcmp(stale, "0") == 0;
    doctor_say(
        doctor, "sessions", CLAUSE_ACCESS, none ? RESULT_OK : RESULT_FAILED,
        "end these sessions (UPDATE auth.session SET ended_at = now() ...); then find out who turned a "
        "trigger off",
        "%s sessions say something else than their accounts", stale == NULL ? "unknown:" : stale);
}

/* A month is made long before it begins; without one, rows of that month would have nowhere to go. */
static void
check_partitions(struct doctor *doctor)
{
    const char *kind = doctor_ask(doctor, &sql_audit_table_kind);
    if (kind == NULL || strcmp(kind, "p") != 0) {
        doctor_say(doctor, "audit-log", CLAUSE_AUDIT, kind == NULL ? RESULT_FAILED : RESULT_OK,
                   "run: anamnesis migrate", "%s", kind == NULL ? "there is no audit log" : "one table");
        return;
    }
    const char *days = doctor_ask(doctor, &sql_audit_days_ahead);
    long ahead = days == NULL ? 0 : strtol(days, NULL, 10);
    doctor_say(doctor, "audit-log", CLAUSE_AUDIT,
               ahead > 14  ? RESULT_OK
               : ahead > 0 ? RESULT_WARNING
                           : RESULT_FAILED,
               "start anamnesis-jobs: it makes the next months", "months are made for %ld days ahead", ahead);
}

static void
check_seals(struct doctor *doctor)
{
    const char *known = doctor_ask(doctor, &sql_audit_seal_columns);
    if (known == NULL || strcmp(known, "2") != 0) {
        return; /* this version of the database has no seals */
    }
    const char *late = doctor_ask(doctor, &sql_audit_rows_late);
    bool good = late != NULL && strcmp(late, "0") == 0;
    doctor_say(doctor, "audit-seals", CLAUSE_AUDIT, good ? RESULT_OK : RESULT_WARNING,
               "start anamnesis-jobs, and see in its log why it does not seal",
               "%s rows are older than ten minutes and not sealed", late == NULL ? "unknown" : late);
}

void
doctor_access(struct doctor *doctor)
{
    check_grants(doctor);
    check_row_level_security(doctor);
    check_sessions(doctor);
    check_partitions(doctor);
    check_seals(doctor);
}

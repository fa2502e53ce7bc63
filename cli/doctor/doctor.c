#include "cli/doctor/doctor.h"

#include <stdarg.h>
#include <stdio.h>

enum { TEXT_MAX = 1024 };

void
doctor_say(struct doctor *doctor, const char *check, const char *clause, enum result result,
           const char *advice, const char *format, ...)
{
    char text[TEXT_MAX];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (doctor->count < FINDINGS_MAX) {
        doctor->findings[doctor->count++] =
            (struct finding){check, clause, result, arena_text(doctor->arena, text),
                             result == RESULT_OK || advice == NULL ? "" : advice};
    }
}

const char *
doctor_ask(struct doctor *doctor, const struct statement *statement)
{
    if (doctor->owner == NULL) {
        return NULL;
    }
    PGresult *result = database_run(doctor->owner, statement, NULL);
    const char *answer = NULL;
    if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) > 0 &&
        PQgetisnull(result, 0, 0) == 0) {
        answer = arena_text(doctor->arena, PQgetvalue(result, 0, 0));
    }
    PQclear(result);
    return answer;
}

/*
 * One JSON line on stderr for each event: time, level, program, process, event, and the fields given.
 * systemd, or whatever started the program, keeps the lines.
 *
 * Fields are names, codes and counts. Never patient data, a token, a key, a body or a query string (ASVS
 * 16.2.5): libpq's and PCRE2's own messages can quote such, so they are not logged either. A line is one
 * write(2) of at most LOG_LINE_MAX bytes, so the lines of several processes do not mix; a text is cut and a
 * field left out where they would make it longer, and the line stays JSON. Control characters are escaped:
 * nobody can begin a line of their own. A failing write is ignored. Costs: one system call; a line below the
 * level costs a comparison.
 */
#ifndef ANAMNESIS_BASE_LOG_H
#define ANAMNESIS_BASE_LOG_H

#include "lib/base/config.h"

#include <stdbool.h>
#include <stdint.h>

enum { LOG_LINE_MAX = 4096 };
enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_kind { LOG_END, LOG_FIELD_TEXT, LOG_FIELD_INT };

struct log_field {
    enum log_kind kind;
    const char *name;
    const char *text; /* NULL is written as null */
    int64_t number;
};

#define LOG_TEXT(name_, value_) ((struct log_field){LOG_FIELD_TEXT, (name_), (value_), 0})
#define LOG_INT(name_, value_)  ((struct log_field){LOG_FIELD_INT, (name_), NULL, (int64_t)(value_)})

/*
 * Names the program and the process in every line; to be called again after a fork. `program` is kept, not
 * copied. Lines below `least` are not written.
 */
void log_start(const char *program, enum log_level least);

/* The same with ANAMNESIS_LOG_LEVEL. False, with a sentence on stderr, when that names no level. */
bool log_start_configured(const char *program, const struct config *config);

/* Writes one line. `fields` ends with the kind LOG_END: use log_event, which adds it. */
void log_fields(enum log_level level, const char *event, const struct log_field *fields);

/* log_event(LOG_INFO, "worker-started", LOG_INT("slot", 1), LOG_TEXT("lane", "api")); at least one field. */
#define log_event(level_, event_, ...)                                                                       \
    log_fields((level_), (event_), (const struct log_field[]){__VA_ARGS__, {LOG_END, NULL, NULL, 0}})

#endif

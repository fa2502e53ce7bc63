/*
 * One JSON line on stderr for each event: time, level, program, process, event, and the fields given.
 * systemd, or whatever started the program, keeps the lines.
 *
 * Fields are names, codes and counts. Never patient data, a token, a key, a body or a query string (ASVS
 * 16.2.5): libpq's and PCRE2's own messages can quote such, so they are not logged either. A line has at most
 * LOG_LINE_MAX bytes; a text is cut and a field left out where they would make it longer, and the line stays
 * JSON. Control characters are escaped: nobody can begin a line of their own. A failing write is ignored.
 *
 * A line is written at once, by one system call, unless the process has said that its lines may wait
 * (log_hold): then those that are neither warnings nor errors are written together. Either way a write is of
 * whole lines, at most LOG_LINE_MAX bytes together, so that the lines of several processes do not mix in a
 * pipe (PIPE_BUF), and a process's lines keep their order. A line below the level costs a comparison.
 */
#ifndef ANAMNESIS_BASE_LOG_H
#define ANAMNESIS_BASE_LOG_H

#include "lib/base/config.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOG_LINE_MAX = 4096 };
enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_kind { LOG_END, LOG_FIELD_TEXT, LOG_FIELD_INT };

/*
 * Lines that wait to be written. In memory that two processes share, the other one can write what a process
 * has left that was killed.
 */
struct log_held {
    _Atomic size_t size;
    _Atomic int64_t since; /* clock_monotonic() of the oldest */
    char text[LOG_LINE_MAX];
};

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

/*
 * From now on lines may wait in `held`, zeroed memory that outlives the process's last line, until log_flush,
 * until they fill it, until a warning or an error comes, or until the next line when the oldest has waited
 * for a second. NULL: every line is written at once, as from the start.
 */
void log_hold(struct log_held *held);

/* Whether lines wait; and writes them. */
bool log_waits(void);
void log_flush(void);

/*
 * Writes the lines that a process has left there, which has ended. One that was killed just after it wrote
 * them has them twice in the log: none is missing.
 */
void log_write_left(struct log_held *held);

/* Writes one line. `fields` ends with the kind LOG_END: use log_event, which adds it. */
void log_fields(enum log_level level, const char *event, const struct log_field *fields);

/* log_event(LOG_INFO, "worker-started", LOG_INT("slot", 1), LOG_TEXT("lane", "api")); at least one field. */
#define log_event(level_, event_, ...)                                                                       \
    log_fields((level_), (event_), (const struct log_field[]){__VA_ARGS__, {LOG_END, NULL, NULL, 0}})

#endif

/*
 * What `anamnesis store check` is made of: the names of objects in the database and those in the store, each
 * read in the order of bytes, and compared in one pass. Neither is held still meanwhile, so whatever seems
 * wrong is looked at once more before it is said.
 */
#ifndef ANAMNESIS_CLI_STORE_STORE_REPORT_H
#define ANAMNESIS_CLI_STORE_STORE_REPORT_H

#include "lib/base/buf.h"
#include "lib/base/json_out.h"
#include "lib/store/store.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

enum { STORE_ROWS = 1000 }; /* that are read at once */

enum store_finding {
    STORE_OBJECT_MISSING,
    STORE_OBJECT_UNKNOWN,
    STORE_SIZE_DIFFERS,
    STORE_PART_MISSING,
    STORE_PART_UNKNOWN,
    STORE_STRANGE,
    STORE_FINDINGS
};

struct store_check {
    PGconn *connection;
    struct store *store;
    bool repair;
    bool json;
    bool silent;    /* only counts */
    struct buf buf; /* the JSON value */
    struct json_out out;
    int64_t objects; /* that were compared */
    int64_t uploads;
    int64_t found[STORE_FINDINGS];
    int64_t repaired;
};

/* Says and counts what was found. `name` is an object's or a path in the store; `upload_id` may be NULL.
 * With --repair what is unknown is removed; when that fails, why is on stderr. False when output fails. */
bool store_found(struct store_check *check, enum store_finding finding, const char *name,
                 const char *upload_id);

/* Whether something is at a name: false when nothing is. A fault that is none of that kind counts as something. */
bool store_is_there(struct store_check *check, const char *name);

/* Whether it has been there for an hour, and may be called unknown. */
bool store_is_old(const struct store_entry *entry);

/* Gives what is below a prefix of the store to `each`, false by which stops. False, after saying on stderr why, when it cannot be read. */
bool store_each(struct store_check *check, const char *prefix, bool needed, store_entry_fn *each,
                void *context);

/* How many findings there were. */
int64_t store_total(const struct store_check *check);

/* Ends the JSON value, or prints a last line. False when output fails. */
bool store_print_end(struct store_check *check);

#endif

/*
 * `anamnesis doctor`: examines a deployment and says what it found, one finding a line, each under the clause
 * of 45 CFR 164.312 that it serves.
 *
 * A finding is ok, a warning or failed, and its result is the worst of them, which is also the exit status. A
 * check that cannot be made is a finding too: nothing that was not looked at counts as ok. The doctor only
 * reads: it changes neither the database nor a file, and prints no secret. Everything lives in the arena
 * until the end. A new check comes with its line in the table of docs/operations.md and with a case in
 * tests/cli/test_doctor.py.
 */
#ifndef ANAMNESIS_CLI_DOCTOR_DOCTOR_H
#define ANAMNESIS_CLI_DOCTOR_DOCTOR_H

#include "cli/database.h"
#include "lib/base/arena.h"
#include "lib/base/config.h"
#include "lib/crypto/keyring.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

enum { FINDINGS_MAX = 80 };

enum result { RESULT_OK, RESULT_WARNING, RESULT_FAILED };

/* The clauses: access control, encryption, audit controls, integrity, authentication, transmission security.
 */
#define CLAUSE_ACCESS         "164.312(a)(1)"
#define CLAUSE_ENCRYPTION     "164.312(a)(2)(iv)"
#define CLAUSE_AUDIT          "164.312(b)"
#define CLAUSE_INTEGRITY      "164.312(c)(1)"
#define CLAUSE_AUTHENTICATION "164.312(d)"
#define CLAUSE_TRANSMISSION   "164.312(e)(1)"

struct finding {
    const char *check;
    const char *clause;
    enum result result;
    const char *found;  /* in the arena */
    const char *advice; /* what to do; "" when all is well */
};

struct doctor {
    const struct config *config;
    const char *certificate; /* a file; NULL: as configured */
    struct arena *arena;
    struct keyring *keyring; /* NULL: cannot be loaded */
    PGconn *owner;           /* NULL: cannot be reached */
    struct finding findings[FINDINGS_MAX];
    size_t count;
};

/*
 * Notes a finding, of which there are at most FINDINGS_MAX; `format` makes what was found, at most 1,023
 * bytes. `advice` is a literal or in the arena, and is shown unless the result is RESULT_OK; NULL: there is
 * none.
 */
void doctor_say(struct doctor *doctor, const char *check, const char *clause, enum result result,
                const char *advice, const char *format, ...) __attribute__((format(printf, 6, 7)));

/*
 * The first column of the first row of a statement, in the arena; NULL when it fails, has no row, or is SQL's
 * NULL.
 */
const char *doctor_ask(struct doctor *doctor, const struct statement *statement);

/* True on Amazon Aurora, where some things are seen otherwise. */
bool doctor_is_aurora(struct doctor *doctor);

/*
 * A directory above this file that others may write to, since they could replace the file; NULL when there is
 * none.
 */
const char *doctor_open_directory(const char *path, struct arena *arena);

/* The examinations; each notes its findings. */
void doctor_server(struct doctor *doctor);      /* version, settings, migrations, clock */
void doctor_access(struct doctor *doctor);      /* roles, grants, row-level security, the audit log */
void doctor_erasure(struct doctor *doctor);     /* what is left of erased patients' keys */
void doctor_scanner(struct doctor *doctor);     /* the scanner, and its signatures */
void doctor_config(struct doctor *doctor);      /* settings that are for a try-out only */
void doctor_connections(struct doctor *doctor); /* TLS and role of each configured connection */
void doctor_keys(struct doctor *doctor);        /* keyring, its file, check values, rotation */
void doctor_objects(struct doctor *doctor);     /* the directory of files' bytes */
void doctor_host(struct doctor *doctor);        /* mail, certificate, disk, core dumps, limits */

#endif

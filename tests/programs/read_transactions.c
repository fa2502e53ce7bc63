/*
 * Asks a transaction that reads for every statement, and prints what becomes of those that write, for a test.
 *
 * usage: read_transactions DATABASE_URL   (a line each: `refused NAME` or `sent NAME`; then `read VERSION` by
 * one that does not)
 */
#include "build/gen/sql.h"
#include "lib/base/arena.h"
#include "lib/db/db.h"
#include "lib/db/tx.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    INPUT_MAX = 4096
}; /* bytes of the largest input structure; nothing of it is read when it is refused */

static bool
is_refused(struct db *db, struct arena *arena, const struct statement *statement, bool last)
{
    static const max_align_t nothing[INPUT_MAX / sizeof(max_align_t)];
    struct tx *tx = NULL;
    if (tx_open(db, arena, &tx) != PROBLEM_NONE) {
        return false;
    }
    tx_reads(tx);
    enum problem problem = tx_run(tx, statement, nothing, last, NULL, NULL, NULL);
    bool refused =
        problem == PROBLEM_INTERNAL && !tx_retryable(tx, true) && tx_commit(tx) == PROBLEM_INTERNAL;
    tx_rollback(tx);
    return refused && !tx_committed(tx);
}

/* What reads is answered in the transaction after a refused one, too. */
static bool
read_version(struct db *db, struct arena *arena)
{
    struct tx *tx = NULL;
    const struct q_schema_version_row *row = NULL;
    if (tx_open(db, arena, &tx) != PROBLEM_NONE) {
        return false;
    }
    tx_reads(tx);
    struct q_schema_version_in in = {.texts = ""};
    bool read =
        q_schema_version(tx, &in, &row) == PROBLEM_NONE && row != NULL && tx_commit(tx) == PROBLEM_NONE;
    if (read) {
        (void)printf("read %" PRId64 "\n", row->version);
    }
    tx_rollback(tx);
    return read;
}

int
main(int count, char **arguments)
{
    struct arena *arena = arena_create(1024 * 1024, NULL, NULL);
    struct db *db = count == 2 ? db_create(arguments[1]) : NULL;
    if (arena == NULL || db == NULL) {
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        if (statements[i]->writes) {
            bool refused =
                is_refused(db, arena, statements[i], false) && /* nor when COMMIT would go with it */
                is_refused(db, arena, statements[i], true);
            (void)printf("%s %s\n", refused ? "refused" : "sent", statements[i]->name);
        }
    }
    bool read = read_version(db, arena);
    db_destroy(db);
    arena_destroy(arena);
    return read ? EXIT_SUCCESS : EXIT_FAILURE;
}

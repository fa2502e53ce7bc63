/*
 * `anamnesis keys rotate`: a new version of a key comes into use while programs run, and what needs an older
 * one is moved to it. The order is what keeps requests from failing: every program knows the new version
 * before the first one uses it, and every program uses it before the last row is moved. Each step leaves a
 * state from which the same command goes on, wherever it was ended. The program that takes and gives files has
 * no connection by which its keyring could be told: it looks at its file when a value names a version that it
 * lacks, and the version is in that file before any worker uses it.
 */
#include "cli/command.h"
#include "cli/database.h"
#include "cli/keys/key_move.h"
#include "cli/keys/key_store.h"
#include "lib/base/clock.h"
#include "lib/crypto/keyring_change.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    WAIT_SECONDS_DEFAULT = 300,
    WAIT_SECONDS_MAX = 86400,
    /* Passes that may end with rows which others hold locked; a request holds one for milliseconds. */
    PASSES_MAX = 100,
    LOCK_TRIES = 30, /* moments */
    DETAIL_SIZE = 64
};

static const struct timespec a_moment = {.tv_nsec = 100 * 1000 * 1000};

struct task {
    enum keyring_kind kind;
    int batch;
    int wait; /* seconds */
    bool prepare;
};

/* The number of an option, which keeps its default when it is not given. */
static bool
read_number(const char *option, const char *text, long least, long most, int *number)
{
    char *end = NULL;
    errno = 0;
    long value = text == NULL ? *number : strtol(text, &end, 10);
    if (errno != 0 || (text != NULL && (end == text || *end != '\0')) || value < least || value > most) {
        (void)fprintf(stderr, "%s is needed as a whole number from %ld to %ld, not as %s\n", option, least,
                      most, text);
        return false;
    }
    *number = (int)value;
    return true;
}

/* A keyring that is no file is printed, for whoever keeps it: then this is the end of the step. */
static int
put_in_place(struct key_store *store, struct keyring *changed, const char *what, bool *printed)
{
    if (changed == NULL) {
        (void)fprintf(
            stderr,
            "The keyring cannot take it: it has %d versions of this kind, or memory is short. Retire "
            "old ones: anamnesis keys retire\n",
            KEYRING_VERSIONS_MAX);
        return EXIT_FAULT;
    }
    bool good = key_store_put(store, changed, printed);
    if (!good || *printed) {
        keyring_free(changed);
        (void)fprintf(stderr, good ? "%s: restart the programs with it, then run this again.\n" : "", what);
        return good ? EXIT_DONE : EXIT_FAULT;
    }
    keyring_free(store->keyring);
    store->keyring = changed;
    return EXIT_DONE;
}

/* Connections of programs whose keyring is another one than ours; -1 after saying why. */
static int64_t
others(struct key_store *store)
{
    char workers[KEYRING_LABEL_SIZE];
    char jobs[KEYRING_LABEL_SIZE];
    char scan[KEYRING_LABEL_SIZE];
    keyring_label(store->keyring, keyring_kinds_of(KEYRING_WORKERS), workers);
    keyring_label(store->keyring, keyring_kinds_of(KEYRING_JOBS), jobs);
    keyring_label(store->keyring, keyring_kinds_of(KEYRING_SCAN), scan);
    return database_count(store->connection, &sql_other_programs,
                          &(struct sql_other_programs_in){
                              .prefix = KEYRING_LABEL_START, .workers = workers, .jobs = jobs, .scan = scan});
}

/*
 * Until every connected program has this keyring. A program that connects later compares its own with what
 * the database knows, and reads it again when it is older. EXIT_FAULT when it takes too long.
 */
static int
wait_for_programs(struct key_store *store, int seconds)
{
    int64_t began = clock_monotonic();
    int64_t told = began;
    int64_t count = others(store);
    while (count > 0) {
        int64_t now = clock_monotonic();
        if (now - began >= seconds * CLOCK_SECOND) {
            (void)fprintf(
                stderr,
                "%" PRId64 " connections are of programs with another keyring. Put the file where they read "
                "it, send them SIGHUP or restart them, then run this again: it goes on from here.\n",
                count);
            return EXIT_FAULT;
        }
        if (now - told >= 2 * CLOCK_SECOND) {
            told = now;
            (void)fprintf(stderr, "waiting for programs to read the keyring: %" PRId64 " connections\n",
                          count);
        }
        (void)nanosleep(&a_moment, NULL);
        count = others(store);
    }
    return count < 0 ? EXIT_FAULT : EXIT_DONE;
}

/*
 * Everything is moved, or EXIT_FAULT. Rows that were locked are tried again. A value that does not open is named,
 * and the rotation is done without it: no version is needed for it that is not needed otherwise.
 */
static int
move_all(struct key_store *store, const struct task *task)
{
    struct key_moved moved = {.left = 1};
    for (int i = 0; i < PASSES_MAX && moved.left > moved.failed; i++) {
        if (i > 0) {
            (void)nanosleep(&a_moment, NULL);
        }
        if (!key_move(store, task->kind, task->batch, &moved)) {
            (void)fprintf(stderr, "It goes on from here when this is run again.\n");
            return EXIT_FAULT;
        }
    }
    int64_t versions = key_move_left(store->connection, store->keyring, task->kind);
    if (versions > 0) {
        (void)fprintf(stderr, "%" PRId64 " rows still need an older version.\n", versions);
    } else if (versions == 0 && moved.left > 0) {
        (void)fprintf(stderr, "%" PRId64 " people keep values of the first format, as named above.\n",
                      moved.left);
    }
    return versions == 0 ? EXIT_DONE : EXIT_FAULT;
}

/* A new version on standby, unless one is there or a rotation is unfinished. */
static int
begin(struct key_store *store, const struct task *task, bool *printed)
{
    const char *name = keyring_kind_name(task->kind);
    uint32_t standby = keyring_standby(store->keyring, task->kind);
    int64_t left = key_move_left(store->connection, store->keyring, task->kind);
    if (left < 0) {
        return EXIT_FAULT;
    }
    uint32_t current = keyring_current(store->keyring, task->kind);
    if (standby == 0 && (left > 0 || !key_store_in_use(store->connection, task->kind, current))) {
        (void)fprintf(stderr, "%s %" PRIu32 ": going on with it; %" PRId64 " rows need an older version\n",
                      name, current, left);
        return key_store_register(store->connection, store->keyring, task->kind, current, false) ? EXIT_DONE
                                                                                                 : EXIT_FAULT;
    }
    if (standby == 0) {
        int status = put_in_place(store, keyring_with_new(store->keyring, task->kind),
                                  "A new version on standby", printed);
        if (status != EXIT_DONE || *printed) {
            return status;
        }
        (void)fprintf(stderr, "%s: %s %" PRIu32 " is on standby. Copy the keyring to where its backup is.\n",
                      store->path, name, keyring_standby(store->keyring, task->kind));
    }
    standby = keyring_standby(store->keyring, task->kind);
    return key_store_register(store->connection, store->keyring, task->kind, standby, false) ? EXIT_DONE
                                                                                             : EXIT_FAULT;
}

/* Waits until every program knows the version on standby, then brings it into use. */
static int
use(struct key_store *store, const struct task *task, bool *printed)
{
    char detail[DETAIL_SIZE];
    int status = wait_for_programs(store, task->wait);
    if (status != EXIT_DONE || keyring_standby(store->keyring, task->kind) == 0) {
        return status;
    }
    status =
        put_in_place(store, keyring_with_promoted(store->keyring, task->kind), "In use from now on", printed);
    if (status != EXIT_DONE || *printed) {
        return status;
    }
    (void)snprintf(detail, sizeof detail, "%s %" PRIu32, keyring_kind_name(task->kind),
                   keyring_current(store->keyring, task->kind));
    (void)fprintf(stderr, "%s is in use\n", detail);
    return database_note(store->connection, NULL, "keys_rotate", NULL, detail) ? EXIT_DONE : EXIT_FAULT;
}

static bool
note_in_use(struct key_store *store, enum keyring_kind kind)
{
    return database_exec(store->connection, &sql_key_use,
                         &(struct sql_key_use_in){.kind = keyring_kind_name(kind),
                                                  .version = keyring_current(store->keyring, kind)});
}

/* The server notices after a moment that a command before us was ended, and lets go of its lock then. */
static bool
lock(struct key_store *store)
{
    for (int i = 0; i < LOCK_TRIES; i++) {
        PGresult *result = database_query(store->connection, &sql_rotation_lock, NULL);
        bool failed = result == NULL;
        bool got = !failed && PQgetvalue(result, 0, 0)[0] == 't';
        PQclear(result);
        if (failed || got) {
            return got;
        }
        (void)nanosleep(&a_moment, NULL);
    }
    (void)fprintf(stderr, "Another rotation is under way; wait for it.\n");
    return false;
}

static int
rotate(struct key_store *store, const struct task *task)
{
    bool printed = false;
    if (!key_store_has(store, task->kind) || !lock(store) || !key_store_agree(store)) {
        return EXIT_FAULT;
    }
    int status = begin(store, task, &printed);
    if (status != EXIT_DONE || printed || task->prepare) {
        return status;
    }
    status = use(store, task, &printed);
    if (status == EXIT_DONE && !printed) {
        status = move_all(store, task);
    }
    if (status != EXIT_DONE || printed) {
        return status;
    }
    /* What was stored by the old version until now was stored by a program that had not read the change yet.
     */
    status = wait_for_programs(store, task->wait);
    if (status == EXIT_DONE) {
        status = move_all(store, task);
    }
    if (status != EXIT_DONE || !note_in_use(store, task->kind)) {
        return status == EXIT_DONE ? EXIT_FAULT : status;
    }
    (void)printf("%s %" PRIu32 " is in use%s\n", keyring_kind_name(task->kind),
                 keyring_current(store->keyring, task->kind),
                 key_can_move(task->kind)
                     ? "; nothing needs an older version but what goes by itself."
                     : "; older versions are needed until `anamnesis keys status` says that nothing "
                       "needs them.");
    return EXIT_DONE;
}

int
command_keys_rotate(const struct config *config, const struct args_keys_rotate *given)
{
    struct task task = {.kind = given->kind == NULL ? KEYRING_KEK : key_kind_of(given->kind),
                        .batch = KEY_BATCH_DEFAULT,
                        .wait = WAIT_SECONDS_DEFAULT,
                        .prepare = given->prepare};
    struct key_store store = {.config = config};
    if (!read_number("--batch", given->batch, 1, KEY_BATCH_MAX, &task.batch) ||
        !read_number("--wait", given->wait, 0, WAIT_SECONDS_MAX, &task.wait)) {
        return EXIT_USAGE;
    }
    int status = key_store_open(&store, config, KEYS_SETTLE);
    if (status == EXIT_DONE) {
        status = rotate(&store, &task);
    }
    key_store_close(&store);
    return status;
}

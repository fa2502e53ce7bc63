/* `anamnesis keys retire`: a version that nothing needs any more leaves the keyring. */
#include "cli/command.h"
#include "cli/database.h"
#include "cli/keys/key_store.h"
#include "cli/keys/key_uses.h"
#include "lib/crypto/keyring_change.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DETAIL_SIZE = 64 };

static bool
read_version(const char *text, uint32_t *version)
{
    char *end = NULL;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < 1 || number > INT32_MAX) {
        (void)fprintf(stderr, "VERSION is needed: a whole number from 1, not %s\n", text);
        return false;
    }
    *version = (uint32_t)number;
    return true;
}

/* False after saying who needs it. */
static bool
is_free(struct key_store *store, enum keyring_kind kind, uint32_t version)
{
    static struct key_use uses[KEY_USES_MAX];
    int count = key_uses(store->connection, kind, uses);
    bool needed = count < 0 || !key_uses_known(kind);
    if (!key_uses_known(kind)) {
        (void)fprintf(stderr, "What needs a key of `%s` cannot be told: its versions stay.\n",
                      keyring_kind_name(kind));
    }
    for (int i = 0; i < count; i++) {
        if (uses[i].version == version) {
            (void)fprintf(stderr, "%s %" PRIu32 " is needed: %" PRId64 " %s.\n", keyring_kind_name(kind),
                          version, uses[i].count, uses[i].what);
            needed = true;
        }
    }
    return !needed;
}

/*
 * The database first: a program that starts in between has a version too many, never one too few. Run again,
 * it finishes what was begun.
 */
static int
retire(struct key_store *store, enum keyring_kind kind, uint32_t version)
{
    bool printed = false;
    char detail[DETAIL_SIZE];
    struct keyring *changed = keyring_without(store->keyring, kind, version);
    if (changed == NULL) {
        (void)fprintf(stderr, "%s %" PRIu32 ": is not in the keyring, or is the one in use.\n",
                      keyring_kind_name(kind), version);
        return EXIT_FAULT;
    }
    (void)snprintf(detail, sizeof detail, "%s %" PRIu32, keyring_kind_name(kind), version);
    bool good =
        database_exec(store->connection, &sql_key_retire,
                      &(struct sql_key_retire_in){.kind = keyring_kind_name(kind), .version = version}) &&
        database_note(store->connection, NULL, "keys_retire", NULL, detail);
    good = good && key_store_put(store, changed, &printed);
    if (good && !printed) {
        (void)printf(
            "%s is retired. Backups of the database from before need it still: keep a copy with them.\n",
            detail);
    }
    keyring_free(changed);
    return good ? EXIT_DONE : EXIT_FAULT;
}

int
command_keys_retire(const struct config *config, const struct args_keys_retire *given)
{
    enum keyring_kind kind = key_kind_of(given->kind);
    uint32_t version = 0;
    struct key_store store = {.config = config};
    if (!read_version(given->version, &version)) {
        return EXIT_USAGE;
    }
    int status = key_store_open(&store, config, KEYS_SETTLE);
    if (status == EXIT_DONE) {
        status = key_store_has(&store, kind) && is_free(&store, kind, version) ? retire(&store, kind, version)
                                                                               : EXIT_FAULT;
    }
    key_store_close(&store);
    return status;
}

/* What in the database needs which version of a key. */
#ifndef ANAMNESIS_CLI_KEYS_KEY_USES_H
#define ANAMNESIS_CLI_KEYS_KEY_USES_H

#include "lib/crypto/keyring.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

enum { KEY_USES_MAX = 256, KEY_USE_NAME_SIZE = 32 };

struct key_use {
    char what[KEY_USE_NAME_SIZE]; /* "patients", "staff" ... */
    int64_t version;              /* 0: another form, or unknown */
    int64_t count;
};

/* Counts what each version of a kind is needed for. -1 after saying why; what is over KEY_USES_MAX is left
 * out. */
int key_uses(PGconn *connection, enum keyring_kind kind, struct key_use uses[KEY_USES_MAX]);

/* True when key_uses can tell for this kind. */
bool key_uses_known(enum keyring_kind kind);

#endif

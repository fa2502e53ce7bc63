#include "cli/keys/key_uses.h"

#include "cli/database.h"

#include <stdio.h>
#include <stdlib.h>

/* What is counted for each kind; NULL for those of which nobody can tell. */
static const struct statement *
statement_of(enum keyring_kind kind)
{
    switch (kind) {
    case KEYRING_KEK:
        return &sql_uses_kek;
    case KEYRING_INDEX:
        return &sql_uses_index;
    case KEYRING_PEPPER:
        return &sql_uses_pepper;
    case KEYRING_SEAL:
        return &sql_uses_seal;
    case KEYRING_FILES:
        return &sql_uses_files;
    default:
        return NULL;
    }
}

bool
key_uses_known(enum keyring_kind kind)
{
    return statement_of(kind) != NULL;
}

int
key_uses(PGconn *connection, enum keyring_kind kind, struct key_use uses[KEY_USES_MAX])
{
    const struct statement *statement = statement_of(kind);
    if (statement == NULL) {
        return 0;
    }
    PGresult *result = database_query(connection, statement, NULL);
    if (result == NULL) {
        return -1;
    }
    int count = PQntuples(result) < KEY_USES_MAX ? PQntuples(result) : KEY_USES_MAX;
    for (int i = 0; i < count; i++) {
        struct key_use *use = &uses[i];
        (void)snprintf(use->what, sizeof use->what, "%s", PQgetvalue(result, i, 0));
        use->version = strtoll(PQgetvalue(result, i, 1), NULL, 10);
        use->count = strtoll(PQgetvalue(result, i, 2), NULL, 10);
    }
    PQclear(result);
    return count;
}

#include "cli/key_uses.h"

#include "cli/key_store.h"

#include <stdio.h>
#include <stdlib.h>

static const char kek_sql[] =
    "SELECT 'patients', auth.key_version(wrapped_key), count(*) FROM anamnesis.data_key"
    " GROUP BY 2 UNION ALL "
    "SELECT 'staff', auth.key_version(wrapped_key), count(*) FROM anamnesis.staff"
    " WHERE wrapped_key IS NOT NULL GROUP BY 2 ORDER BY 1, 2";

static const char index_sql[] =
    "SELECT 'patients', auth.key_version(email_index), count(*) FROM anamnesis.patient"
    " WHERE email_index IS NOT NULL GROUP BY 2 UNION ALL "
    "SELECT 'record numbers', auth.key_version(record_number_index), count(*) FROM anamnesis.patient"
    " WHERE record_number_index IS NOT NULL GROUP BY 2 UNION ALL "
    "SELECT 'staff', auth.key_version(email_index), count(*) FROM anamnesis.staff"
    " WHERE email_index IS NOT NULL GROUP BY 2 UNION ALL "
    /* Not moved: they keep an address of staff for its former holder, for seven days. */
    "SELECT 'former addresses', auth.key_version(old_index), count(*) FROM auth.address_change"
    " WHERE realm = 'staff' AND ended_at IS NULL AND object_until > now() GROUP BY 2 UNION ALL "
    "SELECT 'passkeys', auth.key_version(credential_index), count(*) FROM auth.passkey"
    " GROUP BY 2 ORDER BY 1, 2";

/*
 * A recovery code's hash does not tell its pepper: it is believed to need the one that was surely in use. A
 * token's hash tells the last byte of its version, and versions are few: it is the newest one with that byte.
 * What is used or over is not counted.
 */
static const char pepper_sql[] =
    "SELECT 'passwords', coalesce(substring(password_hash FROM '^p([0-9]{1,10})[$]')::bigint, 0), count(*)"
    " FROM auth.account WHERE password_hash IS NOT NULL GROUP BY 2 UNION ALL "
    "SELECT 'recovery codes', coalesce("
    "  (SELECT max(k.version) FROM auth.key_check k WHERE k.kind = 'pepper' AND k.in_use_since <= "
    "r.created_at),"
    "  (SELECT min(k.version) FROM auth.key_check k WHERE k.kind = 'pepper' AND k.retired_at IS NULL), "
    "0)::bigint,"
    " count(*) FROM auth.recovery_code r WHERE r.used_at IS NULL GROUP BY 2 UNION ALL "
    "SELECT t.what, coalesce("
    "  (SELECT max(k.version) FROM auth.key_check k WHERE k.kind = 'pepper' AND k.version & 255 = t.pepper), "
    "0)::bigint, count(*) FROM ("
    "  SELECT 'sessions', get_byte(token_hash, 0) FROM auth.session WHERE ended_at IS NULL AND expires_at > "
    "now()"
    "  UNION ALL SELECT 'sign-ins and resets', get_byte(token_hash, 0) FROM auth.challenge"
    "  WHERE used_at IS NULL AND expires_at > now()"
    "  UNION ALL SELECT 'invitations', get_byte(token_hash, 0) FROM anamnesis.invitation"
    "  WHERE status = 'pending' AND expires_at > now()"
    "  UNION ALL SELECT 'addresses', get_byte(h, 0) FROM auth.address_change c,"
    "  unnest(ARRAY[c.confirm_hash, c.object_hash, c.again_hash]) AS h"
    "  WHERE h IS NOT NULL AND c.ended_at IS NULL AND coalesce(c.object_until, c.expires_at) > now()"
    "  UNION ALL SELECT 'addresses', get_byte(answer_hash, 0) FROM anamnesis.invitation"
    "  WHERE answer_hash IS NOT NULL AND answer IS NULL AND expires_at > now() - interval '72 hours'"
    "  UNION ALL SELECT 'staff invitations', get_byte(token_hash, 0) FROM auth.staff_invitation"
    "  WHERE used_at IS NULL AND expires_at > now()) AS t (what, pepper) GROUP BY 1, 2 ORDER BY 1, 2";

static const char seal_sql[] =
    "SELECT 'authenticators', auth.key_version(totp_sealed), count(*) FROM auth.account"
    " WHERE totp_sealed IS NOT NULL GROUP BY 2 UNION ALL "
    "SELECT 'pending authenticators', auth.key_version(totp_pending), count(*) FROM auth.account"
    " WHERE totp_pending IS NOT NULL GROUP BY 2 UNION ALL "
    "SELECT 'passkeys', auth.key_version(passkey_sealed), count(*) FROM auth.passkey GROUP BY 2 UNION ALL "
    "SELECT 'messages', auth.key_version(sealed), count(*) FROM anamnesis.outbox"
    " WHERE sealed IS NOT NULL GROUP BY 2 UNION ALL "
    "SELECT 'stored replies', auth.key_version(reply_sealed), count(*) FROM anamnesis.idempotency"
    " WHERE reply_sealed IS NOT NULL GROUP BY 2 ORDER BY 1, 2";

static const char *
sql_of(enum keyring_kind kind)
{
    switch (kind) {
    case KEYRING_KEK:
        return kek_sql;
    case KEYRING_INDEX:
        return index_sql;
    case KEYRING_PEPPER:
        return pepper_sql;
    case KEYRING_SEAL:
        return seal_sql;
    default:
        return NULL;
    }
}

bool
key_uses_known(enum keyring_kind kind)
{
    return sql_of(kind) != NULL;
}

int
key_uses(PGconn *connection, enum keyring_kind kind, struct key_use uses[KEY_USES_MAX])
{
    const char *sql = sql_of(kind);
    if (sql == NULL) {
        return 0;
    }
    PGresult *result = key_store_query(connection, sql, 0, NULL);
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

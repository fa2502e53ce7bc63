/* Which versions of its keys a keyring has. */
#include "lib/crypto/keyring_parse.h"

#include "lib/base/buf.h"
#include "lib/crypto/digest.h"

#include <inttypes.h>

uint32_t
keyring_current(const struct keyring *keyring, enum keyring_kind kind)
{
    const struct keyring_entry *newest = keyring->entries[kind]; /* version 0 when there is none */
    return newest->standby ? newest[1].version : newest->version;
}

uint32_t
keyring_standby(const struct keyring *keyring, enum keyring_kind kind)
{
    const struct keyring_entry *newest = keyring->entries[kind];
    return newest->standby ? newest->version : 0;
}

void
keyring_label(const struct keyring *keyring, unsigned kinds, char label[KEYRING_LABEL_SIZE])
{
    struct buf buf;
    unsigned char digest[DIGEST_SIZE];
    char hex[DIGEST_TEXT_SIZE];
    buf_init(&buf, KEYRING_TEXT_MAX);
    for (int kind = 0; kind < KEYRING_KINDS; kind++) {
        for (size_t i = 0; i < keyring->count[kind] && (kinds & 1U << kind) != 0; i++) {
            const struct keyring_entry *entry = &keyring->entries[kind][i];
            buf_format(&buf, "%d:%" PRIu32 "%s;", kind, entry->version, entry->standby ? "-" : "");
        }
    }
    digest_sha256((struct span){(const unsigned char *)buf_string(&buf), buf.size}, digest);
    buf_free(&buf);
    (void)snprintf(label, KEYRING_LABEL_SIZE, KEYRING_LABEL_START "%.16s", digest_hex(digest, hex));
}

size_t
keyring_versions(const struct keyring *keyring, enum keyring_kind kind,
                 uint32_t versions[KEYRING_VERSIONS_MAX])
{
    for (size_t i = 0; i < keyring->count[kind]; i++) {
        versions[i] = keyring->entries[kind][i].version;
    }
    return keyring->count[kind];
}

const unsigned char *
keyring_key(const struct keyring *keyring, enum keyring_kind kind, uint32_t version)
{
    for (size_t i = 0; i < keyring->count[kind]; i++) {
        if (keyring->entries[kind][i].version == version) {
            return keyring->entries[kind][i].key;
        }
    }
    return NULL;
}

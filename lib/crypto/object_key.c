#include "lib/crypto/object_key.h"

#include "lib/base/uuid.h"
#include "lib/crypto/digest.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

_Static_assert((int)STREAM_KEY_SIZE == (int)DIGEST_SIZE, "one block of HKDF");

bool
object_is_kind(const char *kind)
{
    size_t size = strlen(kind);
    return size > 0 && size < OBJECT_KIND_SIZE && kind[0] >= 'a' && kind[0] <= 'z' &&
           strspn(kind, "abcdefghijklmnopqrstuvwxyz0123456789-") == size;
}

bool
object_text(const char *upload_id, const char *kind, char text[OBJECT_TEXT_SIZE])
{
    unsigned char bytes[UUID_SIZE];
    char upload[UUID_TEXT_SIZE];
    memset(text, 0, OBJECT_TEXT_SIZE);
    if (!object_is_kind(kind) || !uuid_parse(upload_id, bytes)) {
        return false;
    }
    (void)snprintf(text, OBJECT_TEXT_SIZE, "media:%s:%s:1", uuid_text(bytes, upload), kind);
    return true;
}

bool
object_key(const unsigned char files_key[FILES_KEY_SIZE], const char *upload_id, const char *kind,
           const unsigned char salt[OBJECT_SALT_SIZE], unsigned char key[STREAM_KEY_SIZE])
{
    char text[OBJECT_TEXT_SIZE];
    unsigned char extracted[DIGEST_SIZE];
    sodium_memzero(key, STREAM_KEY_SIZE);
    if (!object_text(upload_id, kind, text)) {
        return false;
    }
    size_t size = strlen(text);
    text[size] = 1; /* HKDF-Expand's first and only block, in place of the NUL */
    digest_hmac((struct span){salt, OBJECT_SALT_SIZE}, (struct span){files_key, FILES_KEY_SIZE}, extracted);
    digest_hmac((struct span){extracted, sizeof extracted},
                (struct span){(const unsigned char *)text, size + 1}, key);
    sodium_memzero(extracted, sizeof extracted);
    return true;
}

/*
 * What a sealed object (stream.h) of an upload is sealed with. Its key is derived from the patient's files
 * key and the upload's salt by HKDF with SHA-256 (RFC 5869), the salt being HKDF's, for the upload's id and
 * the object's kind. So an object opens neither without the patient's data key nor without its upload's salt:
 * erasing a patient and deleting one file both make it unreadable, wherever copies of it are. An object's
 * kind is "original", "view", "thumbnail" or "page-" and a number.
 */
#ifndef ANAMNESIS_CRYPTO_OBJECT_KEY_H
#define ANAMNESIS_CRYPTO_OBJECT_KEY_H

#include "lib/crypto/files_key.h"
#include "lib/crypto/stream.h"

#include <stdbool.h>

enum {
    OBJECT_SALT_SIZE = 32,
    OBJECT_KIND_SIZE = 16, /* with its NUL */
    OBJECT_TEXT_SIZE = STREAM_TEXT_MAX + 1
};

/* Whether the text has the form of a kind: 1 to 15 small letters, digits and hyphens, a letter first. */
bool object_is_kind(const char *kind);

/*
 * The key for stream.h, and the text: "media:", the id in its one spelling, ":", the kind, ":1". The caller
 * wipes `key`. False, with both zeroed, when the id is no UUID or the kind has not its form.
 */
bool object_key(const unsigned char files_key[FILES_KEY_SIZE], const char *upload_id, const char *kind,
                const unsigned char salt[OBJECT_SALT_SIZE], unsigned char key[STREAM_KEY_SIZE]);
bool object_text(const char *upload_id, const char *kind, char text[OBJECT_TEXT_SIZE]);

#endif

/* The inside of a keyring, shared by the reader of its JSON and by what uses it. For lib/crypto only. */
#ifndef ANAMNESIS_CRYPTO_KEYRING_PARSE_H
#define ANAMNESIS_CRYPTO_KEYRING_PARSE_H

#include "lib/crypto/keyring.h"

struct keyring_entry {
    uint32_t version;
    bool standby; /* opens, but is not used for new values yet */
    unsigned char key[KEYRING_KEY_SIZE];
};

struct keyring {
    struct keyring_entry entries[KEYRING_KINDS][KEYRING_VERSIONS_MAX]; /* newest first */
    size_t count[KEYRING_KINDS];
};

/*
 * Reads the JSON into `keyring`, zeroed by the caller, without a copy of a key outside of it; each of the
 * kinds in `needed` must be there. False with a sentence in `error`, and then the caller wipes `keyring`.
 */
bool keyring_parse(struct keyring *keyring, const char *json, unsigned needed, char *error, size_t size);

#endif

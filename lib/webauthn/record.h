/*
 * What is kept of a passkey, as bytes for the process to seal: 1 byte version of this form, then algorithm
 * (4 bytes, two's complement), transports (1), credential id, public key and name (each 2 bytes of length and
 * itself); numbers are big endian. Sealed by keyring_seal with PASSKEY_SEAL_PURPOSE and the passkey's id.
 */
#ifndef ANAMNESIS_WEBAUTHN_RECORD_H
#define ANAMNESIS_WEBAUTHN_RECORD_H

#include "lib/base/arena.h"
#include "lib/base/span.h"
#include "lib/webauthn/webauthn.h"

#include <stdbool.h>

#define PASSKEY_SEAL_PURPOSE "passkey"

enum { WEBAUTHN_NAME_MAX = 400, WEBAUTHN_TRANSPORTS = 6 }; /* bytes of a name: 100 characters */

struct webauthn_record {
    struct span credential_id;
    enum webauthn_algorithm algorithm;
    struct span public_key;
    unsigned transports; /* bits, by webauthn_transport_name */
    const char *name;    /* the owner's word for it, UTF-8 */
};

/* How an authenticator is reached (Level 3, section 5.8.4): the name of a bit's number, and back. Unknown: 0.
 */
const char *webauthn_transport_name(unsigned number);
unsigned webauthn_transport_bit(const char *name);

/* The bytes, in the arena. False when something is too long. */
bool webauthn_record_write(struct arena *arena, const struct webauthn_record *record, struct span *bytes);

/* Reads them back; texts are arena memory, the rest is borrowed. False when they are anything else. */
bool webauthn_record_read(struct arena *arena, struct span bytes, struct webauthn_record *record);

#endif

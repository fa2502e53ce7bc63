/* Authenticator data (Level 3, section 6.1) and attestation objects (section 6.5), taken apart; borrowed. */
#ifndef ANAMNESIS_WEBAUTHN_AUTHENTICATOR_DATA_H
#define ANAMNESIS_WEBAUTHN_AUTHENTICATOR_DATA_H

#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    AUTHENTICATOR_USER_PRESENT = 0x01,
    AUTHENTICATOR_USER_VERIFIED = 0x04,
    AUTHENTICATOR_BACKUP_ELIGIBLE = 0x08,
    AUTHENTICATOR_BACKED_UP = 0x10,
    AUTHENTICATOR_CREDENTIAL = 0x40,
    AUTHENTICATOR_EXTENSIONS = 0x80
};

/*
 * What came unasked of the extensions that libfido2 knows: it wants to hear of them before it checks a
 * signature. Others are ignored, as section 7 demands.
 */
struct authenticator_extensions {
    bool hmac_secret;
    bool cred_blob;
    int32_t cred_protect;   /* 0: none */
    int32_t min_pin_length; /* 0: none */
};

struct authenticator_data {
    struct span rp_id_hash;
    unsigned flags;
    uint32_t sign_count;
    struct span credential_id; /* with AUTHENTICATOR_CREDENTIAL */
    int32_t algorithm;         /* the same; as the key says, whatever it is */
    struct authenticator_extensions extensions;
};

/* False when it is not exactly what the specification has: nothing missing, nothing left over. */
bool authenticator_data_read(struct span bytes, struct authenticator_data *data);

struct attestation_object {
    struct span format;
    struct span statement; /* a CBOR map */
    struct span authenticator_data;
};

/* The same: three members, each once. */
bool attestation_object_read(struct span bytes, struct attestation_object *object);

/* The statement of self attestation: an algorithm and a signature. False when there is anything else. */
bool attestation_self_read(struct span statement, int32_t *algorithm, struct span *signature);

/* True when the statement is empty. */
bool attestation_is_empty(struct span statement);

#endif

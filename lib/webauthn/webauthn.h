/*
 * The relying party's part of Web Authentication (W3C, Level 3, sections 7.1 and 7.2): what a browser gives
 * for a registration or a sign-in is read strictly and judged; signatures are checked by libfido2. Pure: no
 * I/O, no clock, no database; libfido2 opens no device for this. Whether a challenge is ours, unused and in
 * time, and whose a credential is, the caller says.
 *
 * Attestation: `none`, and `packed` without a certificate (self attestation). Nobody is asked for more, so
 * other formats are refused. Algorithms: ES256, EdDSA (Ed25519, no key of small order), RS256 (2048 bits,
 * exponent 65537).
 */
#ifndef ANAMNESIS_WEBAUTHN_WEBAUTHN_H
#define ANAMNESIS_WEBAUTHN_WEBAUTHN_H

#include "lib/base/arena.h"
#include "lib/base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WEBAUTHN_CHALLENGE_SIZE = 32,           /* of ours */
    WEBAUTHN_CHALLENGE_MIN = 16,            /* section 13.4.3 */
    WEBAUTHN_CHALLENGE_MAX = 64,            /* of anybody's */
    WEBAUTHN_CLIENT_DATA_MAX = 4096,        /* bytes of the JSON */
    WEBAUTHN_ATTESTATION_MAX = 12288,       /* bytes of the attestation object */
    WEBAUTHN_AUTHENTICATOR_DATA_MAX = 4096, /* bytes */
    WEBAUTHN_SIGNATURE_MAX = 1024,          /* bytes */
    WEBAUTHN_CREDENTIAL_ID_MIN = 16,        /* section 6.5.1: 100 bits of entropy */
    WEBAUTHN_CREDENTIAL_ID_MAX = 1023,      /* section 7.1 */
    WEBAUTHN_PUBLIC_KEY_MAX = 259,          /* bytes as libfido2 has it */
    WEBAUTHN_TEXT_MAX = 4 * 12288 / 3 + 4   /* characters of base64url of the longest */
};

/* COSE algorithm identifiers (RFC 9053, RFC 8812), in the order in which we would rather have them. */
enum webauthn_algorithm { WEBAUTHN_ES256 = -7, WEBAUTHN_EDDSA = -8, WEBAUTHN_RS256 = -257 };

enum webauthn_fault {
    WEBAUTHN_FINE,
    WEBAUTHN_CLIENT_DATA,
    WEBAUTHN_TYPE,
    WEBAUTHN_CHALLENGE,
    WEBAUTHN_ORIGIN,
    WEBAUTHN_CROSS_ORIGIN,
    WEBAUTHN_ATTESTATION_OBJECT,
    WEBAUTHN_ATTESTATION_FORMAT,
    WEBAUTHN_ATTESTATION_STATEMENT,
    WEBAUTHN_AUTHENTICATOR_DATA,
    WEBAUTHN_RP_ID,
    WEBAUTHN_USER_PRESENCE,
    WEBAUTHN_USER_VERIFICATION,
    WEBAUTHN_BACKUP_STATE,
    WEBAUTHN_CREDENTIAL_ID,
    WEBAUTHN_ALGORITHM,
    WEBAUTHN_PUBLIC_KEY,
    WEBAUTHN_SIGNATURE,
    WEBAUTHN_FAULTS
};

/* Who we are: the RP id (a host name) and the origins at which our pages are, e.g. https://a.example:8443. */
struct webauthn_party {
    const char *rp_id;
    const char *const *origins;
    size_t origin_count;
};

/* What is kept of a registration. */
struct webauthn_credential {
    struct span id;
    enum webauthn_algorithm algorithm;
    struct span public_key; /* as libfido2 has it: x and y; the Ed25519 key; modulus and exponent */
    uint32_t sign_count;
    bool user_verified;
    bool backup_eligible; /* never changes for a credential */
    bool backed_up;
};

struct webauthn_assertion {
    uint32_t sign_count;
    bool user_verified;
    bool backed_up;
};

/* Once at the start of a program, before anything else of this. */
void webauthn_start(void);

/*
 * The challenge that the client data answers (WEBAUTHN_CHALLENGE_MIN to _MAX bytes, in the arena), when they
 * are of this type ("webauthn.create" or "webauthn.get"), of an origin of ours, and not from within another
 * site's page. Members that the specification does not name are ignored, as it demands; `tokenBinding` too.
 */
enum webauthn_fault webauthn_client_data(struct arena *arena, const struct webauthn_party *party,
                                         const char *type, struct span json, struct span *challenge);

/*
 * A registration: the client data must have been taken by webauthn_client_data. Demands user presence, and
 * user verification when `verified`. `credential` is filled from the arena when it is fine.
 */
enum webauthn_fault webauthn_register(struct arena *arena, const struct webauthn_party *party,
                                      struct span client_data, struct span attestation_object, bool verified,
                                      struct webauthn_credential *credential);

/* A sign-in with a credential of ours (id and counts are not looked at); the same. */
enum webauthn_fault webauthn_assert(const struct webauthn_party *party,
                                    const struct webauthn_credential *credential, struct span client_data,
                                    struct span authenticator_data, struct span signature, bool verified,
                                    struct webauthn_assertion *assertion);

/*
 * The work of webauthn_assert with a key that belongs to nobody: an answer to an unknown credential takes as
 * long as one to a wrong signature.
 */
void webauthn_assert_nobody(const struct webauthn_party *party, struct span client_data,
                            struct span authenticator_data, struct span signature);

/*
 * True when a count may follow another one (section 6.1.1): it rose, or the authenticator does not count.
 * False: there may be two authenticators with one key.
 */
bool webauthn_count_rose(uint32_t before, uint32_t now);

/* A fault for programs ("user-verification"), and for people. */
const char *webauthn_fault_name(enum webauthn_fault fault);
const char *webauthn_fault_text(enum webauthn_fault fault);

/* The bytes of base64url without padding, at most `max`, in the arena. False when it is anything else. */
bool webauthn_bytes(struct arena *arena, const char *text, size_t max, struct span *bytes);

/* Base64url without padding of at most WEBAUTHN_ATTESTATION_MAX bytes, in the arena. */
const char *webauthn_text(struct arena *arena, struct span bytes);

#endif

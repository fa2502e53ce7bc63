/* A software authenticator for the tests of lib/webauthn: what it says is right until a test changes a part.
 */
#ifndef ANAMNESIS_TESTS_UNIT_WEBAUTHN_FIXTURE_H
#define ANAMNESIS_TESTS_UNIT_WEBAUTHN_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/webauthn/webauthn.h"

#include <openssl/evp.h>

#define FIXTURE_RP     "clinic.example"
#define FIXTURE_ORIGIN "https://clinic.example"

enum { FIXTURE_UP = 1, FIXTURE_UV = 4, FIXTURE_BE = 8, FIXTURE_BS = 16, FIXTURE_AT = 64, FIXTURE_ED = 128 };

/* Filled by authenticator_init; then changed as a test likes. Everything is arena memory. */
struct authenticator {
    struct arena *arena;
    enum webauthn_algorithm algorithm;
    EVP_PKEY *key;
    struct webauthn_party party;
    const char *rp_id;       /* whose hash it says */
    const char *client_data; /* JSON; NULL: as a browser makes it, for webauthn.create or webauthn.get */
    unsigned flags;          /* without FIXTURE_AT, which the ceremonies add */
    uint32_t count;
    struct span id;
    struct span cose;       /* the public key */
    struct span extensions; /* behind it */
    const char *format;
    struct span statement; /* none: what fits to the format, none or packed */
};

/* The challenge that browsers answer here: 32 bytes of the letter C. */
extern const struct span fixture_challenge;

/* cmocka's setup and teardown: *state is an arena. */
int webauthn_setup(void **state);
int webauthn_teardown(void **state);

/* One that does everything right, with a key that lives as long as the program: one for each algorithm. */
struct authenticator authenticator_init(struct arena *arena, enum webauthn_algorithm algorithm);

/* The other key of an algorithm. */
EVP_PKEY *authenticator_other_key(enum webauthn_algorithm algorithm);

/* What it makes of its parts. */
struct span authenticator_client_data(const struct authenticator *of, const char *type);
struct span authenticator_bytes(const struct authenticator *of, unsigned more_flags);
struct span authenticator_object(const struct authenticator *of);
struct span authenticator_sign(const struct authenticator *of, struct span data, struct span client_data);

/* Both ceremonies, judged as the handlers do it: the client data first. */
enum webauthn_fault authenticator_register(const struct authenticator *of, bool verified,
                                           struct webauthn_credential *credential);
enum webauthn_fault authenticator_assert(const struct authenticator *of,
                                         const struct webauthn_credential *credential, bool verified,
                                         struct webauthn_assertion *assertion);

/* One run of bytes behind another; bytes of a C string, which may have NULs before its end; CBOR's heads. */
struct span fixture_join(struct arena *arena, struct span first, struct span second);
struct span fixture_head(struct arena *arena, unsigned major, size_t number);
struct span fixture_cbor_text(struct arena *arena, const char *text);
struct span fixture_cbor_bytes(struct arena *arena, struct span bytes);
#define FIXTURE_BYTES(literal) ((struct span){(const unsigned char *)(literal), sizeof(literal) - 1})

/* The same with one bit the other way round. */
struct span fixture_flip(struct arena *arena, struct span bytes, size_t bit);

#endif

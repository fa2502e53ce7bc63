#include "tests/unit/webauthn_fixture.h"

#include "lib/crypto/digest.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <string.h>

enum {
    ARENA_MAX = 16 * 1024 * 1024,
    POINT_SIZE = 32,
    MODULUS_SIZE = 256,
    MODULUS_BITS = 2048,
    ID_SIZE = 32,
    BYTE_BITS = 8,
    BYTE_MASK = 255,
    MAJOR_BYTES = 2,
    MAJOR_TEXT = 3,
    INFO_BITS = 5,
    INFO_ONE_BYTE = 24,
    INFO_TWO_BYTES = 25
};

const struct span fixture_challenge = {(const unsigned char *)"CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC", 32};

/* Keys are made once: those of RSA take a while. */
static EVP_PKEY *keys[2][3];

static EVP_PKEY *
key_of(enum webauthn_algorithm algorithm, bool other)
{
    size_t number = algorithm == WEBAUTHN_ES256 ? 0 : algorithm == WEBAUTHN_EDDSA ? 1 : 2;
    EVP_PKEY **key = &keys[other ? 1 : 0][number];
    if (*key == NULL) {
        *key = algorithm == WEBAUTHN_ES256   ? EVP_EC_gen("P-256")
               : algorithm == WEBAUTHN_EDDSA ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
                                             : EVP_RSA_gen(MODULUS_BITS);
    }
    assert_non_null(*key);
    return *key;
}

EVP_PKEY *
authenticator_other_key(enum webauthn_algorithm algorithm)
{
    return key_of(algorithm, true);
}

int
webauthn_setup(void **state)
{
    webauthn_start();
    *state = arena_create(ARENA_MAX, NULL, NULL);
    return *state == NULL ? -1 : 0;
}

int
webauthn_teardown(void **state)
{
    arena_destroy(*state);
    for (size_t i = 0; i < 3; i++) {
        EVP_PKEY_free(keys[0][i]);
        EVP_PKEY_free(keys[1][i]);
    }
    return 0;
}

struct span
fixture_join(struct arena *arena, struct span first, struct span second)
{
    unsigned char *both = arena_alloc(arena, first.size + second.size + 1);
    if (first.size != 0) {
        memcpy(both, first.data, first.size);
    }
    if (second.size != 0) {
        memcpy(both + first.size, second.data, second.size);
    }
    return (struct span){both, first.size + second.size};
}

struct span
fixture_flip(struct arena *arena, struct span bytes, size_t bit)
{
    unsigned char *copy = (unsigned char *)arena_copy(arena, bytes.data, bytes.size);
    copy[bit / BYTE_BITS] ^= (unsigned char)(1U << bit % BYTE_BITS);
    return (struct span){copy, bytes.size};
}

struct span
fixture_head(struct arena *arena, unsigned major, size_t number)
{
    unsigned char *head = arena_alloc(arena, 3);
    head[0] = (unsigned char)(major << INFO_BITS);
    if (number < INFO_ONE_BYTE) {
        head[0] |= (unsigned char)number;
        return (struct span){head, 1};
    }
    if (number <= BYTE_MASK) {
        head[0] |= INFO_ONE_BYTE;
        head[1] = (unsigned char)number;
        return (struct span){head, 2};
    }
    head[0] |= INFO_TWO_BYTES;
    head[1] = (unsigned char)(number >> BYTE_BITS);
    head[2] = (unsigned char)(number & BYTE_MASK);
    return (struct span){head, 3};
}

struct span
fixture_cbor_text(struct arena *arena, const char *text)
{
    struct span bytes = {(const unsigned char *)text, strlen(text)};
    return fixture_join(arena, fixture_head(arena, MAJOR_TEXT, bytes.size), bytes);
}

struct span
fixture_cbor_bytes(struct arena *arena, struct span bytes)
{
    return fixture_join(arena, fixture_head(arena, MAJOR_BYTES, bytes.size), bytes);
}

/* A number of a key, big endian with zeros in front. */
static struct span
number_of(struct arena *arena, EVP_PKEY *key, const char *name, size_t size)
{
    BIGNUM *number = NULL;
    unsigned char *bytes = arena_alloc(arena, size);
    assert_int_equal(EVP_PKEY_get_bn_param(key, name, &number), 1);
    assert_int_equal(BN_bn2binpad(number, bytes, (int)size), (int)size);
    BN_free(number);
    return (struct span){bytes, size};
}

/* The key as RFC 9053 (2.1, 2.2) and RFC 8230 (4) have it. */
static struct span
cose_of(struct arena *arena, enum webauthn_algorithm algorithm, EVP_PKEY *key)
{
    if (algorithm == WEBAUTHN_ES256) {
        struct span x = number_of(arena, key, OSSL_PKEY_PARAM_EC_PUB_X, POINT_SIZE);
        struct span y = number_of(arena, key, OSSL_PKEY_PARAM_EC_PUB_Y, POINT_SIZE);
        struct span first = fixture_join(arena, FIXTURE_BYTES("\xa5\x01\x02\x03\x26\x20\x01\x21"),
                                         fixture_cbor_bytes(arena, x));
        struct span last = fixture_join(arena, FIXTURE_BYTES("\x22"), fixture_cbor_bytes(arena, y));
        return fixture_join(arena, first, last);
    }
    if (algorithm == WEBAUTHN_EDDSA) {
        unsigned char *point = arena_alloc(arena, POINT_SIZE);
        size_t size = POINT_SIZE;
        assert_int_equal(EVP_PKEY_get_raw_public_key(key, point, &size), 1);
        return fixture_join(arena, FIXTURE_BYTES("\xa4\x01\x01\x03\x27\x20\x06\x21"),
                            fixture_cbor_bytes(arena, (struct span){point, size}));
    }
    struct span modulus = number_of(arena, key, OSSL_PKEY_PARAM_RSA_N, MODULUS_SIZE);
    struct span first = fixture_join(arena, FIXTURE_BYTES("\xa4\x01\x03\x03\x39\x01\x00\x20"),
                                     fixture_cbor_bytes(arena, modulus));
    return fixture_join(arena, first, FIXTURE_BYTES("\x21\x43\x01\x00\x01"));
}

struct authenticator
authenticator_init(struct arena *arena, enum webauthn_algorithm algorithm)
{
    static const char *const origins[] = {"https://other.example:8443", FIXTURE_ORIGIN};
    unsigned char *id = arena_alloc(arena, ID_SIZE);
    memset(id, 'I', ID_SIZE);
    return (struct authenticator){
        .arena = arena,
        .algorithm = algorithm,
        .key = key_of(algorithm, false),
        .party = {.rp_id = FIXTURE_RP, .origins = origins, .origin_count = 2},
        .rp_id = FIXTURE_RP,
        .flags = FIXTURE_UP | FIXTURE_UV,
        .count = 1,
        .id = {id, ID_SIZE},
        .cose = cose_of(arena, algorithm, key_of(algorithm, false)),
        .format = "none",
    };
}

struct span
authenticator_client_data(const struct authenticator *of, const char *type)
{
    const char *json = of->client_data != NULL
                           ? of->client_data
                           : arena_format(of->arena,
                                          "{\"type\":\"%s\",\"challenge\":\"%s\",\"origin\":\"%s\","
                                          "\"crossOrigin\":false}",
                                          type, webauthn_text(of->arena, fixture_challenge), FIXTURE_ORIGIN);
    return (struct span){(const unsigned char *)json, strlen(json)};
}

struct span
authenticator_bytes(const struct authenticator *of, unsigned more_flags)
{
    struct arena *arena = of->arena;
    unsigned char *head = arena_alloc(arena, DIGEST_SIZE + 1 + 4);
    digest_sha256((struct span){(const unsigned char *)of->rp_id, strlen(of->rp_id)}, head);
    head[DIGEST_SIZE] = (unsigned char)(of->flags | more_flags);
    for (size_t i = 0; i < 4; i++) {
        head[DIGEST_SIZE + 1 + i] = (unsigned char)(of->count >> (3 - i) * BYTE_BITS);
    }
    struct span data = {head, DIGEST_SIZE + 1 + 4};
    if ((more_flags & FIXTURE_AT) != 0) {
        unsigned char *size = arena_alloc(arena, 16 + 2); /* behind an AAGUID of zeros */
        size[16] = (unsigned char)(of->id.size >> BYTE_BITS);
        size[17] = (unsigned char)(of->id.size & BYTE_MASK);
        data = fixture_join(arena, data, (struct span){size, 16 + 2});
        data = fixture_join(arena, fixture_join(arena, data, of->id), of->cose);
    }
    return fixture_join(arena, data, of->extensions);
}

struct span
authenticator_sign(const struct authenticator *of, struct span data, struct span client_data)
{
    unsigned char hash[DIGEST_SIZE];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const EVP_MD *digest = of->algorithm == WEBAUTHN_EDDSA ? NULL : EVP_sha256();
    digest_sha256(client_data, hash);
    struct span all = fixture_join(of->arena, data, (struct span){hash, sizeof hash});
    size_t size = WEBAUTHN_SIGNATURE_MAX;
    unsigned char *signature = arena_alloc(of->arena, size);
    assert_non_null(context);
    assert_int_equal(EVP_DigestSignInit(context, NULL, digest, NULL, of->key), 1);
    assert_int_equal(EVP_DigestSign(context, signature, &size, all.data, all.size), 1);
    EVP_MD_CTX_free(context);
    return (struct span){signature, size};
}

static struct span
statement_of(const struct authenticator *of, struct span data)
{
    struct arena *arena = of->arena;
    if (of->statement.data != NULL || strcmp(of->format, "packed") != 0) {
        return of->statement.data != NULL ? of->statement : FIXTURE_BYTES("\xa0");
    }
    struct span algorithm = of->algorithm == WEBAUTHN_ES256   ? FIXTURE_BYTES("\x26")
                            : of->algorithm == WEBAUTHN_EDDSA ? FIXTURE_BYTES("\x27")
                                                              : FIXTURE_BYTES("\x39\x01\x00");
    struct span signature = authenticator_sign(of, data, authenticator_client_data(of, "webauthn.create"));
    struct span first = fixture_join(arena,
                                     FIXTURE_BYTES("\xa2\x63"
                                                   "alg"),
                                     algorithm);
    struct span last = fixture_join(arena,
                                    FIXTURE_BYTES("\x63"
                                                  "sig"),
                                    fixture_cbor_bytes(arena, signature));
    return fixture_join(arena, first, last);
}

struct span
authenticator_object(const struct authenticator *of)
{
    struct arena *arena = of->arena;
    struct span data = authenticator_bytes(of, FIXTURE_AT);
    struct span object = fixture_join(arena,
                                      FIXTURE_BYTES("\xa3\x63"
                                                    "fmt"),
                                      fixture_cbor_text(arena, of->format));
    object = fixture_join(arena, object, fixture_cbor_text(arena, "attStmt"));
    object = fixture_join(arena, object, statement_of(of, data));
    object = fixture_join(arena, object, fixture_cbor_text(arena, "authData"));
    return fixture_join(arena, object, fixture_cbor_bytes(arena, data));
}

enum webauthn_fault
authenticator_register(const struct authenticator *of, bool verified, struct webauthn_credential *credential)
{
    struct span challenge;
    struct span json = authenticator_client_data(of, "webauthn.create");
    enum webauthn_fault fault =
        webauthn_client_data(of->arena, &of->party, "webauthn.create", json, &challenge);
    return fault != WEBAUTHN_FINE ? fault
                                  : webauthn_register(of->arena, &of->party, json, authenticator_object(of),
                                                      verified, credential);
}

enum webauthn_fault
authenticator_assert(const struct authenticator *of, const struct webauthn_credential *credential,
                     bool verified, struct webauthn_assertion *assertion)
{
    struct span challenge;
    struct span json = authenticator_client_data(of, "webauthn.get");
    struct span data = authenticator_bytes(of, 0);
    enum webauthn_fault fault = webauthn_client_data(of->arena, &of->party, "webauthn.get", json, &challenge);
    return fault != WEBAUTHN_FINE ? fault
                                  : webauthn_assert(&of->party, credential, json, data,
                                                    authenticator_sign(of, data, json), verified, assertion);
}

/*
 * The judgement of a ceremony: what the authenticator data must say is asked here, and whether key and
 * signature are right is asked of libfido2. The library lets pass what the standards do not: points of small
 * order, moduli and exponents of any size, bytes behind the data. So everything is read by our own strict
 * reader first (authenticator_data.c, cbor.c), and keys are judged before the library gets them. Verifying
 * costs some tenths of a millisecond; the work is the same for a credential that nobody has.
 */
#include "lib/crypto/digest.h"
#include "lib/webauthn/authenticator_data.h"
#include "lib/webauthn/cbor.h"
#include "lib/webauthn/webauthn.h"

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <sodium.h>
#include <string.h>

enum { RSA_MODULUS_SIZE = 256, RSA_TOP_BIT = 0x80 };

/*
 * The base point of P-256 (SEC 2, section 2.4.2), a valid public key: it is verified with when no credential
 * is known, for the same time, and the result is not used.
 */
static const unsigned char nobody[] = {
    0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2,
    0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96,
    0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16,
    0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};

void
webauthn_start(void)
{
    fido_init(FIDO_DISABLE_U2F_FALLBACK);
}

bool
webauthn_count_rose(uint32_t before, uint32_t now)
{
    return now > before || (now == 0 && before == 0);
}

/* What both ceremonies demand of the authenticator data. */
static enum webauthn_fault
check_data(const struct webauthn_party *party, const struct authenticator_data *data, bool verified)
{
    unsigned char hash[DIGEST_SIZE];
    digest_sha256((struct span){(const unsigned char *)party->rp_id, strlen(party->rp_id)}, hash);
    if (!digest_equal(hash, data->rp_id_hash.data, sizeof hash)) {
        return WEBAUTHN_RP_ID;
    }
    if ((data->flags & AUTHENTICATOR_USER_PRESENT) == 0) {
        return WEBAUTHN_USER_PRESENCE;
    }
    if (verified && (data->flags & AUTHENTICATOR_USER_VERIFIED) == 0) {
        return WEBAUTHN_USER_VERIFICATION;
    }
    bool eligible = (data->flags & AUTHENTICATOR_BACKUP_ELIGIBLE) != 0;
    return (data->flags & AUTHENTICATOR_BACKED_UP) != 0 && !eligible ? WEBAUTHN_BACKUP_STATE : WEBAUTHN_FINE;
}

/* libfido2 takes any number as modulus and as exponent, even 1, with which everybody could sign. */
static bool
rsa_is_usual(struct span key)
{
    static const unsigned char exponent[] = {0x01, 0x00, 0x01};
    return key.size == RSA_MODULUS_SIZE + sizeof exponent && (key.data[0] & RSA_TOP_BIT) != 0 &&
           (key.data[RSA_MODULUS_SIZE - 1] & 1) != 0 &&
           memcmp(key.data + RSA_MODULUS_SIZE, exponent, sizeof exponent) == 0;
}

/* A public key as libfido2 wants it for one algorithm; NULL when it cannot be one. */
static void *
key_of(enum webauthn_algorithm algorithm, struct span key)
{
    int status = FIDO_ERR_INVALID_ARGUMENT;
    void *made = NULL;
    EVP_PKEY *point = NULL; /* a point that is not on the curve has none */
    if (algorithm == WEBAUTHN_ES256) {
        es256_pk_t *es256 = es256_pk_new();
        status = es256_pk_from_ptr(es256, key.data, key.size);
        point = status == FIDO_OK ? es256_pk_to_EVP_PKEY(es256) : NULL;
        made = es256;
    } else if (algorithm == WEBAUTHN_EDDSA) {
        eddsa_pk_t *eddsa = eddsa_pk_new();
        status = eddsa_pk_from_ptr(eddsa, key.data, key.size);
        /* For a point of small order anybody can sign; libfido2 takes it. */
        bool sound = status == FIDO_OK && crypto_core_ed25519_is_valid_point(key.data) == 1;
        point = sound ? eddsa_pk_to_EVP_PKEY(eddsa) : NULL;
        made = eddsa;
    } else {
        rs256_pk_t *rs256 = rs256_pk_new();
        status = rsa_is_usual(key) ? rs256_pk_from_ptr(rs256, key.data, key.size) : FIDO_ERR_INVALID_ARGUMENT;
        point = status == FIDO_OK ? rs256_pk_to_EVP_PKEY(rs256) : NULL;
        made = rs256;
    }
    bool good = point != NULL;
    EVP_PKEY_free(point);
    if (!good) {
        free(made); /* plain memory, whichever it is; libfido2's own functions do the same */
        made = NULL;
    }
    return made;
}

static bool
offered(int32_t algorithm)
{
    return algorithm == WEBAUTHN_ES256 || algorithm == WEBAUTHN_EDDSA || algorithm == WEBAUTHN_RS256;
}

/* libfido2 refuses extensions that it was not told of before; their values are not used. */
static bool
tell_extensions(fido_cred_t *cred, const struct authenticator_extensions *extensions)
{
    int mask = (extensions->hmac_secret ? FIDO_EXT_HMAC_SECRET : 0) |
               (extensions->cred_blob ? FIDO_EXT_CRED_BLOB : 0);
    bool good = fido_cred_set_extensions(cred, mask) == FIDO_OK;
    if (extensions->cred_protect != 0) {
        good = good && fido_cred_set_prot(cred, extensions->cred_protect) == FIDO_OK;
    }
    if (extensions->min_pin_length > 0) {
        good = good && fido_cred_set_pin_minlen(cred, (size_t)extensions->min_pin_length) == FIDO_OK;
    }
    return good;
}

/* Self attestation: signed with the credential's own key. */
static enum webauthn_fault
check_self(fido_cred_t *cred, const struct webauthn_party *party, const struct attestation_object *object,
           const struct authenticator_data *data, const unsigned char hash[DIGEST_SIZE])
{
    int32_t algorithm = 0;
    struct span signature;
    if (!attestation_self_read(object->statement, &algorithm, &signature) || algorithm != data->algorithm ||
        signature.size > WEBAUTHN_SIGNATURE_MAX) {
        return WEBAUTHN_ATTESTATION_STATEMENT;
    }
    bool good = tell_extensions(cred, &data->extensions) &&
                fido_cred_set_clientdata_hash(cred, hash, DIGEST_SIZE) == FIDO_OK &&
                fido_cred_set_rp(cred, party->rp_id, NULL) == FIDO_OK &&
                fido_cred_set_fmt(cred, "packed") == FIDO_OK &&
                fido_cred_set_sig(cred, signature.data, signature.size) == FIDO_OK;
    return good && fido_cred_verify_self(cred) == FIDO_OK ? WEBAUTHN_FINE : WEBAUTHN_SIGNATURE;
}

static enum webauthn_fault
check_attestation(fido_cred_t *cred, const struct webauthn_party *party,
                  const struct attestation_object *object, const struct authenticator_data *data,
                  struct span client_data)
{
    unsigned char hash[DIGEST_SIZE];
    if (cbor_is(object->format, "none")) {
        return attestation_is_empty(object->statement) ? WEBAUTHN_FINE : WEBAUTHN_ATTESTATION_STATEMENT;
    }
    if (!cbor_is(object->format, "packed")) {
        return WEBAUTHN_ATTESTATION_FORMAT;
    }
    digest_sha256(client_data, hash);
    return check_self(cred, party, object, data, hash);
}

/* libfido2 reads the key; what it gives is copied. */
static enum webauthn_fault
take_credential(fido_cred_t *cred, struct arena *arena, const struct attestation_object *object,
                const struct authenticator_data *data, struct webauthn_credential *credential)
{
    struct span raw = object->authenticator_data;
    if (fido_cred_set_type(cred, data->algorithm) != FIDO_OK ||
        fido_cred_set_authdata_raw(cred, raw.data, raw.size) != FIDO_OK ||
        fido_cred_pubkey_len(cred) > WEBAUTHN_PUBLIC_KEY_MAX) {
        return WEBAUTHN_PUBLIC_KEY;
    }
    struct span key = {fido_cred_pubkey_ptr(cred), fido_cred_pubkey_len(cred)};
    void *usable = key.data == NULL ? NULL : key_of((enum webauthn_algorithm)data->algorithm, key);
    if (usable == NULL) {
        return WEBAUTHN_PUBLIC_KEY;
    }
    free(usable);
    *credential = (struct webauthn_credential){
        .id = {(const unsigned char *)arena_copy(arena, data->credential_id.data, data->credential_id.size),
               data->credential_id.size},
        .algorithm = (enum webauthn_algorithm)data->algorithm,
        .public_key = {(const unsigned char *)arena_copy(arena, key.data, key.size), key.size},
        .sign_count = data->sign_count,
        .user_verified = (data->flags & AUTHENTICATOR_USER_VERIFIED) != 0,
        .backup_eligible = (data->flags & AUTHENTICATOR_BACKUP_ELIGIBLE) != 0,
        .backed_up = (data->flags & AUTHENTICATOR_BACKED_UP) != 0};
    return WEBAUTHN_FINE;
}

enum webauthn_fault
webauthn_register(struct arena *arena, const struct webauthn_party *party, struct span client_data,
                  struct span attestation_object, bool verified, struct webauthn_credential *credential)
{
    struct attestation_object object;
    struct authenticator_data data;
    if (!attestation_object_read(attestation_object, &object)) {
        return WEBAUTHN_ATTESTATION_OBJECT;
    }
    if (!authenticator_data_read(object.authenticator_data, &data) ||
        (data.flags & AUTHENTICATOR_CREDENTIAL) == 0) {
        return WEBAUTHN_AUTHENTICATOR_DATA;
    }
    enum webauthn_fault fault = check_data(party, &data, verified);
    if (fault != WEBAUTHN_FINE) {
        return fault;
    }
    if (data.credential_id.size < WEBAUTHN_CREDENTIAL_ID_MIN ||
        data.credential_id.size > WEBAUTHN_CREDENTIAL_ID_MAX) {
        return WEBAUTHN_CREDENTIAL_ID;
    }
    if (!offered(data.algorithm)) {
        return WEBAUTHN_ALGORITHM;
    }
    fido_cred_t *cred = fido_cred_new();
    if (cred == NULL) {
        return WEBAUTHN_PUBLIC_KEY;
    }
    fault = take_credential(cred, arena, &object, &data, credential);
    if (fault == WEBAUTHN_FINE) {
        fault = check_attestation(cred, party, &object, &data, client_data);
    }
    fido_cred_free(&cred);
    return fault;
}

static bool
signature_is_right(const struct webauthn_party *party, const struct webauthn_credential *credential,
                   const struct authenticator_extensions *extensions, struct span client_data,
                   struct span authenticator_data, struct span signature)
{
    unsigned char hash[DIGEST_SIZE];
    int mask = (extensions->hmac_secret ? FIDO_EXT_HMAC_SECRET : 0) |
               (extensions->cred_blob ? FIDO_EXT_CRED_BLOB : 0);
    void *key = key_of(credential->algorithm, credential->public_key);
    fido_assert_t *given = fido_assert_new();
    digest_sha256(client_data, hash);
    bool good =
        key != NULL && given != NULL &&
        fido_assert_set_clientdata_hash(given, hash, sizeof hash) == FIDO_OK &&
        fido_assert_set_rp(given, party->rp_id) == FIDO_OK && fido_assert_set_count(given, 1) == FIDO_OK &&
        fido_assert_set_authdata_raw(given, 0, authenticator_data.data, authenticator_data.size) == FIDO_OK &&
        fido_assert_set_sig(given, 0, signature.data, signature.size) == FIDO_OK &&
        fido_assert_set_up(given, FIDO_OPT_TRUE) == FIDO_OK &&
        fido_assert_set_extensions(given, mask) == FIDO_OK &&
        fido_assert_verify(given, 0, credential->algorithm, key) == FIDO_OK;
    fido_assert_free(&given);
    free(key);
    return good;
}

enum webauthn_fault
webauthn_assert(const struct webauthn_party *party, const struct webauthn_credential *credential,
                struct span client_data, struct span authenticator_data, struct span signature, bool verified,
                struct webauthn_assertion *assertion)
{
    struct authenticator_data data;
    if (!authenticator_data_read(authenticator_data, &data) || (data.flags & AUTHENTICATOR_CREDENTIAL) != 0) {
        return WEBAUTHN_AUTHENTICATOR_DATA;
    }
    enum webauthn_fault fault = check_data(party, &data, verified);
    if (fault != WEBAUTHN_FINE) {
        return fault;
    }
    if (signature.size > WEBAUTHN_SIGNATURE_MAX ||
        !signature_is_right(party, credential, &data.extensions, client_data, authenticator_data,
                            signature)) {
        return WEBAUTHN_SIGNATURE;
    }
    /*
     * Section 7.2: what a credential is eligible for was settled when it was made. After the signature, so
     * that nobody without the key learns by the time what is stored.
     */
    if (((data.flags & AUTHENTICATOR_BACKUP_ELIGIBLE) != 0) != credential->backup_eligible) {
        return WEBAUTHN_BACKUP_STATE;
    }
    *assertion = (struct webauthn_assertion){.sign_count = data.sign_count,
                                             .user_verified = (data.flags & AUTHENTICATOR_USER_VERIFIED) != 0,
                                             .backed_up = (data.flags & AUTHENTICATOR_BACKED_UP) != 0};
    return WEBAUTHN_FINE;
}

void
webauthn_assert_nobody(const struct webauthn_party *party, struct span client_data,
                       struct span authenticator_data, struct span signature)
{
    struct webauthn_assertion unused;
    struct webauthn_credential credential = {.algorithm = WEBAUTHN_ES256,
                                             .public_key = {nobody, sizeof nobody}};
    (void)webauthn_assert(party, &credential, client_data, authenticator_data, signature, false, &unused);
}

#include "lib/webauthn/authenticator_data.h"

#include "lib/webauthn/cbor.h"
#include "lib/webauthn/webauthn.h"

enum {
    HASH_SIZE = 32,
    COUNT_SIZE = 4,
    MODEL_SIZE = 16, /* AAGUID: not looked at, nobody is asked for a model */
    LENGTH_SIZE = 2,
    BYTE_BITS = 8,
    COSE_ALGORITHM = 3,  /* the label, RFC 9052 section 7.1 */
    KEY_MEMBERS_MAX = 8, /* the keys that are offered have four or five */
    OBJECT_MEMBERS = 3,
    SELF_MEMBERS = 2
};

static bool
take(struct cbor *cbor, size_t size, struct span *run)
{
    if ((size_t)(cbor->end - cbor->at) < size) {
        return false;
    }
    *run = (struct span){cbor->at, size};
    cbor->at += size;
    return true;
}

static bool
take_number(struct cbor *cbor, size_t size, uint32_t *number)
{
    struct span run;
    if (!take(cbor, size, &run)) {
        return false;
    }
    *number = 0;
    for (size_t i = 0; i < size; i++) {
        *number = *number << BYTE_BITS | run.data[i];
    }
    return true;
}

static bool
is_among(const int32_t *labels, size_t count, int32_t label)
{
    for (size_t i = 0; i < count; i++) {
        if (labels[i] == label) {
            return true;
        }
    }
    return false;
}

/* The algorithm of a COSE key, whose labels are numbers and each there once; the rest is libfido2's to read.
 */
static bool
read_key(struct cbor *cbor, int32_t *algorithm)
{
    int32_t labels[KEY_MEMBERS_MAX];
    size_t members = 0;
    if (!cbor_map(cbor, &members) || members > KEY_MEMBERS_MAX) {
        return false;
    }
    for (size_t i = 0; i < members; i++) {
        struct span value;
        if (!cbor_int(cbor, &labels[i]) || is_among(labels, i, labels[i])) {
            return false;
        }
        if (!(labels[i] == COSE_ALGORITHM ? cbor_int(cbor, algorithm) : cbor_item(cbor, &value))) {
            return false;
        }
    }
    return is_among(labels, members, COSE_ALGORITHM);
}

static bool
read_credential(struct cbor *cbor, struct authenticator_data *data)
{
    struct span model;
    uint32_t size = 0;
    return take(cbor, MODEL_SIZE, &model) && take_number(cbor, LENGTH_SIZE, &size) &&
           take(cbor, size, &data->credential_id) && read_key(cbor, &data->algorithm);
}

/* A number that is not there counts as 0; of another kind, it is none of ours. */
static bool
read_level(struct cbor *cbor, int32_t *level)
{
    struct cbor ahead = *cbor;
    struct span value;
    if (cbor_int(&ahead, level)) {
        *cbor = ahead;
        return true;
    }
    *level = 0;
    return cbor_item(cbor, &value);
}

static bool
read_extensions(struct cbor *cbor, struct authenticator_extensions *extensions)
{
    size_t members = 0;
    if (!cbor_map(cbor, &members)) {
        return false;
    }
    for (size_t i = 0; i < members; i++) {
        struct span name;
        struct span value;
        bool good = cbor_text(cbor, &name);
        if (good && cbor_is(name, "credProtect")) {
            good = read_level(cbor, &extensions->cred_protect);
        } else if (good && cbor_is(name, "minPinLength")) {
            good = read_level(cbor, &extensions->min_pin_length);
        } else {
            good = good && cbor_item(cbor, &value);
        }
        if (!good) {
            return false;
        }
        extensions->hmac_secret = extensions->hmac_secret || cbor_is(name, "hmac-secret");
        extensions->cred_blob = extensions->cred_blob || cbor_is(name, "credBlob");
    }
    return true;
}

bool
authenticator_data_read(struct span bytes, struct authenticator_data *data)
{
    struct cbor cbor = cbor_of(bytes);
    uint32_t flags = 0;
    *data = (struct authenticator_data){.flags = 0};
    bool good = bytes.size <= WEBAUTHN_AUTHENTICATOR_DATA_MAX && take(&cbor, HASH_SIZE, &data->rp_id_hash) &&
                take_number(&cbor, 1, &flags) && take_number(&cbor, COUNT_SIZE, &data->sign_count);
    data->flags = flags;
    if (good && (flags & AUTHENTICATOR_CREDENTIAL) != 0) {
        good = read_credential(&cbor, data);
    }
    if (good && (flags & AUTHENTICATOR_EXTENSIONS) != 0) {
        good = read_extensions(&cbor, &data->extensions);
    }
    return good && cbor_at_end(&cbor);
}

bool
attestation_object_read(struct span bytes, struct attestation_object *object)
{
    struct cbor cbor = cbor_of(bytes);
    size_t members = 0;
    *object = (struct attestation_object){.format = {NULL, 0}};
    if (bytes.size > WEBAUTHN_ATTESTATION_MAX || !cbor_map(&cbor, &members) || members != OBJECT_MEMBERS) {
        return false;
    }
    /* Three members of three names: each is there once, or one of them is missing in the end. */
    for (size_t i = 0; i < members; i++) {
        struct span name;
        if (!cbor_text(&cbor, &name)) {
            return false;
        }
        bool good = cbor_is(name, "fmt")        ? cbor_text(&cbor, &object->format)
                    : cbor_is(name, "attStmt")  ? cbor_item(&cbor, &object->statement)
                    : cbor_is(name, "authData") ? cbor_bytes(&cbor, &object->authenticator_data)
                                                : false;
        if (!good) {
            return false;
        }
    }
    struct cbor statement = cbor_of(object->statement);
    return cbor_at_end(&cbor) && object->format.data != NULL && object->statement.data != NULL &&
           object->authenticator_data.data != NULL && cbor_map(&statement, &members);
}

bool
attestation_self_read(struct span statement, int32_t *algorithm, struct span *signature)
{
    struct cbor cbor = cbor_of(statement);
    size_t members = 0;
    *signature = (struct span){NULL, 0};
    *algorithm = 0;
    if (!cbor_map(&cbor, &members) || members != SELF_MEMBERS) {
        return false;
    }
    for (size_t i = 0; i < members; i++) {
        struct span name;
        bool good = cbor_text(&cbor, &name) && (cbor_is(name, "alg")   ? cbor_int(&cbor, algorithm)
                                                : cbor_is(name, "sig") ? cbor_bytes(&cbor, signature)
                                                                       : false);
        if (!good) {
            return false;
        }
    }
    return cbor_at_end(&cbor) && *algorithm != 0 && signature->data != NULL;
}

bool
attestation_is_empty(struct span statement)
{
    struct cbor cbor = cbor_of(statement);
    size_t members = 0;
    return cbor_map(&cbor, &members) && members == 0;
}

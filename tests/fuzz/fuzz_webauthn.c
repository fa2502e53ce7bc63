/*
 * libFuzzer: what a browser sends of a passkey. The first byte says what the others are: client data, an
 * attestation object, or authenticator data. What is accepted keeps to the limits, and comes back from its
 * record as it went in.
 */
#include "lib/webauthn/record.h"
#include "lib/webauthn/webauthn.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static const char client_data[] =
    "{\"type\":\"webauthn.create\",\"challenge\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
    "\"origin\":\"https://localhost:8443\",\"crossOrigin\":false}";
static const char *const origins[] = {"https://localhost:8443"};
static const struct webauthn_party party = {.rp_id = "localhost", .origins = origins, .origin_count = 1};

static void
check_client_data(struct arena *arena, struct span json)
{
    struct span challenge = {NULL, 0};
    if (webauthn_client_data(arena, &party, "webauthn.get", json, &challenge) == WEBAUTHN_FINE &&
        (challenge.size < WEBAUTHN_CHALLENGE_MIN || challenge.size > WEBAUTHN_CHALLENGE_MAX)) {
        fuzz_fail("a challenge has %zu bytes", challenge.size);
    }
}

static void
check_record(struct arena *arena, const struct webauthn_credential *credential)
{
    struct webauthn_record record = {.credential_id = credential->id,
                                     .algorithm = credential->algorithm,
                                     .public_key = credential->public_key,
                                     .name = "A name"};
    struct webauthn_record again;
    struct span bytes;
    if (!webauthn_record_write(arena, &record, &bytes) || !webauthn_record_read(arena, bytes, &again)) {
        fuzz_fail("what was accepted can be kept");
    }
    if (again.algorithm != record.algorithm || again.credential_id.size != record.credential_id.size ||
        memcmp(again.credential_id.data, record.credential_id.data, record.credential_id.size) != 0 ||
        again.public_key.size != record.public_key.size || strcmp(again.name, record.name) != 0) {
        fuzz_fail("a record is read as it was written");
    }
}

static void
check_registration(struct arena *arena, struct span object)
{
    struct webauthn_credential credential;
    struct span client = {(const unsigned char *)client_data, sizeof client_data - 1};
    if (webauthn_register(arena, &party, client, object, false, &credential) != WEBAUTHN_FINE) {
        return;
    }
    if (credential.id.size < WEBAUTHN_CREDENTIAL_ID_MIN || credential.id.size > WEBAUTHN_CREDENTIAL_ID_MAX ||
        credential.public_key.size > WEBAUTHN_PUBLIC_KEY_MAX) {
        fuzz_fail("what was accepted is within its limits");
    }
    if (credential.backed_up && !credential.backup_eligible) {
        fuzz_fail("only what may be backed up is");
    }
    check_record(arena, &credential);
}

/* Signed by nobody: it is read, and refused. */
static void
check_assertion(struct span data)
{
    static const unsigned char signature[64] = {1};
    unsigned char key[32]; /* the base point: nobody has signed with the key to it */
    memset(key, 0x66, sizeof key);
    key[0] = 0x58;
    struct webauthn_credential credential = {.algorithm = WEBAUTHN_EDDSA, .public_key = {key, sizeof key}};
    struct webauthn_assertion assertion;
    struct span client = {(const unsigned char *)client_data, sizeof client_data - 1};
    struct span signed_by = {signature, sizeof signature};
    if (webauthn_assert(&party, &credential, client, data, signed_by, true, &assertion) == WEBAUTHN_FINE) {
        fuzz_fail("nobody signed this");
    }
    webauthn_assert_nobody(&party, client, data, signed_by);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    static bool started;
    if (!started) {
        webauthn_start();
        started = true;
    }
    if (size == 0) {
        return 0;
    }
    struct arena *arena = arena_create(FUZZ_ARENA_MAX, NULL, NULL);
    struct span rest = {(const unsigned char *)arena_copy(arena, data + 1, size - 1), size - 1};
    if (data[0] % 3 == 0) {
        check_client_data(arena, rest);
    } else if (data[0] % 3 == 1) {
        check_registration(arena, rest);
    } else {
        check_assertion(rest);
    }
    arena_destroy(arena);
    return 0;
}

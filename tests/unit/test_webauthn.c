/*
 * Passkeys: what is right is taken, and nothing of it can be changed. The registration and the sign-in are
 * those of tests/webauthn/vectors.yaml ("should verify None attestation", "should verify an assertion
 * response"; SimpleWebAuthn, MIT licence). tests/webauthn judges hundreds more beside another library.
 */
#include "lib/base/arena.h"
#include "lib/webauthn/cbor.h"
#include "lib/webauthn/record.h"
#include "lib/webauthn/webauthn.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { ARENA_MAX = 16 * 1024 * 1024, COUNT = 144 };

static const char *const origins[] = {"https://elsewhere.example", "https://dev.dontneeda.pw"};
static const struct webauthn_party party = {"dev.dontneeda.pw", origins, 2};

static const char create_client_data[] =
    "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiYUVWalkxQlhkWHBwVURBd1NEQndOV2Q0YURKZmRUVmZVRU0wVG1W"
    "WloyUSIsIm9yaWdpbiI6Imh0dHBzOlwvXC9kZXYuZG9udG5lZWRhLnB3IiwiYW5kcm9pZFBhY2thZ2VOYW1lIjoib3JnLm1vemlsbGEu"
    "ZmlyZWZveCJ9";
static const char attestation[] =
    "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVjFPdxHEOnAiLIp26idVjIguzn3Ipr_RlsKZWsa-5qK-KBFAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAQQHSlyRHIdWleVqO24-6ix7JFWODqDWo_arvEz3Se5EgIFHkcVjZ4F5XDSBreIHsWRilRnKmaaqlqK3V2_4XtYs2pQECAyYg"
    "ASFYID5PQTZQQg6haZFQWFzqfAOyQ_ENsMH8xxQ4GRiNPsqrIlggU8IVUOV8qpgk_Jh-OTaLuZL52KdX1fTht07X4DiQPow";
static const char get_client_data[] =
    "eyJjaGFsbGVuZ2UiOiJkRzkwWVd4c2VWVnVhWEYxWlZaaGJIVmxSWFpsY25sVWFXMWwiLCJjbGllbnRFeHRlbnNpb25zIjp7fSwiaGFz"
    "aEFsZ29yaXRobSI6IlNIQS0yNTYiLCJvcmlnaW4iOiJodHRwczovL2Rldi5kb250bmVlZGEucHciLCJ0eXBlIjoid2ViYXV0aG4uZ2V0"
    "In0";
static const char authenticator_data[] = "PdxHEOnAiLIp26idVjIguzn3Ipr_RlsKZWsa-5qK-KABAAAAkA";
static const char signature[] =
    "MEUCIQDYXBOpCWSWq2Ll4558GJKD2RoWg958lvJSB_GdeokxogIgWuEVQ7ee6AswQY0OsuQ6y8Ks6jhd45bDx92wjXKs900";
static const char public_key[] = /* x and y */
    "iF4Wn67oa8VPYs0ai9_dmtPSIVUGwD_vqtHKzFEb0DXxYZ4DqE-adpvQcBWJRhVGTBM1w3vtAF_9FHR2_eUi9A";

static struct span
bytes(struct arena *arena, const char *text)
{
    struct span made;
    assert_true(webauthn_bytes(arena, text, WEBAUTHN_ATTESTATION_MAX, &made));
    return made;
}

/* A copy of its own, so that one can be changed. */
static unsigned char *
copy(struct arena *arena, struct span span)
{
    unsigned char *made = arena_alloc(arena, span.size + 1);
    memcpy(made, span.data, span.size);
    made[span.size] = 0;
    return made;
}

struct sign_in {
    struct webauthn_credential credential;
    struct span client_data;
    struct span data;
    struct span signature;
};

static struct sign_in
right(struct arena *arena)
{
    return (struct sign_in){{.algorithm = WEBAUTHN_ES256, .public_key = bytes(arena, public_key)},
                            bytes(arena, get_client_data),
                            bytes(arena, authenticator_data),
                            bytes(arena, signature)};
}

static enum webauthn_fault
judged(const struct sign_in *it, bool verified)
{
    struct webauthn_assertion assertion;
    return webauthn_assert(&party, &it->credential, it->client_data, it->data, it->signature, verified,
                           &assertion);
}

static void
a_registration_gives_the_credential(void **state)
{
    struct webauthn_credential credential;
    struct span challenge;
    struct span client = bytes(*state, create_client_data);
    assert_int_equal(webauthn_client_data(*state, &party, "webauthn.create", client, &challenge),
                     WEBAUTHN_FINE);
    assert_int_equal(challenge.size, 32);
    assert_memory_equal(challenge.data, "hEccPWuziP00H0p5gxh2_u5_PC4NeYgd", 32);
    assert_int_equal(webauthn_register(*state, &party, client, bytes(*state, attestation), true, &credential),
                     WEBAUTHN_FINE);
    assert_int_equal(credential.algorithm, WEBAUTHN_ES256);
    assert_int_equal(credential.id.size, 65);
    assert_int_equal(credential.public_key.size, 64);
    assert_int_equal(credential.sign_count, 0);
    assert_true(credential.user_verified);
    assert_false(credential.backup_eligible);
    assert_false(credential.backed_up);
}

static void
a_sign_in_gives_its_count(void **state)
{
    struct sign_in it = right(*state);
    struct webauthn_assertion assertion;
    assert_int_equal(
        webauthn_assert(&party, &it.credential, it.client_data, it.data, it.signature, false, &assertion),
        WEBAUTHN_FINE);
    assert_int_equal(assertion.sign_count, COUNT);
    assert_false(assertion.user_verified);
    assert_int_equal(judged(&it, true), WEBAUTHN_USER_VERIFICATION);
}

/* [6.3.3] */
static void
no_byte_of_a_sign_in_can_be_changed(void **state)
{
    struct sign_in it = right(*state);
    struct span *parts[] = {&it.client_data, &it.data, &it.signature};
    for (size_t part = 0; part < sizeof parts / sizeof parts[0]; part++) {
        struct span whole = *parts[part];
        unsigned char *changed = copy(*state, whole);
        parts[part]->data = changed;
        for (size_t i = 0; i < whole.size; i++) {
            unsigned char bit = (unsigned char)(1U << i % 8);
            changed[i] ^= bit;
            assert_int_not_equal(judged(&it, false), WEBAUTHN_FINE);
            changed[i] ^= bit;
        }
        parts[part]->size = whole.size - 1;
        assert_int_not_equal(judged(&it, false), WEBAUTHN_FINE);
        parts[part]->size = whole.size + 1; /* a byte of 0 behind it */
        assert_int_not_equal(judged(&it, false), WEBAUTHN_FINE);
        *parts[part] = whole;
    }
    assert_int_equal(judged(&it, false), WEBAUTHN_FINE);
}

static void
a_sign_in_of_another_party_or_credential_is_none(void **state)
{
    struct sign_in it = right(*state);
    struct webauthn_party other = {"elsewhere.example", origins, 2};
    struct webauthn_assertion assertion;
    assert_int_equal(
        webauthn_assert(&other, &it.credential, it.client_data, it.data, it.signature, false, &assertion),
        WEBAUTHN_RP_ID);
    it.credential.backup_eligible = true;
    assert_int_equal(judged(&it, false), WEBAUTHN_BACKUP_STATE);
    it.credential.backup_eligible = false;
    it.credential.algorithm = WEBAUTHN_EDDSA;
    assert_int_equal(judged(&it, false), WEBAUTHN_SIGNATURE);
    it.credential.algorithm = WEBAUTHN_ES256;
    unsigned char *key = copy(*state, it.credential.public_key);
    key[0] ^= 1; /* not on the curve */
    it.credential.public_key.data = key;
    assert_int_equal(judged(&it, false), WEBAUTHN_SIGNATURE);
}

/* Anybody can make a signature that such a key takes for any message. */
static void
keys_of_small_order_are_none(void **state)
{
    static const unsigned char orders[][32] = {{1}, {0}, {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                          0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                          0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                          0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}};
    unsigned char forged[64] = {1};
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        struct sign_in it = right(*state);
        memcpy(forged, orders[i], 32);
        it.credential.algorithm = WEBAUTHN_EDDSA;
        it.credential.public_key = (struct span){orders[i], 32};
        it.signature = (struct span){forged, sizeof forged};
        assert_int_equal(judged(&it, false), WEBAUTHN_SIGNATURE);
    }
}

static void
client_data_say_what_they_are_for(void **state)
{
    static const struct {
        const char *json;
        enum webauthn_fault fault;
    } cases[] = {
        {"{\"type\":\"webauthn.get\",\"challenge\":\"%\",\"origin\":\"https://dev.dontneeda.pw\"}",
         WEBAUTHN_FINE},
        {"{\"type\":\"webauthn.create\",\"challenge\":\"%\",\"origin\":\"https://dev.dontneeda.pw\"}",
         WEBAUTHN_TYPE},
        {"{\"type\":\"webauthn.get\",\"challenge\":\"AAAA\",\"origin\":\"https://dev.dontneeda.pw\"}",
         WEBAUTHN_CHALLENGE},
        {"{\"type\":\"webauthn.get\",\"challenge\":\"%=\",\"origin\":\"https://dev.dontneeda.pw\"}",
         WEBAUTHN_CHALLENGE},
        {"{\"type\":\"webauthn.get\",\"challenge\":\"%\",\"origin\":\"https://dev.dontneeda.pw.example\"}",
         WEBAUTHN_ORIGIN},
        {"{\"type\":\"webauthn.get\",\"challenge\":\"%\",\"origin\":\"https://"
         "dev.dontneeda.pw\",\"crossOrigin\":true}",
         WEBAUTHN_CROSS_ORIGIN},
        {"{\"type\":\"webauthn.get\",\"challenge\":\"%\",\"origin\":\"https://"
         "dev.dontneeda.pw\",\"topOrigin\":\"x\"}",
         WEBAUTHN_CROSS_ORIGIN},
        {"{\"type\":\"webauthn.get\",\"type\":\"webauthn.get\",\"challenge\":\"%\",\"origin\":\"https://"
         "dev.dontneeda.pw\"}",
         WEBAUTHN_CLIENT_DATA},
        {"{\"type\":1,\"challenge\":\"%\",\"origin\":\"https://dev.dontneeda.pw\"}", WEBAUTHN_CLIENT_DATA},
        {"[]", WEBAUTHN_CLIENT_DATA},
        {"", WEBAUTHN_CLIENT_DATA},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *cut = strchr(cases[i].json, '%');
        const char *json = cut == NULL
                               ? cases[i].json
                               : arena_format(*state, "%.*s%s%s", (int)(cut - cases[i].json), cases[i].json,
                                              "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", cut + 1);
        struct span challenge;
        struct span text = {(const unsigned char *)json, strlen(json)};
        assert_int_equal(webauthn_client_data(*state, &party, "webauthn.get", text, &challenge),
                         cases[i].fault);
    }
}

static void
counts_rise_or_are_not_kept(void **state)
{
    (void)state;
    assert_true(webauthn_count_rose(0, 0));
    assert_true(webauthn_count_rose(0, 1));
    assert_true(webauthn_count_rose(5, UINT32_MAX));
    assert_false(webauthn_count_rose(1, 1));
    assert_false(webauthn_count_rose(2, 1));
    assert_false(webauthn_count_rose(UINT32_MAX, 0));
}

static void
records_come_back_or_are_refused(void **state)
{
    struct webauthn_record record = {.credential_id = bytes(*state, signature),
                                     .algorithm = WEBAUTHN_RS256,
                                     .public_key = bytes(*state, public_key),
                                     .transports =
                                         webauthn_transport_bit("usb") | webauthn_transport_bit("hybrid"),
                                     .name = "Telefon \xc3\xbc"};
    struct webauthn_record again;
    struct span sealed;
    assert_true(webauthn_record_write(*state, &record, &sealed));
    assert_true(webauthn_record_read(*state, sealed, &again));
    assert_int_equal(again.algorithm, record.algorithm);
    assert_int_equal(again.transports, record.transports);
    assert_string_equal(again.name, record.name);
    assert_int_equal(again.credential_id.size, record.credential_id.size);
    assert_memory_equal(again.credential_id.data, record.credential_id.data, record.credential_id.size);
    assert_memory_equal(again.public_key.data, record.public_key.data, record.public_key.size);
    for (size_t size = 0; size < sealed.size; size++) {
        assert_false(webauthn_record_read(*state, (struct span){sealed.data, size}, &again));
    }
    assert_int_equal(webauthn_transport_bit("carrier pigeon"), 0);
}

/* RFC 8949, appendix A, and what its canonical form forbids. */
static void
cbor_is_read_in_its_shortest_form_only(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        size_t size;
        bool good;
    } items[] = {
        {"\x00", 1, true},
        {"\x18\x18", 2, true},
        {"\x18\x17", 2, false},
        {"\x19\x03\xe8", 3, true},
        {"\x19\x00\xff", 3, false},
        {"\x29", 1, true},
        {"\x44\x01\x02\x03\x04", 5, true},
        {"\x44\x01\x02\x03", 4, false},
        {"\x64IETF", 5, true},
        {"\x83\x01\x02\x03", 4, true},
        {"\x83\x01\x02", 3, false},
        {"\xa1\x61"
         "a\x01",
         4, true},
        {"\xf4", 1, true},
        {"\xf6", 1, true},
        {"\xf8\x18", 2, false},
        {"\xc0\x00", 2, false},
        {"\x9f\x01\xff", 3, false},
        {"\x5f\x41\x01\xff", 4, false},
        {"\xff", 1, false},
        {"\x1c", 1, false},
        {"", 0, false},
        {"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 9, false},
        {"\x81\x81\x81\x81\x81\x81\x81\x00", 8, true},
        {"\x81\x81\x81\x81\x81\x81\x81\x81\x00", 9, false},
    };
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
        struct cbor cbor = cbor_of((struct span){(const unsigned char *)items[i].data, items[i].size});
        struct span item;
        assert_int_equal(cbor_item(&cbor, &item) && cbor_at_end(&cbor), items[i].good);
    }
}

static void
faults_have_names_and_words(void **state)
{
    (void)state;
    for (int i = 0; i < WEBAUTHN_FAULTS; i++) {
        assert_true(strlen(webauthn_fault_name((enum webauthn_fault)i)) > 0);
        assert_true(strlen(webauthn_fault_text((enum webauthn_fault)i)) > 0);
    }
}

static int
setup(void **state)
{
    webauthn_start();
    *state = arena_create(ARENA_MAX, NULL, NULL);
    return sodium_init() < 0 || *state == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
    arena_destroy(*state);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_registration_gives_the_credential),
        cmocka_unit_test(a_sign_in_gives_its_count),
        cmocka_unit_test(no_byte_of_a_sign_in_can_be_changed),
        cmocka_unit_test(a_sign_in_of_another_party_or_credential_is_none),
        cmocka_unit_test(keys_of_small_order_are_none),
        cmocka_unit_test(client_data_say_what_they_are_for),
        cmocka_unit_test(counts_rise_or_are_not_kept),
        cmocka_unit_test(records_come_back_or_are_refused),
        cmocka_unit_test(cbor_is_read_in_its_shortest_form_only),
        cmocka_unit_test(faults_have_names_and_words),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

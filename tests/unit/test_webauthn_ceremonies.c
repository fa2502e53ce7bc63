/* Registrations and assertions: what is right, and each thing that can be wrong, alone. */
#include "tests/unit/webauthn_fixture.h"

#include <string.h>

static const enum webauthn_algorithm algorithms[] = {WEBAUTHN_ES256, WEBAUTHN_EDDSA, WEBAUTHN_RS256};

#define CHALLENGE "Q0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0M"

static void
assert_fault(const char *what, enum webauthn_fault found, enum webauthn_fault wanted)
{
    if (found != wanted) {
        fail_msg("%s: %s, not %s", what, webauthn_fault_name(found), webauthn_fault_name(wanted));
    }
}

/* [6.3.3] */
static void
a_passkey_of_every_algorithm_is_registered_and_signs_in(void **state)
{
    static const char *const formats[] = {"none", "packed"};
    for (size_t i = 0; i < 6; i++) {
        struct authenticator of = authenticator_init(*state, algorithms[i % 3]);
        struct webauthn_credential credential;
        struct webauthn_assertion assertion;
        of.format = formats[i / 3];
        of.flags |= FIXTURE_BE;
        assert_fault(of.format, authenticator_register(&of, true, &credential), WEBAUTHN_FINE);
        assert_int_equal(credential.algorithm, of.algorithm);
        assert_int_equal(credential.id.size, of.id.size);
        assert_memory_equal(credential.id.data, of.id.data, of.id.size);
        assert_int_equal(credential.sign_count, 1);
        assert_true(credential.user_verified && credential.backup_eligible && !credential.backed_up);
        of.count = 0x80000001U;
        of.flags |= FIXTURE_BS;
        assert_fault("assertion", authenticator_assert(&of, &credential, true, &assertion), WEBAUTHN_FINE);
        assert_int_equal(assertion.sign_count, 0x80000001U);
        assert_true(assertion.user_verified && assertion.backed_up);
    }
}

static void
what_the_user_did_is_told_when_it_is_not_asked_for(void **state)
{
    struct authenticator of = authenticator_init(*state, WEBAUTHN_ES256);
    struct webauthn_credential credential;
    struct webauthn_assertion assertion;
    of.flags = FIXTURE_UP;
    assert_fault("registration", authenticator_register(&of, false, &credential), WEBAUTHN_FINE);
    assert_false(credential.user_verified);
    assert_fault("assertion", authenticator_assert(&of, &credential, false, &assertion), WEBAUTHN_FINE);
    assert_false(assertion.user_verified);
}

/* ----------------------------------------------------------------------------------------- client data */

static enum webauthn_fault
client_data(struct arena *arena, const char *json)
{
    struct authenticator of = authenticator_init(arena, WEBAUTHN_ES256);
    struct span challenge;
    struct span bytes = {(const unsigned char *)json, strlen(json)};
    return webauthn_client_data(arena, &of.party, "webauthn.get", bytes, &challenge);
}

static void
each_member_of_client_data_is_checked(void **state)
{
    static const struct {
        const char *type;
        const char *challenge;
        const char *origin;
        const char *more;
        enum webauthn_fault fault;
    } cases[] = {
        {"\"webauthn.get\"", "\"" CHALLENGE "\"", "\"https://clinic.example\"", "", WEBAUTHN_FINE},
        {"\"webauthn.get\"", "\"" CHALLENGE "\"", "\"https://other.example:8443\"", "", WEBAUTHN_FINE},
        {"\"webauthn.get\"", "\"" CHALLENGE "\"", "\"https:\\/\\/clinic.example\"", "", WEBAUTHN_FINE},
        {"\"webauthn.create\"", "\"" CHALLENGE "\"", "\"https://clinic.example\"", "", WEBAUTHN_TYPE},
        {"\"webauthn.GET\"", "\"" CHALLENGE "\"", "\"https://clinic.example\"", "", WEBAUTHN_TYPE},
        {"\"payment.get\"", "\"" CHALLENGE "\"", "\"https://clinic.example\"", "", WEBAUTHN_TYPE},
        {"\"\"", "\"" CHALLENGE "\"", "\"https://clinic.example\"", "", WEBAUTHN_TYPE},
        {"null", "\"" CHALLENGE "\"", "\"https://clinic.example\"", "", WEBAUTHN_CLIENT_DATA},
        {"[\"webauthn.get\"]", "\"" CHALLENGE "\"", "\"https://clinic.example\"", "", WEBAUTHN_CLIENT_DATA},
        {"\"webauthn.get\"", "\"\"", "\"https://clinic.example\"", "", WEBAUTHN_CHALLENGE},
        {"\"webauthn.get\"", "\"AAAAAAAAAAAAAAAAAAAA\"", "\"https://clinic.example\"", "",
         WEBAUTHN_CHALLENGE},
        {"\"webauthn.get\"", "\"AAAAAAAAAAAAAAAAAAAAAA\"", "\"https://clinic.example\"", "", WEBAUTHN_FINE},
        {"\"webauthn.get\"", "\"" CHALLENGE "=\"", "\"https://clinic.example\"", "", WEBAUTHN_CHALLENGE},
        {"\"webauthn.get\"", "\"" CHALLENGE " \"", "\"https://clinic.example\"", "", WEBAUTHN_CHALLENGE},
        {"\"webauthn.get\"", "\"" CHALLENGE CHALLENGE CHALLENGE "\"", "\"https://clinic.example\"", "",
         WEBAUTHN_CHALLENGE},
        {"\"webauthn.get\"", "\"+++++++++++++++++++++++\"", "\"https://clinic.example\"", "",
         WEBAUTHN_CHALLENGE},
        {"\"webauthn.get\"", "7", "\"https://clinic.example\"", "", WEBAUTHN_CLIENT_DATA},
        {"\"webauthn.get\"", "\"" CHALLENGE "\"", "\"http://clinic.example\"", "", WEBAUTHN_ORIGIN},
        {"\"webauthn.get\"", "\"" CHALLENGE "\"", "\"https://clinic.example/\"", "", WEBAUTHN_ORIGIN},
        {"\"webauthn.get\"", "\"" CHALLENGE "\"", "\"https://clinic.example:443\"", "", WEBAUTHN_ORIGIN},
        {"\"webauthn.get\"", "\"" CHALLENGE "\"", "\"https://CLINIC.example\"", "", WEBAUTHN_ORIGIN},
        {"\"webauthn.get\"", "\"" CHALLENGE "\"", "\"https://a.clinic.example\"", "", WEBAUTHN_ORIGIN},
        {"\"webauthn.get\"", "\"" CHALLENGE "\"", "\"https://clinic.example.evil\"", "", WEBAUTHN_ORIGIN},
        {"\"webauthn.get\"", "\"" CHALLENGE "\"", "\"https://other.example\"", "", WEBAUTHN_ORIGIN},
        {"\"webauthn.get\"", "\"" CHALLENGE "\"", "\"null\"", "", WEBAUTHN_ORIGIN},
        {"\"webauthn.get\"", "\"" CHALLENGE "\"", "null", "", WEBAUTHN_CLIENT_DATA},
        {"\"webauthn.get\"", "\"" CHALLENGE "\"", "\"https://clinic.example\"", ",\"crossOrigin\":false",
         WEBAUTHN_FINE},
        {"\"webauthn.get\"", "\"" CHALLENGE "\"", "\"https://clinic.example\"", ",\"crossOrigin\":true",
         WEBAUTHN_CROSS_ORIGIN},
        {"\"webauthn.get\"", "\"" CHALLENGE "\"", "\"https://clinic.example\"", ",\"crossOrigin\":\"false\"",
         WEBAUTHN_CLIENT_DATA},
        {"\"webauthn.get\"", "\"" CHALLENGE "\"", "\"https://clinic.example\"", ",\"crossOrigin\":null",
         WEBAUTHN_CLIENT_DATA},
        {"\"webauthn.get\"", "\"" CHALLENGE "\"", "\"https://clinic.example\"",
         ",\"topOrigin\":\"https://clinic.example\"", WEBAUTHN_CROSS_ORIGIN},
        {"\"webauthn.get\"", "\"" CHALLENGE "\"", "\"https://clinic.example\"", ",\"topOrigin\":null",
         WEBAUTHN_CROSS_ORIGIN},
        {"\"webauthn.get\"", "\"" CHALLENGE "\"", "\"https://clinic.example\"",
         ",\"tokenBinding\":{\"status\":\"supported\"},\"future\":[1]", WEBAUTHN_FINE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *json = arena_format(*state, "{\"type\":%s,\"challenge\":%s,\"origin\":%s%s}",
                                        cases[i].type, cases[i].challenge, cases[i].origin, cases[i].more);
        assert_fault(json, client_data(*state, json), cases[i].fault);
    }
}

static void
client_data_is_one_strict_json_object(void **state)
{
#define TYPE   "\"type\":\"webauthn.get\""
#define ASKED  "\"challenge\":\"" CHALLENGE "\""
#define ORIGIN "\"origin\":\"https://clinic.example\""
    static const char *const bad[] = {
        "",
        "null",
        "[]",
        "\"webauthn.get\"",
        "{}",
        "{" TYPE "," ASKED "}",
        "{" TYPE "," ORIGIN "}",
        "{" ASKED "," ORIGIN "}",
        "{" TYPE "," ASKED "," ORIGIN,
        "{" TYPE "," ASKED "," ORIGIN ",}",
        "{" TYPE "," ASKED "," ORIGIN "}}",
        "{" TYPE "," ASKED "," ORIGIN "} {}",
        "\xef\xbb\xbf{" TYPE "," ASKED "," ORIGIN "}",
        "{" TYPE "," TYPE "," ASKED "," ORIGIN "}",
        "{" TYPE "," ASKED "," ASKED "," ORIGIN "}",
        "{" TYPE "," ASKED "," ORIGIN ",\"origin\":\"https://evil.example\"}",
        "{" TYPE "," ASKED "," ORIGIN ",\"\\u006frigin\":\"https://evil.example\"}",
        "{" TYPE "," ASKED "," ORIGIN ",\"crossOrigin\":false,\"crossOrigin\":true}",
        "{" TYPE "," ASKED "," ORIGIN ",\"a\":\"\\u0000\"}",
        "{" TYPE "," ASKED "," ORIGIN ",\"a\":\"\xff\"}",
        "{'type':'webauthn.get'," ASKED "," ORIGIN "}",
    };
    assert_fault("right", client_data(*state, " {" ORIGIN " ," ASKED ",\n" TYPE "} "), WEBAUTHN_FINE);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_fault(bad[i], client_data(*state, bad[i]), WEBAUTHN_CLIENT_DATA);
    }
    char longest[WEBAUTHN_CLIENT_DATA_MAX + 2] = "{" TYPE "," ASKED "," ORIGIN "}";
    memset(longest + strlen(longest), ' ', sizeof longest - 1 - strlen(longest));
    assert_fault("too long", client_data(*state, longest), WEBAUTHN_CLIENT_DATA);
    longest[WEBAUTHN_CLIENT_DATA_MAX] = '\0';
    assert_fault("the longest", client_data(*state, longest), WEBAUTHN_FINE);
}

/* ---------------------------------------------------------------------------------------- authenticator data
 */

/* [6.3.3] */
static void
each_flag_and_the_relying_party_are_checked_in_both_ceremonies(void **state)
{
    static const struct {
        const char *rp_id;
        unsigned flags;
        bool verified;
        enum webauthn_fault fault;
    } cases[] = {
        {FIXTURE_RP, FIXTURE_UP | FIXTURE_UV, true, WEBAUTHN_FINE},
        {FIXTURE_RP, FIXTURE_UP | FIXTURE_UV | 2 | 32, true, WEBAUTHN_FINE}, /* reserved */
        {FIXTURE_RP, FIXTURE_UP, false, WEBAUTHN_FINE},
        {"example", FIXTURE_UP | FIXTURE_UV, true, WEBAUTHN_RP_ID},
        {"evil.clinic.example", FIXTURE_UP | FIXTURE_UV, true, WEBAUTHN_RP_ID},
        {"https://clinic.example", FIXTURE_UP | FIXTURE_UV, true, WEBAUTHN_RP_ID},
        {FIXTURE_RP, FIXTURE_UV, true, WEBAUTHN_USER_PRESENCE},
        {FIXTURE_RP, 0, false, WEBAUTHN_USER_PRESENCE},
        {FIXTURE_RP, FIXTURE_UP, true, WEBAUTHN_USER_VERIFICATION},
        {FIXTURE_RP, FIXTURE_UP | FIXTURE_UV | FIXTURE_BS, true, WEBAUTHN_BACKUP_STATE},
        {FIXTURE_RP, FIXTURE_UP | FIXTURE_UV | FIXTURE_ED, true, WEBAUTHN_AUTHENTICATOR_DATA},
    };
    struct authenticator right = authenticator_init(*state, WEBAUTHN_ES256);
    struct webauthn_credential credential;
    struct webauthn_credential made;
    struct webauthn_assertion assertion;
    assert_fault("right", authenticator_register(&right, true, &credential), WEBAUTHN_FINE);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct authenticator of = right;
        const char *name = arena_format(*state, "case %zu", i);
        of.rp_id = cases[i].rp_id;
        of.flags = cases[i].flags;
        assert_fault(name, authenticator_register(&of, cases[i].verified, &made), cases[i].fault);
        assert_fault(name, authenticator_assert(&of, &credential, cases[i].verified, &assertion),
                     cases[i].fault);
    }
}

static void
what_a_credential_is_eligible_for_never_changes(void **state)
{
    struct authenticator of = authenticator_init(*state, WEBAUTHN_ES256);
    struct webauthn_credential credential;
    struct webauthn_assertion assertion;
    assert_fault("right", authenticator_register(&of, true, &credential), WEBAUTHN_FINE);
    of.flags |= FIXTURE_BE;
    assert_fault("now", authenticator_assert(&of, &credential, true, &assertion), WEBAUTHN_BACKUP_STATE);
    credential.backup_eligible = true;
    assert_fault("still", authenticator_assert(&of, &credential, true, &assertion), WEBAUTHN_FINE);
    of.flags &= ~(unsigned)FIXTURE_BE;
    assert_fault("no more", authenticator_assert(&of, &credential, true, &assertion), WEBAUTHN_BACKUP_STATE);
    /* Whoever cannot sign does not learn what is stored. */
    of.key = authenticator_other_key(WEBAUTHN_ES256);
    assert_fault("stranger", authenticator_assert(&of, &credential, true, &assertion), WEBAUTHN_SIGNATURE);
}

static void
a_credential_is_in_a_registration_and_not_in_an_assertion(void **state)
{
    struct authenticator of = authenticator_init(*state, WEBAUTHN_ES256);
    struct webauthn_credential credential;
    struct webauthn_assertion assertion;
    assert_fault("right", authenticator_register(&of, true, &credential), WEBAUTHN_FINE);
    struct span json = authenticator_client_data(&of, "webauthn.get");
    struct span data = authenticator_bytes(&of, FIXTURE_AT);
    assert_fault("with one",
                 webauthn_assert(&of.party, &credential, json, data, authenticator_sign(&of, data, json),
                                 true, &assertion),
                 WEBAUTHN_AUTHENTICATOR_DATA);
    struct span object = FIXTURE_BYTES("\xa3\x63"
                                       "fmt\x64none\x67"
                                       "attStmt\xa0");
    object = fixture_join(*state, object, fixture_cbor_text(*state, "authData"));
    object = fixture_join(*state, object, fixture_cbor_bytes(*state, authenticator_bytes(&of, 0)));
    assert_fault("without", webauthn_register(*state, &of.party, json, object, true, &credential),
                 WEBAUTHN_AUTHENTICATOR_DATA);
}

static void
credential_ids_have_16_to_1023_bytes(void **state)
{
    static const size_t sizes[] = {0, 1, 15, 16, 1023, 1024};
    unsigned char *id = arena_alloc(*state, 1024);
    memset(id, 'x', 1024);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct authenticator of = authenticator_init(*state, WEBAUTHN_ES256);
        struct webauthn_credential credential;
        of.id = (struct span){id, sizes[i]};
        bool good = sizes[i] >= 16 && sizes[i] <= 1023;
        assert_fault("an id", authenticator_register(&of, true, &credential),
                     good ? WEBAUTHN_FINE : WEBAUTHN_CREDENTIAL_ID);
    }
}

static void
extensions_are_a_map_and_mean_nothing(void **state)
{
    const struct {
        struct span bytes;
        bool good;
    } cases[] = {
        {FIXTURE_BYTES("\xa0"), true},
        {FIXTURE_BYTES("\xa1\x66"
                       "future\x82\x01\x02"),
         true},
        {FIXTURE_BYTES("\xa1\x6b"
                       "credProtect\x03"),
         true},
        {FIXTURE_BYTES("\xa1\x6b"
                       "hmac-secret\xf5"),
         true},
        {FIXTURE_BYTES("\xa1\x6c"
                       "minPinLength\x06"),
         true},
        {FIXTURE_BYTES("\x80"), false},
        {FIXTURE_BYTES("\xf6"), false},
        {FIXTURE_BYTES("\xa1\x01\x02"), false},
        {FIXTURE_BYTES("\xa1\x66"
                       "future"),
         false},
        {FIXTURE_BYTES("\xa0\xa0"), false},
        {FIXTURE_BYTES("\xa1\x66"
                       "future\xc0\x01"),
         false},
    };
    for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
        struct authenticator of = authenticator_init(*state, WEBAUTHN_ES256);
        struct webauthn_credential credential;
        const char *name = arena_format(*state, "case %zu", i / 2);
        of.extensions = cases[i / 2].bytes;
        of.flags |= FIXTURE_ED;
        of.format = i % 2 == 0 ? "none" : "packed";
        assert_fault(name, authenticator_register(&of, true, &credential),
                     cases[i / 2].good ? WEBAUTHN_FINE : WEBAUTHN_AUTHENTICATOR_DATA);
        of.flags &= ~(unsigned)FIXTURE_ED; /* the same bytes, unannounced */
        assert_fault(name, authenticator_register(&of, true, &credential), WEBAUTHN_AUTHENTICATOR_DATA);
    }
}

/* ----------------------------------------------------------------------------------------------- signatures
 */

/* [6.3.3] */
static void
only_the_credential_signs(void **state)
{
    for (size_t i = 0; i < 3; i++) {
        struct authenticator of = authenticator_init(*state, algorithms[i]);
        struct webauthn_credential credential;
        struct webauthn_assertion assertion;
        assert_fault("right", authenticator_register(&of, true, &credential), WEBAUTHN_FINE);
        struct authenticator other = of;
        other.key = authenticator_other_key(of.algorithm);
        assert_fault("another key", authenticator_assert(&other, &credential, true, &assertion),
                     WEBAUTHN_SIGNATURE);
        other.format = "packed";
        assert_fault("another key vouches", authenticator_register(&other, true, &credential),
                     WEBAUTHN_SIGNATURE);
        struct span json = authenticator_client_data(&of, "webauthn.get");
        struct span data = authenticator_bytes(&of, 0);
        struct span signature = authenticator_sign(&of, data, json);
        struct span none = {NULL, 0};
        struct span longer = fixture_join(*state, signature, FIXTURE_BYTES("\0"));
        struct span shorter = {signature.data, signature.size - 1};
        const struct span bad[] = {
            none, longer, shorter, authenticator_sign(&of, json, data),
            authenticator_sign(&of, data, authenticator_client_data(&of, "webauthn.x"))};
        for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
            assert_fault("a signature",
                         webauthn_assert(&of.party, &credential, json, data, bad[k], true, &assertion),
                         WEBAUTHN_SIGNATURE);
        }
        credential.algorithm = algorithms[(i + 1) % 3];
        assert_fault("another algorithm", authenticator_assert(&of, &credential, true, &assertion),
                     WEBAUTHN_SIGNATURE);
    }
}

/* A bit of each byte: all that is signed, and the signature itself. */
static void
a_changed_bit_of_an_assertion_is_refused(void **state)
{
    struct authenticator of = authenticator_init(*state, WEBAUTHN_ES256);
    struct webauthn_credential credential;
    struct webauthn_assertion assertion;
    assert_fault("right", authenticator_register(&of, true, &credential), WEBAUTHN_FINE);
    struct span right[3] = {authenticator_client_data(&of, "webauthn.get"), authenticator_bytes(&of, 0), {0}};
    right[2] = authenticator_sign(&of, right[1], right[0]);
    for (size_t part = 0; part < 3; part++) {
        for (size_t i = 0; i < right[part].size; i++) {
            struct span given[3] = {right[0], right[1], right[2]};
            given[part] = fixture_flip(*state, right[part], i * 8 + i % 8);
            assert_int_not_equal(
                webauthn_assert(&of.party, &credential, given[0], given[1], given[2], true, &assertion),
                WEBAUTHN_FINE);
        }
    }
}

static void
a_changed_bit_of_a_self_attested_registration_is_refused(void **state)
{
    struct authenticator of = authenticator_init(*state, WEBAUTHN_EDDSA);
    struct webauthn_credential credential;
    of.format = "packed";
    struct span json = authenticator_client_data(&of, "webauthn.create");
    struct span object = authenticator_object(&of);
    assert_fault("right", webauthn_register(*state, &of.party, json, object, true, &credential),
                 WEBAUTHN_FINE);
    for (size_t i = 0; i < object.size; i++) {
        assert_int_not_equal(webauthn_register(*state, &of.party, json,
                                               fixture_flip(*state, object, i * 8 + i % 8), true,
                                               &credential),
                             WEBAUTHN_FINE);
    }
}

static void
nothing_is_missing_and_nothing_is_left_over(void **state)
{
    for (size_t i = 0; i < 3; i++) {
        struct authenticator of = authenticator_init(*state, algorithms[i]);
        struct webauthn_credential credential;
        struct webauthn_assertion assertion;
        struct span json = authenticator_client_data(&of, "webauthn.create");
        struct span object = authenticator_object(&of);
        struct span data = authenticator_bytes(&of, 0);
        for (size_t size = 0; size < object.size; size++) {
            struct span cut = {object.data, size};
            assert_fault("cut short", webauthn_register(*state, &of.party, json, cut, true, &credential),
                         WEBAUTHN_ATTESTATION_OBJECT);
        }
        assert_fault("a byte behind it",
                     webauthn_register(*state, &of.party, json,
                                       fixture_join(*state, object, FIXTURE_BYTES("\0")), true, &credential),
                     WEBAUTHN_ATTESTATION_OBJECT);
        assert_fault("right", webauthn_register(*state, &of.party, json, object, true, &credential),
                     WEBAUTHN_FINE);
        for (size_t size = 0; size <= data.size + 1; size++) {
            struct span given = size <= data.size ? (struct span){data.data, size}
                                                  : fixture_join(*state, data, FIXTURE_BYTES("\0"));
            assert_fault("authenticator data",
                         webauthn_assert(&of.party, &credential, json, given,
                                         authenticator_sign(&of, given, json), true, &assertion),
                         size == data.size ? WEBAUTHN_FINE : WEBAUTHN_AUTHENTICATOR_DATA);
        }
    }
}

/* It is said to nobody that a credential is unknown; this only must not fall over. */
static void
nobody_is_judged_like_everybody(void **state)
{
    struct authenticator of = authenticator_init(*state, WEBAUTHN_ES256);
    struct span json = authenticator_client_data(&of, "webauthn.get");
    struct span data = authenticator_bytes(&of, 0);
    webauthn_assert_nobody(&of.party, json, data, authenticator_sign(&of, data, json));
    webauthn_assert_nobody(&of.party, json, (struct span){NULL, 0}, (struct span){NULL, 0});
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_passkey_of_every_algorithm_is_registered_and_signs_in),
        cmocka_unit_test(what_the_user_did_is_told_when_it_is_not_asked_for),
        cmocka_unit_test(each_member_of_client_data_is_checked),
        cmocka_unit_test(client_data_is_one_strict_json_object),
        cmocka_unit_test(each_flag_and_the_relying_party_are_checked_in_both_ceremonies),
        cmocka_unit_test(what_a_credential_is_eligible_for_never_changes),
        cmocka_unit_test(a_credential_is_in_a_registration_and_not_in_an_assertion),
        cmocka_unit_test(credential_ids_have_16_to_1023_bytes),
        cmocka_unit_test(extensions_are_a_map_and_mean_nothing),
        cmocka_unit_test(only_the_credential_signs),
        cmocka_unit_test(a_changed_bit_of_an_assertion_is_refused),
        cmocka_unit_test(a_changed_bit_of_a_self_attested_registration_is_refused),
        cmocka_unit_test(nothing_is_missing_and_nothing_is_left_over),
        cmocka_unit_test(nobody_is_judged_like_everybody),
    };
    return cmocka_run_group_tests(tests, webauthn_setup, webauthn_teardown);
}

/* What registrations are made of: keys, attestation objects, CBOR; and the record that is kept. */
#include "tests/unit/webauthn_fixture.h"

#include "lib/webauthn/cbor.h"
#include "lib/webauthn/record.h"

#include <stdlib.h>
#include <string.h>

#define B32     "\x58\x20"
#define ZEROS32 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

static void
assert_fault(const char *what, enum webauthn_fault found, enum webauthn_fault wanted)
{
    if (found != wanted) {
        fail_msg("%s: %s, not %s", what, webauthn_fault_name(found), webauthn_fault_name(wanted));
    }
}

static void
assert_key(struct arena *arena, const char *what, struct span cose, enum webauthn_fault wanted)
{
    struct authenticator of = authenticator_init(arena, WEBAUTHN_ES256);
    struct webauthn_credential credential;
    of.cose = cose;
    assert_fault(what, authenticator_register(&of, true, &credential), wanted);
}

/* The key of an authenticator with other bytes in front: what stands behind `skip` bytes of it is kept. */
static struct span
key_with(struct arena *arena, enum webauthn_algorithm algorithm, struct span front, size_t skip)
{
    struct span cose = authenticator_init(arena, algorithm).cose;
    return fixture_join(arena, front, (struct span){cose.data + skip, cose.size - skip});
}

static void
keys_of_other_algorithms_are_refused(void **state)
{
    const struct span others[] = {
        FIXTURE_BYTES("\xa5\x01\x02\x03\x38\x22\x20\x02\x21\x40\x22\x40"), /* ES384 */
        FIXTURE_BYTES("\xa4\x01\x03\x03\x38\x24\x20\x40\x21\x40"),         /* PS256 */
        FIXTURE_BYTES("\xa4\x01\x03\x03\x39\xff\xfe\x20\x40\x21\x40"),     /* RS1 */
        FIXTURE_BYTES("\xa4\x01\x03\x03\x39\x01\x01\x20\x40\x21\x40"),     /* RS384 */
        FIXTURE_BYTES("\xa4\x01\x02\x03\x38\x2e\x20\x08\x21\x40"),         /* ES256K */
        FIXTURE_BYTES("\xa1\x03\x00"),
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_key(*state, "another algorithm", others[i], WEBAUTHN_ALGORITHM);
    }
    assert_key(*state, "ES256 as EdDSA",
               key_with(*state, WEBAUTHN_ES256, FIXTURE_BYTES("\xa5\x01\x02\x03\x27"), 5),
               WEBAUTHN_PUBLIC_KEY);
    assert_key(*state, "EdDSA as RS256",
               key_with(*state, WEBAUTHN_EDDSA, FIXTURE_BYTES("\xa4\x01\x01\x03\x39\x01\x00"), 5),
               WEBAUTHN_PUBLIC_KEY);
}

static void
a_point_is_on_its_curve(void **state)
{
    assert_key(*state, "right", authenticator_init(*state, WEBAUTHN_ES256).cose, WEBAUTHN_FINE);
    assert_key(*state, "nowhere",
               FIXTURE_BYTES("\xa5\x01\x02\x03\x26\x20\x01\x21" B32 ZEROS32 "\x22" B32 ZEROS32),
               WEBAUTHN_PUBLIC_KEY);
    struct span right = authenticator_init(*state, WEBAUTHN_ES256).cose;
    assert_key(*state, "beside it", fixture_flip(*state, right, (right.size - 1) * 8), WEBAUTHN_PUBLIC_KEY);
    assert_key(*state, "another curve",
               key_with(*state, WEBAUTHN_ES256, FIXTURE_BYTES("\xa5\x01\x02\x03\x26\x20\x02"), 7),
               WEBAUTHN_PUBLIC_KEY);
    assert_key(*state, "another type",
               key_with(*state, WEBAUTHN_ES256, FIXTURE_BYTES("\xa5\x01\x03\x03\x26\x20\x01"), 7),
               WEBAUTHN_PUBLIC_KEY);
    assert_key(*state, "compressed",
               fixture_join(*state, (struct span){right.data, 8 + 2 + 32}, FIXTURE_BYTES("\x22\xf5")),
               WEBAUTHN_PUBLIC_KEY);
}

/* The points of order 1, 2, 4 and 8, and what is no point (RFC 8032, 5.1.7): who has none of the keys signs.
 */
static void
ed25519_keys_of_small_order_are_refused(void **state)
{
    static const char *const hex[] = {
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0200000000000000000000000000000000000000000000000000000000000000",
    };
    assert_key(*state, "right", authenticator_init(*state, WEBAUTHN_EDDSA).cose, WEBAUTHN_FINE);
    for (size_t i = 0; i < sizeof hex / sizeof hex[0]; i++) {
        unsigned char *point = arena_alloc(*state, 32);
        for (size_t k = 0; k < 32; k++) {
            const char digits[] = {hex[i][2 * k], hex[i][2 * k + 1], '\0'};
            point[k] = (unsigned char)strtoul(digits, NULL, 16);
        }
        assert_key(*state, hex[i],
                   fixture_join(*state, FIXTURE_BYTES("\xa4\x01\x01\x03\x27\x20\x06\x21" B32),
                                (struct span){point, 32}),
                   WEBAUTHN_PUBLIC_KEY);
    }
    assert_key(*state, "X25519",
               key_with(*state, WEBAUTHN_EDDSA, FIXTURE_BYTES("\xa4\x01\x01\x03\x27\x20\x04"), 7),
               WEBAUTHN_PUBLIC_KEY);
    assert_key(*state, "a byte short",
               FIXTURE_BYTES("\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x1f"
                             "0123456789012345678901234567890"),
               WEBAUTHN_PUBLIC_KEY);
}

/* Of any odd modulus: whether it has two factors nobody can see. */
static struct span
rsa_key(struct arena *arena, size_t bits)
{
    unsigned char *modulus = arena_alloc(arena, bits / 8);
    memset(modulus, 0xc1, bits / 8);
    struct span cose = fixture_join(arena, FIXTURE_BYTES("\xa4\x01\x03\x03\x39\x01\x00\x20"),
                                    fixture_cbor_bytes(arena, (struct span){modulus, bits / 8}));
    return fixture_join(arena, cose, FIXTURE_BYTES("\x21\x43\x01\x00\x01"));
}

static void
rsa_keys_have_2048_bits_and_the_usual_exponent(void **state)
{
    struct span right = authenticator_init(*state, WEBAUTHN_RS256).cose;
    struct span front = {right.data, right.size - 5}; /* without the exponent */
    assert_key(*state, "right", right, WEBAUTHN_FINE);
    assert_key(*state, "right, made up", rsa_key(*state, 2048), WEBAUTHN_FINE);
    assert_key(*state, "1024 bits", rsa_key(*state, 1024), WEBAUTHN_PUBLIC_KEY);
    assert_key(*state, "1536 bits", rsa_key(*state, 1536), WEBAUTHN_PUBLIC_KEY);
    assert_key(*state, "3072 bits", rsa_key(*state, 3072), WEBAUTHN_PUBLIC_KEY);
    struct span zeros = fixture_join(*state, FIXTURE_BYTES("\xa4\x01\x03\x03\x39\x01\x00\x20\x59\x01\x00"),
                                     (struct span){arena_alloc(*state, 128), 128});
    assert_key(*state, "1024 bits behind zeros",
               fixture_join(
                   *state, fixture_join(*state, zeros, (struct span){right.data + right.size - 5 - 128, 128}),
                   FIXTURE_BYTES("\x21\x43\x01\x00\x01")),
               WEBAUTHN_PUBLIC_KEY);
    assert_key(*state, "an even modulus", fixture_flip(*state, right, (right.size - 6) * 8),
               WEBAUTHN_PUBLIC_KEY);
    assert_key(*state, "exponent 3 in three bytes",
               fixture_join(*state, front, FIXTURE_BYTES("\x21\x43\0\0\x03")), WEBAUTHN_PUBLIC_KEY);
    assert_key(*state, "exponent 3", fixture_join(*state, front, FIXTURE_BYTES("\x21\x41\x03")),
               WEBAUTHN_PUBLIC_KEY);
    assert_key(*state, "exponent 1", fixture_join(*state, front, FIXTURE_BYTES("\x21\x43\0\0\x01")),
               WEBAUTHN_PUBLIC_KEY);
    assert_key(*state, "no exponent", fixture_join(*state, front, FIXTURE_BYTES("\x21\x40")),
               WEBAUTHN_PUBLIC_KEY);
}

static void
a_key_is_a_map_with_each_label_once(void **state)
{
    const struct span bad[] = {
        FIXTURE_BYTES(""),
        FIXTURE_BYTES("\x80"),
        FIXTURE_BYTES("\xa0"),
        FIXTURE_BYTES("\xa1\x01\x02"),
        FIXTURE_BYTES("\xf6"),
        key_with(*state, WEBAUTHN_ES256, FIXTURE_BYTES("\xa6\x01\x02\x01\x02"), 3),
        FIXTURE_BYTES("\xa1\x03"),
        key_with(*state, WEBAUTHN_ES256, FIXTURE_BYTES("\xa6\x01\x02\x03\x26\x03\x26"), 5),
        FIXTURE_BYTES("\xa1\x03\x40"),
        key_with(*state, WEBAUTHN_ES256,
                 FIXTURE_BYTES("\xa6\x63"
                               "alg\x26\x01\x02"),
                 3),
        FIXTURE_BYTES("\xa9\x01\x02\x03\x26\x04\x00\x05\x00\x06\x00\x07\x00\x08\x00\x09\x00\x0a\x00"),
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_key(*state, arena_format(*state, "key %zu", i), bad[i], WEBAUTHN_AUTHENTICATOR_DATA);
    }
}

/* -------------------------------------------------------------------------------------- attestation objects
 */

static enum webauthn_fault
object_of(struct arena *arena, struct span front, struct span behind)
{
    struct authenticator of = authenticator_init(arena, WEBAUTHN_ES256);
    struct webauthn_credential credential;
    struct span data = fixture_cbor_bytes(arena, authenticator_bytes(&of, FIXTURE_AT));
    struct span object = fixture_join(arena, fixture_join(arena, front, data), behind);
    return webauthn_register(arena, &of.party, authenticator_client_data(&of, "webauthn.create"), object,
                             true, &credential);
}

#define FMT                                                                                                  \
    "\x63"                                                                                                   \
    "fmt"
#define STMT                                                                                                 \
    "\x67"                                                                                                   \
    "attStmt"
#define DATA                                                                                                 \
    "\x68"                                                                                                   \
    "authData"

static void
an_attestation_object_has_three_members_in_any_order(void **state)
{
    const struct {
        struct span front;
        struct span behind;
        enum webauthn_fault fault;
    } cases[] = {
        {FIXTURE_BYTES("\xa3" FMT "\x64none" STMT "\xa0" DATA), FIXTURE_BYTES(""), WEBAUTHN_FINE},
        {FIXTURE_BYTES("\xa3" DATA), FIXTURE_BYTES(FMT "\x64none" STMT "\xa0"), WEBAUTHN_FINE},
        {FIXTURE_BYTES("\xa2" FMT "\x64none" DATA), FIXTURE_BYTES(""), WEBAUTHN_ATTESTATION_OBJECT},
        {FIXTURE_BYTES("\xa2" STMT "\xa0" DATA), FIXTURE_BYTES(""), WEBAUTHN_ATTESTATION_OBJECT},
        {FIXTURE_BYTES("\xa4" FMT "\x64none" STMT "\xa0" DATA),
         FIXTURE_BYTES("\x62"
                       "ep\xf5"),
         WEBAUTHN_ATTESTATION_OBJECT},
        {FIXTURE_BYTES("\xa3" FMT "\x64none" FMT "\x64none" DATA), FIXTURE_BYTES(""),
         WEBAUTHN_ATTESTATION_OBJECT},
        {FIXTURE_BYTES("\xa3" FMT "\x64none" STMT "\xa0"
                       "\x68"
                       "authdata"),
         FIXTURE_BYTES(""), WEBAUTHN_ATTESTATION_OBJECT},
        {FIXTURE_BYTES("\xa3" FMT "\x44none" STMT "\xa0" DATA), FIXTURE_BYTES(""),
         WEBAUTHN_ATTESTATION_OBJECT},
        {FIXTURE_BYTES("\xa3" FMT "\x64none" STMT "\x80" DATA), FIXTURE_BYTES(""),
         WEBAUTHN_ATTESTATION_OBJECT},
        {FIXTURE_BYTES("\xbf" FMT "\x64none" STMT "\xa0" DATA), FIXTURE_BYTES("\xff"),
         WEBAUTHN_ATTESTATION_OBJECT},
        {FIXTURE_BYTES("\xb8\x03" FMT "\x64none" STMT "\xa0" DATA), FIXTURE_BYTES(""),
         WEBAUTHN_ATTESTATION_OBJECT},
        {FIXTURE_BYTES("\xa3" FMT "\x64None" STMT "\xa0" DATA), FIXTURE_BYTES(""),
         WEBAUTHN_ATTESTATION_FORMAT},
        {FIXTURE_BYTES("\xa3" FMT "\x60" STMT "\xa0" DATA), FIXTURE_BYTES(""), WEBAUTHN_ATTESTATION_FORMAT},
        {FIXTURE_BYTES("\xa3" FMT "\x68"
                       "fido-u2f" STMT "\xa0" DATA),
         FIXTURE_BYTES(""), WEBAUTHN_ATTESTATION_FORMAT},
        {FIXTURE_BYTES("\xa3" FMT "\x64none" STMT "\xa1\x63"
                       "alg\x26" DATA),
         FIXTURE_BYTES(""), WEBAUTHN_ATTESTATION_STATEMENT},
        {FIXTURE_BYTES("\xa3" FMT "\x66packed" STMT "\xa0" DATA), FIXTURE_BYTES(""),
         WEBAUTHN_ATTESTATION_STATEMENT},
        {FIXTURE_BYTES("\xa3" FMT "\x66packed" STMT "\xa2\x63"
                       "alg\x27\x63sig\x41\0" DATA),
         FIXTURE_BYTES(""), WEBAUTHN_ATTESTATION_STATEMENT}, /* another algorithm than the key's */
        {FIXTURE_BYTES("\xa3" FMT "\x66packed" STMT "\xa2\x63"
                       "alg\x26\x63"
                       "alg\x26" DATA),
         FIXTURE_BYTES(""), WEBAUTHN_ATTESTATION_STATEMENT},
        {FIXTURE_BYTES("\xa3" FMT "\x66packed" STMT "\xa3\x63"
                       "alg\x26\x63sig\x41\0\x63"
                       "x5c\x80" DATA),
         FIXTURE_BYTES(""), WEBAUTHN_ATTESTATION_STATEMENT},
        {FIXTURE_BYTES("\xa3" FMT "\x66packed" STMT "\xa2\x63"
                       "alg\x26\x63sig\x41\0" DATA),
         FIXTURE_BYTES(""), WEBAUTHN_SIGNATURE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_fault(arena_format(*state, "object %zu", i),
                     object_of(*state, cases[i].front, cases[i].behind), cases[i].fault);
    }
}

static void
an_attestation_object_has_a_longest_size(void **state)
{
    unsigned char *zeros = arena_alloc(*state, WEBAUTHN_ATTESTATION_MAX + 1);
    struct authenticator of = authenticator_init(*state, WEBAUTHN_ES256);
    struct webauthn_credential credential;
    struct span json = authenticator_client_data(&of, "webauthn.create");
    assert_fault("longer",
                 webauthn_register(*state, &of.party, json,
                                   (struct span){zeros, WEBAUTHN_ATTESTATION_MAX + 1}, true, &credential),
                 WEBAUTHN_ATTESTATION_OBJECT);
    of.extensions =
        fixture_join(*state, FIXTURE_BYTES("\xa1\x61x"),
                     fixture_cbor_bytes(*state, (struct span){zeros, WEBAUTHN_AUTHENTICATOR_DATA_MAX}));
    of.flags |= FIXTURE_ED;
    assert_fault("its data", authenticator_register(&of, true, &credential), WEBAUTHN_AUTHENTICATOR_DATA);
}

/* ----------------------------------------------------------------------------------------------------- CBOR
 */

static void
whole_numbers_of_cbor_are_those_of_32_bits(void **state)
{
    (void)state;
    const struct {
        struct span bytes;
        int32_t value;
        bool good;
    } cases[] = {
        {FIXTURE_BYTES("\x00"), 0, true},
        {FIXTURE_BYTES("\x39\x01\x00"), -257, true},
        {FIXTURE_BYTES("\x1a\x7f\xff\xff\xff"), INT32_MAX, true},
        {FIXTURE_BYTES("\x3a\x7f\xff\xff\xff"), INT32_MIN, true},
        {FIXTURE_BYTES("\x1a\x80\x00\x00\x00"), 0, false},
        {FIXTURE_BYTES("\x3a\x80\x00\x00\x00"), 0, false},
        {FIXTURE_BYTES("\x41x"), 0, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cbor cbor = cbor_of(cases[i].bytes);
        int32_t value = 0;
        assert_int_equal(cbor_int(&cbor, &value), cases[i].good);
        assert_int_equal(value, cases[i].value);
    }
}

/* ----------------------------------------------------------------------------------------------- what is
 * kept */

static void
a_record_is_read_as_it_was_written_and_not_otherwise(void **state)
{
    struct authenticator of = authenticator_init(*state, WEBAUTHN_RS256);
    struct webauthn_record record = {.credential_id = of.id,
                                     .algorithm = WEBAUTHN_RS256,
                                     .public_key = of.cose,
                                     .transports = 0x21,
                                     .name = "Schl\303\274ssel"};
    record.public_key.size = WEBAUTHN_PUBLIC_KEY_MAX;
    struct webauthn_record again;
    struct span bytes;
    assert_true(webauthn_record_write(*state, &record, &bytes));
    assert_true(webauthn_record_read(*state, bytes, &again));
    assert_int_equal(again.algorithm, WEBAUTHN_RS256);
    assert_int_equal(again.transports, 0x21);
    assert_string_equal(again.name, record.name);
    assert_int_equal(again.public_key.size, WEBAUTHN_PUBLIC_KEY_MAX);
    assert_memory_equal(again.public_key.data, of.cose.data, WEBAUTHN_PUBLIC_KEY_MAX);
    assert_memory_equal(again.credential_id.data, of.id.data, of.id.size);
    for (size_t size = 0; size < bytes.size; size++) {
        assert_false(webauthn_record_read(*state, (struct span){bytes.data, size}, &again));
    }
    assert_false(webauthn_record_read(*state, fixture_join(*state, bytes, FIXTURE_BYTES("\0")), &again));
    assert_false(webauthn_record_read(*state, fixture_flip(*state, bytes, 1), &again)); /* another form */
    record.public_key.size++;
    assert_false(webauthn_record_write(*state, &record, &bytes));
    record.public_key.size = 32;
    char *name = arena_alloc(*state, WEBAUTHN_NAME_MAX + 2);
    memset(name, 'x', WEBAUTHN_NAME_MAX + 1);
    record.name = name;
    assert_false(webauthn_record_write(*state, &record, &bytes));
    name[WEBAUTHN_NAME_MAX] = '\0';
    assert_true(webauthn_record_write(*state, &record, &bytes));
}

static void
transports_have_the_names_of_the_specification(void **state)
{
    (void)state;
    unsigned all = 0;
    for (unsigned i = 0; i < WEBAUTHN_TRANSPORTS; i++) {
        assert_int_equal(webauthn_transport_bit(webauthn_transport_name(i)), 1U << i);
        all |= 1U << i;
    }
    assert_int_equal(all, webauthn_transport_bit("usb") | webauthn_transport_bit("nfc") |
                              webauthn_transport_bit("ble") | webauthn_transport_bit("smart-card") |
                              webauthn_transport_bit("hybrid") | webauthn_transport_bit("internal"));
    assert_int_equal(
        webauthn_transport_bit("cable") | webauthn_transport_bit("") | webauthn_transport_bit("USB"), 0);
}

static void
base64url_has_one_form(void **state)
{
    static const char *const bad[] = {"", "A", "AA==", "AB", "AAA\n", " AAA", "A+AA", "A/AA", "AAAAA"};
    struct span bytes;
    assert_true(webauthn_bytes(*state, "AP-_", 3, &bytes));
    assert_int_equal(bytes.size, 3);
    assert_memory_equal(bytes.data, "\x00\xff\xbf", 3);
    assert_string_equal(webauthn_text(*state, bytes), "AP-_");
    assert_false(webauthn_bytes(*state, "AP-_AA", 3, &bytes));
    assert_false(webauthn_bytes(*state, NULL, 3, &bytes));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (webauthn_bytes(*state, bad[i], 64, &bytes)) {
            fail_msg("`%s` is taken", bad[i]);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_other_algorithms_are_refused),
        cmocka_unit_test(a_point_is_on_its_curve),
        cmocka_unit_test(ed25519_keys_of_small_order_are_refused),
        cmocka_unit_test(rsa_keys_have_2048_bits_and_the_usual_exponent),
        cmocka_unit_test(a_key_is_a_map_with_each_label_once),
        cmocka_unit_test(an_attestation_object_has_three_members_in_any_order),
        cmocka_unit_test(an_attestation_object_has_a_longest_size),
        cmocka_unit_test(whole_numbers_of_cbor_are_those_of_32_bits),
        cmocka_unit_test(a_record_is_read_as_it_was_written_and_not_otherwise),
        cmocka_unit_test(transports_have_the_names_of_the_specification),
        cmocka_unit_test(base64url_has_one_form),
    };
    return cmocka_run_group_tests(tests, webauthn_setup, webauthn_teardown);
}

#include "tests/unit/keyring_fixture.h"

#include "lib/crypto/qr.h"
#include "lib/crypto/totp.h"

/* The secret of RFC 6238 appendix B and RFC 4226 appendix D. */
static const struct span rfc = {(const unsigned char *)"12345678901234567890", 20};

static void
the_vectors_of_rfc_4226_and_rfc_6238_hold(void **state)
{
    (void)state;
    static const char *const hotp[] = {"755224", "287082", "359152", "969429", "338314",
                                       "254676", "287922", "162583", "399871", "520489"};
    static const struct {
        int64_t seconds;
        const char *code; /* the last six of the RFC's eight digits */
    } totp[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
                {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
    char code[TOTP_CODE_SIZE];
    for (int i = 0; i < 10; i++) {
        assert_string_equal(totp_code(rfc, i, code), hotp[i]);
    }
    for (size_t i = 0; i < sizeof totp / sizeof totp[0]; i++) {
        assert_string_equal(totp_code(rfc, totp[i].seconds / TOTP_STEP_SECONDS, code), totp[i].code);
        assert_int_equal(totp_verify(rfc, totp[i].code, totp[i].seconds, -1),
                         totp[i].seconds / TOTP_STEP_SECONDS);
    }
}

/* [6.5.1, 6.5.5] */
static void
one_step_of_skew_and_each_step_once(void **state)
{
    (void)state;
    char code[TOTP_CODE_SIZE];
    int64_t now = 1800000000;
    int64_t step = now / TOTP_STEP_SECONDS;
    for (int64_t skew = -2; skew <= 2; skew++) {
        (void)totp_code(rfc, step + skew, code);
        assert_int_equal(totp_verify(rfc, code, now, 0), skew >= -1 && skew <= 1 ? step + skew : -1);
        assert_int_equal(totp_verify(rfc, code, now, step + skew), -1);     /* accepted before */
        assert_int_equal(totp_verify(rfc, code, now, step + skew + 1), -1); /* a later one was */
    }
    (void)totp_code(rfc, step, code);
    assert_int_equal(totp_verify(rfc, code, now, step - 1), step);
}

static void
what_is_not_six_digits_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",       "28708",   "2870820",  " 287082", "287082 ",  "28708a", "+87082",   "0x1234",
        "287.82", "28 7082", "287  082", "287 08",  "287 0820", "287 ",   "287\t082", "\357\274\22287082"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(totp_verify(rfc, bad[i], 59, -1), -1);
    }
    assert_int_equal(totp_verify(rfc, NULL, 59, -1), -1);
    assert_int_equal(totp_verify(rfc, "755224", 0, -1), 0); /* the first step of all */
    assert_int_equal(totp_verify(rfc, "287083", 59, -1), -1);
    assert_int_equal(totp_verify(rfc, "287 082", 59, -1), 1); /* as apps show it */
}

/* [6.5.3] */
static void
secrets_are_random(void **state)
{
    (void)state;
    unsigned char first[TOTP_SECRET_SIZE];
    unsigned char second[TOTP_SECRET_SIZE];
    totp_new_secret(first);
    totp_new_secret(second);
    assert_memory_not_equal(first, second, sizeof first);
}

static void
base32_is_that_of_rfc_4648_without_padding(void **state)
{
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "MY"},
                                           {"fo", "MZXQ"},
                                           {"foo", "MZXW6"},
                                           {"foob", "MZXW6YQ"},
                                           {"fooba", "MZXW6YTB"},
                                           {"foobar", "MZXW6YTBOI"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        assert_string_equal(totp_base32(*state, fixture_span(pairs[i][0])), pairs[i][1]);
    }
    assert_string_equal(totp_base32(*state, rfc), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

static void
names_cannot_add_to_the_uri(void **state)
{
    assert_string_equal(totp_uri(*state, rfc, "Praxis M\xc3\xbcller: A&B?", "ada+x@mail.example/#%"),
                        "otpauth://totp/Praxis%20M%C3%BCller%3A%20A%26B%3F:ada%2Bx%40mail.example%2F%23%25"
                        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Praxis%20M%C3%BCller%3A%20A%26B%3F"
                        "&algorithm=SHA1&digits=6&period=30");
}

static void
a_qr_code_is_one_self_contained_element(void **state)
{
    char *svg = qr_svg(*state, totp_uri(*state, rfc, "Practice", "ada@mail.example"));
    assert_non_null(svg);
    assert_int_equal(strncmp(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ", 52), 0);
    assert_string_equal(svg + strlen(svg) - 6, "</svg>");
    assert_non_null(strstr(svg, "d=\"M4 4.5h7")); /* the corner, after four modules of quiet */
    assert_null(strstr(svg, "href"));
    assert_null(strstr(svg, "script"));
    assert_null(strstr(svg, "style"));
    assert_true(strlen(svg) < 16 * 1024);
}

static void
a_text_without_a_qr_code_is_refused(void **state)
{
    char text[QR_TEXT_MAX + 2] = "";
    assert_null(qr_svg(*state, ""));
    memset(text, 'x', QR_TEXT_MAX + 1);
    assert_null(qr_svg(*state, text));
    text[QR_TEXT_MAX] = '\0';
    assert_non_null(qr_svg(*state, text));
}

static int
setup(void **state)
{
    *state = arena_create(1024 * 1024, NULL, NULL);
    return *state == NULL ? -1 : 0;
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
        cmocka_unit_test(the_vectors_of_rfc_4226_and_rfc_6238_hold),
        cmocka_unit_test(one_step_of_skew_and_each_step_once),
        cmocka_unit_test(what_is_not_six_digits_is_refused),
        cmocka_unit_test(secrets_are_random),
        cmocka_unit_test(base32_is_that_of_rfc_4648_without_padding),
        cmocka_unit_test(names_cannot_add_to_the_uri),
        cmocka_unit_test(a_qr_code_is_one_self_contained_element),
        cmocka_unit_test(a_text_without_a_qr_code_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

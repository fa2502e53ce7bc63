/* E-mail addresses: every spelling of one is the same, and what is none never gets in. */
#include "lib/base/display.h"
#include "lib/base/email.h"
#include "lib/base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TEXT_SIZE = 2048 };

static void
assert_kept(const char *given, const char *expected)
{
    char kept[EMAIL_SIZE];
    bool taken = email_read(given, strlen(given), kept);
    if (strcmp(kept, expected) != 0 || taken != (expected[0] != '\0')) {
        fail_msg("\"%s\" is kept as \"%s\", not as \"%s\"", given, kept, expected);
    }
}

static void
every_spelling_is_kept_alike(void **state)
{
    (void)state;
    static const char *const around[][2] = {
        {"", ""}, {" ", ""}, {"", "\r\n"}, {"\t", " "}, {"\u00a0", "\u3000"}};
    static const char *const locals[][3] = {{"ada", "ada", "ada"},
                                            {"Ada.Example+tag", "Ada.Example+tag", "Ada.Example+tag"},
                                            {"j\u00fcrgen", "ju\u0308rgen", "j\u00fcrgen"},
                                            {"\u5c71\u7530", "\u5c71\u7530", "\u5c71\u7530"},
                                            {"\u1e69", "s\u0307\u0323", "\u1e69"}};
    static const char *const domains[][6] = {
        {"mail.example", "MAIL.example", "Mail.Example", "\uff2dail.example", "mail\u3002example",
         "mail.example"},
        {"m\u00fcller.de", "M\u00dcLLER.de", "mu\u0308ller.DE", "xn--mller-kva.de", "XN--MLLER-KVA.de",
         "xn--mller-kva.de"},
        {"\u4f8b\u3048.jp", "xn--r8jz45g.JP", "\u4f8b\u3048\uff0ejp", "\u4f8b\u3048\u3002jp",
         "xn--r8jz45g.jp", "xn--r8jz45g.jp"},
        {"fa\u00df.de", "FA\u00df.de", "xn--fa-hia.de", "XN--FA-HIA.DE", "fa\u00df.DE", "xn--fa-hia.de"},
        {"ab--cd.example", "AB--cd.example", "ab--cd.example", "ab--cd.Example", "ab--cd.example",
         "ab--cd.example"}};
    for (size_t l = 0; l < 5; l++) {
        for (size_t d = 0; d < 5; d++) {
            char expected[TEXT_SIZE];
            (void)snprintf(expected, sizeof expected, "%s@%s", locals[l][2], domains[d][5]);
            for (size_t way = 0; way < 5 * 5 * 2; way++) {
                char given[TEXT_SIZE];
                (void)snprintf(given, sizeof given, "%s%s@%s%s", around[way / 10][0], locals[l][way % 2],
                               domains[d][way / 2 % 5], around[way / 10][1]);
                assert_kept(given, expected);
            }
        }
    }
}

static void
what_is_shown_is_read_as_what_was_kept(void **state)
{
    (void)state;
    static const char *const addresses[][2] = {
        {"name@xn--mller-kva.de", "name@m\u00fcller.de"},
        {"a@b.xn--fiqs8s", "a@b.\u4e2d\u56fd"},
        {"a@xn--mgberp4a5d4ar", "a@\u0627\u0644\u0633\u0639\u0648\u062f\u064a\u0629"},
        {"j\u00fcrgen@mail.example", "j\u00fcrgen@mail.example"},
        {"Ada@mail.example", "Ada@mail.example"}};
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        char shown[EMAIL_SHOWN_SIZE];
        assert_string_equal(email_show(addresses[i][0], shown), addresses[i][1]);
        assert_kept(shown, addresses[i][0]);
    }
    /* What is stored from before, or is no address at all, is shown as it is. */
    char shown[EMAIL_SHOWN_SIZE];
    assert_string_equal(email_show("name@m\u00fcller.de", shown), "name@m\u00fcller.de");
    assert_string_equal(email_show("a@xn--zzzz.de", shown), "a@xn--zzzz.de");
    assert_string_equal(email_show("nothing", shown), "nothing");
}

static void
only_what_is_not_ascii_needs_smtputf8(void **state)
{
    (void)state;
    assert_false(email_needs_utf8("name@xn--mller-kva.de"));
    assert_true(email_needs_utf8("j\u00fcrgen@mail.example"));
}

static void
what_is_no_address_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "ada", "@", "@mail.example", "ada@", "a@b@c.example", ".ada@mail.example", "ada.@mail.example",
        "a..b@mail.example", "ada@.example", "ada@mail.", "ada@mail..example", "ada@-mail.example",
        "ada@mail-.example", "ada@ma_il.example", "\"ada\"@mail.example", "\"a b\"@mail.example",
        "\"a@b\"@mail.example", "ada@[127.0.0.1]", "ada@[IPv6:::1]", "ada@127.0.0.1", "ada@mail.123",
        "Ada <ada@mail.example>", "<ada@mail.example>", "ada@mail.example,eve@mail.example",
        "ada@mail.example;eve@mail.example", "ada(comment)@mail.example", "ada@mail.example(comment)",
        "mailto:ada@mail.example?cc=x@y.example", "ada\\@mail.example", "a:b@mail.example",
        /* labels that IDNA does not allow */
        "ada@xn--zzzz.de", "ada@xn--a.de", "ada@xn--abc-.de", "ada@xn--ls8h.la", "ada@\u2603.example",
        "ada@\U0001f4a9.example", "ada@\u2100.example", "ada@\u2488.example", "ada@test\u2024m\u00fcller.de",
        "ada@a\u200db.example", "ada@1\u05d0.example", "ada@\u0308x.example", "ada@a\u00b7b.example",
        "ada@-\u00fc.example", "ada@\u00fc-.example", "ada@\u00fc%41.example", "ada@\u00fc/b.example",
        "ada@\u00fc<b>.example", "ada@xn--m\u00fcller.de", "ada@mail\u2028.example", "ada@\u00fc..example",
        "ada@\u3002example", "ada@\ufffe.example"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_kept(bad[i], "");
    }
    char kept[EMAIL_SIZE];
    static const char with_nul[] = "ada\0b@mail.example";
    assert_false(email_read(with_nul, sizeof with_nul - 1, kept));
    static const char nul_in_domain[] = "ada@mail\0b.example";
    assert_false(email_read(nul_in_domain, sizeof nul_in_domain - 1, kept));
}

/* RFC 5322's atext, and nothing else of ASCII; of the rest, nothing that cannot be seen. */
static void
every_sign_of_a_local_part_is_judged(void **state)
{
    (void)state;
    for (uint32_t sign = 0; sign <= 0x10ffff; sign++) {
        unsigned char sequence[UTF8_SIZE_MAX];
        char kept[EMAIL_SIZE];
        char given[TEXT_SIZE];
        if (sign >= 0xd800 && sign <= 0xdfff) {
            continue;
        }
        size_t size = utf8_encode(sign, sequence);
        memcpy(given, "ab", 2);
        memcpy(given + 1, sequence, size);
        memcpy(given + 1 + size, "b@mail.example", 15);
        bool taken = email_read(given, size + 15, kept);
        bool atext =
            sign < 0x80 &&
            (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~.",
                    (int)sign) != NULL &&
             sign != 0);
        if (sign < 0x80 && taken != atext) {
            fail_msg("U+%04X", (unsigned)sign);
        }
        if (taken && !display_is_name(kept, strlen(kept))) {
            fail_msg("U+%04X cannot be shown", (unsigned)sign);
        }
    }
}

/* Wherever it is put into an address, what could end a header or add an address ends the reading. */
static void
nothing_is_injected(void **state)
{
    (void)state;
    static const char address[] = "ada@mail.example";
    static const char *const parts[] = {"\r\nBcc: x@y.example",
                                        "\n",
                                        "\r",
                                        "\n ",
                                        ",",
                                        ";",
                                        "<",
                                        ">",
                                        " ",
                                        "\t",
                                        "\"",
                                        "\\",
                                        "\x1b",
                                        "\x7f",
                                        "\xc2\x85",
                                        "\u2028",
                                        "\u202e",
                                        "@",
                                        "("};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        for (size_t at = 0; at < sizeof address; at++) {
            char given[TEXT_SIZE];
            char kept[EMAIL_SIZE];
            (void)snprintf(given, sizeof given, "%.*s%s%s", (int)at, address, parts[i], address + at);
            bool taken = email_read(given, strlen(given), kept);
            bool white = strspn(parts[i], " \t\r\n") == strlen(parts[i]) ||
                         strcmp(parts[i], "\xc2\x85") == 0 || strcmp(parts[i], "\u2028") == 0;
            bool outside = at == 0 || at == sizeof address - 1;
            assert_int_equal(taken, white && outside);
            if (taken) {
                assert_string_equal(kept, address);
            }
        }
    }
}

/* An address of exactly these bytes, with a domain of labels that are not too long. */
static void
make(char *text, size_t local, size_t whole)
{
    memset(text, 'a', whole);
    text[local] = '@';
    for (size_t i = local + 61; i + 1 < whole; i += 60) {
        text[i] = '.';
    }
    text[whole] = '\0';
}

static void
lengths_are_those_of_what_is_kept(void **state)
{
    (void)state;
    char text[TEXT_SIZE];
    char kept[EMAIL_SIZE];
    for (size_t local = 1; local <= 70; local++) {
        for (size_t whole = local + 2; whole <= 300; whole++) {
            make(text, local, whole);
            if (email_read(text, whole, kept) != (local <= EMAIL_LOCAL_MAX && whole <= EMAIL_MAX)) {
                fail_msg("%zu of %zu", local, whole);
            }
        }
    }
    /* 32 letters of two bytes are 64, composed or not. */
    char local[TEXT_SIZE / 2] = "";
    for (int i = 0; i < 32; i++) {
        (void)snprintf(local + strlen(local), sizeof local - strlen(local), "u\u0308");
    }
    (void)snprintf(text, sizeof text, "%s@mail.example", local);
    assert_true(email_read(text, strlen(text), kept));
    (void)snprintf(text, sizeof text, "%sa@mail.example", local);
    assert_false(email_read(text, strlen(text), kept));
    /* A label of 63 bytes as it is kept, and one of more. */
    (void)snprintf(text, sizeof text, "a@%s.example",
                   "\u00fcaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    assert_true(email_read(text, strlen(text), kept));
    (void)snprintf(text, sizeof text, "a@%s.example",
                   "\u00fcaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    assert_false(email_read(text, strlen(text), kept));
    memset(text, ' ', sizeof text);
    assert_false(email_read(text, sizeof text, kept));
}

/* Whatever comes in, what is kept is small, on one line, has one @, and is kept as it is when it comes again.
 */
static void
what_is_kept_stays_as_it_is(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "a",      "Z",      ".",      "@",      "-",         "xn--",   "\u00fc", "u\u0308", "\u00df",
        "\u200d", "\u3002", "\u05d0", "1",      "mller-kva", " ",      "\n",     "\u4f8b",  "\xff",
        "\u00ad", "\ufb01", "\u2126", "\u0130", "example",   "\u1e9e", "\u00b7", "\u0375"};
    enum { PARTS = sizeof parts / sizeof parts[0] };
    unsigned seed = 20260303;
    size_t taken = 0;
    for (int n = 0; n < 300000; n++) {
        char given[TEXT_SIZE] = "a@";
        char kept[EMAIL_SIZE];
        char again[EMAIL_SIZE];
        char shown[EMAIL_SHOWN_SIZE];
        int count = 1 + rand_r(&seed) % 7;
        given[0] = n % 2 == 0 ? 'a' : '\0';
        for (int i = 0; i < count; i++) {
            size_t used = strlen(given);
            (void)snprintf(given + used, sizeof given - used, "%s", parts[rand_r(&seed) % PARTS]);
        }
        if (!email_read(given, strlen(given), kept)) {
            assert_string_equal(kept, "");
            continue;
        }
        taken++;
        assert_true(strlen(kept) <= EMAIL_MAX && strchr(kept, '@') == strrchr(kept, '@'));
        assert_true(display_is_name(kept, strlen(kept)));
        assert_false(email_needs_utf8(strchr(kept, '@')));
        assert_true(email_read(kept, strlen(kept), again));
        assert_string_equal(again, kept);
        (void)email_show(kept, shown);
        assert_true(email_read(shown, strlen(shown), again));
        assert_string_equal(again, kept);
    }
    assert_true(taken > 1000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_spelling_is_kept_alike),
        cmocka_unit_test(what_is_shown_is_read_as_what_was_kept),
        cmocka_unit_test(only_what_is_not_ascii_needs_smtputf8),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(every_sign_of_a_local_part_is_judged),
        cmocka_unit_test(nothing_is_injected),
        cmocka_unit_test(lengths_are_those_of_what_is_kept),
        cmocka_unit_test(what_is_kept_stays_as_it_is),
    };
    return cmocka_run_group_tests_name("base: e-mail addresses", tests, NULL, NULL);
}

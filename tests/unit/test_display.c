/* Texts that are shown on one line: what they may be, and what is made of those that were stored before. */
#include "lib/base/arena.h"
#include "lib/base/display.h"
#include "lib/base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void
what_nobody_can_see_is_blank_in_every_script(void **state)
{
    (void)state;
    static const char *const blank[] = {"",
                                        " ",
                                        "\t\r\n",
                                        "\xc2\xa0",
                                        "\xe3\x80\x80",
                                        "\xe2\x80\x8b",
                                        "\xe2\x80\xae ",
                                        "\xe3\x85\xa4",
                                        "\xef\xbe\xa0",
                                        "\xe1\x85\x9f\xe1\x85\xa0",
                                        "\xe2\xa0\x80",
                                        "\xef\xbb\xbf",
                                        "\xc2\xad",
                                        "\xcc\x88",
                                        "\xe1\x9a\x80",
                                        "\xef\xb8\x8f",
                                        "\xf3\xa0\x81\xa1"};
    static const char *const names[] = {"A",
                                        " A ",
                                        "\xe5\xa7\x93",
                                        "\xd8\xb9\xe2\x80\x8d",
                                        "\xe0\xa4\xb0\xe0\xa4\xbe",
                                        "\xf0\x9f\x98\x80",
                                        "\xe2\xa0\x81",
                                        "-",
                                        "O'H\xcc\x88"};
    for (size_t i = 0; i < sizeof blank / sizeof blank[0]; i++) {
        assert_true(display_is_blank(blank[i], strlen(blank[i])));
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_false(display_is_blank(names[i], strlen(names[i])));
    }
}

/* By the definition, sign by sign, whatever is around it. */
static bool
is_refused(uint32_t sign)
{
    return sign < 0x20 || (sign >= 0x7f && sign <= 0x9f) || sign == 0x2028 || sign == 0x2029 ||
           (sign >= 0x202a && sign <= 0x202e) || (sign >= 0x2066 && sign <= 0x2069) ||
           (sign >= 0xfdd0 && sign <= 0xfdef) || (sign & 0xfffe) == 0xfffe;
}

static void
every_sign_is_judged(void **state)
{
    (void)state;
    for (uint32_t sign = 0; sign <= 0x10ffff; sign++) {
        unsigned char text[UTF8_SIZE_MAX + 2] = "A";
        if (sign >= 0xd800 && sign <= 0xdfff) {
            continue;
        }
        size_t size = 1 + utf8_encode(sign, text + 1);
        text[size++] = 'B';
        if (display_is_text((const char *)text, size) != !is_refused(sign)) {
            fail_msg("U+%04X is judged wrongly", (unsigned)sign);
        }
    }
}

static void
what_is_not_utf8_is_no_text(void **state)
{
    (void)state;
    static const char *const bad[] = {"\xff", "A\xc3", "\xc0\x8a", "\xed\xa0\x80", "\xf4\x90\x80\x80"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(display_is_text(bad[i], strlen(bad[i])));
        assert_false(display_is_name(bad[i], strlen(bad[i])));
        assert_false(display_is_blank(bad[i], strlen(bad[i])));
    }
    assert_true(display_is_text("", 0));
    assert_false(display_is_name("", 0));
}

/* Whatever bytes come in, what comes out may be shown; what may be shown keeps its letters. */
static void
cleaned_texts_may_be_shown(void **state)
{
    (void)state;
    struct arena *arena = arena_create(1024 * 1024, NULL, NULL);
    static const char *const parts[] = {"A",        "\n",       "\r\n",         " ",       "\xe2\x80\xa8",
                                        "\xff",     "\xc3",     "\xe2\x80\xae", "\t",      "\xef\xb7\x90",
                                        "\xc3\xbc", "\xc2\x85", "\x7f",         "\xe0\xa0"};
    enum { PARTS = sizeof parts / sizeof parts[0] };
    for (size_t n = 0; n < (size_t)PARTS * PARTS * PARTS; n++) {
        char text[32];
        (void)snprintf(text, sizeof text, "%s%s%s", parts[n % PARTS], parts[n / PARTS % PARTS],
                       parts[n / PARTS / PARTS]);
        const char *clean = display_clean(arena, text);
        assert_true(display_is_text(clean, strlen(clean)));
        assert_true(strlen(clean) <= strlen(text));
        assert_null(strstr(clean, "  "));
        assert_true((strchr(text, 'A') == NULL) == (strchr(clean, 'A') == NULL));
        arena_reset(arena);
    }
    arena_destroy(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_nobody_can_see_is_blank_in_every_script),
        cmocka_unit_test(every_sign_is_judged),
        cmocka_unit_test(what_is_not_utf8_is_no_text),
        cmocka_unit_test(cleaned_texts_may_be_shown),
    };
    return cmocka_run_group_tests_name("base: display", tests, NULL, NULL);
}

/* Names of files: what is left of them can be shown, stored and sent, and says what it seems to say. */
#include "lib/base/display.h"
#include "lib/base/utf8.h"
#include "lib/media/name.h"
#include "tests/unit/random_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unictype.h>

static void
clean(const char *given, size_t size, char name[MEDIA_NAME_SIZE])
{
    unsigned char *exact = malloc(size == 0 ? 1 : size);
    assert_non_null(exact);
    memcpy(exact, given, size);
    media_name_clean((struct span){exact, size}, name);
    free(exact);
}

static void
assert_clean(const char *given, const char *wanted)
{
    char name[MEDIA_NAME_SIZE];
    clean(given, strlen(given), name);
    if (strcmp(name, wanted) != 0) {
        fail_msg("\"%s\" becomes \"%s\", not \"%s\"", given, name, wanted);
    }
}

static void
names_that_may_be_shown_stay(void **state)
{
    (void)state;
    static const char *const names[] = {"IMG_0001.JPG",
                                        "rash (left arm), 2.jpg",
                                        "Röntgen.pdf",
                                        "отчёт.docx",
                                        "検査.heic",
                                        "a",
                                        "1",
                                        "5_",
                                        "no extension",
                                        "a.b.c",
                                        "x.tar.gz",
                                        "e\u0301te\u0301.txt",
                                        "\U0001f9a0.png",
                                        "100% 'sure' & more; #1.txt"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_clean(names[i], names[i]);
    }
}

static void
what_a_name_must_not_have_goes(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"../../etc/passwd", "_.._etc_passwd"},
        {"C:\\Users\\Ada\\a.txt", "C__Users_Ada_a.txt"},
        {"a/b", "a_b"},
        {"<a>|\"b\"?*.txt", "_a___b___.txt"},
        {"photo\u202egpj.exe", "photogpj.exe"},
        {"\u2066a\u2069\u200e\u200f\u061c.txt", "a.txt"},
        {"a\u200bb\u200c\u200d\ufeff\u2060\u00ad.txt", "ab.txt"},
        {"a\r\nSet-Cookie: b", "a Set-Cookie_ b"},
        {"a\tb\u00a0c\u2028d\u3000e", "a b c d e"},
        {"  a   b  ", "a b"},
        {"a\x1b[31mb\x7f\xc2\x80\xc2\x9f", "a[31mb"},
        {"\xc2\x85"
         "a",
         "a"},
        {".bashrc", "bashrc"},
        {"...", "file"},
        {". . .", "file"},
        {"a.txt. . ", "a.txt"},
        {"", "file"},
        {" ", "file"},
        {"\u200b\u202e", "file"},
        {"\u2800", "file"},
        {"\u0301", "file"},
        {"\xff\xfe", "__"},
        {"a\xc3", "a_"},
        {"\xed\xa0\x80", "___"},
        {"\xc0\xaf", "__"},
        {"a\uff0f\u2215\u2044\uff3cb", "a____b"},
        {"\ufffe\uffff\U0001ffff"
         "a",
         "a"},
        {"\U000e0041\U000e007f"
         "a\ufe0f",
         "a"},
        {"a\ufff9"
         "b\ufffa"
         "c\ufffb",
         "abc"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_clean(cases[i][0], cases[i][1]);
    }
    char name[MEDIA_NAME_SIZE];
    clean("a\0b.txt", 7, name);
    assert_string_equal(name, "ab.txt");
}

static void
devices_of_windows_are_no_names(void **state)
{
    (void)state;
    static const char *const devices[] = {"con",      "PRN",         "aux.txt", "NUL.tar.gz", "com1",
                                          "COM9.jpg", "lpt1",        "LPT0.x",  "com\u00b9",  "lpt\u00b3.txt",
                                          "conin$",   "CONOUT$.txt", "nul .txt"};
    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
        char wanted[MEDIA_NAME_SIZE];
        (void)snprintf(wanted, sizeof wanted, "_%s", devices[i]);
        assert_clean(devices[i], wanted);
        assert_clean(wanted, wanted);
    }
    static const char *const others[] = {"con1",  "company.txt", "com",       "com10",    "lpt",
                                         "nulls", "a.con",       "auxiliary", "com\u00b4"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_clean(others[i], others[i]);
    }
}

/* One after the other, between two letters, against Unicode's own tables. */
static void
every_character_is_judged(void **state)
{
    (void)state;
    for (uint32_t sign = 0; sign <= 0x10ffff; sign++) {
        unsigned char given[UTF8_SIZE_MAX + 2] = "a";
        char name[MEDIA_NAME_SIZE];
        if (sign >= 0xd800 && sign <= 0xdfff) {
            continue;
        }
        size_t size = 1 + utf8_encode(sign, given + 1);
        given[size++] = 'b';
        media_name_clean((struct span){given, size}, name);
        bool blank = uc_is_property_white_space(sign);
        bool gone =
            !blank && (uc_is_property_default_ignorable_code_point(sign) ||
                       uc_is_general_category(sign, UC_CONTROL) || uc_is_property_bidi_control(sign) ||
                       (sign >= 0xfff9 && sign <= 0xfffb) || uc_is_property_not_a_character(sign));
        bool stays = strlen(name) == size && memcmp(name, given, size) == 0;
        if (blank  ? strcmp(name, "a b") != 0
            : gone ? strcmp(name, "ab") != 0
                   : !stays && strcmp(name, "a_b") != 0) {
            fail_msg("U+%04X: %s", (unsigned)sign, name);
        }
        if (sign < 0x80 && !blank && !gone && stays != (strchr("/\\:*?\"<>|", (int)sign) == NULL)) {
            fail_msg("U+%04X stays, or goes", (unsigned)sign);
        }
    }
}

static void
a_long_name_is_cut_before_its_extension(void **state)
{
    (void)state;
    static const char *const signs[] = {"a", "\u00e9", "\u691c", "\U0001f9a0"};
    static const char *const extensions[] = {"", ".jpg", ".abcdefghijklmnop"};
    for (size_t s = 0; s < 4; s++) {
        for (size_t e = 0; e < 3; e++) {
            for (size_t count = 1; count <= 300; count++) {
                char given[2048] = "";
                char name[MEDIA_NAME_SIZE];
                for (size_t i = 0; i < count; i++) {
                    memcpy(given + i * strlen(signs[s]), signs[s], strlen(signs[s]) + 1);
                }
                memcpy(given + count * strlen(signs[s]), extensions[e], strlen(extensions[e]) + 1);
                clean(given, strlen(given), name);
                size_t most = (MEDIA_NAME_MAX - strlen(extensions[e])) / strlen(signs[s]);
                size_t wanted = (count < most ? count : most) * strlen(signs[s]) + strlen(extensions[e]);
                assert_int_equal(strlen(name), wanted);
                assert_true(utf8_valid(name, strlen(name)));
                assert_string_equal(name + strlen(name) - strlen(extensions[e]), extensions[e]);
            }
        }
    }
}

static void
what_is_taken_along_is_called_by_its_type(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"a.jpg", "a.jpg"},
                                           {"a.JPEG", "a.JPEG"},
                                           {"photo.bat", "photo.bat.jpg"},
                                           {"a", "a.jpg"},
                                           {"a.jpg.exe", "a.jpg.exe.jpg"},
                                           {"a.b c", "a.b c.jpg"},
                                           {"report.final", "report.final.jpg"},
                                           {"_con", "_con.jpg"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[MEDIA_NAME_SIZE];
        media_name_as(cases[i][0], MEDIA_JPEG, name);
        assert_string_equal(name, cases[i][1]);
    }
    char given[MEDIA_NAME_SIZE];
    char name[MEDIA_NAME_SIZE];
    memset(given, 'a', MEDIA_NAME_MAX);
    given[MEDIA_NAME_MAX] = '\0';
    media_name_as(given, MEDIA_JPEG, name);
    assert_int_equal(strlen(name), MEDIA_NAME_MAX);
    assert_string_equal(name + MEDIA_NAME_MAX - 4, ".jpg");
}

static void
a_disposition_is_ascii_and_says_the_name_twice(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"a b.jpg", "attachment; filename=\"a b.jpg\""},
        {"R\u00f6ntgen.pdf", "attachment; filename=\"R_ntgen.pdf\"; filename*=UTF-8''R%C3%B6ntgen.pdf"},
        {"\u691c.txt", "attachment; filename=\"_.txt\"; filename*=UTF-8''%E6%A4%9C.txt"},
        {"a%41;b=c'd.txt",
         "attachment; filename=\"a_41;b=c'd.txt\"; filename*=UTF-8''a%2541%3Bb%3Dc%27d.txt"},
        {"x", "attachment; filename=\"x\""},
    };
    char value[MEDIA_DISPOSITION_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        media_name_disposition(cases[i][0], true, value);
        assert_string_equal(value, cases[i][1]);
    }
    media_name_disposition("a.jpg", false, value);
    assert_string_equal(value, "inline; filename=\"a.jpg\"");
}

/* What a client makes of filename*. */
static void
assert_says(const char *value, const char *name)
{
    const char *at = strstr(value, "filename*=UTF-8''");
    char read[MEDIA_NAME_SIZE];
    size_t size = 0;
    if (at == NULL) {
        return;
    }
    for (at += strlen("filename*=UTF-8''"); *at != '\0' && size < MEDIA_NAME_MAX; at++) {
        unsigned byte = (unsigned char)*at;
        if (*at == '%') {
            assert_int_equal(sscanf(at, "%%%2X", &byte), 1);
            at += 2;
        }
        read[size++] = (char)byte;
    }
    read[size] = '\0';
    assert_string_equal(read, name);
}

static void
whatever_comes_in_the_outcome_holds(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "a",      ".",      "..",     "/",        "\\",         " ",
        "\r\n",   "\"",     "%22",    "\0",       "\xff",       "\u202e",
        "\u200b", "\u691c", ".exe",   "con",      "\xe6",       "\u0301",
        ";",      ".jpg",   "\u00e9", "\xf0\x9f", "\U0001f9a0", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    for (int n = 0; n < 100000; n++) {
        char given[6000];
        char name[MEDIA_NAME_SIZE];
        char again[MEDIA_NAME_SIZE];
        char as[MEDIA_NAME_SIZE];
        char value[MEDIA_DISPOSITION_SIZE];
        size_t size = 0;
        for (int i = random_below(n % 50 == 0 ? 180 : 12); i > 0; i--) {
            const char *part = parts[random_below((int)(sizeof parts / sizeof parts[0]))];
            size_t width = part[0] == '\0' ? 1 : strlen(part);
            memcpy(given + size, part, width);
            size += width;
        }
        clean(given, size, name);
        assert_true(strlen(name) >= 1 && strlen(name) <= MEDIA_NAME_MAX);
        assert_true(display_is_name(name, strlen(name)));
        assert_null(strpbrk(name, "/\\:*?\"<>|"));
        assert_int_not_equal(name[0], '.');
        clean(name, strlen(name), again);
        assert_string_equal(again, name);
        media_name_as(name, MEDIA_JPEG, as);
        assert_true(strlen(as) <= MEDIA_NAME_MAX && media_type_has_extension(MEDIA_JPEG, strrchr(as, '.')));
        assert_true(display_is_name(as, strlen(as)));
        media_name_disposition(as, n % 2 == 0, value);
        for (const char *at = value; *at != '\0'; at++) {
            assert_true(*at >= ' ' && *at < 0x7f && *at != '\\');
        }
        assert_ptr_equal(strrchr(value, '"'), strchr(strchr(value, '"') + 1, '"'));
        assert_says(value, as);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_may_be_shown_stay),
        cmocka_unit_test(what_a_name_must_not_have_goes),
        cmocka_unit_test(devices_of_windows_are_no_names),
        cmocka_unit_test(every_character_is_judged),
        cmocka_unit_test(a_long_name_is_cut_before_its_extension),
        cmocka_unit_test(what_is_taken_along_is_called_by_its_type),
        cmocka_unit_test(a_disposition_is_ascii_and_says_the_name_twice),
        cmocka_unit_test(whatever_comes_in_the_outcome_holds),
    };
    return cmocka_run_group_tests_name("media: names", tests, NULL, NULL);
}

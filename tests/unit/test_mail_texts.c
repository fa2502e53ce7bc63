/* The texts of messages: in each language, with what was asked for in it, at a time that its reader knows. */
#include "lib/base/arena.h"
#include "lib/base/display.h"
#include "lib/base/zone.h"
#include "lib/mail/language.h"
#include "lib/mail/message.h"
#include "lib/mail/payload.h"
#include "lib/mail/template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000)

static const int64_t march = INT64_C(1772542987) * SECOND; /* 2026-03-03T13:03:07Z, a Tuesday */
static const int64_t july = INT64_C(1782864000) * SECOND;  /* 2026-07-01T00:00:00Z, a Wednesday */

static int
setup(void **state)
{
    *state = arena_create(4 * 1024 * 1024, NULL, NULL);
    return *state == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
    arena_destroy(*state);
    return 0;
}

/* The n-th of all messages that there are: each kind, and each notice. */
static struct mail_payload
nth(int n)
{
    struct mail_payload payload = {.to = "ada@example.org",
                                   .practice = "Praxis",
                                   .url = "https://portal.example/register#token",
                                   .expires_at = march};
    payload.kind = n < MAIL_KINDS ? (enum mail_kind)n : MAIL_SECURITY_NOTICE;
    payload.notice = n < MAIL_KINDS ? NOTICE_REGISTERED : (enum mail_notice)(n - MAIL_KINDS);
    return payload;
}

enum { ALL_MESSAGES = MAIL_KINDS + MAIL_NOTICES };

static void
has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("not there: %s\nin: %s", part, text);
    }
}

static void
every_message_is_there_in_every_language(void **state)
{
    for (size_t i = 0; i < MAIL_LANGUAGE_COUNT; i++) {
        for (int n = 0; n < ALL_MESSAGES; n++) {
            struct mail_payload payload = nth(n);
            payload.languages = mail_languages[i].tag;
            assert_non_null(mail_text_find(&mail_languages[i], mail_text_name(&payload)));
            struct mail_words words;
            mail_words_make(*state, &payload, &words);
            assert_string_equal(words.language, mail_languages[i].tag);
            has(words.subject, "Praxis");
            has(words.text, "Praxis");
            has(words.html, "<b>Praxis</b>");
            assert_null(strpbrk(words.subject, "{}\n"));
            assert_null(strpbrk(words.text, "{}<>"));
            assert_null(strchr(words.html, '{'));
            if (mail_has_link(&payload)) {
                has(words.text, "\n\nhttps://portal.example/register#token\n\n");
                has(words.html, "<a href=\"https://portal.example/register#token\">");
                has(words.text, "13:03");
            } else {
                assert_null(strstr(words.text, "http"));
            }
        }
    }
}

/* RFC 5322 section 2.1.1, RFC 2045 section 6.7: ASCII on lines of at most 76 characters that end in CRLF. */
static void
every_message_travels_as_short_lines_of_ascii(void **state)
{
    struct mail_sender sender;
    assert_true(mail_sender_read("Pr\u00e4xis <no-reply@clinic.example>", &sender));
    for (int n = 0; n < ALL_MESSAGES * MAIL_LANGUAGE_COUNT; n++) {
        struct mail_payload payload = nth(n / MAIL_LANGUAGE_COUNT);
        struct message message;
        payload.languages = mail_languages[n % MAIL_LANGUAGE_COUNT].tag;
        payload.practice =
            "Gemeinschaftspraxis f\u00fcr Allgemeinmedizin Dr. M\u00fcller-L\u00fcdenscheidt, \u5c71\u7530";
        assert_null(message_build(*state, &sender, "01900000-0000-7000-8000-000000000001", march, &payload,
                                  &message));
        size_t column = 0;
        for (size_t i = 0; i < message.text.size; i++) {
            assert_true(message.text.data[i] < 0x80);
            column = message.text.data[i] == '\n' ? 0 : column + 1;
            assert_true(column <= 77 && (column != 77 || message.text.data[i] == '\r'));
        }
    }
}

static void
no_text_is_a_copy_of_the_english_one(void **state)
{
    (void)state;
    for (size_t i = 1; i < MAIL_LANGUAGE_COUNT; i++) {
        for (size_t n = 0; n < MAIL_TEXT_COUNT; n++) {
            assert_string_not_equal(mail_languages[i].texts[n].body, mail_languages[0].texts[n].body);
            assert_string_not_equal(mail_languages[i].texts[n].subject, mail_languages[0].texts[n].subject);
        }
    }
}

static void
a_language_is_found_by_its_tag_or_what_it_begins_with(void **state)
{
    (void)state;
    static const char *const wanted[][2] = {
        {"de", "de"},         {"de-AT", "de"},    {"DE-ch", "de"},     {"de-Latn-DE-1996", "de"},
        {"fr-CA", "fr"},      {"es-419", "es"},   {"en-GB", "en"},     {"pl", "en"},
        {"pl, de", "de"},     {"pl,fr,de", "fr"}, {"tr-TR, es", "es"}, {"", "en"},
        {"deu", "en"},        {"d", "en"},        {"-", "en"},         {"--de", "en"},
        {"x-de, ,, fr", "fr"}};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        assert_string_equal(mail_language_for(wanted[i][0])->tag, wanted[i][1]);
    }
    assert_string_equal(mail_language_for(NULL)->tag, "en");
}

static const char *
invitation(struct arena *arena, const char *languages, const char *zone, int64_t until)
{
    struct mail_payload payload = nth(MAIL_INVITATION);
    struct mail_words words;
    payload.languages = languages;
    payload.time_zone = zone;
    payload.expires_at = until;
    mail_words_make(arena, &payload, &words);
    return words.text;
}

static void
times_are_those_of_the_practice(void **state)
{
    has(invitation(*state, "en", "Europe/Berlin", march), "Tuesday, 3 March 2026, 14:03 (CET)");
    has(invitation(*state, "de", "Europe/Berlin", march), "Dienstag, 3. März 2026, 14:03 Uhr (CET)");
    has(invitation(*state, "fr", "Europe/Paris", march), "mardi 3 mars 2026 à 14:03 (CET)");
    has(invitation(*state, "es", "Europe/Madrid", march), "martes, 3 de marzo de 2026, 14:03 (CET)");
    /* Summer time, another day than in UTC, and the first of a month. */
    has(invitation(*state, "fr", "Europe/Paris", july), "mercredi 1er juillet 2026 à 02:00 (CEST)");
    has(invitation(*state, "en", "America/New_York", july), "Tuesday, 30 June 2026, 20:00 (EDT)");
    has(invitation(*state, "es", "America/Sao_Paulo", july), "martes, 30 de junio de 2026, 21:00 (UTC-03)");
    has(invitation(*state, "en", "Asia/Kathmandu", july), "Wednesday, 1 July 2026, 05:45 (UTC+0545)");
}

static void
an_unknown_zone_is_utc(void **state)
{
    static const char *const zones[] = {NULL,
                                        "",
                                        "UTC",
                                        "Europe/Nowhere",
                                        "../../../etc/passwd",
                                        "Europe/../../../../etc/passwd",
                                        "/etc/localtime",
                                        "Europe//Berlin",
                                        "Europe",
                                        "CET-1CEST,M3.5.0,M10.5.0/3",
                                        ":Europe/Berlin",
                                        "Europe/Berlin ",
                                        "tzdata.zi"};
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        has(invitation(*state, "en", zones[i], march), "Tuesday, 3 March 2026, 13:03 (UTC)");
    }
}

static void
the_environment_is_as_it_was(void **state)
{
    assert_int_equal(setenv("TZ", "Asia/Tokyo", 1), 0);
    (void)invitation(*state, "en", "Europe/Berlin", march);
    assert_string_equal(getenv("TZ"), "Asia/Tokyo");
    assert_int_equal(unsetenv("TZ"), 0);
    (void)invitation(*state, "en", "Europe/Berlin", march);
    assert_null(getenv("TZ"));
}

static void
a_practice_that_cannot_be_shown_is_cleaned(void **state)
{
    static const char *const names[][2] = {
        {"A\r\nBcc: all@example.org", "A Bcc: all@example.org"},
        {"Line\u2028Paragraph\u2029", "Line Paragraph"},
        {"\u202eevil\u202c \u2066x\u2069", "evil x"},
        {"A\tB\x7f", "A B"},
        {"\ufdd0X\uffff", "X"},
        {"\n\u202e\u2028", "Ihre Praxis"},
        {"\u200b\u3164", "Ihre Praxis"},
        {"", "Ihre Praxis"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct mail_payload payload = nth(MAIL_INVITATION);
        struct mail_words words;
        payload.languages = "de";
        payload.practice = names[i][0];
        mail_words_make(*state, &payload, &words);
        char *wanted = arena_format(*state, "Ihre Einladung von %s", names[i][1]);
        assert_string_equal(words.subject, wanted);
        assert_true(display_is_name(words.subject, strlen(words.subject)));
    }
}

static void
staff_only_messages_are_known(void **state)
{
    (void)state;
    struct mail_payload payload = {.kind = MAIL_STAFF_INVITATION};
    assert_true(mail_is_for_staff(&payload));
    payload = (struct mail_payload){.kind = MAIL_SECURITY_NOTICE, .notice = NOTICE_GLASS_BROKEN};
    assert_true(mail_is_for_staff(&payload));
    payload.notice = NOTICE_PASSWORD_CHANGED;
    assert_false(mail_is_for_staff(&payload));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_message_is_there_in_every_language, setup, teardown),
        cmocka_unit_test_setup_teardown(every_message_travels_as_short_lines_of_ascii, setup, teardown),
        cmocka_unit_test_setup_teardown(no_text_is_a_copy_of_the_english_one, setup, teardown),
        cmocka_unit_test_setup_teardown(a_language_is_found_by_its_tag_or_what_it_begins_with, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(times_are_those_of_the_practice, setup, teardown),
        cmocka_unit_test_setup_teardown(an_unknown_zone_is_utc, setup, teardown),
        cmocka_unit_test_setup_teardown(the_environment_is_as_it_was, setup, teardown),
        cmocka_unit_test_setup_teardown(a_practice_that_cannot_be_shown_is_cleaned, setup, teardown),
        cmocka_unit_test_setup_teardown(staff_only_messages_are_known, setup, teardown),
    };
    return cmocka_run_group_tests_name("mail: texts", tests, NULL, NULL);
}

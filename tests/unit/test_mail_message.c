/* Messages: what is in them, and what can never get in. */
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/mail/message.h"
#include "lib/mail/mime.h"
#include "lib/mail/payload.h"
#include "lib/mail/retry.h"
#include "lib/mail/template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ID     "01900000-0000-7000-8000-000000000001"
#define SECOND INT64_C(1000000)

static const int64_t made_at = INT64_C(1767225600) * SECOND; /* 2026-01-01T00:00:00Z, a Thursday */

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

static struct mail_payload
invitation(const char *practice)
{
    return (struct mail_payload){.kind = MAIL_INVITATION,
                                 .to = "ada@example.org",
                                 .practice = practice,
                                 .url = "https://portal.example/register#token",
                                 .expires_at = made_at + 72 * 3600 * SECOND};
}

static struct mail_sender
sender(const char *text)
{
    struct mail_sender made;
    assert_true(mail_sender_read(text, &made));
    return made;
}

static const char *
build(struct arena *arena, const struct mail_sender *from, const struct mail_payload *payload)
{
    struct message message;
    assert_null(message_build(arena, from, ID, made_at, payload, &message));
    assert_int_equal(strlen((const char *)message.text.data), message.text.size);
    return (const char *)message.text.data;
}

static void
has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("not there: %s\nin: %s", part, text);
    }
}

static void
a_message_has_its_headers_and_both_texts(void **state)
{
    struct mail_sender from = sender("Anamnesis <no-reply@clinic.example>");
    struct mail_payload payload = invitation("Practice Dr. Example");
    const char *text = build(*state, &from, &payload);
    has(text, "Date: Thu, 01 Jan 2026 00:00:00 +0000\r\n");
    has(text, "From: \"Anamnesis\" <no-reply@clinic.example>\r\n");
    has(text, "To: <ada@example.org>\r\n");
    has(text, "Subject: Your invitation from Practice Dr. Example\r\n");
    has(text, "Message-ID: <" ID "@clinic.example>\r\n");
    has(text, "MIME-Version: 1.0\r\n");
    has(text, "Content-Language: en\r\n");
    has(text, "Auto-Submitted: auto-generated\r\n");
    has(text, "Content-Type: text/plain; charset=utf-8\r\n");
    has(text, "Content-Type: text/html; charset=utf-8\r\n");
    has(text, "\r\nhttps://portal.example/register#token\r\n");
    has(text, "Sunday, 4 January 2026, =\r\n00:00 (UTC)");
    has(text, "--=_" ID "--\r\n");
}

static void
the_same_row_gives_the_same_bytes(void **state)
{
    struct mail_sender from = sender("no-reply@clinic.example");
    struct mail_payload payload = invitation("Practice");
    assert_string_equal(build(*state, &from, &payload), build(*state, &from, &payload));
}

static void
every_line_ends_in_crlf_and_is_short(void **state)
{
    struct mail_sender from = sender("\"Pr\u00e4xis \u2603\" <no-reply@clinic.example>");
    char practice[500] = "";
    for (size_t i = 0; i + 3 < sizeof practice; i += 2) {
        memcpy(practice + i, "\u00fc", 3);
    }
    struct mail_payload payload = invitation(practice);
    const char *text = build(*state, &from, &payload);
    size_t column = 0;
    for (const char *at = text; *at != '\0'; at++) {
        assert_true((unsigned char)*at < 0x80);
        if (*at == '\n') {
            assert_true(at > text && at[-1] == '\r');
            assert_true(column <= 77); /* the CR is the 77th */
            column = 0;
        } else {
            assert_true(*at != '\r' || at[1] == '\n');
            column++;
        }
    }
}

/* Where there is none, or none that could be shown, nothing is said of it: in every language, in both texts.
 */
static void
whom_of_several_it_is_for(void **state)
{
    static const char *const languages[] = {"en", "de", "fr", "es"};
    static const char *const nobody[] = {NULL, "", " ", "\r\n", "\u202e"};
    for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++) {
        struct mail_payload payload = invitation("Practice");
        struct mail_words words;
        struct mail_words without;
        payload.languages = languages[i];
        payload.person = "Ada & Co\r\nBcc: x";
        mail_words_make(*state, &payload, &words);
        has(words.text, " Ada & Co");
        has(words.html, " Ada &amp; Co");
        assert_null(strstr(words.text, "\nBcc:"));
        payload.person = NULL;
        mail_words_make(*state, &payload, &without);
        assert_true(strlen(without.text) < strlen(words.text) && strlen(without.html) < strlen(words.html));
        for (size_t j = 0; j < sizeof nobody / sizeof nobody[0]; j++) {
            payload.person = nobody[j];
            mail_words_make(*state, &payload, &words);
            assert_string_equal(words.text, without.text);
            assert_string_equal(words.html, without.html);
            assert_null(strstr(words.text, "\n\n\n"));
        }
    }
}

/* [1.3.11] */
static void
a_header_cannot_be_injected(void **state)
{
    struct mail_sender from = sender("no-reply@clinic.example");
    static const char *const names[] = {"A\r\nBcc: all@example.org",
                                        "A\nB",
                                        "A\rB",
                                        "A\tB",
                                        "A\x7f",
                                        "A\x1b[0m",
                                        "A\xc2\x85"
                                        "B",
                                        "A\u2028B",
                                        "A\u202eB",
                                        "A\xff",
                                        "A\xc0\x8a"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct mail_payload payload = invitation(names[i]);
        const char *text = build(*state, &from, &payload);
        const char *subject = strstr(text, "\r\nSubject: ") + 2;
        assert_memory_equal(strstr(subject, "\r\n"), "\r\nMessage-ID: ", 14);
        assert_null(strstr(text, "\r\nBcc"));
        assert_memory_equal(subject, "Subject: Your invitation from A", 31);
    }
    static const char *const addresses[] = {"a@b.example\r\nBcc: c@d.example",
                                            "a@b.example, c@d.example",
                                            "<a@b.example>",
                                            "a@b@c.example",
                                            "a b@c.example",
                                            "@b.example",
                                            "a@",
                                            "",
                                            "a@b.example\n"};
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        struct mail_payload payload = invitation("Practice");
        struct message message;
        payload.to = addresses[i];
        assert_string_equal(message_build(*state, &from, ID, made_at, &payload, &message), "address");
    }
}

static void
a_link_is_a_web_address(void **state)
{
    struct mail_sender from = sender("no-reply@clinic.example");
    static const char *const urls[] = {"javascript:alert(1)", "https://a.example/\"onclick=x",
                                       "https://a.example/ b", "https://a.example/\r\n", "ftp://a.example/"};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct mail_payload payload = invitation("Practice");
        struct message message;
        payload.url = urls[i];
        assert_string_equal(message_build(*state, &from, ID, made_at, &payload, &message), "content");
    }
}

static void
html_of_a_practice_is_text(void **state)
{
    struct mail_sender from = sender("no-reply@clinic.example");
    struct mail_payload payload = invitation("<b>&\"Practice\"</b>");
    const char *text = build(*state, &from, &payload);
    has(text, "&lt;b&gt;&amp;&quot;Practice&quot;&lt;/b&gt;");
    assert_null(strstr(strstr(text, "text/html"), "<b><b>"));
}

static void
notices_hold_no_link(void **state)
{
    struct mail_sender from = sender("no-reply@clinic.example");
    for (int i = 0; i < MAIL_NOTICES; i++) {
        struct mail_payload payload = {.kind = MAIL_SECURITY_NOTICE,
                                       .to = "ada@example.org",
                                       .practice = "Practice",
                                       .notice = (enum mail_notice)i};
        const char *text = build(*state, &from, &payload);
        assert_null(strstr(text, "http"));
        has(text, "Practice");
    }
}

static void
senders_are_read_or_refused(void **state)
{
    (void)state;
    struct mail_sender made;
    assert_true(mail_sender_read("  Name of it  <a@b.example>", &made));
    assert_string_equal(made.name, "Name of it");
    assert_string_equal(made.address, "a@b.example");
    static const char *const bad[] = {
        "", "Name", "Name <a@b.example", "Name <>", "A\nB <a@b.example>", "a@b.example\r\nBcc: x@y.example"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(mail_sender_read(bad[i], &made));
    }
}

static void
words_hold_whole_characters(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 4096);
    mime_words(&out, "\u00fcb");
    assert_string_equal(buf_string(&out), "=?UTF-8?B?w7xi?=");
    buf_reset(&out);
    mime_words(&out, "looks like =?UTF-8?B?w7xi?= a word");
    assert_null(strstr(buf_string(&out), "looks"));
    buf_free(&out);
}

static void
quoted_printable(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 4096);
    mime_quoted_printable(&out, "a=b \n\u00fc\tc\t\nend ");
    assert_string_equal(buf_string(&out), "a=3Db=20\r\n=C3=BC\tc=09\r\nend=20");
    buf_reset(&out);
    char line[101];
    memset(line, 'x', 100);
    line[100] = '\0';
    mime_quoted_printable(&out, line);
    assert_int_equal(strcspn(buf_string(&out), "\r"), 76);
    buf_reset(&out);
    line[76] = '\0';
    mime_quoted_printable(&out, line);
    assert_string_equal(buf_string(&out), line);
    buf_free(&out);
}

static void
payloads_come_back(void **state)
{
    struct mail_payload payload = invitation("Pr\u00e4xis \"A\" \\ B");
    struct mail_payload read;
    struct span json;
    assert_true(mail_payload_write(*state, &payload, &json));
    assert_true(mail_payload_read(*state, json, &read));
    assert_int_equal(read.kind, MAIL_INVITATION);
    assert_string_equal(read.to, payload.to);
    assert_string_equal(read.practice, payload.practice);
    assert_string_equal(read.url, payload.url);
    assert_true(read.expires_at == payload.expires_at);
    assert_null(read.person);
    payload.person = "Ada";
    assert_true(mail_payload_write(*state, &payload, &json));
    assert_true(mail_payload_read(*state, json, &read));
    assert_string_equal(read.person, "Ada");
    payload = (struct mail_payload){.kind = MAIL_SECURITY_NOTICE,
                                    .to = "a@b.example",
                                    .practice = "P",
                                    .notice = NOTICE_PASSWORD_CHANGED};
    assert_true(mail_payload_write(*state, &payload, &json));
    assert_true(mail_payload_read(*state, json, &read));
    assert_int_equal(read.notice, NOTICE_PASSWORD_CHANGED);
}

static void
other_payloads_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "[]",
        "null",
        "{}",
        "{\"kind\":\"invitation\",\"to\":\"a\",\"practice\":\"b\",\"url\":\"c\"}",
        "{\"kind\":\"invitation\",\"to\":\"a\",\"practice\":\"b\",\"url\":\"c\",\"expires_at\":\"soon\"}",
        "{\"kind\":\"invitation\",\"to\":\"a\",\"practice\":\"b\",\"url\":\"c\","
        "\"expires_at\":\"2026-01-01T00:00:00Z\",\"more\":1}",
        "{\"kind\":\"other\",\"to\":\"a\",\"practice\":\"b\"}",
        "{\"kind\":\"security-notice\",\"to\":\"a\",\"practice\":\"b\",\"notice\":\"other\"}",
        "{\"kind\":\"security-notice\",\"to\":1,\"practice\":\"b\",\"notice\":\"registered\"}",
        "{\"kind\":\"security-notice\",\"to\":\"a\\u0000b\",\"practice\":\"b\",\"notice\":\"registered\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct mail_payload read;
        struct span json = {(const unsigned char *)bad[i], strlen(bad[i])};
        assert_false(mail_payload_read(*state, json, &read));
    }
    struct mail_payload missing = invitation(NULL);
    struct span json;
    assert_false(mail_payload_write(*state, &missing, &json));
    char long_name[20000];
    memset(long_name, 'x', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    struct mail_payload too_long = invitation(long_name);
    assert_false(mail_payload_write(*state, &too_long, &json));
}

static void
tries_move_apart(void **state)
{
    (void)state;
    int64_t usual = 30 * SECOND;
    for (int64_t attempts = 1; attempts < 40; attempts++) {
        for (uint32_t chance = 0; chance < 5000; chance += 7) {
            int64_t delay = mail_retry_delay(attempts, chance);
            assert_true(delay >= usual * 3 / 4 && delay <= usual * 5 / 4);
        }
        usual = usual * 2 < 6 * 3600 * SECOND ? usual * 2 : 6 * 3600 * SECOND;
    }
    assert_true(mail_retry_delay(1, 0) != mail_retry_delay(1, 500));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_message_has_its_headers_and_both_texts, setup, teardown),
        cmocka_unit_test_setup_teardown(whom_of_several_it_is_for, setup, teardown),
        cmocka_unit_test_setup_teardown(the_same_row_gives_the_same_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(every_line_ends_in_crlf_and_is_short, setup, teardown),
        cmocka_unit_test_setup_teardown(a_header_cannot_be_injected, setup, teardown),
        cmocka_unit_test_setup_teardown(a_link_is_a_web_address, setup, teardown),
        cmocka_unit_test_setup_teardown(html_of_a_practice_is_text, setup, teardown),
        cmocka_unit_test_setup_teardown(notices_hold_no_link, setup, teardown),
        cmocka_unit_test_setup_teardown(senders_are_read_or_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(words_hold_whole_characters, setup, teardown),
        cmocka_unit_test_setup_teardown(quoted_printable, setup, teardown),
        cmocka_unit_test_setup_teardown(payloads_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(other_payloads_are_refused, setup, teardown),
        cmocka_unit_test(tries_move_apart),
    };
    return cmocka_run_group_tests_name("mail: messages", tests, NULL, NULL);
}

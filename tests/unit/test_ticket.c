#include "tests/unit/keyring_fixture.h"

#include "lib/base/clock.h"
#include "lib/store/ticket.h"

#define NOW (INT64_C(1790000000) * CLOCK_SECOND)
#define END (NOW + TICKET_SECONDS * CLOCK_SECOND)

struct fixture {
    struct keyring *keyring;
    struct ticket ticket;
    char text[TICKET_TEXT_SIZE + 8];
};

static int
setup(void **state)
{
    static struct fixture fixture;
    memset(&fixture, 0, sizeof fixture);
    fixture.keyring = fixture_keyring(2);
    fixture.ticket = (struct ticket){.object = "sealed/0a/0123456789abcdef0123456789abcd",
                                     .upload_id = OWNER_ONE,
                                     .kind = "view",
                                     .content_type = "video/mp4",
                                     .plain_size = 50000000,
                                     .ranges = true};
    memset(fixture.ticket.key, 0x4b, sizeof fixture.ticket.key);
    assert_true(ticket_make(fixture.keyring, &fixture.ticket, NOW, fixture.text));
    *state = &fixture;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;
    keyring_free(fixture->keyring);
    return 0;
}

static enum ticket_verdict
verdict_at(const struct fixture *at, int64_t now)
{
    static const struct ticket none;
    struct ticket found;
    memset(&found, 0xa5, sizeof found);
    enum ticket_verdict verdict = ticket_read(at->keyring, at->text, now, &found);
    if (verdict != TICKET_GOOD) {
        assert_memory_equal(&found, &none, sizeof found);
        return verdict;
    }
    assert_string_equal(found.object, at->ticket.object);
    assert_string_equal(found.upload_id, at->ticket.upload_id);
    assert_string_equal(found.kind, at->ticket.kind);
    assert_string_equal(found.content_type, at->ticket.content_type);
    assert_int_equal(found.plain_size, at->ticket.plain_size);
    assert_int_equal(found.ranges, at->ticket.ranges);
    assert_memory_equal(found.key, at->ticket.key, sizeof found.key);
    return verdict;
}

static void
a_ticket_is_good_for_a_minute(void **state)
{
    struct fixture *at = *state;
    assert_int_equal(verdict_at(at, NOW), TICKET_GOOD);
    assert_int_equal(verdict_at(at, END - 1), TICKET_GOOD);
    assert_int_equal(verdict_at(at, END), TICKET_LATE);
    assert_int_equal(verdict_at(at, INT64_MAX), TICKET_LATE);
}

static void
each_has_one_size_and_tells_nothing(void **state)
{
    struct fixture *at = *state;
    char before[TICKET_TEXT_SIZE];
    static const char *const types[] = {
        "a", "image/jpeg", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        memcpy(before, at->text, sizeof before);
        (void)snprintf(at->ticket.content_type, sizeof at->ticket.content_type, "%s", types[i]);
        at->ticket.ranges = i == 1;
        at->ticket.plain_size = i;
        assert_true(ticket_make(at->keyring, &at->ticket, NOW, at->text));
        assert_int_equal(strlen(at->text), TICKET_TEXT_SIZE - 1);
        assert_int_equal(strspn(at->text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
                         TICKET_TEXT_SIZE - 1);
        assert_string_not_equal(at->text, before);
        assert_int_equal(verdict_at(at, NOW), TICKET_GOOD);
    }
    memset(at->ticket.content_type, 'x', TICKET_TYPE_SIZE - 1);
    assert_true(ticket_make(at->keyring, &at->ticket, NOW, at->text));
    assert_int_equal(verdict_at(at, NOW), TICKET_GOOD);
}

/* The last character has two bits that say nothing, and must be 0. */
static void
every_bit_and_every_cut_is_refused(void **state)
{
    struct fixture *at = *state;
    for (size_t bit = 0; bit < 8 * (TICKET_TEXT_SIZE - 1); bit++) {
        char kept = at->text[bit / 8];
        at->text[bit / 8] = (char)(kept ^ 1 << bit % 8);
        enum ticket_verdict verdict = verdict_at(at, NOW);
        /* The first 4 bytes, in 6 characters, are the version. */
        assert_true(verdict == TICKET_REFUSED || (verdict == TICKET_KEY_UNKNOWN && bit / 8 < 6));
        at->text[bit / 8] = kept;
    }
    char whole[sizeof at->text];
    memcpy(whole, at->text, sizeof whole);
    for (size_t size = 0; size < TICKET_TEXT_SIZE - 1; size++) {
        at->text[size] = '\0';
        assert_int_equal(verdict_at(at, NOW), TICKET_REFUSED);
        memcpy(at->text, whole, sizeof whole);
    }
    static const char *const more[] = {"A", "=", "==", "AAAA", "/"};
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
        (void)snprintf(at->text + TICKET_TEXT_SIZE - 1, 8, "%s", more[i]);
        assert_int_equal(verdict_at(at, NOW), TICKET_REFUSED);
    }
}

static void
what_has_not_its_form_gets_no_ticket(void **state)
{
    struct fixture *at = *state;
    struct ticket bad[7];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        bad[i] = at->ticket;
    }
    (void)snprintf(bad[0].object, OBJECT_NAME_SIZE, "incoming/" OWNER_ONE "/1");
    (void)snprintf(bad[1].upload_id, UUID_TEXT_SIZE, "0190aaaa");
    (void)snprintf(bad[2].kind, OBJECT_KIND_SIZE, "../view");
    bad[3].content_type[0] = '\0';
    bad[4].content_type[3] = '\n';
    memset(bad[5].content_type, 'x', TICKET_TYPE_SIZE);
    bad[6].plain_size = STREAM_PLAIN_MAX + 1;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(ticket_make(at->keyring, &bad[i], NOW, at->text));
        assert_string_equal(at->text, "");
    }
}

static void
other_values_under_the_same_key_are_no_tickets(void **state)
{
    struct fixture *at = *state;
    unsigned char plain[512] = {1};
    unsigned char sealed[512 + FILES_OVERHEAD];
    char text[1024];
    for (size_t size = 0; size < sizeof plain; size++) {
        assert_true(files_ticket_seal(at->keyring, "download:1", (struct span){plain, size}, sealed));
        (void)sodium_bin2base64(text, sizeof text, sealed, size + FILES_OVERHEAD,
                                sodium_base64_VARIANT_URLSAFE_NO_PADDING);
        struct ticket found;
        assert_int_equal(ticket_read(at->keyring, text, NOW, &found), TICKET_REFUSED);
    }
}

static void
an_older_key_opens_and_a_missing_one_is_told(void **state)
{
    struct fixture *at = *state;
    struct keyring *newer = at->keyring;
    at->keyring = fixture_keyring(1);
    assert_int_equal(verdict_at(at, NOW), TICKET_KEY_UNKNOWN);
    assert_true(ticket_make(at->keyring, &at->ticket, NOW, at->text));
    keyring_free(at->keyring);
    at->keyring = newer;
    assert_int_equal(verdict_at(at, NOW), TICKET_GOOD);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_ticket_is_good_for_a_minute, setup, teardown),
        cmocka_unit_test_setup_teardown(each_has_one_size_and_tells_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(every_bit_and_every_cut_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(what_has_not_its_form_gets_no_ticket, setup, teardown),
        cmocka_unit_test_setup_teardown(other_values_under_the_same_key_are_no_tickets, setup, teardown),
        cmocka_unit_test_setup_teardown(an_older_key_opens_and_a_missing_one_is_told, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

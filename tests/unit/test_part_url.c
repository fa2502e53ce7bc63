#include "tests/unit/keyring_fixture.h"

#include "lib/base/clock.h"
#include "lib/store/object_name.h"
#include "lib/store/part_url.h"

#define BASE "https://clinic.example:8443"
#define NOW  (INT64_C(1790000000) * CLOCK_SECOND)
#define LATE (PART_URL_SECONDS * CLOCK_SECOND)

/* A URL, and the request that a client makes with it. */
struct fixture {
    struct keyring *keyring;
    struct signed_part part;
    struct buf url;
    char path[128];
    char query[PART_URL_MAX];
    char checksum[PART_CHECKSUM_SIZE];
    struct part_request request;
};

static void
ask(struct fixture *at, const char *base_url)
{
    buf_reset(&at->url);
    assert_true(part_url_make(at->keyring, base_url, &at->part, NOW, &at->url));
    const char *path = strstr(buf_string(&at->url), "/files/");
    const char *query = strchr(path, '?');
    (void)snprintf(at->path, sizeof at->path, "%.*s", (int)(query - path), path);
    (void)snprintf(at->query, sizeof at->query, "%s", query + 1);
    at->request = (struct part_request){.path = at->path,
                                        .query = at->query,
                                        .size = at->part.size,
                                        .none_match = "*",
                                        .checksum = part_checksum(at->part.digest, at->checksum)};
}

static int
setup(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.keyring = fixture_keyring(2),
                               .part = {.upload_id = OWNER_ONE, .number = 3, .size = 123456}};
    memset(fixture.part.digest, 0xd1, sizeof fixture.part.digest);
    buf_init(&fixture.url, PART_URL_MAX);
    ask(&fixture, BASE);
    *state = &fixture;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;
    keyring_free(fixture->keyring);
    buf_free(&fixture->url);
    return 0;
}

static enum part_verdict
verdict_at(const struct fixture *at, int64_t now)
{
    struct signed_part part;
    enum part_verdict verdict = part_url_verify(at->keyring, BASE, &at->request, now, &part);
    if (verdict == PART_ALLOWED) {
        assert_memory_equal(&part, &at->part, sizeof part);
    } else {
        assert_int_equal(part.number, 0); /* nothing is told of what is not allowed */
        assert_int_equal(part.size, 0);
        assert_string_equal(part.upload_id, "");
    }
    return verdict;
}

static enum part_verdict
verdict(const struct fixture *at)
{
    return verdict_at(at, NOW);
}

static void
a_url_allows_its_part_for_five_minutes(void **state)
{
    struct fixture *at = *state;
    assert_int_equal(
        strncmp(buf_string(&at->url), BASE "/files/incoming/" OWNER_ONE "/3?X-Amz-Algorithm=", 75), 0);
    assert_non_null(strstr(at->query, "&X-Amz-Credential=local-2%2F20260921%2Flocal%2Fs3%2Faws4_request&"));
    assert_non_null(strstr(
        at->query, "&X-Amz-SignedHeaders=content-length%3Bhost%3Bif-none-match%3Bx-amz-checksum-sha256&"));
    assert_int_equal(verdict_at(at, NOW), PART_ALLOWED);
    assert_int_equal(verdict_at(at, NOW + LATE - 1), PART_ALLOWED);
    assert_int_equal(verdict_at(at, NOW + LATE), PART_LATE);
    assert_int_equal(verdict_at(at, NOW - LATE), PART_ALLOWED); /* clocks differ */
    assert_int_equal(verdict_at(at, NOW - LATE - 1), PART_LATE);
}

static void
the_largest_and_the_smallest_part_of_every_number(void **state)
{
    struct fixture *at = *state;
    for (at->part.number = 1; at->part.number <= UPLOAD_PARTS_MAX; at->part.number++) {
        static const int64_t sizes[] = {1, PART_SIZE_MAX};
        for (size_t i = 0; i < 2; i++) {
            at->part.size = sizes[i];
            ask(at, BASE);
            assert_int_equal(verdict(at), PART_ALLOWED);
        }
    }
}

static void
what_is_no_part_has_no_url(void **state)
{
    struct fixture *at = *state;
    const struct signed_part good = at->part;
    for (int i = 0; i < 6; i++) {
        struct signed_part part = good;
        part.size = i == 0 ? 0 : i == 1 ? PART_SIZE_MAX + 1 : i == 2 ? -1 : part.size;
        part.number = i == 3 ? 0 : i == 4 ? UPLOAD_PARTS_MAX + 1 : part.number;
        (void)snprintf(part.upload_id, sizeof part.upload_id, "%s", i == 5 ? "0190aaaa" : OWNER_ONE);
        assert_false(part_url_make(at->keyring, BASE, &part, NOW, &at->url));
    }
    assert_false(part_url_make(at->keyring, "", &good, NOW, &at->url));
    assert_false(part_url_make(at->keyring, "https://", &good, NOW, &at->url));
    assert_false(part_url_make(at->keyring, "clinic.example", &good, NOW, &at->url));
    assert_true(part_url_make(at->keyring, BASE, &good, NOW, &at->url));
}

static void
another_place_size_digest_or_condition_is_refused(void **state)
{
    struct fixture *at = *state;
    static const char *const paths[] = {"/files/incoming/" OWNER_ONE "/2",
                                        "/files/incoming/" OWNER_TWO "/3",
                                        "/files/incoming/" OWNER_ONE "/3/",
                                        "/files/incoming/" OWNER_ONE "/%33",
                                        "/files//incoming/" OWNER_ONE "/3",
                                        "/files/incoming/../incoming/" OWNER_ONE "/3",
                                        "/.files/incoming/" OWNER_ONE "/3",
                                        "/files/incoming/" OWNER_ONE "/03",
                                        "/files/sealed/00/0123456789abcdef0123456789abcd",
                                        "/files/",
                                        "/",
                                        ""};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        at->request.path = paths[i];
        assert_int_equal(verdict(at), PART_REFUSED);
    }
    at->request.path = at->path;
    static const int64_t sizes[] = {-1, 0, 1, 123455, 123457, 123456 + 4294967296, PART_SIZE_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        at->request.size = sizes[i];
        assert_int_equal(verdict(at), PART_REFUSED);
    }
    at->request.size = at->part.size;
    static const char *const conditions[] = {NULL, "", "\"*\"", "**", "x"};
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
        at->request.none_match = conditions[i];
        assert_int_equal(verdict(at), PART_REFUSED);
    }
    at->request.none_match = "*";
    for (size_t bit = 0; bit < 8 * DIGEST_SIZE; bit++) {
        unsigned char digest[DIGEST_SIZE];
        memcpy(digest, at->part.digest, sizeof digest);
        digest[bit / 8] ^= (unsigned char)(1u << bit % 8);
        (void)part_checksum(digest, at->checksum);
        assert_int_equal(verdict(at), PART_REFUSED);
    }
    (void)part_checksum(at->part.digest, at->checksum);
    for (size_t i = 0; i < strlen(at->checksum); i++) {
        char kept = at->checksum[i];
        at->checksum[i] = kept == ' ' ? '-' : ' ';
        assert_int_equal(verdict(at), PART_REFUSED);
        at->checksum[i] = kept;
    }
    at->request.checksum = NULL;
    assert_int_equal(verdict(at), PART_REFUSED);
    at->request.checksum = at->checksum;
    assert_int_equal(verdict(at), PART_ALLOWED);
}

/* An escape's letter in the other case says the same. Who changes the version asks for a key that is not there. */
static void
every_bit_of_the_query_counts(void **state)
{
    struct fixture *at = *state;
    size_t size = strlen(at->query);
    size_t version = (size_t)(strstr(at->query, "local-2") - at->query) + 6;
    for (size_t bit = 0; bit < 8 * size; bit++) {
        char kept = at->query[bit / 8];
        at->query[bit / 8] = (char)(kept ^ 1 << bit % 8);
        bool same = bit % 8 == 5 && kept >= 'A' && kept <= 'F' &&
                    (at->query[bit / 8 - 1] == '%' || at->query[bit / 8 - 2] == '%');
        enum part_verdict found = verdict(at);
        assert_int_equal(found == PART_ALLOWED, same);
        assert_true(found != PART_KEY_UNKNOWN || bit / 8 == version);
        assert_true(found != PART_LATE);
        at->query[bit / 8] = kept;
    }
    at->query[size] = '&';
    at->query[size + 1] = '\0';
    assert_int_equal(verdict(at), PART_REFUSED);
    at->request.query = "";
    assert_int_equal(verdict(at), PART_REFUSED);
    at->request.query = NULL;
    assert_int_equal(verdict(at), PART_REFUSED);
}

static void
it_is_of_one_host(void **state)
{
    struct fixture *at = *state;
    static const char *const others[] = {"https://clinic.example", "https://clinic.example:8444",
                                         "https://other.example:8443"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        ask(at, others[i]);
        assert_int_equal(verdict(at), PART_REFUSED);
    }
    ask(at, "https://clinic.example:8443/api"); /* its origin counts */
    assert_int_equal(strncmp(buf_string(&at->url), BASE "/files/", sizeof BASE + 6), 0);
    assert_int_equal(verdict(at), PART_ALLOWED);
}

static void
an_older_key_verifies_and_a_missing_one_is_told(void **state)
{
    struct fixture *at = *state;
    struct keyring *newer = at->keyring;
    struct keyring *older = fixture_keyring(1);
    assert_int_equal(verdict(at), PART_ALLOWED);
    at->keyring = older;
    assert_int_equal(verdict(at), PART_KEY_UNKNOWN); /* made with version 2 */
    ask(at, BASE);
    assert_int_equal(verdict(at), PART_ALLOWED);
    at->keyring = newer;
    assert_int_equal(verdict(at), PART_ALLOWED); /* made with version 1 */
    keyring_free(older);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_url_allows_its_part_for_five_minutes, setup, teardown),
        cmocka_unit_test_setup_teardown(the_largest_and_the_smallest_part_of_every_number, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_part_has_no_url, setup, teardown),
        cmocka_unit_test_setup_teardown(another_place_size_digest_or_condition_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(every_bit_of_the_query_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(it_is_of_one_host, setup, teardown),
        cmocka_unit_test_setup_teardown(an_older_key_verifies_and_a_missing_one_is_told, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/keyring_fixture.h"

#include "lib/base/clock.h"
#include "lib/cloud/sigv4.h"
#include "lib/cloud/sigv4_verify.h"

#define AT       (INT64_C(1369353600) * CLOCK_SECOND) /* 20130524T000000Z */
#define EMPTY    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define WELCOME  "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
#define TOKEN    "AQoEXAMPLEH4aoAH0gNCAPyJxz4BlCFFxWNE1OPTgk5TthT+FvwqnKwRcOIfrRh3c/L"
#define SLASHES  "IQoJb3JpZ2luX2VjEJr//////////wEaCXVzLWVhc3QtMSJ+/="
#define CHECKSUM "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define SCOPE    "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"
#define HOST                                                                                                 \
    {                                                                                                        \
        "Host", "examplebucket.s3.amazonaws.com"                                                             \
    }
#define SECONDS 300

enum { PAIRS = 8 };

/* The keys of the examples in the Amazon S3 API Reference, "Signature Calculations". */
static const struct sigv4_keys amazon = {.id = "AKIAIOSFODNN7EXAMPLE",
                                         .secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                                         .region = "us-east-1",
                                         .service = "s3"};

static size_t
count_of(const struct uri_pair pairs[PAIRS])
{
    size_t count = 0;
    while (count < PAIRS && pairs[count].name != NULL) {
        count++;
    }
    return count;
}

static struct sigv4_keys
keys_with(const char *token)
{
    struct sigv4_keys keys = amazon;
    keys.token = token;
    return keys;
}

/* The first four are Amazon's own examples; what is signed in the others botocore 1.44.8 has signed. */
static const struct {
    const char *method;
    const char *path;
    struct uri_pair query[PAIRS];
    struct uri_pair headers[PAIRS];
    const char *payload;
    const char *token;
    const char *rest;
} headers_signed[] = {
    {"GET",
     "/test.txt",
     {{0}},
     {HOST, {"Range", "bytes=0-9"}},
     EMPTY,
     NULL,
     "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
     "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
    {"GET",
     "/",
     {{"lifecycle", ""}},
     {HOST},
     EMPTY,
     NULL,
     "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
     "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
    {"GET",
     "/",
     {{"prefix", "J"}, {"max-keys", "2"}},
     {HOST},
     EMPTY,
     NULL,
     "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
     "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
    {"PUT",
     "/test$file.text",
     {{0}},
     {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, HOST, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
     WELCOME,
     NULL,
     "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, "
     "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
    {"PUT",
     "/a b/\xc3\xa4//../x",
     {{"a-", "1"}, {"a", "2"}, {"a", "1"}, {"~", "+ /%"}, {"", ""}},
     {{"X-Amz-Meta-Blanks", "  a   b\t c "}, {"content-type", ""}, HOST},
     SIGV4_UNSIGNED,
     NULL,
     "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-meta-blanks, "
     "Signature=6f832097d449de0722e9feb8ca29540a294144dd7332769400b0a25a9f3a9990"},
    {"DELETE",
     "/x",
     {{0}},
     {HOST},
     EMPTY,
     TOKEN,
     "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, "
     "Signature=c1c06ed161c279c0160f8831dc9180c3c0b8481142658073a984a414098c4777"},
};

static void
headers_are_signed_as_amazon_and_botocore_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof headers_signed / sizeof headers_signed[0]; i++) {
        struct uri_pair headers[PAIRS];
        char expected[512];
        struct buf made;
        const char *token = headers_signed[i].token;
        size_t count = count_of(headers_signed[i].headers);
        memcpy(headers, headers_signed[i].headers, sizeof headers);
        headers[count++] = (struct uri_pair){"x-amz-date", "20130524T000000Z"};
        headers[count++] = (struct uri_pair){"x-amz-content-sha256", headers_signed[i].payload};
        if (token != NULL) {
            headers[count++] = (struct uri_pair){"x-amz-security-token", token};
        }
        const struct sigv4_keys keys = keys_with(token);
        const struct sigv4_request request = {.method = headers_signed[i].method,
                                              .path = headers_signed[i].path,
                                              .query = headers_signed[i].query,
                                              .query_count = count_of(headers_signed[i].query),
                                              .headers = headers,
                                              .header_count = count,
                                              .payload = headers_signed[i].payload};
        buf_init(&made, 4096);
        assert_true(sigv4_sign(&keys, &request, AT, &made));
        (void)snprintf(expected, sizeof expected, SIGV4_ALGORITHM " " SCOPE ", %s", headers_signed[i].rest);
        assert_string_equal(buf_string(&made), expected);
        buf_free(&made);
    }
}

#define PRESIGNED                                                                                            \
    "X-Amz-Algorithm=AWS4-HMAC-SHA256"                                                                       \
    "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"                      \
    "&X-Amz-Date=20130524T000000Z"

/* The first is Amazon's example, the others botocore's, with the query in order. */
static const struct {
    const char *method;
    const char *path;
    struct uri_pair query[PAIRS];
    struct uri_pair headers[PAIRS];
    int64_t seconds;
    const char *token;
    const char *target;
} urls_signed[] = {
    {"GET",
     "/test.txt",
     {{0}},
     {HOST},
     86400,
     NULL,
     "/test.txt?" PRESIGNED "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
     "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"},
    {"PUT",
     "/incoming/1",
     {{0}},
     {HOST, {"Content-Length", "5"}, {"If-None-Match", "*"}, {"x-amz-checksum-sha256", CHECKSUM}},
     SECONDS,
     NULL,
     "/incoming/1?" PRESIGNED "&X-Amz-Expires=300"
     "&X-Amz-SignedHeaders=content-length%3Bhost%3Bif-none-match%3Bx-amz-checksum-sha256"
     "&X-Amz-Signature=d8ff4c1fd887cb80af432151b6c9efa65b15b2d571127d5a6057002548c05ba2"},
    {"GET",
     "/a b/\xc3\xa4",
     {{"response-content-disposition", "attachment; filename=\"x\""}, {"empty", ""}},
     {HOST},
     60,
     SLASHES,
     "/a%20b/%C3%A4?" PRESIGNED "&X-Amz-Expires=60"
     "&X-Amz-Security-Token=IQoJb3JpZ2luX2VjEJr%2F%2F%2F%2F%2F%2F%2F%2F%2F%2FwEaCXVzLWVhc3QtMSJ%2B%2F%3D"
     "&X-Amz-SignedHeaders=host&empty=&response-content-disposition=attachment%3B%20filename%3D%22x%22"
     "&X-Amz-Signature=4706a1e0c4aaf2d7025d2e9a7e8984a0dd7af8cb3d1ebb898b5fdf34b8356d58"},
};

static struct sigv4_request
presigned_request(size_t i)
{
    return (struct sigv4_request){.method = urls_signed[i].method,
                                  .path = urls_signed[i].path,
                                  .query = urls_signed[i].query,
                                  .query_count = count_of(urls_signed[i].query),
                                  .headers = urls_signed[i].headers,
                                  .header_count = count_of(urls_signed[i].headers),
                                  .payload = SIGV4_UNSIGNED};
}

static void
urls_are_presigned_and_verified_as_amazon_and_botocore_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof urls_signed / sizeof urls_signed[0]; i++) {
        struct buf made;
        static struct sigv4_claim claim;
        const struct sigv4_keys keys = keys_with(urls_signed[i].token);
        const struct sigv4_request request = presigned_request(i);
        buf_init(&made, 4096);
        assert_true(sigv4_presign(&keys, &request, AT, urls_signed[i].seconds, &made));
        assert_string_equal(buf_string(&made), urls_signed[i].target);
        assert_true(sigv4_read_claim(strchr(buf_string(&made), '?') + 1, &claim));
        assert_string_equal(claim.id, amazon.id);
        assert_string_equal(claim.day, "20130524");
        assert_int_equal(claim.at, AT);
        assert_int_equal(claim.seconds, urls_signed[i].seconds);
        int64_t end = AT + urls_signed[i].seconds * CLOCK_SECOND;
        assert_int_equal(sigv4_verify(&claim, &keys, &request, AT), SIGV4_GOOD);
        assert_int_equal(sigv4_verify(&claim, &keys, &request, AT - SIGV4_SKEW), SIGV4_GOOD);
        assert_int_equal(sigv4_verify(&claim, &keys, &request, AT - SIGV4_SKEW - 1), SIGV4_EARLY);
        assert_int_equal(sigv4_verify(&claim, &keys, &request, end - 1), SIGV4_GOOD);
        assert_int_equal(sigv4_verify(&claim, &keys, &request, end), SIGV4_EXPIRED);
        buf_free(&made);
    }
}

static bool
takes(const char *query, const struct sigv4_request *request)
{
    static struct sigv4_claim claim;
    return sigv4_read_claim(query, &claim) && sigv4_verify(&claim, &amazon, request, AT) == SIGV4_GOOD;
}

/*
 * Every bit of a URL's query, and every byte of it left out or there twice. A bit that only makes a %
 * escape's letter small says the same.
 */
static void
every_bit_of_a_presigned_query_counts(void **state)
{
    (void)state;
    const struct sigv4_request request = presigned_request(1);
    const char *query = strchr(urls_signed[1].target, '?') + 1;
    size_t size = strlen(query);
    char changed[1024];
    assert_true(takes(query, &request));
    for (size_t bit = 0; bit < 8 * size; bit++) {
        memcpy(changed, query, size + 1);
        changed[bit / 8] = (char)(changed[bit / 8] ^ 1 << bit % 8);
        bool same = bit % 8 == 5 && bit / 8 >= 2 && changed[bit / 8] >= 'a' && changed[bit / 8] <= 'f' &&
                    (query[bit / 8 - 1] == '%' || query[bit / 8 - 2] == '%');
        assert_int_equal(takes(changed, &request), same);
    }
    for (size_t at = 0; at < size; at++) {
        memcpy(changed, query, at);
        memcpy(changed + at, query + at + 1, size - at);
        assert_false(takes(changed, &request));
        memcpy(changed, query, at + 1);
        memcpy(changed + at + 1, query + at, size - at + 1);
        assert_false(takes(changed, &request));
        memcpy(changed, query, at);
        changed[at] = '\0';
        assert_false(takes(changed, &request));
    }
}

static void
another_method_path_payload_or_header_is_refused(void **state)
{
    (void)state;
    const char *query = strchr(urls_signed[1].target, '?') + 1;
    struct sigv4_request request = presigned_request(1);
    static const char *const methods[] = {"GET", "put", "PUT ", "", "POST"};
    static const char *const paths[] = {"/incoming/2", "/incoming/1/", "incoming/1", "", "/incoming/%31"};
    for (size_t i = 0; i < 5; i++) {
        request.method = methods[i];
        assert_false(takes(query, &request));
        request.method = "PUT";
        request.path = paths[i];
        assert_false(takes(query, &request));
        request.path = "/incoming/1";
    }
    request.payload = EMPTY;
    assert_false(takes(query, &request));
    request.payload = SIGV4_UNSIGNED;
    struct uri_pair headers[PAIRS];
    request.headers = headers;
    for (size_t at = 0; at < request.header_count; at++) {
        memcpy(headers, urls_signed[1].headers, sizeof headers);
        assert_true(takes(query, &request));
        char value[128];
        size_t size = strlen(headers[at].value);
        for (size_t bit = 0; bit < 8 * size; bit++) {
            memcpy(value, headers[at].value, size + 1);
            value[bit / 8] = (char)(value[bit / 8] ^ 1 << bit % 8);
            headers[at].value = value;
            assert_false(takes(query, &request));
            headers[at].value = urls_signed[1].headers[at].value;
        }
        headers[at].name = "other";
        assert_false(takes(query, &request));
        headers[at] = headers[(at + 1) % request.header_count]; /* one is missing, one there twice */
        assert_false(takes(query, &request));
    }
}

static void
headers_that_are_not_signed_may_be_there_but_not_amazons(void **state)
{
    (void)state;
    static struct sigv4_claim claim;
    struct sigv4_request request = presigned_request(1);
    struct uri_pair headers[PAIRS];
    memcpy(headers, urls_signed[1].headers, sizeof headers);
    headers[request.header_count++] = (struct uri_pair){"User-Agent", "a browser"};
    request.headers = headers;
    assert_true(sigv4_read_claim(strchr(urls_signed[1].target, '?') + 1, &claim));
    assert_int_equal(sigv4_verify(&claim, &amazon, &request, AT), SIGV4_GOOD);
    headers[request.header_count++] = (struct uri_pair){"X-Amz-Acl", "public-read"};
    assert_int_equal(sigv4_verify(&claim, &amazon, &request, AT), SIGV4_NOT_SIGNED);
}

static void
other_keys_verify_nothing(void **state)
{
    (void)state;
    static struct sigv4_claim claim;
    const struct sigv4_request request = presigned_request(1);
    struct sigv4_keys others[] = {amazon, amazon, amazon, amazon, amazon, amazon};
    others[0].id = "AKIAIOSFODNN7EXAMPLF";
    others[1].secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEz";
    others[2].region = "us-east-2";
    others[3].service = "s4";
    others[4].token = TOKEN;
    others[5].secret = "";
    assert_true(sigv4_read_claim(strchr(urls_signed[1].target, '?') + 1, &claim));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_int_equal(sigv4_verify(&claim, &others[i], &request, AT), SIGV4_WRONG);
    }
}

static void
what_cannot_be_signed_is_refused(void **state)
{
    (void)state;
    struct buf made;
    struct uri_pair pairs[] = {HOST, {"a", "b"}, {"x-amz-date", "20130524T000000Z"}};
    struct uri_pair query[] = {{"a", "b"}};
    struct sigv4_request request = {.method = "GET",
                                    .path = "/",
                                    .query = query,
                                    .query_count = 1,
                                    .headers = pairs,
                                    .header_count = 3,
                                    .payload = SIGV4_UNSIGNED};
    static const struct uri_pair bad[] = {{"HOST", "twice"}, {"", "no name"},    {"a b", ""},
                                          {"a:", ""},        {"a", "line\nend"}, {"a", "\x7f"}};
    buf_init(&made, 4096);
    assert_true(sigv4_sign(&amazon, &request, AT, &made));
    assert_false(sigv4_sign(&amazon, &request, AT + CLOCK_SECOND, &made)); /* x-amz-date says another time */
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        pairs[1] = bad[i];
        assert_false(sigv4_sign(&amazon, &request, AT, &made));
        assert_false(sigv4_presign(&amazon, &request, AT, SECONDS, &made));
    }
    pairs[1] = (struct uri_pair){"a", "b"};
    assert_true(sigv4_presign(&amazon, &request, AT, SIGV4_EXPIRES_MAX, &made));
    assert_false(sigv4_presign(&amazon, &request, AT, SIGV4_EXPIRES_MAX + 1, &made));
    assert_false(sigv4_presign(&amazon, &request, AT, 0, &made));
    query[0].name = "x-amz-expires";
    assert_false(sigv4_presign(&amazon, &request, AT, SECONDS, &made));
    query[0].name = "a";
    pairs[0].name = "hosts";
    assert_false(sigv4_presign(&amazon, &request, AT, SECONDS, &made));
    assert_false(sigv4_sign(&amazon, &request, AT, &made));
    buf_free(&made);
}

static void
queries_that_can_be_read_in_two_ways_are_refused(void **state)
{
    (void)state;
    static char text[URI_QUERY_MAX + 1];
    static char longest[URI_QUERY_MAX + 2];
    static struct uri_pair pairs[URI_PAIRS_MAX];
    size_t count = 0;
    static const char *const bad[] = {"a=+", "a=%00", "a=%0", "a=%", "a=%g0", "a= ", "a=\x7f", "a=\xc3\xa4",
                                      "&",   "a&",    "&a",   "=b",  "a&&b",  "%",   "a\t=b"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(uri_read_query(bad[i], text, pairs, &count));
    }
    assert_true(uri_read_query("", text, pairs, &count));
    assert_int_equal(count, 0);
    assert_true(uri_read_query("a&b=&c=%41%c3%A4=&d=/:", text, pairs, &count));
    assert_int_equal(count, 4);
    assert_string_equal(pairs[0].value, "");
    assert_string_equal(pairs[1].value, "");
    assert_string_equal(pairs[2].value, "A\xc3\xa4=");
    assert_string_equal(pairs[3].value, "/:");
    memset(longest, 'a', URI_QUERY_MAX);
    assert_true(uri_read_query(longest, text, pairs, &count));
    longest[URI_QUERY_MAX] = 'a';
    assert_false(uri_read_query(longest, text, pairs, &count));
    for (size_t i = 0; i < URI_PAIRS_MAX; i++) {
        memcpy(longest + 2 * i, "a&", 3);
    }
    assert_false(uri_read_query(longest, text, pairs, &count));
    longest[2 * URI_PAIRS_MAX - 1] = '\0';
    assert_true(uri_read_query(longest, text, pairs, &count));
    assert_int_equal(count, URI_PAIRS_MAX);
}

static void
claims_without_their_form_are_not_read(void **state)
{
    (void)state;
    static struct sigv4_claim claim;
    static const char *const changes[][2] = {{"HMAC-SHA256", "HMAC-SHA512"},
                                             {"20130524%2F", "20130525%2F"},
                                             {"aws4_request", "aws4"},
                                             {"20130524T000000Z", "20130524T000000"},
                                             {"20130524T000000Z", "20130524T240000Z"},
                                             {"20130524T", "20130524t"},
                                             {"Expires=300", "Expires=0300"},
                                             {"Expires=300", "Expires=0"},
                                             {"Expires=300", "Expires=604801"},
                                             {"Expires=300", "Expires=-1"},
                                             {"Expires=300", "Expires=3e2"},
                                             {"Expires=300", "Expires="},
                                             {"Expires=300", "Expires=9999999999999999999"},
                                             {"Signature=d8", "Signature=D8"},
                                             {"Signature=d8", "Signature=d"},
                                             {"X-Amz-Signature", "x-amz-signature"},
                                             {"X-Amz-Date", "X-Amz-Date=20130524T000000Z&X-Amz-Date"},
                                             {"X-Amz-Date", "x-amz-date=20130524T000000Z&X-Amz-Date"},
                                             {"us-east-1%2Fs3", "us-east-1%2F"},
                                             {"AKIAIOSFODNN7EXAMPLE", ""},
                                             {"&X-Amz-Expires=300", ""},
                                             {"AKIAIOSFODNN7EXAMPLE%2F", ""}};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        char query[1024];
        const char *whole = strchr(urls_signed[1].target, '?') + 1;
        const char *at = strstr(whole, changes[i][0]);
        assert_non_null(at);
        (void)snprintf(query, sizeof query, "%.*s%s%s", (int)(at - whole), whole, changes[i][1],
                       at + strlen(changes[i][0]));
        assert_false(sigv4_read_claim(query, &claim));
    }
    assert_false(sigv4_read_claim("", &claim));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_signed_as_amazon_and_botocore_do),
        cmocka_unit_test(urls_are_presigned_and_verified_as_amazon_and_botocore_do),
        cmocka_unit_test(every_bit_of_a_presigned_query_counts),
        cmocka_unit_test(another_method_path_payload_or_header_is_refused),
        cmocka_unit_test(headers_that_are_not_signed_may_be_there_but_not_amazons),
        cmocka_unit_test(other_keys_verify_nothing),
        cmocka_unit_test(what_cannot_be_signed_is_refused),
        cmocka_unit_test(queries_that_can_be_read_in_two_ways_are_refused),
        cmocka_unit_test(claims_without_their_form_are_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

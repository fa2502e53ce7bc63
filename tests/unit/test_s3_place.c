/* lib/cloud/s3_place: which URLs are a bucket's, and what is signed for somebody else. */
#include "lib/base/clock.h"
#include "lib/cloud/s3_place.h"
#include "lib/cloud/sigv4_verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above before it */
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define AT (INT64_C(1369353600) * CLOCK_SECOND)

static const struct {
    const char *url;
    const char *host;
    const char *bucket;
} places[] = {
    {"https://files.s3.eu-central-1.amazonaws.com", "files.s3.eu-central-1.amazonaws.com", ""},
    {"https://files.s3.eu-central-1.amazonaws.com/", "files.s3.eu-central-1.amazonaws.com", ""},
    {"https://files.s3.eu-central-1.amazonaws.com:443", "files.s3.eu-central-1.amazonaws.com", ""},
    {"https://s3.example:9000/files", "s3.example:9000", "/files"},
    {"https://s3.example:9000/files.of-2/", "s3.example:9000", "/files.of-2"},
    {"http://127.0.0.1:7070/files", "127.0.0.1:7070", "/files"},
    {"http://localhost/files", "localhost", "/files"},
    {"http://localhost:80/files", "localhost", "/files"},
    {"http://[::1]:7070/files", "[::1]:7070", "/files"},
};

static const char *const no_places[] = {
    "",
    "files",
    "ftp://s3.example/files",
    "https://",
    "https:///files",
    "http://s3.example/files",
    "http://127.0.0.1.example/files",
    "http://localhost.example/files",
    "http://localhost@example/files",
    "https://user@s3.example/files",
    "https://s3.example/files/below",
    "https://s3.example/files?a",
    "https://s3.example/files#a",
    "https://s3.example?a",
    "https://s3.example/Files",
    "https://S3.example/files",
    "https://s3.example/fi les",
    "https://s3.example/fi%20les",
    "https://s3.example\r\nHost: other/files",
};

static void
urls_of_buckets_are_taken_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct s3_place place;
        char error[256] = "";
        assert_true(s3_place_read(places[i].url, "eu-central-1", &place, error, sizeof error));
        assert_string_equal(place.host, places[i].host);
        assert_string_equal(place.bucket, places[i].bucket);
        assert_int_equal(place.is_https, places[i].url[4] == 's');
    }
}

static void
what_is_no_bucket_is_refused_with_a_sentence(void **state)
{
    static const char *const regions[] = {NULL, "", "Eu", "eu/central", "eu central"};
    (void)state;
    struct s3_place place;
    for (size_t i = 0; i < sizeof no_places / sizeof no_places[0]; i++) {
        char error[256] = "";
        assert_false(s3_place_read(no_places[i], "eu-central-1", &place, error, sizeof error));
        assert_int_not_equal(strlen(error), 0);
    }
    for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++) {
        char error[256] = "";
        assert_false(s3_place_read("https://s3.example/files", regions[i], &place, error, sizeof error));
        assert_int_not_equal(strlen(error), 0);
    }
}

static void
a_key_is_what_s3_takes(void **state)
{
    char key[S3_KEY_MAX + 2];
    (void)state;
    memset(key, 'a', sizeof key);
    key[S3_KEY_MAX] = '\0';
    assert_true(s3_is_key(key));
    assert_true(s3_is_key("sealed/ab/€ ?#%&+"));
    key[S3_KEY_MAX] = 'a';
    key[S3_KEY_MAX + 1] = '\0';
    assert_false(s3_is_key(key));
    assert_false(s3_is_key(""));
    assert_false(s3_is_key("\xff"));
}

static void
a_checksum_is_read_as_it_is_written(void **state)
{
    static const char *const none[] = {"", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
                                       "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=-2",
                                       "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU="};
    unsigned char digest[DIGEST_SIZE];
    unsigned char again[DIGEST_SIZE];
    char text[S3_CHECKSUM_SIZE];
    (void)state;
    digest_sha256((struct span){NULL, 0}, digest);
    assert_string_equal(s3_checksum(digest, text), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    assert_true(s3_read_checksum(text, again));
    assert_memory_equal(digest, again, DIGEST_SIZE);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        assert_false(s3_read_checksum(none[i], again));
    }
}

static void
make_url(const struct s3_part *part, const struct cloud_keys *keys, int64_t seconds, struct buf *url)
{
    struct s3_place place;
    char error[256];
    buf_init(url, 16384);
    assert_true(s3_place_read("https://s3.example:9000/files", "eu-central-1", &place, error, sizeof error));
    if (!s3_presign_put(&place, keys, part, AT, seconds, url)) {
        buf_reset(url);
    }
}

/* Whether the URL lets a request with these headers through, as sigv4_verify judges it. */
static enum sigv4_verdict
verdict(const struct buf *url, const char *key, const char *length, const char *checksum)
{
    static struct sigv4_claim claim;
    const struct sigv4_keys keys = {"AKIAIOSFODNN7EXAMPLE", "secret", NULL, "eu-central-1", "s3"};
    const struct uri_pair headers[] = {{"Host", "s3.example:9000"},
                                       {"Content-Length", length},
                                       {"If-None-Match", "*"},
                                       {"x-amz-checksum-sha256", checksum}};
    const struct sigv4_request request = {
        .method = "PUT", .path = key, .headers = headers, .header_count = 4, .payload = SIGV4_UNSIGNED};
    assert_true(sigv4_read_claim(strchr(buf_string(url), '?') + 1, &claim));
    assert_string_equal(claim.names, "content-length;host;if-none-match;x-amz-checksum-sha256");
    return sigv4_verify(&claim, &keys, &request, AT);
}

static void
a_presigned_url_is_for_these_bytes_at_this_key(void **state)
{
    static const char start[] = "https://s3.example:9000/files/incoming/a%20%2B/1?";
    static const char sum[] = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    struct cloud_keys keys = {.id = "AKIAIOSFODNN7EXAMPLE", .secret = "secret", .until = INT64_MAX};
    unsigned char digest[DIGEST_SIZE];
    struct buf url;
    (void)state;
    digest_sha256((struct span){NULL, 0}, digest);
    make_url(&(struct s3_part){"incoming/a +/1", 8388608, digest}, &keys, 300, &url);
    assert_memory_equal(buf_string(&url), start, sizeof start - 1);
    assert_int_equal(verdict(&url, "/files/incoming/a +/1", "8388608", sum), SIGV4_GOOD);
    assert_int_equal(verdict(&url, "/files/incoming/a +/2", "8388608", sum), SIGV4_WRONG);
    assert_int_equal(verdict(&url, "/files/incoming/a +/1", "8388609", sum), SIGV4_WRONG);
    assert_int_equal(verdict(&url, "/files/incoming/a +/1", "8388608", "48DEQ"), SIGV4_WRONG);
    buf_free(&url);
}

static void
a_url_does_not_outlive_its_keys(void **state)
{
    struct cloud_keys keys = {
        .id = "AKIAIOSFODNN7EXAMPLE", .secret = "secret", .until = AT + 300 * CLOCK_SECOND};
    unsigned char digest[DIGEST_SIZE] = {0};
    struct buf url;
    (void)state;
    for (int64_t seconds = 299; seconds <= 301; seconds++) {
        make_url(&(struct s3_part){"a", 1, digest}, &keys, seconds, &url);
        assert_int_equal(url.size > 0, seconds <= 300);
        buf_free(&url);
    }
    make_url(&(struct s3_part){"", 1, digest}, &keys, 1, &url);
    assert_int_equal(url.size, 0);
    buf_free(&url);
    make_url(&(struct s3_part){"a", -1, digest}, &keys, 1, &url);
    assert_int_equal(url.size, 0);
    buf_free(&url);
    make_url(&(struct s3_part){"a", 1, digest}, &keys, 0, &url);
    assert_int_equal(url.size, 0);
    buf_free(&url);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_of_buckets_are_taken_apart),
        cmocka_unit_test(what_is_no_bucket_is_refused_with_a_sentence),
        cmocka_unit_test(a_key_is_what_s3_takes),
        cmocka_unit_test(a_checksum_is_read_as_it_is_written),
        cmocka_unit_test(a_presigned_url_is_for_these_bytes_at_this_key),
        cmocka_unit_test(a_url_does_not_outlive_its_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

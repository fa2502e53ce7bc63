/*
 * libFuzzer: presigned queries. What is read is written in one way, and read from that as the same; a claim
 * has what its structure promises; and of all queries only those are good for a request that say what was
 * signed for it, in whatever order and spelling.
 */
#include "tests/fuzz/fuzz.h"

#include "lib/cloud/sigv4.h"
#include "lib/cloud/sigv4_verify.h"

#include <string.h>

/* The first seed is signed with these (tests/unit/test_sigv4.c). */
static const struct sigv4_keys keys = {.id = "AKIAIOSFODNN7EXAMPLE",
                                       .secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                                       .region = "us-east-1",
                                       .service = "s3"};
static const struct uri_pair headers[] = {
    {"host", "examplebucket.s3.amazonaws.com"},
    {"content-length", "5"},
    {"if-none-match", "*"},
    {"x-amz-checksum-sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}};
static const struct sigv4_request request = {
    .method = "PUT", .path = "/incoming/1", .headers = headers, .header_count = 4, .payload = SIGV4_UNSIGNED};

static void
check_query(const char *query)
{
    static char text[URI_QUERY_MAX + 1];
    static char again_text[URI_QUERY_MAX + 1];
    struct uri_pair pairs[URI_PAIRS_MAX];
    size_t count = 0;
    struct buf once;
    struct buf twice;
    if (!uri_read_query(query, text, pairs, &count)) {
        return;
    }
    buf_init(&once, SIGV4_CANONICAL_MAX);
    buf_init(&twice, SIGV4_CANONICAL_MAX);
    uri_query(&once, pairs, count);
    size_t again = 0;
    if (!once.failed && once.size <= URI_QUERY_MAX) {
        if (!uri_read_query(buf_string(&once), again_text, pairs, &again) || again != count) {
            fuzz_fail("%s is read, but not %s", query, buf_string(&once));
        }
        uri_query(&twice, pairs, again);
        if (strcmp(buf_string(&once), buf_string(&twice)) != 0) {
            fuzz_fail("%s is written as %s", buf_string(&once), buf_string(&twice));
        }
    }
    buf_free(&once);
    buf_free(&twice);
}

/* That the claim says what was signed, when it is good: the same query when it is written in one way. */
static void
check_good(const struct sigv4_claim *claim, const char *query)
{
    struct buf said;
    struct buf signed_once;
    buf_init(&said, SIGV4_CANONICAL_MAX);
    buf_init(&signed_once, SIGV4_CANONICAL_MAX);
    uri_query(&said, claim->pairs, claim->count);
    if (!sigv4_presign(&keys, &request, claim->at, claim->seconds, &signed_once) ||
        strstr(buf_string(&signed_once), buf_string(&said)) == NULL) {
        fuzz_fail("%s is good, but %s was signed", query, buf_string(&signed_once));
    }
    buf_free(&said);
    buf_free(&signed_once);
}

static void
check_claim(const char *query)
{
    static struct sigv4_claim claim;
    char time[SIGV4_TIME_SIZE];
    if (!sigv4_read_claim(query, &claim)) {
        return;
    }
    if (claim.id[0] == '\0' || strlen(claim.day) != SIGV4_DAY_SIZE || strchr(claim.region, '/') != NULL ||
        strchr(claim.service, '/') != NULL || claim.seconds < 1 || claim.seconds > SIGV4_EXPIRES_MAX ||
        claim.count >= URI_PAIRS_MAX || strncmp(claim.day, claim.time, SIGV4_DAY_SIZE) != 0) {
        fuzz_fail("%s is no claim", query);
    }
    if (strncmp(claim.time + 13, "60", 2) != 0 && strcmp(sigv4_time(claim.at, time), claim.time) != 0) {
        fuzz_fail("%s is not %s", claim.time, time);
    }
    if (sigv4_verify(&claim, &keys, &request, claim.at) == SIGV4_GOOD) {
        check_good(&claim, query);
    }
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct arena *arena = arena_create(FUZZ_ARENA_MAX, NULL, NULL);
    const char *query = arena_copy(arena, data, size);
    check_query(query);
    check_claim(query);
    arena_destroy(arena);
    return 0;
}

#include "lib/cloud/s3_call.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/cloud/sigv4.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    STALLED_MOST = 10000, /* milliseconds */
    PAUSE_DOUBLINGS = 6,
    PATH_SIZE = S3_BUCKET_SIZE + S3_KEY_MAX + 2,
    TARGET_MAX = 16 * 1024,
    STATUS_PART = 206,
    STATUS_NO_RANGE = 416,
    SENT_HEADERS = S3_CALL_HEADERS + 5
};

/* Milliseconds; the first is doubled for each try. */
#define PAUSE_FIRST UINT32_C(100)
#define PAUSE_MOST  UINT32_C(5000)

/* With less than this, no other try is begun. */
#define LEAST_LEFT (CLOCK_SECOND / 100)

#define KEYS_GOOD_FOR (60 * CLOCK_SECOND)

/* What a try has come to. */
struct verdict {
    enum s3_result result;
    bool again;
    const char *reason; /* for the log, when it is not S3's code */
};

/* What S3's codes mean, whatever the status. */
static const struct {
    const char *code;
    enum s3_result result;
    bool again;
} codes[] = {
    {"NoSuchKey", S3_ABSENT, false},
    {"PreconditionFailed", S3_EXISTS, false},
    {"NoSuchBucket", S3_REFUSED, false},
    {"AccessDenied", S3_REFUSED, false},
    {"AllAccessDisabled", S3_REFUSED, false},
    {"AccountProblem", S3_REFUSED, false},
    {"AuthorizationHeaderMalformed", S3_REFUSED, false}, /* another region */
    {"InvalidAccessKeyId", S3_REFUSED, false},
    {"InvalidToken", S3_REFUSED, false},
    {"PermanentRedirect", S3_REFUSED, false},
    {"Redirect", S3_REFUSED, false},
    {"RequestTimeTooSkewed", S3_REFUSED, false},
    {"SignatureDoesNotMatch", S3_REFUSED, false},
    {"TemporaryRedirect", S3_REFUSED, false},
    {"ExpiredToken", S3_REFUSED, true}, /* with new keys, when there are any */
    {"TokenRefreshRequired", S3_REFUSED, true},
    {"BadDigest", S3_DAMAGED, false},
    {"InvalidDigest", S3_DAMAGED, false},
    {"XAmzContentChecksumMismatch", S3_DAMAGED, false},
    {"XAmzContentSHA256Mismatch", S3_DAMAGED, false},
    {"BandwidthLimitExceeded", S3_UNREACHABLE, true},
    {"ConditionalRequestConflict", S3_UNREACHABLE, true},
    {"IncompleteBody", S3_UNREACHABLE, true},
    {"InternalError", S3_UNREACHABLE, true},
    {"OperationAborted", S3_UNREACHABLE, true},
    {"RequestLimitExceeded", S3_UNREACHABLE, true},
    {"RequestTimeout", S3_UNREACHABLE, true},
    {"ServiceUnavailable", S3_UNREACHABLE, true},
    {"SlowDown", S3_UNREACHABLE, true},
    {"Throttling", S3_UNREACHABLE, true},
    {"ThrottlingException", S3_UNREACHABLE, true},
};

void
s3_call_begin(struct s3_call *call)
{
    static const char *const names[] = {[S3_HEADER_REQUEST] = "x-amz-request-id",
                                        [S3_HEADER_REGION] = "x-amz-bucket-region",
                                        [S3_HEADER_ETAG] = "etag",
                                        [S3_HEADER_CHECKSUM] = "x-amz-checksum-sha256",
                                        [S3_HEADER_RANGE] = "content-range"};
    for (size_t i = 0; i < S3_HEADERS; i++) {
        call->answer[i].name = names[i];
    }
    call->reply.headers = call->answer;
    call->reply.header_count = S3_HEADERS;
    buf_init(&call->reply.body, EXCHANGE_BODY_MAX);
}

void
s3_call_end(struct s3_call *call)
{
    buf_free(&call->reply.body);
}

/* A request in the form in which it is signed and sent. */
struct signed_request {
    char time[SIGV4_TIME_SIZE];
    char path[PATH_SIZE];
    struct uri_pair headers[SENT_HEADERS]; /* host first, which libcurl sends itself */
    size_t count;
    struct buf target;
    struct buf authorization;
};

static bool
sign(const struct s3 *s3, const struct s3_call *call, const struct cloud_keys *keys,
     struct signed_request *made)
{
    const char *payload = call->payload == NULL ? S3_NOTHING_DIGEST : call->payload;
    int64_t now = clock_now();
    (void)sigv4_time(now, made->time);
    (void)snprintf(made->path, sizeof made->path, "%s/%s", s3->place.bucket,
                   call->key == NULL ? "" : call->key);
    made->headers[made->count++] = (struct uri_pair){"host", s3->place.host};
    made->headers[made->count++] = (struct uri_pair){"x-amz-date", made->time};
    made->headers[made->count++] = (struct uri_pair){"x-amz-content-sha256", payload};
    if (keys->token[0] != '\0') {
        made->headers[made->count++] = (struct uri_pair){"x-amz-security-token", keys->token};
    }
    for (size_t i = 0; i < call->header_count; i++) {
        made->headers[made->count++] = call->headers[i];
    }
    const struct sigv4_keys signer = {.id = keys->id,
                                      .secret = keys->secret,
                                      .token = keys->token[0] == '\0' ? NULL : keys->token,
                                      .region = s3->place.region,
                                      .service = "s3"};
    const struct sigv4_request request = {.method = call->method,
                                          .path = made->path,
                                          .query = call->query,
                                          .query_count = call->query_count,
                                          .headers = made->headers,
                                          .header_count = made->count,
                                          .payload = payload};
    uri_encode(&made->target, made->path, true);
    if (call->query_count > 0) {
        buf_byte(&made->target, '?');
        uri_query(&made->target, call->query, call->query_count);
    }
    bool good = sigv4_sign(&signer, &request, now, &made->authorization) && !made->target.failed;
    made->headers[made->count++] = (struct uri_pair){"authorization", buf_string(&made->authorization)};
    return good;
}

/* One try. */
static enum exchange_result
send(struct s3 *s3, struct s3_call *call, const struct cloud_keys *keys, int64_t milliseconds)
{
    struct signed_request made = {.count = 0};
    int64_t stalled = s3->seconds * 1000 / 3;
    enum exchange_result result = EXCHANGE_FAILED;
    buf_init(&made.target, TARGET_MAX);
    buf_init(&made.authorization, TARGET_MAX);
    if (sign(s3, call, keys, &made)) {
        const struct exchange_request request = {.method = call->method,
                                                 .target = buf_string(&made.target),
                                                 .headers = made.headers + 1,
                                                 .header_count = made.count - 1,
                                                 .body = call->body,
                                                 .milliseconds = milliseconds,
                                                 .stalled = stalled < STALLED_MOST ? stalled : STALLED_MOST};
        result = exchange_run(s3->exchange, &request, &call->reply);
    }
    buf_free(&made.target);
    buf_free(&made.authorization);
    return result;
}

/* What a refusal means that has no code, or none that is known. */
static struct verdict
judge_status(const struct s3_call *call)
{
    long status = call->reply.status;
    /* S3 says why; where nothing is said, but to a HEAD, it may have been somebody in between. */
    bool is_s3 = call->error.code[0] != '\0' || strcmp(call->method, "HEAD") == 0;
    struct verdict verdict = {S3_FAILED, !is_s3, is_s3 ? NULL : "not-s3"};
    if (status == 429 || (status >= 500 && status != 501)) {
        verdict.result = S3_UNREACHABLE;
        verdict.again = true;
    } else if (status == 403 || (status >= 300 && status < 400)) {
        verdict.result = S3_REFUSED;
        verdict.again = verdict.again && status == 403;
    } else if (status == 404 && is_s3) { /* a key that is absent has a code, but to a HEAD */
        verdict.result = call->error.code[0] == '\0' ? S3_ABSENT : S3_REFUSED;
    } else if (status == 412 && is_s3) {
        verdict.result = S3_EXISTS;
    } else if (!is_s3) {
        verdict.result = S3_DAMAGED;
    }
    return verdict;
}

/* "InvalidRange" tells who reads behind an object's end that nothing is there; nobody else is told so. */
static struct verdict
judge_no_range(const struct s3_call *call)
{
    if (call->good == STATUS_PART && call->reply.status == STATUS_NO_RANGE) {
        return (struct verdict){S3_DONE, false, NULL};
    }
    return (struct verdict){S3_DAMAGED, true, "not-s3"};
}

static struct verdict
judge_answer(struct s3_call *call)
{
    const struct span body = {(const unsigned char *)buf_string(&call->reply.body), call->reply.body.size};
    bool is_error = s3_xml_error(body, &call->error);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0] && is_error; i++) {
        if (strcmp(call->error.code, codes[i].code) == 0) {
            return (struct verdict){codes[i].result, codes[i].again, NULL};
        }
    }
    if (is_error && strcmp(call->error.code, "InvalidRange") == 0) {
        return judge_no_range(call);
    }
    if (is_error && call->reply.status < 300) { /* an error behind a good status */
        return (struct verdict){S3_UNREACHABLE, true, NULL};
    }
    if (call->reply.status >= 300) {
        return judge_status(call);
    }
    if (call->reply.status != call->good || !call->check(call)) {
        return (struct verdict){S3_DAMAGED, true, "not-s3"};
    }
    return (struct verdict){S3_DONE, false, NULL};
}

static struct verdict
judge(struct s3_call *call, enum exchange_result result)
{
    switch (result) {
    case EXCHANGE_ANSWERED:
        return judge_answer(call);
    case EXCHANGE_UNREACHED:
        return (struct verdict){S3_UNREACHABLE, true, "unreached"};
    case EXCHANGE_CUT:
        return (struct verdict){S3_UNREACHABLE, true, "cut"};
    case EXCHANGE_TOO_LARGE:
        return (struct verdict){S3_DAMAGED, true, "too-large"};
    case EXCHANGE_UNTRUSTED:
        return (struct verdict){S3_UNREACHABLE, false, "untrusted"};
    case EXCHANGE_STOPPED:
        return (struct verdict){S3_UNREACHABLE, false, "stopped"};
    default:
        return (struct verdict){S3_FAILED, false, "request"};
    }
}

/* One try, with keys of now, until `end` of clock_monotonic(). */
static struct verdict
try_once(struct s3 *s3, struct s3_call *call, int64_t end)
{
    struct cloud_keys keys;
    int64_t now = clock_now();
    call->reply.status = 0;
    memset(&call->error, 0, sizeof call->error);
    if (!credentials_keys(s3->credentials, now, now + KEYS_GOOD_FOR, &keys)) {
        return (struct verdict){S3_UNREACHABLE, true, "no-keys"};
    }
    struct verdict verdict = judge(call, send(s3, call, &keys, (end - clock_monotonic()) / 1000));
    if (verdict.result == S3_REFUSED && verdict.again && call->error.code[0] != '\0') {
        verdict.again = credentials_refused(s3->credentials, keys.id);
    }
    sodium_memzero(&keys, sizeof keys);
    return verdict;
}

/* Full jitter: from nothing to a time that doubles. Microseconds. */
static int64_t
pause_after(unsigned tries)
{
    unsigned doublings = tries - 1 < PAUSE_DOUBLINGS ? tries - 1 : PAUSE_DOUBLINGS;
    uint32_t most = PAUSE_FIRST << doublings;
    most = most < PAUSE_MOST ? most : PAUSE_MOST;
    return randombytes_uniform(most * 1000);
}

static bool
is_stopped(const struct s3 *s3)
{
    return s3->stop != NULL && *s3->stop != 0;
}

/* A signal ends the pause, and the next try is made or not. */
static void
pause_for(int64_t microseconds)
{
    const struct timespec time = {.tv_sec = microseconds / CLOCK_SECOND,
                                  .tv_nsec = microseconds % CLOCK_SECOND * 1000};
    (void)nanosleep(&time, NULL);
}

static const char *
or_null(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

/* What only the operator can mend is told in words. */
static void
tell_operator(const struct s3_call *call)
{
    const char *code = call->error.code;
    if (strcmp(code, "RequestTimeTooSkewed") == 0) {
        log_event(LOG_ERROR, "s3-clock", LOG_TEXT("why", "the clock of this machine differs from that of S3"),
                  LOG_TEXT("server_time", or_null(call->error.server_time)));
    } else if (call->reply.status / 100 == 3 || strcmp(code, "AuthorizationHeaderMalformed") == 0) {
        const char *region =
            call->error.region[0] != '\0' ? call->error.region : call->answer[S3_HEADER_REGION].value;
        log_event(LOG_ERROR, "s3-elsewhere", LOG_TEXT("why", "the bucket is at another address or region"),
                  LOG_TEXT("region", or_null(region)), LOG_TEXT("endpoint", or_null(call->error.endpoint)));
    }
}

static void
tell(const struct s3_call *call, const struct verdict *verdict, unsigned tries, int64_t begun)
{
    bool is_good = verdict->result <= S3_EXISTS;
    enum log_level level = !is_good ? LOG_WARN : tries > 1 ? LOG_INFO : LOG_DEBUG;
    const char *request =
        call->error.request_id[0] != '\0' ? call->error.request_id : call->answer[S3_HEADER_REQUEST].value;
    log_event(level, is_good ? "s3" : "s3-failed", LOG_TEXT("operation", call->operation),
              LOG_TEXT("result", s3_result_text(verdict->result)), LOG_INT("status", call->reply.status),
              LOG_TEXT("code", or_null(call->error.code)), LOG_TEXT("reason", verdict->reason),
              LOG_TEXT("request", or_null(request)), LOG_INT("tries", tries),
              LOG_INT("milliseconds", (clock_monotonic() - begun) / 1000));
    if (verdict->result == S3_REFUSED) {
        tell_operator(call);
    }
}

bool
s3_call_wait(const struct s3 *s3, unsigned tries, int64_t end)
{
    int64_t pause = pause_after(tries);
    if (is_stopped(s3) || clock_monotonic() + pause >= end - LEAST_LEFT) {
        return false;
    }
    pause_for(pause);
    return !is_stopped(s3);
}

enum s3_result
s3_call_run(struct s3 *s3, struct s3_call *call)
{
    int64_t begun = clock_monotonic();
    int64_t end = call->end != 0 ? call->end : begun + s3->seconds * CLOCK_SECOND;
    struct verdict verdict = {S3_UNREACHABLE, false, is_stopped(s3) ? "stopped" : "late"};
    unsigned tries = 0;
    bool again = !is_stopped(s3) && begun < end - LEAST_LEFT;
    while (again) {
        verdict = try_once(s3, call, end);
        tries++;
        again = verdict.again && s3_call_wait(s3, tries, end);
    }
    s3->bucket_seen = s3->bucket_seen || verdict.result == S3_DONE || verdict.result == S3_EXISTS ||
                      strcmp(call->error.code, "NoSuchKey") == 0;
    tell(call, &verdict, tries, begun);
    return verdict.result;
}

/*
 * One request, as every handler sees it, whatever brought it here (FastCGI, Lambda, a test). Everything in
 * it lives in the request's arena. lib/http knows no database and no domain: `tx`, `app` and `work` are
 * opaque here.
 */
#ifndef ANAMNESIS_HTTP_REQUEST_H
#define ANAMNESIS_HTTP_REQUEST_H

#include "build/gen/problems.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/json_out.h"
#include "lib/base/span.h"
#include "lib/base/uuid.h"
#include "lib/http/if_match.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    REQUEST_HEADERS_MAX = 64,
    /* Names and values together: what nginx takes (large_client_header_buffers). */
    REQUEST_HEADER_BYTES_MAX = 32 * 1024,
    REQUEST_PATH_VALUES_MAX = 4,
    REQUEST_ERRORS_MAX = 100, /* more are counted, not listed */
    REPLY_HEADERS_MAX = 20,
    REPLY_BODY_MAX = 8 * 1024 * 1024
};

/* The contract has those before HTTP_OTHER; OPTIONS is the dispatcher's own (preflights). */
enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OTHER,
    HTTP_OPTIONS
};

/* The method of a request line, in capital letters (RFC 9110 section 9.1); HTTP_OTHER for any other word. */
enum http_method http_method_of(const char *name);

enum realm { REALM_NONE, REALM_STAFF, REALM_PATIENT };

/* "staff" for REALM_STAFF, otherwise "patient". */
const char *realm_name(enum realm realm);

/* Bits, so that a contract row can name several. */
enum role {
    ROLE_OWNER = 1,
    ROLE_PHYSICIAN = 2,
    ROLE_ASSISTANT = 4,
    ROLE_AUDITOR = 8,
    ROLE_PATIENT = 16,
    ROLE_STEP_UP = 32 /* no role: the session must have had a second factor within five minutes */
};

struct header {
    const char *name; /* lower case */
    const char *value;
};

/*
 * Who is asking. It is filled by the trip that proves the session, which is the handler's first one: until
 * then it is empty, and a handler must not judge by it.
 */
struct actor {
    enum realm realm;
    enum role role;
    char id[UUID_TEXT_SIZE]; /* staff member or patient */
    char practice_id[UUID_TEXT_SIZE];
    char session_id[UUID_TEXT_SIZE];
    int64_t expires_at; /* the session, at the latest; microseconds as reply_time() takes them */
    struct span key;    /* the actor's own data key, from the proof; empty: the keyring cannot open it */
};

struct problem_error {
    const char *pointer; /* RFC 6901, or an item path for questionnaire answers */
    const char *code;
    const char *detail;
};

struct reply {
    int status; /* 0 until decided; a handler that returns PROBLEM_NONE leaves 0 for the contract's first */
    const char *content_type; /* NULL: application/json */
    struct header headers[REPLY_HEADERS_MAX];
    size_t header_count;
    struct buf *body;     /* the process's reply buffer, bounded */
    struct json_out json; /* writes to body */
};

struct api_operation;
struct app;
struct request;
struct form_work;
struct tx;

/* The session that the request presents, or that signing in made; the transaction has to prove it. */
struct session {
    const char *token;      /* NULL: none */
    unsigned char hash[32]; /* what the database knows of it */
    bool from_cookie;
};

/*
 * What a handler decides beside the problem that it returns and the reply that it writes. Each try of the
 * transaction begins with it empty, but for `not_before`.
 */
struct result {
    const char *object;  /* audit: id of what was acted on when it is not in the path; NULL: path_values[0] */
    const char *outcome; /* audit: instead of "ok"; NULL: "ok" */
    const char *extension; /* JSON members to add to a problem body, e.g. "\"conflicts\":[...]"; NULL: none */
    struct span link;      /* the hash of the link that the reply shows, if it does (Idempotency-Key) */
    int64_t retry_after;   /* seconds, for 429 and 503; 0: the problem's default */
    int64_t not_before;    /* clock_monotonic() before which no reply leaves; 0: at once */
    bool keep;             /* commit although a problem is returned (a counted failed try) */
};

/*
 * What a handler needs from elsewhere than the database, and what takes time. A handler that finds it not `done` names it and returns
 * PROBLEM_UNAVAILABLE: the transaction is rolled back, then it is run, and the transaction begins anew. So nothing waits for it there,
 * and it is run for an actor who was proven. It is kept over the tries; what it finds it notes in its context, in the arena.
 */
typedef void errand_fn(struct request *rq, void *context);
struct errand {
    errand_fn *run; /* NULL: none is needed */
    void *context;
    bool done;
};

struct request {
    /* What lasts as long as the request. */
    struct arena *arena;
    struct app *app;
    char id[UUID_TEXT_SIZE];
    int64_t now; /* microseconds since 1970: one moment for the whole request */

    /* What was sent: filled by the transport. */
    enum http_method method;
    const char *path;  /* as received, still percent-encoded, without the query */
    const char *query; /* raw, without '?'; "" when there is none */
    struct header headers[REQUEST_HEADERS_MAX];
    size_t header_count;
    size_t header_bytes; /* of names and values */
    struct span body;
    const char *client_address; /* text, from the transport; never from a header of the client's */
    int64_t queued_at;          /* clock_now() when it came to the transport's door; 0: not known */
    enum problem unreadable;    /* why the request was not taken as it was sent; it is refused with this */

    /* What was found in it before the handler runs: filled by the dispatcher and the decoder. */
    const struct api_operation *operation; /* the matched row; NULL before */
    const char *path_values[REQUEST_PATH_VALUES_MAX];
    struct if_match if_match;
    struct session session;
    struct actor actor; /* once the session is proven */
    struct tx *tx;
    struct errand errand;

    /* What comes of it: filled by the decoder and the handler. */
    struct problem_error errors[REQUEST_ERRORS_MAX];
    size_t error_count;
    struct result result;
    struct form_work *work; /* of the questionnaire engine; NULL: it was not asked yet */
    struct reply reply;
};

/*
 * For transports: adds a header; `name` in lower case, both kept, not copied. Beyond the limits the request
 * is unreadable: a request of which a part was read would be another one than was sent.
 */
void request_take_header(struct request *rq, const char *name, const char *value);

/* The header's value or NULL; `name` in lower case. The first one wins. */
const char *request_header(const struct request *rq, const char *name);

/*
 * The same as text that can be stored and shown, in the arena: every byte that is not UTF-8 (RFC 9110 section
 * 5.5 lets a field have any), and every control character, has become U+FFFD.
 */
const char *request_header_text(const struct request *rq, const char *name);

/* The value of one cookie (RFC 6265), copied into the arena, or NULL. */
const char *request_cookie(const struct request *rq, const char *name);

/*
 * Notes one violation; beyond REQUEST_ERRORS_MAX it is only counted. The texts are kept, not copied: literals
 * or arena memory. They never hold a value that was sent.
 */
void request_error(struct request *rq, const char *pointer, const char *code, const char *detail);

/*
 * Adds a reply header; both texts are kept, not copied. One whose value has control characters is dropped and
 * logged; one beyond REPLY_HEADERS_MAX is dropped.
 */
void reply_header(struct request *rq, const char *name, const char *value);

/* Sets ETag: "<revision>". */
void reply_etag(struct request *rq, int64_t revision);

#endif

#include "handlers/attachments/upload_view.h"

#include "app/app.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "lib/base/log.h"
#include "lib/crypto/digest.h"
#include "lib/db/tx.h"
#include "lib/store/declared.h"
#include "lib/store/store.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

int64_t
upload_parts_of(int64_t size)
{
    return (size + PART_SIZE_MAX - 1) / PART_SIZE_MAX;
}

const unsigned char *
upload_digest(struct request *rq, const char *hex)
{
    unsigned char *digest = arena_alloc(rq->arena, DIGEST_SIZE);
    (void)sodium_hex2bin(digest, DIGEST_SIZE, hex, strlen(hex), NULL, NULL, NULL);
    return digest;
}

enum problem
upload_files_key(struct request *rq, struct span data_key, unsigned char **files_key)
{
    if (keyring_current(rq->app->keyring, KEYRING_FILES) == 0) {
        log_event(LOG_ERROR, "no-files-key", LOG_TEXT("mend", "anamnesis keys upgrade"));
        return PROBLEM_UPLOADS_WAIT;
    }
    *files_key = arena_alloc(rq->arena, FILES_KEY_SIZE);
    files_key_of(data_key.data, *files_key);
    return PROBLEM_NONE;
}

static int64_t
part_size(const struct q_my_upload_read_row *row, int64_t number)
{
    return number < row->parts ? PART_SIZE_MAX : row->size - (row->parts - 1) * PART_SIZE_MAX;
}

/* What the store was asked for, and what it says. */
struct asked {
    const char *id;
    unsigned parts;
    int64_t sizes[UPLOAD_PARTS_MAX];
    enum store_result result;
};

static void
ask_store(struct request *rq, void *context)
{
    struct asked *asked = context;
    asked->result = store_parts(rq->app->store, asked->id, asked->parts, asked->sizes);
    if (asked->result != STORE_DONE) {
        log_event(LOG_ERROR, "store-not-asked", LOG_INT("errno", errno));
    }
}

/* A disk answers at once; S3 is asked when the transaction is over, which then begins anew. NULL: not yet. */
static const struct asked *
asked_store(struct request *rq, const char *id, const struct q_my_upload_read_row *row)
{
    if (rq->errand.done) {
        return rq->errand.context;
    }
    struct asked *asked = arena_alloc(rq->arena, sizeof *asked);
    *asked = (struct asked){.id = id, .parts = (unsigned)row->parts};
    if (store_kind(rq->app->store) == STORE_IN_S3) {
        rq->errand = (struct errand){.run = ask_store, .context = asked};
        return NULL;
    }
    ask_store(rq, asked);
    return asked;
}

/* Which parts are there with the size that they must have. PROBLEM_UNAVAILABLE when the store cannot be asked. */
static enum problem
look(struct request *rq, const char *id, const struct q_my_upload_read_row *row, bool there[UPLOAD_PARTS_MAX])
{
    const struct asked *asked = asked_store(rq, id, row);
    bool known = asked != NULL && asked->result == STORE_DONE;
    for (int64_t number = 1; known && number <= row->parts; number++) {
        there[number - 1] = asked->sizes[number - 1] == part_size(row, number);
    }
    return known ? PROBLEM_NONE : PROBLEM_UNAVAILABLE;
}

/* All parts are there: the upload moves on, unless it has. */
static enum problem
complete(struct request *rq, const char *id, const struct q_my_upload_read_row *row, const bool *there,
         enum upload_status *status)
{
    if (row->status == UPLOAD_STATUS_AWAITING_UPLOAD) {
        for (int64_t number = 1; number <= row->parts; number++) {
            if (!there[number - 1]) {
                request_error(rq, arena_format(rq->arena, "/parts/%lld", (long long)number), "missing",
                              "is not there");
            }
        }
        if (rq->error_count > 0) {
            return PROBLEM_UPLOAD_INCOMPLETE;
        }
        const struct q_my_upload_complete_row *now = NULL;
        enum problem problem =
            q_my_upload_complete(rq->tx, &(struct q_my_upload_complete_in){.id = id}, &now);
        if (problem != PROBLEM_NONE) {
            return problem;
        }
        *status = now->status;
    }
    switch (*status) {
    case UPLOAD_STATUS_SCANNING:
    case UPLOAD_STATUS_CLEAN:
    case UPLOAD_STATUS_INFECTED:
    case UPLOAD_STATUS_REJECTED:
        return PROBLEM_NONE;
    case UPLOAD_STATUS_NULL:
    case UPLOAD_STATUS_AWAITING_UPLOAD: /* it is none of these any more, or never was */
    case UPLOAD_STATUS_WITHDRAWN:
    case UPLOAD_STATUS_EXPIRED:
    case UPLOAD_STATUS_REMOVED:
    case UPLOAD_STATUS_ERASED:
        break;
    }
    return PROBLEM_UPLOAD_STATE;
}

/* Whether URLs may be made for the digests that were told: of parts that there are, and that can be this file's. */
static enum problem
examine(struct request *rq, struct span data_key, const struct upload_view *view,
        const struct q_my_upload_read_row *row)
{
    unsigned char *files_key = NULL;
    struct declared declared;
    enum problem problem = upload_files_key(rq, data_key, &files_key);
    if (problem == PROBLEM_NONE && !declared_open(files_key, view->id, row->declared, &declared)) {
        log_event(LOG_ERROR, "upload-does-not-open", LOG_TEXT("upload", view->id));
        problem = PROBLEM_INTERNAL;
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    for (int64_t number = 1; number <= UPLOAD_PARTS_MAX; number++) {
        const unsigned char *digest = view->digests[number - 1];
        if (digest != NULL && number > row->parts) {
            request_error(rq, view->asked[number - 1], "no-part", "is no part of this file");
        } else if (digest != NULL && row->parts == 1 && memcmp(digest, declared.sha256, DIGEST_SIZE) != 0) {
            request_error(rq, view->asked[number - 1], "digest", "is not the file that was declared");
        }
    }
    return rq->error_count > 0 ? PROBLEM_UPLOAD_REFUSED : PROBLEM_NONE;
}

static const struct reply_upload_headers *
headers(struct request *rq, const unsigned char digest[DIGEST_SIZE])
{
    char *text = arena_alloc(rq->arena, PART_CHECKSUM_SIZE);
    struct reply_upload_headers *made = arena_alloc(rq->arena, sizeof *made);
    *made = (struct reply_upload_headers){.if_none_match = "*",
                                          .x_amz_checksum_sha256 = part_checksum(digest, text)};
    return made;
}

/* The URL of a part, in the arena; NULL when the keyring has no key for it. */
static const char *
url(struct request *rq, const char *id, int64_t number, int64_t size, const unsigned char digest[DIGEST_SIZE])
{
    struct buf buf;
    struct signed_part part = {.number = (unsigned)number, .size = size};
    unsigned char bytes[UUID_SIZE];
    if (!uuid_parse(id, bytes)) {
        return NULL;
    }
    (void)uuid_text(bytes, part.upload_id);
    memcpy(part.digest, digest, DIGEST_SIZE);
    buf_init(&buf, STORE_URL_MAX);
    const char *base = config_text(rq->app->config, CONFIG_BASE_URL);
    bool made = store_part_url(rq->app->store, rq->app->keyring, base, &part, rq->now, &buf);
    const char *text = made ? arena_text(rq->arena, buf_string(&buf)) : NULL;
    buf_free(&buf);
    return text;
}

/* The parts with their URLs. NULL when one cannot be signed. */
static const struct reply_upload_part *
parts(struct request *rq, const struct upload_view *view, const struct q_my_upload_read_row *row)
{
    struct reply_upload_part *made = arena_array(rq->arena, (size_t)row->parts, sizeof *made);
    for (int64_t number = 1; number <= row->parts; number++) {
        const unsigned char *digest = view->digests[number - 1];
        struct reply_upload_part *part = &made[number - 1];
        *part = (struct reply_upload_part){.number = reply_integer(number),
                                           .size = reply_integer(part_size(row, number)),
                                           .url = reply_null,
                                           .headers = REPLY_NULL};
        if (digest == NULL) {
            continue;
        }
        part->url = url(rq, view->id, number, part_size(row, number), digest);
        part->headers = headers(rq, digest);
        if (part->url == NULL) {
            return NULL;
        }
    }
    return made;
}

/* The numbers of the parts that are there, as JSON. */
static const char *
received(struct request *rq, const bool *there)
{
    char *text = arena_alloc(rq->arena, 2 * UPLOAD_PARTS_MAX + 2);
    size_t length = 1;
    text[0] = '[';
    for (int number = 1; number <= UPLOAD_PARTS_MAX; number++) {
        if (there[number - 1]) {
            if (length > 1) {
                text[length++] = ',';
            }
            text[length++] = (char)('0' + number);
        }
    }
    text[length++] = ']';
    text[length] = '\0';
    return text;
}

static enum problem
write_view(struct request *rq, const struct upload_view *view, const struct q_my_upload_read_row *row,
           enum upload_status status, const bool *there)
{
    bool awaited = status == UPLOAD_STATUS_AWAITING_UPLOAD;
    const struct reply_upload_part *list =
        awaited ? parts(rq, view, row) : arena_array(rq->arena, 1, sizeof *list);
    if (list == NULL) {
        return PROBLEM_UPLOADS_WAIT;
    }
    reply_my_upload(&rq->reply.json,
                    &(struct reply_my_upload){.id = view->id,
                                              .filename = row->name,
                                              .content_type = row->type,
                                              .size = reply_integer(row->size),
                                              .response_id = row->response_id,
                                              .link_id = row->link_id,
                                              .status = upload_status_word(status),
                                              .reason = reply_or_null(row->reason),
                                              .created_at = reply_time(row->created_at),
                                              .expires_at = reply_optional_time(awaited, row->expires_at),
                                              .pages = reply_integer(row->pages),
                                              .document_pages = reply_optional_integer(
                                                  row->has_document_pages, row->document_pages),
                                              .part_size = reply_integer(PART_SIZE_MAX),
                                              .parts = list,
                                              .parts_count = awaited ? (size_t)row->parts : 0,
                                              .received = received(rq, there)});
    return PROBLEM_NONE;
}

enum problem
upload_view(struct request *rq, struct span data_key, const struct upload_view *view)
{
    const struct q_my_upload_read_row *row = NULL;
    enum problem problem =
        q_my_upload_read(rq->tx, &(struct q_my_upload_read_in){.id = view->id, .key = data_key}, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    enum upload_status status = row->status;
    bool there[UPLOAD_PARTS_MAX] = {false};
    bool wanted = false;
    for (size_t i = 0; i < UPLOAD_PARTS_MAX; i++) {
        wanted = wanted || view->digests[i] != NULL;
    }
    if (status == UPLOAD_STATUS_AWAITING_UPLOAD && !view->made) {
        problem = look(rq, view->id, row, there);
    } else if (view->awaited && !view->made) {
        return PROBLEM_UPLOAD_STATE;
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (view->complete) {
        problem = complete(rq, view->id, row, there, &status);
    } else if (wanted) {
        problem = examine(rq, data_key, view, row);
    }
    if (problem == PROBLEM_NONE && wanted) {
        const struct q_my_upload_urls_row *urls = NULL;
        problem = q_my_upload_urls(
            rq->tx, &(struct q_my_upload_urls_in){.id = view->id, .seconds = PART_URL_SECONDS}, &urls);
        if (problem == PROBLEM_NONE && (urls == NULL || !urls->has_until)) {
            problem = PROBLEM_UPLOAD_STATE; /* it has moved on since it was read */
        }
    }
    return problem != PROBLEM_NONE ? problem : write_view(rq, view, row, status, there);
}

#include "store/download.h"

#include "lib/base/log.h"
#include "lib/crypto/object_key.h"
#include "lib/media/type.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static enum problem
problem_of(enum store_result result, const char *step)
{
    if (result == STORE_DONE || result == STORE_ABSENT) {
        return result == STORE_DONE ? PROBLEM_NONE : PROBLEM_NOT_FOUND;
    }
    log_event(LOG_ERROR, result == STORE_DAMAGED ? "object-damaged" : "object-failed", LOG_TEXT("step", step),
              LOG_INT("errno", result == STORE_DAMAGED ? 0 : errno));
    return PROBLEM_UNAVAILABLE;
}

/* How what a client was led to is shown. Its own name is in the database alone. */
static void
name_it(struct download *download, const struct ticket *ticket)
{
    char name[MEDIA_NAME_SIZE];
    if (ticket->led) {
        media_name_as(ticket->kind, media_type_named(ticket->content_type), name);
        media_name_disposition(name, ticket->attachment, download->manner);
    }
}

static enum problem
begin(struct download *download, int root, const struct ticket *ticket)
{
    char text[OBJECT_TEXT_SIZE];
    download->is_remote = root < 0;
    if (!object_text(ticket->upload_id, ticket->kind, text)) {
        return PROBLEM_NOT_FOUND;
    }
    download->takes_ranges = ticket->ranges;
    download->whole = (int64_t)ticket->plain_size;
    download->end = download->whole;
    memcpy(download->content_type, ticket->content_type, sizeof download->content_type);
    name_it(download, ticket);
    if (download->is_remote) {
        memcpy(download->fetch.request.name, ticket->object, sizeof download->fetch.request.name);
        return sealed_window_begin(&download->window, ticket->key, text, ticket->plain_size)
                   ? PROBLEM_NONE
                   : PROBLEM_NOT_FOUND;
    }
    return problem_of(
        sealed_reader_open(&download->reader, root, ticket->object, ticket->key, text, ticket->plain_size),
        "open");
}

enum problem
download_open(const struct access *access, int root, struct span text, bool led, int64_t now,
              struct download **download)
{
    struct ticket ticket;
    *download = NULL;
    if (!access_file(access, text, now, &ticket)) {
        return PROBLEM_NOT_FOUND;
    }
    if (ticket.led != led) {
        sodium_memzero(&ticket, sizeof ticket);
        return PROBLEM_NOT_FOUND;
    }
    struct download *made = calloc(1, sizeof *made);
    enum problem problem = made == NULL ? PROBLEM_UNAVAILABLE : begin(made, root, &ticket);
    sodium_memzero(&ticket, sizeof ticket);
    if (problem != PROBLEM_NONE) {
        free(made);
        return problem;
    }
    *download = made;
    return PROBLEM_NONE;
}

enum range_kind
download_range(struct download *download, struct span field, struct range *range)
{
    enum range_kind kind = download->takes_ranges ? range_read(field, download->whole, range) : RANGE_WHOLE;
    if (kind == RANGE_PART) {
        download->at = range->first;
        download->end = range->last + 1;
    }
    return kind;
}

/* What the window lacks is to be fetched: to the end of what is asked for, and no more than it holds. */
static enum download_step
await(struct download *download)
{
    size_t size = 0;
    struct fetch *fetch = &download->fetch;
    sealed_window_wants(&download->window, (uint64_t)download->at, (uint64_t)download->end,
                        &fetch->request.offset, &size);
    fetch->request.size = size;
    fetch->bytes = download->window.bytes;
    fetch->asked = false;
    fetch->over = false;
    return DOWNLOAD_AWAITS;
}

enum problem
download_fetched(struct download *download)
{
    enum store_result result = download->fetch.result;
    if (result == STORE_DONE) {
        result = sealed_window_fill(&download->window);
    } else {
        download->window.count = 0; /* what is in it is nothing */
    }
    enum problem problem = problem_of(result, "fetch");
    download->is_damaged = problem != PROBLEM_NONE;
    download->is_gone = problem == PROBLEM_NOT_FOUND;
    return problem;
}

enum download_step
download_next(struct download *download)
{
    if (download->is_damaged || download->at >= download->end) {
        return download->is_damaged ? DOWNLOAD_DAMAGED : DOWNLOAD_ENDS;
    }
    uint64_t at = (uint64_t)download->at;
    if (download->is_remote && !sealed_window_has(&download->window, at)) {
        return await(download);
    }
    enum store_result result = download->is_remote
                                   ? sealed_window_get(&download->window, at, &download->bytes)
                                   : sealed_reader_get(&download->reader, at, &download->bytes);
    download->sent = 0;
    if (problem_of(result, "chunk") != PROBLEM_NONE) {
        download->is_damaged = true;
        download->is_gone = result == STORE_ABSENT;
        download->bytes.size = 0;
        return DOWNLOAD_DAMAGED;
    }
    int64_t left = download->end - download->at;
    download->bytes.size = (int64_t)download->bytes.size < left ? download->bytes.size : (size_t)left;
    download->at += (int64_t)download->bytes.size;
    return DOWNLOAD_READY;
}

bool
download_is_over(const struct download *download)
{
    return download->at >= download->end && download->sent == download->bytes.size && !download->is_damaged;
}

void
download_close(struct download *download)
{
    if (download != NULL) {
        if (download->is_remote) {
            sealed_window_end(&download->window);
        } else {
            sealed_reader_close(&download->reader);
        }
        sodium_memzero(download, sizeof *download);
        free(download);
    }
}

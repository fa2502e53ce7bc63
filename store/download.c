#include "store/download.h"

#include "lib/base/log.h"
#include "lib/crypto/object_key.h"

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

static enum problem
begin(struct download *download, int root, const struct ticket *ticket)
{
    char text[OBJECT_TEXT_SIZE];
    if (!object_text(ticket->upload_id, ticket->kind, text)) {
        return PROBLEM_NOT_FOUND;
    }
    download->takes_ranges = ticket->ranges;
    download->whole = (int64_t)ticket->plain_size;
    download->end = download->whole;
    memcpy(download->content_type, ticket->content_type, sizeof download->content_type);
    return problem_of(
        sealed_reader_open(&download->reader, root, ticket->object, ticket->key, text, ticket->plain_size),
        "open");
}

enum problem
download_open(const struct access *access, int root, struct span text, int64_t now,
              struct download **download)
{
    struct ticket ticket;
    *download = NULL;
    if (!access_file(access, text, now, &ticket)) {
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

bool
download_next(struct download *download)
{
    if (download->at >= download->end || download->is_damaged) {
        return false;
    }
    enum store_result result = sealed_reader_get(&download->reader, (uint64_t)download->at, &download->bytes);
    download->sent = 0;
    if (problem_of(result, "chunk") != PROBLEM_NONE) {
        download->is_damaged = true;
        download->bytes.size = 0;
        return false;
    }
    int64_t left = download->end - download->at;
    download->bytes.size = (int64_t)download->bytes.size < left ? download->bytes.size : (size_t)left;
    download->at += (int64_t)download->bytes.size;
    return true;
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
        sealed_reader_close(&download->reader);
        sodium_memzero(download, sizeof *download);
        free(download);
    }
}

/*
 * A sealed object on its way to a client: what a ticket opens, chunk by chunk, whole or a range of it. A chunk that does not open ends the
 * reply before its end; nothing of it is sent. On the disk a chunk is there when it is asked for (lib/store/sealed_file.h); from S3 pieces
 * must come first (fetch.h, lib/store/sealed_window.h).
 */
#ifndef ANAMNESIS_STORE_DOWNLOAD_H
#define ANAMNESIS_STORE_DOWNLOAD_H

#include "build/gen/problems.h"
#include "lib/base/span.h"
#include "lib/media/name.h"
#include "lib/store/sealed_file.h"
#include "lib/store/sealed_window.h"
#include "lib/store/ticket.h"
#include "store/access.h"
#include "store/fetch.h"
#include "store/range.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DOWNLOAD_MANNER_SIZE = MEDIA_DISPOSITION_SIZE };

struct download {
    bool takes_ranges;
    bool is_damaged; /* a chunk did not open, or did not come, */
    bool is_gone;    /* since the object was removed */
    bool is_remote;
    char manner
        [DOWNLOAD_MANNER_SIZE]; /* Content-Disposition, of what a client was led to; empty: a worker has said it */
    char content_type[TICKET_TYPE_SIZE];
    int64_t whole;      /* bytes of the plain file */
    int64_t at;         /* the next byte that was not opened yet */
    int64_t end;        /* the first byte that is not asked for */
    size_t sent;        /* of `bytes` */
    struct span bytes;  /* opened, and asked for */
    struct fetch fetch; /* of what is remote: the piece that is waited for */
    union {
        struct sealed_reader reader;
        struct sealed_window window;
    };
};

/*
 * Opens what the ticket `text` names, below the opened directory of objects, or in S3 when `root` is -1, at the time `now` (microseconds
 * since 1970). `led` is whether a client came by itself: each ticket is for one
 * of the two ways alone. PROBLEM_NOT_FOUND for a ticket that is none or is over, and when the object is gone;
 * PROBLEM_UNAVAILABLE otherwise, which the log explains. The caller owns `*download`: download_close.
 */
enum problem download_open(const struct access *access, int root, struct span text, bool led, int64_t now,
                           struct download **download);

/* What is asked of it: everything until this is called. */
enum range_kind download_range(struct download *download, struct span field, struct range *range);

enum download_step {
    DOWNLOAD_READY,  /* `bytes` has what follows */
    DOWNLOAD_AWAITS, /* `fetch` must be over first */
    DOWNLOAD_ENDS,   /* nothing follows, */
    DOWNLOAD_DAMAGED /* or nothing that is what was sealed */
};

/* Opens the next chunk. Before, all of `bytes` must be sent. */
enum download_step download_next(struct download *download);

/* The piece that it awaited is over. PROBLEM_NOT_FOUND and PROBLEM_UNAVAILABLE as download_open. */
enum problem download_fetched(struct download *download);

/* Everything that is asked for was opened and sent. */
bool download_is_over(const struct download *download);

/* Closes, wipes and frees. NULL is ignored. */
void download_close(struct download *download);

#endif

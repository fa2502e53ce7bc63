/*
 * A sealed object on its way to a client: what a ticket opens, chunk by chunk (lib/store/sealed_file.h), whole or
 * a range of it. A chunk that does not open ends the reply before its end; nothing of it is sent.
 */
#ifndef ANAMNESIS_STORE_DOWNLOAD_H
#define ANAMNESIS_STORE_DOWNLOAD_H

#include "build/gen/problems.h"
#include "lib/base/span.h"
#include "lib/store/sealed_file.h"
#include "lib/store/ticket.h"
#include "store/access.h"
#include "store/range.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct download {
    bool takes_ranges;
    bool is_damaged; /* a chunk did not open */
    char content_type[TICKET_TYPE_SIZE];
    int64_t whole;     /* bytes of the plain file */
    int64_t at;        /* the next byte that was not opened yet */
    int64_t end;       /* the first byte that is not asked for */
    size_t sent;       /* of `bytes` */
    struct span bytes; /* opened, and asked for */
    struct sealed_reader reader;
};

/*
 * Opens what the ticket `text` names, below the opened directory of objects, at the time `now` (microseconds
 * since 1970). PROBLEM_NOT_FOUND for a ticket that is none or is over, and when the object is gone;
 * PROBLEM_UNAVAILABLE otherwise, which the log explains. The caller owns `*download`: download_close.
 */
enum problem download_open(const struct access *access, int root, struct span text, int64_t now,
                           struct download **download);

/* What is asked of it: everything until this is called. */
enum range_kind download_range(struct download *download, struct span field, struct range *range);

/* Opens the next chunk: false at the end, or when it is damaged. Before, all of `bytes` must be sent. */
bool download_next(struct download *download);

/* Everything that is asked for was opened and sent. */
bool download_is_over(const struct download *download);

/* Closes, wipes and frees. NULL is ignored. */
void download_close(struct download *download);

#endif

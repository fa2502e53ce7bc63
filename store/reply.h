/*
 * What we say: a head, and with a refusal a problem (RFC 9457) as every other program of ours writes it.
 * Every connection ends after its reply, as nginx asks. Content-Type, disposition, caching and the headers
 * that are on everything are nginx's and the worker's: here stands only what they do not know.
 */
#ifndef ANAMNESIS_STORE_REPLY_H
#define ANAMNESIS_STORE_REPLY_H

#include "build/gen/problems.h"
#include "lib/base/buf.h"
#include "store/range.h"

#include <stdbool.h>
#include <stdint.h>

enum { REPLY_SIZE_MAX = 2048 };

/* A part was taken: 200 without a body. */
void reply_taken(struct buf *out);

struct reply_file {
    const char *type;   /* the ticket's */
    const char *manner; /* Content-Disposition, where no worker says it; else empty */
    bool ranges;        /* parts may be asked for; told where no worker tells it */
    int64_t size;       /* bytes, whole */
};

/* The head of a file: 200, or 206 for a part of it (`part` not NULL). */
void reply_file(struct buf *out, const struct reply_file *file, const struct range *part);

/* Nothing of the range is in a file of `size` bytes: 416. */
void reply_no_range(struct buf *out, int64_t size, const char *request, bool with_body);

/* A refusal, with its body unless it answers a HEAD. `request` is the request's id. */
void reply_problem(struct buf *out, enum problem problem, const char *request, bool with_body);

#endif

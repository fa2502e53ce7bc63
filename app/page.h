/*
 * Pages of a list: newest first, by identifier (UUIDv7 sorts by time). A page asks for one row more than it
 * shows, and gives a next_cursor when that row came.
 */
#ifndef ANAMNESIS_APP_PAGE_H
#define ANAMNESIS_APP_PAGE_H

#include "lib/http/reply.h"
#include "lib/http/request.h"

struct page {
    const char *before; /* identifier, or NULL for the first page */
    int64_t fetch;      /* rows to ask for */
    size_t limit;       /* rows to show */
};

/* Reads `cursor` and `limit` (0: the default of 50). PROBLEM_INVALID_REQUEST for a cursor that is not one of
 * ours. */
enum problem page_open(struct request *rq, const char *cursor, int64_t limit, struct page *page);

/*
 * Reads a limit in time of a list, RFC 3339, in microseconds since 1970; NULL: there is none. PROBLEM_INVALID_REQUEST, noted at
 * `pointer`, for what is no moment.
 */
enum problem page_moment(struct request *rq, const char *text, const char *pointer, int64_t *value,
                         bool *has_value);

/* How many of the fetched rows are shown. */
size_t page_shown(const struct page *page, size_t fetched);

/* What next_cursor is: the member `id` of the last row shown, or null on the last page. */
#define PAGE_NEXT(page, rows, fetched, id)                                                                   \
    ((fetched) > (page)->limit ? (rows)[(page)->limit - 1].id : reply_null)

#endif

/*
 * Pages of the audit log: newest first, by time and number, because rows of a log have no identifier that
 * sorts by time.
 */
#ifndef ANAMNESIS_HANDLERS_RECORDS_AUDIT_PAGE_H
#define ANAMNESIS_HANDLERS_RECORDS_AUDIT_PAGE_H

#include "app/page.h"

struct audit_cursor {
    bool given; /* false: the first page */
    int64_t at; /* microseconds since 1970 */
    int64_t id;
};

/* As page_open, for a cursor of these lists. `*begin` is the row before which the page begins. */
enum problem audit_page_open(struct request *rq, const char *cursor, int64_t limit, struct page *page,
                             struct audit_cursor *begin);

/* As page_next: `last` is the cursor of the last row shown; used only when a further row came. */
const char *audit_page_next(struct request *rq, const struct page *page, size_t fetched,
                            const struct audit_cursor *last);

#endif

/* Pages of the audit log: newest first, by time and number. */
#ifndef ANAMNESIS_HANDLERS_RECORDS_AUDIT_PAGE_H
#define ANAMNESIS_HANDLERS_RECORDS_AUDIT_PAGE_H

#include "app/page.h"

struct audit_place {
    bool given; /* false: the first page */
    int64_t at; /* microseconds since 1970 */
    int64_t id;
};

/* As page_open, for a cursor of these lists: where the page begins. */
enum problem audit_page_open(struct request *rq, const char *cursor, int64_t limit, struct page *page,
                             struct audit_place *place);

/* As page_next: `last` is the place of the last row shown; NULL when there is none. */
const char *audit_page_next(struct request *rq, const struct page *page, size_t fetched,
                            const struct audit_place *last);

#endif

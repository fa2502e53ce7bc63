#include "handlers/records/audit_page.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A whole number up to `end`; false when there is none or it does not fit. */
static bool
read_number(const char **text, char end, int64_t *number)
{
    char *stop = NULL;
    errno = 0;
    *number = strtoll(*text, &stop, 10);
    bool good = errno == 0 && stop != *text && *stop == end && **text >= '0' && **text <= '9';
    *text = good ? stop + 1 : *text;
    return good;
}

enum problem
audit_page_open(struct request *rq, const char *cursor, int64_t limit, struct page *page,
                struct audit_cursor *begin)
{
    *begin = (struct audit_cursor){.given = cursor != NULL};
    enum problem problem = page_open(rq, NULL, limit, page);
    if (problem != PROBLEM_NONE || cursor == NULL) {
        return problem;
    }
    if (!read_number(&cursor, '.', &begin->at) || !read_number(&cursor, '\0', &begin->id)) {
        request_error(rq, "/query/cursor", "cursor", "is not a cursor that this list gave");
        return PROBLEM_INVALID_REQUEST;
    }
    return PROBLEM_NONE;
}

const char *
audit_page_next(struct request *rq, const struct page *page, size_t fetched, const struct audit_cursor *last)
{
    return fetched > page->limit ? arena_format(rq->arena, "%" PRId64 ".%" PRId64, last->at, last->id)
                                 : reply_null;
}

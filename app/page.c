#include "app/page.h"

#include "lib/base/clock.h"

enum { PAGE_DEFAULT = 50 };

enum problem
page_open(struct request *rq, const char *cursor, int64_t limit, struct page *page)
{
    unsigned char bytes[UUID_SIZE];
    if (cursor != NULL && !uuid_parse(cursor, bytes)) {
        request_error(rq, "/query/cursor", "cursor", "is not a cursor that this list gave");
        return PROBLEM_INVALID_REQUEST;
    }
    page->before = cursor;
    page->limit = limit > 0 ? (size_t)limit : PAGE_DEFAULT;
    page->fetch = (int64_t)page->limit + 1;
    return PROBLEM_NONE;
}

enum problem
page_moment(struct request *rq, const char *text, const char *pointer, int64_t *value, bool *has_value)
{
    *has_value = text != NULL;
    if (text != NULL && !clock_parse(text, value)) {
        request_error(rq, pointer, "format", "must be an RFC 3339 date and time");
        return PROBLEM_INVALID_REQUEST;
    }
    return PROBLEM_NONE;
}

size_t
page_shown(const struct page *page, size_t fetched)
{
    return fetched < page->limit ? fetched : page->limit;
}

/*
 * libFuzzer: heads of requests, and ranges, as the store reads them. What is read stands within the bytes, in one
 * line each; more bytes behind a whole head change nothing of it, and fewer make it no whole one; a range that is
 * a part lies within the file.
 */
#include "tests/fuzz/fuzz.h"

#include "store/head.c" /* the programs' own files are in no library */
#include "store/range.c"

static void
check_part(const char *bytes, const struct head *head, struct span part)
{
    const char *start = (const char *)part.data;
    if (start == NULL) {
        return;
    }
    if (start < bytes || start + part.size > bytes + head->size) {
        fuzz_fail("a part of the head is out of it");
    }
    if (memchr(start, '\n', part.size) != NULL || memchr(start, '\0', part.size) != NULL) {
        fuzz_fail("a part of the head is more than a line");
    }
}

static void
check_range(struct span field)
{
    static const int64_t sizes[] = {0, 1, 10, 65536, INT64_C(50000000)};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct range range = {-1, -1};
        if (range_read(field, sizes[i], &range) == RANGE_PART &&
            (range.first < 0 || range.last < range.first || range.last >= sizes[i])) {
            fuzz_fail("a part of %lld bytes from %lld to %lld", (long long)sizes[i], (long long)range.first,
                      (long long)range.last);
        }
    }
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct head head;
    struct head again;
    const char *bytes = (const char *)data;
    check_range((struct span){data, size});
    if (head_read(bytes, size, &head) != HEAD_WHOLE) {
        return 0;
    }
    const struct span parts[] = {head.path,     head.query, head.none_match,
                                 head.checksum, head.range, head.request_id};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        check_part(bytes, &head, parts[i]);
    }
    check_range(head.range);
    if (head.size > size || head.path.size == 0 || head.path.data[0] != '/' || head.length < -1) {
        fuzz_fail("a head that is none");
    }
    if (head_read(bytes, head.size, &again) != HEAD_WHOLE || again.size != head.size ||
        head_read(bytes, head.size - 1, &again) != HEAD_MORE) {
        fuzz_fail("its end is not where it is");
    }
    return 0;
}

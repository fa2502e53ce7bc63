#include "store/range.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { BASE = 10 };

/* A number of any length: beyond what is asked for anyway it stays where it is. False without a digit. */
static bool
read_number(struct span field, size_t *at, int64_t *number)
{
    size_t from = *at;
    *number = 0;
    for (; *at < field.size && field.data[*at] >= '0' && field.data[*at] <= '9'; (*at)++) {
        if (*number < INT64_MAX / BASE - 1) {
            *number = *number * BASE + (field.data[*at] - '0');
        }
    }
    return *at > from;
}

enum range_kind
range_read(struct span field, int64_t size, struct range *range)
{
    static const char unit[] = "bytes=";
    size_t at = sizeof unit - 1;
    if (field.data == NULL || field.size < at || memcmp(field.data, unit, at) != 0) {
        return RANGE_WHOLE;
    }
    int64_t first = 0;
    int64_t last = 0;
    bool has_first = read_number(field, &at, &first);
    if (at == field.size || field.data[at] != '-') {
        return RANGE_WHOLE;
    }
    at++;
    bool has_last = read_number(field, &at, &last);
    bool is_one = at == field.size && (has_first || has_last) && !(has_first && has_last && last < first);
    if (!is_one) {
        return RANGE_WHOLE;
    }
    if (!has_first) { /* so many of the end */
        first = last < size ? size - last : 0;
        has_last = last > 0;
        last = has_last ? size - 1 : -1;
        *range = (struct range){first, last};
        return has_last && size > 0 ? RANGE_PART : RANGE_NONE;
    }
    *range = (struct range){first, has_last && last < size ? last : size - 1};
    return first < size ? RANGE_PART : RANGE_NONE;
}

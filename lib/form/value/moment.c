#include "lib/form/value/moment.h"

#include "lib/base/moment.h"

#include <limits.h>
#include <string.h>

enum {
    DATE_SIZE = 10,
    TIME_SIZE = 8, /* hh:mm:ss */
    SECOND = 1000 * 1000,
    DATE_ENDS = 1 << MOMENT_YEAR | 1 << MOMENT_MONTH | 1 << MOMENT_DAY
};

static const struct moment_grammar date_grammar = {.ends = DATE_ENDS, .year_min = 1};
static const struct moment_grammar date_time_grammar = {.ends = DATE_ENDS | 1 << MOMENT_SECOND,
                                                        .zone = MOMENT_ZONE_REQUIRED,
                                                        .leap = MOMENT_LEAP_ANYWHERE,
                                                        .year_min = 1,
                                                        .offset_max = 14 * 60,
                                                        .fraction_most = UINT_MAX};
static const struct moment_grammar time_grammar = {
    .ends = 1 << MOMENT_SECOND, .time_only = true, .leap = MOMENT_LEAP_ANYWHERE, .fraction_most = UINT_MAX};

bool
moment_is_date(const char *text, size_t size)
{
    struct moment moment;
    return moment_read(&date_grammar, text, size, &moment);
}

bool
moment_is_date_time(const char *text, size_t size)
{
    struct moment moment;
    return moment_read(&date_time_grammar, text, size, &moment);
}

bool
moment_is_time(const char *text, size_t size)
{
    struct moment moment;
    return moment_read(&time_grammar, text, size, &moment);
}

/* Whole seconds of a proper text: since 1970 in UTC, or of the day. */
static int64_t
seconds_of(const struct moment_grammar *grammar, const char *text)
{
    struct moment moment;
    (void)moment_read(grammar, text, strlen(text), &moment);
    moment.microsecond = 0;
    return moment_instant(&moment) / SECOND;
}

/* The fractions after two hh:mm:ss; zeros at their end do not count. */
static enum value_order
compare_fractions(const char *left, const char *right)
{
    left += *left == '.';
    right += *right == '.';
    for (;;) {
        bool one = *left >= '0' && *left <= '9';
        bool other = *right >= '0' && *right <= '9';
        char left_digit = one ? *left++ : '0';
        char right_digit = other ? *right++ : '0';
        if (left_digit != right_digit) {
            return left_digit < right_digit ? VALUE_LESS : VALUE_MORE;
        }
        if (!one && !other) {
            return VALUE_SAME;
        }
    }
}

/* Two texts whose fractions, if they have any, begin at `fraction`; they may be longer than a moment keeps. */
static enum value_order
compare_seconds(const struct moment_grammar *grammar, const char *left, const char *right, size_t fraction)
{
    int64_t one = seconds_of(grammar, left);
    int64_t other = seconds_of(grammar, right);
    if (one != other) {
        return one < other ? VALUE_LESS : VALUE_MORE;
    }
    return compare_fractions(left + fraction, right + fraction);
}

enum value_order
moment_compare_times(const char *left, const char *right)
{
    return compare_seconds(&time_grammar, left, right, TIME_SIZE);
}

enum value_order
moment_compare(const char *left, const char *right)
{
    size_t left_size = strlen(left);
    size_t right_size = strlen(right);
    if (left_size > DATE_SIZE && right_size > DATE_SIZE) {
        return compare_seconds(&date_time_grammar, left, right, DATE_SIZE + 1 + TIME_SIZE);
    }
    size_t common = left_size < right_size ? left_size : right_size;
    int order = memcmp(left, right, common);
    if (order != 0) {
        return order < 0 ? VALUE_LESS : VALUE_MORE;
    }
    return left_size == right_size ? VALUE_SAME : VALUE_UNKNOWN;
}

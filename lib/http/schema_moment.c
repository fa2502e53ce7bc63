#include "lib/http/schema_moment.h"

#include <string.h>
#include <time.h>

enum { DAY_SECONDS = 24 * 60 * 60, DATE_SIZE = sizeof "2000-01-01" - 1, TEXT_MAX = 64 };

/* The second in which a moment is; downwards before 1970 too. */
static int64_t
second_of(int64_t moment)
{
    int64_t second = moment / CLOCK_SECOND;
    return second * CLOCK_SECOND > moment ? second - 1 : second;
}

static int64_t
day_of(int64_t moment)
{
    int64_t second = second_of(moment);
    int64_t into = ((second % DAY_SECONDS) + DAY_SECONDS) % DAY_SECONDS;
    return (second - into) * CLOCK_SECOND;
}

int64_t
moment_of_limit(const struct schema_moment *limit, enum schema_format format, int64_t now)
{
    if (!limit->from_now) {
        return limit->moment;
    }
    int64_t from = format == FORMAT_DATE ? day_of(now) : now;
    time_t second = (time_t)second_of(from);
    int64_t rest = from - (int64_t)second * CLOCK_SECOND;
    struct tm utc;
    if (gmtime_r(&second, &utc) == NULL) {
        return from;
    }
    utc.tm_year += limit->years;
    utc.tm_mday += limit->days;
    return (int64_t)timegm(&utc) * CLOCK_SECOND + rest;
}

bool
moment_of_text(enum schema_format format, const char *text, size_t size, int64_t *moment)
{
    static const char midnight[] = "T00:00:00Z";
    char copy[TEXT_MAX + sizeof midnight];
    if (size > TEXT_MAX || memchr(text, '\0', size) != NULL || (format == FORMAT_DATE && size != DATE_SIZE)) {
        return false;
    }
    memcpy(copy, text, size);
    copy[size] = '\0';
    if (format == FORMAT_DATE) {
        memcpy(copy + size, midnight, sizeof midnight);
    }
    return clock_parse(copy, moment);
}

const char *
moment_text(enum schema_format format, int64_t moment, char text[CLOCK_TEXT_SIZE])
{
    (void)clock_text(moment, text);
    if (format == FORMAT_DATE) {
        text[DATE_SIZE] = '\0';
    }
    return text;
}

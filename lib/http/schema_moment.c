#include "lib/http/schema_moment.h"

#define DAY (24 * 60 * 60 * CLOCK_SECOND)

enum { DATE_SIZE = sizeof "2000-01-01" - 1 };

int64_t
moment_of_limit(const struct schema_moment *limit, enum schema_format format, int64_t now)
{
    if (!limit->from_now) {
        return limit->moment;
    }
    struct moment from = {.year = 0};
    moment_set_local(&from, now);
    int64_t midnight = moment_day_number(from.year, from.month, from.day) * DAY;
    int64_t day = moment_day_number(from.year + limit->years, from.month, (int64_t)from.day + limit->days);
    return day * DAY + (format == FORMAT_DATE ? 0 : now - midnight);
}

bool
moment_of_text(enum schema_format format, const char *text, size_t size, int64_t *moment)
{
    struct moment found;
    if (!moment_read(format == FORMAT_DATE ? &moment_rfc3339_date : &moment_rfc3339_date_time, text, size,
                     &found)) {
        return false;
    }
    *moment = moment_instant(&found);
    return true;
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

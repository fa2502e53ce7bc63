#include "lib/form/value/moment.h"

#include "lib/base/clock.h"

#include <string.h>

enum {
    YEAR_SIZE = 4,
    MONTH_SIZE = 7,
    DATE_SIZE = 10,
    TIME_SIZE = 8, /* hh:mm:ss */
    ZONE_SIZE = 6, /* +hh:mm */
    HOURS = 24,
    MINUTES = 60,
    SECONDS = 60, /* this one too: a leap second */
    ZONE_HOURS = 14,
    RADIX = 10,
    MINUTE = 60,
    HOUR = 3600,
    DAY = 86400
};

bool
moment_is_date(const char *text, size_t size)
{
    if (size != YEAR_SIZE && size != MONTH_SIZE && size != DATE_SIZE) {
        return false;
    }
    /* A partial date is real when its first day is. */
    char whole[DATE_SIZE + 1] = "0000-01-01";
    memcpy(whole, text, size);
    return memcmp(whole, "0000", YEAR_SIZE) != 0 && clock_is_date(whole);
}

/* Two digits, or -1. */
static int
two_digits(const char *text)
{
    bool digits = text[0] >= '0' && text[0] <= '9' && text[1] >= '0' && text[1] <= '9';
    return digits ? (text[0] - '0') * RADIX + (text[1] - '0') : -1;
}

/* The size of hh:mm:ss and a fraction at the start of the text; 0: it has none. */
static size_t
time_size(const char *text, size_t size)
{
    if (size < TIME_SIZE || text[2] != ':' || text[5] != ':') {
        return 0;
    }
    int hours = two_digits(text);
    int minutes = two_digits(text + 3);
    int seconds = two_digits(text + 6);
    if (hours < 0 || hours >= HOURS || minutes < 0 || minutes >= MINUTES || seconds < 0 ||
        seconds > SECONDS) {
        return 0;
    }
    size_t end = TIME_SIZE;
    if (end < size && text[end] == '.') {
        end++;
        while (end < size && text[end] >= '0' && text[end] <= '9') {
            end++;
        }
        end = end == TIME_SIZE + 1 ? 0 : end;
    }
    return end;
}

bool
moment_is_time(const char *text, size_t size)
{
    return size != 0 && time_size(text, size) == size;
}

static bool
is_zone(const char *text, size_t size)
{
    if (size == 1) {
        return text[0] == 'Z';
    }
    if (size != ZONE_SIZE || (text[0] != '+' && text[0] != '-') || text[3] != ':') {
        return false;
    }
    int hours = two_digits(text + 1);
    int minutes = two_digits(text + 4);
    return minutes >= 0 && minutes < MINUTES && hours >= 0 &&
           (hours < ZONE_HOURS || (hours == ZONE_HOURS && minutes == 0));
}

bool
moment_is_date_time(const char *text, size_t size)
{
    if (size <= DATE_SIZE) {
        return moment_is_date(text, size);
    }
    const char *time = text + DATE_SIZE + 1;
    size_t rest = size - DATE_SIZE - 1;
    size_t taken = text[DATE_SIZE] == 'T' && moment_is_date(text, DATE_SIZE) ? time_size(time, rest) : 0;
    return taken != 0 && is_zone(time + taken, rest - taken);
}

/* Days since a day before all others (the civil calendar carried back), from YYYY-MM-DD. */
static int64_t
day_number(const char *text)
{
    int64_t year = two_digits(text) * 100 + two_digits(text + 2);
    int64_t month = two_digits(text + 5);
    int64_t day = two_digits(text + 8);
    /* Years that begin in March put the leap day at their end. */
    int64_t shifted = month <= 2 ? year - 1 : year;
    int64_t since_march = (month + 9) % 12;
    return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + (since_march * 306 + 5) / 10 + day;
}

static int64_t
seconds_of(const char *time)
{
    return two_digits(time) * (int64_t)HOUR + two_digits(time + 3) * MINUTE + two_digits(time + 6);
}

/* Seconds in UTC of a dateTime with a time. */
static int64_t
instant(const char *text)
{
    const char *time = text + DATE_SIZE + 1;
    const char *zone = time + strcspn(time, "Z+-");
    int64_t offset = *zone == 'Z' ? 0 : two_digits(zone + 1) * (int64_t)HOUR + two_digits(zone + 4) * MINUTE;
    return day_number(text) * DAY + seconds_of(time) - (*zone == '-' ? -offset : offset);
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

static enum value_order
compare_seconds(int64_t left, const char *left_time, int64_t right, const char *right_time)
{
    if (left != right) {
        return left < right ? VALUE_LESS : VALUE_MORE;
    }
    return compare_fractions(left_time + TIME_SIZE, right_time + TIME_SIZE);
}

enum value_order
moment_compare_times(const char *left, const char *right)
{
    return compare_seconds(seconds_of(left), left, seconds_of(right), right);
}

enum value_order
moment_compare(const char *left, const char *right)
{
    size_t left_size = strlen(left);
    size_t right_size = strlen(right);
    if (left_size > DATE_SIZE && right_size > DATE_SIZE) {
        return compare_seconds(instant(left), left + DATE_SIZE + 1, instant(right), right + DATE_SIZE + 1);
    }
    size_t common = left_size < right_size ? left_size : right_size;
    int order = memcmp(left, right, common);
    if (order != 0) {
        return order < 0 ? VALUE_LESS : VALUE_MORE;
    }
    return left_size == right_size ? VALUE_SAME : VALUE_UNKNOWN;
}

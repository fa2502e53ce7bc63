#include "lib/base/moment.h"

#include <limits.h>

#define MICROSECONDS_SECOND INT64_C(1000000)
#define MICROSECONDS_MINUTE (60 * MICROSECONDS_SECOND)
#define MICROSECONDS_HOUR   (60 * MICROSECONDS_MINUTE)
#define MICROSECONDS_DAY    (24 * MICROSECONDS_HOUR)

enum {
    MONTHS = 12,
    MINUTES_DAY = 24 * 60,
    OFFSET_MAX = MINUTES_DAY - 1,
    LEAP_SECOND = 60,
    FRACTION_DIGITS = 6,
    MILLISECOND_DIGITS = 3,
    CYCLE_YEARS = 400, /* after which the calendar repeats itself */
    CYCLE_DAYS = 146097,
    DAYS_BEFORE_1970 = 719469 /* from the first day of March in the year 0, which is day 1 */
};

const struct moment_grammar moment_rfc3339_date = {
    .ends = 1U << MOMENT_DAY, .year_min = 0, .zone = MOMENT_ZONE_NONE};

const struct moment_grammar moment_rfc3339_date_time = {.ends = 1U << MOMENT_SECOND,
                                                        .loose = true,
                                                        .zone = MOMENT_ZONE_REQUIRED,
                                                        .leap = MOMENT_LEAP_IN_UTC,
                                                        .year_min = 0,
                                                        .offset_max = OFFSET_MAX,
                                                        .fraction_most = UINT_MAX};

/* ---- The calendar ---- */

int
moment_month_days(int year, int month)
{
    static const uint8_t days[MONTHS] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* Years start in March, so that the leap day is their last one; and a cycle later, so that none is negative
 * and division rounds down. */
int64_t
moment_day_number(int year, int month, int64_t day)
{
    int64_t cycles = year < CYCLE_YEARS ? (CYCLE_YEARS - (int64_t)year) / CYCLE_YEARS + 1 : 0;
    int64_t y = year + cycles * CYCLE_YEARS - (month <= 2 ? 1 : 0);
    int64_t m = month <= 2 ? month + 9 : month - 3;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - DAYS_BEFORE_1970 -
           cycles * CYCLE_DAYS;
}

static void
set_day(struct moment *moment, int64_t days)
{
    int year = (int)((days + DAYS_BEFORE_1970 - 1) * CYCLE_YEARS / CYCLE_DAYS);
    while (moment_day_number(year + 1, 1, 1) <= days) {
        year++;
    }
    while (moment_day_number(year, 1, 1) > days) {
        year--;
    }
    int month = 1;
    while (month < MONTHS && moment_day_number(year, month + 1, 1) <= days) {
        month++;
    }
    moment->year = (int16_t)year;
    moment->month = (uint8_t)month;
    moment->day = (uint8_t)(days - moment_day_number(year, month, 1) + 1);
}

int64_t
moment_local(const struct moment *moment)
{
    return moment_day_number(moment->year, moment->month, moment->day) * MICROSECONDS_DAY +
           moment->hour * MICROSECONDS_HOUR + moment->minute * MICROSECONDS_MINUTE +
           moment->second * MICROSECONDS_SECOND + moment->microsecond;
}

int64_t
moment_instant(const struct moment *moment)
{
    int64_t local = moment_local(moment);
    return moment->offset == MOMENT_NO_OFFSET ? local : local - moment->offset * MICROSECONDS_MINUTE;
}

void
moment_set_local(struct moment *moment, int64_t microseconds)
{
    int64_t days = microseconds / MICROSECONDS_DAY;
    int64_t rest = microseconds % MICROSECONDS_DAY;
    if (rest < 0) {
        days--;
        rest += MICROSECONDS_DAY;
    }
    set_day(moment, days);
    moment->hour = (uint8_t)(rest / MICROSECONDS_HOUR);
    moment->minute = (uint8_t)(rest / MICROSECONDS_MINUTE % 60);
    moment->second = (uint8_t)(rest / MICROSECONDS_SECOND % 60);
    moment->microsecond = (uint32_t)(rest % MICROSECONDS_SECOND);
}

struct moment
moment_at(int64_t microseconds, int16_t offset)
{
    struct moment moment = {.precision = MOMENT_SECOND, .offset = offset, .digits = MILLISECOND_DIGITS};
    moment_set_local(&moment, microseconds + offset * MICROSECONDS_MINUTE);
    moment.microsecond -= moment.microsecond % 1000; /* as its digits say */
    return moment;
}

/* ---- Reading ---- */

struct reader {
    const char *at;
    const char *end;
};

static bool
read_number(struct reader *reader, int digits, int *number)
{
    *number = 0;
    if (reader->end - reader->at < digits) {
        return false;
    }
    for (int i = 0; i < digits; i++) {
        char digit = *reader->at++;
        if (digit < '0' || digit > '9') {
            return false;
        }
        *number = *number * 10 + (digit - '0');
    }
    return true;
}

static bool
read_byte(struct reader *reader, char byte)
{
    if (reader->at == reader->end || *reader->at != byte) {
        return false;
    }
    reader->at++;
    return true;
}

/* A capital letter; where the grammar is loose, a small one too. */
static bool
read_letter(struct reader *reader, const struct moment_grammar *grammar, char capital)
{
    return read_byte(reader, capital) || (grammar->loose && read_byte(reader, (char)(capital + 'a' - 'A')));
}

static bool
read_date(struct reader *reader, const struct moment_grammar *grammar, struct moment *moment)
{
    int year = 0;
    int month = 1;
    int day = 1;
    enum moment_precision precision = MOMENT_YEAR;
    if (!read_number(reader, 4, &year) || year < grammar->year_min) {
        return false;
    }
    if (read_byte(reader, '-')) {
        precision = MOMENT_MONTH;
        if (!read_number(reader, 2, &month) || month < 1 || month > MONTHS) {
            return false;
        }
        if (read_byte(reader, '-')) {
            precision = MOMENT_DAY;
            if (!read_number(reader, 2, &day) || day < 1 || day > moment_month_days(year, month)) {
                return false;
            }
        }
    }
    moment->year = (int16_t)year;
    moment->month = (uint8_t)month;
    moment->day = (uint8_t)day;
    moment->precision = (uint8_t)precision;
    return true;
}

static bool
read_fraction(struct reader *reader, const struct moment_grammar *grammar, struct moment *moment)
{
    unsigned digits = 0;
    uint32_t part = 0;
    for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9'; reader->at++) {
        if (digits == grammar->fraction_most) {
            return false;
        }
        if (digits < FRACTION_DIGITS) {
            part = part * 10 + (uint32_t)(*reader->at - '0');
        }
        digits++;
    }
    for (unsigned i = digits; i < FRACTION_DIGITS; i++) {
        part *= 10;
    }
    moment->microsecond = part;
    moment->digits = (uint8_t)(digits < FRACTION_DIGITS ? digits : FRACTION_DIGITS);
    return digits > 0;
}

static bool
read_time(struct reader *reader, const struct moment_grammar *grammar, struct moment *moment)
{
    int hour = 0;
    int minute = 0;
    int second = 0;
    if (!read_number(reader, 2, &hour) || hour > 23) {
        return false;
    }
    moment->precision = MOMENT_HOUR;
    if (read_byte(reader, ':')) {
        moment->precision = MOMENT_MINUTE;
        if (!read_number(reader, 2, &minute) || minute > 59) {
            return false;
        }
        if (read_byte(reader, ':')) {
            moment->precision = MOMENT_SECOND;
            if (!read_number(reader, 2, &second) ||
                second > (grammar->leap == MOMENT_LEAP_NONE ? LEAP_SECOND - 1 : LEAP_SECOND) ||
                (read_byte(reader, '.') && !read_fraction(reader, grammar, moment))) {
                return false;
            }
        }
    }
    moment->hour = (uint8_t)hour;
    moment->minute = (uint8_t)minute;
    moment->second = (uint8_t)second;
    return true;
}

static bool
read_zone(struct reader *reader, const struct moment_grammar *grammar, struct moment *moment)
{
    int hours = 0;
    int minutes = 0;
    if (grammar->zone == MOMENT_ZONE_NONE) {
        return true;
    }
    if (read_letter(reader, grammar, 'Z')) {
        moment->offset = 0;
        return true;
    }
    bool west = read_byte(reader, '-');
    if (!west && !read_byte(reader, '+')) {
        return grammar->zone == MOMENT_ZONE_OPTIONAL;
    }
    if (!read_number(reader, 2, &hours) || (!read_byte(reader, ':') && !grammar->loose) ||
        !read_number(reader, 2, &minutes) || minutes > 59 || hours * 60 + minutes > grammar->offset_max) {
        return false;
    }
    moment->offset = (int16_t)(west ? -(hours * 60 + minutes) : hours * 60 + minutes);
    return true;
}

static bool
is_last_of_day(const struct moment *moment)
{
    int minute = moment->hour * 60 + moment->minute - moment->offset;
    return (minute + MINUTES_DAY) % MINUTES_DAY == MINUTES_DAY - 1;
}

bool
moment_read(const struct moment_grammar *grammar, const char *text, size_t size, struct moment *moment)
{
    struct reader reader = {text, text + size};
    *moment = (struct moment){.year = 1970, .month = 1, .day = 1, .offset = MOMENT_NO_OFFSET};
    if (!grammar->time_only && !read_date(&reader, grammar, moment)) {
        return false;
    }
    bool timed =
        grammar->time_only || (moment->precision == MOMENT_DAY && read_letter(&reader, grammar, 'T'));
    if (timed && (!read_time(&reader, grammar, moment) || !read_zone(&reader, grammar, moment))) {
        return false;
    }
    bool leaps = moment->second == LEAP_SECOND && grammar->leap == MOMENT_LEAP_IN_UTC;
    return reader.at == reader.end && (grammar->ends >> moment->precision & 1U) != 0 &&
           (!leaps || is_last_of_day(moment));
}

/* ---- Writing ---- */

static char *
put_number(char *at, uint32_t number, int digits)
{
    for (int i = digits; i > 0; i--) {
        at[i - 1] = (char)('0' + number % 10);
        number /= 10;
    }
    return at + digits;
}

static char *
put_part(char *at, char before, int number)
{
    *at++ = before;
    return put_number(at, (uint32_t)number, 2);
}

static char *
put_date(char *at, const struct moment *moment)
{
    at = put_number(at, (uint32_t)moment->year, 4);
    at = moment->precision >= MOMENT_MONTH ? put_part(at, '-', moment->month) : at;
    return moment->precision >= MOMENT_DAY ? put_part(at, '-', moment->day) : at;
}

static char *
put_time(char *at, const struct moment *moment)
{
    at = put_number(at, moment->hour, 2);
    at = moment->precision >= MOMENT_MINUTE ? put_part(at, ':', moment->minute) : at;
    at = moment->precision >= MOMENT_SECOND ? put_part(at, ':', moment->second) : at;
    if (moment->precision < MOMENT_SECOND || moment->digits == 0) {
        return at;
    }
    uint32_t part = moment->microsecond;
    for (int i = moment->digits; i < FRACTION_DIGITS; i++) {
        part /= 10;
    }
    *at++ = '.';
    return put_number(at, part, moment->digits);
}

static char *
put_zone(char *at, int offset)
{
    if (offset == MOMENT_NO_OFFSET) {
        return at;
    }
    if (offset == 0) {
        *at++ = 'Z';
        return at;
    }
    int minutes = offset < 0 ? -offset : offset;
    return put_part(put_part(at, offset < 0 ? '-' : '+', minutes / 60), ':', minutes % 60);
}

static size_t
ended(const char *text, char *end)
{
    *end = '\0';
    return (size_t)(end - text);
}

size_t
moment_print_date(const struct moment *moment, char text[MOMENT_TEXT_SIZE])
{
    return ended(text, put_date(text, moment));
}

size_t
moment_print_time(const struct moment *moment, char text[MOMENT_TEXT_SIZE])
{
    return ended(text, put_time(text, moment));
}

size_t
moment_print(const struct moment *moment, char text[MOMENT_TEXT_SIZE])
{
    char *at = put_date(text, moment);
    if (moment->precision >= MOMENT_HOUR) {
        *at++ = 'T';
        at = put_zone(put_time(at, moment), moment->offset);
    }
    return ended(text, at);
}

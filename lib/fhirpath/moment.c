#include "lib/fhirpath/moment.h"

#include <stdio.h>
#include <string.h>

#define MICROSECONDS_SECOND INT64_C(1000000)
#define MICROSECONDS_MINUTE (60 * MICROSECONDS_SECOND)
#define MICROSECONDS_HOUR   (60 * MICROSECONDS_MINUTE)
#define MICROSECONDS_DAY    (24 * MICROSECONDS_HOUR)

enum {
    YEAR_MIN = 1,
    YEAR_MAX = 9999,
    MONTHS = 12,
    OFFSET_HOURS_MAX = 14,
    FRACTION_DIGITS = 6,      /* of a second, that are kept */
    FRACTION_DIGITS_MAX = 12, /* that may be written */
    MILLISECOND_DIGITS = 3
};

static int
month_days(int year, int month)
{
    static const uint8_t days[MONTHS] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* Days since 1970-01-01 in the Gregorian calendar (years start in March, so that February is last). */
static int64_t
days_of(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t m = month <= 2 ? month + 9 : month - 3;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 719469;
}

static void
set_day(struct fhirpath_moment *moment, int64_t days)
{
    int year = (int)((days + 719468) * 400 / 146097);
    while (days_of(year + 1, 1, 1) <= days) {
        year++;
    }
    while (days_of(year, 1, 1) > days) {
        year--;
    }
    int month = 1;
    while (month < MONTHS && days_of(year, month + 1, 1) <= days) {
        month++;
    }
    moment->year = (int16_t)year;
    moment->month = (uint8_t)month;
    moment->day = (uint8_t)(days - days_of(year, month, 1) + 1);
}

/* A text that is being read. */
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

static bool
read_date(struct reader *reader, struct fhirpath_moment *moment)
{
    int year = 0;
    int month = 1;
    int day = 1;
    enum fhirpath_precision precision = FHIRPATH_YEAR;
    if (!read_number(reader, 4, &year) || year < YEAR_MIN) {
        return false;
    }
    if (read_byte(reader, '-')) {
        precision = FHIRPATH_MONTH;
        if (!read_number(reader, 2, &month) || month < 1 || month > MONTHS) {
            return false;
        }
        if (read_byte(reader, '-')) {
            precision = FHIRPATH_DAY;
            if (!read_number(reader, 2, &day) || day < 1 || day > month_days(year, month)) {
                return false;
            }
        }
    }
    *moment = (struct fhirpath_moment){.year = (int16_t)year,
                                       .month = (uint8_t)month,
                                       .day = (uint8_t)day,
                                       .precision = (uint8_t)precision,
                                       .offset = FHIRPATH_NO_OFFSET};
    return true;
}

static bool
read_fraction(struct reader *reader, struct fhirpath_moment *moment)
{
    int digits = 0;
    uint32_t part = 0;
    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9' &&
           digits <= FRACTION_DIGITS_MAX) {
        if (digits < FRACTION_DIGITS) {
            part = part * 10 + (uint32_t)(*reader->at - '0');
        }
        reader->at++;
        digits++;
    }
    if (digits == 0 || digits > FRACTION_DIGITS_MAX) {
        return false;
    }
    for (int i = digits; i < FRACTION_DIGITS; i++) {
        part *= 10;
    }
    moment->microsecond = part;
    moment->digits = (uint8_t)(digits < FRACTION_DIGITS ? digits : FRACTION_DIGITS);
    return true;
}

static bool
read_time(struct reader *reader, struct fhirpath_moment *moment)
{
    int hour = 0;
    int minute = 0;
    int second = 0;
    if (!read_number(reader, 2, &hour) || hour > 23) {
        return false;
    }
    moment->precision = FHIRPATH_HOUR;
    if (read_byte(reader, ':')) {
        moment->precision = FHIRPATH_MINUTE;
        if (!read_number(reader, 2, &minute) || minute > 59) {
            return false;
        }
        if (read_byte(reader, ':')) {
            moment->precision = FHIRPATH_SECOND;
            if (!read_number(reader, 2, &second) || second > 59) {
                return false;
            }
            if (read_byte(reader, '.') && !read_fraction(reader, moment)) {
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
read_offset(struct reader *reader, struct fhirpath_moment *moment)
{
    int hours = 0;
    int minutes = 0;
    if (read_byte(reader, 'Z')) {
        moment->offset = 0;
        return true;
    }
    if (reader->at == reader->end || (*reader->at != '+' && *reader->at != '-')) {
        return true;
    }
    int sign = *reader->at++ == '-' ? -1 : 1;
    if (!read_number(reader, 2, &hours) || !read_byte(reader, ':') || !read_number(reader, 2, &minutes) ||
        minutes > 59 || hours * 60 + minutes > OFFSET_HOURS_MAX * 60) {
        return false;
    }
    moment->offset = (int16_t)(sign * (hours * 60 + minutes));
    return true;
}

bool
fhirpath_moment_parse_date(const char *text, size_t size, struct fhirpath_moment *moment)
{
    struct reader reader = {text, text + size};
    return read_date(&reader, moment) && reader.at == reader.end;
}

bool
fhirpath_moment_parse_date_time(const char *text, size_t size, struct fhirpath_moment *moment)
{
    struct reader reader = {text, text + size};
    if (!read_date(&reader, moment)) {
        return false;
    }
    if (read_byte(&reader, 'T') && reader.at < reader.end) {
        if (moment->precision != FHIRPATH_DAY || !read_time(&reader, moment) ||
            !read_offset(&reader, moment)) {
            return false;
        }
    }
    return reader.at == reader.end;
}

bool
fhirpath_moment_parse_time(const char *text, size_t size, struct fhirpath_moment *moment)
{
    struct reader reader = {text, text + size};
    *moment = (struct fhirpath_moment){.year = 1970, .month = 1, .day = 1, .offset = FHIRPATH_NO_OFFSET};
    return read_time(&reader, moment) && reader.at == reader.end;
}

int
fhirpath_moment_parse_literal(const char *text, size_t size, struct fhirpath_moment *moment)
{
    if (size > 0 && text[0] == 'T') {
        return fhirpath_moment_parse_time(text + 1, size - 1, moment) ? FHIRPATH_TIME : -1;
    }
    if (memchr(text, 'T', size) == NULL) {
        return fhirpath_moment_parse_date(text, size, moment) ? FHIRPATH_DATE : -1;
    }
    return fhirpath_moment_parse_date_time(text, size, moment) ? FHIRPATH_DATE_TIME : -1;
}

/* What snprintf added; the texts here always fit. */
static size_t
added(int size)
{
    return size > 0 ? (size_t)size : 0;
}

static size_t
print_time(struct fhirpath_moment moment, char *text, size_t room)
{
    size_t size = added(snprintf(text, room, "%02d", moment.hour));
    if (moment.precision >= FHIRPATH_MINUTE) {
        size += added(snprintf(text + size, room - size, ":%02d", moment.minute));
    }
    if (moment.precision >= FHIRPATH_SECOND) {
        size += added(snprintf(text + size, room - size, ":%02d", moment.second));
        if (moment.digits > 0) {
            uint32_t part = moment.microsecond;
            for (int i = moment.digits; i < FRACTION_DIGITS; i++) {
                part /= 10;
            }
            size += added(snprintf(text + size, room - size, ".%0*u", (int)moment.digits, part));
        }
    }
    return size;
}

size_t
fhirpath_moment_print(struct fhirpath_moment moment, enum fhirpath_type type, char text[MOMENT_TEXT_SIZE])
{
    size_t room = MOMENT_TEXT_SIZE;
    if (type == FHIRPATH_TIME) {
        return print_time(moment, text, room);
    }
    size_t size = added(snprintf(text, room, "%04d", moment.year));
    if (moment.precision >= FHIRPATH_MONTH) {
        size += added(snprintf(text + size, room - size, "-%02d", moment.month));
    }
    if (moment.precision >= FHIRPATH_DAY) {
        size += added(snprintf(text + size, room - size, "-%02d", moment.day));
    }
    if (type == FHIRPATH_DATE || moment.precision < FHIRPATH_HOUR) {
        return size;
    }
    text[size++] = 'T';
    size += print_time(moment, text + size, room - size);
    if (moment.offset == 0) {
        size += added(snprintf(text + size, room - size, "Z"));
    } else if (moment.offset != FHIRPATH_NO_OFFSET) {
        int minutes = moment.offset < 0 ? -moment.offset : moment.offset;
        size += added(snprintf(text + size, room - size, "%c%02d:%02d", moment.offset < 0 ? '-' : '+',
                               minutes / 60, minutes % 60));
    }
    return size;
}

static int64_t
microseconds_of(struct fhirpath_moment moment)
{
    return days_of(moment.year, moment.month, moment.day) * MICROSECONDS_DAY +
           moment.hour * MICROSECONDS_HOUR + moment.minute * MICROSECONDS_MINUTE +
           moment.second * MICROSECONDS_SECOND + moment.microsecond;
}

static void
set_microseconds(struct fhirpath_moment *moment, int64_t microseconds)
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

struct fhirpath_moment
fhirpath_moment_of(int64_t microseconds, int16_t offset)
{
    struct fhirpath_moment moment = {
        .precision = FHIRPATH_SECOND, .offset = offset, .digits = MILLISECOND_DIGITS};
    set_microseconds(&moment, microseconds + offset * MICROSECONDS_MINUTE);
    moment.microsecond -= moment.microsecond % 1000; /* as its digits say */
    return moment;
}

/* The parts from the year down; seconds and their fraction are one. */
static int64_t
part_of(const struct fhirpath_moment *moment, int precision)
{
    switch (precision) {
    case FHIRPATH_YEAR:
        return moment->year;
    case FHIRPATH_MONTH:
        return moment->month;
    case FHIRPATH_DAY:
        return moment->day;
    case FHIRPATH_HOUR:
        return moment->hour;
    case FHIRPATH_MINUTE:
        return moment->minute;
    default:
        return moment->second * MICROSECONDS_SECOND + moment->microsecond;
    }
}

enum moment_order
fhirpath_moment_compare(struct fhirpath_moment a, struct fhirpath_moment b, enum fhirpath_type type)
{
    bool a_clock = type != FHIRPATH_TIME && a.precision >= FHIRPATH_HOUR;
    bool b_clock = type != FHIRPATH_TIME && b.precision >= FHIRPATH_HOUR;
    if (a_clock && b_clock && (a.offset == FHIRPATH_NO_OFFSET) != (b.offset == FHIRPATH_NO_OFFSET)) {
        return MOMENT_UNKNOWN;
    }
    if (a_clock && b_clock && a.offset != b.offset) {
        set_microseconds(&a, microseconds_of(a) - a.offset * MICROSECONDS_MINUTE);
        set_microseconds(&b, microseconds_of(b) - b.offset * MICROSECONDS_MINUTE);
    }
    int shared = a.precision < b.precision ? a.precision : b.precision;
    for (int part = type == FHIRPATH_TIME ? FHIRPATH_HOUR : FHIRPATH_YEAR; part <= shared; part++) {
        int64_t left = part_of(&a, part);
        int64_t right = part_of(&b, part);
        if (left != right) {
            return left < right ? MOMENT_BEFORE : MOMENT_AFTER;
        }
    }
    return a.precision == b.precision ? MOMENT_SAME : MOMENT_UNKNOWN;
}

/* Months and years keep the day, or the month's last one. */
static bool
add_months(struct fhirpath_moment *moment, int64_t months)
{
    int64_t total = (int64_t)moment->year * MONTHS + (moment->month - 1) + months;
    int64_t year = total / MONTHS;
    if (total < YEAR_MIN * MONTHS || year > YEAR_MAX) {
        return false;
    }
    moment->year = (int16_t)year;
    moment->month = (uint8_t)(total % MONTHS + 1);
    int last = month_days(moment->year, moment->month);
    moment->day = (uint8_t)(moment->day < last ? moment->day : last);
    return true;
}

/* How many microseconds a unit that is shorter than a month has. */
static int64_t
microseconds_in(enum moment_unit unit)
{
    switch (unit) {
    case MOMENT_DAYS:
        return MICROSECONDS_DAY;
    case MOMENT_HOURS:
        return MICROSECONDS_HOUR;
    case MOMENT_MINUTES:
        return MICROSECONDS_MINUTE;
    default:
        return 1;
    }
}

static int64_t
microseconds_of_precision(int precision)
{
    switch (precision) {
    case FHIRPATH_DAY:
        return MICROSECONDS_DAY;
    case FHIRPATH_HOUR:
        return MICROSECONDS_HOUR;
    case FHIRPATH_MINUTE:
        return MICROSECONDS_MINUTE;
    default:
        return 1;
    }
}

static bool
add_microseconds(struct fhirpath_moment *moment, enum fhirpath_type type, int64_t amount)
{
    if (type == FHIRPATH_TIME) {
        int64_t time = microseconds_of(*moment) % MICROSECONDS_DAY + amount % MICROSECONDS_DAY;
        set_microseconds(moment, (time + MICROSECONDS_DAY) % MICROSECONDS_DAY);
        moment->year = 1970;
        moment->month = 1;
        moment->day = 1;
        return true;
    }
    int64_t sum = 0;
    if (__builtin_add_overflow(microseconds_of(*moment), amount, &sum) ||
        sum < days_of(YEAR_MIN, 1, 1) * MICROSECONDS_DAY ||
        sum >= days_of(YEAR_MAX + 1, 1, 1) * MICROSECONDS_DAY) {
        return false;
    }
    set_microseconds(moment, sum);
    return true;
}

bool
fhirpath_moment_add(struct fhirpath_moment *moment, enum fhirpath_type type, int64_t amount,
                    enum moment_unit unit)
{
    const int64_t far = (int64_t)(YEAR_MAX + 1) * MONTHS;
    int64_t total = 0;
    if (unit == MOMENT_YEARS || unit == MOMENT_MONTHS) {
        if (amount > far || amount < -far) {
            return false;
        }
        total = unit == MOMENT_YEARS ? amount * MONTHS : amount;
    } else if (__builtin_mul_overflow(amount, microseconds_in(unit), &total)) {
        return false;
    } else if (moment->precision >= FHIRPATH_DAY || type == FHIRPATH_TIME) {
        total -= total % microseconds_of_precision(moment->precision);
        bool added_up = add_microseconds(moment, type, total);
        if (added_up && unit == MOMENT_MICROSECONDS && moment->precision == FHIRPATH_SECOND &&
            moment->microsecond != 0 && moment->digits < MILLISECOND_DIGITS) {
            moment->digits = MILLISECOND_DIGITS;
        }
        return added_up;
    } else {
        total = total / MICROSECONDS_DAY / 30; /* N1: days to months by 30 */
    }
    if (moment->precision == FHIRPATH_YEAR) {
        total -= total % MONTHS;
    }
    return add_months(moment, total);
}

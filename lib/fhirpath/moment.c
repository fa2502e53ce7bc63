/*
 * Dates, times and arithmetic on them, as FHIRPath has them; reading, printing and the calendar are
 * lib/base/moment.h's.
 *
 * A moment keeps its precision: 2024-02 is no day of February. Two compare part by part down to the precision
 * that both have; what is the same so far but less precise on one side is unknown. With two zones they are
 * compared in UTC; when only one has a zone, it is unknown, since nobody knows which one the other means.
 *
 * What is added is cut to whole units of the moment's precision first: 36 hours move a date by one day. Added
 * to a year or a month, thirty days are one month, as N1 has it. Months keep the day, or take the month's
 * last one. Years are 1 to 9999; what lies outside is false.
 */
#include "lib/fhirpath/moment.h"

#include <string.h>

#define MICROSECONDS_SECOND INT64_C(1000000)
#define MICROSECONDS_MINUTE (60 * MICROSECONDS_SECOND)
#define MICROSECONDS_HOUR   (60 * MICROSECONDS_MINUTE)
#define MICROSECONDS_DAY    (24 * MICROSECONDS_HOUR)

enum {
    YEAR_MIN = 1,
    MONTHS = 12,
    MILLISECOND_DIGITS = 3,
    DATE_ENDS = 1 << MOMENT_YEAR | 1 << MOMENT_MONTH | 1 << MOMENT_DAY,
    TIME_ENDS = 1 << MOMENT_HOUR | 1 << MOMENT_MINUTE | 1 << MOMENT_SECOND
};

static const struct moment_grammar date_grammar = {.ends = DATE_ENDS, .year_min = YEAR_MIN};
static const struct moment_grammar date_time_grammar = {.ends = DATE_ENDS | TIME_ENDS,
                                                        .zone = MOMENT_ZONE_OPTIONAL,
                                                        .year_min = YEAR_MIN,
                                                        .offset_max = 14 * 60,
                                                        .fraction_most = 12};
static const struct moment_grammar time_grammar = {.ends = TIME_ENDS, .time_only = true, .fraction_most = 12};

bool
fhirpath_moment_parse_date(const char *text, size_t size, struct moment *moment)
{
    return moment_read(&date_grammar, text, size, moment);
}

bool
fhirpath_moment_parse_date_time(const char *text, size_t size, struct moment *moment)
{
    /* A T behind a date says that it is a date and time of which no time is given. */
    bool bare = size > 0 && memchr(text, 'T', size) == text + size - 1;
    return moment_read(bare ? &date_grammar : &date_time_grammar, text, bare ? size - 1 : size, moment);
}

bool
fhirpath_moment_parse_time(const char *text, size_t size, struct moment *moment)
{
    return moment_read(&time_grammar, text, size, moment);
}

int
fhirpath_moment_parse_literal(const char *text, size_t size, struct moment *moment)
{
    if (size > 0 && text[0] == 'T') {
        return fhirpath_moment_parse_time(text + 1, size - 1, moment) ? FHIRPATH_TIME : -1;
    }
    if (memchr(text, 'T', size) == NULL) {
        return fhirpath_moment_parse_date(text, size, moment) ? FHIRPATH_DATE : -1;
    }
    return fhirpath_moment_parse_date_time(text, size, moment) ? FHIRPATH_DATE_TIME : -1;
}

size_t
fhirpath_moment_print(const struct moment *moment, enum fhirpath_type type, char text[MOMENT_TEXT_SIZE])
{
    return type == FHIRPATH_TIME   ? moment_print_time(moment, text)
           : type == FHIRPATH_DATE ? moment_print_date(moment, text)
                                   : moment_print(moment, text);
}

/* The parts from the year down; seconds and their fraction are one. */
static int64_t
part_of(const struct moment *moment, int precision)
{
    switch (precision) {
    case MOMENT_YEAR:
        return moment->year;
    case MOMENT_MONTH:
        return moment->month;
    case MOMENT_DAY:
        return moment->day;
    case MOMENT_HOUR:
        return moment->hour;
    case MOMENT_MINUTE:
        return moment->minute;
    default:
        return moment->second * MICROSECONDS_SECOND + moment->microsecond;
    }
}

enum moment_order
fhirpath_moment_compare(struct moment a, struct moment b, enum fhirpath_type type)
{
    bool a_clock = type != FHIRPATH_TIME && a.precision >= MOMENT_HOUR;
    bool b_clock = type != FHIRPATH_TIME && b.precision >= MOMENT_HOUR;
    if (a_clock && b_clock && (a.offset == MOMENT_NO_OFFSET) != (b.offset == MOMENT_NO_OFFSET)) {
        return MOMENT_UNKNOWN;
    }
    if (a_clock && b_clock && a.offset != b.offset) {
        moment_set_local(&a, moment_instant(&a));
        moment_set_local(&b, moment_instant(&b));
    }
    int shared = a.precision < b.precision ? a.precision : b.precision;
    for (int part = type == FHIRPATH_TIME ? MOMENT_HOUR : MOMENT_YEAR; part <= shared; part++) {
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
add_months(struct moment *moment, int64_t months)
{
    int64_t total = (int64_t)moment->year * MONTHS + (moment->month - 1) + months;
    int64_t year = total / MONTHS;
    if (total < YEAR_MIN * MONTHS || year > MOMENT_YEAR_MAX) {
        return false;
    }
    moment->year = (int16_t)year;
    moment->month = (uint8_t)(total % MONTHS + 1);
    int last = moment_month_days(moment->year, moment->month);
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

/* How long the shortest part is that a moment of this precision has. */
static int64_t
microseconds_of_precision(int precision)
{
    switch (precision) {
    case MOMENT_DAY:
        return MICROSECONDS_DAY;
    case MOMENT_HOUR:
        return MICROSECONDS_HOUR;
    case MOMENT_MINUTE:
        return MICROSECONDS_MINUTE;
    default:
        return 1;
    }
}

/* Moves a moment within the years that there are; a time of day goes round midnight. */
static bool
add_microseconds(struct moment *moment, enum fhirpath_type type, int64_t amount)
{
    if (type == FHIRPATH_TIME) {
        int64_t time = moment_local(moment) % MICROSECONDS_DAY + amount % MICROSECONDS_DAY;
        moment_set_local(moment, (time + MICROSECONDS_DAY) % MICROSECONDS_DAY);
        moment->year = 1970;
        moment->month = 1;
        moment->day = 1;
        return true;
    }
    int64_t sum = 0;
    if (__builtin_add_overflow(moment_local(moment), amount, &sum) ||
        sum < moment_day_number(YEAR_MIN, 1, 1) * MICROSECONDS_DAY ||
        sum >= moment_day_number(MOMENT_YEAR_MAX + 1, 1, 1) * MICROSECONDS_DAY) {
        return false;
    }
    moment_set_local(moment, sum);
    return true;
}

bool
fhirpath_moment_add(struct moment *moment, enum fhirpath_type type, int64_t amount, enum moment_unit unit)
{
    const int64_t far = (int64_t)(MOMENT_YEAR_MAX + 1) * MONTHS;
    int64_t total = 0;
    if (unit == MOMENT_YEARS || unit == MOMENT_MONTHS) {
        if (amount > far || amount < -far) {
            return false;
        }
        total = unit == MOMENT_YEARS ? amount * MONTHS : amount;
    } else if (__builtin_mul_overflow(amount, microseconds_in(unit), &total)) {
        return false;
    } else if (moment->precision >= MOMENT_DAY || type == FHIRPATH_TIME) {
        total -= total % microseconds_of_precision(moment->precision);
        bool added_up = add_microseconds(moment, type, total);
        if (added_up && unit == MOMENT_MICROSECONDS && moment->precision == MOMENT_SECOND &&
            moment->microsecond != 0 && moment->digits < MILLISECOND_DIGITS) {
            moment->digits = MILLISECOND_DIGITS;
        }
        return added_up;
    } else {
        total = total / MICROSECONDS_DAY / 30; /* N1: days to months by 30 */
    }
    if (moment->precision == MOMENT_YEAR) {
        total -= total % MONTHS;
    }
    return add_months(moment, total);
}

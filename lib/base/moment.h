/*
 * Dates, times, and dates with times, as precise as they are written: the one calendar and the one reader of
 * the house. What a text may be differs (RFC 3339, FHIR's partial dates, FHIRPath's literals), so the reader
 * takes a grammar; the grammars other than RFC 3339's stand with those who need them. The calendar is the
 * Gregorian one, also for the years before it was invented. Pure; a text is read once and nothing is copied.
 */
#ifndef ANAMNESIS_BASE_MOMENT_H
#define ANAMNESIS_BASE_MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOMENT_NO_OFFSET INT16_MIN

enum { MOMENT_TEXT_SIZE = 48, MOMENT_YEAR_MAX = 9999 };

enum moment_precision { MOMENT_YEAR, MOMENT_MONTH, MOMENT_DAY, MOMENT_HOUR, MOMENT_MINUTE, MOMENT_SECOND };

/* What is not given is 0; months and days: 1; a time's day: 1970-01-01. */
struct moment {
    int16_t year;
    uint8_t month;
    uint8_t day;
    uint8_t hour;
    uint8_t minute;
    uint8_t second;       /* 60: a leap second; it is the first second of the next minute */
    uint8_t precision;    /* enum moment_precision: the last part that is given */
    uint32_t microsecond; /* of the second */
    int16_t offset;       /* minutes east of UTC, or MOMENT_NO_OFFSET */
    uint8_t digits;       /* of the fraction, as written, at most 6; 0: none */
};

/* Behind a time. */
enum moment_zone { MOMENT_ZONE_NONE, MOMENT_ZONE_OPTIONAL, MOMENT_ZONE_REQUIRED };

/* A second of 60: in no minute, in any one, or in the last one of a day in UTC, where leap seconds are. */
enum moment_leap { MOMENT_LEAP_NONE, MOMENT_LEAP_ANYWHERE, MOMENT_LEAP_IN_UTC };

/* What a text may be: YYYY-MM-DDThh:mm:ss.fff+hh:mm, as far as it goes. */
struct moment_grammar {
    unsigned ends; /* bits 1 << enum moment_precision: the parts that may be the last one */
    bool time_only;
    bool loose; /* also t and z, and an offset without a colon (ISO 8601's basic form) */
    enum moment_zone zone;
    enum moment_leap leap;
    int year_min;
    int offset_max;         /* minutes */
    unsigned fraction_most; /* digits; those after the sixth are not kept */
};

/* RFC 3339's full-date, and its date-time, which here may also have an offset without a colon (+0200). */
extern const struct moment_grammar moment_rfc3339_date;
extern const struct moment_grammar moment_rfc3339_date_time;

/* Reads the whole text. False when the grammar does not have it, or it names no real day or time. */
bool moment_read(const struct moment_grammar *grammar, const char *text, size_t size, struct moment *moment);

/* Write what is given, with a NUL; return the length. moment_print writes all of it, the others their part. */
size_t moment_print(const struct moment *moment, char text[MOMENT_TEXT_SIZE]);
size_t moment_print_date(const struct moment *moment, char text[MOMENT_TEXT_SIZE]);
size_t moment_print_time(const struct moment *moment, char text[MOMENT_TEXT_SIZE]);

/* 28 to 31. */
int moment_month_days(int year, int month);

/* Days since 1970-01-01. The day may lie outside of its month: the 30th of February is the 1st or 2nd of
 * March. */
int64_t moment_day_number(int year, int month, int64_t day);

/* Microseconds from 1970-01-01T00:00:00 to what the moment's own clock shows: its offset is not counted. */
int64_t moment_local(const struct moment *moment);

/* Microseconds since 1970-01-01T00:00:00Z. A moment without an offset is one in UTC. */
int64_t moment_instant(const struct moment *moment);

/* Sets day and time from moment_local's microseconds. The year fits for what years -32768 to 32767 have. */
void moment_set_local(struct moment *moment, int64_t microseconds);

/* The moment at `microseconds` since 1970 in UTC, told at an offset in minutes, to the millisecond (cut). */
struct moment moment_at(int64_t microseconds, int16_t offset);

#endif

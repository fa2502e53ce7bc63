#include "lib/base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t
read_clock(clockid_t id)
{
    struct timespec now;
    if (clock_gettime(id, &now) != 0) {
        return 0;
    }
    return (int64_t)now.tv_sec * CLOCK_SECOND + now.tv_nsec / 1000;
}

int64_t
clock_now(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t
clock_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t
clock_processor(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

int64_t
clock_processor_in_turns(void)
{
    static int64_t turn_began;
    static int64_t worked_before;
    int64_t now = clock_monotonic();
    int64_t worked = clock_processor();
    int64_t work = worked - worked_before;
    int64_t owed = (CLOCK_PARTS - 1) * work - (now - turn_began - work);
    if (work > CLOCK_TURN && owed > 0) {
        struct timespec while_others_work = {.tv_sec = owed / CLOCK_SECOND,
                                             .tv_nsec = owed % CLOCK_SECOND * 1000};
        (void)nanosleep(&while_others_work, NULL);
    }
    if (work > CLOCK_TURN || owed < 0) {
        turn_began = clock_monotonic();
        worked_before = worked;
    }
    return worked;
}

const char *
clock_text(int64_t microseconds, char text[CLOCK_TEXT_SIZE])
{
    int64_t second = microseconds / CLOCK_SECOND;
    int64_t rest = microseconds % CLOCK_SECOND;
    if (rest < 0) {
        rest += CLOCK_SECOND;
        second--;
    }
    time_t when = (time_t)second;
    struct tm utc;
    if (gmtime_r(&when, &utc) == NULL || strftime(text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &utc) == 0) {
        text[0] = '\0';
        return text;
    }
    size_t used = strlen(text);
    (void)snprintf(text + used, CLOCK_TEXT_SIZE - used, ".%03dZ", (int)(rest / 1000));
    return text;
}

/* Exactly `count` digits at *at, moved past; -1 when they are not there. */
static int
digits(const char **at, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        char c = (*at)[i];
        if (c < '0' || c > '9') {
            return -1;
        }
        value = value * 10 + (c - '0');
    }
    *at += count;
    return value;
}

static bool
expect(const char **at, char c)
{
    if (**at != c) {
        return false;
    }
    (*at)++;
    return true;
}

static int
month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool
read_date(const char **at, struct tm *utc)
{
    int year = digits(at, 4);
    if (year < 0 || !expect(at, '-')) {
        return false;
    }
    int month = digits(at, 2);
    if (month < 1 || month > 12 || !expect(at, '-')) {
        return false;
    }
    int day = digits(at, 2);
    if (day < 1 || day > month_days(year, month)) {
        return false;
    }
    utc->tm_year = year - 1900;
    utc->tm_mon = month - 1;
    utc->tm_mday = day;
    return true;
}

bool
clock_is_date(const char *text)
{
    struct tm utc;
    return read_date(&text, &utc) && *text == '\0';
}

/* hh:mm:ss and an optional fraction; a leap second (60) is accepted only as RFC 3339 has it. */
static bool
read_time(const char **at, struct tm *utc, int64_t *fraction)
{
    utc->tm_hour = digits(at, 2);
    if (utc->tm_hour < 0 || utc->tm_hour > 23 || !expect(at, ':')) {
        return false;
    }
    utc->tm_min = digits(at, 2);
    if (utc->tm_min < 0 || utc->tm_min > 59 || !expect(at, ':')) {
        return false;
    }
    utc->tm_sec = digits(at, 2);
    if (utc->tm_sec < 0 || utc->tm_sec > 60) {
        return false;
    }
    *fraction = 0;
    if (**at == '.') {
        (*at)++;
        int64_t unit = CLOCK_SECOND;
        const char *first = *at;
        while (**at >= '0' && **at <= '9') {
            unit /= 10;
            *fraction += unit * (**at - '0');
            (*at)++;
        }
        return *at != first;
    }
    return true;
}

static bool
read_offset(const char **at, int *minutes)
{
    *minutes = 0;
    if (**at == 'Z' || **at == 'z') {
        (*at)++;
        return true;
    }
    if (**at != '+' && **at != '-') {
        return false;
    }
    int sign = **at == '-' ? -1 : 1;
    (*at)++;
    int hours = digits(at, 2);
    if (hours < 0 || hours > 23) {
        return false;
    }
    (void)expect(at, ':'); /* ISO 8601 has a form without */
    int rest = digits(at, 2);
    if (rest < 0 || rest > 59) {
        return false;
    }
    *minutes = sign * (hours * 60 + rest);
    return true;
}

bool
clock_parse(const char *text, int64_t *microseconds)
{
    struct tm utc;
    memset(&utc, 0, sizeof utc);
    int64_t fraction = 0;
    int offset = 0;
    if (!read_date(&text, &utc) || (*text != 'T' && *text != 't')) {
        return false;
    }
    text++;
    if (!read_time(&text, &utc, &fraction) || !read_offset(&text, &offset) || *text != '\0') {
        return false;
    }
    bool leap_second = utc.tm_sec == 60;
    int64_t second = (int64_t)timegm(&utc) - (int64_t)offset * 60;
    if (leap_second && (second - 1) % 86400 != 86399) {
        return false;
    }
    *microseconds = second * CLOCK_SECOND + fraction;
    return true;
}

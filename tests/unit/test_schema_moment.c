#include "tests/unit/http_fixture.h"

#include "lib/http/schema_moment.h"

#include <time.h>

/* Limits of dates and times: what they are at a given now, and what reaches them in each way of writing it.
 */

enum { GENERATED = 20000, MINUTES_AHEAD_MAX = 24 * 60 - 1 };

static int64_t
moment(const char *text)
{
    int64_t found = 0;
    assert_true(moment_of_text(FORMAT_DATE_TIME, text, strlen(text), &found));
    return found;
}

static void
limits_are_counted_from_now_in_calendar_years_and_days(void **state)
{
    (void)state;
    static const struct {
        const char *now;
        enum schema_format format;
        struct schema_moment limit;
        const char *text;
    } samples[] = {
        {"2026-11-30T23:59:59.999Z", FORMAT_DATE, {true, 0, 1, 0}, "2026-12-01"},
        {"2026-12-01T00:00:00Z", FORMAT_DATE, {true, 0, 1, 0}, "2026-12-02"},
        {"2026-12-31T10:00:00+14:00", FORMAT_DATE, {true, 0, 1, 0}, "2026-12-31"},
        {"2026-11-30T12:34:56.789Z", FORMAT_DATE_TIME, {true, 20, 0, 0}, "2046-11-30T12:34:56.789Z"},
        {"2028-02-29T00:00:00Z", FORMAT_DATE_TIME, {true, 20, 0, 0}, "2048-02-29T00:00:00.000Z"},
        {"2028-02-29T00:00:00Z", FORMAT_DATE_TIME, {true, 1, 0, 0}, "2029-03-01T00:00:00.000Z"},
        {"2026-03-01T00:00:00Z", FORMAT_DATE, {true, 0, -1, 0}, "2026-02-28"},
        {"1969-12-31T23:59:59.5Z", FORMAT_DATE_TIME, {true, 0, 1, 0}, "1970-01-01T23:59:59.500Z"},
        {"1969-12-31T23:59:59.5Z", FORMAT_DATE, {true, -1, 0, 0}, "1968-12-31"},
        {"2026-11-30T12:00:00Z",
         FORMAT_DATE,
         {false, 0, 0, INT64_C(-2840140800) * CLOCK_SECOND},
         "1880-01-01"},
    };
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        char text[CLOCK_TEXT_SIZE];
        int64_t limit = moment_of_limit(&samples[i].limit, samples[i].format, moment(samples[i].now));
        assert_string_equal(moment_text(samples[i].format, limit, text), samples[i].text);
    }
}

static void
a_leap_second_is_the_first_of_the_next_day(void **state)
{
    (void)state;
    assert_int_equal(moment("2016-12-31T23:59:60Z"), moment("2017-01-01T00:00:00Z"));
    assert_int_equal(moment("2016-12-31T15:59:60-08:00"), moment("2017-01-01T00:00:00Z"));
    assert_int_equal(moment("0000-01-01T00:00:00+23:59") + CLOCK_SECOND * 60 * MINUTES_AHEAD_MAX,
                     moment("0000-01-01T00:00:00Z"));
}

static void
what_is_no_date_names_no_moment(void **state)
{
    (void)state;
    static const struct {
        enum schema_format format;
        const char *text;
    } samples[] = {{FORMAT_DATE, "2026-02-29"},
                   {FORMAT_DATE, "2026-02-28T00:00:00Z"},
                   {FORMAT_DATE, "2026-2-281"},
                   {FORMAT_DATE_TIME, "2026-02-28"},
                   {FORMAT_DATE_TIME, "2026-02-28T24:00:00Z"},
                   {FORMAT_DATE_TIME, "2026-02-28T12:00:60Z"},
                   {FORMAT_DATE_TIME, "+10000-01-01T00:00:00Z"},
                   {FORMAT_DATE_TIME, ""}};
    int64_t found = 0;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        assert_false(moment_of_text(samples[i].format, samples[i].text, strlen(samples[i].text), &found));
    }
    assert_false(moment_of_text(FORMAT_DATE, "2026-02-28\0", 11, &found));
}

/* The moment as it is written so many minutes ahead of UTC. */
static void
write_with_offset(int64_t at, int minutes, char *text, size_t size)
{
    time_t local = (time_t)(at / CLOCK_SECOND + (int64_t)minutes * 60);
    struct tm parts;
    assert_non_null(gmtime_r(&local, &parts));
    int ahead = minutes < 0 ? -minutes : minutes;
    (void)snprintf(text, size, "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d", parts.tm_year + 1900,
                   parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                   minutes < 0 ? '-' : '+', ahead / 60, ahead % 60);
}

/* At its limit and a second to each side, with any offset, at any now of this century. */
static void
the_edge_is_where_the_limit_is_in_every_offset(void **state)
{
    (void)state;
    static const struct schema_moment twenty_years = {true, 20, 0, 0};
    uint64_t random = UINT64_C(88172645463325252);
    for (int i = 0; i < GENERATED; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        int64_t now = (int64_t)(random % UINT64_C(4102444800)) * CLOCK_SECOND;
        int minutes = (int)(random >> 32) % MINUTES_AHEAD_MAX * ((random & 1) != 0 ? 1 : -1);
        int64_t limit = moment_of_limit(&twenty_years, FORMAT_DATE_TIME, now);
        assert_in_range(limit - now, INT64_C(7304) * 86400 * CLOCK_SECOND,
                        INT64_C(7306) * 86400 * CLOCK_SECOND);
        for (int step = -1; step <= 1; step++) {
            char text[64];
            write_with_offset(limit + step * CLOCK_SECOND, minutes, text, sizeof text);
            assert_int_equal(moment(text) - limit, step * CLOCK_SECOND);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_are_counted_from_now_in_calendar_years_and_days),
        cmocka_unit_test(a_leap_second_is_the_first_of_the_next_day),
        cmocka_unit_test(what_is_no_date_names_no_moment),
        cmocka_unit_test(the_edge_is_where_the_limit_is_in_every_offset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

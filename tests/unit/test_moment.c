/* The one calendar and the one reader of moments: against the C library's calendar, and its readers against each
 * other. */
#include "tests/unit/http_fixture.h"

#include "lib/base/clock.h"
#include "lib/base/moment.h"
#include "lib/fhirpath/moment.h"
#include "lib/form/value/moment.h"
#include "lib/http/schema_format.h"
#include "tests/unit/random_fixture.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { GENERATED = 200000, FRACTION_MAX = 9, ROOM = 64, SECONDS_SIZE = 19 /* to the seconds */ };

/* What was generated, as the C library has it. */
struct sample {
    struct tm local;
    int offset; /* minutes */
    int64_t microseconds;
    char text[ROOM];
};

/* Any year, month, day up to 31 (its month may have fewer), time (a second may be 60), fraction and offset. */
static void
generate(struct sample *sample)
{
    static const int years[] = {0, 1, 4, 100, 400, 1582, 1600, 1900, 1969, 1970, 1972, 2000, 2024, 9999};
    int year = random_below(2) == 0 ? random_below(10000) : years[random_below(14)];
    int month = random_below(3) == 0 ? 1 : random_below(12);
    int day = random_below(2) == 0 ? 28 + random_below(4) : random_below(31) + 1;
    bool last = random_below(4) == 0;
    sample->local = (struct tm){.tm_year = year - 1900,
                                .tm_mon = month,
                                .tm_mday = day,
                                .tm_hour = last ? 23 : random_below(24),
                                .tm_min = last ? 59 : random_below(60),
                                .tm_sec = last ? 60 - random_below(2) : random_below(60)};
    sample->offset = random_below(3) == 0 ? 0 : random_below(2 * 1440 - 1) - 1439;
    int digits = random_below(FRACTION_MAX + 1);
    char fraction[FRACTION_MAX + 2] = ".";
    int64_t micros = 0;
    for (int i = 1; i <= digits; i++) {
        fraction[i] = (char)('0' + random_below(10));
    }
    for (int i = 1; i <= 6; i++) {
        micros = micros * 10 + (i <= digits ? fraction[i] - '0' : 0);
    }
    int ahead = sample->offset < 0 ? -sample->offset : sample->offset;
    char zone[ROOM / 2] = "Z";
    if (sample->offset != 0) {
        (void)snprintf(zone, sizeof zone, "%c%02d:%02d", sample->offset < 0 ? '-' : '+', ahead / 60,
                       ahead % 60);
    }
    (void)snprintf(sample->text, ROOM, "%04d-%02d-%02dT%02d:%02d:%02d%.*s%s", year, month + 1, day,
                   sample->local.tm_hour, sample->local.tm_min, sample->local.tm_sec,
                   digits == 0 ? 0 : digits + 1, fraction, zone);
    struct tm parts = sample->local;
    sample->microseconds = ((int64_t)timegm(&parts) - (int64_t)sample->offset * 60) * CLOCK_SECOND + micros;
}

/* Whether the C library leaves the day as it is. */
static bool
day_is_real(const struct sample *sample)
{
    struct tm parts = {
        .tm_year = sample->local.tm_year, .tm_mon = sample->local.tm_mon, .tm_mday = sample->local.tm_mday};
    (void)timegm(&parts);
    return parts.tm_mday == sample->local.tm_mday;
}

static bool
leap_is_real(const struct sample *sample)
{
    const int64_t day = 86400 * CLOCK_SECOND;
    int64_t second = sample->microseconds - sample->microseconds % CLOCK_SECOND;
    second -= sample->microseconds % CLOCK_SECOND < 0 ? CLOCK_SECOND : 0;
    return sample->local.tm_sec < 60 || second % day == 0;
}

static void
each_reader_takes_what_it_should_and_finds_the_same(void **state)
{
    (void)state;
    for (int i = 0; i < GENERATED; i++) {
        struct sample sample;
        struct moment moment;
        generate(&sample);
        size_t size = strlen(sample.text);
        int64_t found = 0;
        bool real = day_is_real(&sample);
        bool utc = real && leap_is_real(&sample);
        bool near = sample.offset <= 14 * 60 && sample.offset >= -14 * 60 && sample.local.tm_year > -1900;
        assert_int_equal(clock_parse(sample.text, &found), utc);
        assert_int_equal(format_matches(FORMAT_DATE_TIME, sample.text, size), utc);
        assert_int_equal(moment_is_date_time(sample.text, size), real && near);
        assert_int_equal(fhirpath_moment_parse_date_time(sample.text, size, &moment),
                         real && near && sample.local.tm_sec < 60);
        assert_int_equal(format_matches(FORMAT_DATE, sample.text, 10), real);
        assert_int_equal(moment_is_date(sample.text, 10), real && sample.local.tm_year > -1900);
        if (utc) {
            assert_int_equal(found, sample.microseconds);
        }
        if (real && near && sample.local.tm_sec < 60) {
            assert_int_equal(moment_instant(&moment), sample.microseconds);
        }
    }
}

static void
what_is_written_reads_back(void **state)
{
    (void)state;
    for (int i = 0; i < GENERATED; i++) {
        char text[MOMENT_TEXT_SIZE];
        char again[ROOM];
        struct sample sample;
        struct moment moment;
        generate(&sample);
        if (!moment_read(&moment_rfc3339_date_time, sample.text, strlen(sample.text), &moment)) {
            continue;
        }
        size_t size = moment_print(&moment, text);
        assert_int_equal(size, strlen(text));
        const char *point = strchr(sample.text, '.');
        size_t kept = point == NULL ? SECONDS_SIZE : (size_t)(point - sample.text) + 1 + moment.digits;
        (void)snprintf(again, sizeof again, "%.*s%s", (int)kept, sample.text,
                       sample.text + SECONDS_SIZE + strcspn(sample.text + SECONDS_SIZE, "Z+-"));
        assert_string_equal(text, again);
        int64_t found = 0;
        int64_t cut = sample.microseconds - (sample.microseconds % 1000 + 1000) % 1000;
        bool told = clock_parse(clock_text(sample.microseconds, text), &found);
        assert_true(told ? found == cut
                         : text[0] == '\0' && (sample.local.tm_year < -1898 || sample.local.tm_year > 8098));
    }
}

/* The C library prints the same, at any second that has a year of four digits. */
static void
the_calendar_is_the_librarys(void **state)
{
    (void)state;
    for (int i = 0; i < GENERATED; i++) {
        char text[MOMENT_TEXT_SIZE];
        char expected[ROOM];
        struct tm utc;
        struct sample sample;
        generate(&sample);
        time_t second = (time_t)(sample.microseconds / CLOCK_SECOND);
        assert_non_null(gmtime_r(&second, &utc));
        (void)snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02d.000Z", utc.tm_year + 1900,
                       utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
        bool four_digits = utc.tm_year >= -1900 && utc.tm_year < 8100;
        assert_string_equal(clock_text(second * CLOCK_SECOND, text), four_digits ? expected : "");
    }
}

/* One byte of a moment is another one, or is missing: the readers of RFC 3339 agree on what is left, and FHIR's
 * take nothing that FHIRPath's do not, but for a second of 60 and a fraction of more than 12 digits. */
static void
readers_agree_on_damaged_texts(void **state)
{
    (void)state;
    static const char bytes[] = "0123456789-+:.TtZz ";
    for (int i = 0; i < GENERATED; i++) {
        struct sample sample;
        struct moment moment;
        int64_t found = 0;
        generate(&sample);
        size_t size = strlen(sample.text);
        size_t at = (size_t)random_below((int)size);
        if (random_below(4) == 0) {
            for (size_t next = at; next < size; next++) { /* valgrind takes a checked memmove for memcpy */
                sample.text[next] = sample.text[next + 1];
            }
            size--;
        } else {
            sample.text[at] = bytes[random_below((int)sizeof bytes - 1)];
        }
        assert_int_equal(clock_parse(sample.text, &found),
                         format_matches(FORMAT_DATE_TIME, sample.text, size));
        if (moment_is_date_time(sample.text, size)) {
            bool read = fhirpath_moment_parse_date_time(sample.text, size, &moment);
            assert_true(read || memcmp(sample.text + 17, "60", 2) == 0);
            assert_true(clock_parse(sample.text, &found) || !read || size <= 10);
        }
    }
}

/* The order of answers is that of their instants. */
static void
answers_are_ordered_as_instants(void **state)
{
    (void)state;
    struct sample one;
    struct sample other;
    for (int i = 0; i < GENERATED; i++) {
        generate(&one);
        generate(&other);
        if (random_below(2) == 0) { /* the same day, so that the rest decides */
            memcpy(other.text, one.text, 17);
        }
        int64_t left = 0;
        int64_t right = 0;
        size_t left_size = strlen(one.text);
        size_t right_size = strlen(other.text);
        if (!moment_is_date_time(one.text, left_size) || !moment_is_date_time(other.text, right_size) ||
            !clock_parse(one.text, &left) || !clock_parse(other.text, &right) || left == right) {
            continue;
        }
        assert_int_equal(moment_compare(one.text, other.text), left < right ? VALUE_LESS : VALUE_MORE);
    }
}

static void
days_are_real_in_their_year(void **state)
{
    (void)state;
    struct moment moment;
    assert_true(moment_read(&moment_rfc3339_date, "2024-02-29", 10, &moment));
    assert_false(moment_read(&moment_rfc3339_date, "2023-02-29", 10, &moment));
    assert_false(moment_read(&moment_rfc3339_date, "2023-1-01", 9, &moment));
    assert_false(moment_read(&moment_rfc3339_date, "2023-01", 7, &moment));
    assert_false(moment_read(&moment_rfc3339_date, "2023-01-01T", 11, &moment));
    assert_false(moment_read(&moment_rfc3339_date, "2023-01-01\0", 11, &moment));
}

/* Also before 1970, where the rest of a division is negative. */
static void
a_leap_second_ends_a_day_in_utc(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
    } samples[] = {{"2016-12-31T23:59:60Z", true},      {"2016-12-31T15:59:60-08:00", true},
                   {"1960-12-31T23:59:60Z", true},      {"1960-12-31T23:59:60+01:00", false},
                   {"0000-01-01T23:58:60-00:01", true}, {"2016-12-31T23:58:60Z", false}};
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        int64_t found = 0;
        size_t size = strlen(samples[i].text);
        assert_int_equal(format_matches(FORMAT_DATE_TIME, samples[i].text, size), samples[i].good);
        assert_int_equal(clock_parse(samples[i].text, &found), samples[i].good);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_reader_takes_what_it_should_and_finds_the_same),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(the_calendar_is_the_librarys),
        cmocka_unit_test(readers_agree_on_damaged_texts),
        cmocka_unit_test(answers_are_ordered_as_instants),
        cmocka_unit_test(days_are_real_in_their_year),
        cmocka_unit_test(a_leap_second_ends_a_day_in_utc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

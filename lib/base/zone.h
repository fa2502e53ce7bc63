/* Local time in the time zones of the system's database (IANA; the package tzdata). */
#ifndef ANAMNESIS_BASE_ZONE_H
#define ANAMNESIS_BASE_ZONE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum { ZONE_NAME_MAX = 64, ZONE_SHORT_SIZE = 16 };

struct zone_time {
    struct tm parts;
    char zone[ZONE_SHORT_SIZE]; /* as people there write it: CET, UTC-03 */
};

/*
 * Fills `time` with what clocks in `zone` ("Europe/Berlin") show at a moment, in microseconds since 1970. UTC
 * when the system does not know the zone, or NULL is given: what is said is true in any case. It sets TZ for
 * as long as it works: not for programs with threads.
 */
void zone_time(const char *zone, int64_t microseconds, struct zone_time *time);

/* Whether the text can be the name of a zone: Area/Location of letters, digits and + - _ between slashes. */
bool zone_is_name(const char *text);

#endif

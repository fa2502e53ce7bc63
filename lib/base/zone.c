#include "lib/base/zone.h"

#include "lib/base/clock.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ZONES "/usr/share/zoneinfo/"

enum { PATH_SIZE = sizeof ZONES + ZONE_NAME_MAX, TZ_MAX = 200 };

bool
zone_is_name(const char *text)
{
    size_t size = strnlen(text, ZONE_NAME_MAX + 1);
    if (size == 0 || size > ZONE_NAME_MAX || !isalpha((unsigned char)text[0]) || text[size - 1] == '/') {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        bool slash = text[i] == '/';
        if (!isalnum((unsigned char)text[i]) && !slash && strchr("+-_", text[i]) == NULL) {
            return false;
        }
        if (slash && text[i + 1] == '/') {
            return false;
        }
    }
    return true;
}

/* RFC 8536 section 3.1: a file of the database begins with these four letters. */
static bool
is_known(const char *zone)
{
    char path[PATH_SIZE];
    char magic[4];
    if (zone == NULL || !zone_is_name(zone)) {
        return false;
    }
    (void)snprintf(path, sizeof path, "%s%s", ZONES, zone);
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool known = file >= 0 && read(file, magic, sizeof magic) == (ssize_t)sizeof magic &&
                 memcmp(magic, "TZif", sizeof magic) == 0;
    if (file >= 0) {
        (void)close(file);
    }
    return known;
}

static void
local_parts(const char *zone, time_t seconds, struct zone_time *time)
{
    char kept[TZ_MAX + 1];
    char wanted[ZONE_NAME_MAX + 2];
    const char *before = getenv("TZ");
    bool had = before != NULL && snprintf(kept, sizeof kept, "%s", before) <= TZ_MAX;
    (void)snprintf(wanted, sizeof wanted, ":%s", zone);
    (void)setenv("TZ", wanted, 1);
    tzset();
    if (localtime_r(&seconds, &time->parts) != NULL) {
        /* Zones without letters of their own have their offset for a name: -03. */
        bool number = time->parts.tm_zone[0] == '+' || time->parts.tm_zone[0] == '-';
        (void)snprintf(time->zone, sizeof time->zone, "%s%.10s", number ? "UTC" : "", time->parts.tm_zone);
    }
    if (had) {
        (void)setenv("TZ", kept, 1);
    } else {
        (void)unsetenv("TZ");
    }
    tzset();
}

void
zone_time(const char *zone, int64_t microseconds, struct zone_time *time)
{
    time_t seconds = (time_t)(microseconds / CLOCK_SECOND);
    memset(time, 0, sizeof *time);
    (void)snprintf(time->zone, sizeof time->zone, "UTC");
    if (is_known(zone)) {
        local_parts(zone, seconds, time);
    } else {
        (void)gmtime_r(&seconds, &time->parts);
    }
}

#include "lib/base/clock.h"

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
    const int64_t day = 24 * 60 * 60 * CLOCK_SECOND;
    text[0] = '\0';
    if (microseconds >= moment_day_number(0, 1, 1) * day &&
        microseconds < moment_day_number(MOMENT_YEAR_MAX + 1, 1, 1) * day) {
        struct moment moment = moment_at(microseconds, 0);
        (void)moment_print(&moment, text);
    }
    return text;
}

bool
clock_parse(const char *text, int64_t *microseconds)
{
    struct moment moment;
    if (!moment_read(&moment_rfc3339_date_time, text, strlen(text), &moment)) {
        return false;
    }
    *microseconds = moment_instant(&moment);
    return true;
}

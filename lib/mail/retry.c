#include "lib/mail/retry.h"

#include "lib/base/clock.h"

#define FIRST_DELAY   (30 * CLOCK_SECOND)
#define LONGEST_DELAY (6 * 3600 * CLOCK_SECOND)

int64_t
mail_retry_delay(int64_t attempts, uint32_t chance)
{
    int64_t delay = FIRST_DELAY;
    for (int64_t i = 1; i < attempts && delay < LONGEST_DELAY; i++) {
        delay *= 2;
    }
    delay = delay < LONGEST_DELAY ? delay : LONGEST_DELAY;
    return delay - delay / 4 + delay / 2 * (chance % 1001) / 1000;
}

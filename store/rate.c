#include "store/rate.h"

void
rate_begin(struct rate *rate, int64_t now, size_t spare)
{
    *rate = (struct rate){.until = now + RATE_WINDOW, .spare = spare};
}

void
rate_add(struct rate *rate, size_t bytes)
{
    rate->bytes += bytes;
}

bool
rate_is_slow(struct rate *rate, int64_t now)
{
    if (now < rate->until) {
        return false;
    }
    bool slow = rate->bytes < RATE_BYTES;
    size_t over = slow ? 0 : rate->bytes - RATE_BYTES;
    rate_begin(rate, now, rate->spare);
    rate->bytes = over < rate->spare ? over : rate->spare;
    return slow;
}

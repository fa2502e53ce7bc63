#include "store/rate.h"

void
rate_begin(struct rate *rate, int64_t now)
{
    *rate = (struct rate){.until = now + RATE_WINDOW};
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
    rate_begin(rate, now);
    return slow;
}

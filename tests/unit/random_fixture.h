/* Generated inputs, the same in every run. */
#ifndef ANAMNESIS_TESTS_UNIT_RANDOM_FIXTURE_H
#define ANAMNESIS_TESTS_UNIT_RANDOM_FIXTURE_H

#include <stdint.h>

/* From 0 to below `limit`: xorshift (Marsaglia, 2003), from a fixed seed. */
static inline int
random_below(int limit)
{
    static uint64_t seed = UINT64_C(88172645463325252);
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (int)(seed % (uint64_t)limit);
}

#endif

#include "lib/crypto/secure_memory.h"

#include "lib/base/log.h"

#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

void *
secure_alloc(size_t size)
{
    static bool warned = false;
    if (sodium_init() < 0) {
        return NULL;
    }
    void *memory = sodium_malloc(size);
    if (memory == NULL) {
        return NULL;
    }
    memset(memory, 0, size);
    /* sodium_malloc has tried this and does not say how it went; locks do not add up, so asking again is
     * harmless. */
    if (sodium_mlock(memory, size) != 0 && !warned) {
        warned = true;
        log_event(
            LOG_WARN, "memory-not-locked", LOG_INT("errno", errno),
            LOG_TEXT("advice", "raise RLIMIT_MEMLOCK (LimitMEMLOCK, ulimit -l), or keys may be swapped"));
    }
    return memory;
}

#include "store/share.h"

#include <sys/mman.h>

struct share *
share_create(void)
{
    void *memory =
        mmap(NULL, sizeof(struct share), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void
share_clear(struct share *share, size_t number)
{
    atomic_store(&share->ready[number], false);
    atomic_store(&share->count[number], 0);
}

void
share_note(struct share *share, size_t number, size_t count, int64_t now)
{
    atomic_store(&share->count[number], count);
    atomic_store(&share->seen[number], now);
}

bool
share_is_mine(const struct share *share, size_t number, size_t count, int64_t now)
{
    size_t other = SHARE_PROCESSES - 1 - number;
    bool there = atomic_load(&share->ready[other]) && now - atomic_load(&share->seen[other]) < SHARE_SILENCE;
    return !there || count <= atomic_load(&share->count[other]) + SHARE_SLACK;
}

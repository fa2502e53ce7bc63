#include "fcgi/slots.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static size_t
size_of(size_t count)
{
    return count * sizeof(struct slot) + SLOTS_SESSIONS * sizeof(struct known_session);
}

int
slots_create(size_t count)
{
    int descriptor = memfd_create("anamnesis-slots", MFD_CLOEXEC);
    if (descriptor < 0) {
        return -1;
    }
    if (ftruncate(descriptor, (off_t)size_of(count)) != 0) {
        int reason = errno;
        (void)close(descriptor);
        errno = reason;
        return -1;
    }
    return descriptor;
}

struct slots
slots_map(int descriptor, size_t count)
{
    struct stat made;
    if (fstat(descriptor, &made) != 0 || (size_t)made.st_size != size_of(count)) {
        errno = ESTALE;
        return (struct slots){.slots = NULL};
    }
    void *memory = mmap(NULL, size_of(count), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (memory == MAP_FAILED) {
        return (struct slots){.slots = NULL};
    }
    struct slot *slots = memory;
    void *behind = slots + count;
    return (struct slots){slots, count, behind};
}

void
slot_clear(struct slot *slot, int lane)
{
    atomic_store(&slot->busy_since, 0);
    atomic_store(&slot->served, 0);
    atomic_store(&slot->ready, false);
    atomic_store(&slot->leave, LEAVE_NOT);
    atomic_store(&slot->lane, lane);
    atomic_store(&slot->practice, 0);
    atomic_store(&slot->patient, 0);
}

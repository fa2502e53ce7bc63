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

static int
create(const char *name, size_t size)
{
    int descriptor = memfd_create(name, MFD_CLOEXEC);
    if (descriptor < 0) {
        return -1;
    }
    if (ftruncate(descriptor, (off_t)size) != 0) {
        int reason = errno;
        (void)close(descriptor);
        errno = reason;
        return -1;
    }
    return descriptor;
}

static void *
map(int descriptor, size_t size)
{
    struct stat made;
    if (fstat(descriptor, &made) != 0 || (size_t)made.st_size != size) {
        errno = ESTALE;
        return NULL;
    }
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

int
slots_create(size_t count)
{
    return create("anamnesis-slots", size_of(count));
}

struct slots
slots_map(int descriptor, size_t count)
{
    void *memory = map(descriptor, size_of(count));
    if (memory == NULL) {
        return (struct slots){.slots = NULL};
    }
    struct slot *slots = memory;
    void *behind = slots + count;
    return (struct slots){slots, count, behind};
}

struct log_held *
lines_create(int *descriptor)
{
    *descriptor = create("anamnesis-lines", sizeof(struct log_held));
    return *descriptor < 0 ? NULL : map(*descriptor, sizeof(struct log_held));
}

struct log_held *
lines_map(int descriptor)
{
    return map(descriptor, sizeof(struct log_held));
}

void
lines_end(struct log_held *lines)
{
    if (lines != NULL) {
        log_write_left(lines);
        (void)munmap(lines, sizeof *lines);
    }
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

#include "fcgi/slots.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

int
slots_create(size_t count)
{
    int descriptor = memfd_create("anamnesis-slots", MFD_CLOEXEC);
    if (descriptor < 0) {
        return -1;
    }
    if (ftruncate(descriptor, (off_t)(count * sizeof(struct slot))) != 0) {
        int reason = errno;
        (void)close(descriptor);
        errno = reason;
        return -1;
    }
    return descriptor;
}

struct slot *
slots_map(int descriptor, size_t count)
{
    void *memory = mmap(NULL, count * sizeof(struct slot), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

#include "lib/base/write_all.h"

#include <errno.h>
#include <unistd.h>

bool
write_all(int file, const void *bytes, size_t size)
{
    const unsigned char *rest = bytes;
    while (size > 0) {
        ssize_t written = write(file, rest, size);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        if (written > 0) {
            rest += written;
            size -= (size_t)written;
        }
    }
    return true;
}

/* libFuzzer: the orientation in Exif is one of eight, the name in front changes nothing, and no byte behind it is read. */
#include "tests/fuzz/fuzz.h"

#include "scan/picture_exif.h"

#include <string.h>

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    static const unsigned char name[] = {'E', 'x', 'i', 'f', 0, 0};
    static unsigned char named[1 << 16];
    unsigned found = picture_exif_orientation((struct span){.data = data, .size = size});
    if (found < PICTURE_UPRIGHT || found > 8) {
        fuzz_fail("%u is an orientation", found);
    }
    if (size > sizeof named - sizeof name || (size >= sizeof name && memcmp(data, name, sizeof name) == 0)) {
        return 0;
    }
    memcpy(named, name, sizeof name);
    memcpy(named + sizeof name, data, size);
    if (picture_exif_orientation((struct span){.data = named, .size = sizeof name + size}) != found) {
        fuzz_fail("with its name in front it is %u, too", found);
    }
    return 0;
}

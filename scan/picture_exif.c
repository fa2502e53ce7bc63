/* The orientation in Exif: a TIFF header, and the entries of the first directory behind it. */
#include "scan/picture_exif.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
    ORIENTATION_LAST = 8,
    HEADER_SIZE = 8,
    ENTRY_SIZE = 12,
    TAG_ORIENTATION = 0x0112,
    TYPE_SHORT = 3,
    TIFF_MARK = 42
};

struct tiff {
    struct span data;
    bool big_endian;
};

/* An unsigned number of `size` bytes, 2 or 4, that are there. */
static uint32_t
number_at(const struct tiff *tiff, size_t offset, size_t size)
{
    uint32_t number = 0;
    for (size_t i = 0; i < size; i++) {
        size_t place = tiff->big_endian ? i : size - 1 - i;
        number = number << 8 | tiff->data.data[offset + place];
    }
    return number;
}

static unsigned
orientation_of(const struct tiff *tiff, size_t entry)
{
    if (number_at(tiff, entry, 2) != TAG_ORIENTATION || number_at(tiff, entry + 2, 2) != TYPE_SHORT ||
        number_at(tiff, entry + 4, 4) != 1) {
        return 0;
    }
    return number_at(tiff, entry + 8, 2);
}

unsigned
picture_exif_orientation(struct span exif)
{
    static const unsigned char name[] = {'E', 'x', 'i', 'f', 0, 0};
    if (exif.size >= sizeof name && memcmp(exif.data, name, sizeof name) == 0) {
        exif.data += sizeof name;
        exif.size -= sizeof name;
    }
    if (exif.size < HEADER_SIZE || exif.data[0] != exif.data[1] ||
        (exif.data[0] != 'I' && exif.data[0] != 'M')) {
        return PICTURE_UPRIGHT;
    }
    struct tiff tiff = {.data = exif, .big_endian = exif.data[0] == 'M'};
    size_t directory = number_at(&tiff, 4, 4);
    if (number_at(&tiff, 2, 2) != TIFF_MARK || directory > exif.size - 2) {
        return PICTURE_UPRIGHT;
    }
    size_t count = number_at(&tiff, directory, 2);
    size_t entry = directory + 2;
    for (size_t i = 0; i < count && exif.size - entry >= ENTRY_SIZE; i++, entry += ENTRY_SIZE) {
        unsigned found = orientation_of(&tiff, entry);
        if (found >= PICTURE_UPRIGHT && found <= ORIENTATION_LAST) {
            return found;
        }
    }
    return PICTURE_UPRIGHT;
}

#include "scan/engine_canary.h"

#include <stdint.h>
#include <string.h>

/*
 * The zip of APPNOTE.TXT 4.3: a local header, the data, a central directory of one entry, its end. Numbers
 * are little endian.
 */
enum {
    MASK = 0x55,
    LOCAL = 0x04034b50,
    CENTRAL = 0x02014b50,
    END = 0x06054b50,
    VERSION = 20,
    DEFLATED = 8,
    DATE_1980 = 0x21, /* 1 January */
    STORED_BLOCK = 5, /* what RFC 1951 3.2.4 puts around a block that is the last and as it was */
    LAST_BLOCK = 1
};

#define CRC_POLYNOMIAL UINT32_C(0xedb88320)

/* The 68 bytes of the EICAR test file, each changed by MASK. */
static const unsigned char masked[] = {
    0x0d, 0x60, 0x1a, 0x74, 0x05, 0x70, 0x15, 0x14, 0x05, 0x0e, 0x61, 0x09, 0x05, 0x0f, 0x0d, 0x60, 0x61,
    0x7d, 0x05, 0x0b, 0x7c, 0x62, 0x16, 0x16, 0x7c, 0x62, 0x28, 0x71, 0x10, 0x1c, 0x16, 0x14, 0x07, 0x78,
    0x06, 0x01, 0x14, 0x1b, 0x11, 0x14, 0x07, 0x11, 0x78, 0x14, 0x1b, 0x01, 0x1c, 0x03, 0x1c, 0x07, 0x00,
    0x06, 0x78, 0x01, 0x10, 0x06, 0x01, 0x78, 0x13, 0x1c, 0x19, 0x10, 0x74, 0x71, 0x1d, 0x7e, 0x1d, 0x7f};

enum { PLAIN = sizeof masked };

static const char member[] = "canary";

struct writer {
    unsigned char *at;
};

static void
put(struct writer *out, uint32_t value, unsigned bytes)
{
    for (; bytes > 0; bytes--) {
        *out->at++ = (unsigned char)value;
        value >>= 8;
    }
}

static void
put_bytes(struct writer *out, const void *bytes, size_t size)
{
    memcpy(out->at, bytes, size);
    out->at += size;
}

static uint32_t
crc32_of(const unsigned char *bytes, size_t size)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ ((crc & 1) != 0 ? CRC_POLYNOMIAL : 0);
        }
    }
    return ~crc;
}

/* What the local header and the central directory have in common, from the version that is needed. */
static void
put_entry(struct writer *out, uint32_t crc, uint32_t size, unsigned flags)
{
    put(out, VERSION, 2);
    put(out, flags, 2);
    put(out, DEFLATED, 2);
    put(out, 0, 2); /* midnight */
    put(out, DATE_1980, 2);
    put(out, crc, 4);
    put(out, size + STORED_BLOCK, 4);
    put(out, size, 4);
    put(out, sizeof member - 1, 2);
    put(out, 0, 2); /* no extra field */
}

size_t
engine_canary_zip(const unsigned char *plain, size_t size, unsigned flags, unsigned char *zip)
{
    struct writer out = {.at = zip};
    uint32_t crc = crc32_of(plain, size);
    put(&out, LOCAL, 4);
    put_entry(&out, crc, (uint32_t)size, flags);
    put_bytes(&out, member, sizeof member - 1);
    put(&out, LAST_BLOCK, 1);
    put(&out, (uint32_t)size, 2);
    put(&out, (uint16_t)~size, 2);
    put_bytes(&out, plain, size);
    uint32_t directory = (uint32_t)(out.at - zip);
    put(&out, CENTRAL, 4);
    put(&out, VERSION, 2);
    put_entry(&out, crc, (uint32_t)size, flags);
    put(&out, 0, 2); /* no comment */
    put(&out, 0, 2); /* the first disk */
    put(&out, 0, 2);
    put(&out, 0, 4);
    put(&out, 0, 4); /* where its local header is */
    put_bytes(&out, member, sizeof member - 1);
    uint32_t directory_size = (uint32_t)(out.at - zip) - directory;
    put(&out, END, 4);
    put(&out, 0, 4); /* one disk */
    put(&out, 1, 2);
    put(&out, 1, 2);
    put(&out, directory_size, 4);
    put(&out, directory, 4);
    put(&out, 0, 2);
    return (size_t)(out.at - zip);
}

size_t
engine_canary(unsigned char zip[CANARY_MAX])
{
    unsigned char plain[PLAIN];
    for (size_t i = 0; i < PLAIN; i++) {
        plain[i] = masked[i] ^ MASK;
    }
    return engine_canary_zip(plain, PLAIN, 0, zip);
}

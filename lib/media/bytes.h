/*
 * Numbers and signatures at a place of a file that somebody gave. Private to lib/media. Each reader demands
 * that the bytes are there; `bytes_there` asks, and does not overflow whatever the file says.
 */
#ifndef ANAMNESIS_MEDIA_BYTES_H
#define ANAMNESIS_MEDIA_BYTES_H

#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Four letters as the number that formats of chunks and boxes compare. */
#define BYTES_CODE(a, b, c, d)                                                                               \
    ((uint32_t)(unsigned char)(a) << 24 | (uint32_t)(unsigned char)(b) << 16 |                               \
     (uint32_t)(unsigned char)(c) << 8 | (uint32_t)(unsigned char)(d))

/* Whether `size` bytes are there from `at` on. */
static inline bool
bytes_there(struct span file, size_t at, uint64_t size)
{
    return at <= file.size && size <= file.size - at;
}

/* The bytes from `at` to the end: none, when it ends before. */
static inline struct span
bytes_from(struct span file, size_t at)
{
    return at < file.size ? (struct span){file.data + at, file.size - at} : (struct span){file.data, 0};
}

/* Big endian, as in JPEG, PNG and boxes. */
static inline uint32_t
bytes_big(struct span file, size_t at, size_t size)
{
    uint32_t value = 0;
    for (size_t i = 0; i < size; i++) {
        value = value << 8 | file.data[at + i];
    }
    return value;
}

static inline uint32_t
bytes_code(struct span file, size_t at)
{
    return bytes_big(file, at, 4);
}

/* Little endian, as in RIFF and ZIP. */
static inline uint32_t
bytes_little(struct span file, size_t at, size_t size)
{
    uint32_t value = 0;
    for (size_t i = size; i > 0; i--) {
        value = value << 8 | file.data[at + i - 1];
    }
    return value;
}

/* Whether these bytes stand at `at`; false when the file ends before. */
static inline bool
bytes_are(struct span file, size_t at, const void *expected, size_t size)
{
    return bytes_there(file, at, size) && memcmp(file.data + at, expected, size) == 0;
}

#endif

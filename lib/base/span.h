/* A borrowed run of bytes: it owns nothing, and nothing promises a NUL behind the last byte. */
#ifndef ANAMNESIS_BASE_SPAN_H
#define ANAMNESIS_BASE_SPAN_H

#include <stddef.h>

struct span {
    const unsigned char *data; /* may be NULL only when size is 0 */
    size_t size;               /* bytes */
};

#endif

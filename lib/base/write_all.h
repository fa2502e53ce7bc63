/* write(2) until all of it is written, whatever it takes at once and whatever signals come. */
#ifndef ANAMNESIS_BASE_WRITE_ALL_H
#define ANAMNESIS_BASE_WRITE_ALL_H

#include <stdbool.h>
#include <stddef.h>

/* False with errno; some of it may then have been written. */
bool write_all(int file, const void *bytes, size_t size);

#endif

/*
 * A JPEG that our own program wrote, looked at by who does not trust it: whatever that program was made to do,
 * what leaves it is a plain baseline picture, and no segment in it can carry anything of the file that it was
 * made from.
 */
#ifndef ANAMNESIS_MEDIA_JPEG_MARKERS_H
#define ANAMNESIS_MEDIA_JPEG_MARKERS_H

#include "lib/base/span.h"
#include "lib/media/verdict.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * True when the bytes are SOI, one APP0 that is JFIF without a thumbnail, tables (DQT, DHT), one SOF0 of 8
 * bits with 1 or 3 components, DHT, one SOS with its scan, and EOI, in this order; no other segment, no fill
 * byte, no restart, nothing behind EOI; and width and height are 1 to `side_max` pixels. `size` is then set.
 * Whether the coded picture can be decoded is not asked.
 */
bool media_jpeg_is_ours(struct span file, uint32_t side_max, struct media_size *size);

#endif

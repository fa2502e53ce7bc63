/* The one thing that Exif is asked: which way up a picture stands. */
#ifndef ANAMNESIS_SCAN_PICTURE_EXIF_H
#define ANAMNESIS_SCAN_PICTURE_EXIF_H

#include "lib/base/span.h"

/* From PICTURE_FIRST_TURNED on rows are columns. */
enum { PICTURE_UPRIGHT = 1, PICTURE_FIRST_TURNED = 5 };

/*
 * The orientation, 1 to 8, of Exif data with or without its six bytes of name in front (Exif 2.32, 4.6.5: tag 0x0112
 * of the first directory). PICTURE_UPRIGHT when there is none or the data is broken.
 */
unsigned picture_exif_orientation(struct span exif);

#endif

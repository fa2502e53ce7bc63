/* RGB pixels as the JPEG that others see. */
#ifndef ANAMNESIS_SCAN_PICTURE_WRITE_H
#define ANAMNESIS_SCAN_PICTURE_WRITE_H

#include "scan/picture_pixels.h"

/*
 * Writes a baseline JPEG, 4:2:0, quality 85, with JFIF's marker and no other of an application. False when it does not
 * fit `to`, or there is no memory.
 */
bool picture_write(const struct picture_pixels *pixels, struct picture_jpeg *to);

#endif

/*
 * What others see of a picture is made here: it is decoded and written anew as two JPEGs.
 *
 * The view is at most 2,048 pixels on its longer side, the thumbnail 320, and neither is larger than what it is made
 * of. Both stand upright, have sRGB's colours, lie on white where the picture was transparent, and are baseline JPEGs
 * (4:2:0, quality 85) with no marker but JFIF's: nothing that stood beside the pixels is copied.
 *
 * The bytes are anybody's. Sides, pixels, scans and chunks are bounded before they are decoded (picture_source.h), a
 * file that ends too early is damaged, and what libraries merely warn of is no reason to show a half of a picture.
 * Nothing here opens a file or knows of processes: a cell calls it (scan/cell.h), tests call it as it is.
 */
#ifndef ANAMNESIS_SCAN_PICTURE_H
#define ANAMNESIS_SCAN_PICTURE_H

#include "scan/picture_form.h"

/*
 * Makes both of a file that was found to be of the type, and tells how large it is itself. What the three hold is
 * undefined unless PICTURE_MADE is returned. Takes as much processor as decoding does: the caller bounds it.
 */
enum picture_outcome picture_make(struct span file, enum picture_type type, struct picture_sides *sides,
                                  struct picture_jpeg *view, struct picture_jpeg *thumbnail);

#endif

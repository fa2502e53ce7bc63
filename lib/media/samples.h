/* The samples of a track that goes (lib/media/boxes.h). Private to lib/media. */
#ifndef ANAMNESIS_MEDIA_SAMPLES_H
#define ANAMNESIS_MEDIA_SAMPLES_H

#include "lib/base/span.h"
#include "lib/media/box.h"

#include <stdbool.h>

/*
 * Overwrites by zeros what the track's tables say its samples are, as far as it lies in `mdat`: a table cannot reach a
 * header. `bytes` are the file's own, to be changed, or NULL: then it is only looked whether that can be done. False
 * when the tables are not there, are shorter than they say, or name more bytes than the file has. Time is
 * bounded by the tables' size times MEDIA_SAMPLES_MDATS_MAX.
 */
enum { MEDIA_SAMPLES_MDATS_MAX = 8 };
bool media_samples_erase(struct span file, const struct media_box *track, unsigned char *bytes);

#endif

/*
 * MP4, MOV and M4A: their boxes looked through, and what tells of the person, the place and the device taken out of
 * them in place. Nothing moves: a box that goes becomes `free` of the same size, with zeros in it, so every offset
 * stays true and no stream is touched.
 *
 * What stays is a list, what goes is the rest: boxes without which a film cannot be played, and tracks of pictures and
 * sound. All others go: user data, metadata of any make, `uuid`, text, time codes, and timed metadata (a phone's or a
 * camera's position for each frame), whose samples are overwritten, too. Times of creation, names of handlers and
 * encoders become zeros.
 *
 * Operations allocate nothing, and are bounded by the file's size and by the limits here.
 */
#ifndef ANAMNESIS_MEDIA_BOXES_H
#define ANAMNESIS_MEDIA_BOXES_H

#include "lib/base/span.h"
#include "lib/media/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MEDIA_BOXES_MAX = 100000, MEDIA_BOXES_DEPTH_MAX = 16, MEDIA_TRACKS_MAX = 64 };

struct media_film {
    struct media_size size; /* of the largest track of pictures, as it is shown: turned */
    uint32_t seconds;       /* rounded up; 0 when the file does not say it */
    unsigned pictures;      /* tracks that stay */
    unsigned sounds;
    unsigned others; /* tracks that go */
};

/*
 * Looks through a whole file that begins with `ftyp`. Fine, or:
 * damaged         boxes that do not fill the file or the one they stand in, or are too small for what they hold;
 * too-deep        more boxes or tracks than the limits;
 * encrypted       protected streams;
 * active-content  a track whose data are in another file;
 * not-understood  no film, a compressed header, sample descriptions that are not read here, or tracks that go
 *                 in a film of fragments;
 * wrong-type      it may end a ZIP as well.
 * `film` is set as far as was read.
 */
enum media_verdict media_boxes_look(struct span file, struct media_film *film);

/* The same, and on fine takes out what is told above. Nothing is changed when it is not fine. Of its own output
 * it changes nothing. */
enum media_verdict media_boxes_clean(unsigned char *bytes, size_t size, struct media_film *film);

/* Whether one of its tracks is a picture or a sound: all that can be said of a file before it is walked. */
bool media_boxes_has(struct span file, uint32_t handler);

#endif

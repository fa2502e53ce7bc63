/* A film or a sound in a process of its own: a copy of it without what tells of the person, the place and the device. */
#ifndef ANAMNESIS_SCAN_FILM_CELL_H
#define ANAMNESIS_SCAN_FILM_CELL_H

#include "scan/cell.h"

/*
 * A cell_work (scan/cell.h) for what is made of boxes: video/mp4, video/quicktime and audio/mp4. The result is one
 * view, as large as the file and of its type, in which media_boxes_clean has taken out what must not be seen; streams
 * are as they were. Sides and seconds are the reply's. A file that media_boxes_clean refuses is rejected with its
 * reason; when the result has too little room there is no answer.
 */
bool film_look(const struct cell_task *task, struct wire_reply *reply);

#endif

/* A picture in a process of its own: from the task's file to the task's result. */
#ifndef ANAMNESIS_SCAN_PICTURE_CELL_H
#define ANAMNESIS_SCAN_PICTURE_CELL_H

#include "scan/cell.h"

/*
 * A cell_work (scan/cell.h) for image/jpeg, image/png, image/webp, image/heic, and WIRE_DRAWN: a page. The result is the view and the
 * thumbnail, one behind the other, as the reply's parts say. What cannot be made is rejected, with the reason; when
 * there is no memory, the result has too little room or the type is none of these there is no answer.
 */
bool picture_look(const struct cell_task *task, struct wire_reply *reply);

#endif

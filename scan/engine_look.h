/*
 * libclamav, set up so that it does not fail open, and what is made of its answers. For the engine alone:
 * libclamav is under the GPL, version 2, and no other program links it.
 *
 * libclamav says "clean" of what it could not read: without a usable directory for temporary files, at the
 * end of its limits when that is no alert, and after errors that only its log tells. So a file is clean when
 * the canary was found first in the same process, the file gave CL_CLEAN, and nothing was logged at error
 * level; encrypted content and every limit are alerts, which become reasons. What it passes by without an
 * alert is noted by its callbacks and refused too: a member that it cuts at the limit of a file's size, a zip
 * without its end, an encrypted document, a program, RAR. HTML is looked at twice: as it is, too.
 */
#ifndef ANAMNESIS_SCAN_ENGINE_LOOK_H
#define ANAMNESIS_SCAN_ENGINE_LOOK_H

#include "scan/cell.h"

#include <stdbool.h>

struct cl_engine;

/*
 * Loads all signatures of the directory and makes the engine ready; some seconds and 1.2 GB for the official
 * ones. NULL, with what libclamav says in `why`, when there are none or one of them is broken. It is
 * ended by cl_engine_free.
 */
struct cl_engine *engine_load(const char *directory, const char **why);

/* The cell_work of the engine; the plan's `own` is the struct cl_engine. */
bool engine_look(const struct cell_task *task, struct wire_reply *reply);

#endif

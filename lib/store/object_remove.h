/*
 * Removes what is in the store on the local disk: a sealed object, or the directory of an upload's parts with
 * what is in it. What is not there is removed already. The directory's entry is on the disk when this
 * returns, so that whoever noted the name may forget it.
 *
 * No link is followed on the way down. A store that is not there itself (a disk that is not mounted) is an
 * error: what was stored in it would else be forgotten, and come back with it.
 */
#ifndef ANAMNESIS_STORE_OBJECT_REMOVE_H
#define ANAMNESIS_STORE_OBJECT_REMOVE_H

#include <stdbool.h>

/*
 * `top` is the open directory ANAMNESIS_STORE_DIR; `name` a sealed object's, or `incoming/<upload's id>`
 * (lib/store/object_name.h). False with errno: EINVAL when it is no such name, ENOTEMPTY when the directory
 * has something that is no part.
 */
bool object_remove(int top, const char *name);

#endif

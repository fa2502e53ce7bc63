/*
 * Names of what is in the store, and its limits. A name is a path below ANAMNESIS_STORE_DIR, or the key of an
 * S3 object:
 *
 *     incoming/<upload's id>/<number>   one part as it arrived, plain, until the scanner has judged it
 *     sealed/<2 digits>/<30 digits>     one sealed object; its digits are 128 random bits
 *
 * A sealed object's name tells nothing of anybody, and nobody can guess it. What is no such name never
 * reaches the file system.
 */
#ifndef ANAMNESIS_STORE_OBJECT_NAME_H
#define ANAMNESIS_STORE_OBJECT_NAME_H

#include "lib/base/uuid.h"

#include <stdbool.h>

enum {
    PART_SIZE_MAX = 8 * 1024 * 1024, /* bytes */
    UPLOAD_PARTS_MAX = 7,
    UPLOAD_SIZE_MAX = 50 * 1000 * 1000,
    OBJECT_NAME_SIZE = 48 /* the longest of these, with its NUL */
};

/* A new name of a sealed object. Returns `name`. */
const char *object_name_new(char name[OBJECT_NAME_SIZE]);

bool object_name_is_sealed(const char *name);

/*
 * The name of a part, from 1 to UPLOAD_PARTS_MAX, and of the directory of an upload's parts. False, with an
 * empty name, when the id is no UUID or there is no such part.
 */
bool object_name_part(const char *upload_id, unsigned number, char name[OBJECT_NAME_SIZE]);
bool object_name_parts(const char *upload_id, char name[OBJECT_NAME_SIZE]);

/* Reads a part's name, in the one spelling that object_name_part gives. False when it is none. */
bool object_name_read_part(const char *name, char upload_id[UUID_TEXT_SIZE], unsigned *number);

#endif

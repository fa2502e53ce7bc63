/*
 * Which parts of an upload lie in the store. A worker may ask this and nothing else of the local disk: it
 * looks up names that it knows, and can neither list nor read. A part has its name only when all of it is
 * there, with the digest that was signed (store/put.h), so its size is all that there is to ask.
 */
#ifndef ANAMNESIS_STORE_PARTS_THERE_H
#define ANAMNESIS_STORE_PARTS_THERE_H

#include "lib/store/object_name.h"
#include "lib/store/result.h"

#include <stdint.h>

/*
 * `root` is ANAMNESIS_STORE_DIR, opened (O_PATH does). Sets sizes[0 .. count - 1] to the bytes of parts 1 to
 * `count`, at most UPLOAD_PARTS_MAX, and to -1 for those that are not there. STORE_DONE, or STORE_FAILED:
 * then nothing is known of any. Costs `count` calls of fstatat: on a slow disk they take time, so call it
 * before locks.
 */
enum store_result parts_there(int root, const char *upload_id, unsigned count,
                              int64_t sizes[UPLOAD_PARTS_MAX]);

#endif

/*
 * The parts of an upload, put together in memory: what is looked at is in no file that has a name, cannot be changed
 * any more (a sealed memfd), and is gone with its descriptors. The digest is taken of exactly these bytes.
 */
#ifndef ANAMNESIS_SCAN_GATHER_H
#define ANAMNESIS_SCAN_GATHER_H

#include "lib/media/verdict.h"
#include "lib/store/declared.h"
#include "lib/store/store.h"

/*
 * Reads the parts 1 to `parts` of the upload. STORE_DONE when it is known what became of it: then *verdict is MEDIA_FINE, and *file a sealed
 * descriptor that the caller closes; or MEDIA_WRONG_SIZE or MEDIA_WRONG_DIGEST, when the parts are not what was declared. Anything else: it could
 * not be read at the moment; STORE_FAILED with errno. Memory: the size of the file, and meanwhile of a part.
 */
enum store_result gather(struct store *store, const char *upload_id, int64_t parts,
                         const struct declared *declared, enum media_verdict *verdict, int *file);

#endif

/*
 * The original of a clean file, opened from its sealed object into memory, as gather.h puts parts together: for looking at it again with
 * other signatures.
 */
#ifndef ANAMNESIS_SCAN_UNSEAL_H
#define ANAMNESIS_SCAN_UNSEAL_H

#include "lib/base/span.h"
#include "lib/store/declared.h"
#include "lib/store/store.h"

struct unseal {
    const char *upload_id;
    const char *name;               /* the object's */
    const unsigned char *files_key; /* the patient's */
    struct span salt;
    const struct declared *declared;
};

/*
 * STORE_DONE: *file is a sealed descriptor of exactly the bytes that were declared, for the caller to close. Otherwise it cannot be read
 * (errno, or STORE_ABSENT), or is not what it was (STORE_DAMAGED). Memory: the size of the file.
 */
enum store_result unseal(struct store *store, const struct unseal *from, int *file);

#endif

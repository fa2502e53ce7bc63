/*
 * Seals what is kept of a clean file: the file itself, and what was made of it for others to see. Each object has a key of
 * its own, which is made of the patient's files key, the upload, the kind, and the row's salt.
 */
#ifndef ANAMNESIS_SCAN_KEEP_H
#define ANAMNESIS_SCAN_KEEP_H

#include "lib/base/span.h"
#include "lib/crypto/files_key.h"
#include "lib/media/type.h"
#include "lib/store/store.h"
#include "scan/wire.h"

enum { KEPT_MAX = WIRE_PARTS_MAX + 1, KEPT_JSON_MAX = 16 * 1024 };

/* The objects that were written, and what the database is told of them. */
struct kept {
    char names[KEPT_MAX][OBJECT_NAME_SIZE];
    size_t count;
    char json[KEPT_JSON_MAX];
};

struct keep {
    struct store *store;
    const char *upload_id;
    const unsigned char *files_key;
    struct span salt;
    enum media_type type;
    struct span file;               /* its bytes */
    const struct wire_reply *reply; /* what was made of it */
    int result;                     /* where that is; -1: nothing was made */
};

/* Film or sound: what others see of it is a copy of the same type. */
bool keep_is_film(enum media_type type);

enum kept_how {
    KEPT,
    KEPT_NOT,    /* errno; nothing stays behind */
    KEPT_FOREIGN /* what was made is not what may be made; nothing was written */
};

/* Looks at what was made, then writes all of it, each object whole and in the store before it returns. */
enum kept_how keep_all(const struct keep *keep, struct kept *kept);

/* Takes away what was written. */
void keep_none(struct store *store, struct kept *kept);

#endif

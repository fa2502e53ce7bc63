/*
 * Checkpoints: every seal is noted outside of the database too, so that nobody who can change the database
 * can change the past unnoticed. One JSON line a seal (lib/audit/lines.h) in DIR/audit-checkpoints.jsonl,
 * mode 0600. The file is only ever appended to, and each append is on disk before the call returns.
 */
#ifndef ANAMNESIS_JOBS_CHECKPOINT_H
#define ANAMNESIS_JOBS_CHECKPOINT_H

#include "lib/audit/seal.h"
#include "lib/base/arena.h"

#include <stdbool.h>

#define CHECKPOINT_FILE "audit-checkpoints.jsonl"

struct checkpoint {
    int file;       /* open and locked, or -1 */
    int64_t number; /* the newest seal that is noted; 0: none */
    unsigned char digest[DIGEST_SIZE];
};

/*
 * Opens and locks the directory's file and reads its end; a line that was cut short by a crash is taken away.
 * NULL, or why it cannot be used (a code for the log). Close it in either case.
 */
const char *checkpoint_open(struct checkpoint *checkpoint, const char *directory, struct arena *arena);

/* Appends these seals, in their order, and waits for the disk. False with errno. */
bool checkpoint_add(struct checkpoint *checkpoint, const struct audit_seal *seals, size_t count);

void checkpoint_close(struct checkpoint *checkpoint);

#endif

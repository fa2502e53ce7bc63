/* Which signatures the engine has: what an upload's row says that it was looked at with. */
#ifndef ANAMNESIS_SCAN_ENGINE_SIGNATURES_H
#define ANAMNESIS_SCAN_ENGINE_SIGNATURES_H

#include "scan/wire.h"

#include <stdbool.h>
#include <stdint.h>

struct engine_signatures {
    /* "name:version,...", sorted. The version of a signed database is its own, of any other file the first
     * sixteen digits of its SHA-256. Where that is too long: "sha256:" and the digest of it. */
    char names[WIRE_SIGNATURES_MAX];
    int64_t at; /* when the newest signed one was made, by its header; microseconds; 0: there is none */
};

/*
 * Reads the files of the directory, not those that begin with a dot or are freshclam's notes (*.dat). False
 * with errno when one cannot be read, or when there is none (ENOENT).
 */
bool engine_signatures_read(const char *directory, struct engine_signatures *signatures);

#endif

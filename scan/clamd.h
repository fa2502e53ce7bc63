/*
 * clamd, asked over its socket (clamd(8), INSTREAM). It says OK of what it could not look into unless it was told not to, and answers so
 * whichever signatures it has: so what it says counts only when it has just found what it must find (clamd_is_trusted).
 */
#ifndef ANAMNESIS_SCAN_CLAMD_H
#define ANAMNESIS_SCAN_CLAMD_H

#include "lib/base/span.h"
#include "scan/wire.h"

#include <stdbool.h>

enum {
    CLAMD_SAID_MAX = 512,
    CLAMD_PATIENCE = 10 * 1000 /* milliseconds, for what is small: four of them and a look are one request */
};

/* Whether it is a place that can be asked: a path, or 127.0.0.1 with a port ("127.0.0.1:3310"). */
bool clamd_is_address(const char *address);

/* The versions of program and signatures, and of when those are (microseconds since 1970). False: it does not answer, or does not tell all. */
bool clamd_version(const char *address, char version[CLAMD_SAID_MAX], int64_t *at);

/*
 * Whether it finds the canary in a zip, refuses an encrypted zip, and refuses one that is nested deeper than it looks. When not, a sentence
 * in `why` says what must be set; NULL: it did not answer.
 */
bool clamd_is_trusted(const char *address, const char **why);

/* What it says of a file. WIRE_END_NONE in the reply: it did not answer. */
void clamd_look(const char *address, struct span file, uint32_t milliseconds, struct wire_reply *reply);

#endif

/*
 * Where keys come from that end: the agent of a container, or the metadata service of a machine. For
 * lib/cloud/credentials.
 */
#ifndef ANAMNESIS_CLOUD_CREDENTIALS_SOURCE_H
#define ANAMNESIS_CLOUD_CREDENTIALS_SOURCE_H

#include "lib/cloud/keys.h"

#include <stdbool.h>
#include <stddef.h>

enum { SOURCE_ORIGIN_SIZE = 300, SOURCE_TARGET_SIZE = 1024 };

struct credentials_source {
    bool is_machine; /* else a container's agent */
    char origin[SOURCE_ORIGIN_SIZE];
    char target[SOURCE_TARGET_SIZE]; /* of a container's agent */
};

/*
 * Reads the environment (credentials.h). False, with a sentence in `error`, when it names no source, or one
 * to which a token may not be sent: plain http is for this machine (127.0.0.1, [::1], localhost) and for the
 * addresses that AWS has for this alone.
 */
bool credentials_source_find(struct credentials_source *source, char *error, size_t size);

/*
 * Asks for keys; takes a few seconds at most. False, with a line in the log that says why, when there are
 * none; `keys` is then untouched. A token's file is read each time: it changes.
 */
bool credentials_source_ask(const struct credentials_source *source, struct cloud_keys *keys);

#endif

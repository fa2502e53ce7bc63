/*
 * Who may do what: a signed URL allows one PUT of one part, a ticket one file for a minute. Workers make both;
 * here they are verified with the keyring's `files` key, and nothing else is asked of anybody.
 */
#ifndef ANAMNESIS_STORE_ACCESS_H
#define ANAMNESIS_STORE_ACCESS_H

#include "lib/base/config.h"
#include "lib/store/part_url.h"
#include "lib/store/ticket.h"
#include "store/head.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct access;

/*
 * Loads the keyring (ANAMNESIS_FILES_KEYRING) and notes whose URLs these are (ANAMNESIS_BASE_URL). The caller
 * owns the result, which keeps to the configuration: access_free. NULL with a sentence in `error`.
 */
struct access *access_create(const struct config *config, char *error, size_t size);
void access_free(struct access *access); /* NULL is ignored */

/*
 * Whether this head is that of a PUT that a URL of ours allows at the time `now` (microseconds since 1970), and of
 * which part. False says no more, on purpose.
 */
bool access_part(const struct access *access, const struct head *head, int64_t now, struct signed_part *part);

/* The same of a ticket, as it stands in a path: what it opens, which holds a key. */
bool access_file(const struct access *access, struct span text, int64_t now, struct ticket *ticket);

#endif

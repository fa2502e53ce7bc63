/*
 * What one process remembers between requests to save round trips to the database:
 *
 * - data keys that it has unwrapped, for at most five minutes, in secure memory;
 * - which patient an object belongs to, and whose session a token hash names (two caches of ids).
 *
 * Nothing here decides access. Whoever takes a key or an owner from here asks the database in the same
 * pipeline whom it belongs to, and discards the work when the database disagrees. The five minutes begin with
 * the put, and use does not prolong them; a clock that was set back ends them at once. When the table is
 * full, the key that was used longest ago makes room. A key is wiped when it is dropped, replaced, too old or
 * cleared; the copy that key_cache_get makes is the caller's to wipe.
 *
 * All tables are of fixed size (150 KiB, and 16 KiB of locked keys); nothing is allocated after
 * key_cache_create. A look-up is one SipHash and a short chain; key_cache_list and a sweep walk the entries.
 * Ids are UUIDs as text in either case: a text that is no UUID is never stored and never found. `now` is in
 * microseconds since 1970, as request.now. Not for several threads.
 */
#ifndef ANAMNESIS_CRYPTO_KEY_CACHE_H
#define ANAMNESIS_CRYPTO_KEY_CACHE_H

#include "lib/base/uuid.h"
#include "lib/crypto/data_key.h"
#include "lib/crypto/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    KEY_CACHE_ENTRIES = 512,
    KEY_CACHE_SECONDS = 300, /* counted from put; use does not prolong it (docs/security.md) */
    KEY_CACHE_OWNERS = 1024, /* objects whose owner is remembered */
    KEY_CACHE_SESSIONS = 512 /* sessions whose account is remembered */
};

struct key_cache;

/* Whose session it is, as the database said when it was last proven. */
struct session_owner {
    char account_id[UUID_TEXT_SIZE];
    char practice_id[UUID_TEXT_SIZE];
};

/* An empty cache, owned by the caller. NULL when there is no memory. */
struct key_cache *key_cache_create(void);

/* Wipes and frees. NULL is ignored. */
void key_cache_destroy(struct key_cache *cache);

/* Copies the owner's key; the caller wipes it. False, with `key` untouched, when it is not there or too old.
 */
bool key_cache_get(struct key_cache *cache, const char *owner_id, int64_t now,
                   unsigned char key[DATA_KEY_SIZE]);

/* Remembers a key from now on, in place of what was there of this owner. */
void key_cache_put(struct key_cache *cache, const char *practice_id, const char *owner_id,
                   const unsigned char key[DATA_KEY_SIZE], int64_t now);

/* Forgets and wipes the key of one owner (erased, or its key was renewed). */
void key_cache_drop(struct key_cache *cache, const char *owner_id);

/*
 * Up to `max` owners of one practice and their keys, most recently used first; returns how many. Does not
 * count as use. The caller wipes `keys`.
 */
size_t key_cache_list(struct key_cache *cache, const char *practice_id, int64_t now, size_t max,
                      char owner_ids[][UUID_TEXT_SIZE], unsigned char keys[][DATA_KEY_SIZE]);

/*
 * Wipes every key that is too old. get, put and list do so themselves, at most once a second: only a process
 * that waits for minutes without a request has to call it.
 */
void key_cache_sweep(struct key_cache *cache, int64_t now);

/* Forgets everything: wipes the keys, and empties both caches of ids. */
void key_cache_clear(struct key_cache *cache);

/*
 * Remembers, or tells, which patient an object (response, assignment, invitation) belongs to. `get` returns
 * false, with `owner_id` untouched, when it is not known.
 */
void object_owner_put(struct key_cache *cache, const char *object_id, const char *owner_id);
bool object_owner_get(const struct key_cache *cache, const char *object_id, char owner_id[UUID_TEXT_SIZE]);

/* Remembers, tells or forgets whose session a token hash names. `get` returns false when it is not known. */
void session_owner_put(struct key_cache *cache, const unsigned char token_hash[DIGEST_SIZE],
                       const struct session_owner *id_pair);
bool session_owner_get(const struct key_cache *cache, const unsigned char token_hash[DIGEST_SIZE],
                       struct session_owner *id_pair);
void session_owner_drop(struct key_cache *cache, const unsigned char token_hash[DIGEST_SIZE]);

#endif

/*
 * What one process remembers between requests to save trips to the database: unwrapped data keys for at most
 * five minutes, in locked memory, and two tables of hints. Nothing here decides access: the database checks
 * in the same pipeline whom a key, an object or a session belongs to. All tables are of fixed size; the least
 * recently used key gives way. Ids are UUIDs in either case; what is no UUID is never found and never stored.
 * `now` is microseconds since 1970, as request.now. Not for use by several threads.
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
struct session_hint {
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

/* Forgets everything, wiped: keys and hints. */
void key_cache_clear(struct key_cache *cache);

/* Remembers, or tells, which patient an object (response, assignment, invitation) belongs to. */
void owner_hint_put(struct key_cache *cache, const char *object_id, const char *owner_id);
bool owner_hint_get(const struct key_cache *cache, const char *object_id, char owner_id[UUID_TEXT_SIZE]);

/* Remembers, tells or forgets whose session a token hash names. */
void session_hint_put(struct key_cache *cache, const unsigned char token_hash[DIGEST_SIZE],
                      const struct session_hint *hint);
bool session_hint_get(const struct key_cache *cache, const unsigned char token_hash[DIGEST_SIZE],
                      struct session_hint *hint);
void session_hint_drop(struct key_cache *cache, const unsigned char token_hash[DIGEST_SIZE]);

#endif

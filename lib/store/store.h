/*
 * The store: where the bytes of files are. One interface, whatever is behind it, for the programs that touch files:
 *
 *     incoming/<upload's id>/<number>   parts, plain, until the scanner has judged them
 *     sealed/<2 digits>/<30 digits>     sealed objects (lib/crypto/stream.h)
 *
 * On the local disk that is a directory, ANAMNESIS_STORE_DIR, and what is written is on the disk when a function returns. In S3 it is a
 * bucket, ANAMNESIS_STORE_URL; calls take time there, so none is made while the database holds something for it. Names are
 * judged here (object_name.h): what is none reaches no disk. No key is kept, and no clock is read.
 *
 * Every function may be called again after any result; those that are neither STORE_DONE nor STORE_ABSENT have errno. Not for several threads.
 */
#ifndef ANAMNESIS_STORE_STORE_H
#define ANAMNESIS_STORE_STORE_H

#include "lib/base/config.h"
#include "lib/base/span.h"
#include "lib/crypto/stream.h"
#include "lib/store/entry.h"
#include "lib/store/object_name.h"
#include "lib/store/part_url.h"
#include "lib/store/result.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum store_kind {
    STORE_NOWHERE, /* none is configured: files can be neither taken nor given */
    STORE_ON_DISK,
    STORE_IN_S3
};

enum { STORE_ERROR_SIZE = 512, STORE_URL_MAX = 8192 /* bytes of a part's URL: S3's may have a token */ };

/* How long a call to S3 may take, its tries together, and what ends it before: the program's stop flag, or NULL. */
struct store_patience {
    int64_t seconds;
    const volatile sig_atomic_t *stop;
};

struct store;

/*
 * The store that the configuration names; both must outlive it. Never touches it yet. NULL with a sentence in `error`: both kinds are
 * configured, or one wrongly. Keys for S3 are where AWS puts them (lib/cloud/credentials.h).
 */
struct store *store_create(const struct config *config, const struct store_patience *patience, char *error,
                           size_t size);

/* A store in this directory, whose name is borrowed. NULL when there is no memory. */
struct store *store_on_disk(const char *directory);

/* NULL is ignored. */
void store_destroy(struct store *store);

enum store_kind store_kind(const struct store *store);

/*
 * Which parts of an upload are there: sets sizes[0 .. count - 1] to the bytes of parts 1 to `count`, at most UPLOAD_PARTS_MAX,
 * and to -1 for those that are not there. A part has its name only when all of it is there, with the digest that was signed. Not
 * STORE_DONE: nothing is known of any.
 */
enum store_result store_parts(struct store *store, const char *upload_id, unsigned count,
                              int64_t sizes[UPLOAD_PARTS_MAX]);

/*
 * Whether URLs of parts can be signed from `now` on. In S3 keys may have to be fetched for that, which takes seconds at most: call it
 * before anything is locked.
 */
bool store_may_sign(struct store *store, int64_t now);

/* Appends the URL to which the client sends the part (part_url.h says what must be true of it). False as there. */
bool store_part_url(struct store *store, const struct keyring *keyring, const char *base_url,
                    const struct signed_part *part, int64_t now, struct buf *url);

/*
 * Reads a whole part into `bytes`, which has room for PART_SIZE_MAX. STORE_ABSENT; STORE_DAMAGED when it is longer than a part
 * may be.
 */
enum store_result store_part_read(struct store *store, const char *upload_id, unsigned number,
                                  unsigned char *bytes, size_t *size);

/*
 * Seals `plain` as one object under a new name, which is told in any case, so that whoever has to may remove it. With any result but
 * STORE_DONE nothing is there, or nothing that anybody can find but by that name.
 */
enum store_result store_object_write(struct store *store, const unsigned char key[STREAM_KEY_SIZE],
                                     const char *text, struct span plain, char name[OBJECT_NAME_SIZE]);

/* A sealed object that is being read. It holds a key and plain bytes until it is closed. */
struct store_reader;

/*
 * Opens the object `name`, which has `plain_size` bytes when it is opened. STORE_ABSENT when there is none; STORE_DAMAGED when it has another
 * size or no header. With STORE_DONE store_object_close must follow; otherwise *reader is NULL.
 */
enum store_result store_object_open(struct store *store, const char *name,
                                    const unsigned char key[STREAM_KEY_SIZE], const char *text,
                                    uint64_t plain_size, struct store_reader **reader);

/* The bytes from `from` up to the end of their chunk: at least one, unless `from` is behind the end. They stay until the next call. */
enum store_result store_object_get(struct store_reader *reader, uint64_t from, struct span *plain);

/* Wipes and frees. NULL is ignored. */
void store_object_close(struct store_reader *reader);

/*
 * `size` bytes of a sealed object in S3, as they are there, from `from` on: for who fetches what others open. STORE_DAMAGED when there are
 * not so many.
 */
enum store_result store_object_bytes(struct store *store, const char *name, uint64_t from,
                                     unsigned char *bytes, size_t size);

/*
 * Removes a sealed object, or `incoming/<upload's id>` with all parts. What is not there is removed already. STORE_FAILED with EINVAL
 * when it is no such name.
 */
enum store_result store_remove(struct store *store, const char *name);

/* Whether there is room for `objects` more objects of `bytes` together: STORE_DONE, STORE_FULL, or that the store is not there. */
enum store_result store_room(struct store *store, uint64_t bytes, uint64_t objects);

/*
 * What another party says of a part: the value of the object's tag, empty while it has none. STORE_ABSENT when there is no such part. On a disk
 * nobody writes tags: STORE_FAILED with ENOTSUP.
 */
enum store_result store_part_tag(struct store *store, const char *upload_id, unsigned number, const char *tag,
                                 char value[STORE_TAG_SIZE]);

/*
 * Gives what is below `prefix`, which is "incoming/", "sealed/" or "incoming/<upload's id>/", down to parts and objects, in the order of the
 * bytes of names; a directory comes before what is in it. It is not held still meanwhile. STORE_DONE also when `each` ended it.
 * STORE_ABSENT when there is nothing of this name at all.
 */
enum store_result store_list(struct store *store, const char *prefix, store_entry_fn *each, void *context);

/* What is at a name that store_list told, or of a part or object. STORE_ABSENT when nothing is. */
enum store_result store_look(struct store *store, const char *name, struct store_entry *entry);

#endif

/*
 * The store in a bucket of S3 (store.h): parts under incoming/, sealed objects under sealed/, in the same bytes as on a disk. Private
 * to lib/store. The functions are those of store.h; S3 compares the SHA-256 of whatever is written, so a part that is there is the one
 * that was signed.
 *
 * STORE_AWAY is what passes by itself or by the operator's hand: S3 does not answer, or refuses us.
 */
#ifndef ANAMNESIS_STORE_STORE_S3_H
#define ANAMNESIS_STORE_STORE_S3_H

#include "lib/base/buf.h"
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

struct store_s3;

struct store_s3_settings {
    const char *url;
    const char *region;
    const char *ca_file;               /* NULL: the system's */
    int64_t seconds;                   /* the longest time of one call */
    const volatile sig_atomic_t *stop; /* or NULL */
};

/* NULL with a sentence in `error`. Connects to nothing yet. */
struct store_s3 *store_s3_create(const struct store_s3_settings *settings, char *error, size_t size);
void store_s3_destroy(struct store_s3 *store);

/* Whether it can be reached now: asked only when it could not be, the last time. */
enum store_result store_s3_reach(struct store_s3 *store);

enum store_result store_s3_parts(struct store_s3 *store, const char *upload_id, unsigned count,
                                 int64_t sizes[UPLOAD_PARTS_MAX]);
bool store_s3_may_sign(struct store_s3 *store, int64_t now);
bool store_s3_part_url(struct store_s3 *store, const struct signed_part *part, int64_t now, struct buf *url);
enum store_result store_s3_part_read(struct store_s3 *store, const char *upload_id, unsigned number,
                                     unsigned char *bytes, size_t *size);
enum store_result store_s3_part_tag(struct store_s3 *store, const char *upload_id, unsigned number,
                                    const char *tag, char *value);
enum store_result store_s3_write(struct store_s3 *store, const unsigned char key[STREAM_KEY_SIZE],
                                 const char *text, struct span plain, char name[OBJECT_NAME_SIZE]);

/* `size` sealed bytes of an object from `from` on. STORE_DAMAGED when there are not so many. */
enum store_result store_s3_bytes(struct store_s3 *store, const char *name, uint64_t from,
                                 unsigned char *bytes, size_t size);

enum store_result store_s3_remove(struct store_s3 *store, const char *name);
enum store_result store_s3_list(struct store_s3 *store, const char *prefix, store_entry_fn *each,
                                void *context);
enum store_result store_s3_look(struct store_s3 *store, const char *name, struct store_entry *entry);

#endif

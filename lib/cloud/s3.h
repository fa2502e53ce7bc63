/*
 * Objects of one bucket of S3, or of what speaks like it: put, get, head, list, delete.
 *
 * One user at a time; a connection is kept between calls. Every request is signed whole (sigv4.h), its body's
 * digest too. What another try can mend (no answer, a cut one, one that is not S3's, 5xx, SlowDown,
 * RequestTimeout, a conflict) is tried again with exponential back-off and full jitter until the time of the
 * call is over; what cannot change is not. Every failure is one line in the log: operation, status, S3's code,
 * request id, tries, milliseconds; never a signature, a key of an object or of AWS, or a token.
 *
 * The rights s3:GetObject, PutObject, DeleteObject, GetObjectTagging and, on the bucket, ListBucket are needed;
 * without the last S3 answers 403 for what is absent. In a bucket with versions s3_delete hides an object and
 * keeps its bytes: do not use one.
 */
#ifndef ANAMNESIS_CLOUD_S3_H
#define ANAMNESIS_CLOUD_S3_H

#include "lib/base/span.h"
#include "lib/cloud/credentials.h"
#include "lib/cloud/s3_place.h"
#include "lib/cloud/s3_result.h"
#include "lib/cloud/s3_xml.h"

#include <signal.h>

struct s3;

struct s3_settings {
    const char *url;    /* of the bucket: s3_place_read; copied, as all here but credentials and stop */
    const char *region; /* "eu-central-1" */
    struct credentials *credentials; /* must outlive the result */
    int64_t seconds; /* the longest time of one call, its tries together, beside the resolver's; 1 to 3600 */
    const char *ca_file;               /* who is trusted; NULL: the system's */
    const volatile sig_atomic_t *stop; /* set to anything but 0, it ends what is under way; or NULL */
};

/* Connects to nothing yet. NULL with a sentence in `error`. */
struct s3 *s3_create(const struct s3_settings *settings, char *error, size_t size);
void s3_destroy(struct s3 *s3);

/* For s3_presign_put. */
const struct s3_place *s3_place_of(const struct s3 *s3);

/*
 * Writes an object that is not there yet (If-None-Match: *); `digest` is the SHA-256 of the bytes, which S3
 * compares. When there is an object, size and digest decide between S3_DONE and S3_EXISTS: an earlier try may
 * have arrived whose answer did not.
 */
enum s3_result s3_put(struct s3 *s3, const char *key, struct span bytes,
                      const unsigned char digest[DIGEST_SIZE]);

/*
 * Reads at most `size` bytes (at least 1) from `from` on; `*got` is less at the object's end, and 0 behind it.
 * Never more bytes than that are written into `into`, whatever is answered, and `*got` is 0 unless S3_DONE.
 */
enum s3_result s3_get(struct s3 *s3, const char *key, int64_t from, size_t size, unsigned char *into,
                      size_t *got);

struct s3_object {
    int64_t size;    /* bytes */
    bool has_digest; /* S3 knows it: the object was put whole, with one */
    unsigned char digest[DIGEST_SIZE];
};
enum s3_result s3_head(struct s3 *s3, const char *key, struct s3_object *object);

/*
 * Every object whose key begins with `prefix` (may be empty), in the order of the answers, a thousand a
 * request, each with a call's time; `each` sees a page when all of it has come, and each of its keys begins so and
 * stands behind all that were seen before (S3_DAMAGED otherwise). S3_DONE also when `each` has ended it.
 */
enum s3_result s3_list(struct s3 *s3, const char *prefix, s3_each *each, void *data);

/* S3_DONE also when there was none: S3 does not say. */
enum s3_result s3_delete(struct s3 *s3, const char *key);

/*
 * The value of an object's tag, as GuardDuty writes GuardDutyMalwareScanStatus; empty when there is no such
 * tag. S3_ABSENT when there is no such object.
 */
enum s3_result s3_get_tag(struct s3 *s3, const char *key, const char *name, char value[S3_TAG_SIZE]);

/* Whether the bucket answers and lets us list: for the start of a program, and doctor. */
enum s3_result s3_reach(struct s3 *s3);

#endif

/*
 * One part on its way to the disk. It is written to a file without a name (O_TMPFILE) and gets its name by
 * linkat when all of it is there, has the digest that was signed, and is on the disk: whatever is cut off,
 * killed or lost before leaves nothing behind, and who was told "taken" finds the part after a power cut. A
 * name that is taken stays as it is.
 *
 *     <incoming>/<upload id>/   0771, group and setgid of <incoming>, made with the first part
 *     <incoming>/<upload id>/1  0640, ..., 7
 *
 * Costs: one write and one digest of every byte, and three fsync, which hold up the process for some
 * milliseconds (a reason why there are two).
 */
#ifndef ANAMNESIS_STORE_PUT_H
#define ANAMNESIS_STORE_PUT_H

#include "build/gen/problems.h"
#include "lib/store/part_url.h"

#include <sodium.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct put {
    int incoming;  /* borrowed */
    int directory; /* of the upload; -1: nothing is under way */
    int file;
    struct signed_part part;
    int64_t left; /* bytes that have not come yet */
    crypto_hash_sha256_state hash;
};

/*
 * Makes room for the part: all of it at once, so that a full disk is told before anything is sent.
 * PROBLEM_NONE, PROBLEM_PART_THERE, PROBLEM_STORE_FULL, or PROBLEM_UNAVAILABLE, which the log explains. With
 * PROBLEM_NONE, put_drop must follow in any case.
 */
enum problem put_begin(struct put *put, int incoming, const struct signed_part *part);

/* Writes the next bytes; never more than `left`. */
enum problem put_write(struct put *put, const unsigned char *bytes, size_t size);

/*
 * Gives it its name, when all bytes have come: also PROBLEM_WRONG_DIGEST. PROBLEM_PART_THERE, here and of put_begin, is as good as
 * PROBLEM_NONE: the name survives a power cut. With another problem the part, whole, may have its name all the same.
 */
enum problem put_end(struct put *put);

/* Closes what is open; without put_end nothing is left. */
void put_drop(struct put *put);

/* That this directory can do it: O_TMPFILE and links by /proc. False with a sentence in `error`. */
bool put_can(int incoming, const char *path, char *error, size_t size);

#endif

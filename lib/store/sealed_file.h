/*
 * Sealed objects (lib/crypto/stream.h) on the local disk, below ANAMNESIS_STORE_DIR.
 *
 * An object is written to a file without a name (O_TMPFILE), and gets one when all of it is on the disk:
 * whatever is killed or cut off before leaves nothing behind, and what has a name survives a power cut. No
 * plain byte is written. Each attempt makes a name of its own, so one that comes too late overwrites nothing;
 * what it wrote is an orphan, which `anamnesis store check` finds.
 *
 *     <root>/sealed/<2 digits>/              2770, made with the first object, the group of sealed/
 *     <root>/sealed/<2 digits>/<30 digits>   0640
 *
 * Reading opens one chunk at a time, from any place, and gives bytes only of a chunk that is proven. Both
 * directions hold a key and plain bytes: they are wiped at the end. Costs: some 64 KiB of memory for each;
 * three fsync for an object that is written.
 */
#ifndef ANAMNESIS_STORE_SEALED_FILE_H
#define ANAMNESIS_STORE_SEALED_FILE_H

#include "lib/base/span.h"
#include "lib/crypto/stream.h"
#include "lib/store/object_name.h"
#include "lib/store/result.h"

#include <stdbool.h>
#include <stdint.h>

/* An object that is being written. Large: one that lives with its owner, not on a small stack. */
struct sealed_writer {
    int sealed;    /* descriptors: <root>/sealed, */
    int directory; /* the one below, */
    int file;      /* and the file without a name */
    uint64_t left; /* plain bytes that have not come yet */
    char name[OBJECT_NAME_SIZE];
    struct stream_seal seal;
    unsigned char chunk[STREAM_SEALED_CHUNK];
};

/*
 * Begins an object of exactly `plain_size` bytes, for which room is made at once, under a new name
 * (writer->name). `root` is the opened directory of the store. With STORE_DONE, sealed_writer_end or
 * sealed_writer_drop must follow; STORE_FULL and STORE_FAILED leave nothing.
 */
enum store_result sealed_writer_begin(struct sealed_writer *writer, int root,
                                      const unsigned char key[STREAM_KEY_SIZE], const char *text,
                                      uint64_t plain_size);

/* The next bytes. Not STORE_DONE: sealed_writer_drop is what is left to do. */
enum store_result sealed_writer_add(struct sealed_writer *writer, struct span plain);

/*
 * Gives the object its name, once it is on the disk. STORE_FAILED with EINVAL when not all bytes have come.
 * In any case nothing of the writer is left to be dropped.
 */
enum store_result sealed_writer_end(struct sealed_writer *writer);

/* Closes and wipes; no object is left. Also for a writer that has ended. */
void sealed_writer_drop(struct sealed_writer *writer);

/* An object that is being read. Large, too. */
struct sealed_reader {
    int file;
    bool has_chunk;
    uint32_t index; /* of the chunk whose plain bytes are in `chunk` */
    struct stream_open open;
    unsigned char chunk[STREAM_SEALED_CHUNK];
};

/*
 * Opens the object `name`, which has `plain_size` bytes when it is opened. STORE_ABSENT when there is none;
 * STORE_DAMAGED when the file has another size or no header. With STORE_DONE, sealed_reader_close must
 * follow.
 */
enum store_result sealed_reader_open(struct sealed_reader *reader, int root, const char *name,
                                     const unsigned char key[STREAM_KEY_SIZE], const char *text,
                                     uint64_t plain_size);

/*
 * Gives the bytes from `from` up to the end of their chunk: at least one, unless `from` is at or behind the
 * object's end. They stay until the next call. STORE_ABSENT when the object was removed before their chunk was read.
 */
enum store_result sealed_reader_get(struct sealed_reader *reader, uint64_t from, struct span *plain);

void sealed_reader_close(struct sealed_reader *reader);

#endif

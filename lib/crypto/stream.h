/*
 * Sealed objects: bytes of any number, sealed as they come and opened from any place. An object is
 *
 *   32 bytes   header: "AnaF", version 1, chunk size as a power of two (16), 2 zeros, 19 random bytes, 5
 *              zeros
 *   n chunks   each 65,536 bytes of XChaCha20 ciphertext (the last one 1 to 65,536; 0 when it is empty)
 *              and 16 bytes Poly1305 tag
 *
 * A chunk's nonce is the header's random bytes, its index (4 bytes, big endian) and 1 for the last one, 0 for
 * the others: the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizar, 2015). Its additional data is a
 * text that says what the object is. So each chunk opens by itself, and none opens that was changed, cut,
 * moved within its object or to another one, or whose object was cut or made longer at its end.
 *
 * Whoever opens says how long the plain object is, because a single chunk cannot tell which one is the last:
 * a size that somebody else than the disk knows. libsodium's secretstream is not used: each of its chunks
 * needs all before it (docs/adr/0053). One key for one object: callers derive it. Costs: a pass over it.
 */
#ifndef ANAMNESIS_CRYPTO_STREAM_H
#define ANAMNESIS_CRYPTO_STREAM_H

#include "lib/base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STREAM_KEY_SIZE = 32,
    STREAM_HEADER_SIZE = 32,
    STREAM_TAG_SIZE = 16,
    STREAM_CHUNK = 65536, /* plain bytes */
    STREAM_SEALED_CHUNK = STREAM_CHUNK + STREAM_TAG_SIZE,
    STREAM_TEXT_MAX = 128,
    STREAM_NONCE_SIZE = 24
};

/* The most plain bytes of an object: indexes have 32 bits. */
#define STREAM_PLAIN_MAX (UINT64_C(1) << 48)

/* The sealed size of so many plain bytes, at most STREAM_PLAIN_MAX. */
uint64_t stream_sealed_size(uint64_t plain);

/* And back. False when no object has this sealed size. */
bool stream_plain_size(uint64_t sealed, uint64_t *plain);

/* What both directions know of an object. Holds its key: wipe it (stream_seal_end, stream_open_end). */
struct stream {
    unsigned char key[STREAM_KEY_SIZE];
    unsigned char nonce[STREAM_NONCE_SIZE]; /* of no chunk yet: the rest is set for each */
    unsigned char text[STREAM_TEXT_MAX];
    size_t text_size;
};

/* An object that is being sealed. Some 64 KiB: one that lives with its owner, not on a small stack. */
struct stream_seal {
    struct stream stream;
    uint32_t index;
    size_t filled;
    unsigned char plain[STREAM_CHUNK];
};

/*
 * Begins an object and writes its header. `text` says what the object is; one of more than STREAM_TEXT_MAX
 * bytes is a programming error, which aborts the process.
 */
void stream_seal_begin(struct stream_seal *seal, const unsigned char key[STREAM_KEY_SIZE], const char *text,
                       unsigned char header[STREAM_HEADER_SIZE]);

/*
 * Takes bytes from the front of `plain`. Returns how many sealed ones it wrote, to be called again then; 0
 * when all of `plain` was taken. More than STREAM_PLAIN_MAX together abort the process.
 */
size_t stream_seal_feed(struct stream_seal *seal, struct span *plain,
                        unsigned char sealed[STREAM_SEALED_CHUNK]);

/* The last chunk: returns its size. Wipes `seal`. */
size_t stream_seal_end(struct stream_seal *seal, unsigned char sealed[STREAM_SEALED_CHUNK]);

/* An object of which chunks are opened. */
struct stream_open {
    struct stream stream;
    uint64_t plain_size;
    uint32_t last; /* index of the last chunk */
};

/*
 * Reads the header of an object that has `plain_size` bytes when it is opened. False, with nothing to wipe,
 * when this is no such header or the size is over STREAM_PLAIN_MAX; what the header says is proven by the
 * first chunk that opens.
 */
bool stream_open_begin(struct stream_open *open, const unsigned char key[STREAM_KEY_SIZE], const char *text,
                       const unsigned char header[STREAM_HEADER_SIZE], uint64_t plain_size);

/*
 * Where a chunk stands in the sealed object, and how many plain bytes it has. `index` is at most open->last.
 */
uint64_t stream_chunk_offset(uint32_t index);
size_t stream_chunk_plain(const struct stream_open *open, uint32_t index);

/*
 * Opens the chunk `index`: `sealed` is stream_chunk_plain + STREAM_TAG_SIZE bytes. False, with the plain
 * bytes zeroed, when it is not this chunk of this object; false, with nothing written, when its size is
 * another one or there is no such chunk.
 */
bool stream_open_chunk(const struct stream_open *open, uint32_t index, struct span sealed,
                       unsigned char plain[STREAM_CHUNK]);

/* Wipes it. */
void stream_open_end(struct stream_open *open);

#endif

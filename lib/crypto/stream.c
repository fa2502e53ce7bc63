#include "lib/crypto/stream.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_BITS = 16, PREFIX_AT = 8, PREFIX_SIZE = 19, INDEX_AT = PREFIX_SIZE, LAST_AT = INDEX_AT + 4 };

_Static_assert(STREAM_CHUNK == 1 << CHUNK_BITS, "what the header says");
_Static_assert(STREAM_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "the key's size");
_Static_assert(STREAM_TAG_SIZE == crypto_aead_xchacha20poly1305_ietf_ABYTES, "the tag's size");
_Static_assert(STREAM_NONCE_SIZE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES &&
                   STREAM_NONCE_SIZE == LAST_AT + 1,
               "prefix, index, last");

static const unsigned char START[PREFIX_AT] = {'A', 'n', 'a', 'F', 1, CHUNK_BITS, 0, 0};

/* An empty object has one chunk, too. */
static uint64_t
chunks_of(uint64_t plain)
{
    return plain == 0 ? 1 : (plain + STREAM_CHUNK - 1) / STREAM_CHUNK;
}

uint64_t
stream_sealed_size(uint64_t plain)
{
    return STREAM_HEADER_SIZE + plain + chunks_of(plain) * STREAM_TAG_SIZE;
}

bool
stream_plain_size(uint64_t sealed, uint64_t *plain)
{
    *plain = 0;
    if (sealed < STREAM_HEADER_SIZE + STREAM_TAG_SIZE || sealed > stream_sealed_size(STREAM_PLAIN_MAX)) {
        return false;
    }
    uint64_t body = sealed - STREAM_HEADER_SIZE;
    uint64_t chunks = (body + STREAM_SEALED_CHUNK - 1) / STREAM_SEALED_CHUNK;
    if (body < chunks * STREAM_TAG_SIZE) {
        return false;
    }
    *plain = body - chunks * STREAM_TAG_SIZE;
    return chunks_of(*plain) == chunks; /* not a last chunk that is empty behind others, or has no tag */
}

static void
stream_begin(struct stream *stream, const unsigned char key[STREAM_KEY_SIZE], const char *text)
{
    size_t size = strlen(text);
    if (size > STREAM_TEXT_MAX) {
        abort(); /* what an object is, is said by ids of ours, never by a client's text */
    }
    memset(stream, 0, sizeof *stream);
    memcpy(stream->key, key, STREAM_KEY_SIZE);
    memcpy(stream->text, text, size);
    stream->text_size = size;
}

static void
chunk_nonce(const struct stream *stream, uint32_t index, bool last, unsigned char nonce[STREAM_NONCE_SIZE])
{
    memcpy(nonce, stream->nonce, PREFIX_SIZE);
    for (int i = 0; i < 4; i++) {
        nonce[INDEX_AT + i] = (index >> (24 - 8 * i)) & 0xff;
    }
    nonce[LAST_AT] = last ? 1 : 0;
}

void
stream_seal_begin(struct stream_seal *seal, const unsigned char key[STREAM_KEY_SIZE], const char *text,
                  unsigned char header[STREAM_HEADER_SIZE])
{
    stream_begin(&seal->stream, key, text);
    seal->index = 0;
    seal->filled = 0;
    randombytes_buf(seal->stream.nonce, PREFIX_SIZE);
    memset(header, 0, STREAM_HEADER_SIZE);
    memcpy(header, START, PREFIX_AT);
    memcpy(header + PREFIX_AT, seal->stream.nonce, PREFIX_SIZE);
}

/* Seals what was gathered. */
static size_t
seal_chunk(struct stream_seal *seal, bool last, unsigned char *sealed)
{
    unsigned char nonce[STREAM_NONCE_SIZE];
    size_t size = seal->filled + STREAM_TAG_SIZE;
    chunk_nonce(&seal->stream, seal->index, last, nonce);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, seal->plain, seal->filled,
                                                     seal->stream.text, seal->stream.text_size, NULL, nonce,
                                                     seal->stream.key);
    if (!last && seal->index == UINT32_MAX) {
        abort(); /* the next chunk would have the nonce of the first */
    }
    seal->index++;
    seal->filled = 0;
    return size;
}

size_t
stream_seal_feed(struct stream_seal *seal, struct span *plain, unsigned char sealed[STREAM_SEALED_CHUNK])
{
    while (plain->size > 0) {
        if (seal->filled == STREAM_CHUNK) { /* only now is it known that this is not the last chunk */
            return seal_chunk(seal, false, sealed);
        }
        size_t room = STREAM_CHUNK - seal->filled;
        size_t taken = plain->size < room ? plain->size : room;
        memcpy(seal->plain + seal->filled, plain->data, taken);
        seal->filled += taken;
        plain->data += taken;
        plain->size -= taken;
    }
    return 0;
}

size_t
stream_seal_end(struct stream_seal *seal, unsigned char sealed[STREAM_SEALED_CHUNK])
{
    size_t size = seal_chunk(seal, true, sealed);
    sodium_memzero(seal, sizeof *seal);
    return size;
}

bool
stream_open_begin(struct stream_open *open, const unsigned char key[STREAM_KEY_SIZE], const char *text,
                  const unsigned char header[STREAM_HEADER_SIZE], uint64_t plain_size)
{
    static const unsigned char zeros[STREAM_HEADER_SIZE - PREFIX_AT - PREFIX_SIZE];
    memset(open, 0, sizeof *open);
    if (memcmp(header, START, PREFIX_AT) != 0 ||
        memcmp(header + PREFIX_AT + PREFIX_SIZE, zeros, sizeof zeros) != 0 || plain_size > STREAM_PLAIN_MAX) {
        return false;
    }
    stream_begin(&open->stream, key, text);
    memcpy(open->stream.nonce, header + PREFIX_AT, PREFIX_SIZE);
    open->plain_size = plain_size;
    open->last = (uint32_t)(chunks_of(plain_size) - 1);
    return true;
}

uint64_t
stream_chunk_offset(uint32_t index)
{
    return STREAM_HEADER_SIZE + (uint64_t)index * STREAM_SEALED_CHUNK;
}

size_t
stream_chunk_plain(const struct stream_open *open, uint32_t index)
{
    return index < open->last ? STREAM_CHUNK
                              : (size_t)(open->plain_size - (uint64_t)open->last * STREAM_CHUNK);
}

bool
stream_open_chunk(const struct stream_open *open, uint32_t index, struct span sealed,
                  unsigned char plain[STREAM_CHUNK])
{
    unsigned char nonce[STREAM_NONCE_SIZE];
    size_t size = stream_chunk_plain(open, index);
    if (index > open->last || sealed.size != size + STREAM_TAG_SIZE) {
        return false;
    }
    chunk_nonce(&open->stream, index, index == open->last, nonce);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, sealed.data, sealed.size,
                                                   open->stream.text, open->stream.text_size, nonce,
                                                   open->stream.key) != 0) {
        sodium_memzero(plain, size);
        return false;
    }
    return true;
}

void
stream_open_end(struct stream_open *open)
{
    sodium_memzero(open, sizeof *open);
}

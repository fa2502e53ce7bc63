/* Small files of every type, made piece by piece, and ways to spoil them. */
#ifndef ANAMNESIS_TESTS_UNIT_MEDIA_FIXTURE_H
#define ANAMNESIS_TESTS_UNIT_MEDIA_FIXTURE_H

#include "lib/base/buf.h"
#include "lib/media/type.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { MEDIA_FIXTURE_MAX = 1 << 20 };

/* An empty file; media_file_free. */
struct buf media_file(void);

/* Bytes as they stand in a literal, its NUL apart. */
#define media_add(buf, literal) buf_add((buf), (literal), sizeof(literal) - 1)

/* A number of `size` bytes, big or little endian. */
void media_big(struct buf *buf, uint64_t value, size_t size);
void media_little(struct buf *buf, uint64_t value, size_t size);

/* A JPEG's segment: FF, code, length, body. */
void media_segment(struct buf *buf, unsigned code, const void *body, size_t size);

/* A gray or coloured JPEG of this size; its one scan is a few bytes, which nobody decodes here. */
struct buf media_jpeg(unsigned width, unsigned height, unsigned components);

/* A PNG of 8 bits RGB; its chunks have no true CRC, which nobody asks for here. */
struct buf media_png(unsigned width, unsigned height);
void media_chunk(struct buf *buf, const char *code, const void *body, size_t size);

/* A WebP: "VP8 ", "VP8L", "VP8X" with a picture, "ANIM". */
struct buf media_webp(const char *kind, unsigned width, unsigned height);

/* A HEIC of one picture, whose coded bytes lie in mdat. */
struct buf media_heic(const char *brand, unsigned width, unsigned height);

struct buf media_pdf(void);

/* A member of an archive, and what its headers say of it, as far as that is not plain. */
struct media_member {
    const char *name;
    const char *content;
    const char *local_name; /* when the local header has another */
    unsigned flags;         /* 8: its sizes stand behind it */
    unsigned method;
    unsigned size;       /* unpacked; 0: as packed */
    unsigned local_size; /* likewise, in the local header */
    unsigned version;    /* 0: 20 */
};
struct buf media_zip(const struct media_member *members, size_t count);
struct buf media_docx(void);

/* Boxes: where one begins, to be ended with the same number. */
size_t media_box_begin(struct buf *buf, const char *code);
void media_box_end(struct buf *buf, size_t at);

/* A film: what it is made of. */
struct media_film_parts {
    const char *brand;
    unsigned pictures; /* tracks of each */
    unsigned sounds;
    unsigned positions; /* timed metadata, a sample each */
    bool wide;          /* versions, sizes and offsets of 64 bits */
    bool fragments;
};
#define MEDIA_POSITION "+48.1371+011.5753/"
#define MEDIA_PERSON   "Ada Example"
#define MEDIA_STREAM   "coded-bytes-of-a-stream"
struct buf media_film(struct media_film_parts parts);

/* A file of each type, fine. */
struct buf media_any(enum media_type type);

/* What is said of the bytes, which are given in memory of exactly their size. */
enum media_verdict media_judged(const void *bytes, size_t size, const char *declared,
                                struct media_found *found);

/* Fails unless the file is refused, or fine, with this verdict; frees it. */
void media_expect(const char *what, struct buf file, const char *declared, enum media_verdict wanted);

/*
 * Cuts the file at each byte, flips each bit of each, puts other numbers over each place, and takes parts out and
 * doubles them: nothing is read outside of it (the memory is of exactly its size), and none of it is fine as a type
 * other than `declared`. Frees it.
 */
void media_spoil(struct buf file, const char *declared);

#endif

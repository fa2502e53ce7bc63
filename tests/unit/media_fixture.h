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

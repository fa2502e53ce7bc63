/*
 * The head of an HTTP/1.1 request (RFC 9112) as nginx writes it to us, read strictly: a request line, at most
 * HEAD_FIELDS_MAX fields, HEAD_SIZE_MAX bytes, each line ended by CRLF. Pure: no I/O, no memory of its own.
 *
 * Only what nginx sends is taken. Everything that two readers could understand differently is refused: bare
 * line ends, folded fields, blanks before a colon, control characters, a field that decides something given
 * twice, a length with a sign or leading zeros, HTTP/1.0. A chunked body is recognised and told apart from a
 * bad request, since the answer to it is another one (411).
 *
 * Costs: one look for the end of the head for each piece that arrives, and one pass when it is there.
 */
#ifndef ANAMNESIS_STORE_HEAD_H
#define ANAMNESIS_STORE_HEAD_H

#include "lib/base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HEAD_SIZE_MAX = 8192, HEAD_FIELDS_MAX = 32 };

enum head_method { HEAD_OTHER, HEAD_GET, HEAD_HEAD, HEAD_PUT };

enum head_step {
    HEAD_MORE,     /* the end is not there yet */
    HEAD_WHOLE,    /* read */
    HEAD_BAD,      /* no request that nginx would write */
    HEAD_TOO_LARGE /* more than HEAD_SIZE_MAX bytes or HEAD_FIELDS_MAX fields */
};

/* Borrowed from the bytes that were read; a field that is not there has data NULL. */
struct head {
    enum head_method method;
    struct span path;       /* from "/" up to the query; neither decoded nor normalised */
    struct span query;      /* behind the "?", or data NULL */
    int64_t length;         /* Content-Length in bytes; -1 without one */
    bool is_coded;          /* there is a Transfer-Encoding */
    struct span none_match; /* If-None-Match */
    struct span checksum;   /* x-amz-checksum-sha256 */
    struct span range;      /* Range */
    struct span request_id; /* X-Request-Id */
    size_t size;            /* bytes of the head; the body begins behind them */
};

/*
 * Reads the head at the start of `bytes`. `*head` is whole only with HEAD_WHOLE. For the other steps it holds
 * what was understood until then, so that a refusal can name the request.
 */
enum head_step head_read(const char *bytes, size_t size, struct head *head);

/* That a field, or another part of a head, is this text. */
bool head_is(struct span part, const char *text);

#endif

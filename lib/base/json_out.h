/*
 * Writes JSON in order, straight into a bounded buffer: no tree is built for a reply. The writer sets the
 * commas, and nothing else: it does not check that brackets match or that a name comes once (what the
 * generated reply writers of build/gen/reply.h do by construction).
 *
 *   json_begin_object(&out);
 *   json_text(&out, "id", id);
 *   json_array_key(&out, "items"); ... json_end_array(&out);
 *   json_end_object(&out);
 *
 * A function with a name writes a member, one without writes an array's element or the document itself. Text
 * is written as UTF-8 with RFC 8259's escapes, and must be valid UTF-8, as everything is that came in through
 * the strict reader or out of the database. Raw values are copied as they are: they must be well-formed JSON
 * of ours, never a client's text. A buffer that is full fails as buf.h says; look at it once, at the end.
 */
#ifndef ANAMNESIS_BASE_JSON_OUT_H
#define ANAMNESIS_BASE_JSON_OUT_H

#include "lib/base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct json_out {
    struct buf *buf;     /* borrowed */
    bool comma;          /* the next value needs a comma before it */
    const char *missing; /* the first required member that was not set (lib/http/reply.h); NULL: none */
};

/* Begins a document at the end of what the buffer holds. */
void json_start(struct json_out *out, struct buf *buf);

/* Values inside an array, or the document itself. */
void json_begin_object(struct json_out *out);
void json_end_object(struct json_out *out);
void json_begin_array(struct json_out *out);
void json_end_array(struct json_out *out);
void json_value_text(struct json_out *out, const char *text); /* NULL writes null */
void json_value_int(struct json_out *out, int64_t value);
void json_value_raw(struct json_out *out,
                    const char *json); /* one well-formed JSON value; NULL writes null */

/* Members of an object. A NULL text or raw value writes null. Times are microseconds since 1970, UTC. */
void json_key(struct json_out *out, const char *name);
void json_key_quoted(struct json_out *out, const char *key,
                     size_t size); /* with its quotes and colon: "id": */
void json_text(struct json_out *out, const char *name, const char *text);
void json_email(struct json_out *out, const char *name, const char *address); /* as email_show does */
void json_int(struct json_out *out, const char *name, int64_t value);
void json_flag(struct json_out *out, const char *name, bool value);
void json_raw(struct json_out *out, const char *name, const char *json);
void json_null(struct json_out *out, const char *name);
void json_time(struct json_out *out, const char *name, int64_t microseconds);
void json_object_key(struct json_out *out, const char *name);
void json_array_key(struct json_out *out, const char *name);

#endif

/*
 * What the generated writers of replies (build/gen/reply.h) are made of. A member of a reply's structure is
 * set or not; zero is "not set", so that a designated initialiser that forgets a member leaves it so. A
 * required member that is not set is noted in json_out.missing, and such a reply is never sent, in any build.
 *
 *     reply_assignment(out, &(struct reply_assignment){.id = row->id, .version = reply_integer(row->version),
 *                                                      .due_at = reply_optional_time(row->has_due_at, ...)});
 *     reply_value_set(out, &REPLY_VALUE_SET_OF(row, row->resource));
 *
 * REPLY_..._OF takes a row that has the members by their names; what is an object or a document is given to it.
 * An object that must be there is a part of the structure of what contains it. One that may be null or left
 * out, and the items of an array, are pointed to and must live until the whole reply is written: what a loop
 * makes belongs into the arena. What the database keeps as JSON (scores, dropped answers) was written by the
 * same writers when it was made, and is a text here.
 */
#ifndef ANAMNESIS_HTTP_REPLY_H
#define ANAMNESIS_HTTP_REPLY_H

#include "lib/base/arena.h"
#include "lib/base/json_out.h"
#include "lib/base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What stands for null in a member that is a pointer; NULL is "not set". */
extern const char reply_null[];
#define REPLY_NULL ((const void *)reply_null)

enum reply_state { REPLY_UNSET, REPLY_SET, REPLY_IS_NULL };

struct reply_integer {
    int64_t value;
    enum reply_state state;
};

struct reply_flag {
    bool value;
    enum reply_state state;
};

struct reply_time {
    int64_t value; /* microseconds since 1970, UTC */
    enum reply_state state;
};

/* Values that are set. The optional ones are null when not `given`. */
struct reply_integer reply_integer(int64_t value);
struct reply_integer reply_optional_integer(bool given, int64_t value);
struct reply_flag reply_flag(bool value);
struct reply_time reply_time(int64_t microseconds);
struct reply_time reply_optional_time(bool given, int64_t microseconds);
const char *reply_or_null(const char *text);

/* Of what may be null: a copy in the arena when it is `given`, else null. reply_..._if of build/gen/reply.h has its
 * type. */
const void *reply_kept(struct arena *arena, bool given, const void *it, size_t size);

/* JSON that is kept, or is a part of something else: written by itself. It must be ended. */
struct reply_text {
    struct buf buf;
    struct json_out out;
};

struct json_out *reply_text_begin(struct reply_text *text, size_t max);

/* What was written, in the arena; NULL: it has more than `max` bytes, or a required member is missing. */
const char *reply_text_end(struct reply_text *text, struct arena *arena);

/* Whether a member must be set, may be null, or may be left out by not being set. */
enum reply_rule { REPLY_REQUIRED, REPLY_NULLABLE, REPLY_OPTIONAL };

/*
 * One member each, for the generated writers. `whole` is the object's name in the contract, a dot, and the
 * member's; it lives as long as the program. `key` has `size` bytes: the name in quotes, and a colon.
 */
void reply_text_member(struct json_out *out, const char *whole, const char *key, size_t size,
                       const char *value, enum reply_rule rule);
void reply_email_member(struct json_out *out, const char *whole, const char *key, size_t size,
                        const char *value, enum reply_rule rule);
void reply_raw_member(struct json_out *out, const char *whole, const char *key, size_t size,
                      const char *value, enum reply_rule rule);
void reply_integer_member(struct json_out *out, const char *whole, const char *key, size_t size,
                          struct reply_integer value, enum reply_rule rule);
void reply_flag_member(struct json_out *out, const char *whole, const char *key, size_t size,
                       struct reply_flag value, enum reply_rule rule);
void reply_time_member(struct json_out *out, const char *whole, const char *key, size_t size,
                       struct reply_time value, enum reply_rule rule);

/* A SHA-256, as hexadecimal digits; what has another size is "not set". */
void reply_hash_member(struct json_out *out, const char *whole, const char *key, size_t size,
                       struct span value, enum reply_rule rule);

/* Of an object or an array: writes its key and is true when its value is to follow; otherwise it is done. */
bool reply_has(struct json_out *out, const char *whole, const char *key, size_t size, const void *value,
               enum reply_rule rule);

#endif

/*
 * What the generated writers of replies (build/gen/reply.h) are made of. A member of a reply's structure is
 * set or not; zero is "not set", so that a designated initialiser that forgets a member leaves it so. A
 * required member that is not set is noted in json_out.missing, and such a reply is never sent, in any build.
 *
 *     reply_session(out, &(struct reply_session){.id = row->id, .created_at = reply_time(row->created_at),
 *                                                .user_agent = reply_or_null(row->user_agent)});
 */
#ifndef ANAMNESIS_HTTP_REPLY_H
#define ANAMNESIS_HTTP_REPLY_H

#include "lib/base/json_out.h"

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

/* Whether a member must be set, may be null, or may be left out by not being set. */
enum reply_rule { REPLY_REQUIRED, REPLY_NULLABLE, REPLY_OPTIONAL };

/*
 * One member each, for the generated writers. `whole` is the object's name in the contract, a dot, and the
 * member's; it lives as long as the program.
 */
void reply_text_member(struct json_out *out, const char *whole, const char *value, enum reply_rule rule);
void reply_email_member(struct json_out *out, const char *whole, const char *value, enum reply_rule rule);
void reply_raw_member(struct json_out *out, const char *whole, const char *value, enum reply_rule rule);
void reply_integer_member(struct json_out *out, const char *whole, struct reply_integer value,
                          enum reply_rule rule);
void reply_flag_member(struct json_out *out, const char *whole, struct reply_flag value,
                       enum reply_rule rule);
void reply_time_member(struct json_out *out, const char *whole, struct reply_time value,
                       enum reply_rule rule);

/* Of an object or an array: writes its key and is true when its value is to follow; otherwise it is done. */
bool reply_has(struct json_out *out, const char *whole, const void *value, enum reply_rule rule);

#endif

#include "tests/fuzz/fuzz.h"

#include "lib/base/json_read.h"
#include "lib/form/value/canonical.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { CANONICAL_MAX = 16 * 1024 * 1024 };

void
fuzz_fail(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    (void)fputs("does not hold: ", stderr);
    (void)vfprintf(stderr, format, values);
    (void)fputc('\n', stderr);
    va_end(values);
    abort();
}

struct json_object *
fuzz_case(struct arena *arena, const unsigned char *data, size_t size)
{
    struct json_fault fault;
    struct json_object *json = json_read(arena, (struct span){data, size}, &fault);
    return json_object_is_type(json, json_type_object) ? json : NULL;
}

struct json_object *
fuzz_member(struct json_object *json, const char *name)
{
    struct json_object *value = NULL;
    (void)json_object_object_get_ex(json, name, &value);
    return value;
}

const char *
fuzz_canonical(struct arena *arena, struct json_object *json)
{
    struct buf buf;
    buf_init(&buf, CANONICAL_MAX);
    const char *text =
        form_canonical(json, &buf) && !buf.failed ? arena_copy(arena, buf.data, buf.size) : NULL;
    buf_free(&buf);
    return text;
}

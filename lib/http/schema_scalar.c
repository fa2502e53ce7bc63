#include "lib/http/schema_scalar.h"

#include "lib/base/decimal.h"
#include "lib/base/display.h"
#include "lib/base/utf8.h"
#include "lib/http/schema_format.h"
#include "lib/http/schema_moment.h"
#include "lib/http/schema_pattern.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DETAIL_MAX = 160, LOCATIONS_MAX = 64 };

/* A growing pointer text that is cut, at a whole character, when it is full. */
struct pointer {
    char text[SCHEMA_POINTER_MAX + 1];
    size_t size;
    bool full;
};

static void
pointer_add(struct pointer *pointer, const char *text, size_t size)
{
    if (pointer->full || size > SCHEMA_POINTER_MAX - pointer->size) {
        pointer->full = true;
        return;
    }
    memcpy(pointer->text + pointer->size, text, size);
    pointer->size += size;
}

/* RFC 6901 section 3: `~` and `/` are escaped. One character at a time, so that none is cut in the middle. */
static void
pointer_add_name(struct pointer *pointer, const char *name)
{
    const unsigned char *at = (const unsigned char *)name;
    const unsigned char *end = at + strlen(name);
    while (at < end && !pointer->full) {
        size_t size = *at < 0x80 ? 1 : utf8_size(at, end);
        if (size == 0) {
            return;
        }
        if (*at == '~' || *at == '/') {
            pointer_add(pointer, *at == '~' ? "~0" : "~1", 2);
        } else {
            pointer_add(pointer, (const char *)at, size);
        }
        at += size;
    }
}

static void
pointer_write(struct pointer *pointer, const struct schema_location *location)
{
    const struct schema_location *chain[LOCATIONS_MAX];
    size_t count = 0;
    for (; location != NULL && count < LOCATIONS_MAX; location = location->up) {
        chain[count++] = location;
    }
    while (count > 0) {
        const struct schema_location *one = chain[--count];
        char index[24];
        if (one->up == NULL) {
            pointer_add(pointer, one->name, strlen(one->name));
            continue;
        }
        pointer_add(pointer, "/", 1);
        if (one->name != NULL) {
            pointer_add_name(pointer, one->name);
        } else {
            (void)snprintf(index, sizeof index, "%zu", one->index);
            pointer_add(pointer, index, strlen(index));
        }
    }
    pointer->text[pointer->size] = '\0';
}

bool
schema_violation(const struct schema_walk *walk, const struct schema_location *location, const char *code,
                 const char *detail, ...)
{
    if (walk->report == NULL) {
        return false;
    }
    struct pointer pointer = {.size = 0};
    pointer_write(&pointer, location);
    char text[DETAIL_MAX];
    va_list arguments;
    va_start(arguments, detail);
    (void)vsnprintf(text, sizeof text, detail, arguments);
    va_end(arguments);
    walk->report(walk->context, pointer.text, code, text);
    return false;
}

static bool
is_whole(double number)
{
    return isfinite(number) && !(rint(number) < number) && !(rint(number) > number);
}

static bool
check_type(const struct schema_walk *walk, const struct schema_node *node, const struct schema_scalar *value,
           const struct schema_location *location)
{
    static const struct {
        unsigned type;
        const char *text;
    } names[] = {{SCHEMA_STRING, "text"},
                 {SCHEMA_NUMBER, "a number"},
                 {SCHEMA_INTEGER, "a whole number"},
                 {SCHEMA_BOOLEAN, "true or false"},
                 {SCHEMA_ARRAY, "an array"},
                 {SCHEMA_OBJECT, "an object"},
                 {SCHEMA_NULL, "null"}};
    unsigned types = value->type;
    if (value->type == SCHEMA_INTEGER || (value->type == SCHEMA_NUMBER && is_whole(value->number))) {
        types |= SCHEMA_NUMBER | SCHEMA_INTEGER;
    }
    if ((node->types & types) != 0) {
        return true;
    }
    if (node->types == 0) {
        return schema_violation(walk, location, "unknown", "is not allowed here");
    }
    char wanted[DETAIL_MAX];
    size_t size = 0;
    wanted[0] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if ((node->types & names[i].type) != 0 && size < sizeof wanted) {
            size += (size_t)snprintf(wanted + size, sizeof wanted - size, "%s%s", size == 0 ? "" : " or ",
                                     names[i].text);
        }
    }
    return schema_violation(walk, location, "type", "must be %s", wanted);
}

/* Less than, equal to (0) or more than the bound; exact for integers that a double cannot hold. */
static int
compare(const struct schema_scalar *value, double bound)
{
    long double number =
        value->type == SCHEMA_INTEGER ? (long double)value->integer : (long double)value->number;
    return (number > (long double)bound) - (number < (long double)bound);
}

/*
 * Whether the number is a multiple, in decimals: 0.0075 is one of 0.0001, which it is not in binary. What is
 * too large or too small for a decimal is judged as the double that it is.
 */
static bool
is_multiple(const struct schema_scalar *value, double of)
{
    struct decimal number = decimal_of_integer(value->integer);
    struct decimal unit;
    struct decimal rest;
    bool fits = value->type == SCHEMA_INTEGER || decimal_of_double(value->number, &number);
    if (fits && decimal_of_double(of, &unit) && decimal_remainder(number, unit, &rest)) {
        return rest.coefficient == 0;
    }
    double left = fmod(value->number, of);
    return !(left < 0) && !(left > 0);
}

static bool
check_number(const struct schema_walk *walk, const struct schema_node *node,
             const struct schema_scalar *value, const struct schema_location *location)
{
    bool fine = true;
    if ((node->bounds & BOUND_MINIMUM) != 0 && compare(value, node->minimum) < 0) {
        fine = schema_violation(walk, location, "range", "must be at least %.15g", node->minimum);
    }
    if ((node->bounds & BOUND_MAXIMUM) != 0 && compare(value, node->maximum) > 0) {
        fine = schema_violation(walk, location, "range", "must be at most %.15g", node->maximum);
    }
    if ((node->bounds & BOUND_EXCLUSIVE_MINIMUM) != 0 && compare(value, node->exclusive_minimum) <= 0) {
        fine = schema_violation(walk, location, "range", "must be more than %.15g", node->exclusive_minimum);
    }
    if ((node->bounds & BOUND_EXCLUSIVE_MAXIMUM) != 0 && compare(value, node->exclusive_maximum) >= 0) {
        fine = schema_violation(walk, location, "range", "must be less than %.15g", node->exclusive_maximum);
    }
    if ((node->bounds & BOUND_MULTIPLE) != 0 && !is_multiple(value, node->multiple_of)) {
        fine = schema_violation(walk, location, "multiple", "must be a multiple of %.15g", node->multiple_of);
    }
    return fine;
}

/* A date or a time that is none names no moment, and has been told so. */
static bool
check_moment(const struct schema_walk *walk, const struct schema_node *node,
             const struct schema_scalar *value, const struct schema_location *location)
{
    int64_t moment = 0;
    if ((node->earliest == SCHEMA_NONE && node->latest == SCHEMA_NONE) ||
        !moment_of_text(node->format, value->text, value->size, &moment)) {
        return true;
    }
    int64_t now = clock_now();
    char text[CLOCK_TEXT_SIZE];
    if (node->earliest != SCHEMA_NONE) {
        int64_t limit = moment_of_limit(&walk->schema->moments[node->earliest], node->format, now);
        if (moment < limit) {
            return schema_violation(walk, location, "range", "must not be before %s",
                                    moment_text(node->format, limit, text));
        }
    }
    if (node->latest != SCHEMA_NONE) {
        int64_t limit = moment_of_limit(&walk->schema->moments[node->latest], node->format, now);
        if (moment > limit) {
            return schema_violation(walk, location, "range", "must not be after %s",
                                    moment_text(node->format, limit, text));
        }
    }
    return true;
}

static bool
check_string(const struct schema_walk *walk, const struct schema_node *node,
             const struct schema_scalar *value, const struct schema_location *location)
{
    static const char one_line[] =
        "on one line, without control characters and signs that turn the direction of writing";
    static const char *const format_names[] = {[FORMAT_NONE] = "text",
                                               [FORMAT_DATE] = "a date, like 2024-02-29",
                                               [FORMAT_DATE_TIME] =
                                                   "a date and time with its zone, like 2024-02-29T12:00:00Z",
                                               [FORMAT_UUID] = "a UUID",
                                               [FORMAT_IDN_EMAIL] = "an e-mail address",
                                               [FORMAT_URI] = "a URI",
                                               [FORMAT_DISPLAY_TEXT] = one_line,
                                               [FORMAT_DISPLAY_NAME] = one_line};
    if (node->min_length > 0 || node->max_length < INT64_MAX) {
        int64_t length = (int64_t)utf8_length(value->text, value->size);
        if (length < node->min_length) {
            return schema_violation(walk, location, "length", "must have at least %lld characters",
                                    (long long)node->min_length);
        }
        if (length > node->max_length) {
            return schema_violation(walk, location, "length", "must have at most %lld characters",
                                    (long long)node->max_length);
        }
    }
    bool fine = true;
    if (node->format != FORMAT_NONE && !format_matches(node->format, value->text, value->size)) {
        fine = schema_violation(walk, location, "format", "must be %s", format_names[node->format]);
    }
    if (fine && node->format == FORMAT_DISPLAY_NAME && display_is_blank(value->text, value->size)) {
        fine = schema_violation(walk, location, "blank", "must not be blank");
    }
    fine = check_moment(walk, node, value, location) && fine;
    if (node->pattern != SCHEMA_NONE) {
        struct schema_pattern *pattern = &walk->schema->patterns[node->pattern];
        if (!schema_pattern_matches(pattern, value->text, value->size)) {
            fine = schema_violation(walk, location, "pattern", "must match %.100s", pattern->text);
        }
    }
    return fine;
}

bool
schema_check_plain(const struct schema_walk *walk, const struct schema_node *node,
                   const struct schema_scalar *value, const struct schema_location *location)
{
    if (!check_type(walk, node, value, location)) {
        return false;
    }
    if (value->type == SCHEMA_STRING) {
        return check_string(walk, node, value, location);
    }
    if (value->type == SCHEMA_INTEGER || value->type == SCHEMA_NUMBER) {
        return node->bounds == 0 || check_number(walk, node, value, location);
    }
    return true;
}

/*
 * Functions on strings (N1, 5.6). Positions and lengths are in code points; texts are UTF-8, and a part is a
 * slice that shares its bytes. A text that is made has at most FHIRPATH_STRING_MAX bytes.
 *
 * Regular expressions are lib/base/pattern.h's. A pattern that is a literal was compiled with the expression;
 * another one is compiled on each call, and costs so. They have limits of their own beside the steps: all
 * matches of a request share a purse, since one match on a long text may take as long as thousands of other
 * operations. A match that would cost more is a fault, never an answer.
 */
#include "lib/base/pattern.h"
#include "lib/base/utf8.h"
#include "lib/fhirpath/calls.h"
#include "lib/fhirpath/run.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>

enum {
    CASED_BYTES = 8,          /* whose case is changed in one step */
    PATTERN_PRICE = 200,      /* steps of a match, beside those for its text: some microseconds */
    PATTERN_STEP_PURSE = 128, /* of the purse of regular expressions, that a step stands for */
    PATTERN_BYTE_PRICE = 8    /* steps: to compile a byte of a pattern */
};

#define CALL(name)                                                                                           \
    struct fhirpath_list name(struct run *run, const struct operation *call, const struct scope *scope,      \
                              struct fhirpath_list input)

/* The input as a string, and its price. */
static bool
own_text(struct run *run, struct fhirpath_list input, struct span *text)
{
    if (!run_single_text(run, input, text)) {
        return false;
    }
    run_bytes(run, text->size);
    return true;
}

static bool
argument_text(struct run *run, const struct operation *call, unsigned argument, const struct scope *scope,
              struct span *text)
{
    if (!run_single_text(run, run_argument(run, call, argument, scope), text)) {
        return false;
    }
    run_bytes(run, text->size);
    return true;
}

/* Where `part` is in `text` first, at or after `from`; SIZE_MAX: nowhere. */
static size_t
find(struct span text, struct span part, size_t from)
{
    if (part.size == 0) {
        return from;
    }
    const unsigned char *found = memmem(text.data + from, text.size - from, part.data, part.size);
    return found == NULL ? SIZE_MAX : (size_t)(found - text.data);
}

static struct fhirpath_list
text_of(struct run *run, struct span text)
{
    return run_text(run, (const char *)text.data, text.size);
}

/* Bytes of `points` code points from `from` on, or up to the end. */
static size_t
bytes_of(struct span text, size_t from, int64_t points)
{
    size_t at = from;
    while (at < text.size && points > 0) {
        at++;
        while (at < text.size && (text.data[at] & 0xc0) == 0x80) {
            at++;
        }
        points--;
    }
    return at - from;
}

/* A text under construction: the size is known before. */
static char *
room_for(struct run *run, size_t size)
{
    if (size > FHIRPATH_STRING_MAX) {
        run_fail(run, FHIRPATH_COLLECTION, "the string would be too long");
    }
    run_bytes(run, size);
    return run_alloc(run, size + 1);
}

static char *
put(char *at, struct span text)
{
    if (text.size > 0) {
        memcpy(at, text.data, text.size);
    }
    return at + text.size;
}

/* indexOf(part): N1 5.6.1; -1 when it is not there, 0 for an empty part. */
CALL(call_index_of)
{
    struct span text;
    struct span part;
    if (!own_text(run, input, &text) || !argument_text(run, call, 0, scope, &part)) {
        return run_empty;
    }
    size_t at = find(text, part, 0);
    return run_integer(run, at == SIZE_MAX ? -1 : (int64_t)utf8_length(text.data, at));
}

/* lastIndexOf(part): version 2.1.0; -1 when it is not there. */
CALL(call_last_index_of)
{
    struct span text;
    struct span part;
    if (!own_text(run, input, &text) || !argument_text(run, call, 0, scope, &part)) {
        return run_empty;
    }
    size_t last = SIZE_MAX;
    size_t places = text.size < part.size ? 0 : text.size - part.size + 1;
    if (part.size == 0) {
        last = text.size;
        places = 0;
    }
    while (places > 0 && last == SIZE_MAX) { /* only where the first byte is the same */
        const unsigned char *found = memrchr(text.data, part.data[0], places);
        places = found == NULL ? 0 : (size_t)(found - text.data);
        run_step(run, 1 + part.size / RUN_STEP_COMPARED);
        last = found != NULL && memcmp(found, part.data, part.size) == 0 ? places : SIZE_MAX;
    }
    return run_integer(run, last == SIZE_MAX ? -1 : (int64_t)utf8_length(text.data, last));
}

/* substring(start[, length]): N1 5.6.2; empty when it starts outside. */
CALL(call_substring)
{
    struct span text;
    int64_t start = 0;
    int64_t length = INT64_MAX;
    if (!own_text(run, input, &text) || !run_single_integer(run, run_argument(run, call, 0, scope), &start)) {
        return run_empty;
    }
    if (call->count > 1) {
        (void)run_single_integer(run, run_argument(run, call, 1, scope), &length);
    }
    size_t from = start < 0 ? text.size : bytes_of(text, 0, start);
    if (from >= text.size) {
        return run_empty;
    }
    return run_text(run, (const char *)text.data + from, bytes_of(text, from, length));
}

/* startsWith(part): N1 5.6.3. */
CALL(call_starts_with)
{
    struct span text;
    struct span part;
    if (!own_text(run, input, &text) || !argument_text(run, call, 0, scope, &part)) {
        return run_empty;
    }
    return run_boolean(run, part.size == 0 ||
                                (part.size <= text.size && memcmp(text.data, part.data, part.size) == 0));
}

/* endsWith(part): N1 5.6.4. */
CALL(call_ends_with)
{
    struct span text;
    struct span part;
    if (!own_text(run, input, &text) || !argument_text(run, call, 0, scope, &part)) {
        return run_empty;
    }
    return run_boolean(run, part.size == 0 ||
                                (part.size <= text.size &&
                                 memcmp(text.data + text.size - part.size, part.data, part.size) == 0));
}

/* contains(part): N1 5.6.5; the operator of that name is about collections. */
CALL(call_contains)
{
    struct span text;
    struct span part;
    if (!own_text(run, input, &text) || !argument_text(run, call, 0, scope, &part)) {
        return run_empty;
    }
    return run_boolean(run, find(text, part, 0) != SIZE_MAX);
}

typedef uint8_t *change_case(const uint8_t *text, size_t size, const char *language, uninorm_t form,
                             uint8_t *out, size_t *out_size);

static struct fhirpath_list
with_case(struct run *run, struct fhirpath_list input, change_case *change)
{
    struct span text;
    if (!own_text(run, input, &text)) {
        return run_empty;
    }
    size_t size = 3 * text.size + 1; /* no code point grows more */
    run_step(run, text.size / CASED_BYTES);
    uint8_t *room = (uint8_t *)room_for(run, size);
    size_t room_size = size;
    uint8_t *changed = change(text.data, text.size, NULL, NULL, room, &room_size);
    if (changed != room) { /* it did not fit, or there is no memory: neither can be */
        free(changed);
        run_fail(run, FHIRPATH_MEMORY, "the string's case cannot be changed");
    }
    return run_text(run, (const char *)room, room_size);
}

CALL(call_upper)
{
    (void)call;
    (void)scope;
    return with_case(run, input, u8_toupper);
}

CALL(call_lower)
{
    (void)call;
    (void)scope;
    return with_case(run, input, u8_tolower);
}

/* Between all characters, too, when the part is empty (N1, 5.6.8). */
static struct fhirpath_list
insert_everywhere(struct run *run, struct span text, struct span other)
{
    size_t points = utf8_length(text.data, text.size);
    run_step(run, points);
    char *start = room_for(run, text.size + (points + 1) * other.size);
    char *at = put(start, other);
    for (size_t from = 0; from < text.size;) {
        size_t size = bytes_of(text, from, 1);
        at = put(at, (struct span){text.data + from, size});
        at = put(at, other);
        from += size;
    }
    return run_text(run, start, (size_t)(at - start));
}

/* replace(part, other): N1 5.6.8. */
CALL(call_replace)
{
    struct span text;
    struct span part;
    struct span other;
    if (!own_text(run, input, &text) || !argument_text(run, call, 0, scope, &part) ||
        !argument_text(run, call, 1, scope, &other)) {
        return run_empty;
    }
    if (part.size == 0) {
        return insert_everywhere(run, text, other);
    }
    size_t count = 0;
    for (size_t at = find(text, part, 0); at != SIZE_MAX; at = find(text, part, at + part.size)) {
        run_step(run, 1);
        count++;
    }
    char *start = room_for(run, text.size - count * part.size + count * other.size);
    char *out = start;
    size_t from = 0;
    for (size_t at = find(text, part, 0); at != SIZE_MAX; at = find(text, part, from)) {
        out = put(out, (struct span){text.data + from, at - from});
        out = put(out, other);
        from = at + part.size;
    }
    out = put(out, (struct span){text.data + from, text.size - from});
    return run_text(run, start, (size_t)(out - start));
}

CALL(call_length)
{
    struct span text;
    (void)call;
    (void)scope;
    return own_text(run, input, &text) ? run_integer(run, (int64_t)utf8_length(text.data, text.size))
                                       : run_empty;
}

CALL(call_to_chars)
{
    struct span text;
    struct builder out;
    (void)call;
    (void)scope;
    builder_start(&out, run);
    if (!own_text(run, input, &text)) {
        return run_empty;
    }
    for (size_t from = 0; from < text.size;) {
        size_t size = bytes_of(text, from, 1);
        run_step(run, 1);
        builder_add_list(&out, run_text(run, (const char *)text.data + from, size));
        from += size;
    }
    return builder_list(&out);
}

/* split(separator): version 2.1.0; into characters when it is empty. */
CALL(call_split)
{
    struct span text;
    struct span part;
    struct builder out;
    builder_start(&out, run);
    if (!own_text(run, input, &text) || !argument_text(run, call, 0, scope, &part)) {
        return run_empty;
    }
    if (part.size == 0) {
        return call_to_chars(run, call, scope, input);
    }
    size_t from = 0;
    for (size_t at = find(text, part, 0); at != SIZE_MAX; at = find(text, part, from)) {
        builder_add_list(&out, text_of(run, (struct span){text.data + from, at - from}));
        from = at + part.size;
    }
    builder_add_list(&out, text_of(run, (struct span){text.data + from, text.size - from}));
    return builder_list(&out);
}

/* join([separator]): version 2.1.0; elements without a value count as empty strings. */
CALL(call_join)
{
    struct span between = {NULL, 0};
    size_t size = 0;
    if (call->count > 0) {
        (void)argument_text(run, call, 0, scope, &between);
    }
    if (input.count == 0) {
        return run_empty;
    }
    struct span *texts = run_alloc(run, input.count * sizeof *texts);
    for (size_t i = 0; i < input.count; i++) {
        run_step(run, 1);
        if (run_single_text(run, (struct fhirpath_list){&input.values[i], 1}, &texts[i])) {
            size += texts[i].size;
        }
        size += i > 0 ? between.size : 0;
    }
    char *start = room_for(run, size);
    char *at = start;
    for (size_t i = 0; i < input.count; i++) {
        at = put(at, i > 0 ? between : (struct span){NULL, 0});
        at = put(at, texts[i]);
    }
    return run_text(run, start, size);
}

/* trim(): version 2.1.0. */
CALL(call_trim)
{
    static const char blanks[] = " \t\n\r\f\v";
    struct span text;
    (void)call;
    (void)scope;
    if (!own_text(run, input, &text)) {
        return run_empty;
    }
    while (text.size > 0 && memchr(blanks, text.data[0], sizeof blanks - 1) != NULL) {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && memchr(blanks, text.data[text.size - 1], sizeof blanks - 1) != NULL) {
        text.size--;
    }
    return text_of(run, text);
}

/* ---- Regular expressions ---- */

/* The pattern that the parser compiled, or one that is compiled now, with these flags. False when it is
 * empty.
 */
static bool
pattern_of(struct run *run, const struct operation *call, const struct scope *scope, unsigned flags,
           struct span *pattern, bool *nothing)
{
    struct span source;
    struct pattern_fault fault;
    if (!argument_text(run, call, 0, scope, &source)) {
        return false;
    }
    *nothing = source.size == 0;
    if (call->pattern > 0) {
        const struct stored_pattern *stored = program_at(run->program, run->program->patterns_at);
        stored += call->pattern - 1;
        *pattern = (struct span){program_at(run->program, stored->offset), stored->size};
        return true;
    }
    run_check_memory(run);
    run_step(run, PATTERN_PRICE + PATTERN_BYTE_PRICE * source.size);
    *pattern = pattern_compile(run->arena, source, flags, &fault);
    if (pattern->data == NULL) {
        run_fail(run, FHIRPATH_BAD_PATTERN, "%s (at byte %zu)", fault.text, fault.offset);
    }
    return true;
}

_Noreturn static void
pattern_failed(struct run *run, enum pattern_result result)
{
    if (result == PATTERN_NO_MEMORY) {
        run_fail(run, FHIRPATH_MEMORY, "there is no memory for the regular expression");
    }
    run_fail(run, FHIRPATH_COSTLY_PATTERN, "the regular expression takes too many steps on this text");
}

static struct fhirpath_list
matches(struct run *run, const struct operation *call, const struct scope *scope, struct fhirpath_list input,
        unsigned flags)
{
    struct span text;
    struct span pattern;
    bool nothing = false;
    if (!own_text(run, input, &text) || !pattern_of(run, call, scope, flags, &pattern, &nothing)) {
        return run_empty;
    }
    run_step(run, PATTERN_PRICE);
    uint64_t purse = run_purse(run, PATTERN_STEP_PURSE);
    const uint64_t before = purse;
    enum pattern_result result = pattern_match_paid(pattern, text, &purse);
    run_paid(run, before - purse, PATTERN_STEP_PURSE);
    if (result != PATTERN_YES && result != PATTERN_NO) {
        pattern_failed(run, result);
    }
    return run_boolean(run, result == PATTERN_YES);
}

/* matches(pattern): N1 5.6.9; found anywhere, a dot matches line ends. */
CALL(call_matches)
{
    return matches(run, call, scope, input, PATTERN_DOT_ALL);
}

/* matchesFull(pattern): version 2.1.0; of the whole string. */
CALL(call_matches_full)
{
    return matches(run, call, scope, input, PATTERN_DOT_ALL | PATTERN_WHOLE);
}

/* replaceMatches(pattern, other): N1 5.6.10; an empty pattern replaces nothing, as the official tests have
 * it. */
CALL(call_replace_matches)
{
    struct span text;
    struct span pattern;
    struct span other;
    struct buf out;
    bool nothing = false;
    if (!own_text(run, input, &text) ||
        !pattern_of(run, call, scope, PATTERN_DOT_ALL | PATTERN_CAPTURES, &pattern, &nothing) ||
        !argument_text(run, call, 1, scope, &other)) {
        return run_empty;
    }
    if (nothing) {
        return text_of(run, text);
    }
    run_step(run, PATTERN_PRICE * (1 + text.size / RUN_STEP_BYTES));
    char *room = run_alloc(run, FHIRPATH_STRING_MAX / 4);
    buf_init(&out, FHIRPATH_STRING_MAX / 4 - 1);
    uint64_t purse = run_purse(run, PATTERN_STEP_PURSE);
    const uint64_t before = purse;
    enum pattern_result result = pattern_replace(pattern, text, other, &purse, &out);
    bool fits = result == PATTERN_YES || result == PATTERN_NO;
    size_t size = fits ? out.size : 0;
    memcpy(room, buf_string(&out), size);
    buf_free(&out);
    run_paid(run, before - purse, PATTERN_STEP_PURSE);
    if (!fits) {
        pattern_failed(run, result);
    }
    return run_text(run, room, size);
}

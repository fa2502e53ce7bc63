#define PCRE2_CODE_UNIT_WIDTH 8
#include "lib/base/pattern.h"

#include <pcre2.h>
#include <stdio.h>
#include <string.h>

enum {
    /* One step may walk over the whole text; so many bytes may be walked over, at worst, in one match. */
    COST_MAX = 200 * 1000 * 1000,
    STEPS_MAX = 200 * 1000, /* of one match, however short the text */
    STEPS_FIRST = 8,        /* of the first try of each replacement; see next_match */
    STEP_PRICE = 64,        /* of a step, in bytes of text that are walked over in the same time */
    STEPS_CHARACTER = 4,    /* at least so many for each byte of the text: to search it takes one */
    BACKTRACK_DEPTH_MAX = 10000,
    HEAP_MAX = 2048,      /* KiB */
    CAPTURE_NAME_MAX = 32 /* of a capture, as PCRE2 has it */
};

/* A search is an anchored match with this before it: PCRE2 counts steps anew at each place where it starts.
 */
#define SEARCH_START "(?s:.*?)\\K(?:"
#define SEARCH_END   ")"

/* The first bytes of a stored pattern; PCRE2's serialised form follows. */
struct stored {
    uint32_t flags;
    uint32_t size; /* bytes that follow */
};

static uint32_t
compile_options(unsigned flags)
{
    uint32_t options = PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX |
                       PCRE2_ALLOW_EMPTY_CLASS | PCRE2_NEVER_BACKSLASH_C | PCRE2_ANCHORED;
    if ((flags & PATTERN_WHOLE) != 0) {
        options |= PCRE2_ENDANCHORED;
    }
    if ((flags & PATTERN_DOT_ALL) != 0) {
        options |= PCRE2_DOTALL;
    }
    if ((flags & PATTERN_CAPTURES) == 0) {
        options |= PCRE2_NO_AUTO_CAPTURE;
    }
    if ((flags & PATTERN_ANY_CASE) != 0) {
        options |= PCRE2_CASELESS;
    }
    return options;
}

static void
say(struct pattern_fault *fault, size_t offset, const char *text)
{
    fault->offset = offset;
    (void)snprintf(fault->text, sizeof fault->text, "%s", text);
}

static pcre2_code *
compile(struct span text, unsigned flags, struct pattern_fault *fault)
{
    int error = 0;
    PCRE2_SIZE at = 0;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (context == NULL) {
        say(fault, 0, "there is no memory");
        return NULL;
    }
    (void)pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALT_BSUX); /* \u{...} */
    (void)pcre2_set_parens_nest_limit(context, PATTERN_DEPTH_MAX + 1);
    pcre2_code *code = pcre2_compile(text.data, text.size, compile_options(flags), &error, &at, context);
    pcre2_compile_context_free(context);
    if (code == NULL) {
        PCRE2_UCHAR sentence[PATTERN_FAULT_SIZE];
        (void)pcre2_get_error_message(error, sentence, sizeof sentence);
        say(fault, at, (const char *)sentence);
        return NULL;
    }
    uint32_t references = 0;
    (void)pcre2_pattern_info(code, PCRE2_INFO_BACKREFMAX, &references);
    if (references > 0) {
        say(fault, 0, "back references are not supported");
        pcre2_code_free(code);
        return NULL;
    }
    return code;
}

/* The same pattern, to be found anywhere. */
static pcre2_code *
compile_search(struct span text, unsigned flags, struct pattern_fault *fault)
{
    char wrapped[sizeof SEARCH_START + PATTERN_TEXT_MAX + sizeof SEARCH_END];
    size_t before = sizeof SEARCH_START - 1;
    size_t after = sizeof SEARCH_END - 1;
    memcpy(wrapped, SEARCH_START, before);
    memcpy(wrapped + before, text.data, text.size);
    memcpy(wrapped + before + text.size, SEARCH_END, after);
    struct span whole = {(const unsigned char *)wrapped, before + text.size + after};
    pcre2_code *code = compile(whole, flags, fault);
    if (code == NULL) {
        fault->offset = fault->offset > before ? fault->offset - before : 0;
    }
    return code;
}

static struct span
store(struct arena *arena, const pcre2_code *code, unsigned flags, struct pattern_fault *fault)
{
    struct span stored = {NULL, 0};
    uint8_t *bytes = NULL;
    PCRE2_SIZE size = 0;
    if (pcre2_serialize_encode(&code, 1, &bytes, &size, NULL) != 1) {
        say(fault, 0, "there is no memory");
        return stored;
    }
    struct stored head = {flags, (uint32_t)size};
    unsigned char *copy = arena_alloc(arena, sizeof head + size);
    memcpy(copy, &head, sizeof head);
    memcpy(copy + sizeof head, bytes, size);
    pcre2_serialize_free(bytes);
    stored.data = copy;
    stored.size = sizeof head + size;
    return stored;
}

struct span
pattern_compile(struct arena *arena, struct span text, unsigned flags, struct pattern_fault *fault)
{
    struct span none = {NULL, 0};
    say(fault, 0, "");
    if (text.size > PATTERN_TEXT_MAX) {
        say(fault, PATTERN_TEXT_MAX, "the pattern is too long");
        return none;
    }
    if (text.size == 0) {
        text.data = (const unsigned char *)"";
    }
    /* Alone first, so that the author reads about his text; brackets that close the search's own do not pass.
     */
    pcre2_code *code = compile(text, flags, fault);
    if (code != NULL && (flags & PATTERN_WHOLE) == 0) {
        pcre2_code_free(code);
        code = compile_search(text, flags, fault);
    }
    if (code == NULL) {
        return none;
    }
    struct span stored = store(arena, code, flags, fault);
    pcre2_code_free(code);
    return stored;
}

/* A pattern that is being used. */
struct use {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
    unsigned flags; /* enum pattern_flag bits */
};

static void
close_use(struct use *use)
{
    pcre2_match_context_free(use->context);
    pcre2_match_data_free(use->data);
    pcre2_code_free(use->code);
}

static bool
open_use(struct span pattern, struct use *use)
{
    struct stored head;
    *use = (struct use){NULL, NULL, NULL, 0};
    if (pattern.size < sizeof head) {
        return false;
    }
    memcpy(&head, pattern.data, sizeof head);
    use->flags = head.flags;
    if (pcre2_serialize_decode(&use->code, 1, pattern.data + sizeof head, NULL) != 1) {
        use->code = NULL;
        return false;
    }
    use->data = pcre2_match_data_create_from_pattern(use->code, NULL);
    use->context = pcre2_match_context_create(NULL);
    if (use->data == NULL || use->context == NULL) {
        close_use(use);
        return false;
    }
    (void)pcre2_set_depth_limit(use->context, BACKTRACK_DEPTH_MAX);
    (void)pcre2_set_heap_limit(use->context, HEAP_MAX);
    return true;
}

static uint32_t
steps_for(size_t size)
{
    size_t steps = COST_MAX / (size + 1);
    size_t least = size <= PATTERN_SEARCH_MAX ? size * STEPS_CHARACTER : 0;
    steps = steps < STEPS_MAX ? steps : STEPS_MAX;
    return (uint32_t)(steps > least ? steps : least);
}

static enum pattern_result
result_of(int status)
{
    if (status >= 0) {
        return PATTERN_YES;
    }
    if (status == PCRE2_ERROR_NOMATCH) {
        return PATTERN_NO;
    }
    return status == PCRE2_ERROR_NOMEMORY ? PATTERN_NO_MEMORY : PATTERN_TOO_COSTLY;
}

/*
 * The next match at or after `start`. What a match took is not told, so that it is tried with few steps, then
 * with twice as many and so on; all that was granted is taken from `*left`.
 */
static int
next_match(struct use *use, struct span text, size_t start, uint32_t *left)
{
    int status = PCRE2_ERROR_MATCHLIMIT;
    for (uint32_t steps = STEPS_FIRST; status == PCRE2_ERROR_MATCHLIMIT && *left > 0; steps *= 2) {
        steps = steps < *left ? steps : *left;
        *left -= steps;
        (void)pcre2_set_match_limit(use->context, steps);
        status =
            pcre2_match(use->code, text.data, text.size, start, PCRE2_NO_UTF_CHECK, use->data, use->context);
    }
    return status;
}

/* The steps that a call may take: its own, and no more than the purse pays for. */
static uint32_t
granted(uint32_t steps, size_t size, const uint64_t *purse)
{
    uint64_t paid = *purse / (size + STEP_PRICE);
    return paid < steps ? (uint32_t)paid : steps;
}

static void
pay(uint64_t *purse, uint32_t steps, size_t size)
{
    *purse -= (uint64_t)steps * (size + STEP_PRICE);
}

enum pattern_result
pattern_match(struct span pattern, struct span text)
{
    return pattern_match_within(pattern, text, UINT32_MAX);
}

/* Opens a pattern and sees that the text is not too long for it; PATTERN_YES when both are fine. */
static enum pattern_result
prepare(struct span pattern, struct span *text, struct use *use)
{
    if (!open_use(pattern, use)) {
        return PATTERN_NO_MEMORY;
    }
    if (text->size > ((use->flags & PATTERN_WHOLE) != 0 ? PATTERN_SUBJECT_MAX : PATTERN_SEARCH_MAX)) {
        close_use(use);
        return PATTERN_TOO_COSTLY;
    }
    text->data = text->size == 0 ? (const unsigned char *)"" : text->data;
    return PATTERN_YES;
}

enum pattern_result
pattern_match_within(struct span pattern, struct span text, uint32_t steps)
{
    struct use use;
    uint32_t most = steps_for(text.size);
    enum pattern_result result = prepare(pattern, &text, &use);
    if (result != PATTERN_YES) {
        return result;
    }
    (void)pcre2_set_match_limit(use.context, steps < most ? steps : most);
    int status = pcre2_match(use.code, text.data, text.size, 0, PCRE2_NO_UTF_CHECK, use.data, use.context);
    close_use(&use);
    return result_of(status);
}

enum pattern_result
pattern_match_paid(struct span pattern, struct span text, uint64_t *purse)
{
    struct use use;
    enum pattern_result result = prepare(pattern, &text, &use);
    if (result != PATTERN_YES) {
        return result;
    }
    /* Twice: the tries before the last one take as many together. */
    const uint32_t most = granted(2 * steps_for(text.size), text.size, purse);
    uint32_t left = most;
    int status = next_match(&use, text, 0, &left);
    pay(purse, most - left, text.size);
    close_use(&use);
    return result_of(status);
}

static void
add_group(const struct use *use, struct span text, uint32_t group, struct buf *out)
{
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(use->data);
    if (group < pcre2_get_ovector_count(use->data) && ends[2 * group] != PCRE2_UNSET &&
        ends[2 * group] <= ends[2 * group + 1]) {
        buf_add(out, text.data + ends[2 * group], ends[2 * group + 1] - ends[2 * group]);
    }
}

/* `${name}`, `at` behind the bracket: returns where the rest begins, or NULL when it is no name. */
static const unsigned char *
add_named(const struct use *use, struct span text, const unsigned char *at, const unsigned char *end,
          struct buf *out)
{
    char name[CAPTURE_NAME_MAX + 1];
    const unsigned char *close = memchr(at, '}', (size_t)(end - at));
    if (close == NULL || close == at || close - at > CAPTURE_NAME_MAX) {
        return NULL;
    }
    memcpy(name, at, (size_t)(close - at));
    name[close - at] = '\0';
    int group = pcre2_substring_number_from_name(use->code, (PCRE2_SPTR)name);
    if (group > 0) {
        add_group(use, text, (uint32_t)group, out);
    }
    return close + 1;
}

/* What stands behind a dollar; returns where the rest begins. */
static const unsigned char *
add_reference(const struct use *use, struct span text, const unsigned char *at, const unsigned char *end,
              struct buf *out)
{
    if (at < end && *at >= '0' && *at <= '9') {
        uint32_t group = (uint32_t)(*at++ - '0');
        if (at < end && *at >= '0' && *at <= '9' && group != 0) {
            group = group * 10 + (uint32_t)(*at++ - '0');
        }
        add_group(use, text, group, out);
        return at;
    }
    if (at < end && *at == '{') {
        const unsigned char *rest = add_named(use, text, at + 1, end, out);
        if (rest != NULL) {
            return rest;
        }
    }
    if (at < end && *at == '&') {
        add_group(use, text, 0, out);
        return at + 1;
    }
    buf_byte(out, '$');
    return at < end && *at == '$' ? at + 1 : at;
}

static void
add_replacement(const struct use *use, struct span text, struct span replacement, struct buf *out)
{
    const unsigned char *at = replacement.data;
    const unsigned char *end = at + replacement.size;
    while (at < end) {
        if (*at == '$') {
            at = add_reference(use, text, at + 1, end, out);
        } else if (*at == '\\' && at + 1 < end && (at[1] == '$' || at[1] == '\\')) {
            buf_byte(out, (char)at[1]);
            at += 2;
        } else {
            buf_byte(out, (char)*at++);
        }
    }
}

static int
replace_all(struct use *use, struct span text, struct span replacement, struct buf *out, bool *replaced,
            uint32_t *left)
{
    size_t done = 0;
    size_t start = 0;
    for (;;) {
        int status = next_match(use, text, start, left);
        if (status < 0) {
            buf_add(out, text.data + done, text.size - done);
            return status;
        }
        const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(use->data);
        size_t from = ends[0];
        size_t to = ends[1];
        if (from < done || to < from) {
            return PCRE2_ERROR_BADOFFSET; /* the pattern's own \K went astray */
        }
        *replaced = true;
        buf_add(out, text.data + done, from - done);
        add_replacement(use, text, replacement, out);
        done = to;
        start = to;
        if (to == from) { /* an empty match: the next one is looked for a character further */
            if (to == text.size) {
                return PCRE2_ERROR_NOMATCH;
            }
            start++;
            while (start < text.size && (text.data[start] & 0xc0) == 0x80) {
                start++;
            }
        }
    }
}

enum pattern_result
pattern_replace(struct span pattern, struct span text, struct span replacement, uint64_t *purse,
                struct buf *out)
{
    struct use use;
    bool replaced = false;
    if (text.size > PATTERN_REPLACE_MAX) {
        return PATTERN_TOO_COSTLY;
    }
    if (!open_use(pattern, &use)) {
        return PATTERN_NO_MEMORY;
    }
    if (text.size == 0) {
        text.data = (const unsigned char *)"";
    }
    /* Every match may start with a cheap try, beside the steps that one match may take. */
    const uint32_t most =
        granted(2 * steps_for(text.size) + STEPS_FIRST * (uint32_t)(text.size + 1), text.size, purse);
    uint32_t left = most;
    enum pattern_result result = result_of(replace_all(&use, text, replacement, out, &replaced, &left));
    pay(purse, most - left, text.size);
    close_use(&use);
    if (result == PATTERN_NO && out->failed) {
        return PATTERN_TOO_COSTLY;
    }
    return result == PATTERN_NO && replaced ? PATTERN_YES : result;
}

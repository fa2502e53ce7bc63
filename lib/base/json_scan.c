#include "lib/base/json_scan.h"

#include "lib/base/json_escape.h"
#include "lib/base/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
    INTEGER_DIGITS_MAX = 19,
    NUMBER_TEXT_MAX = 64,
    MEMBER_TEXT_MIN = 5, /* "":0, */
    SMALL_COUNT = 64,
    COUNT_STEP = 4096 /* bytes after which enough may have been counted */
};
static const uint32_t ESCAPED = (uint32_t)1 << 31;
static const uint32_t NONE = UINT32_MAX; /* the end of a chain */

struct scanner {
    const unsigned char *text;
    const unsigned char *at;
    const unsigned char *end;
    struct json_member *members;
    uint32_t room;
    uint32_t open;                     /* members in use: those of all open objects, outermost first */
    uint32_t first[JSON_DEEP_MAX + 1]; /* where the members of the object at this depth start */
    bool is_object[JSON_DEEP_MAX + 1];
    unsigned depth;
    unsigned depth_max;
    uint32_t hash; /* of the string scanned last, unescaped */
    bool escaped;
    enum json_fault_code fault;
};

static bool
fail(struct scanner *scan, enum json_fault_code fault)
{
    scan->fault = fault;
    return false;
}

/* At an unexpected byte: the text ended, or it is wrong. */
static bool
unexpected(struct scanner *scan)
{
    return fail(scan, scan->at == scan->end ? JSON_CUT_SHORT : JSON_SYNTAX);
}

/*
 * The seed is random and chosen once a process, so that nobody outside can choose names that fall into one
 * chain of the hash table. When the kernel gives no randomness, the address of a variable is used instead.
 */
static uint64_t
hash_seed(void)
{
    static uint64_t seed;
    if (seed == 0) {
        if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed) {
            seed = (uint64_t)(uintptr_t)&seed * 0x9e3779b97f4a7c15U;
        }
        seed |= 1;
    }
    return seed;
}

static uint64_t
hash_byte(uint64_t hash, unsigned char byte)
{
    hash = (hash ^ byte) * 0x9e3779b97f4a7c15U;
    return hash ^ (hash >> 29);
}

static void
skip_blanks(struct scanner *scan)
{
    while (scan->at < scan->end &&
           (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\r' || *scan->at == '\t')) {
        scan->at++;
    }
}

/* One escape inside a string that is being scanned. */
static bool
scan_escape(struct scanner *scan, uint64_t *hash)
{
    unsigned char out[UTF8_SIZE_MAX];
    enum json_fault_code fault;
    const unsigned char *backslash = scan->at++;
    size_t size = json_unescape(&scan->at, scan->end, out, &fault);
    if (size == 0) {
        scan->at = fault == JSON_CUT_SHORT ? scan->end : backslash;
        return fail(scan, fault);
    }
    for (size_t i = 0; i < size; i++) {
        *hash = hash_byte(*hash, out[i]);
    }
    scan->escaped = true;
    return true;
}

/* What plain characters are interrupted by: an escape, a longer character, or a fault. */
static bool
scan_special(struct scanner *scan, uint64_t *hash)
{
    unsigned char byte = *scan->at;
    if (byte == '\\') {
        return scan_escape(scan, hash);
    }
    if (byte < 0x20) {
        return fail(scan, byte == 0 ? JSON_NUL_CHARACTER : JSON_CONTROL_CHARACTER);
    }
    size_t size = utf8_size(scan->at, scan->end);
    if (size == 0) {
        return fail(scan, JSON_BAD_UTF8);
    }
    for (size_t i = 0; i < size; i++) {
        *hash = hash_byte(*hash, *scan->at++);
    }
    return true;
}

/* A string, `at` on its opening quote. Only names need the hash. */
static bool
scan_string(struct scanner *scan, bool is_name)
{
    uint64_t hash = hash_seed();
    scan->escaped = false;
    scan->at++;
    for (;;) {
        const unsigned char *plain = scan->at;
        scan->at = json_plain_end(plain, scan->end);
        while (is_name && plain < scan->at) {
            hash = hash_byte(hash, *plain++);
        }
        if (scan->at == scan->end) {
            return fail(scan, JSON_CUT_SHORT);
        }
        if (*scan->at == '"') {
            scan->at++;
            scan->hash = (uint32_t)(hash >> 32) ^ (uint32_t)hash;
            return true;
        }
        if (!scan_special(scan, &hash)) {
            return false;
        }
    }
}

/* The next byte of a name, unescaped; false at its end. `held` keeps the rest of an escape. */
struct name_reader {
    const unsigned char *at;
    const unsigned char *end;
    unsigned char held[UTF8_SIZE_MAX];
    size_t held_size;
    size_t held_at;
};

static bool
name_next(struct name_reader *name, unsigned char *byte)
{
    if (name->held_at < name->held_size) {
        *byte = name->held[name->held_at++];
        return true;
    }
    if (name->at == name->end) {
        return false;
    }
    if (*name->at != '\\') {
        *byte = *name->at++;
        return true;
    }
    enum json_fault_code fault;
    name->at++;
    name->held_size = json_unescape(&name->at, name->end, name->held, &fault);
    *byte = name->held[0];
    name->held_at = 1;
    return true;
}

static bool
same_name(const struct scanner *scan, const struct json_member *a, const struct json_member *b)
{
    uint32_t a_size = a->size & ~ESCAPED;
    uint32_t b_size = b->size & ~ESCAPED;
    if (((a->size | b->size) & ESCAPED) == 0) {
        return a_size == b_size && memcmp(scan->text + a->name, scan->text + b->name, a_size) == 0;
    }
    struct name_reader left = {scan->text + a->name, scan->text + a->name + a_size, {0}, 0, 0};
    struct name_reader right = {scan->text + b->name, scan->text + b->name + b_size, {0}, 0, 0};
    for (;;) {
        unsigned char x = 0;
        unsigned char y = 0;
        bool more = name_next(&left, &x);
        if (more != name_next(&right, &y) || x != y) {
            return false;
        }
        if (!more) {
            return true;
        }
    }
}

static uint32_t
bucket_of(const struct scanner *scan, uint32_t hash)
{
    return (uint32_t)((uint64_t)hash * scan->room >> 32);
}

/* Notes the member whose name was just scanned; chains hold the newest first, so an object's are in front. */
static bool
add_member(struct scanner *scan, const unsigned char *quote)
{
    if (scan->open == scan->room) {
        scan->at = quote;
        return fail(scan, JSON_TOO_MANY_MEMBERS);
    }
    uint32_t index = scan->open;
    struct json_member *member = &scan->members[index];
    member->hash =
        scan->hash ^ (scan->depth * 0x85ebca6bU); /* inner objects repeat the names of outer ones */
    member->name = (uint32_t)(quote + 1 - scan->text);
    member->size = (uint32_t)(scan->at - quote - 2) | (scan->escaped ? ESCAPED : 0);
    uint32_t *bucket = &scan->members[bucket_of(scan, member->hash)].bucket;
    for (uint32_t i = *bucket; i != NONE && i >= scan->first[scan->depth]; i = scan->members[i].next) {
        if (scan->members[i].hash == member->hash && same_name(scan, &scan->members[i], member)) {
            scan->at = quote;
            return fail(scan, JSON_DUPLICATE_MEMBER);
        }
    }
    member->next = *bucket;
    *bucket = index;
    scan->open++;
    return true;
}

/* The members of a closed object leave their chains, newest first: each is at the front of its own. */
static void
drop_members(struct scanner *scan)
{
    while (scan->open > scan->first[scan->depth]) {
        const struct json_member *member = &scan->members[--scan->open];
        scan->members[bucket_of(scan, member->hash)].bucket = member->next;
    }
}

static const unsigned char *
skip_digits(const unsigned char *at, const unsigned char *end)
{
    while (at < end && *at >= '0' && *at <= '9') {
        at++;
    }
    return at;
}

static bool
integer_fits(const unsigned char *digits, size_t size, bool negative)
{
    static const char most[] = "9223372036854775807";
    static const char least[] = "9223372036854775808";
    return size < INTEGER_DIGITS_MAX ||
           (size == INTEGER_DIGITS_MAX && memcmp(digits, negative ? least : most, size) <= 0);
}

/* Whether the text overflows a double. Long texts are judged by their first digits and exponent, as strtod
 * would. */
static bool
double_fits(const unsigned char *start, const unsigned char *exponent, const unsigned char *end)
{
    char text[NUMBER_TEXT_MAX];
    size_t mantissa = (size_t)(exponent - start);
    size_t rest = (size_t)(end - exponent);
    if (mantissa + rest >= sizeof text) {
        return false;
    }
    memcpy(text, start, mantissa + rest);
    text[mantissa + rest] = '\0';
    return isfinite(strtod(text, NULL)) != 0;
}

/* A number by RFC 8259's grammar, and one that this program can hold. */
static bool
scan_number(struct scanner *scan)
{
    const unsigned char *start = scan->at;
    const unsigned char *end = scan->end;
    bool negative = *start == '-';
    const unsigned char *digits = start + (negative ? 1 : 0);
    const unsigned char *at = skip_digits(digits, end);
    scan->at = at;
    if (at == digits) {
        return fail(scan, at == end ? JSON_CUT_SHORT : JSON_BAD_NUMBER);
    }
    if (*digits == '0' && at - digits > 1) {
        scan->at = digits;
        return fail(scan, JSON_BAD_NUMBER);
    }
    bool whole = true;
    if (at < end && *at == '.') {
        const unsigned char *fraction = at + 1;
        at = skip_digits(fraction, end);
        scan->at = at;
        whole = false;
        if (at == fraction) {
            return fail(scan, at == end ? JSON_CUT_SHORT : JSON_BAD_NUMBER);
        }
    }
    const unsigned char *exponent = at;
    if (at < end && (*at == 'e' || *at == 'E')) {
        at += at + 1 < end && (at[1] == '+' || at[1] == '-') ? 2 : 1;
        const unsigned char *power = at;
        at = skip_digits(power, end);
        scan->at = at;
        whole = false;
        if (at == power) {
            return fail(scan, at == end ? JSON_CUT_SHORT : JSON_BAD_NUMBER);
        }
    }
    bool fits =
        whole ? integer_fits(digits, (size_t)(at - digits), negative) : double_fits(start, exponent, at);
    if (!fits) {
        scan->at = start;
        return fail(scan, JSON_NUMBER_TOO_LARGE);
    }
    return true;
}

static bool
scan_word(struct scanner *scan, const char *word, size_t size)
{
    for (size_t i = 0; i < size; i++, scan->at++) {
        if (scan->at == scan->end || *scan->at != (unsigned char)word[i]) {
            return unexpected(scan);
        }
    }
    return true;
}

/* A member's name and its colon. */
static bool
scan_name(struct scanner *scan)
{
    skip_blanks(scan);
    const unsigned char *quote = scan->at;
    if (quote == scan->end || *quote != '"') {
        return unexpected(scan);
    }
    if (!scan_string(scan, true) || !add_member(scan, quote)) {
        return false;
    }
    skip_blanks(scan);
    if (scan->at == scan->end || *scan->at != ':') {
        return unexpected(scan);
    }
    scan->at++;
    return true;
}

/* Enters `{` or `[`. An empty one is left at once: then `*done` is set, because a value is complete. */
static bool
scan_open(struct scanner *scan, bool *done)
{
    bool is_object = *scan->at == '{';
    if (scan->depth == scan->depth_max) {
        return fail(scan, JSON_TOO_DEEP);
    }
    scan->at++;
    skip_blanks(scan);
    if (scan->at < scan->end && *scan->at == (is_object ? '}' : ']')) {
        scan->at++;
        *done = true;
        return true;
    }
    scan->depth++;
    scan->is_object[scan->depth] = is_object;
    scan->first[scan->depth] = scan->open;
    return !is_object || scan_name(scan);
}

/* One value, or the start of a container (then `*done` is false and a value is expected next). */
static bool
scan_value(struct scanner *scan, bool *done)
{
    skip_blanks(scan);
    *done = true;
    if (scan->at == scan->end) {
        return fail(scan, JSON_CUT_SHORT);
    }
    switch (*scan->at) {
    case '{':
    case '[':
        *done = false;
        return scan_open(scan, done);
    case '"':
        return scan_string(scan, false);
    case 't':
        return scan_word(scan, "true", 4);
    case 'f':
        return scan_word(scan, "false", 5);
    case 'n':
        return scan_word(scan, "null", 4);
    default:
        if (*scan->at == '-' || (*scan->at >= '0' && *scan->at <= '9')) {
            return scan_number(scan);
        }
        return unexpected(scan);
    }
}

/* After a value: closes what ends here, up to a comma (`*more`) or the end of the outermost value. */
static bool
scan_after(struct scanner *scan, bool *more)
{
    *more = false;
    while (scan->depth > 0) {
        skip_blanks(scan);
        if (scan->at == scan->end) {
            return fail(scan, JSON_CUT_SHORT);
        }
        bool is_object = scan->is_object[scan->depth];
        if (*scan->at == ',') {
            scan->at++;
            *more = true;
            return !is_object || scan_name(scan);
        }
        if (*scan->at != (is_object ? '}' : ']')) {
            return unexpected(scan);
        }
        scan->at++;
        drop_members(scan);
        scan->depth--;
    }
    return true;
}

static bool
scan_document(struct scanner *scan)
{
    size_t size = (size_t)(scan->end - scan->text);
    if (size >= 3 && memcmp(scan->text, "\xef\xbb\xbf", 3) == 0) {
        return fail(scan, JSON_BYTE_ORDER_MARK);
    }
    skip_blanks(scan);
    if (scan->at == scan->end) {
        return fail(scan, JSON_EMPTY);
    }
    bool more = true;
    while (more) {
        bool done = false;
        if (!scan_value(scan, &done)) {
            return false;
        }
        if (done && !scan_after(scan, &more)) {
            return false;
        }
    }
    skip_blanks(scan);
    return scan->at == scan->end || fail(scan, JSON_TRAILING_BYTES);
}

static void
fill_fault(const struct scanner *scan, struct json_fault *fault)
{
    *fault = (struct json_fault){scan->fault, (size_t)(scan->at - scan->text), 1, 1};
    for (const unsigned char *at = scan->text; at < scan->at; at++) {
        fault->column++;
        if (*at == '\n') {
            fault->line++;
            fault->column = 1;
        }
    }
}

size_t
json_scan_members(struct span text)
{
    size_t count = text.size / MEMBER_TEXT_MIN;
    if (count > SMALL_COUNT) {
        /* Scratch for a long text is worth counting: each member has a colon. */
        count = 0;
        for (size_t at = 0; at < text.size && count < JSON_MEMBERS_MAX; at += COUNT_STEP) {
            size_t end = text.size - at < COUNT_STEP ? text.size : at + COUNT_STEP;
            for (size_t i = at; i < end; i++) {
                count += text.data[i] == ':';
            }
        }
    }
    return count < JSON_MEMBERS_MAX ? count : JSON_MEMBERS_MAX;
}

bool
json_scan(struct span text, struct json_member *scratch, size_t count, struct json_fault *fault)
{
    return json_scan_deep(text, JSON_DEPTH_MAX, scratch, count, fault);
}

bool
json_scan_deep(struct span text, unsigned depth, struct json_member *scratch, size_t count,
               struct json_fault *fault)
{
    static const unsigned char nothing[1];
    struct scanner scan = {.text = text.size == 0 ? nothing : text.data, .members = scratch};
    scan.depth_max = depth < JSON_DEEP_MAX ? depth : JSON_DEEP_MAX;
    scan.at = scan.text;
    scan.end = scan.text + text.size;
    scan.room = (uint32_t)(count < JSON_MEMBERS_MAX ? count : JSON_MEMBERS_MAX);
    for (uint32_t i = 0; i < scan.room; i++) {
        scratch[i].bucket = NONE;
    }
    /* Offsets and sizes are kept in 32 and 31 bits. */
    bool fine = text.size < ESCAPED ? scan_document(&scan) : fail(&scan, JSON_TOO_LONG);
    if (fine) {
        *fault = (struct json_fault){JSON_FINE, text.size, 1, 1};
    } else {
        fill_fault(&scan, fault);
    }
    return fine;
}

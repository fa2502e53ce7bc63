#include "lib/form/value/canonical.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_MAX = 17, SAFE_DIGITS = 15, STACK_MEMBERS = 64, EXACT_INTEGER_BITS = 53 };

struct member {
    const char *name;
    struct json_object *value;
};

/* The shortest decimal digits that read back as `value` (> 0), and the exponent of the first one. */
struct shortest {
    char digits[DIGITS_MAX + 1];
    int count;
    int exponent; /* value = 0.digits x 10^exponent */
};

static bool write_value(struct json_object *value, struct buf *buf, int depth);

/* Prints `value` with so many digits; true when that reads back the same. */
static bool
try_digits(double value, int count, struct shortest *decimal)
{
    char text[CANONICAL_NUMBER_SIZE];
    (void)snprintf(text, sizeof text, "%.*e", count - 1, value);
    decimal->digits[0] = text[0];
    memcpy(decimal->digits + 1, text + 2, (size_t)(count - 1));
    decimal->digits[count] = '\0';
    decimal->count = count;
    decimal->exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10) + 1;
    return strtod(text, NULL) == value;
}

/*
 * At a power of two the doubles below lie closer than those above, so the nearest decimal may miss although
 * the next one up is still nearest to `value` among all doubles. Tries that one.
 */
static bool
try_next_up(double value, struct shortest *decimal)
{
    char text[CANONICAL_NUMBER_SIZE];
    int exponent = 0;
    int last = decimal->count - 1;
    if (frexp(value, &exponent) != 0.5 || decimal->digits[last] == '9') {
        return false; /* a carry would make a shorter decimal, which was tried before */
    }
    decimal->digits[last]++;
    (void)snprintf(text, sizeof text, "%c.%se%d", decimal->digits[0], decimal->digits + 1,
                   decimal->exponent - 1);
    return strtod(text, NULL) == value;
}

static void
shortest(double value, struct shortest *decimal)
{
    /* A normal double keeps any 15 digits, so with 15 the rest are zeros; below the normal range it does not.
     */
    int count = value < DBL_MIN ? 1 : SAFE_DIGITS;
    while (count < DIGITS_MAX && !try_digits(value, count, decimal) && !try_next_up(value, decimal)) {
        count++;
    }
    if (count == DIGITS_MAX) {
        (void)try_digits(value, count, decimal);
    }
    while (decimal->count > 1 && decimal->digits[decimal->count - 1] == '0') {
        decimal->count--;
    }
}

void
canonical_number(double value, char text[CANONICAL_NUMBER_SIZE])
{
    static const char zeros[] = "00000000000000000000000";
    struct shortest decimal;
    const char *sign = value < 0 ? "-" : "";
    if (value == 0) {
        (void)snprintf(text, CANONICAL_NUMBER_SIZE, "0"); /* minus zero too */
        return;
    }
    shortest(fabs(value), &decimal);
    int count = decimal.count;
    int point = decimal.exponent;
    const char *digits = decimal.digits;
    if (point >= count && point <= 21) {
        (void)snprintf(text, CANONICAL_NUMBER_SIZE, "%s%.*s%.*s", sign, count, digits, point - count, zeros);
    } else if (point > 0 && point <= 21) {
        (void)snprintf(text, CANONICAL_NUMBER_SIZE, "%s%.*s.%.*s", sign, point, digits, count - point,
                       digits + point);
    } else if (point > -6 && point <= 0) {
        (void)snprintf(text, CANONICAL_NUMBER_SIZE, "%s0.%.*s%.*s", sign, -point, zeros, count, digits);
    } else {
        (void)snprintf(text, CANONICAL_NUMBER_SIZE, "%s%c%s%.*se%c%d", sign, digits[0], count > 1 ? "." : "",
                       count - 1, digits + 1, point > 0 ? '+' : '-', abs(point - 1));
    }
}

static bool
write_double(double value, struct buf *buf)
{
    char text[CANONICAL_NUMBER_SIZE];
    if (!isfinite(value)) {
        return false;
    }
    canonical_number(value, text);
    buf_text(buf, text);
    return true;
}

/* Integers up to 2^53 are themselves; larger ones are what a double makes of them, as in ECMAScript. */
static bool
write_integer(struct json_object *value, struct buf *buf)
{
    const int64_t exact = INT64_C(1) << EXACT_INTEGER_BITS;
    int64_t number = json_object_get_int64(value);
    if (number == INT64_MAX) {
        return write_double((double)json_object_get_uint64(value), buf);
    }
    if (number > exact || number < -exact) {
        return write_double((double)number, buf);
    }
    buf_format(buf, "%lld", (long long)number);
    return true;
}

static void
write_string(const char *text, size_t size, struct buf *buf)
{
    static const char short_names[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    size_t clean = 0; /* start of the run that needs no escape */
    buf_byte(buf, '"');
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte >= ' ' && byte != '"' && byte != '\\') {
            continue;
        }
        buf_add(buf, text + clean, i - clean);
        clean = i + 1;
        if (byte >= ' ') {
            buf_byte(buf, '\\');
            buf_byte(buf, (char)byte);
        } else if (byte < sizeof short_names && short_names[byte] != '\0') {
            buf_byte(buf, '\\');
            buf_byte(buf, short_names[byte]);
        } else {
            buf_format(buf, "\\u%04x", byte);
        }
    }
    buf_add(buf, text + clean, size - clean);
    buf_byte(buf, '"');
}

/* The next UTF-16 code unit's order within a UTF-8 text: units of the surrogate range sort below U+E000 and
 * above. */
static unsigned
utf16_rank(unsigned char byte)
{
    /* Lead bytes F0..F4 are surrogate pairs (D800..DFFF): they go before EE and EF (E000..FFFF). */
    if (byte >= 0xf0U) {
        return byte - 2U;
    }
    return byte >= 0xeeU ? byte + 5U : byte;
}

/* UTF-8 bytes sort as code points; only those two groups of lead bytes change places in UTF-16. */
static int
by_utf16(const void *left, const void *right)
{
    const unsigned char *one = (const unsigned char *)((const struct member *)left)->name;
    const unsigned char *other = (const unsigned char *)((const struct member *)right)->name;
    while (*one != '\0' && *one == *other) {
        one++;
        other++;
    }
    unsigned one_rank = utf16_rank(*one);
    unsigned other_rank = utf16_rank(*other);
    return one_rank < other_rank ? -1 : one_rank > other_rank;
}

static bool
write_members(struct json_object *object, struct buf *buf, int depth, struct member *members)
{
    size_t count = 0;
    bool good = true;
    json_object_object_foreach(object, name, value)
    {
        members[count++] = (struct member){name, value};
    }
    qsort(members, count, sizeof *members, by_utf16);
    buf_byte(buf, '{');
    for (size_t i = 0; i < count && good; i++) {
        if (i != 0) {
            buf_byte(buf, ',');
        }
        write_string(members[i].name, strlen(members[i].name), buf);
        buf_byte(buf, ':');
        good = write_value(members[i].value, buf, depth + 1);
    }
    buf_byte(buf, '}');
    return good;
}

static bool
write_object(struct json_object *object, struct buf *buf, int depth)
{
    struct member few[STACK_MEMBERS];
    size_t count = (size_t)json_object_object_length(object);
    if (count <= STACK_MEMBERS) {
        return write_members(object, buf, depth, few);
    }
    struct member *many = calloc(count, sizeof *many);
    bool good = many != NULL && write_members(object, buf, depth, many);
    free(many);
    return good;
}

static bool
write_array(struct json_object *array, struct buf *buf, int depth)
{
    size_t count = json_object_array_length(array);
    bool good = true;
    buf_byte(buf, '[');
    for (size_t i = 0; i < count && good; i++) {
        if (i != 0) {
            buf_byte(buf, ',');
        }
        good = write_value(json_object_array_get_idx(array, i), buf, depth + 1);
    }
    buf_byte(buf, ']');
    return good;
}

static bool
write_value(struct json_object *value, struct buf *buf, int depth)
{
    if (depth > CANONICAL_DEPTH_MAX || buf->failed) {
        return false;
    }
    switch (json_object_get_type(value)) {
    case json_type_null:
        buf_text(buf, "null");
        return true;
    case json_type_boolean:
        buf_text(buf, json_object_get_boolean(value) ? "true" : "false");
        return true;
    case json_type_double:
        return write_double(json_object_get_double(value), buf);
    case json_type_int:
        return write_integer(value, buf);
    case json_type_string:
        write_string(json_object_get_string(value), (size_t)json_object_get_string_len(value), buf);
        return true;
    case json_type_array:
        return write_array(value, buf, depth);
    case json_type_object:
        return write_object(value, buf, depth);
    }
    return false;
}

bool
form_canonical(struct json_object *value, struct buf *buf)
{
    return write_value(value, buf, 1) && !buf->failed;
}

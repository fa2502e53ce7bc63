#include "lib/form/value/number.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

/* More than any double, and than any text that the reader takes, can have. */
enum { EXPONENT_MAX = 100000000, RADIX = 10 };

/* A number without the zeros around it: 0.d1d2d3... x 10^scale. */
struct digits {
    const char *first; /* its first digit that counts */
    const char *end;   /* after the last one; a point may stand between */
    int64_t scale;
    bool negative;
    bool zero;
};

static bool
is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static int64_t
read_exponent(const char *at)
{
    int64_t value = 0;
    bool negative = *at == '-';
    at += *at == '-' || *at == '+';
    for (; is_digit(*at); at++) {
        value = value < EXPONENT_MAX ? value * RADIX + (*at - '0') : value;
    }
    return negative ? -value : value;
}

/* The end of the mantissa, and what stands after the e, or 0. */
static const char *
split(const char *mantissa, int64_t *exponent)
{
    const char *end = mantissa + strspn(mantissa, "0123456789.");
    *exponent = *end == 'e' || *end == 'E' ? read_exponent(end + 1) : 0;
    return end;
}

static struct digits
take_apart(const char *text)
{
    struct digits number = {.negative = *text == '-'};
    const char *mantissa = text + (number.negative ? 1 : 0);
    int64_t exponent = 0;
    const char *end = split(mantissa, &exponent);
    const char *point = memchr(mantissa, '.', (size_t)(end - mantissa));
    number.first = mantissa + strspn(mantissa, "0.");
    number.end = end;
    number.zero = number.first >= end;
    point = point == NULL ? end : point;
    number.scale = exponent + (point - number.first) + (point < number.first ? 1 : 0);
    while (!number.zero && (number.end[-1] == '0' || number.end[-1] == '.')) {
        number.end--;
    }
    return number;
}

/* The next digit, or a zero when there are no more. */
static char
next_digit(const char **at, const char *end)
{
    if (*at < end && **at == '.') {
        (*at)++;
    }
    return *at < end ? *(*at)++ : '0';
}

/* Compares sizes, without signs. */
static int
compare_sizes(const struct digits *left, const struct digits *right)
{
    const char *one = left->first;
    const char *other = right->first;
    if (left->zero || right->zero) {
        return (int)right->zero - (int)left->zero;
    }
    if (left->scale != right->scale) {
        return left->scale < right->scale ? -1 : 1;
    }
    while (one < left->end || other < right->end) {
        int order = next_digit(&one, left->end) - next_digit(&other, right->end);
        if (order != 0) {
            return order;
        }
    }
    return 0;
}

enum value_order
number_compare(const char *left, const char *right)
{
    struct digits one = take_apart(left);
    struct digits other = take_apart(right);
    bool below = one.negative && !one.zero;
    bool other_below = other.negative && !other.zero;
    int order = compare_sizes(&one, &other);
    if (below != other_below) {
        return below ? VALUE_LESS : VALUE_MORE;
    }
    if (order == 0) {
        return VALUE_SAME;
    }
    return (order < 0) != below ? VALUE_LESS : VALUE_MORE;
}

int64_t
number_places(const char *text)
{
    const char *mantissa = text + (*text == '-' ? 1 : 0);
    int64_t exponent = 0;
    const char *end = split(mantissa, &exponent);
    const char *point = memchr(mantissa, '.', (size_t)(end - mantissa));
    int64_t places = (point == NULL ? 0 : end - point - 1) - exponent;
    return places < 0 ? 0 : places;
}

const char *
number_key(const char *text, struct arena *arena)
{
    struct digits number = take_apart(text);
    size_t size = 0;
    if (number.zero) {
        return "N0";
    }
    char *digits = arena_alloc(arena, (size_t)(number.end - number.first) + 1);
    for (const char *at = number.first; at < number.end;) {
        digits[size++] = next_digit(&at, number.end);
    }
    return arena_format(arena, "N%s%se%" PRId64, number.negative ? "-" : "", digits, number.scale);
}

const char *
number_text(struct json_object *number, char room[NUMBER_WHOLE_SIZE])
{
    if (!json_object_is_type(number, json_type_int)) {
        return json_object_get_string(number);
    }
    /* By hand: conditions compare the same answers thousands of times. */
    int64_t value = json_object_get_int64(number);
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char *at = room + NUMBER_WHOLE_SIZE - 1;
    *at = '\0';
    do {
        *--at = (char)('0' + rest % RADIX);
        rest /= RADIX;
    } while (rest != 0);
    if (value < 0) {
        *--at = '-';
    }
    return at;
}

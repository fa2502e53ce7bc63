#include "lib/webauthn/cbor.h"

#include <string.h>

enum {
    MAJOR_UNSIGNED,
    MAJOR_NEGATIVE,
    MAJOR_BYTES,
    MAJOR_TEXT,
    MAJOR_ARRAY,
    MAJOR_MAP,
    MAJOR_TAG,
    MAJOR_SIMPLE
};

enum {
    INFO_BITS = 5,
    INFO_MASK = 31,
    INFO_ONE_BYTE = 24, /* from here on: the value is in the next 1, 2, 4 or 8 bytes */
    INFO_EIGHT_BYTES = 27,
    SIMPLE_FALSE = 20,
    SIMPLE_UNDEFINED = 23,
    BYTE_BITS = 8
};

struct head {
    int major;
    int info;
    uint64_t value;
};

struct cbor
cbor_of(struct span bytes)
{
    static const unsigned char nothing;
    const unsigned char *at = bytes.data == NULL ? &nothing : bytes.data;
    return (struct cbor){at, at + (bytes.data == NULL ? 0 : bytes.size)};
}

bool
cbor_at_end(const struct cbor *cbor)
{
    return cbor->at == cbor->end;
}

static size_t
left(const struct cbor *cbor)
{
    return (size_t)(cbor->end - cbor->at);
}

/* An item's kind and its number: a value, a length, or how many items follow. */
static bool
read_head(struct cbor *cbor, struct head *head)
{
    if (left(cbor) == 0) {
        return false;
    }
    unsigned char first = *cbor->at++;
    *head = (struct head){first >> INFO_BITS, first & INFO_MASK, first & INFO_MASK};
    if (head->info < INFO_ONE_BYTE) {
        return true;
    }
    if (head->info > INFO_EIGHT_BYTES) {
        return false; /* reserved, or of a length that is not given */
    }
    size_t size = (size_t)1 << (head->info - INFO_ONE_BYTE);
    if (left(cbor) < size) {
        return false;
    }
    head->value = 0;
    for (size_t i = 0; i < size; i++) {
        head->value = head->value << BYTE_BITS | *cbor->at++;
    }
    if (head->major == MAJOR_SIMPLE) {
        return head->info > INFO_ONE_BYTE; /* floating point: its bits */
    }
    /* What fits into half of the bytes, or into the first one, must be there. */
    uint64_t least = size == 1 ? INFO_ONE_BYTE : UINT64_C(1) << (size / 2 * BYTE_BITS);
    return head->value >= least;
}

static bool
read_kind(struct cbor *cbor, int major, struct head *head)
{
    return read_head(cbor, head) && head->major == major;
}

static bool
skip_bytes(struct cbor *cbor, uint64_t size)
{
    if (size > left(cbor)) {
        return false;
    }
    cbor->at += size;
    return true;
}

static bool
skip(struct cbor *cbor, int depth)
{
    struct head head;
    if (depth > CBOR_DEPTH_MAX || !read_head(cbor, &head)) {
        return false;
    }
    switch (head.major) {
    case MAJOR_UNSIGNED:
    case MAJOR_NEGATIVE:
        return true;
    case MAJOR_BYTES:
    case MAJOR_TEXT:
        return skip_bytes(cbor, head.value);
    case MAJOR_ARRAY:
    case MAJOR_MAP:
        break;
    case MAJOR_SIMPLE:
        return head.info > INFO_ONE_BYTE || (head.info >= SIMPLE_FALSE && head.info <= SIMPLE_UNDEFINED);
    default:
        return false;
    }
    /* Each item is a byte at least: more than there are bytes are not there. */
    uint64_t items = head.value;
    if (items > left(cbor)) {
        return false;
    }
    items *= head.major == MAJOR_MAP ? 2 : 1;
    for (uint64_t i = 0; i < items; i++) {
        if (!skip(cbor, depth + 1)) {
            return false;
        }
    }
    return true;
}

bool
cbor_map(struct cbor *cbor, size_t *members)
{
    struct head head;
    if (!read_kind(cbor, MAJOR_MAP, &head) || head.value > left(cbor)) {
        return false;
    }
    *members = (size_t)head.value;
    return true;
}

static bool
read_run(struct cbor *cbor, int major, struct span *run)
{
    struct head head;
    if (!read_kind(cbor, major, &head)) {
        return false;
    }
    *run = (struct span){cbor->at, (size_t)head.value};
    return skip_bytes(cbor, head.value);
}

bool
cbor_text(struct cbor *cbor, struct span *text)
{
    return read_run(cbor, MAJOR_TEXT, text);
}

bool
cbor_bytes(struct cbor *cbor, struct span *bytes)
{
    return read_run(cbor, MAJOR_BYTES, bytes);
}

bool
cbor_int(struct cbor *cbor, int32_t *value)
{
    struct head head;
    if (!read_head(cbor, &head) || head.major > MAJOR_NEGATIVE || head.value > INT32_MAX) {
        return false;
    }
    int32_t number = (int32_t)head.value;
    *value = head.major == MAJOR_NEGATIVE ? -1 - number : number;
    return true;
}

bool
cbor_item(struct cbor *cbor, struct span *item)
{
    const unsigned char *start = cbor->at;
    if (!skip(cbor, 1)) {
        return false;
    }
    *item = (struct span){start, (size_t)(cbor->at - start)};
    return true;
}

bool
cbor_is(struct span text, const char *word)
{
    size_t size = strlen(word);
    return text.size == size && memcmp(text.data, word, size) == 0;
}

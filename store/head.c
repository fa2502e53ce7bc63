#include "store/head.h"

#include <string.h>

enum { DECIMAL = 10, FIRST_VISIBLE = 0x21, LAST_VISIBLE = 0x7e };

/* Of Content-Length: enough for every file, and far from where a number of 64 bits ends. */
enum { LENGTH_DIGITS_MAX = 15 };

static struct span
span_of(const char *start, const char *end)
{
    return (struct span){(const unsigned char *)start, (size_t)(end - start)};
}

bool
head_is(struct span part, const char *text)
{
    size_t size = strlen(text);
    return part.data != NULL && part.size == size && memcmp(part.data, text, size) == 0;
}

static bool
is_digit(unsigned char byte)
{
    return byte >= '0' && byte <= '9';
}

/* RFC 9110 section 5.6.2. */
static bool
is_token_byte(unsigned char byte)
{
    unsigned char lower = byte | 0x20;
    return is_digit(byte) || (lower >= 'a' && lower <= 'z') ||
           (byte != '\0' && strchr("!#$%&'*+-.^_`|~", byte) != NULL);
}

static bool
is_token(const char *start, const char *end)
{
    for (const char *at = start; at < end; at++) {
        if (!is_token_byte((unsigned char)*at)) {
            return false;
        }
    }
    return end > start;
}

/* A field's name in any case. */
static bool
is_named(struct span name, const char *lower)
{
    size_t size = strlen(lower);
    if (name.size != size) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = name.data[i];
        unsigned char folded = byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
        if (folded != (unsigned char)lower[i]) {
            return false;
        }
    }
    return true;
}

static enum head_method
method_of(struct span name)
{
    static const struct {
        const char *name;
        enum head_method method;
    } known[] = {{"GET", HEAD_GET}, {"HEAD", HEAD_HEAD}, {"PUT", HEAD_PUT}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (head_is(name, known[i].name)) {
            return known[i].method;
        }
    }
    return HEAD_OTHER;
}

/* "METHOD /path?query HTTP/1.1" without its line end. */
static bool
read_request_line(const char *start, const char *end, struct head *head)
{
    const char *behind_method = memchr(start, ' ', (size_t)(end - start));
    if (behind_method == NULL || !is_token(start, behind_method)) {
        return false;
    }
    const char *target = behind_method + 1;
    const char *behind = memchr(target, ' ', (size_t)(end - target));
    if (behind == NULL || behind == target || *target != '/' ||
        !head_is(span_of(behind + 1, end), "HTTP/1.1")) {
        return false;
    }
    for (const char *at = target; at < behind; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte < FIRST_VISIBLE || byte > LAST_VISIBLE || byte == '#') {
            return false;
        }
    }
    const char *mark = memchr(target, '?', (size_t)(behind - target));
    head->method = method_of(span_of(start, behind_method));
    head->path = span_of(target, mark == NULL ? behind : mark);
    if (mark != NULL) {
        head->query = span_of(mark + 1, behind);
    }
    return true;
}

static bool
read_length(struct span value, int64_t *length)
{
    bool is_canonical = value.size == 1 || (value.size > 1 && value.data[0] != '0');
    if (!is_canonical || value.size > LENGTH_DIGITS_MAX) {
        return false;
    }
    int64_t number = 0;
    for (size_t i = 0; i < value.size; i++) {
        if (!is_digit(value.data[i])) {
            return false;
        }
        number = number * DECIMAL + (value.data[i] - '0');
    }
    *length = number;
    return true;
}

/* A field that decides something, once. */
static bool
keep_field(struct head *head, struct span name, struct span value)
{
    if (is_named(name, "content-length")) {
        return head->length < 0 && read_length(value, &head->length);
    }
    if (is_named(name, "transfer-encoding")) {
        bool first = !head->is_coded;
        head->is_coded = true;
        return first;
    }
    const struct {
        const char *name;
        struct span *place;
    } kept[] = {{"if-none-match", &head->none_match},
                {"x-amz-checksum-sha256", &head->checksum},
                {"range", &head->range},
                {"x-request-id", &head->request_id}};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        if (is_named(name, kept[i].name)) {
            bool first = kept[i].place->data == NULL;
            *kept[i].place = value;
            return first;
        }
    }
    return true;
}

/* "Name: value" without its line end; blanks around the value are not part of it. */
static bool
read_field(const char *start, const char *end, struct head *head)
{
    const char *colon = memchr(start, ':', (size_t)(end - start));
    if (colon == NULL || !is_token(start, colon)) {
        return false;
    }
    const char *from = colon + 1;
    while (from < end && (*from == ' ' || *from == '\t')) {
        from++;
    }
    const char *to = end;
    while (to > from && (to[-1] == ' ' || to[-1] == '\t')) {
        to--;
    }
    for (const char *at = from; at < to; at++) {
        unsigned char byte = (unsigned char)*at;
        if ((byte < ' ' && byte != '\t') || byte == LAST_VISIBLE + 1) {
            return false;
        }
    }
    return keep_field(head, span_of(start, colon), span_of(from, to));
}

/* Of the bytes from `start` to `end`, the first line's end: where its CR stands. NULL: not by a CRLF alone. */
static const char *
line_end(const char *start, const char *end)
{
    const char *feed = memchr(start, '\n', (size_t)(end - start));
    return feed == NULL || feed == start || feed[-1] != '\r' ? NULL : feed - 1;
}

static enum head_step
read_lines(const char *start, const char *end, struct head *head)
{
    const char *at = line_end(start, end);
    if (at == NULL || !read_request_line(start, at, head)) {
        return HEAD_BAD;
    }
    const char *line = at + 2;
    for (size_t fields = 0; line < end; fields++) {
        at = line_end(line, end);
        if (fields == HEAD_FIELDS_MAX) {
            return HEAD_TOO_LARGE;
        }
        if (at == NULL || !read_field(line, at, head)) {
            return HEAD_BAD;
        }
        line = at + 2;
    }
    return HEAD_WHOLE;
}

enum head_step
head_read(const char *bytes, size_t size, struct head *head)
{
    static const char last[] = "\r\n\r\n";
    *head = (struct head){.method = HEAD_OTHER, .length = -1};
    size_t looked = size < HEAD_SIZE_MAX ? size : HEAD_SIZE_MAX;
    const char *end = memmem(bytes, looked, last, sizeof last - 1);
    if (end == NULL) {
        return size >= HEAD_SIZE_MAX ? HEAD_TOO_LARGE : HEAD_MORE;
    }
    head->size = (size_t)(end - bytes) + sizeof last - 1;
    return read_lines(bytes, end + 2, head);
}

#include "lib/http/route.h"

#include "lib/base/hex.h"
#include "lib/base/utf8.h"

#include <string.h>

enum { SEGMENTS_MAX = 12 };

/* One segment of the path as received. */
struct segment {
    const char *text;
    size_t size;
};

static bool
is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._~", c) != NULL);
}

/* RFC 3986 section 3.3: what may stand in a segment as it is, but `;`, which some servers take for
 * parameters. */
static bool
is_segment_character(unsigned char c)
{
    return is_unreserved(c) || (c != '\0' && strchr("!$&'()*+,=:@", c) != NULL);
}

/* The byte that `%XX` stands for; -1 unless it is well written, needed, and harmless in a path. */
static int
percent_byte(const char *at)
{
    int high = hex_digit((unsigned char)at[1]);
    int low = high < 0 ? -1 : hex_digit((unsigned char)at[2]);
    int byte = high * 16 + low;
    bool harmful = byte < 0x20 || byte == 0x7f || byte == '/' || byte == '\\';
    return high < 0 || low < 0 || harmful || is_unreserved((unsigned char)byte) ? -1 : byte;
}

/* Splits a path in normal form; returns the number of segments, 0 when it is not in normal form. */
static size_t
split(const char *path, struct segment segments[SEGMENTS_MAX])
{
    size_t count = 0;
    const char *at = path;
    while (*at == '/') {
        const char *start = ++at;
        while (is_segment_character((unsigned char)*at) || (*at == '%' && percent_byte(at) >= 0)) {
            at += *at == '%' ? 3 : 1;
        }
        size_t size = (size_t)(at - start);
        bool dots = (size == 1 && start[0] == '.') || (size == 2 && start[0] == '.' && start[1] == '.');
        if (size == 0 || dots || count == SEGMENTS_MAX) {
            return 0;
        }
        segments[count++] = (struct segment){start, size};
    }
    return *at == '\0' ? count : 0;
}

static bool
matches(const struct api_route *route, const struct segment *segments, size_t count)
{
    if (route->segment_count != count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const char *wanted = route->segments[i];
        if (wanted != NULL &&
            (strncmp(wanted, segments[i].text, segments[i].size) != 0 || wanted[segments[i].size] != '\0')) {
            return false;
        }
    }
    return true;
}

/* The route of the path. A literal segment is preferred to a value: /a/new is not /a/{id}. */
static const struct api_route *
find_route(const struct segment *segments, size_t count)
{
    const struct api_route *best = NULL;
    for (size_t i = 0; i < api_route_count; i++) {
        const struct api_route *route = &api_routes[i];
        if (!matches(route, segments, count)) {
            continue;
        }
        for (size_t j = 0; best != NULL && j < count; j++) {
            if ((route->segments[j] == NULL) != (best->segments[j] == NULL)) {
                best = route->segments[j] == NULL ? best : NULL;
                break;
            }
        }
        best = best == NULL ? route : best;
    }
    return best;
}

/* The decoded value of a segment in the arena, or NULL when it is not UTF-8. */
static const char *
decode_segment(struct request *rq, const struct segment *segment)
{
    char *text = arena_alloc(rq->arena, segment->size + 1);
    size_t size = 0;
    for (size_t i = 0; i < segment->size; i++) {
        if (segment->text[i] == '%') {
            text[size++] = (char)percent_byte(segment->text + i);
            i += 2;
        } else {
            text[size++] = segment->text[i];
        }
    }
    return utf8_valid(text, size) ? text : NULL;
}

const struct api_operation *
route_match(struct request *rq, enum problem *problem, const char **allow)
{
    struct segment segments[SEGMENTS_MAX];
    size_t count = split(rq->path, segments);
    const struct api_route *route = count == 0 ? NULL : find_route(segments, count);
    *problem = PROBLEM_NOT_FOUND;
    *allow = NULL;
    if (route == NULL) {
        return NULL;
    }
    size_t values = 0;
    for (size_t i = 0; i < count; i++) {
        if (route->segments[i] == NULL && values < REQUEST_PATH_VALUES_MAX) {
            rq->path_values[values] = decode_segment(rq, &segments[i]);
            if (rq->path_values[values++] == NULL) {
                return NULL;
            }
        }
    }
    int index = rq->method < HTTP_OTHER ? route->operations[rq->method] : -1;
    if (index < 0) {
        *problem = PROBLEM_METHOD_NOT_ALLOWED;
        *allow = route->allow;
        return NULL;
    }
    *problem = PROBLEM_NONE;
    return &api_operations[index];
}

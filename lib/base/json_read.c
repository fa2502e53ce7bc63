#include "lib/base/json_read.h"

#include "lib/base/json_escape.h"
#include "lib/base/json_own.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAME_ROOM = 128,  /* longer names are copied into the arena */
    NUMBER_ROOM = 72, /* the scanner refuses longer ones */
    /* From this size on containers give back what they do not use: json-c begins each object with room for 16
     * members, each array for 32 elements, so a document of a few MB would take more than 100. Below it the
     * time is worth more. */
    LEAN_FROM = 256 * 1024
};

/*
 * The scanner has accepted the text, so this only builds: no fault but memory can occur. json-c's own parser
 * is not used because it would look each name up again, and set up a locale for each text.
 */
struct builder {
    struct arena *arena;
    const unsigned char *at;
    const unsigned char *end;
    char *plain;      /* unescaped text; room for the longest string of the document, got when first needed */
    const char *text; /* the string read last: in the document, or in `plain` */
    size_t size;
    bool lean;
    bool failed;
};

static void
skip_blanks(struct builder *build)
{
    while (build->at < build->end &&
           (*build->at == ' ' || *build->at == '\n' || *build->at == '\r' || *build->at == '\t')) {
        build->at++;
    }
}

/* Reads a string, `at` on its quote: text and size are left in the builder, in the document or unescaped. */
static void
read_string(struct builder *build)
{
    const unsigned char *start = ++build->at;
    build->at = json_plain_end(start, build->end);
    while (*build->at != '"' && *build->at != '\\') {
        build->at = json_plain_end(build->at + 1, build->end); /* a character that is not ASCII */
    }
    build->text = (const char *)start;
    build->size = (size_t)(build->at - start);
    if (*build->at == '"') {
        build->at++;
        return;
    }
    if (build->plain == NULL) {
        build->plain = arena_alloc(build->arena, (size_t)(build->end - start));
    }
    size_t size = build->size;
    memcpy(build->plain, start, size);
    while (*build->at != '"') {
        if (*build->at != '\\') {
            build->plain[size++] = (char)*build->at++;
            continue;
        }
        unsigned char out[UTF8_SIZE_MAX];
        enum json_fault_code fault;
        build->at++;
        size_t more = json_unescape(&build->at, build->end, out, &fault);
        memcpy(build->plain + size, out, more);
        size += more;
    }
    build->at++;
    build->text = build->plain;
    build->size = size;
}

static struct json_object *
new_number(struct builder *build)
{
    char text[NUMBER_ROOM];
    size_t size = 0;
    bool whole = true;
    while (build->at < build->end && strchr("+-.0123456789Ee", *build->at) != NULL && *build->at != '\0') {
        whole = whole && *build->at != '.' && (*build->at | 0x20) != 'e';
        text[size++] = (char)*build->at++;
    }
    text[size] = '\0';
    return whole ? json_object_new_int64(strtoll(text, NULL, 10))
                 : json_object_new_double_s(strtod(text, NULL), text);
}

/* A scalar, or an empty container (`*fill` is then set: its content comes next). */
static struct json_object *
new_value(struct builder *build, bool *fill)
{
    struct json_object *value = NULL;
    *fill = false;
    skip_blanks(build);
    switch (*build->at) {
    case '{':
    case '[':
        value = *build->at == '{' ? json_object_new_object() : json_object_new_array();
        *fill = true;
        build->at++;
        break;
    case '"':
        read_string(build);
        value = json_object_new_string_len(build->text, (int)build->size);
        break;
    case 't':
        value = json_object_new_boolean(true);
        build->at += sizeof "true" - 1;
        break;
    case 'f':
        value = json_object_new_boolean(false);
        build->at += sizeof "false" - 1;
        break;
    case 'n':
        build->at += sizeof "null" - 1;
        return NULL;
    default:
        value = new_number(build);
        break;
    }
    build->failed = build->failed || value == NULL;
    return value;
}

/* A value is given to its parent before it is filled, so that everything is owned whenever memory runs out.
 */
static void
add_member(struct builder *build, struct json_object *parent, bool *fill, struct json_object **value)
{
    char small[NAME_ROOM];
    const char *name = small;
    skip_blanks(build);
    read_string(build);
    if (build->size < sizeof small) {
        memcpy(small, build->text, build->size);
        small[build->size] = '\0';
    } else {
        name = arena_copy(build->arena, build->text, build->size);
    }
    skip_blanks(build);
    build->at++; /* the colon */
    *value = new_value(build, fill);
    if (json_object_object_add_ex(parent, name, *value, JSON_C_OBJECT_ADD_KEY_IS_NEW) != 0) {
        (void)json_object_put(*value);
        build->failed = true;
    }
}

static void
add_element(struct builder *build, struct json_object *parent, bool *fill, struct json_object **value)
{
    *value = new_value(build, fill);
    if (json_object_array_add(parent, *value) != 0) {
        (void)json_object_put(*value);
        build->failed = true;
    }
}

/*
 * Gives back memory that a container has beyond what it holds; json-c fills two thirds of a table of members.
 */
static bool
trim_container(struct json_object *container)
{
    struct lh_table *members = json_object_get_object(container);
    if (members == NULL) {
        return json_object_array_shrink(container, 0) == 0;
    }
    int count = lh_table_length(members);
    int size = count + count / 2 + 1;
    return size >= members->size || lh_table_resize(members, size) == 0;
}

/* Fills a container, `at` behind its opening bracket. The scanner has bounded the depth. */
static void
fill_container(struct builder *build, struct json_object *parent)
{
    bool is_object = json_object_is_type(parent, json_type_object);
    const unsigned char closing = is_object ? '}' : ']';
    skip_blanks(build);
    while (!build->failed && *build->at != closing) {
        struct json_object *value = NULL;
        bool fill = false;
        if (is_object) {
            add_member(build, parent, &fill, &value);
        } else {
            add_element(build, parent, &fill, &value);
        }
        if (fill && !build->failed) {
            fill_container(build, value);
        }
        skip_blanks(build);
        if (!build->failed && *build->at == ',') {
            build->at++;
            skip_blanks(build);
        }
    }
    if (!build->failed) {
        build->at++;
        build->failed = build->lean && !trim_container(parent);
    }
}

struct json_object *
json_read(struct arena *arena, struct span text, struct json_fault *fault)
{
    return json_read_deep(arena, text, JSON_DEPTH_MAX, fault);
}

struct json_object *
json_read_deep(struct arena *arena, struct span text, unsigned depth, struct json_fault *fault)
{
    size_t members = json_scan_members(text);
    struct json_member *scratch = arena_array(arena, members, sizeof *scratch);
    if (!json_scan_deep(text, depth, scratch, members, fault)) {
        return NULL;
    }
    struct builder build = {
        .arena = arena, .at = text.data, .end = text.data + text.size, .lean = text.size >= LEAN_FROM};
    bool fill = false;
    struct json_object *root = json_own(arena, new_value(&build, &fill));
    if (fill && !build.failed) {
        fill_container(&build, root);
    }
    if (build.failed) {
        *fault = (struct json_fault){JSON_NO_MEMORY, 0, 1, 1};
        return NULL;
    }
    return root;
}

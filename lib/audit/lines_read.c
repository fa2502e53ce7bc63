#include "lib/audit/lines.h"

#include "lib/base/clock.h"
#include "lib/base/json_read.h"
#include "lib/base/uuid.h"

#include <json-c/json.h>
#include <sodium.h>
#include <string.h>

/* Reads members of one object; the first that is not as it must be is remembered. */
struct reader {
    struct arena *arena;
    struct json_object *object;
    const char *why;
};

static struct json_object *
member(struct reader *reader, const char *name, enum json_type type)
{
    struct json_object *value = NULL;
    if (!json_object_object_get_ex(reader->object, name, &value) || !json_object_is_type(value, type)) {
        reader->why = name;
        return NULL;
    }
    return value;
}

static int64_t
read_int(struct reader *reader, const char *name)
{
    struct json_object *value = member(reader, name, json_type_int);
    return value == NULL ? 0 : json_object_get_int64(value);
}

static int64_t
read_time(struct reader *reader, const char *name)
{
    int64_t at = 0;
    struct json_object *value = member(reader, name, json_type_string);
    if (value != NULL && !clock_parse(json_object_get_string(value), &at)) {
        reader->why = name;
    }
    return at;
}

static int64_t
read_optional_time(struct reader *reader, const char *name, bool *given)
{
    struct json_object *value = NULL;
    *given = json_object_object_get_ex(reader->object, name, &value) && value != NULL;
    return *given ? read_time(reader, name) : 0;
}

/* Base64url of any size, in the arena. */
static struct span
read_bytes(struct reader *reader, const char *name)
{
    struct json_object *value = member(reader, name, json_type_string);
    if (value == NULL) {
        return (struct span){NULL, 0};
    }
    size_t length = (size_t)json_object_get_string_len(value);
    const char *text = json_object_get_string(value);
    const char *stop = NULL;
    size_t size = 0;
    unsigned char *bytes = arena_alloc(reader->arena, length + 1);
    if (sodium_base642bin(bytes, length + 1, text, length, NULL, &size, &stop,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        stop != text + length) {
        reader->why = name;
    }
    return (struct span){bytes, size};
}

static void
read_exactly(struct reader *reader, const char *name, unsigned char *out, size_t size)
{
    struct span bytes = read_bytes(reader, name);
    if (bytes.size != size) {
        reader->why = name;
        return;
    }
    memcpy(out, bytes.data, size);
}

static struct span
read_uuids(struct reader *reader, const char *name, struct json_object *array)
{
    size_t count = json_object_array_length(array);
    unsigned char *bytes = arena_alloc(reader->arena, count * UUID_SIZE + 1);
    for (size_t i = 0; i < count; i++) {
        struct json_object *element = json_object_array_get_idx(array, i);
        if (!json_object_is_type(element, json_type_string) ||
            !uuid_parse(json_object_get_string(element), bytes + i * UUID_SIZE)) {
            reader->why = name;
        }
    }
    return (struct span){bytes, count * UUID_SIZE};
}

static struct span
read_part(struct reader *reader, enum audit_part part)
{
    static const enum json_type types[] = {[AUDIT_PART_UUID] = json_type_string,
                                           [AUDIT_PART_TEXT] = json_type_string,
                                           [AUDIT_PART_UUIDS] = json_type_array};
    const char *name = audit_part_name(part);
    enum audit_part_kind kind = audit_part_kind(part);
    struct json_object *value = NULL;
    if (json_object_object_get_ex(reader->object, name, &value) && value == NULL) {
        return (struct span){NULL, 0};
    }
    value = member(reader, name, types[kind]);
    if (value == NULL) {
        return (struct span){NULL, 0};
    }
    if (kind == AUDIT_PART_UUIDS) {
        return read_uuids(reader, name, value);
    }
    const char *text = json_object_get_string(value);
    if (kind == AUDIT_PART_TEXT) {
        return (struct span){(const unsigned char *)text, (size_t)json_object_get_string_len(value)};
    }
    unsigned char *bytes = arena_alloc(reader->arena, UUID_SIZE);
    if (!uuid_parse(text, bytes)) {
        reader->why = name;
    }
    return (struct span){bytes, UUID_SIZE};
}

static void
read_row(struct reader *reader, struct audit_line *line)
{
    line->row.position = read_int(reader, "position");
    line->row.id = read_int(reader, "id");
    line->row.at = read_time(reader, "at");
    for (int part = 0; part < AUDIT_PARTS; part++) {
        line->row.part[part] = read_part(reader, (enum audit_part)part);
    }
}

static void
read_places(struct reader *reader, struct merkle_excerpt *excerpt)
{
    struct json_object *array = member(reader, "places", json_type_array);
    excerpt->shown = array == NULL ? 0 : json_object_array_length(array);
    uint32_t *places = arena_array(reader->arena, excerpt->shown + 1, sizeof *places);
    for (size_t i = 0; i < excerpt->shown; i++) {
        struct json_object *number = json_object_array_get_idx(array, i);
        int64_t value = json_object_is_type(number, json_type_int) ? json_object_get_int64(number) : -1;
        if (value < 0 || value >= MERKLE_EXCERPT_LEAVES_MAX) {
            reader->why = "places";
            return;
        }
        places[i] = (uint32_t)value;
    }
    excerpt->places = places;
}

static void
read_seal(struct reader *reader, struct audit_line *line)
{
    struct audit_seal *seal = &line->seal;
    seal->number = read_int(reader, "number");
    seal->horizon = read_int(reader, "horizon");
    seal->rows = read_int(reader, "rows");
    seal->total = read_int(reader, "total");
    seal->sealed_at = read_time(reader, "sealed_at");
    seal->key_version = read_int(reader, "key_version");
    read_exactly(reader, "root", seal->root, DIGEST_SIZE);
    read_exactly(reader, "previous", seal->previous, DIGEST_SIZE);
    read_exactly(reader, "signature", seal->signature, AUDIT_SIGNATURE_SIZE);
    if (line->kind == AUDIT_LINE_SEAL) {
        line->leaves = read_bytes(reader, "leaves");
    } else if (line->kind == AUDIT_LINE_CHECKPOINT) {
        read_exactly(reader, "digest", line->digest, DIGEST_SIZE);
    } else {
        line->excerpt = (struct merkle_excerpt){.total = seal->rows < 0 ? 0 : (size_t)seal->rows,
                                                .leaf_size = AUDIT_LEAF_SIZE,
                                                .leaves = read_bytes(reader, "leaves"),
                                                .others = read_bytes(reader, "others")};
        read_places(reader, &line->excerpt);
    }
}

static void
read_drop(struct reader *reader, struct audit_line *line)
{
    struct audit_drop *drop = &line->drop;
    drop->from = read_time(reader, "from");
    drop->to = read_time(reader, "to");
    drop->rows = read_int(reader, "rows");
    drop->dropped_at = read_time(reader, "dropped_at");
    drop->key_version = read_int(reader, "key_version");
    read_exactly(reader, "export_sha256", drop->export_sha256, DIGEST_SIZE);
    read_exactly(reader, "signature", drop->signature, AUDIT_SIGNATURE_SIZE);
}

static void
read_export(struct reader *reader, struct audit_line *line)
{
    if (read_int(reader, "version") != 1) {
        reader->why = "version";
    }
    struct json_object *practice = NULL;
    if (json_object_object_get_ex(reader->object, audit_part_name(AUDIT_PRACTICE), &practice)) {
        line->practice = read_part(reader, AUDIT_PRACTICE);
        if (line->practice.size != UUID_SIZE) {
            reader->why = audit_part_name(AUDIT_PRACTICE);
        }
    }
    line->from = read_optional_time(reader, "from", &line->has_from);
    line->to = read_optional_time(reader, "to", &line->has_to);
}

static void
read_end(struct reader *reader, struct audit_line *line)
{
    line->rows = read_int(reader, "rows");
    line->seals = read_int(reader, "seals");
    struct json_object *signature = NULL;
    line->has_signature = json_object_object_get_ex(reader->object, "signature", &signature);
    if (line->has_signature) {
        line->key_version = read_int(reader, "key_version");
        read_exactly(reader, "signature", line->signature, AUDIT_SIGNATURE_SIZE);
    }
}

bool
audit_line_read(struct arena *arena, struct span text, struct audit_line *line, const char **why)
{
    static const struct {
        const char *type;
        void (*read)(struct reader *reader, struct audit_line *line);
    } kinds[] = {
        [AUDIT_LINE_EXPORT] = {"export", read_export}, [AUDIT_LINE_DROP] = {"drop", read_drop},
        [AUDIT_LINE_SEAL] = {"seal", read_seal},       [AUDIT_LINE_EXCERPT] = {"excerpt", read_seal},
        [AUDIT_LINE_ROW] = {"row", read_row},          [AUDIT_LINE_CHECKPOINT] = {"checkpoint", read_seal},
        [AUDIT_LINE_END] = {"end", read_end}};
    struct json_fault fault;
    struct reader reader = {arena, json_read(arena, text, &fault), NULL};
    memset(line, 0, sizeof *line);
    if (reader.object == NULL || !json_object_is_type(reader.object, json_type_object)) {
        *why = "it is no JSON object";
        return false;
    }
    struct json_object *type = member(&reader, "type", json_type_string);
    for (size_t i = 0; type != NULL && i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(json_object_get_string(type), kinds[i].type) == 0) {
            line->kind = (enum audit_line_kind)i;
            kinds[i].read(&reader, line);
            *why = reader.why;
            return reader.why == NULL;
        }
    }
    *why = "type";
    return false;
}

bool
audit_keys_read(struct arena *arena, struct span text, struct audit_keys *keys, const char **why)
{
    struct json_fault fault;
    struct reader reader = {arena, json_read(arena, text, &fault), NULL};
    keys->count = 0;
    *why = "it has no list `audit` of public keys";
    if (reader.object == NULL || !json_object_is_type(reader.object, json_type_object)) {
        return false;
    }
    struct json_object *list = member(&reader, "audit", json_type_array);
    size_t count = list == NULL ? 0 : json_object_array_length(list);
    if (count == 0 || count > KEYRING_VERSIONS_MAX) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct reader entry = {arena, json_object_array_get_idx(list, i), NULL};
        if (!json_object_is_type(entry.object, json_type_object)) {
            return false;
        }
        keys->of[i].version = read_int(&entry, "version");
        read_exactly(&entry, "public_key", keys->of[i].key, AUDIT_PUBLIC_KEY_SIZE);
        if (entry.why != NULL) {
            *why = "a public key is not as `anamnesis audit key` prints it";
            return false;
        }
    }
    keys->count = count;
    return true;
}

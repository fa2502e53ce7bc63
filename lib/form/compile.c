/* From a Questionnaire to a compiled form: read all items, then what refers from one to another, then pack.
 */
#include "lib/form/builder.h"
#include "lib/form/expressions.h"
#include "lib/form/issues.h"

#include <stdlib.h>
#include <string.h>

enum { POOL_MAX = 8 * 1024 * 1024, FIRST_ROOM = 32, SPOT_MAX = 64, NAME_MAX_SIZE = 255 };

#define IDENTIFIER_BYTES "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

struct json_object *
member_array(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    (void)json_object_object_get_ex(object, name, &value);
    return json_object_is_type(value, json_type_array) ? value : NULL;
}

const char *
member_string(struct json_object *object, const char *name, size_t *size)
{
    struct json_object *value = NULL;
    (void)json_object_object_get_ex(object, name, &value);
    if (!json_object_is_type(value, json_type_string)) {
        *size = 0;
        return NULL;
    }
    *size = (size_t)json_object_get_string_len(value);
    return json_object_get_string(value);
}

bool
member_true(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    (void)json_object_object_get_ex(object, name, &value);
    return json_object_is_type(value, json_type_boolean) && json_object_get_boolean(value);
}

bool
member_present(struct json_object *object, const char *name)
{
    return json_object_object_get_ex(object, name, NULL) != 0;
}

void *
builder_grow(struct builder *builder, void *array, uint32_t count, uint32_t *room, size_t size)
{
    if (count < *room) {
        return array;
    }
    uint32_t wanted = *room == 0 ? FIRST_ROOM : *room * 2;
    void *larger = arena_array(builder->arena, wanted, size);
    if (count != 0) {
        memcpy(larger, array, count * size);
    }
    *room = wanted;
    return larger;
}

struct form_text
builder_text(struct builder *builder, const char *text, size_t size)
{
    struct form_text kept = {(uint32_t)builder->pool.size, (uint32_t)size};
    buf_add(&builder->pool, text, size);
    buf_byte(&builder->pool, '\0');
    return kept;
}

/* A member's name as a JSON pointer's token (RFC 6901). */
static const char *
pointer_token(struct arena *arena, const char *name)
{
    struct buf token;
    buf_init(&token, 2 * SPOT_MAX);
    for (size_t i = 0; name[i] != '\0' && i < SPOT_MAX; i++) {
        if (name[i] == '~' || name[i] == '/') {
            buf_text(&token, name[i] == '~' ? "~0" : "~1");
        } else {
            buf_byte(&token, name[i]);
        }
    }
    const char *text = arena_text(arena, buf_string(&token));
    buf_free(&token);
    return text;
}

/* FHIRPath can only name an element by an identifier; anything else is told by its parent. */
static bool
is_identifier(const char *name)
{
    size_t size = strspn(name, IDENTIFIER_BYTES);
    return size > 0 && size < SPOT_MAX && name[size] == '\0';
}

static void
add_step(struct arena *arena, const char **pointer, const char **expression, const char *name, int index)
{
    *pointer = arena_format(arena, "%s/%s", *pointer, pointer_token(arena, name));
    if (is_identifier(name)) {
        *expression = arena_format(arena, "%s.%s", *expression, name);
    }
    if (index >= 0) {
        *pointer = arena_format(arena, "%s/%d", *pointer, index);
        *expression = arena_format(arena, "%s[%d]", *expression, index);
    }
}

void
builder_note(struct builder *builder, enum form_severity severity, struct spot spot, const char *code,
             const char *text)
{
    uint32_t chain[FORM_DEPTH_MAX + 1];
    size_t depth = 0;
    const char *pointer = "";
    const char *expression = "Questionnaire";
    if (!issues_room(builder->issues)) {
        issues_add(builder->issues, severity, code, pointer, expression, text);
        return;
    }
    for (uint32_t item = spot.item; item != FORM_NO_ITEM; item = builder->items[item].parent) {
        chain[depth++] = builder->items[item].ordinal;
    }
    while (depth > 0) {
        add_step(builder->arena, &pointer, &expression, "item", (int)chain[--depth]);
    }
    if (spot.member != NULL) {
        add_step(builder->arena, &pointer, &expression, spot.member, spot.index);
    }
    if (spot.sub != NULL) {
        add_step(builder->arena, &pointer, &expression, spot.sub, -1);
    }
    issues_add(builder->issues, severity, code, pointer, expression, text);
}

static void
note_root(struct builder *builder, enum form_severity severity, const char *member, const char *code,
          const char *text)
{
    builder_note(builder, severity, (struct spot){FORM_NO_ITEM, member, -1, NULL}, code, text);
}

/* Reads one list of items and, item by item, the lists below. False when a limit ended the reading. */
static bool
read_items(struct builder *builder, struct json_object *list, uint32_t parent, unsigned depth)
{
    size_t length = list == NULL ? 0 : json_object_array_length(list);
    if (length != 0 && depth > FORM_DEPTH_MAX) {
        builder_note(builder, FORM_ERROR, (struct spot){parent, "item", -1, NULL}, "too-deep",
                     "Items may be nested 16 levels deep.");
        return true;
    }
    for (size_t i = 0; i < length; i++) {
        struct json_object *json = json_object_array_get_idx(list, i);
        if (builder->count == FORM_ITEMS_MAX) {
            note_root(builder, FORM_ERROR, "item", "too-many-items", "A questionnaire may have 5,000 items.");
            return false;
        }
        if (!json_object_is_type(json, json_type_object)) {
            continue; /* reported as the list's shape */
        }
        uint32_t room = builder->room;
        builder->items = builder_grow(builder, builder->items, builder->count, &room, sizeof *builder->items);
        builder->json =
            builder_grow(builder, builder->json, builder->count, &builder->room, sizeof *builder->json);
        uint32_t index = builder->count++;
        builder->json[index] = json;
        builder->items[index] = (struct form_item){
            .parent = parent, .ordinal = (uint32_t)i, .depth = (uint8_t)depth, .end = index + 1};
        elements_check_item(builder, index);
        definition_read_item(builder, index);
        rules_read(builder, index);
        options_read(builder, index);
        if (parent != FORM_NO_ITEM) {
            builder->items[parent].children++;
        } else {
            builder->top_children++;
        }
        bool more = read_items(builder, member_array(json, "item"), index, depth + 1);
        builder->items[index].end = builder->count;
        if (!more) {
            return false;
        }
    }
    return true;
}

uint32_t
builder_find(const struct builder *builder, const char *link_id, size_t size)
{
    uint32_t hash = form_hash(link_id, size);
    if (builder->pool.failed) {
        return FORM_NO_ITEM;
    }
    for (uint32_t slot = hash & builder->table_mask; builder->table[slot] != 0;
         slot = (slot + 1) & builder->table_mask) {
        const struct form_item *item = &builder->items[builder->table[slot] - 1];
        if (item->hash == hash && item->link_id.size == size &&
            memcmp(builder->pool.data + item->link_id.offset, link_id, size) == 0) {
            return builder->table[slot] - 1;
        }
    }
    return FORM_NO_ITEM;
}

/* Enters all linkIds into the hash table; the second item of one linkId is an error (que-2). */
static void
index_link_ids(struct builder *builder)
{
    uint32_t size = FIRST_ROOM;
    while (size < builder->count * 2) {
        size *= 2;
    }
    builder->table = arena_array(builder->arena, size, sizeof *builder->table);
    builder->table_mask = size - 1;
    for (uint32_t i = 0; i < builder->count && !builder->pool.failed; i++) {
        const struct form_item *item = &builder->items[i];
        if (item->link_id.size == 0) {
            continue;
        }
        if (builder_find(builder, builder->pool.data + item->link_id.offset, item->link_id.size) !=
            FORM_NO_ITEM) {
            builder_note(builder, FORM_ERROR, (struct spot){i, "linkId", -1, NULL}, "que-2",
                         "Another item has this linkId already.");
            continue;
        }
        uint32_t slot = item->hash & builder->table_mask;
        while (builder->table[slot] != 0) {
            slot = (slot + 1) & builder->table_mask;
        }
        builder->table[slot] = i + 1;
    }
}

/* que-0: [A-Z]([A-Za-z0-9_]){0,254} */
static bool
is_name(const char *name, size_t size)
{
    return size <= NAME_MAX_SIZE && name[0] >= 'A' && name[0] <= 'Z' &&
           name[strspn(name, IDENTIFIER_BYTES)] == '\0';
}

static void
check_root(struct builder *builder, struct json_object *questionnaire)
{
    size_t size = 0;
    const char *type = member_string(questionnaire, "resourceType", &size);
    if (type == NULL || strcmp(type, "Questionnaire") != 0) {
        note_root(builder, FORM_ERROR, "resourceType", "not-a-questionnaire",
                  "The resourceType must be Questionnaire.");
    }
    const char *status = member_string(questionnaire, "status", &size);
    if (status == NULL) {
        note_root(builder, FORM_ERROR, "status", "missing-element", "A questionnaire must have a status.");
    } else if (strcmp(status, "draft") != 0 && strcmp(status, "active") != 0 &&
               strcmp(status, "retired") != 0 && strcmp(status, "unknown") != 0) {
        note_root(builder, FORM_ERROR, "status", "invalid-code",
                  "The status is draft, active, retired or unknown.");
    }
    if (member_present(questionnaire, "implicitRules")) {
        note_root(builder, FORM_ERROR, "implicitRules", "modifier-element",
                  "Implicit rules change the meaning in a way that is not known here.");
    }
    if (member_array(questionnaire, "item") == NULL) {
        note_root(builder, FORM_WARNING, "item", "no-items", "This questionnaire asks nothing.");
    }
    const char *name = member_string(questionnaire, "name", &size);
    if (name != NULL && !is_name(name, size)) {
        note_root(builder, FORM_WARNING, "name", "que-0",
                  "The name should be usable as an identifier by programs.");
    }
}

static struct form_text
keep_title(struct builder *builder, struct json_object *questionnaire)
{
    size_t size = 0;
    const char *text = member_string(questionnaire, "title", &size);
    if (text == NULL) {
        text = member_string(questionnaire, "name", &size);
    }
    return builder_text(builder, text == NULL ? "" : text, size);
}

/* A part of the block: where it begins is noted in the form's head. */
struct part {
    uint32_t *at;
    const void *data;
    size_t bytes;
};

/* Gives each part its place, then copies everything into one block. NULL: no memory. */
static struct form *
pack_parts(struct form *head, const struct part *parts, size_t count)
{
    const size_t unit = sizeof(double); /* the strictest alignment of what follows */
    head->bytes = (sizeof *head + unit - 1) / unit * unit;
    for (size_t i = 0; i < count; i++) {
        *parts[i].at = (uint32_t)head->bytes;
        head->bytes += (parts[i].bytes + unit - 1) / unit * unit;
    }
    struct form *form = calloc(1, head->bytes);
    if (form == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (parts[i].bytes != 0) {
            memcpy((char *)form + *parts[i].at, parts[i].data, parts[i].bytes);
        }
    }
    *form = *head;
    return form;
}

static struct form *
pack(const struct builder *builder, struct form_text title)
{
    const struct expression_set *set = builder->expressions;
    struct form head = {.item_count = builder->count,
                        .option_count = builder->option_count,
                        .condition_count = builder->condition_count,
                        .rule_count = builder->rule_count,
                        .slot_mask = builder->table_mask,
                        .top_children = builder->top_children,
                        .title = title.offset,
                        .mark = mark_of(builder)};
    expressions_head(builder, &head);
    const struct part parts[] = {
        {&head.items_at, builder->items, builder->count * sizeof *builder->items},
        {&head.options_at, builder->options, builder->option_count * sizeof *builder->options},
        {&head.conditions_at, builder->conditions, builder->condition_count * sizeof *builder->conditions},
        {&head.rules_at, builder->rules, builder->rule_count * sizeof *builder->rules},
        {&head.patterns_at, builder->patterns.data, builder->patterns.size},
        {&head.order_at, builder->order, builder->count * sizeof *builder->order},
        {&head.table_at, builder->table, ((size_t)builder->table_mask + 1) * sizeof *builder->table},
        {&head.expressions_at, set->all, set->count * sizeof *set->all},
        {&head.links_at, set->links, set->link_count * sizeof *set->links},
        {&head.blocks_at, set->blocks.data, set->blocks.size},
        {&head.scores_at, set->scores, set->score_count * sizeof *set->scores},
        {&head.bands_at, set->bands, set->band_count * sizeof *set->bands},
        {&head.initials_at, set->initials, set->initial_count * sizeof *set->initials},
        {&head.pool_at, builder->pool.data, builder->pool.size},
    };
    return pack_parts(&head, parts, sizeof parts / sizeof parts[0]);
}

static void
read_definition(struct builder *builder, struct json_object *questionnaire, struct json_object *value_sets)
{
    elements_check_root(builder, questionnaire);
    check_root(builder, questionnaire);
    value_sets_index(builder, questionnaire, value_sets);
    if (!read_items(builder, member_array(questionnaire, "item"), FORM_NO_ITEM, 1)) {
        return;
    }
    index_link_ids(builder);
    conditions_read(builder);
    conditions_order(builder);
    expressions_read(builder, questionnaire);
}

struct form *
form_compile(struct json_object *questionnaire, struct json_object *value_sets, struct form_issues *issues)
{
    struct builder builder = {.issues = issues, .arena = issues->arena};
    struct form *form = NULL;
    size_t errors = issues->errors;
    buf_init(&builder.pool, POOL_MAX);
    rules_start(&builder);
    if (json_object_is_type(questionnaire, json_type_object)) {
        read_definition(&builder, questionnaire, value_sets);
        struct form_text title = keep_title(&builder, questionnaire);
        if (builder.pool.failed || builder.patterns.failed) {
            note_root(&builder, FORM_ERROR, NULL, "too-large",
                      "The linkIds, options and regular expressions of this questionnaire are too long.");
        }
        form = issues->errors == errors ? pack(&builder, title) : NULL;
    } else {
        note_root(&builder, FORM_ERROR, NULL, "not-a-questionnaire", "A questionnaire is a JSON object.");
    }
    buf_free(&builder.pool);
    buf_free(&builder.patterns);
    expressions_free(&builder);
    return form;
}

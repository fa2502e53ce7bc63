/*
 * From a Questionnaire to a compiled form: read all items, then what refers from one to another, then pack.
 *
 * Reading goes on after a fault, so that an author sees all of them at once; a form is made only when there
 * is no error. Items get their indexes in document order in the first pass, when linkIds are not known yet,
 * so everything that names another item (conditions, expressions) is read in a second one. Tables grow in the
 * arena of the findings; at the end they are copied into one block of malloc's memory, which refers to itself
 * by indexes and may be kept by a cache. The JSON is borrowed while this works, and nothing of it is kept but
 * texts that were copied.
 *
 * Costs: linear in items, options, conditions and rules, but for sorting options; expressions are compiled
 * once here. All counts are bounded by the constants of form.h and expressions.h before anything is made of
 * them.
 */
#include "lib/form/definition/builder.h"
#include "lib/form/definition/expressions.h"
#include "lib/form/issues.h"

#include <stdlib.h>
#include <string.h>

enum { POOL_MAX = 8 * 1024 * 1024, FIRST_SLOTS = 32, NAME_MAX_SIZE = 255 };

#define IDENTIFIER_BYTES "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

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

/* Enters all linkIds into the hash table; the second item of one linkId is an error (que-2). */
static void
index_link_ids(struct builder *builder)
{
    uint32_t size = FIRST_SLOTS;
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
                        .fingerprint = fingerprint_of(builder)};
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

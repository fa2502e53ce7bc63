/* A definition while it is being compiled. Arrays live in the arena, the pool of texts in a buffer. Private
 * to lib/form. */
#ifndef ANAMNESIS_FORM_BUILDER_H
#define ANAMNESIS_FORM_BUILDER_H

#include "lib/base/buf.h"
#include "lib/form/compiled.h"

/* A contained ValueSet, compiled when first used. */
struct value_set {
    const char *id; /* borrowed from the Questionnaire */
    struct json_object *json;
    uint32_t option;
    uint32_t option_count;
    bool read;
    bool listed; /* its codes could be listed; false: any code may be answered */
};

struct builder {
    struct form_issues *issues;
    struct arena *arena;
    struct form_item *items;
    struct json_object **json; /* items[i]'s definition, borrowed */
    uint32_t count;
    uint32_t room;
    struct form_option *options;
    uint32_t option_count;
    uint32_t option_room;
    struct form_condition *conditions;
    uint32_t condition_count;
    uint32_t condition_room;
    struct buf pool;
    uint32_t *table; /* linkId -> item index + 1 */
    uint32_t table_mask;
    uint32_t *order;
    struct value_set *sets; /* sorted by id */
    size_t set_count;
    uint32_t top_children;
};

/* Where in the Questionnaire: an item (or FORM_NO_ITEM: the resource), then maybe member[index].sub. */
struct spot {
    uint32_t item;
    const char *member; /* NULL: the item itself */
    int index;          /* -1: none */
    const char *sub;    /* NULL: none */
};

/* Notes one finding about the definition. `code` and `text` are literals. */
void builder_note(struct builder *builder, enum form_severity severity, struct spot spot, const char *code,
                  const char *text);

/* Doubles an arena array that is full. */
void *builder_grow(struct builder *builder, void *array, uint32_t count, uint32_t *room, size_t size);

/* Appends bytes and a NUL to the pool. */
struct form_text builder_text(struct builder *builder, const char *text, size_t size);

/* The item of that linkId, or FORM_NO_ITEM; only after all items were read. */
uint32_t builder_find(const struct builder *builder, const char *link_id, size_t size);

/* elements.c: names, shapes and emptiness of the members of the Questionnaire, of an item, and below. */
void elements_check_root(struct builder *builder, struct json_object *questionnaire);
void elements_check_item(struct builder *builder, uint32_t item);

/* definition.c: type and flags of one item, and the invariants que-1 to que-13. Children may not be read yet.
 */
void definition_read_item(struct builder *builder, uint32_t item);

/* options.c: answerOption and answerValueSet of one item. */
void options_index_sets(struct builder *builder, struct json_object *questionnaire);
void options_read(struct builder *builder, uint32_t item);
bool options_have(const struct builder *builder, const struct form_item *item, const char *key, size_t size);

/* conditions.c: enableWhen of all items, then the order in which enablement can be decided. */
void conditions_read(struct builder *builder);
void conditions_order(struct builder *builder);

/* Members, or NULL when absent or of another JSON type (elements.c reports that). */
struct json_object *member_array(struct json_object *object, const char *name);
const char *member_string(struct json_object *object, const char *name, size_t *size);
bool member_true(struct json_object *object, const char *name);
bool member_present(struct json_object *object, const char *name);

#endif

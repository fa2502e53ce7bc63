/* A definition while it is being compiled. Arrays live in the arena, the pool of texts in a buffer. Private
 * to lib/form. */
#ifndef ANAMNESIS_FORM_DEFINITION_BUILDER_H
#define ANAMNESIS_FORM_DEFINITION_BUILDER_H

#include "lib/base/buf.h"
#include "lib/form/definition/compiled.h"
#include "lib/form/definition/member.h"

/* What became of a value set that was asked for. */
enum value_set_fate {
    VALUE_SET_LISTED,
    VALUE_SET_NOT_LISTED, /* its codes come from elsewhere: any code may be answered */
    VALUE_SET_NOT_KNOWN,  /* neither contained nor stored, or one that it includes is not */
    VALUE_SET_MISSING,    /* named by "#id", and not contained */
    VALUE_SET_CYCLE       /* includes itself */
};

/* A sorted run of options when listed. */
struct value_set_state {
    enum value_set_fate fate;
    uint32_t option;
    uint32_t option_count;
};

/* A ValueSet at hand, listed when first used. Texts are borrowed from the JSON. */
struct value_set {
    const char *id;  /* of a contained one; NULL: stored */
    const char *url; /* NULL: none */
    const char *version;
    struct json_object *json;
    bool reading;
    bool read;
    struct value_set_state state;
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
    struct form_rule *rules;
    uint32_t rule_count;
    uint32_t rule_room;
    struct buf patterns; /* compiled, each padded to 8 bytes */
    struct buf pool;
    uint32_t *table; /* linkId -> item index + 1 */
    uint32_t table_mask;
    uint32_t *order;
    struct value_set *sets;
    struct value_set **sets_by_id;
    struct value_set **sets_by_url;
    size_t set_count;
    size_t id_count;
    size_t url_count;
    uint64_t set_steps;
    uint32_t top_children;
    struct expression_set *expressions; /* see expressions.h; NULL: not read yet */
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

/* value_sets.c: the contained sets and the stored ones (a JSON array, or NULL); one of them by "#id", url or
 * url|version, listed; and what to say of one that could not be. */
void value_sets_index(struct builder *builder, struct json_object *questionnaire, struct json_object *stored);
struct value_set_state value_sets_find(struct builder *builder, const char *canonical);
void value_sets_note(struct builder *builder, struct spot spot, enum value_set_fate what);

/* rules.c: before all items; the extensions of one item; those of one of its options: whether it is
 * exclusive. */
void rules_start(struct builder *builder);
void rules_read(struct builder *builder, uint32_t item);
bool rules_read_option(struct builder *builder, uint32_t item, int index, struct json_object *option);

/* options.c: answerOption and answerValueSet of one item. */
void options_read(struct builder *builder, uint32_t item);

/* option_list.c: adds an option with that key; or one whose key is in the pool already. */
void options_add(struct builder *builder, const char *key, size_t size, bool exclusive);
void options_add_shared(struct builder *builder, struct form_option option);

/* Sorts a run of options and takes equal ones together; true when there were equal ones. */
bool options_sort(struct builder *builder, uint32_t first, uint32_t *count);

/* Whether the key is among the item's options; only while the form is being compiled. */
bool options_have(const struct builder *builder, const struct form_item *item, const char *key, size_t size);

/* conditions.c: enableWhen of all items, then the order in which enablement can be decided. */
void conditions_read(struct builder *builder);
void conditions_order(struct builder *builder);

#endif

/* Allowed answers: answerOption, and answerValueSet that names a ValueSet contained in the Questionnaire. */
#include "lib/form/builder.h"
#include "lib/form/value.h"

#include <stdlib.h>
#include <string.h>

enum { EXPANSION_DEPTH_MAX = 16 };

static int
by_id(const void *left, const void *right)
{
    return strcmp(((const struct value_set *)left)->id, ((const struct value_set *)right)->id);
}

void
options_index_sets(struct builder *builder, struct json_object *questionnaire)
{
    struct json_object *contained = member_array(questionnaire, "contained");
    size_t count = contained == NULL ? 0 : json_object_array_length(contained);
    builder->sets = arena_array(builder->arena, count + 1, sizeof *builder->sets);
    for (size_t i = 0; i < count; i++) {
        struct json_object *resource = json_object_array_get_idx(contained, i);
        size_t size = 0;
        const char *type = member_string(resource, "resourceType", &size);
        const char *id = member_string(resource, "id", &size);
        if (type != NULL && strcmp(type, "ValueSet") == 0 && id != NULL) {
            builder->sets[builder->set_count++] = (struct value_set){.id = id, .json = resource};
        }
    }
    qsort(builder->sets, builder->set_count, sizeof *builder->sets, by_id);
}

static void
add_option(struct builder *builder, const char *key, size_t size)
{
    if (builder->option_count > FORM_OPTIONS_MAX) {
        return; /* reported once, by the caller's limit check */
    }
    builder->options = builder_grow(builder, builder->options, builder->option_count, &builder->option_room,
                                    sizeof *builder->options);
    struct form_option *option = &builder->options[builder->option_count++];
    option->hash = form_hash(key, size);
    option->key = builder_text(builder, key, size);
    if (builder->option_count > FORM_OPTIONS_MAX) {
        builder_note(builder, FORM_ERROR, (struct spot){FORM_NO_ITEM, NULL, -1, NULL}, "too-many-options",
                     "A questionnaire may have 100,000 answer options.");
    }
}

/* By hash, then size, then bytes: equal keys end up beside each other, and a search halves its way. */
static int
by_key(const void *left, const void *right, void *pool)
{
    const struct form_option *one = left;
    const struct form_option *other = right;
    if (one->hash != other->hash) {
        return one->hash < other->hash ? -1 : 1;
    }
    if (one->key.size != other->key.size) {
        return one->key.size < other->key.size ? -1 : 1;
    }
    return memcmp((const char *)pool + one->key.offset, (const char *)pool + other->key.offset,
                  one->key.size);
}

/* Sorts a run of options and takes equal ones together; true when there were equal ones. */
static bool
sort_options(struct builder *builder, uint32_t first, uint32_t *count)
{
    struct form_option *options = builder->options + first;
    uint32_t kept = 1;
    if (*count < 2 || builder->pool.failed) {
        return false;
    }
    qsort_r(options, *count, sizeof *options, by_key, builder->pool.data);
    for (uint32_t i = 1; i < *count; i++) {
        if (by_key(&options[kept - 1], &options[i], builder->pool.data) != 0) {
            options[kept++] = options[i];
        }
    }
    bool equal = kept != *count;
    *count = kept;
    return equal;
}

static void
add_code(struct builder *builder, const char *system, struct json_object *concept)
{
    struct json_object *coding = json_object_new_object();
    struct json_object *code = NULL;
    if (coding == NULL) {
        return;
    }
    if (json_object_object_get_ex(concept, "code", &code) && json_object_is_type(code, json_type_string)) {
        size_t size = 0;
        (void)json_object_object_add(coding, "code", json_object_get(code));
        if (system != NULL) {
            (void)json_object_object_add(coding, "system", json_object_new_string(system));
        }
        const char *key = value_key(FORM_KIND_CODING, coding, builder->arena, &size);
        add_option(builder, key, size);
    }
    json_object_put(coding);
}

/* ValueSet.expansion.contains, which nests; abstract entries are headings. */
static void
add_expansion(struct builder *builder, struct json_object *contains, int depth)
{
    size_t count = contains == NULL || depth > EXPANSION_DEPTH_MAX ? 0 : json_object_array_length(contains);
    for (size_t i = 0; i < count; i++) {
        struct json_object *entry = json_object_array_get_idx(contains, i);
        size_t size = 0;
        if (!json_object_is_type(entry, json_type_object)) {
            continue;
        }
        if (!member_true(entry, "abstract")) {
            add_code(builder, member_string(entry, "system", &size), entry);
        }
        add_expansion(builder, member_array(entry, "contains"), depth + 1);
    }
}

/* ValueSet.compose: only what is listed concept by concept; false when codes come from elsewhere. */
static bool
add_compose(struct builder *builder, struct json_object *compose)
{
    struct json_object *include = member_array(compose, "include");
    size_t count = include == NULL ? 0 : json_object_array_length(include);
    if (count == 0 || member_present(compose, "exclude")) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct json_object *entry = json_object_array_get_idx(include, i);
        struct json_object *concepts = member_array(entry, "concept");
        size_t size = 0;
        if (concepts == NULL || member_present(entry, "filter") || member_present(entry, "valueSet")) {
            return false;
        }
        const char *system = member_string(entry, "system", &size);
        for (size_t k = 0; k < json_object_array_length(concepts); k++) {
            add_code(builder, system, json_object_array_get_idx(concepts, k));
        }
    }
    return true;
}

static void
read_set(struct builder *builder, struct value_set *set)
{
    struct json_object *expansion = NULL;
    struct json_object *compose = NULL;
    set->read = true;
    set->option = builder->option_count;
    if (json_object_object_get_ex(set->json, "expansion", &expansion) &&
        member_array(expansion, "contains") != NULL) {
        add_expansion(builder, member_array(expansion, "contains"), 1);
        set->listed = true;
    } else if (json_object_object_get_ex(set->json, "compose", &compose)) {
        set->listed = add_compose(builder, compose);
    }
    set->option_count = set->listed ? builder->option_count - set->option : 0;
    (void)sort_options(builder, set->option, &set->option_count);
}

static void
read_value_set(struct builder *builder, uint32_t item, const char *url)
{
    struct spot spot = {item, "answerValueSet", -1, NULL};
    struct form_item *self = &builder->items[item];
    if (url[0] != '#') {
        builder_note(
            builder, FORM_WARNING, spot, "value-set-not-known",
            "This value set is not contained in the questionnaire: any code will be taken as an answer.");
        return;
    }
    struct value_set wanted = {.id = url + 1};
    struct value_set *set = bsearch(&wanted, builder->sets, builder->set_count, sizeof wanted, by_id);
    if (set == NULL) {
        builder_note(builder, FORM_ERROR, spot, "value-set-missing",
                     "The questionnaire contains no such value set.");
        return;
    }
    if (!set->read) {
        read_set(builder, set);
    }
    if (!set->listed) {
        builder_note(builder, FORM_WARNING, spot, "value-set-not-listed",
                     "This value set does not list its codes: any code will be taken as an answer.");
        return;
    }
    self->option = set->option;
    self->option_count = set->option_count;
    self->flags |= FORM_CLOSED;
}

/* One answerOption; returns its kind, or FORM_KIND_NONE after a fault. */
static unsigned
read_option(struct builder *builder, uint32_t item, struct json_object *entry, int index)
{
    struct spot spot = {item, "answerOption", index, NULL};
    const struct form_item *self = &builder->items[item];
    struct json_object *value = NULL;
    bool several = false;
    size_t size = 0;
    unsigned kind = value_of(entry, "value", &value, &several);
    if (kind == FORM_KIND_NONE || several) {
        return FORM_KIND_NONE; /* reported with the elements */
    }
    unsigned allowed = self->type == FORM_TYPE_CHOICE
                           ? FORM_KIND_CODING | FORM_KIND_STRING | FORM_KIND_INTEGER | FORM_KIND_DATE
                           : self->kinds;
    if (kind == FORM_KIND_FOREIGN && self->type == FORM_TYPE_CHOICE) {
        builder_note(builder, FORM_ERROR, spot, "option-type-not-supported",
                     "Options of this type cannot be offered here yet.");
        return FORM_KIND_NONE;
    }
    if ((kind & allowed) == 0 || kind == FORM_KIND_FOREIGN ||
        value_check((enum form_kind)kind, value) != NULL) {
        builder_note(builder, FORM_ERROR, spot, "wrong-type", "This option can be no answer to its item.");
        return FORM_KIND_NONE;
    }
    const char *key = value_key((enum form_kind)kind, value, builder->arena, &size);
    add_option(builder, key, size);
    return kind;
}

static void
read_answer_options(struct builder *builder, uint32_t item, struct json_object *list)
{
    struct form_item *self = &builder->items[item];
    unsigned kinds = FORM_KIND_NONE;
    self->option = builder->option_count;
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        struct json_object *entry = json_object_array_get_idx(list, i);
        if (json_object_is_type(entry, json_type_object)) {
            kinds |= read_option(builder, item, entry, (int)i);
        }
    }
    self->option_count = builder->option_count - self->option;
    self->flags |= FORM_CLOSED;
    if (self->type == FORM_TYPE_CHOICE && kinds != FORM_KIND_NONE) {
        self->kinds = (uint8_t)kinds;
    }
    if (sort_options(builder, self->option, &self->option_count)) {
        builder_note(builder, FORM_ERROR, (struct spot){item, "answerOption", -1, NULL}, "duplicate-option",
                     "Two options are the same answer.");
    }
}

void
options_read(struct builder *builder, uint32_t item)
{
    struct json_object *json = builder->json[item];
    const struct form_item *self = &builder->items[item];
    struct json_object *list = member_array(json, "answerOption");
    size_t size = 0;
    const char *url = member_string(json, "answerValueSet", &size);
    if (!form_is_question(self) || self->type == FORM_TYPE_UNSUPPORTED) {
        return;
    }
    if (list != NULL) {
        read_answer_options(builder, item, list);
    } else if (url != NULL && self->type != FORM_TYPE_CHOICE) {
        builder_note(builder, FORM_ERROR, (struct spot){item, "answerValueSet", -1, NULL},
                     "item-type-not-supported", "Only choice items can use a value set here.");
    } else if (url != NULL) {
        read_value_set(builder, item, url);
    } else if (self->type == FORM_TYPE_CHOICE) {
        builder_note(builder, FORM_WARNING, (struct spot){item, NULL, -1, NULL}, "no-options",
                     "This choice offers no options: any code will be taken as an answer.");
    }
}

bool
options_have(const struct builder *builder, const struct form_item *item, const char *key, size_t size)
{
    return !builder->pool.failed &&
           option_in_run(builder->options + item->option, item->option_count, builder->pool.data, key, size);
}

/*
 * Navigation in JSON trees: members, choices (value[x]), children, and the "_name" that stands beside a
 * primitive.
 *
 * A node (struct fhirpath_node) is made when an element is reached, and knows its parent, its name and, as
 * far as FHIR's model tells (model.h), its type. The JSON is borrowed. A member `value` of an element with a
 * choice is found as `valueQuantity` and the like; an expression that spells the type out faults, because
 * that is no name in FHIRPath. A primitive that has only extensions is an element without a value. Small
 * objects are searched by walking their members, which is quicker than hashing; large ones by json-c's table.
 */
#include "lib/fhirpath/model.h"
#include "lib/fhirpath/run.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

enum {
    NAME_ROOM = 256,
    CHOICE_NAME_ROOM = 32, /* of a choice without its type: FHIR's are much shorter */
    MEMBER_PRICE = 4,      /* steps to make an element of a member */
    BESIDE_PRICE = 2,      /* steps to find what stands beside a primitive */
    MEMBERS_STEP = 8,      /* members that are passed over in one step */
    MEMBERS_FEW = 16       /* are quicker passed over than looked up */
};

const struct fhirpath_node *
node_of(struct arena *arena, const struct fhirpath_node *parent, const char *name, int32_t index,
        struct json_object *json, uint16_t type)
{
    struct fhirpath_node *node = arena_alloc(arena, sizeof *node);
    *node = (struct fhirpath_node){json, parent, name, index, type};
    return node;
}

static struct lh_entry *
first_member(struct json_object *object)
{
    return json_object_is_type(object, json_type_object) ? json_object_get_object(object)->head : NULL;
}

struct json_object *
json_member(struct json_object *object, const char *name)
{
    struct lh_entry *first = first_member(object);
    struct json_object *value = NULL;
    if (first == NULL) {
        return NULL;
    }
    if (strcmp(first->k, name) == 0) { /* linkId, url, system: mostly the first */
        return lh_entry_v(first);
    }
    return json_object_object_get_ex(object, name, &value) ? value : NULL;
}

/* The type of a resource, told by its own member. */
static uint16_t
resource_type(struct json_object *json)
{
    struct json_object *name = json_member(json, "resourceType");
    return json_object_is_type(name, json_type_string)
               ? (uint16_t)model_by_name(json_object_get_string(name),
                                         (size_t)json_object_get_string_len(name))
               : MODEL_UNKNOWN;
}

/* The type of the choice that a JSON name stands for ("valueInteger"); MODEL_UNKNOWN when it is none. */
static uint16_t
choice_type(uint16_t parent, const char *key)
{
    char name[CHOICE_NAME_ROOM];
    for (size_t i = 1; key[i - 1] != '\0' && key[i] != '\0' && i < sizeof name; i++) {
        if (key[i] < 'A' || key[i] > 'Z') {
            continue;
        }
        memcpy(name, key, i);
        name[i] = '\0';
        bool choice = parent == MODEL_UNKNOWN ? strcmp(name, "value") == 0
                                              : model_element(parent, name) == MODEL_CHOICE;
        if (choice) {
            return (uint16_t)model_choice(key, name, i);
        }
    }
    return MODEL_UNKNOWN;
}

/* The type of a member by its JSON name. */
static uint16_t
member_type(uint16_t parent, const char *key)
{
    uint16_t type = (uint16_t)model_element(parent, key);
    return type == MODEL_UNKNOWN || type == MODEL_CHOICE ? choice_type(parent, key) : type;
}

/* A resource says its own type, where the model only says that it is one. */
static uint16_t
refined(uint16_t type, struct json_object *json)
{
    if ((type == MODEL_RESOURCE || type == MODEL_UNKNOWN) && json_object_is_type(json, json_type_object)) {
        uint16_t resource = resource_type(json);
        return resource == MODEL_UNKNOWN ? type : resource;
    }
    return type;
}

static struct json_object *
element_at(struct json_object *array, size_t index)
{
    return json_object_is_type(array, json_type_array) ? json_object_array_get_idx(array, index) : NULL;
}

/* Adds what a member holds: a value, or the elements of an array; those that are null count when something
 * stands beside them. */
static void
add_member(struct builder *out, const struct fhirpath_node *parent, const char *key, struct json_object *json,
           struct json_object *beside, uint16_t type)
{
    struct fhirpath_value value = {.type = FHIRPATH_NODE};
    struct arena *arena = out->run->arena;
    if (!json_object_is_type(json == NULL ? beside : json, json_type_array)) {
        value.as.node = node_of(arena, parent, key, FHIRPATH_NO_INDEX, json, refined(type, json));
        builder_add(out, value);
        return;
    }
    size_t count = json == NULL ? 0 : json_object_array_length(json);
    size_t besides = json_object_is_type(beside, json_type_array) ? json_object_array_length(beside) : 0;
    run_step(out->run, count + besides);
    for (size_t i = 0; i < count || i < besides; i++) {
        struct json_object *element = element_at(json, i);
        if (element != NULL || element_at(beside, i) != NULL) {
            value.as.node = node_of(arena, parent, key, (int32_t)i, element, refined(type, element));
            builder_add(out, value);
        }
    }
}

/* The member that an object has under a name, of which JSON may hold two parts: "name" and "_name". */
struct member_match {
    const char *key;            /* as JSON has it; NULL: nothing */
    struct json_object *json;   /* NULL: only something beside it */
    struct json_object *beside; /* of "_key" */
    uint16_t type;              /* of a choice */
};

/*
 * Finds a member by its name in FHIRPath: `name` itself, a choice (`nameQuantity`), and what stands beside
 * either (`_name`). It walks all members: a choice's name cannot be looked up, since its type is not known.
 */
static struct member_match
find(struct json_object *object, const char *name, size_t size)
{
    struct member_match match = {NULL, NULL, NULL, MODEL_UNKNOWN};
    for (struct lh_entry *member = first_member(object); member != NULL; member = member->next) {
        const char *key = member->k;
        struct json_object *json = lh_entry_v(member);
        bool beside = key[0] == '_';
        const char *plain = beside ? key + 1 : key;
        if (plain[0] != name[0] || strncmp(plain, name, size) != 0 || json == NULL) {
            continue;
        }
        uint16_t type = MODEL_UNKNOWN;
        if (plain[size] != '\0') {
            type = (uint16_t)model_choice(plain, name, size);
            if (type == MODEL_UNKNOWN) {
                continue;
            }
        }
        if (beside) {
            match.beside = json;
        } else {
            match.json = json;
        }
        match.key = plain;
        match.type = type;
    }
    return match;
}

/* What "_name" of an object is, or NULL. */
static struct json_object *
beside_member(struct json_object *object, const char *name)
{
    char room[NAME_ROOM];
    if (json_object_object_length(object) <= MEMBERS_FEW) {
        for (struct lh_entry *member = first_member(object); member != NULL; member = member->next) {
            const char *key = member->k;
            if (key[0] == '_' && strcmp(key + 1, name) == 0) {
                return lh_entry_v(member);
            }
        }
        return NULL;
    }
    int size = snprintf(room, sizeof room, "_%s", name);
    return size > 0 && (size_t)size < sizeof room ? json_member(object, room) : NULL;
}

/* The object "_name" that stands beside a primitive, or NULL. */
struct json_object *
node_beside(struct run *run, const struct fhirpath_node *node)
{
    if (node->parent == NULL || json_object_is_type(node->json, json_type_object) ||
        !json_object_is_type(node->parent->json, json_type_object)) {
        return NULL;
    }
    run_step(run, BESIDE_PRICE + strlen(node->name) / RUN_STEP_COMPARED);
    struct json_object *beside = beside_member(node->parent->json, node->name);
    if (node->index != FHIRPATH_NO_INDEX) {
        beside = element_at(beside, (size_t)node->index);
    }
    return json_object_is_type(beside, json_type_object) ? beside : NULL; /* "_a": 3 says nothing of a */
}

/* The object whose members an element has: itself, or what stands beside a primitive. */
static struct json_object *
members_of(struct run *run, const struct fhirpath_node *node)
{
    return json_object_is_type(node->json, json_type_object) ? node->json : node_beside(run, node);
}

/* Whether a path that starts with that name starts at this element: Patient.name on a Patient. */
static bool
is_named(const struct fhirpath_node *node, const char *name)
{
    const char *own = json_object_get_string(json_member(node->json, "resourceType"));
    if (own == NULL) {
        return false;
    }
    uint16_t type = (uint16_t)model_by_name(name, strlen(name));
    return strcmp(own, name) == 0 || (type != MODEL_UNKNOWN && model_is(node->type, type));
}

/*
 * Adds what an element has under a name. Charged by its members, before they are walked. A name that spells a
 * choice's type out (valueQuantity) is a fault where the model knows the element: it would silently give
 * nothing.
 */
static void
add_named(struct builder *out, const struct fhirpath_node *node, const char *name, size_t size)
{
    struct run *run = out->run;
    struct json_object *object = members_of(run, node);
    if (object == NULL) {
        return;
    }
    size_t members = (size_t)json_object_object_length(object);
    run_step(run, 1 + members / MEMBERS_STEP + members * (size / RUN_STEP_COMPARED));
    struct member_match match = find(object, name, size);
    if (match.key == NULL) {
        return;
    }
    uint16_t type = match.type;
    if (type == MODEL_UNKNOWN) {
        type = (uint16_t)model_element(node->type, name);
        if (type == MODEL_UNKNOWN && node->type != MODEL_UNKNOWN &&
            choice_type(node->type, name) != MODEL_UNKNOWN) {
            run_fail(run, FHIRPATH_WRONG_NAME, "the element's name has no type at its end: not %.60s", name);
        }
    }
    add_member(out, node, match.key, match.json, match.beside, type);
}

/* The parts of system values that have some. */
static void
add_part(struct builder *out, struct fhirpath_value value, const char *name)
{
    if (value.type == FHIRPATH_QUANTITY && strcmp(name, "value") == 0) {
        builder_add_list(out, run_decimal(out->run, value.as.quantity->number));
    } else if (value.type == FHIRPATH_QUANTITY && (strcmp(name, "unit") == 0 || strcmp(name, "code") == 0)) {
        builder_add_list(out, run_text(out->run, (const char *)value.as.quantity->unit.data,
                                       value.as.quantity->unit.size));
    } else if (value.type == FHIRPATH_TYPE && strcmp(name, "name") == 0) {
        builder_add_list(out, run_text(out->run, value.as.text, value.size));
    } else if (value.type == FHIRPATH_TYPE && strcmp(name, "namespace") == 0) {
        const char *space = value.scale != 0 ? "FHIR" : "System";
        builder_add_list(out, run_text(out->run, space, strlen(space)));
    }
}

struct fhirpath_list
node_member(struct run *run, struct fhirpath_list input, const char *name, bool first)
{
    struct builder out;
    size_t size = strlen(name);
    bool may_be_type = first && name[0] >= 'A' && name[0] <= 'Z';
    const size_t price = 1 + size / RUN_STEP_BYTES;
    builder_start(&out, run);
    for (size_t i = 0; i < input.count; i++) {
        const struct fhirpath_value *value = &input.values[i];
        run_step(run, price);
        if (value->type != FHIRPATH_NODE) {
            add_part(&out, *value, name);
        } else if (may_be_type && is_named(value->as.node, name)) {
            builder_add(&out, *value);
        } else {
            add_named(&out, value->as.node, name, size);
        }
    }
    return builder_list(&out);
}

/* Whether an item of JSON has that linkId. */
static bool
has_link_id(struct json_object *object, struct span link_id)
{
    struct json_object *own = json_member(object, "linkId");
    return json_object_is_type(own, json_type_string) &&
           (size_t)json_object_get_string_len(own) == link_id.size &&
           memcmp(json_object_get_string(own), link_id.data, link_id.size) == 0;
}

bool
node_has_link_id(struct fhirpath_value value, struct span link_id)
{
    return value.type == FHIRPATH_NODE && has_link_id(value.as.node->json, link_id);
}

/* input.name.where(linkId = link_id), without making what is not chosen. */
struct fhirpath_list
node_chosen(struct run *run, struct fhirpath_list input, const char *name, struct span link_id)
{
    struct builder out;
    const size_t price = 1 + link_id.size / RUN_STEP_COMPARED;
    builder_start(&out, run);
    run_bytes(run, input.count * strlen(name));
    for (size_t i = 0; i < input.count; i++) {
        const struct fhirpath_node *node = input.values[i].as.node;
        if (input.values[i].type != FHIRPATH_NODE) {
            continue;
        }
        struct json_object *json = json_member(node->json, name);
        bool array = json_object_is_type(json, json_type_array);
        size_t count = array ? json_object_array_length(json) : 1;
        run_step(run, 1 + count * price);
        for (size_t j = 0; j < count; j++) {
            struct json_object *element = array ? json_object_array_get_idx(json, j) : json;
            if (has_link_id(element, link_id)) {
                uint16_t type = member_type(node->type, name);
                struct fhirpath_value value = {.type = FHIRPATH_NODE};
                value.as.node = node_of(run->arena, node, name, array ? (int32_t)j : FHIRPATH_NO_INDEX,
                                        element, refined(type, element));
                builder_add(&out, value);
            }
        }
    }
    return builder_list(&out);
}

void
node_children(struct builder *children, struct fhirpath_value value)
{
    if (value.type != FHIRPATH_NODE) {
        return;
    }
    const struct fhirpath_node *node = value.as.node;
    struct json_object *object = members_of(children->run, node);
    for (struct lh_entry *member = first_member(object); member != NULL; member = member->next) {
        const char *key = member->k;
        struct json_object *json = lh_entry_v(member);
        run_step(children->run, MEMBER_PRICE + strlen(key) / RUN_STEP_BYTES);
        if (json == NULL || strcmp(key, "resourceType") == 0) {
            continue;
        }
        if (key[0] != '_') {
            bool several = json_object_is_type(json, json_type_array);
            struct json_object *beside = several ? beside_member(object, key) : NULL;
            add_member(children, node, key, json, beside, member_type(node->type, key));
        } else if (json_member(object, key + 1) == NULL) {
            add_member(children, node, key + 1, NULL, json, member_type(node->type, key + 1));
        }
    }
}

struct fhirpath_list
fhirpath_of_node(struct arena *arena, const struct fhirpath_node *node)
{
    struct fhirpath_value *value = arena_alloc(arena, sizeof *value);
    value->type = FHIRPATH_NODE;
    value->as.node = node;
    return (struct fhirpath_list){value, 1};
}

struct fhirpath_list
fhirpath_of_json(struct arena *arena, struct json_object *json)
{
    if (json == NULL) {
        return (struct fhirpath_list){NULL, 0};
    }
    return fhirpath_of_node(
        arena, node_of(arena, NULL, NULL, FHIRPATH_NO_INDEX, json, refined(MODEL_UNKNOWN, json)));
}

const struct fhirpath_node *
fhirpath_child(struct arena *arena, const struct fhirpath_node *parent, const char *name, int32_t index,
               struct json_object *json)
{
    return node_of(arena, parent, name, index, json, refined(member_type(parent->type, name), json));
}

struct fhirpath_list
fhirpath_of_text(struct arena *arena, const char *text)
{
    struct fhirpath_value *value = arena_alloc(arena, sizeof *value);
    value->type = FHIRPATH_STRING;
    value->as.text = text;
    value->size = (uint32_t)strlen(text);
    return (struct fhirpath_list){value, 1};
}

/*
 * Results as others read them (fhirpath.h): as answers of a QuestionnaireResponse in FHIR's JSON, as texts,
 * and as paths.
 */
#include "lib/base/decimal.h"
#include "lib/base/json_own.h"
#include "lib/fhirpath/model.h"
#include "lib/fhirpath/moment.h"
#include "lib/fhirpath/run.h"

#include <json-c/json.h>
#include <string.h>

enum { PATH_DEPTH_MAX = 64 /* the reader's own is 32 */ };

static struct json_object *
new_text(struct span text)
{
    return json_object_new_string_len((const char *)text.data, (int)text.size);
}

/* The unit's UCUM code; calendar words that UCUM has, too. */
static struct json_object *
new_quantity(const struct fhirpath_quantity *quantity)
{
    struct json_object *json = json_object_new_object();
    if (json == NULL) {
        return NULL;
    }
    (void)json_object_object_add(json, "value", decimal_json(quantity->number));
    if (quantity->unit.size == 0 || (quantity->unit.size == 1 && quantity->unit.data[0] == '1')) {
        return json;
    }
    (void)json_object_object_add(json, "unit", new_text(quantity->unit));
    if (!quantity->calendar) {
        (void)json_object_object_add(json, "system", json_object_new_string("http://unitsofmeasure.org"));
        (void)json_object_object_add(json, "code", new_text(quantity->unit));
    }
    return json;
}

/* The name that an element's type has in an answer (R4's QuestionnaireResponse.item.answer.value[x]), or
 * NULL. */
static const char *
answer_member(enum model type)
{
    static const struct {
        enum model type;
        const char *member;
    } members[] = {
        {MODEL_BOOLEAN, "valueBoolean"},
        {MODEL_DECIMAL, "valueDecimal"},
        {MODEL_INTEGER, "valueInteger"},
        {MODEL_DATE, "valueDate"},
        {MODEL_DATE_TIME, "valueDateTime"},
        {MODEL_INSTANT, "valueDateTime"},
        {MODEL_TIME, "valueTime"},
        {MODEL_STRING, "valueString"},
        {MODEL_URI, "valueUri"},
        {MODEL_ATTACHMENT, "valueAttachment"},
        {MODEL_CODING, "valueCoding"},
        {MODEL_QUANTITY, "valueQuantity"},
        {MODEL_REFERENCE, "valueReference"},
    };
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (model_is(type, members[i].type)) {
            return members[i].member;
        }
    }
    return NULL;
}

static struct json_object *
node_answer(struct arena *arena, const struct fhirpath_node *node, const char **member)
{
    struct fhirpath_value value = {.type = FHIRPATH_NODE};
    value.as.node = node;
    *member = answer_member((enum model)node->type);
    if (*member != NULL && node->json != NULL) {
        return json_own(arena, json_object_get(node->json));
    }
    struct fhirpath_value simple = value_simple(arena, value);
    if (simple.type != FHIRPATH_NODE) {
        return fhirpath_answer(arena, simple, member);
    }
    if (json_member(node->json, "code") != NULL && json_member(node->json, "linkId") == NULL &&
        node->type == MODEL_UNKNOWN) { /* an object that nobody named: most likely a Coding */
        *member = "valueCoding";
        return json_own(arena, json_object_get(node->json));
    }
    *member = NULL;
    return NULL;
}

struct json_object *
fhirpath_answer(struct arena *arena, struct fhirpath_value value, const char **member)
{
    struct decimal decimal;
    struct json_object *json = NULL;
    struct span text;
    *member = NULL;
    switch ((enum fhirpath_type)value.type) {
    case FHIRPATH_BOOLEAN:
        *member = "valueBoolean";
        json = json_object_new_boolean(value.as.boolean);
        break;
    case FHIRPATH_INTEGER:
        *member = "valueInteger";
        json = json_object_new_int64(value.as.integer);
        break;
    case FHIRPATH_DECIMAL:
        *member = "valueDecimal";
        (void)fhirpath_decimal_of(value, &decimal);
        json = decimal_json(decimal);
        break;
    case FHIRPATH_QUANTITY:
        *member = "valueQuantity";
        json = new_quantity(value.as.quantity);
        break;
    case FHIRPATH_NODE:
        return node_answer(arena, value.as.node, member);
    case FHIRPATH_TYPE:
        return NULL;
    default:
        *member = value.type == FHIRPATH_DATE        ? "valueDate"
                  : value.type == FHIRPATH_DATE_TIME ? "valueDateTime"
                  : value.type == FHIRPATH_TIME      ? "valueTime"
                                                     : "valueString";
        json = convert_text(arena, value, &text) ? new_text(text) : NULL;
        break;
    }
    return json_own(arena, json);
}

/* An element's own name: value for valueQuantity where that is a choice. */
static const char *
element_name(struct arena *arena, const struct fhirpath_node *node)
{
    enum model parent = (enum model)node->parent->type;
    for (size_t i = 1; node->name[i - 1] != '\0' && node->name[i] != '\0'; i++) {
        if (node->name[i] < 'A' || node->name[i] > 'Z') {
            continue;
        }
        const char *name = arena_copy(arena, node->name, i);
        bool choice = parent == MODEL_UNKNOWN ? strcmp(name, "value") == 0
                                              : model_element(parent, name) == MODEL_CHOICE;
        if (choice && model_choice(node->name, name, i) != MODEL_UNKNOWN) {
            return name;
        }
    }
    return node->name;
}

const char *
fhirpath_path(struct arena *arena, const struct fhirpath_node *node)
{
    const struct fhirpath_node *chain[PATH_DEPTH_MAX];
    size_t depth = 0;
    while (node->parent != NULL && depth < PATH_DEPTH_MAX) {
        chain[depth++] = node;
        node = node->parent;
    }
    struct fhirpath_value root = {.type = FHIRPATH_NODE};
    root.as.node = node;
    const char *path = fhirpath_type_name(root);
    while (depth > 0) {
        const struct fhirpath_node *next = chain[--depth];
        const char *name = element_name(arena, next);
        path = next->index == FHIRPATH_NO_INDEX
                   ? arena_format(arena, "%s.%s", path, name)
                   : arena_format(arena, "%s.%s[%d]", path, name, (int)next->index);
    }
    return path;
}

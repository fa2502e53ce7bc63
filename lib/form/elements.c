/*
 * The elements of R4 Questionnaire (4.0.1), by name and JSON shape. What is not in these tables is an error:
 * a misspelt `enableWen` must not silently show a question. Extensions are kept, whatever they say.
 */
#include "lib/form/builder.h"
#include "lib/form/value.h"

#include <string.h>

enum shape { TEXT, TRUTH, WHOLE, OBJECT, TEXTS, OBJECTS, VALUE };

struct element {
    const char *name;
    enum shape shape;
};

static const struct element root_elements[] = {
    {"resourceType", TEXT},
    {"id", TEXT},
    {"meta", OBJECT},
    {"implicitRules", TEXT},
    {"language", TEXT},
    {"text", OBJECT},
    {"contained", OBJECTS},
    {"extension", OBJECTS},
    {"url", TEXT},
    {"identifier", OBJECTS},
    {"version", TEXT},
    {"name", TEXT},
    {"title", TEXT},
    {"derivedFrom", TEXTS},
    {"status", TEXT},
    {"experimental", TRUTH},
    {"subjectType", TEXTS},
    {"date", TEXT},
    {"publisher", TEXT},
    {"contact", OBJECTS},
    {"description", TEXT},
    {"useContext", OBJECTS},
    {"jurisdiction", OBJECTS},
    {"purpose", TEXT},
    {"copyright", TEXT},
    {"approvalDate", TEXT},
    {"lastReviewDate", TEXT},
    {"effectivePeriod", OBJECT},
    {"code", OBJECTS},
    {"item", OBJECTS},
    {"modifierExtension", OBJECTS},
    {NULL, TEXT},
};

static const struct element item_elements[] = {
    {"linkId", TEXT},
    {"text", TEXT},
    {"type", TEXT},
    {"required", TRUTH},
    {"repeats", TRUTH},
    {"readOnly", TRUTH},
    {"item", OBJECTS},
    {"prefix", TEXT},
    {"code", OBJECTS},
    {"answerOption", OBJECTS},
    {"answerValueSet", TEXT},
    {"enableWhen", OBJECTS},
    {"enableBehavior", TEXT},
    {"maxLength", WHOLE},
    {"initial", OBJECTS},
    {"definition", TEXT},
    {"extension", OBJECTS},
    {"id", TEXT},
    {"modifierExtension", OBJECTS},
    {NULL, TEXT},
};

static const struct element condition_elements[] = {
    {"question", TEXT}, {"operator", TEXT},     {"answer", VALUE},
    {"id", TEXT},       {"extension", OBJECTS}, {"modifierExtension", OBJECTS},
    {NULL, TEXT},
};

static const struct element option_elements[] = {
    {"value", VALUE},       {"initialSelected", TRUTH},     {"id", TEXT},
    {"extension", OBJECTS}, {"modifierExtension", OBJECTS}, {NULL, TEXT},
};

static const struct element initial_elements[] = {
    {"value", VALUE}, {"id", TEXT}, {"extension", OBJECTS}, {"modifierExtension", OBJECTS}, {NULL, TEXT},
};

static const struct element *
element_named(const struct element *elements, const char *name)
{
    for (; elements->name != NULL; elements++) {
        bool found = elements->shape == VALUE ? value_kind(name, elements->name) != FORM_KIND_NONE
                                              : strcmp(elements->name, name) == 0;
        if (found) {
            return elements;
        }
    }
    return NULL;
}

static bool
all_of_type(struct json_object *array, enum json_type type)
{
    size_t count = json_object_array_length(array);
    for (size_t i = 0; i < count; i++) {
        if (!json_object_is_type(json_object_array_get_idx(array, i), type)) {
            return false;
        }
    }
    return true;
}

static bool
has_shape(struct json_object *value, enum shape shape)
{
    enum json_type type = json_object_get_type(value);
    switch (shape) {
    case TEXT:
        return type == json_type_string;
    case TRUTH:
        return type == json_type_boolean;
    case WHOLE:
        return type == json_type_int;
    case OBJECT:
        return type == json_type_object;
    case TEXTS:
        return type == json_type_array && all_of_type(value, json_type_string);
    case OBJECTS:
        return type == json_type_array && all_of_type(value, json_type_object);
    case VALUE:
        return type != json_type_null;
    }
    return false;
}

static bool
is_empty(struct json_object *value)
{
    switch (json_object_get_type(value)) {
    case json_type_null:
        return true;
    case json_type_string:
        return json_object_get_string_len(value) == 0;
    case json_type_array:
        return json_object_array_length(value) == 0;
    case json_type_object:
        return json_object_object_length(value) == 0;
    default:
        return false;
    }
}

/* `_text` carries extensions of the primitive `text`; both may stand alone. */
static bool
is_primitive_twin(const struct element *elements, const char *name, struct json_object *value)
{
    const struct element *element = name[0] == '_' ? element_named(elements, name + 1) : NULL;
    if (element == NULL || element->shape == OBJECT || element->shape == OBJECTS) {
        return false;
    }
    enum json_type type = json_object_get_type(value);
    return element->shape == TEXTS ? type == json_type_array : type == json_type_object;
}

static void
check_extensions(struct builder *builder, struct spot spot, struct json_object *extensions)
{
    size_t count = json_object_array_length(extensions);
    for (size_t i = 0; i < count; i++) {
        struct json_object *extension = json_object_array_get_idx(extensions, i);
        size_t size = 0;
        if (member_string(extension, "url", &size) == NULL || size == 0) {
            builder_note(builder, FORM_ERROR, spot, "extension-without-url", "An extension must have a url.");
        }
    }
}

static void
check_member(struct builder *builder, struct spot spot, const struct element *elements, const char *name,
             struct json_object *value)
{
    const struct element *element = element_named(elements, name);
    if (element == NULL && !is_primitive_twin(elements, name, value)) {
        builder_note(builder, FORM_ERROR, spot, "unknown-element", "FHIR R4 has no such element here.");
    } else if (is_empty(value)) {
        builder_note(builder, FORM_ERROR, spot, "empty-element",
                     "An element must not be null or empty: leave it out.");
    } else if (element != NULL && !has_shape(value, element->shape)) {
        builder_note(builder, FORM_ERROR, spot, "wrong-type",
                     "This element has another JSON type in FHIR R4.");
    } else if (strcmp(name, "modifierExtension") == 0) {
        builder_note(builder, FORM_ERROR, spot, "modifier-extension",
                     "A modifier extension changes the meaning in a way that is not known here.");
    } else if (strcmp(name, "extension") == 0) {
        check_extensions(builder, spot, value);
    }
}

/* The members of `object`, which stands at `base` (an item, or one element of one of its arrays). */
static void
check_members(struct builder *builder, struct spot base, struct json_object *object,
              const struct element *elements)
{
    json_object_object_foreach(object, name, value)
    {
        struct spot spot = base;
        if (base.member == NULL) {
            spot.member = name;
        } else {
            spot.sub = name;
        }
        check_member(builder, spot, elements, name, value);
    }
}

static void
check_list(struct builder *builder, uint32_t item, const char *member, const struct element *elements,
           const char *value_prefix)
{
    struct json_object *list = member_array(builder->json[item], member);
    size_t count = list == NULL ? 0 : json_object_array_length(list);
    for (size_t i = 0; i < count; i++) {
        struct json_object *entry = json_object_array_get_idx(list, i);
        struct spot spot = {item, member, (int)i, NULL};
        struct json_object *value = NULL;
        bool several = false;
        if (!json_object_is_type(entry, json_type_object)) {
            continue; /* reported with the list */
        }
        check_members(builder, spot, entry, elements);
        if (value_of(entry, value_prefix, &value, &several) == FORM_KIND_NONE || several) {
            builder_note(builder, FORM_ERROR, spot, "one-value", "There must be exactly one value here.");
        }
    }
}

void
elements_check_root(struct builder *builder, struct json_object *questionnaire)
{
    check_members(builder, (struct spot){FORM_NO_ITEM, NULL, -1, NULL}, questionnaire, root_elements);
}

void
elements_check_item(struct builder *builder, uint32_t item)
{
    check_members(builder, (struct spot){item, NULL, -1, NULL}, builder->json[item], item_elements);
    check_list(builder, item, "enableWhen", condition_elements, "answer");
    check_list(builder, item, "answerOption", option_elements, "value");
    check_list(builder, item, "initial", initial_elements, "value");
}

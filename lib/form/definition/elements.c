/*
 * The elements of R4 Questionnaire (4.0.1), by name and JSON shape. What is not in these tables is an error:
 * a misspelt `enableWen` must not silently show a question. Extensions are kept, whatever they say.
 */
#include "lib/form/definition/builder.h"
#include "lib/form/value/value.h"

#include <string.h>

#define TRANSLATION "http://hl7.org/fhir/StructureDefinition/translation"

enum { ID_MAX = 64, LANGUAGE_PART_MAX = 8 };

/* The primitives come first, then what a list of primitives is, then what has members. */
enum shape {
    WORD, /* a text whose content is checked elsewhere */
    STRING,
    URI,
    CODE,
    ID,
    LANGUAGE,
    DATE,
    DATE_TIME,
    TRUTH,
    WHOLE,
    URIS,
    CODES,
    OBJECT,
    PERIOD,
    OBJECTS,
    CODINGS,
    IDENTIFIERS,
    RESOURCES,
    VALUE
};

struct element {
    const char *name;
    enum shape shape;
};

static const struct element root_elements[] = {
    {"resourceType", WORD},
    {"id", ID},
    {"meta", OBJECT},
    {"implicitRules", URI},
    {"language", LANGUAGE},
    {"text", OBJECT},
    {"contained", RESOURCES},
    {"extension", OBJECTS},
    {"url", URI},
    {"identifier", IDENTIFIERS},
    {"version", STRING},
    {"name", STRING},
    {"title", STRING},
    {"derivedFrom", URIS},
    {"status", WORD},
    {"experimental", TRUTH},
    {"subjectType", CODES},
    {"date", DATE_TIME},
    {"publisher", STRING},
    {"contact", OBJECTS},
    {"description", STRING},
    {"useContext", OBJECTS},
    {"jurisdiction", OBJECTS},
    {"purpose", STRING},
    {"copyright", STRING},
    {"approvalDate", DATE},
    {"lastReviewDate", DATE},
    {"effectivePeriod", PERIOD},
    {"code", CODINGS},
    {"item", OBJECTS},
    {"modifierExtension", OBJECTS},
    {NULL, WORD},
};

static const struct element item_elements[] = {
    {"linkId", WORD},
    {"text", STRING},
    {"type", WORD},
    {"required", TRUTH},
    {"repeats", TRUTH},
    {"readOnly", TRUTH},
    {"item", OBJECTS},
    {"prefix", STRING},
    {"code", CODINGS},
    {"answerOption", OBJECTS},
    {"answerValueSet", URI},
    {"enableWhen", OBJECTS},
    {"enableBehavior", WORD},
    {"maxLength", WHOLE},
    {"initial", OBJECTS},
    {"definition", URI},
    {"extension", OBJECTS},
    {"id", STRING},
    {"modifierExtension", OBJECTS},
    {NULL, WORD},
};

static const struct element condition_elements[] = {
    {"question", WORD}, {"operator", WORD},     {"answer", VALUE},
    {"id", STRING},     {"extension", OBJECTS}, {"modifierExtension", OBJECTS},
    {NULL, WORD},
};

static const struct element option_elements[] = {
    {"value", VALUE},       {"initialSelected", TRUTH},     {"id", STRING},
    {"extension", OBJECTS}, {"modifierExtension", OBJECTS}, {NULL, WORD},
};

static const struct element initial_elements[] = {
    {"value", VALUE}, {"id", STRING}, {"extension", OBJECTS}, {"modifierExtension", OBJECTS}, {NULL, WORD},
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

/* What is wrong with an element. */
struct fault {
    const char *code; /* NULL: nothing */
    const char *text;
};

static const struct fault fine;
static const struct fault wrong_type = {"wrong-type", "This element has another JSON type in FHIR R4."};

/* The fault of an element whose value has that fault. */
static struct fault
told(const struct value_fault *fault, struct json_object *value)
{
    if (fault == NULL) {
        return fine;
    }
    if (!json_object_is_type(value, json_type_string)) {
        return wrong_type;
    }
    return strcmp(fault->code, "empty") == 0
               ? (struct fault){"empty-element", "An element must not be empty: leave it out."}
               : (struct fault){fault->code, fault->text};
}

static struct fault
check_id(struct json_object *value)
{
    const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
    size_t size = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.");
    if (!json_object_is_type(value, json_type_string)) {
        return wrong_type;
    }
    return size != 0 && size <= ID_MAX && text[size] == '\0'
               ? fine
               : (struct fault){"invalid-id", "An id has letters, digits, - and . only, 64 at most."};
}

/* BCP 47: subtags of one to eight letters and digits. */
static bool
is_language(struct json_object *value)
{
    const char *at = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
    for (;;) {
        size_t size = strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
        if (size == 0 || size > LANGUAGE_PART_MAX || (at[size] != '-' && at[size] != '\0')) {
            return false;
        }
        if (at[size] == '\0') {
            return true;
        }
        at += size + 1;
    }
}

static struct fault
check_language(struct json_object *value)
{
    if (!json_object_is_type(value, json_type_string)) {
        return wrong_type;
    }
    return is_language(value)
               ? fine
               : (struct fault){"invalid-code", "This is no language tag (BCP 47), such as de-CH."};
}

/* A contained resource says what it is, and contains no other (dom-2). */
static struct fault
check_resource(struct json_object *value)
{
    size_t size = 0;
    if (!json_object_is_type(value, json_type_object)) {
        return wrong_type;
    }
    if (member_string(value, "resourceType", &size) == NULL) {
        return (struct fault){"missing-element", "A contained resource must have a resourceType."};
    }
    return member_present(value, "contained")
               ? (struct fault){"dom-2", "A contained resource must not contain others."}
               : fine;
}

static struct fault check_shape(struct json_object *value, enum shape shape);

static struct fault
check_each(struct json_object *list, enum shape shape)
{
    struct fault fault = json_object_is_type(list, json_type_array) ? fine : wrong_type;
    for (size_t i = 0; fault.code == NULL && i < json_object_array_length(list); i++) {
        fault = check_shape(json_object_array_get_idx(list, i), shape);
    }
    return fault;
}

/* A datatype with members; what is wrong inside one is told as it is. */
static struct fault
check_inside(const struct value_fault *fault)
{
    return fault == NULL ? fine : (struct fault){fault->code, "This element is not well formed in FHIR R4."};
}

static struct fault
check_json(struct json_object *value, enum json_type type)
{
    return json_object_is_type(value, type) ? fine : wrong_type;
}

static struct fault
check_shape(struct json_object *value, enum shape shape)
{
    switch (shape) {
    case WORD:
        return check_json(value, json_type_string);
    case STRING:
        return told(value_check_string(value), value);
    case URI:
        return told(value_check_uri(value), value);
    case CODE:
        return told(value_check_code(value), value);
    case DATE:
        return told(value_check(FORM_KIND_DATE, value), value);
    case DATE_TIME:
        return told(value_check_date_time(value), value);
    case ID:
        return check_id(value);
    case LANGUAGE:
        return check_language(value);
    case TRUTH:
        return check_json(value, json_type_boolean);
    case WHOLE:
        return check_json(value, json_type_int);
    case URIS:
        return check_each(value, URI);
    case CODES:
        return check_each(value, CODE);
    case OBJECT:
        return check_json(value, json_type_object);
    case PERIOD:
        return check_inside(value_check_period(value));
    case OBJECTS:
        return check_each(value, OBJECT);
    case CODINGS:
        return json_object_is_type(value, json_type_object)
                   ? check_inside(value_check(FORM_KIND_CODING, value))
                   : check_each(value, CODINGS);
    case IDENTIFIERS:
        return json_object_is_type(value, json_type_object) ? check_inside(value_check_identifier(value))
                                                            : check_each(value, IDENTIFIERS);
    case RESOURCES:
        return json_object_is_type(value, json_type_object) ? check_resource(value)
                                                            : check_each(value, RESOURCES);
    case VALUE:
        return json_object_is_type(value, json_type_null) ? wrong_type : fine;
    }
    return wrong_type;
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
is_primitive_twin(const struct element *elements, const char *name)
{
    const struct element *element = name[0] == '_' ? element_named(elements, name + 1) : NULL;
    return element != NULL && (element->shape <= CODES || element->shape == VALUE);
}

/* The translation of a text: its language and its words (extension `translation` of FHIR R4). */
static bool
is_translation(struct json_object *extension)
{
    struct json_object *parts = member_array(extension, "extension");
    bool language = false;
    bool content = false;
    for (size_t i = 0; parts != NULL && i < json_object_array_length(parts); i++) {
        struct json_object *part = json_object_array_get_idx(parts, i);
        struct json_object *code = NULL;
        size_t size = 0;
        const char *url = member_string(part, "url", &size);
        (void)json_object_object_get_ex(part, "valueCode", &code);
        language = language || (url != NULL && strcmp(url, "lang") == 0 && is_language(code));
        content = content || (url != NULL && strcmp(url, "content") == 0 &&
                              (member_string(part, "valueString", &size) != NULL ||
                               member_string(part, "valueMarkdown", &size) != NULL));
    }
    return language && content;
}

static void
check_extensions(struct builder *builder, struct spot spot, struct json_object *extensions)
{
    bool good = true;
    for (size_t i = 0; i < json_object_array_length(extensions); i++) {
        struct json_object *extension = json_object_array_get_idx(extensions, i);
        size_t size = 0;
        const char *url = member_string(extension, "url", &size);
        if (url == NULL || size == 0) {
            good = false;
            builder_note(builder, FORM_ERROR, spot, "extension-without-url", "An extension must have a url.");
        } else if (strcmp(url, TRANSLATION) == 0 && !is_translation(extension)) {
            good = false;
            builder_note(builder, FORM_ERROR, spot, "invalid-extension",
                         "A translation has a language (lang) and a text (content).");
        }
    }
    if (good && !value_extensions_good(extensions)) {
        builder_note(builder, FORM_ERROR, spot, "invalid-extension",
                     "An extension has either one value or extensions of its own.");
    }
}

static void
check_twin(struct builder *builder, struct spot spot, struct json_object *twin)
{
    json_object_object_foreach(twin, name, value)
    {
        bool extensions = strcmp(name, "extension") == 0 && json_object_is_type(value, json_type_array);
        bool id = strcmp(name, "id") == 0 && json_object_is_type(value, json_type_string);
        if (!extensions && !id) {
            builder_note(builder, FORM_ERROR, spot, "unknown-element",
                         "Only an id and extensions may stand here.");
        } else if (extensions) {
            check_extensions(builder, spot, value);
        }
    }
}

/* One object, or for a list of primitives one or null for each of them. */
static void
check_twins(struct builder *builder, struct spot spot, struct json_object *value)
{
    if (json_object_is_type(value, json_type_object)) {
        check_twin(builder, spot, value);
        return;
    }
    bool list = json_object_is_type(value, json_type_array);
    for (size_t i = 0; list && i < json_object_array_length(value); i++) {
        struct json_object *twin = json_object_array_get_idx(value, i);
        if (json_object_is_type(twin, json_type_object)) {
            check_twin(builder, spot, twin);
        } else {
            list = json_object_is_type(twin, json_type_null);
        }
    }
    if (!list) {
        builder_note(builder, FORM_ERROR, spot, "unknown-element",
                     "Only an id and extensions may stand here.");
    }
}

static void
check_member(struct builder *builder, struct spot spot, const struct element *elements, const char *name,
             struct json_object *value)
{
    const struct element *element = element_named(elements, name);
    bool twin = element == NULL && is_primitive_twin(elements, name);
    if (element == NULL && !twin) {
        builder_note(builder, FORM_ERROR, spot, "unknown-element", "FHIR R4 has no such element here.");
        return;
    }
    if (is_empty(value)) {
        builder_note(builder, FORM_ERROR, spot, "empty-element",
                     "An element must not be null or empty: leave it out.");
        return;
    }
    struct fault fault = twin ? fine : check_shape(value, element->shape);
    if (twin) {
        check_twins(builder, spot, value);
    } else if (fault.code != NULL) {
        builder_note(builder, FORM_ERROR, spot, fault.code, fault.text);
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

/*
 * The extensions that hold expressions: variable, calculatedExpression, enableWhenExpression,
 * initialExpression, questionnaire-constraint and targetConstraint; and SDC's launchContext, whose names are
 * known and stand for nothing here.
 */
#include "lib/form/definition/expressions.h"

#include <string.h>

#define CORE "http://hl7.org/fhir/StructureDefinition/"
#define SDC  "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"

enum { TEXT_MAX = 400 };

struct known {
    const char *url;
    enum form_expression_kind kind;
};

static const struct known variable_extensions[] = {
    {CORE "variable", FORM_VARIABLE},
};

static const struct known other_extensions[] = {
    {SDC "calculatedExpression", FORM_CALCULATED},
    {SDC "enableWhenExpression", FORM_ENABLED_BY},
    {SDC "initialExpression", FORM_INITIAL_BY},
};

static const char *const constraint_urls[] = {CORE "questionnaire-constraint", CORE "targetConstraint"};

/* Names of launch contexts: what another program knew when it opened a form. Here they are always empty. */
#define LAUNCH_CONTEXT   SDC "launchContext"
#define ASSEMBLE_CONTEXT SDC "assembleContext"

/* Names that FHIRPath and SDC give a meaning of their own. */
static const char *const reserved[] = {"resource", "rootResource", "context", "questionnaire",
                                       "qitem",    "ucum",         "sct",     "loinc"};

static void
refuse(struct builder *builder, struct spot spot, const char *code, const char *text)
{
    builder_note(builder, FORM_ERROR, spot, code, text);
}

/* Compiles a text; NULL when it is wrong (said so). */
static const struct fhirpath *
compile(struct builder *builder, struct spot spot, const char *text, size_t size)
{
    struct fhirpath_fault fault;
    const struct span span = {(const unsigned char *)text, size};
    const struct fhirpath *compiled = fhirpath_compile(builder->arena, span, &fault);
    if (compiled == NULL) {
        refuse(builder, spot, "invalid-expression",
               arena_format(builder->issues->arena, "%s (at byte %u of the expression; %s)", fault.text,
                            fault.offset, fhirpath_fault_name(fault.code)));
    }
    return compiled;
}

/* The FHIRPath of an Expression (FHIR R4, 2.24.0.13); NULL when it is wrong (said so). */
static const struct fhirpath *
compile_expression(struct builder *builder, struct spot spot, struct json_object *value)
{
    size_t size = 0;
    const char *language = member_string(value, "language", &size);
    if (language == NULL || strcmp(language, "text/fhirpath") != 0) {
        refuse(builder, spot, "expression-language",
               "Expressions must be in FHIRPath: the language must be text/fhirpath.");
        return NULL;
    }
    const char *text = member_string(value, "expression", &size);
    if (text == NULL) {
        refuse(builder, spot, "missing-element", "An expression must have its text here.");
        return NULL;
    }
    return compile(builder, spot, text, size);
}

static bool
is_reserved(const char *name)
{
    bool found = strncmp(name, "vs-", 3) == 0 || strncmp(name, "ext-", 4) == 0;
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0] && !found; i++) {
        found = strcmp(reserved[i], name) == 0;
    }
    return found;
}

static bool
is_taken(const struct builder *builder, uint32_t item, const char *name)
{
    const struct expression_set *set = builder->expressions;
    bool taken = false;
    for (uint32_t i = set->count; i > 0 && set->all[i - 1].item == item && !taken; i--) {
        taken = set->all[i - 1].kind == FORM_VARIABLE && !builder->pool.failed &&
                strcmp(builder->pool.data + set->all[i - 1].name.offset, name) == 0;
    }
    return taken;
}

/* A variable, or a launch context when there is no expression. */
static void
add_variable(struct builder *builder, struct spot spot, const char *name, size_t size,
             const struct fhirpath *compiled)
{
    if (name == NULL || size == 0 || size > FORM_VARIABLE_NAME_MAX || is_reserved(name)) {
        refuse(builder, spot, "variable-name",
               "A variable must have a name of its own, of at most 64 characters.");
    } else if (is_taken(builder, spot.item, name)) {
        refuse(builder, spot, "duplicate-variable", "A variable of this name stands here already.");
    } else {
        struct form_text kept = builder_text(builder, name, size);
        struct form_expression *added = expressions_add(builder, FORM_VARIABLE, compiled, spot);
        if (added != NULL) {
            added->name = kept;
            dependencies_read(builder, builder->expressions->count - 1);
        }
    }
}

/* Whether such an expression may stand there; says why not. */
static bool
fits(struct builder *builder, struct spot spot, enum form_expression_kind kind)
{
    struct form_item *item = spot.item == FORM_NO_ITEM ? NULL : &builder->items[spot.item];
    if (item == NULL || (kind != FORM_ENABLED_BY && !form_is_question(item))) {
        builder_note(builder, FORM_WARNING, spot, "extension-not-applicable",
                     item == NULL ? "This extension means nothing on a questionnaire."
                                  : "This extension means nothing on an item of this type.");
        return false;
    }
    if (kind == FORM_CALCULATED && expressions_asks_below(builder, spot.item)) {
        refuse(builder, spot, "calculated-with-items",
               "What is calculated cannot have questions below its answer.");
        return false;
    }
    return true;
}

/* Notes a second expression of a kind: a warning when it is the same as the first, otherwise an error. */
static bool
stands_already(struct builder *builder, struct spot spot, enum form_expression_kind kind,
               const struct fhirpath *compiled)
{
    const struct expression_set *set = builder->expressions;
    for (uint32_t i = set->count; i > 0 && set->all[i - 1].item == spot.item; i--) {
        if (set->all[i - 1].kind == (uint8_t)kind) {
            struct span one = fhirpath_source(set->compiled[i - 1]);
            struct span other = fhirpath_source(compiled);
            bool same = one.size == other.size && memcmp(one.data, other.data, one.size) == 0;
            builder_note(builder, same ? FORM_WARNING : FORM_ERROR, spot, "extension-twice",
                         "This extension may stand once only.");
            return true;
        }
    }
    return false;
}

/* One extension whose value is an Expression. */
static void
read_extension(struct builder *builder, struct spot spot, enum form_expression_kind kind,
               struct json_object *extension)
{
    struct json_object *value = NULL;
    size_t size = 0;
    if (!json_object_object_get_ex(extension, "valueExpression", &value) ||
        !json_object_is_type(value, json_type_object)) {
        refuse(builder, spot, "wrong-type", "This extension must hold an Expression.");
        return;
    }
    spot.sub = "valueExpression";
    if (kind != FORM_VARIABLE && !fits(builder, spot, kind)) {
        return;
    }
    const struct fhirpath *compiled = compile_expression(builder, spot, value);
    if (compiled == NULL) {
        return;
    }
    if (kind == FORM_VARIABLE) {
        const char *name = member_string(value, "name", &size);
        add_variable(builder, spot, name, size, compiled);
    } else if (!stands_already(builder, spot, kind, compiled) &&
               expressions_add(builder, kind, compiled, spot) != NULL) {
        builder->items[spot.item].flags |= kind == FORM_CALCULATED ? FORM_COMPUTED : 0U;
        dependencies_read(builder, builder->expressions->count - 1);
    }
}

/* The extensions of a list that are among `known`. */
static void
read_known(struct builder *builder, uint32_t item, struct json_object *list, const struct known *known,
           size_t count)
{
    size_t length = list == NULL ? 0 : json_object_array_length(list);
    for (size_t i = 0; i < length; i++) {
        struct json_object *extension = json_object_array_get_idx(list, i);
        size_t size = 0;
        const char *url = member_string(extension, "url", &size);
        for (size_t k = 0; k < count && url != NULL; k++) {
            if (strcmp(known[k].url, url) == 0) {
                read_extension(builder, (struct spot){item, "extension", (int)i, NULL}, known[k].kind,
                               extension);
            }
        }
    }
}

/* ---- Constraints ---- */

struct constraint {
    const char *key;
    const char *severity;
    const char *human;
    const char *location;
    const struct fhirpath *compiled;
    bool found; /* an expression, right or wrong */
};

static void
read_constraint_part(struct builder *builder, struct spot spot, struct json_object *part,
                     struct constraint *constraint)
{
    size_t size = 0;
    struct json_object *value = NULL;
    const char *url = member_string(part, "url", &size);
    if (url == NULL) {
        return;
    }
    if (strcmp(url, "key") == 0) {
        constraint->key = member_string(part, "valueId", &size);
    } else if (strcmp(url, "severity") == 0) {
        constraint->severity = member_string(part, "valueCode", &size);
    } else if (strcmp(url, "human") == 0) {
        constraint->human = member_string(part, "valueString", &size);
    } else if (strcmp(url, "location") == 0 && constraint->location == NULL) {
        constraint->location = member_string(part, "valueString", &size);
    } else if (strcmp(url, "expression") == 0 && !constraint->found) {
        const char *text = member_string(part, "valueString", &size);
        constraint->found = true;
        if (text != NULL) {
            constraint->compiled = compile(builder, spot, text, size);
        } else if (json_object_object_get_ex(part, "valueExpression", &value)) {
            constraint->compiled = compile_expression(builder, spot, value);
        } else {
            constraint->found = false;
        }
    }
}

/* The item that a location names, if it names one. */
static uint32_t
find_location(struct builder *builder, struct spot spot, const char *location)
{
    const struct fhirpath *compiled = compile(builder, spot, location, strlen(location));
    const char *link_id = compiled == NULL ? NULL : fhirpath_link_id(compiled, 0);
    return link_id == NULL ? FORM_NO_ITEM : builder_find(builder, link_id, strlen(link_id));
}

static void
read_constraint(struct builder *builder, struct spot spot, struct json_object *extension)
{
    struct constraint constraint = {.found = false};
    struct json_object *parts = member_array(extension, "extension");
    for (size_t i = 0; parts != NULL && i < json_object_array_length(parts); i++) {
        read_constraint_part(builder, spot, json_object_array_get_idx(parts, i), &constraint);
    }
    bool warning = constraint.severity != NULL && strcmp(constraint.severity, "warning") == 0;
    if (!constraint.found || constraint.key == NULL || constraint.human == NULL ||
        strlen(constraint.human) > TEXT_MAX || constraint.severity == NULL) {
        refuse(builder, spot, "invalid-constraint",
               "A constraint must have a key, a severity, an expression, and a sentence (human) of at most "
               "400 bytes.");
        return;
    }
    if (!warning && strcmp(constraint.severity, "error") != 0) {
        refuse(builder, spot, "invalid-code", "The severity of a constraint is error or warning.");
        return;
    }
    if (constraint.compiled == NULL) {
        return; /* said so */
    }
    if (spot.item != FORM_NO_ITEM && builder->items[spot.item].type == FORM_TYPE_DISPLAY) {
        builder_note(builder, FORM_WARNING, spot, "extension-not-applicable",
                     "This extension means nothing on an item of this type.");
        return;
    }
    struct form_text sentence = builder_text(builder, constraint.human, strlen(constraint.human));
    uint32_t location =
        constraint.location == NULL ? FORM_NO_ITEM : find_location(builder, spot, constraint.location);
    struct form_expression *added = expressions_add(builder, FORM_CONSTRAINT, constraint.compiled, spot);
    if (added != NULL) {
        added->name = sentence;
        added->location = location;
        added->severity = warning ? FORM_WARNING : FORM_ERROR;
        dependencies_read(builder, builder->expressions->count - 1);
    }
}

static void
read_constraints(struct builder *builder, uint32_t item, struct json_object *list)
{
    size_t length = list == NULL ? 0 : json_object_array_length(list);
    for (size_t i = 0; i < length; i++) {
        struct json_object *extension = json_object_array_get_idx(list, i);
        size_t size = 0;
        const char *url = member_string(extension, "url", &size);
        if (url != NULL && (strcmp(url, constraint_urls[0]) == 0 || strcmp(url, constraint_urls[1]) == 0)) {
            read_constraint(builder, (struct spot){item, "extension", (int)i, NULL}, extension);
        }
    }
}

/* What was known when a form was opened elsewhere (%patient, %user, ...): nothing of it is known here. */
static void
read_launch_contexts(struct builder *builder, struct json_object *list)
{
    size_t length = list == NULL ? 0 : json_object_array_length(list);
    for (size_t i = 0; i < length; i++) {
        struct json_object *extension = json_object_array_get_idx(list, i);
        struct json_object *parts = member_array(extension, "extension");
        size_t size = 0;
        const char *url = member_string(extension, "url", &size);
        const struct spot spot = {FORM_NO_ITEM, "extension", (int)i, NULL};
        if (url != NULL && strcmp(url, ASSEMBLE_CONTEXT) == 0) {
            const char *name = member_string(extension, "valueString", &size);
            add_variable(builder, spot, name, size, NULL);
        }
        for (size_t k = 0; url != NULL && strcmp(url, LAUNCH_CONTEXT) == 0 && parts != NULL &&
                           k < json_object_array_length(parts);
             k++) {
            struct json_object *part = json_object_array_get_idx(parts, k);
            struct json_object *coding = NULL;
            const char *what = member_string(part, "url", &size);
            if (what != NULL && strcmp(what, "name") == 0) {
                const char *name = member_string(part, "valueId", &size);
                (void)json_object_object_get_ex(part, "valueCoding", &coding);
                name = name == NULL ? member_string(coding, "code", &size) : name;
                add_variable(builder, spot, name, size, NULL);
            }
        }
    }
}

static void
keep_definition(struct builder *builder, struct json_object *questionnaire)
{
    struct expression_set *set = builder->expressions;
    bool read = false;
    for (uint32_t i = 0; i < set->count && !read; i++) {
        read = (set->all[i].flags & FORM_DEFINITION) != 0;
    }
    if (read) {
        const char *text = json_object_to_json_string_ext(questionnaire, JSON_C_TO_STRING_PLAIN);
        set->definition = builder_text(builder, text, strlen(text));
    }
}

/* All extensions of an item, or of the questionnaire: variables first, for they may be used by the others. */
static void
read_all(struct builder *builder, uint32_t item, struct json_object *list)
{
    read_known(builder, item, list, variable_extensions,
               sizeof variable_extensions / sizeof variable_extensions[0]);
    read_known(builder, item, list, other_extensions, sizeof other_extensions / sizeof other_extensions[0]);
    read_constraints(builder, item, list);
}

void
expressions_read(struct builder *builder, struct json_object *questionnaire)
{
    struct expression_set *set = arena_alloc(builder->arena, sizeof *set);
    builder->expressions = set;
    buf_init(&set->blocks, FORM_BLOCKS_MAX);
    set->marks = arena_array(builder->arena, (size_t)builder->count + 1, sizeof *set->marks);
    struct json_object *list = member_array(questionnaire, "extension");
    read_launch_contexts(builder, list);
    read_all(builder, FORM_NO_ITEM, list);
    for (uint32_t item = 0; item < builder->count; item++) {
        builder->items[item].expression = set->count;
        list = member_array(builder->json[item], "extension");
        if (list != NULL) {
            read_all(builder, item, list);
            scores_read(builder, item);
        }
        initials_read(builder, item);
    }
    keep_definition(builder, questionnaire);
    dependencies_order(builder);
    if (set->blocks.failed) {
        refuse(builder, (struct spot){FORM_NO_ITEM, NULL, -1, NULL}, "too-large",
               "The expressions of this questionnaire are too long.");
    }
}

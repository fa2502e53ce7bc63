/*
 * Functions that FHIR and SDC add, and those about types, time and units.
 *
 * Nothing is fetched: resolve() knows contained resources only, and functions that need a terminology server
 * are not there (functions.c). What time it is comes from the caller, so that all expressions of one request
 * see one time.
 *
 * A weight (weight(), ordinal()) stands in the definition, and may also be written beside an answer by
 * whoever sent it. So below an answer the definition's weight counts, which the caller is asked for, and what
 * the answer says counts only where the definition knows nothing of the item. Whoever changes that order lets
 * a patient's program choose a score.
 */
#include "lib/base/decimal.h"
#include "lib/fhirpath/calls.h"
#include "lib/fhirpath/model.h"
#include "lib/fhirpath/moment.h"
#include "lib/fhirpath/quantity.h"
#include "lib/fhirpath/run.h"
#include "lib/fhirpath/typename.h"

#include <json-c/json.h>
#include <string.h>

#define CALL(name)                                                                                           \
    struct fhirpath_list name(struct run *run, const struct operation *call, const struct scope *scope,      \
                              struct fhirpath_list input)

enum {
    EXTENSION_PRICE = 4, /* steps to look at one */
    WEIGHT_PRICE = 8     /* steps to look a weight up, beside those for its texts */
};

struct json_object *
fhirpath_extension_weight(struct json_object *extension)
{
    static const char *const urls[] = {
        /* R4's ordinalValue, and R5's name of it */
        "http://hl7.org/fhir/StructureDefinition/ordinalValue",
        "http://hl7.org/fhir/StructureDefinition/itemWeight",
        "http://hl7.org/fhir/StructureDefinition/coding-sctdescid-ordinal",
        "http://hl7.org/fhir/StructureDefinition/codesystem-ordinalValue",
        "http://hl7.org/fhir/StructureDefinition/valueset-ordinalValue",
    };
    struct json_object *url = json_member(extension, "url");
    struct json_object *weight = NULL;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0] && weight == NULL; i++) {
        if (json_object_is_type(url, json_type_string) && strcmp(json_object_get_string(url), urls[i]) == 0) {
            weight = json_member(extension, "valueDecimal");
            weight = weight != NULL ? weight : json_member(extension, "valueInteger");
        }
    }
    return json_object_is_type(weight, json_type_int) || json_object_is_type(weight, json_type_double)
               ? weight
               : NULL;
}

/* ---- Elements ---- */

static bool
has_value(struct fhirpath_value value)
{
    if (value.type != FHIRPATH_NODE) {
        return true;
    }
    struct json_object *json = value.as.node->json;
    return json != NULL && !json_object_is_type(json, json_type_object) &&
           !json_object_is_type(json, json_type_array);
}

/* hasValue() (hl7.org/fhir/R4/fhirpath.html): one primitive with a value, not with extensions alone. */
CALL(call_has_value)
{
    (void)call;
    (void)scope;
    return run_boolean(run, input.count == 1 && has_value(input.values[0]));
}

/* getValue(): its system value. */
CALL(call_get_value)
{
    (void)call;
    (void)scope;
    if (input.count != 1 || !has_value(input.values[0])) {
        return run_empty;
    }
    return run_one(run, run_simple(run, input.values[0]));
}

/* extension(url) (hl7.org/fhir/R4/fhirpath.html): of elements and of primitives. */
CALL(call_extension)
{
    struct span url;
    struct builder out;
    builder_start(&out, run);
    if (!run_single_text(run, run_argument(run, call, 0, scope), &url)) {
        return run_empty;
    }
    struct fhirpath_list extensions = node_member(run, input, "extension", false);
    for (size_t i = 0; i < extensions.count; i++) {
        struct json_object *own = json_member(extensions.values[i].as.node->json, "url");
        run_step(run, 1 + url.size / RUN_STEP_COMPARED);
        if (json_object_is_type(own, json_type_string) &&
            (size_t)json_object_get_string_len(own) == url.size &&
            memcmp(json_object_get_string(own), url.data, url.size) == 0) {
            builder_add(&out, extensions.values[i]);
        }
    }
    return builder_list(&out);
}

/* A contained resource with the id behind #, or the root for # alone; NULL: there is none. */
static struct fhirpath_list
contained(struct run *run, const struct fhirpath_node *from, const char *id)
{
    const struct fhirpath_node *root = from;
    const size_t size = strlen(id);
    while (root->parent != NULL && json_member(root->json, "contained") == NULL) {
        root = root->parent;
    }
    struct fhirpath_list all = node_member(run, fhirpath_of_node(run->arena, root), "contained", false);
    for (size_t i = 0; i < all.count; i++) {
        const char *own = json_object_get_string(json_member(all.values[i].as.node->json, "id"));
        run_step(run, 1 + size / RUN_STEP_COMPARED);
        if (own != NULL && strcmp(own, id) == 0) {
            return (struct fhirpath_list){&all.values[i], 1};
        }
    }
    return run_empty;
}

/* resolve(): of references to contained resources; what is elsewhere is not fetched, and left out. */
CALL(call_resolve)
{
    struct builder out;
    (void)call;
    (void)scope;
    builder_start(&out, run);
    for (size_t i = 0; i < input.count; i++) {
        if (input.values[i].type != FHIRPATH_NODE) {
            continue;
        }
        const struct fhirpath_node *node = input.values[i].as.node;
        struct json_object *reference = json_object_is_type(node->json, json_type_object)
                                            ? json_member(node->json, "reference")
                                            : node->json;
        const char *text =
            json_object_is_type(reference, json_type_string) ? json_object_get_string(reference) : "";
        if (text[0] == '#') {
            builder_add_list(&out, contained(run, node, text + 1));
        }
    }
    return builder_list(&out);
}

/* ---- Questionnaires ---- */

/* The linkId of the nearest item above, or NULL. */
static const char *
link_id_above(const struct fhirpath_node *node)
{
    while (node != NULL) {
        struct json_object *own = json_member(node->json, "linkId");
        if (json_object_is_type(own, json_type_string)) {
            return json_object_get_string(own);
        }
        node = node->parent;
    }
    return NULL;
}

/* The weight that an element's own extensions tell. */
static struct json_object *
own_weight(struct run *run, struct json_object *object)
{
    size_t count = 0;
    struct json_object *extensions = json_member(object, "extension");
    if (json_object_is_type(extensions, json_type_array)) {
        count = json_object_array_length(extensions);
        run_step(run, EXTENSION_PRICE * count);
    }
    for (size_t i = 0; i < count; i++) {
        struct json_object *weight = fhirpath_extension_weight(json_object_array_get_idx(extensions, i));
        if (weight != NULL) {
            return weight;
        }
    }
    return NULL;
}

/* An element's own weight, or that of its value's parent: an answer carries it beside valueCoding. */
static struct json_object *
told_weight(struct run *run, const struct fhirpath_node *node)
{
    bool object = json_object_is_type(node->json, json_type_object);
    struct json_object *weight = own_weight(run, object ? node->json : node_beside(run, node));
    if (weight == NULL && node->parent != NULL && node->name != NULL &&
        strncmp(node->name, "value", sizeof "value" - 1) == 0) {
        weight = own_weight(run, node->parent->json);
    }
    return weight;
}

/*
 * The bytes of the texts that the caller compares to find an element's weight: what is charged for asking it.
 */
static size_t
bytes_of(struct json_object *json)
{
    size_t size = 0;
    if (json_object_is_type(json, json_type_string)) {
        return (size_t)json_object_get_string_len(json);
    }
    json_object_object_foreach(json, name, value)
    {
        (void)name;
        size += json_object_is_type(value, json_type_object) ? bytes_of(value) : RUN_STEP_BYTES;
        size += json_object_is_type(value, json_type_string) ? (size_t)json_object_get_string_len(value) : 0;
    }
    return size;
}

/* Asks the caller for an element's weight; false when it does not know the element. */
static bool
known_weight(struct run *run, const struct fhirpath_node *node, const char **text)
{
    *text = NULL;
    if (run->environment->weight == NULL || (!json_object_is_type(node->json, json_type_object) &&
                                             !json_object_is_type(node->json, json_type_string))) {
        return false;
    }
    const char *link_id = link_id_above(node);
    run_bytes(run,
              WEIGHT_PRICE * RUN_STEP_BYTES + (link_id == NULL ? 0 : strlen(link_id)) + bytes_of(node->json));
    run_check_memory(run);
    return run->environment->weight(run->environment->context, link_id, node->json, text);
}

/* Whether an element is an answer or stands below one: patients may have written any weight there. */
static bool
is_answered(const struct fhirpath_node *node)
{
    while (node != NULL && (node->name == NULL || strcmp(node->name, "answer") != 0)) {
        node = node->parent;
    }
    return node != NULL;
}

/*
 * The weight of a Coding, a code, an answer option or an answer. For answers, what the definition knows comes
 * first; elsewhere, what the element says.
 */
static bool
weight_of(struct run *run, const struct fhirpath_node *node, struct decimal *weight)
{
    const char *text = NULL;
    bool answered = is_answered(node);
    bool known = answered && known_weight(run, node, &text);
    struct json_object *own = known ? NULL : told_weight(run, node);
    if (!answered && own == NULL) {
        (void)known_weight(run, node, &text);
    }
    if (text != NULL) {
        run_bytes(run, strlen(text));
        return decimal_parse(text, strlen(text), true, weight);
    }
    struct fhirpath_value value = {.type = FHIRPATH_NODE};
    const struct fhirpath_node number = {own, NULL, NULL, FHIRPATH_NO_INDEX, MODEL_DECIMAL};
    value.as.node = &number;
    return own != NULL && fhirpath_decimal_of(run_simple(run, value), weight);
}

/* weight() and ordinal() (SDC): the weights that there are, as Decimals; elements without one are left out.
 */
CALL(call_weight)
{
    struct builder out;
    (void)call;
    (void)scope;
    builder_start(&out, run);
    for (size_t i = 0; i < input.count; i++) {
        struct decimal weight;
        run_step(run, 1);
        if (input.values[i].type == FHIRPATH_NODE && weight_of(run, input.values[i].as.node, &weight)) {
            struct fhirpath_value value = {.type = FHIRPATH_DECIMAL, .scale = (uint8_t)weight.scale};
            value.as.coefficient = weight.coefficient;
            builder_add(&out, value);
        }
    }
    return builder_list(&out);
}

/* All answers below an element, at any depth, in the order of the document. */
static void
add_answers(struct builder *out, struct fhirpath_value value)
{
    struct run *run = out->run;
    struct builder waiting; /* last in, first out */
    builder_start(&waiting, run);
    builder_add(&waiting, value);
    for (bool below = false; waiting.count > 0; below = true) {
        struct fhirpath_value next = waiting.values[--waiting.count];
        const struct fhirpath_node *node = next.as.node;
        run_step(run, 1);
        bool answer = node->name != NULL && strcmp(node->name, "answer") == 0;
        if (answer && below) {
            builder_add(out, next);
        }
        struct fhirpath_list self = {&next, 1};
        struct fhirpath_list items = node_member(run, self, "item", false);
        struct fhirpath_list answers = answer ? run_empty : node_member(run, self, "answer", false);
        for (size_t i = items.count; i-- > 0;) {
            builder_add(&waiting, items.values[i]);
        }
        for (size_t i = answers.count; i-- > 0;) {
            builder_add(&waiting, answers.values[i]);
        }
    }
}

/* answers() (SDC): of responses, items and answers. */
CALL(call_answers)
{
    struct builder out;
    (void)call;
    (void)scope;
    builder_start(&out, run);
    for (size_t i = 0; i < input.count; i++) {
        if (input.values[i].type == FHIRPATH_NODE) {
            add_answers(&out, input.values[i]);
        }
    }
    return builder_list(&out);
}

/* ---- Types, time, units ---- */

/* type(): N1 10.2, as far as types are known. */
CALL(call_type)
{
    struct builder out;
    (void)call;
    (void)scope;
    builder_start(&out, run);
    for (size_t i = 0; i < input.count; i++) {
        const char *name = fhirpath_type_name(input.values[i]);
        struct fhirpath_value type = {.type = FHIRPATH_TYPE};
        run_step(run, 1 + strlen(name) / RUN_STEP_COMPARED);
        type.scale = input.values[i].type == FHIRPATH_NODE ? 1 : 0;
        type.as.text = name;
        type.size = (uint32_t)strlen(name);
        builder_add(&out, type);
    }
    return builder_list(&out);
}

/* now(): N1 5.9.2; one moment for the whole evaluation. */
CALL(call_now)
{
    (void)call;
    (void)scope;
    (void)input;
    return run_moment(run, FHIRPATH_DATE_TIME, moment_at(run->environment->now, run->environment->offset));
}

CALL(call_today)
{
    struct moment moment = moment_at(run->environment->now, run->environment->offset);
    (void)call;
    (void)scope;
    (void)input;
    return run_moment(run, FHIRPATH_DATE,
                      (struct moment){.year = moment.year,
                                      .month = moment.month,
                                      .day = moment.day,
                                      .precision = MOMENT_DAY,
                                      .offset = MOMENT_NO_OFFSET});
}

CALL(call_time_of_day)
{
    struct moment moment = moment_at(run->environment->now, run->environment->offset);
    (void)call;
    (void)scope;
    (void)input;
    moment.year = 1970;
    moment.month = 1;
    moment.day = 1;
    moment.offset = MOMENT_NO_OFFSET;
    return run_moment(run, FHIRPATH_TIME, moment);
}

/* comparable(quantity): version 2.1.0; whether the units are of one kind. */
CALL(call_comparable)
{
    struct fhirpath_value a;
    struct fhirpath_value b;
    if (!run_single(run, input, &a) || !run_single(run, run_argument(run, call, 0, scope), &b)) {
        return run_empty;
    }
    if (a.type != FHIRPATH_QUANTITY || b.type != FHIRPATH_QUANTITY) {
        run_fail(run, FHIRPATH_WRONG_TYPE, "comparable() takes quantities");
    }
    run_quantities(run, a.as.quantity, b.as.quantity);
    return run_boolean(run, quantity_comparable(a.as.quantity, b.as.quantity));
}

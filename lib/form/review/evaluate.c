/*
 * Evaluates one expression of the form at one place of the response: gives it its focus, its variables, the
 * weights of options, and the definition when it asks for it.
 *
 * All evaluations of one check share a budget of steps and of memory (struct evaluation), so that a form
 * cannot cost more by having more expressions; each costs EVALUATION_STEPS_LEAST at least, since preparing it
 * is work, too. The definition is parsed once, when the first expression reads %questionnaire or %qitem.
 *
 * Variables are expressions themselves. The compiler of the form refused circles between them, so evaluating
 * one inside another ends. A value is kept for one frame and one epoch: an epoch ends when something that was
 * decided may have changed (`late`), and only then can a variable have another value.
 *
 * What is returned is borrowed from the view, the form and the arena. Nothing may keep it beyond the check.
 */
#include "lib/form/review/evaluation.h"

#include "lib/base/json_own.h"
#include "lib/form/definition/weights.h"
#include "lib/form/value/value.h"

#include <stdlib.h>
#include <string.h>

enum { FIXED_VARIABLES = 5, JSON_DEPTH = 200, CODE_SEARCH_MAX = 256, DEFINITION_STEP = 8 /* bytes */ };

/* ---- Weights ---- */

/* The weight of the option that a bare code means: the first that has it. */
static const char *
weight_of_code(const struct form *form, const struct form_item *item, const char *code)
{
    const struct form_option *options = form_options(form) + item->option;
    size_t size = strlen(code);
    for (uint32_t i = 0; i < item->option_count && i < CODE_SEARCH_MAX; i++) {
        const char *key = form_pool(form, options[i].key);
        size_t length = options[i].key.size;
        if (options[i].weight != 0 && length > size && key[0] == 'C' && key[length - size - 1] == '\0' &&
            memcmp(key + length - size, code, size) == 0) {
            return form_pool(form, (struct form_text){options[i].weight, 0});
        }
    }
    return NULL;
}

/* The weight of a Coding, of what a string is, or of an answer's value. NULL: none. */
static const char *
weight_of_element(const struct review *review, const struct form_item *item, struct json_object *element)
{
    struct json_object *value = element;
    bool several = false;
    size_t size = 0;
    unsigned kind = FORM_KIND_STRING;
    if (json_object_is_type(element, json_type_object)) {
        kind = value_of(element, "value", &value, &several);
        kind = kind == FORM_KIND_NONE ? FORM_KIND_CODING : kind;
        value = kind == FORM_KIND_CODING && value == NULL ? element : value;
        if (kind != FORM_KIND_CODING && value_check((enum form_kind)kind, value) != NULL) {
            return NULL;
        }
    }
    const char *key = value_key((enum form_kind)kind, value, review->arena, &size);
    const char *text = weight_of(review->form, item, key, size);
    bool code = text == NULL && json_object_is_type(element, json_type_string);
    return code ? weight_of_code(review->form, item, json_object_get_string(element)) : text;
}

/* An item that offers options says what each of them weighs; of others the definition knows nothing. */
static bool
find_weight(void *context, const char *link_id, struct json_object *element, const char **weight)
{
    const struct evaluation *evaluation = context;
    const struct review *review = evaluation->review;
    uint32_t index = link_id == NULL ? FORM_NO_ITEM : form_find(review->form, link_id, strlen(link_id));
    if (index == FORM_NO_ITEM || (review->items[index].flags & FORM_CLOSED) == 0) {
        return false;
    }
    *weight = (review->items[index].flags & FORM_WEIGHTED) == 0
                  ? NULL
                  : weight_of_element(review, &review->items[index], element);
    return true;
}

/* ---- Variables ---- */

/*
 * The context of `item`, which is the expression's own or one around it: there its variables have their
 * values.
 */
static struct context
context_of(const struct review *review, struct context context, uint32_t item)
{
    if (item == context.item) {
        return context;
    }
    if (item == FORM_NO_ITEM) {
        return (struct context){FORM_NO_ITEM, REVIEW_NONE, 0};
    }
    uint32_t frame = context.outer;
    while (frame != REVIEW_NONE && review->frames[frame].container != item) {
        frame = review->frames[frame].parent;
    }
    return frame == REVIEW_NONE ? (struct context){item, 0, REVIEW_NONE}
                                : (struct context){item, review->frames[frame].parent, frame};
}

/* A node as a collection: of none when the element is not there. */
static struct fhirpath_list
one(struct arena *arena, const struct fhirpath_node *node)
{
    return node == NULL || node->json == NULL ? (struct fhirpath_list){NULL, 0}
                                              : fhirpath_of_node(arena, node);
}

/* Parses the definition unless that was done, and charges its length. False when memory is short. */
static bool
read_definition(struct evaluation *evaluation)
{
    const struct form *form = evaluation->review->form;
    if (evaluation->definition == NULL) {
        (void)evaluation_charge(evaluation, form->definition.size / DEFINITION_STEP);
        struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH);
        if (tokener != NULL) {
            struct json_object *json =
                json_tokener_parse_ex(tokener, form_pool(form, form->definition), (int)form->definition.size);
            evaluation->definition = json_own(evaluation->review->arena, json);
            json_tokener_free(tokener);
        }
    }
    return evaluation->definition != NULL;
}

/*
 * Adds %questionnaire and %qitem, the context's item; %qitem is empty in expressions of the questionnaire
 * itself.
 */
static void
add_definition(struct evaluation *evaluation, struct context context, struct fhirpath_variable *variables,
               size_t *count)
{
    struct arena *arena = evaluation->review->arena;
    uint32_t chain[FORM_DEPTH_MAX];
    size_t depth = 0;
    if (!read_definition(evaluation)) {
        return;
    }
    struct fhirpath_list whole = fhirpath_of_json(arena, evaluation->definition);
    const struct fhirpath_node *node = whole.values[0].as.node;
    for (uint32_t item = context.item; item != FORM_NO_ITEM; item = evaluation->review->items[item].parent) {
        chain[depth++] = evaluation->review->items[item].ordinal;
    }
    while (depth > 0) {
        struct json_object *items = NULL;
        uint32_t ordinal = chain[--depth];
        (void)json_object_object_get_ex(node->json, "item", &items);
        node =
            fhirpath_child(arena, node, "item", (int32_t)ordinal, json_object_array_get_idx(items, ordinal));
    }
    variables[(*count)++] = (struct fhirpath_variable){"questionnaire", whole};
    variables[(*count)++] = (struct fhirpath_variable){
        "qitem", context.item == FORM_NO_ITEM ? (struct fhirpath_list){NULL, 0} : one(arena, node)};
}

static bool variable_value(struct evaluation *evaluation, uint32_t variable, struct context context,
                           struct fhirpath_list *value, struct fhirpath_fault *fault);

/* Adds what an evaluation took, for whoever tries a definition out (trial.c), and which limit it met. */
static void
note_spent(struct form_spent *spent, uint32_t steps, enum fhirpath_fault_code code)
{
    bool limit = code == FHIRPATH_STEPS || code == FHIRPATH_OVERTIME || code == FHIRPATH_MEMORY ||
                 code == FHIRPATH_COLLECTION || code == FHIRPATH_COSTLY_PATTERN;
    spent->steps += EVALUATION_STEPS_LEAST + steps;
    spent->limit = limit ? (uint8_t)code : spent->limit;
}

/* Evaluates with what is left of the budget. */
static bool
run(struct evaluation *evaluation, uint32_t index, struct context context, struct fhirpath_list *result,
    struct fhirpath_fault *fault)
{
    const struct review *review = evaluation->review;
    const struct form_expression *self = &form_expressions(review->form)[index];
    const uint32_t *uses = form_links(review->form) + self->use;
    struct arena *arena = review->arena;
    size_t count = 0;
    struct fhirpath_variable *variables =
        arena_array(arena, self->use_count + FIXED_VARIABLES, sizeof *variables);
    struct fhirpath_list focus = one(arena, view_node(evaluation, context));
    struct fhirpath_list resource = one(arena, evaluation->root);
    variables[count++] = (struct fhirpath_variable){"resource", resource};
    variables[count++] = (struct fhirpath_variable){"rootResource", resource};
    variables[count++] = (struct fhirpath_variable){"context", focus};
    if ((self->flags & FORM_DEFINITION) != 0) {
        add_definition(evaluation, context, variables, &count);
    }
    for (uint32_t i = 0; i < self->use_count; i++) {
        const struct form_expression *variable = &form_expressions(review->form)[uses[i]];
        struct fhirpath_variable *kept = &variables[count++];
        kept->name = form_pool(review->form, variable->name);
        if (!variable_value(evaluation, uses[i], context_of(review, context, variable->item), &kept->value,
                            fault)) {
            return false;
        }
    }
    size_t before = arena_used(arena);
    if (evaluation->memory >= EVALUATION_MEMORY_MAX ||
        !evaluation_charge(evaluation, EVALUATION_STEPS_LEAST)) {
        *fault = (struct fhirpath_fault){.code = FHIRPATH_STEPS};
        return false;
    }
    const struct fhirpath_environment environment = {.variables = variables,
                                                     .variable_count = count,
                                                     .now = review->work->now,
                                                     .memory = EVALUATION_MEMORY_MAX - evaluation->memory,
                                                     .weight = find_weight,
                                                     .context = evaluation,
                                                     .budget = &evaluation->budget};
    uint32_t steps = evaluation->budget.steps;
    bool good = fhirpath_evaluate(form_block(review->form, self), focus, &environment, arena, result, fault);
    if (review->work->spent != NULL) {
        note_spent(&review->work->spent[index], steps - evaluation->budget.steps, fault->code);
    }
    evaluation->memory += arena_used(arena) - before;
    return good;
}

/*
 * A variable's value in a context. It is kept for the frame until the epoch changes: before, nothing it reads
 * can.
 */
static bool
variable_value(struct evaluation *evaluation, uint32_t variable, struct context context,
               struct fhirpath_list *value, struct fhirpath_fault *fault)
{
    const struct form_expression *self = &form_expressions(evaluation->review->form)[variable];
    struct remembered *remembered = &evaluation->variables[variable];
    uint32_t frame = context.inner == REVIEW_NONE ? context.outer : context.inner;
    *value = (struct fhirpath_list){NULL, 0};
    if (self->block == FORM_NO_BLOCK) {
        return true;
    }
    if (!remembered->known || remembered->frame != frame || remembered->epoch != evaluation->epoch) {
        if (!run(evaluation, variable, context, value, fault)) {
            return false;
        }
        *remembered = (struct remembered){*value, frame, evaluation->epoch, true};
    }
    *value = remembered->value;
    return true;
}

bool
evaluation_run(struct evaluation *evaluation, uint32_t expression, struct context context,
               struct fhirpath_list *result)
{
    struct fhirpath_fault fault = {.code = FHIRPATH_MEMORY};
    *result = (struct fhirpath_list){NULL, 0};
    if (view_open(evaluation) && run(evaluation, expression, context, result, &fault)) {
        return true;
    }
    evaluation_note(evaluation, context, &fault);
    return false;
}

/* Makes answers for a definition, evaluates its expressions on them, and notes those that cost much. */
#include "lib/form/review/trial.h"

#include "lib/base/json_own.h"
#include "lib/form/definition/expressions.h"
#include "lib/form/issues.h"
#include "lib/form/review/evaluation.h"

#include <string.h>

enum {
    ENTRIES_MAX = 6000, /* that are made; more repetitions are left out then */
    TIMES = 3,          /* repetitions, and answers of a question that repeats */
    TEXT_SIZE = 1000,   /* bytes of a long answer */
    DEAR_SHARE = 20,    /* a part of the budget that is worth a warning: one in so many */
    SHOWN_MAX = 80      /* bytes of an expression */
};

struct making {
    const struct form *form;
    size_t entries;
};

/* ---- Answers ---- */

static struct json_object *
long_text(const struct form_item *item)
{
    char text[TEXT_SIZE];
    size_t size = item->max_length != 0 && item->max_length < sizeof text ? item->max_length : sizeof text;
    memset(text, 'a', size);
    for (size_t i = 7; i < size; i += 8) {
        text[i] = ' ';
    }
    text[size - 1] = 'z';
    return json_object_new_string_len(text, (int)size);
}

static struct json_object *
coding(const char *code)
{
    struct json_object *json = json_object_new_object();
    (void)json_object_object_add(json, "code", json_object_new_string(code));
    return json;
}

static struct json_object *
amount(void)
{
    struct json_object *json = json_object_new_object();
    (void)json_object_object_add(json, "value", json_object_new_double_s(1.5, "1.5"));
    (void)json_object_object_add(json, "unit", json_object_new_string("mg"));
    return json;
}

/* A value of the item's type under its name in an answer. */
static struct json_object *
made_value(const struct form_item *item, const char **member)
{
    switch ((enum form_type)item->type) {
    case FORM_TYPE_BOOLEAN:
        *member = "valueBoolean";
        return json_object_new_boolean(1);
    case FORM_TYPE_DECIMAL:
        *member = "valueDecimal";
        return json_object_new_double_s(1.5, "1.5");
    case FORM_TYPE_INTEGER:
        *member = "valueInteger";
        return json_object_new_int64(7);
    case FORM_TYPE_DATE:
        *member = "valueDate";
        return json_object_new_string("2026-01-15");
    case FORM_TYPE_DATE_TIME:
        *member = "valueDateTime";
        return json_object_new_string("2026-01-15T12:00:00Z");
    case FORM_TYPE_TIME:
        *member = "valueTime";
        return json_object_new_string("12:00:00");
    case FORM_TYPE_URL:
        *member = "valueUri";
        return json_object_new_string("http://example.org/a");
    case FORM_TYPE_CHOICE:
    case FORM_TYPE_OPEN_CHOICE:
        *member = "valueCoding";
        return coding("a");
    case FORM_TYPE_QUANTITY:
        *member = "valueQuantity";
        return amount();
    case FORM_TYPE_STRING:
    case FORM_TYPE_TEXT:
        *member = "valueString";
        return long_text(item);
    default: /* files and references say nothing to an expression */
        return NULL;
    }
}

/* The n-th answer: the n-th option where there are some. */
static struct json_object *
made_answer(const struct form_item *item, struct json_object *json, size_t number)
{
    struct json_object *answer = json_object_new_object();
    struct json_object *options = member_array(json, "answerOption");
    size_t count = options == NULL ? 0 : json_object_array_length(options);
    const char *member = NULL;
    struct json_object *value = count == 0 ? made_value(item, &member) : NULL;
    struct json_object *option = count == 0 ? NULL : json_object_array_get_idx(options, number % count);
    if (json_object_is_type(option, json_type_object)) {
        json_object_object_foreach(option, name, given)
        {
            if (strncmp(name, "value", sizeof "value" - 1) == 0) {
                (void)json_object_object_add(answer, name, json_object_get(given));
            }
        }
    } else if (value != NULL) {
        (void)json_object_object_add(answer, member, value);
    }
    return answer;
}

static struct json_object *made_items(struct making *making, struct json_object *list, uint32_t first);

static struct json_object *
made_entry(struct making *making, struct json_object *json, uint32_t index)
{
    const struct form_item *item = &form_items(making->form)[index];
    struct json_object *entry = json_object_new_object();
    struct json_object *below = member_array(json, "item");
    struct json_object *link_id = NULL;
    (void)json_object_object_get_ex(json, "linkId", &link_id);
    (void)json_object_object_add(entry, "linkId", json_object_get(link_id));
    making->entries++;
    if (item->type == FORM_TYPE_GROUP) {
        (void)json_object_object_add(entry, "item", made_items(making, below, index + 1));
        return entry;
    }
    struct json_object *answers = json_object_new_array();
    bool several = (item->flags & FORM_REPEATS) != 0 && making->entries < ENTRIES_MAX;
    for (size_t i = 0; i < (several ? TIMES : 1); i++) {
        struct json_object *answer = made_answer(item, json, i);
        if (below != NULL && item->children != 0) {
            (void)json_object_object_add(answer, "item", made_items(making, below, index + 1));
        }
        (void)json_object_array_add(answers, answer);
    }
    (void)json_object_object_add(entry, "answer", answers);
    return entry;
}

/* The items of a list in the definition, of which the first has that index. */
static struct json_object *
made_items(struct making *making, struct json_object *list, uint32_t first)
{
    struct json_object *made = json_object_new_array();
    uint32_t index = first;
    for (size_t i = 0; list != NULL && i < json_object_array_length(list); i++) {
        const struct form_item *item = &form_items(making->form)[index];
        bool several = item->type == FORM_TYPE_GROUP && (item->flags & FORM_REPEATS) != 0;
        bool asked = item->type != FORM_TYPE_DISPLAY && (item->flags & FORM_COMPUTED) == 0;
        for (size_t k = 0; asked && k < (several && making->entries < ENTRIES_MAX ? TIMES : 1); k++) {
            (void)json_object_array_add(made, made_entry(making, json_object_array_get_idx(list, i), index));
        }
        index = item->end;
    }
    return made;
}

/* ---- What it took ---- */

static const char *
name_of(enum form_expression_kind kind)
{
    static const char *const names[] = {
        [FORM_VARIABLE] = "variable",     [FORM_CALCULATED] = "calculatedExpression",
        [FORM_SUM] = "sum-of-weights",    [FORM_ENABLED_BY] = "enableWhenExpression",
        [FORM_CONSTRAINT] = "constraint", [FORM_INITIAL_BY] = "initialExpression",
    };
    return names[kind];
}

/* Where the extensions of an item stand: as a JSON pointer, and as FHIRPath. */
static void
location_of(const struct form *form, uint32_t item, struct arena *arena, const char **pointer,
            const char **path)
{
    uint32_t chain[FORM_DEPTH_MAX];
    size_t depth = 0;
    *pointer = "";
    *path = "Questionnaire";
    for (; item != FORM_NO_ITEM; item = form_items(form)[item].parent) {
        chain[depth++] = form_items(form)[item].ordinal;
    }
    while (depth > 0) {
        uint32_t ordinal = chain[--depth];
        *pointer = arena_format(arena, "%s/item/%u", *pointer, ordinal);
        *path = arena_format(arena, "%s.item[%u]", *path, ordinal);
    }
    *pointer = arena_format(arena, "%s/extension", *pointer);
    *path = arena_format(arena, "%s.extension", *path);
}

static void
note(const struct form *form, uint32_t index, struct form_spent spent, enum form_severity severity,
     struct form_issues *issues)
{
    const struct form_expression *expression = &form_expressions(form)[index];
    struct span source = {(const unsigned char *)"", 0};
    const char *pointer = NULL;
    const char *path = NULL;
    if (expression->block != FORM_NO_BLOCK) {
        source = fhirpath_source(form_block(form, expression));
    }
    size_t shown = source.size < SHOWN_MAX ? source.size : SHOWN_MAX;
    while (shown < source.size && shown > 0 && (source.data[shown] & 0xc0) == 0x80) { /* inside a character */
        shown--;
    }
    location_of(form, expression->item, issues->arena, &pointer, &path);
    const char *link_id = expression->item == FORM_NO_ITEM
                              ? "the questionnaire itself"
                              : form_pool(form, form_items(form)[expression->item].link_id);
    const char *code = severity == FORM_ERROR ? "form-too-costly" : "expression-costly";
    const char *met = spent.limit == FHIRPATH_FINE ? "none" : fhirpath_fault_name(spent.limit);
    const char *text = arena_format(
        issues->arena, "The %s of %s took %llu steps with made answers (limit that it met: %s)%s: %.*s%s",
        name_of((enum form_expression_kind)expression->kind), link_id, (unsigned long long)spent.steps, met,
        severity == FORM_ERROR ? ", and all together take longer than patients' requests may" : "",
        (int)shown, (const char *)source.data, shown < source.size ? "..." : "");
    issues_add(issues, severity, code, pointer, path, text);
}

static void
note_dear(const struct form *form, const struct form_spent *spent, bool over, struct form_issues *issues)
{
    uint32_t dearest = 0;
    for (uint32_t i = 0; i < form->expression_count; i++) {
        dearest = spent[i].steps > spent[dearest].steps ? i : dearest;
    }
    for (uint32_t i = 0; i < form->expression_count; i++) {
        bool worst = over && i == dearest;
        if (worst || spent[i].limit != FHIRPATH_FINE || spent[i].steps > EVALUATION_STEPS_MAX / DEAR_SHARE) {
            note(form, i, spent[i], worst ? FORM_ERROR : FORM_WARNING, issues);
        }
    }
}

void
form_rehearse(const struct form *form, struct json_object *questionnaire, struct form_work *work,
              struct arena *arena, struct form_issues *issues)
{
    struct making making = {.form = form};
    struct form_issues unheard;
    if (form->expression_count == 0) {
        return;
    }
    struct form_spent *spent = arena_array(arena, form->expression_count, sizeof *spent);
    form_issues_init(&unheard, arena);
    work->spent = spent;
    (void)form_initial(form, work, arena, &unheard);
    (void)form_check(form, NULL, FORM_DRAFT, work, arena, &unheard, NULL);
    struct json_object *items = json_own(arena, made_items(&making, member_array(questionnaire, "item"), 0));
    (void)form_check(form, items, FORM_DRAFT, work, arena, &unheard, NULL);
    work->spent = NULL;
    note_dear(form, spent, work->watch.over, issues);
}

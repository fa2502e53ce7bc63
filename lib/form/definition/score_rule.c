/*
 * By what a score comes about, as text: two versions of a questionnaire whose texts are the same give the same
 * answers the same score, so that scores of both stand in one series. It has all that the score's expressions read, directly or
 * by other expressions: which items, their expressions, their options' weights, what enables them; and the
 * bands' limits and codes. It has not what changes no number: words, order, limits of answers.
 *
 * One line for each fact, sorted, so that an order in the definition does not count. Each line consists of
 * fields with their lengths: no two facts have one line.
 */
#include "lib/form/definition/expressions.h"

#include <stdlib.h>
#include <string.h>

enum { RULE_MAX = 8 * 1024 * 1024 };

/* What was found to matter, and what of it was not looked at yet. */
struct closure {
    const struct form *form;
    bool *items;
    bool *expressions;
    uint32_t *waiting; /* items; the first `done` were looked at */
    uint32_t count;
    uint32_t done;
};

/* Lines are written one after the other into `text`; `starts` has where each begins. */
struct rule_lines {
    const struct form *form;
    struct arena *arena;
    struct buf text;
    struct span *lines;
    size_t count;
    size_t room;
    size_t start;        /* of the line that is being written */
    bool has_definition; /* an expression reads it */
};

static void
take_item(struct closure *closure, uint32_t item)
{
    const struct form_item *items = form_items(closure->form);
    for (uint32_t i = item; i < items[item].end; i++) {
        if (!closure->items[i]) {
            closure->items[i] = true;
            closure->waiting[closure->count++] = i;
        }
    }
}

/* `depth` is bounded by the variables that stand one in the other's scope: FORM_EXPRESSIONS_MAX. */
static void
take_expression(struct closure *closure, uint32_t index)
{
    const struct form *form = closure->form;
    const struct form_expression *self = &form_expressions(form)[index];
    const uint32_t *links = form_links(form);
    if (closure->expressions[index]) {
        return;
    }
    closure->expressions[index] = true;
    for (uint32_t i = 0; (self->flags & FORM_LATE) != 0 && i < form->item_count;
         i = form_items(form)[i].end) {
        take_item(closure, i); /* it may read anything */
    }
    for (uint32_t i = 0; i < self->dependency_count; i++) {
        take_item(closure, links[self->dependency + i]);
    }
    for (uint32_t i = 0; i < self->use_count; i++) {
        take_expression(closure, links[self->use + i]);
    }
}

/* What decides an item's answers, and whether it and what it stands in are enabled. */
static void
look_at(struct closure *closure, uint32_t item)
{
    const struct form *form = closure->form;
    const struct form_item *self = &form_items(form)[item];
    for (uint32_t i = 0; i < self->expression_count; i++) {
        uint32_t index = self->expression + i;
        if (expression_decides(&form_expressions(form)[index])) {
            take_expression(closure, index);
        }
    }
    for (uint32_t i = 0; i < self->condition_count; i++) {
        take_item(closure, form_conditions(form)[self->condition + i].question);
    }
}

static void
close_over(struct closure *closure, uint32_t item)
{
    take_item(closure, item);
    while (closure->done < closure->count) {
        uint32_t next = closure->waiting[closure->done++];
        uint32_t parent = form_items(closure->form)[next].parent;
        look_at(closure, next);
        for (; parent != FORM_NO_ITEM; parent = form_items(closure->form)[parent].parent) {
            look_at(closure, parent);
        }
    }
}

static void
add_bytes(struct rule_lines *lines, const void *data, size_t size)
{
    buf_format(&lines->text, "%zu:", size);
    buf_add(&lines->text, data, size);
}

static void
add_text(struct rule_lines *lines, struct form_text text)
{
    add_bytes(lines, form_pool(lines->form, text), text.size);
}

static void
add_link_id(struct rule_lines *lines, uint32_t item)
{
    struct form_text none = {0, 0};
    add_text(lines, item == FORM_NO_ITEM ? none : form_items(lines->form)[item].link_id);
}

/* Ends a line. Where it begins is kept as an offset, because the text still moves. */
static void
end_line(struct rule_lines *lines)
{
    if (lines->count == lines->room) {
        size_t room = lines->room == 0 ? 64 : 2 * lines->room;
        struct span *more = arena_array(lines->arena, room, sizeof *more);
        if (lines->count != 0) {
            memcpy(more, lines->lines, lines->count * sizeof *more);
        }
        lines->lines = more;
        lines->room = room;
    }
    lines->lines[lines->count++] = (struct span){.size = lines->text.size - lines->start};
    lines->start = lines->text.size;
}

static void
add_item(struct rule_lines *lines, uint32_t item)
{
    const struct form *form = lines->form;
    const struct form_item *self = &form_items(form)[item];
    buf_format(&lines->text, "item %u %u ", self->type,
               self->flags & (FORM_REPEATS | FORM_ANY | FORM_COMPUTED | FORM_REQUIRED));
    add_link_id(lines, item);
    add_link_id(lines, self->parent);
    end_line(lines);
    for (uint32_t i = 0; i < self->option_count; i++) {
        const struct form_option *option = &form_options(form)[self->option + i];
        if (option->weight != 0) {
            const char *weight = form_pool(form, (struct form_text){option->weight, 0});
            buf_text(&lines->text, "weight ");
            add_link_id(lines, item);
            add_text(lines, option->key);
            add_bytes(lines, weight, strlen(weight));
            end_line(lines);
        }
    }
    for (uint32_t i = 0; i < self->condition_count; i++) {
        const struct form_condition *condition = &form_conditions(form)[self->condition + i];
        buf_format(&lines->text, "condition %u %u %u %u %lld ", condition->relation, condition->kind,
                   condition->truth, condition->is_whole, (long long)condition->whole);
        add_link_id(lines, item);
        add_link_id(lines, condition->question);
        add_text(lines, condition->text);
        add_text(lines, condition->unit);
        end_line(lines);
    }
}

static void
add_expression(struct rule_lines *lines, uint32_t index)
{
    const struct form *form = lines->form;
    const struct form_expression *self = &form_expressions(form)[index];
    struct span source = {NULL, 0};
    if (self->block != FORM_NO_BLOCK) {
        source = fhirpath_source(form_block(form, self));
    }
    buf_format(&lines->text, "expression %u ", self->kind);
    add_link_id(lines, self->item);
    add_text(lines, self->name);
    add_bytes(lines, source.data, source.size);
    buf_format(&lines->text, " %u", (self->flags & FORM_DEFINITION) != 0 ? 1U : 0U);
    lines->has_definition |= (self->flags & FORM_DEFINITION) != 0;
    end_line(lines);
}

/* What expressions may read of the definition itself: all of it, once, however many of them do. */
static void
add_definition(struct rule_lines *lines)
{
    if (lines->has_definition) {
        buf_text(&lines->text, "definition ");
        add_text(lines, lines->form->definition);
        end_line(lines);
    }
}

static const struct form_score_band *
add_bands(struct rule_lines *lines, const struct form_score *score)
{
    const struct form *form = lines->form;
    struct form_score_band *bands = arena_array(lines->arena, score->band_count, sizeof *bands);
    for (uint32_t i = 0; i < score->band_count; i++) {
        const struct form_band *band = &form_bands(form)[score->band + i];
        buf_text(&lines->text, "band ");
        add_text(lines, band->least);
        add_text(lines, band->most);
        add_text(lines, band->code);
        end_line(lines);
        bands[i] = (struct form_score_band){.least = form_pool(form, band->least),
                                            .most = form_pool(form, band->most),
                                            .code = form_pool(form, band->code),
                                            .label = form_pool(form, band->label)};
    }
    return bands;
}

static int
compare_lines(const void *left, const void *right)
{
    const struct span *a = left;
    const struct span *b = right;
    size_t size = a->size < b->size ? a->size : b->size;
    int order = memcmp(a->data, b->data, size);
    return order != 0 ? order : (a->size > b->size) - (a->size < b->size);
}

/* The lines in their order, one after the other, in the arena. */
static struct span
sorted(struct rule_lines *lines)
{
    const unsigned char *at = (const unsigned char *)buf_string(&lines->text);
    for (size_t i = 0; i < lines->count; i++) {
        lines->lines[i].data = at;
        at += lines->lines[i].size;
    }
    qsort(lines->lines, lines->count, sizeof *lines->lines, compare_lines);
    unsigned char *text = arena_alloc(lines->arena, lines->text.size);
    size_t size = 0;
    for (size_t i = 0; i < lines->count; i++) {
        memcpy(text + size, lines->lines[i].data, lines->lines[i].size);
        size += lines->lines[i].size;
    }
    return (struct span){text, size};
}

static const struct form_score *
find_score(const struct form *form, const char *link_id)
{
    uint32_t item = form_find(form, link_id, strlen(link_id));
    const struct form_score *scores = form_all_scores(form);
    for (uint32_t i = 0; item != FORM_NO_ITEM && i < form->score_count; i++) {
        if (scores[i].item == item) {
            return &scores[i];
        }
    }
    return NULL;
}

bool
form_score_rule(const struct form *form, const char *link_id, struct arena *arena,
                struct form_score_rule *rule)
{
    const struct form_score *score = find_score(form, link_id);
    if (score == NULL) {
        return false;
    }
    struct closure closure = {.form = form,
                              .items = arena_array(arena, form->item_count, sizeof *closure.items),
                              .expressions = arena_array(arena, form->expression_count, sizeof(bool)),
                              .waiting = arena_array(arena, form->item_count, sizeof(uint32_t))};
    struct rule_lines lines = {.form = form, .arena = arena};
    close_over(&closure, score->item);
    buf_init(&lines.text, RULE_MAX);
    for (uint32_t i = 0; i < form->item_count; i++) {
        if (closure.items[i] && form_items(form)[i].type != FORM_TYPE_DISPLAY) {
            add_item(&lines, i);
        }
    }
    for (uint32_t i = 0; i < form->expression_count; i++) {
        if (closure.expressions[i]) {
            add_expression(&lines, i);
        }
    }
    add_definition(&lines);
    *rule = (struct form_score_rule){.text = form_pool(form, score->text),
                                     .bands = add_bands(&lines, score),
                                     .band_count = score->band_count};
    if (!lines.text.failed) {
        rule->rule = sorted(&lines);
    }
    buf_free(&lines.text);
    return true;
}

/* The expressions of a definition while it is compiled: one list, in the order in which they are read. */
#include "lib/form/definition/expressions.h"

void
expressions_note(struct builder *builder, enum form_severity severity, uint32_t expression, const char *code,
                 const char *text)
{
    builder_note(builder, severity, builder->expressions->spots[expression], code, text);
}

/* Copies a compiled expression behind the others. Its size is a multiple of 8, or is filled up to one. */
static uint32_t
keep_block(struct builder *builder, const struct fhirpath *compiled)
{
    static const char padding[sizeof(double)];
    struct buf *blocks = &builder->expressions->blocks;
    uint32_t at = (uint32_t)blocks->size;
    size_t bytes = fhirpath_bytes(compiled);
    buf_add(blocks, compiled, bytes);
    buf_add(blocks, padding, (sizeof padding - bytes % sizeof padding) % sizeof padding);
    return at;
}

struct form_expression *
expressions_add(struct builder *builder, enum form_expression_kind kind, const struct fhirpath *compiled,
                struct spot spot)
{
    struct expression_set *set = builder->expressions;
    if (set->count == FORM_EXPRESSIONS_MAX) {
        builder_note(builder, FORM_ERROR, spot, "too-many-expressions",
                     "A questionnaire may have 2,000 expressions.");
        set->full = true;
    }
    if (set->full) {
        return NULL;
    }
    uint32_t room = set->room;
    set->all = builder_grow(builder, set->all, set->count, &room, sizeof *set->all);
    room = set->room;
    set->spots = builder_grow(builder, set->spots, set->count, &room, sizeof *set->spots);
    set->compiled = builder_grow(builder, set->compiled, set->count, &set->room, sizeof *set->compiled);
    uint32_t index = set->count++;
    set->compiled[index] = compiled;
    set->spots[index] = spot;
    set->all[index] =
        (struct form_expression){.item = spot.item,
                                 .block = compiled == NULL ? FORM_NO_BLOCK : keep_block(builder, compiled),
                                 .kind = (uint8_t)kind,
                                 .location = FORM_NO_ITEM};
    if (spot.item != FORM_NO_ITEM) {
        builder->items[spot.item].expression_count++;
    } else {
        set->root_count++;
    }
    return &set->all[index];
}

bool
expressions_asks_below(const struct builder *builder, uint32_t item)
{
    bool asks = false;
    for (uint32_t i = item + 1; i < builder->items[item].end && !asks; i++) {
        asks = builder->items[i].type != FORM_TYPE_DISPLAY;
    }
    return asks;
}

void
expressions_head(const struct builder *builder, struct form *head)
{
    const struct expression_set *set = builder->expressions;
    head->expression_count = set->count;
    head->root_expressions = set->root_count;
    head->score_count = set->score_count;
    head->initial_count = set->initial_count;
    head->definition = set->definition;
    for (uint32_t i = 0; i < set->count; i++) {
        bool decides = expression_decides(&set->all[i]);
        head->computes = head->computes || decides;
        head->late = head->late || (decides && (set->all[i].flags & FORM_LATE) != 0);
        head->constrains = head->constrains || set->all[i].kind == FORM_CONSTRAINT;
    }
}

void
expressions_free(struct builder *builder)
{
    if (builder->expressions != NULL) {
        buf_free(&builder->expressions->blocks);
    }
}

/*
 * Expressions of a definition (FHIRPath in FHIR's and SDC's extensions), scores and initial values, as they
 * are read and as they stand in the compiled form. docs/questionnaires.md says what each extension means.
 * https://hl7.org/fhir/uv/sdc/STU3/expressions.html. Private to lib/form.
 */
#ifndef ANAMNESIS_FORM_DEFINITION_EXPRESSIONS_H
#define ANAMNESIS_FORM_DEFINITION_EXPRESSIONS_H

#include "lib/fhirpath/fhirpath.h"
#include "lib/form/definition/builder.h"

enum {
    FORM_EXPRESSIONS_MAX = 2000, /* of a definition */
    FORM_LINKS_MAX = 400000,     /* what the expressions of a definition depend on, together */
    FORM_BLOCKS_MAX = 16 * 1024 * 1024,
    FORM_BANDS_MAX = 100, /* of a score */
    FORM_VARIABLE_NAME_MAX = 64
};

#define FORM_NO_BLOCK UINT32_MAX

enum form_expression_kind {
    FORM_VARIABLE,   /* also a launch context, which has no block: it is always empty here */
    FORM_CALCULATED, /* calculatedExpression */
    FORM_SUM,        /* sum-of-weights, which has no block */
    FORM_ENABLED_BY, /* enableWhenExpression */
    FORM_CONSTRAINT,
    FORM_INITIAL_BY /* initialExpression */
};

enum form_expression_flag {
    FORM_LATE = 1,       /* depends on everything, or on what it stands in: decided after all others */
    FORM_CLOCK = 2,      /* asks for the time */
    FORM_DEFINITION = 4, /* reads %questionnaire or %qitem */
    FORM_READS = 8       /* reads answers */
};

/* The questionnaire's own stand first, then those of the items in their order. */
struct form_expression {
    uint32_t item;         /* FORM_NO_ITEM: the questionnaire's */
    uint32_t block;        /* offset of the compiled expression in the blocks */
    struct form_text name; /* of a variable; the sentence of a constraint */
    uint32_t dependency;   /* items that it reads, with all beneath them: a run of links */
    uint32_t dependency_count;
    uint32_t use; /* variables that it reads itself, as expressions: a run of links */
    uint32_t use_count;
    uint32_t location; /* of a constraint: the item that is told, or FORM_NO_ITEM: where it stands */
    uint8_t kind;
    uint8_t flags;
    uint8_t severity; /* of a constraint: enum form_severity */
};

struct form_score {
    uint32_t item;
    struct form_text text; /* the item's */
    uint32_t band;
    uint32_t band_count;
};

struct form_band {
    struct form_text least; /* numbers, as written */
    struct form_text most;
    struct form_text code;
    struct form_text label;
};

/* What a new response has: the JSON text of answers. In the order of items. */
struct form_initial_answers {
    uint32_t item;
    struct form_text answers;
};

/* What is read while a definition is compiled. */
struct expression_set {
    struct form_expression *all;
    uint32_t count;
    uint32_t room;
    uint32_t root_count;              /* of the questionnaire itself: they stand first */
    bool full;                        /* FORM_EXPRESSIONS_MAX was passed */
    const struct fhirpath **compiled; /* beside `all`; NULL: no block */
    struct spot *spots;               /* beside `all` */
    uint32_t *links;
    uint32_t link_count;
    uint32_t link_room;
    struct form_score *scores;
    uint32_t score_count;
    uint32_t score_room;
    struct form_band *bands;
    uint32_t band_count;
    uint32_t band_room;
    struct form_initial_answers *initials;
    uint32_t initial_count;
    uint32_t initial_room;
    struct buf blocks;
    struct form_text definition; /* compact JSON of the Questionnaire; empty: no expression reads it */
    uint32_t *marks;             /* by item: the last expression that was found to depend on it, plus 1 */
};

/* Whether an expression decides something about its item before answers are judged. */
static inline bool
expression_decides(const struct form_expression *expression)
{
    return expression->kind == FORM_CALCULATED || expression->kind == FORM_SUM ||
           expression->kind == FORM_ENABLED_BY;
}

/* expression_read.c: reads the extensions of all items; only after linkIds were indexed. */
void expressions_read(struct builder *builder, struct json_object *questionnaire);

void expressions_free(struct builder *builder);

/* What the head of the compiled form says of them. */
void expressions_head(const struct builder *builder, struct form *head);

/* fingerprint.c: a number that changes when the definition judges answers in another way. */
uint32_t fingerprint_of(const struct builder *builder);

/* dependencies.c: what an expression that was just added reads; then the order in which everything is
 * decided. */
void dependencies_read(struct builder *builder, uint32_t expression);
void dependencies_add(struct builder *builder, uint32_t expression, uint32_t item);
void dependencies_order(struct builder *builder);

/* score_read.c: score-bands, score and sum-of-weights of an item. */
void scores_read(struct builder *builder, uint32_t item);

/* initial_read.c: initial and initialSelected of an item. */
void initials_read(struct builder *builder, uint32_t item);

/* Adds an expression of an item, or of the questionnaire. NULL after FORM_EXPRESSIONS_MAX (said so). */
struct form_expression *expressions_add(struct builder *builder, enum form_expression_kind kind,
                                        const struct fhirpath *compiled, struct spot spot);

/* Whether there are questions or groups below an item. */
bool expressions_asks_below(const struct builder *builder, uint32_t item);

/* Notes a finding at an expression. */
void expressions_note(struct builder *builder, enum form_severity severity, uint32_t expression,
                      const char *code, const char *text);

/* ---- In the compiled form ---- */

static inline const void *
form_at(const struct form *form, uint32_t offset)
{
    return (const char *)form + offset;
}

static inline const struct form_expression *
form_expressions(const struct form *form)
{
    return form_at(form, form->expressions_at);
}

static inline const uint32_t *
form_links(const struct form *form)
{
    return form_at(form, form->links_at);
}

static inline const struct form_score *
form_all_scores(const struct form *form)
{
    return form_at(form, form->scores_at);
}

static inline const struct form_band *
form_bands(const struct form *form)
{
    return form_at(form, form->bands_at);
}

static inline const struct form_initial_answers *
form_initials(const struct form *form)
{
    return form_at(form, form->initials_at);
}

/* The compiled FHIRPath of an expression that has one. */
static inline const struct fhirpath *
form_block(const struct form *form, const struct form_expression *expression)
{
    return form_at(form, form->blocks_at + expression->block);
}

#endif

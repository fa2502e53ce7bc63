/* How the parts of two items are compared. Private to lib/form/versions. */
#ifndef ANAMNESIS_FORM_VERSIONS_DIFF_PARTS_H
#define ANAMNESIS_FORM_VERSIONS_DIFF_PARTS_H

#include "lib/base/arena.h"
#include "lib/form/versions/diff.h"

/* One definition, and the value sets at hand. */
struct diff_side {
    struct json_object *questionnaire; /* NULL: none */
    struct json_object *sets;
};

struct comparison {
    struct arena *arena;
    struct form_diff *diff;
    struct diff_side before;
    struct diff_side after;
    const char *link_id; /* of the pair that is compared; "" for the questionnaires themselves */
};

/* What a change means for answers that were given before. */
enum effect {
    EFFECT_NONE = 0,
    EFFECT_BREAKING = 1,
    EFFECT_LOSES = 2 /* answers in progress may not be carried over */
};

/* Notes one change of the present pair. `kind` is a literal, `detail` a literal or in the arena. */
void diff_note(struct comparison *comparison, const char *kind, const char *detail, unsigned effect);

/* A text member, "" when there is none. Borrowed. */
const char *diff_text(struct json_object *object, const char *name);

/* The extensions of two elements, in the order in which they stand. */
void diff_extensions(struct comparison *comparison, struct json_object *before, struct json_object *after);

/* answerOption and answerValueSet of two items. */
void diff_options(struct comparison *comparison, struct json_object *before, struct json_object *after);

#endif

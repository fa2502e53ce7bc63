/*
 * Carrying the answers of a response in progress over to another version of its questionnaire. Pure, as all
 * of lib/form. An answer fits when the other version has its question, in the same place or in one that can
 * be meant without doubt, takes its type, and finds no error in it. What does not fit is listed, never lost
 * in silence.
 */
#ifndef ANAMNESIS_FORM_VERSIONS_MIGRATE_H
#define ANAMNESIS_FORM_VERSIONS_MIGRATE_H

#include "lib/form/form.h"

/* Answers that were not carried over. Everything is in the arena, or a literal. */
struct form_dropped {
    const char *path;   /* item path in the older version */
    const char *reason; /* `unknown-item`, `moved`, `parent-dropped`, `calculated-ignored`, or the code of the
                           engine's finding */
    const char *text;   /* a sentence for the patient */
    struct json_object *answers; /* array of FHIR answers, without items below */
};

struct form_migration {
    struct json_object *items; /* array: what fits, in the new version's order; owned by the arena */
    struct form_dropped *dropped;
    size_t count;
    size_t room;
};

/*
 * Carries `items` (the stored items of a response to the older version; not changed) over to `form`. What
 * `before`, that version, calculates is nobody's answer and left out; NULL: all of them are answers. A
 * question is found by its linkId. Where its group, or the question above it, is the same, it keeps its
 * place; repetitions that have nothing left close up. A question that moved elsewhere is carried over when
 * nothing above it repeats, before or after. Rules of the new version are applied as by form_check with
 * FORM_DRAFT: an answer with an error is dropped, of several answers only those with an error. False when
 * memory is short.
 */
bool form_migrate(const struct form *form, const struct form *before, struct json_object *items,
                  struct form_work *work, struct arena *arena, struct form_migration *migration);

#endif

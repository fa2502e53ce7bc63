/*
 * What of a draft must be looked at again after some of its answers changed (auto-save).
 *
 * What is unchanged, was right and is enabled as before stays right; an expression gives the same as long as
 * nothing that it reads has changed (its dependencies come from lib/fhirpath/uses.c). So an item is judged
 * again when its answers changed, when whether it is enabled may have changed, when instances of it may be
 * new, or when something was wrong with it. The result must be the same as that of judging everything, and
 * tests/unit/test_form_increment.c compares the two; a rule that reads more than its item and its declared
 * dependencies breaks this. Flags are only ever set during a check, never taken back. A check costs what the
 * change touches, but for laying the response, which is linear. Private to lib/form.
 */
#ifndef ANAMNESIS_FORM_REVIEW_INCREMENT_H
#define ANAMNESIS_FORM_REVIEW_INCREMENT_H

#include "lib/form/review/review.h"

/*
 * By item index; the last element of `suspect` and `suspect_now` is the response itself.
 */
struct increment {
    bool *changed;     /* its answers, or what is calculated for it, may be others */
    bool *inside;      /* the same of it or anything beneath it */
    bool *shifted;     /* whether it is enabled may have changed */
    bool *renewed;     /* instances of it may be new */
    bool *suspect;     /* something was wrong with it, or was not judged */
    bool *suspect_now; /* the same after this check */
    bool everything;   /* nothing is known: judge all, and only keep what is found */
};

/* An increment for the form, in which nothing is known. */
struct increment *increment_new(const struct form *form, struct arena *arena);

/* An item's answers changed. */
void increment_touch(struct review *review, uint32_t item);

/* Something is wrong with an item (FORM_NO_ITEM: the response), or could not be judged. */
void increment_suspect(struct review *review, uint32_t item);

/* After an item was decided in all frames: what follows from what changed for its enablement. */
void increment_decided(struct review *review, uint32_t item);

/* Whether answers of an item must be judged. */
bool increment_must_look(const struct review *review, uint32_t item);

/* Whether a calculation must be done again, or a constraint judged again. */
bool increment_must_evaluate(const struct review *review, uint32_t expression);

#endif

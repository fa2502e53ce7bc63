/*
 * Trying what a definition's author wrote before patients do: expressions are worked out on no answers, and
 * on answers that are made for it (every question answered, repetitions repeated, texts long).
 */
#ifndef ANAMNESIS_FORM_REVIEW_TRIAL_H
#define ANAMNESIS_FORM_REVIEW_TRIAL_H

#include "lib/form/form.h"

/*
 * Notes which expressions were costly, at the item where each stands, with its linkId and its text: the
 * warning `expression-costly`; the error `form-too-costly` when patients would meet the limit (see
 * form_work). `questionnaire` is what the form was compiled from. What cannot be tried for want of memory is
 * not noted.
 */
void form_rehearse(const struct form *form, struct json_object *questionnaire, struct form_work *work,
                   struct arena *arena, struct form_issues *issues);

#endif

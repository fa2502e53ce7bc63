/*
 * Two completed responses of one questionnaire, answer by answer, maybe to different versions. Pure, as all of
 * lib/form. A question is the same when its item path is; what a repeating group's second instance says is compared
 * with the second one before.
 */
#ifndef ANAMNESIS_FORM_VERSIONS_RESPONSES_H
#define ANAMNESIS_FORM_VERSIONS_RESPONSES_H

#include "lib/form/form.h"

/* One question's answers, in the arena. */
struct form_difference {
    const char *path;    /* item path; that of the first instance without an index */
    const char *link_id; /* of the question */
    const char *change;  /* literal: same, changed, added, removed; not-comparable: of another type now */
    struct json_object *before; /* array of FHIR answers without the items below; NULL: none */
    struct json_object *after;
};

struct form_differences {
    struct form_difference *items; /* in the order of the later response; then what only the former has */
    size_t count;
};

/*
 * Compares the items of a response with those of a former one, each laid over its version. Answers are the same
 * when they mean the same values in the same order: displays of codes do not count. False when memory is short.
 */
bool form_responses_compare(const struct form *former, struct json_object *former_items,
                            const struct form *later, struct json_object *later_items, struct arena *arena,
                            struct form_differences *differences);

#endif

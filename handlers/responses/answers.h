/*
 * A response's answers between the database and the questionnaire engine. They are stored, sealed, as one
 * text: the FHIR items (a JSON array), and while in progress two more lines: an object that says for each
 * saved item path in which revision it was last changed (auto-save needs it to tell whether the same item was
 * changed elsewhere), and what the engine remembers of its last judgement. A completed response has the items
 * alone, which are what its proof hashes.
 *
 * Whoever changes answers opens them first (answers_open): that locks the row, so two saves are one after the
 * other. An answer is in the arena while the request lasts, never in a log, a finding or an error's detail.
 */
#ifndef ANAMNESIS_HANDLERS_RESPONSES_ANSWERS_H
#define ANAMNESIS_HANDLERS_RESPONSES_ANSWERS_H

#include "build/gen/sql.h"
#include "lib/form/form.h"
#include "lib/http/request.h"

#include <json-c/json.h>

struct answers {
    struct json_object *items;   /* array; owned by the arena */
    struct json_object *touched; /* item path -> revision; owned by the arena */
    const char *before;          /* see form_update; NULL: all is to be judged */
};

/* No answers yet; or what a new response begins with. */
void answers_empty(struct request *rq, struct answers *answers);
enum problem answers_begin(struct request *rq, const struct form *form, struct answers *answers);

/* Reads the stored text. PROBLEM_INTERNAL when it is not what answers_text wrote. */
enum problem answers_read(struct request *rq, const char *text, struct answers *answers);

/* The text to store, in the arena; answers_items_text is the FHIR items alone. */
const char *answers_text(struct request *rq, const struct answers *answers);
const char *answers_items_text(struct request *rq, const struct answers *answers);

/*
 * Locks the patient's response for this transaction: its row with the answers opened, the data key, and the
 * compiled form. PROBLEM_NOT_FOUND, PROBLEM_ALREADY_COMPLETED, or PROBLEM_NOT_ACTIVE when the assignment was
 * cancelled or the amendment given up. One trip when key and form are cached.
 */
enum problem answers_open(struct request *rq, const char *id, struct span *key,
                          const struct q_my_response_lock_row **row, const struct form **form);

/*
 * Checks a draft in which these item paths were changed since it was read: what is wrong is in the
 * issues, what is missing is only counted. Calculated answers are written into it. PROBLEM_FORM_TOO_COSTLY
 * when that took too long.
 */
enum problem answers_judge(struct request *rq, const struct form *form, struct answers *answers,
                           const char *const *changed, size_t count, struct form_issues *issues,
                           struct form_progress *progress);

/* The scores of completed answers as a JSON array, in the arena; NULL: they take more than 1 MiB. */
const char *answers_scores(struct request *rq, const struct form *form, const struct answers *answers);

/* Checks for submission and drops what branching disabled. PROBLEM_INVALID_FORM with one violation an item
 * path. */
enum problem answers_submit(struct request *rq, const struct form *form, struct answers *answers,
                            struct form_progress *progress);

#endif

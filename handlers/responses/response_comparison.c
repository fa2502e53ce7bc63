/* GET /admin/responses/{id}/comparison: a response beside the one before it. */
#include "app/app.h"
#include "app/keys.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/questionnaires/forms.h"
#include "handlers/responses/answers.h"
#include "lib/db/tx.h"
#include "lib/form/versions/responses.h"

#include <json-c/json.h>

/* Answers as a reply has them; what the engine lists is never too long, since it came out of the database. */
static const char *
answers_json(struct request *rq, struct json_object *answers)
{
    return answers == NULL ? "[]"
                           : arena_text(rq->arena, json_object_to_json_string_ext(answers, FORMS_JSON_FLAGS));
}

static enum problem
compare(struct request *rq, const struct q_response_comparison_row *row, struct form_differences *differences)
{
    struct answers former;
    struct answers later;
    const struct form *former_form = NULL;
    const struct form *later_form = NULL;
    enum problem problem = answers_read(rq, row->previous_answers, &former);
    if (problem == PROBLEM_NONE) {
        problem = answers_read(rq, row->answers, &later);
    }
    if (problem == PROBLEM_NONE) {
        problem = forms_load(rq, row->questionnaire_id, row->previous_version, &former_form);
    }
    if (problem == PROBLEM_NONE) {
        problem = forms_load(rq, row->questionnaire_id, row->version, &later_form);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    return form_responses_compare(former_form, former.items, later_form, later.items, rq->arena, differences)
               ? PROBLEM_NONE
               : PROBLEM_OVERLOADED;
}

static void
write_comparison(struct request *rq, const char *id, const struct q_response_comparison_row *row,
                 const struct form_differences *differences)
{
    struct reply_answer_difference *items = arena_array(rq->arena, differences->count, sizeof *items);
    struct reply_compared_response previous = {.id = row->previous_id,
                                               .version = reply_integer(row->previous_version),
                                               .submitted_at = reply_time(row->previous_at)};
    for (size_t i = 0; i < differences->count; i++) {
        const struct form_difference *one = &differences->items[i];
        items[i] = (struct reply_answer_difference){.path = one->path,
                                                    .link_id = one->link_id,
                                                    .change = one->change,
                                                    .before = answers_json(rq, one->before),
                                                    .after = answers_json(rq, one->after)};
    }
    reply_response_comparison(
        &rq->reply.json,
        &(struct reply_response_comparison){
            .questionnaire_id = row->questionnaire_id,
            .response = {.id = id,
                         .version = reply_integer(row->version),
                         .submitted_at = reply_time(row->submitted_at)},
            .previous = reply_compared_response_if(rq->arena, row->previous_id != NULL, previous),
            .items = items,
            .items_count = differences->count});
}

enum problem
h_response_comparison(struct request *rq, const struct response_comparison_in *in)
{
    struct span key;
    enum problem problem = keys_of_response(rq, in->id, &key);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const struct q_response_comparison_row *row = NULL;
    struct form_differences differences = {NULL, 0};
    problem =
        q_response_comparison(rq->tx, &(struct q_response_comparison_in){.id = in->id, .key = key}, &row);
    if (problem == PROBLEM_NONE && !row->has_submitted_at) {
        problem = PROBLEM_NOT_COMPLETED;
    }
    if (problem == PROBLEM_NONE && row->previous_id != NULL) {
        problem = compare(rq, row, &differences);
    }
    if (problem == PROBLEM_NONE) {
        write_comparison(rq, in->id, row, &differences);
    }
    return problem;
}

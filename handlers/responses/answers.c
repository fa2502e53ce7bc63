#include "handlers/responses/answers.h"

#include "app/app.h"
#include "app/keys.h"
#include "build/gen/reply.h"
#include "handlers/questionnaires/forms.h"
#include "lib/base/json_own.h"
#include "lib/db/tx.h"

#include <string.h>

enum { SCORES_BYTES_MAX = 1024 * 1024 };

void
answers_empty(struct request *rq, struct answers *answers)
{
    answers->items = json_own(rq->arena, json_object_new_array());
    answers->touched = json_own(rq->arena, json_object_new_object());
    answers->before = NULL;
}

enum problem
answers_begin(struct request *rq, const struct form *form, struct answers *answers)
{
    struct form_issues issues; /* of the author's: patients can do nothing about them */
    form_issues_init(&issues, rq->arena);
    answers_empty(rq, answers);
    answers->items = form_initial(form, forms_work(rq), rq->arena, &issues);
    return answers->items == NULL ? PROBLEM_OVERLOADED : forms_in_time(rq);
}

enum problem
answers_read(struct request *rq, const char *text, struct answers *answers)
{
    size_t items = strcspn(text, "\n");
    const char *touched = text[items] == '\n' ? text + items + 1 : "{}";
    size_t size = strcspn(touched, "\n");
    answers->items = forms_parse(rq, text, items);
    answers->touched = forms_parse(rq, touched, size);
    answers->before = touched[size] == '\n' ? arena_text(rq->arena, touched + size + 1) : NULL;
    bool good = json_object_is_type(answers->items, json_type_array) &&
                json_object_is_type(answers->touched, json_type_object);
    return good ? PROBLEM_NONE : PROBLEM_INTERNAL;
}

const char *
answers_text(struct request *rq, const struct answers *answers)
{
    const char *items = json_object_to_json_string_ext(answers->items, FORMS_JSON_FLAGS);
    const char *touched = json_object_to_json_string_ext(answers->touched, FORMS_JSON_FLAGS);
    bool known = answers->before != NULL;
    return arena_format(rq->arena, "%s\n%s%s%s", items, touched, known ? "\n" : "",
                        known ? answers->before : "");
}

const char *
answers_items_text(struct request *rq, const struct answers *answers)
{
    return arena_text(rq->arena, json_object_to_json_string_ext(answers->items, FORMS_JSON_FLAGS));
}

enum problem
answers_open(struct request *rq, const char *id, struct span *key, const struct q_my_response_lock_row **row,
             const struct form **form)
{
    enum problem problem = keys_own(rq, key);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    problem = q_my_response_lock(rq->tx, &(struct q_my_response_lock_in){.id = id, .key = *key}, row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if ((*row)->status == RESPONSE_STATUS_COMPLETED || (*row)->status == RESPONSE_STATUS_AMENDED) {
        return PROBLEM_ALREADY_COMPLETED;
    }
    if ((*row)->cancelled || (*row)->status == RESPONSE_STATUS_STOPPED) {
        return PROBLEM_NOT_ACTIVE;
    }
    return forms_load(rq, (*row)->questionnaire_id, (*row)->version, form);
}

enum problem
answers_judge(struct request *rq, const struct form *form, struct answers *answers,
              const char *const *changed, size_t count, struct form_issues *issues,
              struct form_progress *progress)
{
    const struct form_draft draft = {answers->items, answers->before, changed, count};
    form_issues_init(issues, rq->arena);
    answers->before = form_update(form, &draft, forms_work(rq), rq->arena, issues, progress);
    return forms_in_time(rq);
}

const char *
answers_scores(struct request *rq, const struct form *form, const struct answers *answers)
{
    size_t count = 0;
    const struct form_score_value *scores = form_scores(form, answers->items, rq->arena, &count);
    struct reply_score *items = arena_array(rq->arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        const struct form_score_value *it = &scores[i];
        struct reply_score_band band = {.code = it->band_code, .label = it->band_label};
        items[i] = REPLY_SCORE_OF(it, reply_score_band_if(rq->arena, it->band_code != NULL, band));
    }
    return reply_scores(rq->arena, items, count, SCORES_BYTES_MAX);
}

enum problem
answers_submit(struct request *rq, const struct form *form, struct answers *answers,
               struct form_progress *progress)
{
    struct form_issues issues;
    form_issues_init(&issues, rq->arena);
    answers->items = form_submit(form, answers->items, forms_work(rq), rq->arena, &issues, progress);
    if (forms_in_time(rq) != PROBLEM_NONE) {
        return forms_in_time(rq);
    }
    return forms_note_errors(rq, &issues) ? PROBLEM_INVALID_FORM : PROBLEM_NONE;
}

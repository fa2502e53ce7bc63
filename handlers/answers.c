#include "handlers/answers.h"

#include "handlers/app.h"
#include "handlers/forms.h"
#include "handlers/keys.h"
#include "lib/db/tx.h"

#include <string.h>

static void
put(void *object)
{
    json_object_put(object);
}

void
answers_empty(struct request *rq, struct answers *answers)
{
    answers->items = arena_own(rq->arena, json_object_new_array(), put);
    answers->touched = arena_own(rq->arena, json_object_new_object(), put);
}

enum problem
answers_read(struct request *rq, const char *text, struct answers *answers)
{
    size_t items = strcspn(text, "\n");
    answers->items = forms_parse(rq, text, items);
    const char *rest = text + items;
    if (*rest == '\n') {
        answers->touched = forms_parse(rq, rest + 1, strlen(rest + 1));
    } else {
        answers->touched = arena_own(rq->arena, json_object_new_object(), put);
    }
    bool good = json_object_is_type(answers->items, json_type_array) &&
                json_object_is_type(answers->touched, json_type_object);
    return good ? PROBLEM_NONE : PROBLEM_INTERNAL;
}

const char *
answers_text(struct request *rq, const struct answers *answers)
{
    const char *items = json_object_to_json_string_ext(answers->items, FORMS_JSON_FLAGS);
    const char *touched = json_object_to_json_string_ext(answers->touched, FORMS_JSON_FLAGS);
    return arena_format(rq->arena, "%s\n%s", items, touched);
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
    if (*row == NULL) {
        return PROBLEM_NOT_FOUND;
    }
    if (strcmp((*row)->status, "completed") == 0 || strcmp((*row)->status, "amended") == 0) {
        return PROBLEM_ALREADY_COMPLETED;
    }
    if ((*row)->cancelled || strcmp((*row)->status, "stopped") == 0) {
        return PROBLEM_NOT_ACTIVE;
    }
    return forms_load(rq, (*row)->questionnaire_id, (*row)->version, form);
}

const struct form_issues *
answers_judge(struct request *rq, const struct form *form, const struct answers *answers,
              struct form_progress *progress)
{
    struct form_issues *issues = arena_alloc(rq->arena, sizeof *issues);
    form_issues_init(issues, rq->arena);
    form_check(form, answers->items, FORM_DRAFT, rq->now, rq->arena, issues, progress);
    return issues;
}

enum problem
answers_submit(struct request *rq, const struct form *form, struct answers *answers,
               struct form_progress *progress)
{
    struct form_issues issues;
    form_issues_init(&issues, rq->arena);
    answers->items = form_submit(form, answers->items, rq->now, rq->arena, &issues, progress);
    return forms_note_errors(rq, &issues) ? PROBLEM_INVALID_FORM : PROBLEM_NONE;
}

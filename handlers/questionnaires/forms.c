#include "handlers/questionnaires/forms.h"

#include "lib/base/display.h"

#include "app/app.h"
#include "build/gen/sql.h"
#include "handlers/questionnaires/value_sets_used.h"
#include "lib/base/clock.h"
#include "lib/base/json_read.h"
#include "lib/base/log.h"
#include "lib/crypto/digest.h"
#include "lib/db/tx.h"
#include "lib/form/definition/form_cache.h"
#include "lib/form/review/trial.h"
#include "lib/form/value/canonical.h"

#include <string.h>

enum { TITLE_MAX = 500, CANONICAL_MAX = 8 * 1024 * 1024 };

struct form_work *
forms_work(struct request *rq)
{
    if (rq->work == NULL) {
        rq->work = arena_alloc(rq->arena, sizeof *rq->work);
        *rq->work = form_work(rq->now, clock_processor_in_turns);
    }
    return rq->work;
}

enum problem
forms_in_time(struct request *rq)
{
    return forms_work(rq)->watch.over ? PROBLEM_FORM_TOO_COSTLY : PROBLEM_NONE;
}

/* Lists show the definition's own title; a draft need not have one yet. */
static enum problem
title_of(struct request *rq, struct json_object *definition, const char **title)
{
    struct json_object *value = NULL;
    *title = "";
    if (!json_object_object_get_ex(definition, "title", &value)) {
        return PROBLEM_NONE;
    }
    if (!json_object_is_type(value, json_type_string) || json_object_get_string_len(value) > TITLE_MAX) {
        request_error(rq, "/definition/title", "title", "must be text of at most 500 bytes");
        return PROBLEM_INVALID_FORM;
    }
    const char *text = json_object_get_string(value);
    if (!display_is_text(text, (size_t)json_object_get_string_len(value))) {
        request_error(
            rq, "/definition/title", "title",
            "must be on one line, without control characters and signs that turn the direction of writing");
        return PROBLEM_INVALID_FORM;
    }
    *title = arena_text(rq->arena, text);
    return PROBLEM_NONE;
}

/* A draft may be unfinished; but when it compiles, its author learns at once what is dear. */
static void
rehearse_draft(struct request *rq, struct json_object *definition, struct checked_form *form)
{
    struct form_issues unheard;
    struct form_work work = form_work(rq->now, clock_processor_in_turns);
    form_issues_init(&unheard, rq->arena);
    form_issues_init(&form->issues, rq->arena);
    struct form *compiled = form_compile(definition, NULL, &unheard);
    if (compiled != NULL) {
        form_rehearse(compiled, definition, &work, rq->arena, &form->issues);
    }
    form_free(compiled);
}

enum problem
forms_draft(struct request *rq, struct json_object *definition, struct checked_form *form)
{
    const char *text = json_object_to_json_string_ext(definition, FORMS_JSON_FLAGS);
    if (text == NULL) {
        return PROBLEM_OVERLOADED;
    }
    form->text = arena_text(rq->arena, text);
    rehearse_draft(rq, definition, form);
    return title_of(rq, definition, &form->title);
}

size_t
forms_whole_characters(const char *text, size_t max)
{
    size_t size = strlen(text);
    if (size <= max) {
        return size;
    }
    size = max;
    while (size > 0 && ((unsigned char)text[size] & 0xC0) == 0x80) { /* inside a character */
        size--;
    }
    return size;
}

enum problem
forms_copy(struct request *rq, const char *definition, struct checked_form *form)
{
    static const char mark[] = " (copy)";
    struct json_object *value = forms_parse(rq, definition, strlen(definition));
    if (value == NULL) {
        return PROBLEM_INTERNAL;
    }
    struct json_object *stored = NULL;
    bool titled = json_object_object_get_ex(value, "title", &stored);
    const char *title = display_clean(rq->arena, titled ? json_object_get_string(stored) : "");
    size_t size = forms_whole_characters(title, TITLE_MAX - (sizeof mark - 1));
    const char *marked = arena_format(rq->arena, "%.*s%s", (int)size, title, size == 0 ? "Copy" : mark);
    struct json_object *text = json_object_new_string(marked);
    if (text == NULL || json_object_object_add(value, "title", text) != 0) {
        json_object_put(text);
        return PROBLEM_OVERLOADED;
    }
    return forms_draft(rq, value, form);
}

static enum problem
canonical_sha256(struct request *rq, struct json_object *value, unsigned char sha256[DIGEST_SIZE])
{
    struct buf canonical;
    buf_init(&canonical, CANONICAL_MAX);
    bool good = form_canonical(value, &canonical) && !canonical.failed;
    if (good) {
        digest_sha256((struct span){(const unsigned char *)buf_string(&canonical), canonical.size}, sha256);
    }
    buf_free(&canonical);
    if (!good) {
        log_event(LOG_ERROR, "not-canonical", LOG_TEXT("request", rq->id));
    }
    return good ? PROBLEM_NONE : PROBLEM_INTERNAL;
}

enum problem
forms_canonical_sha256(struct request *rq, const char *json, unsigned char sha256[DIGEST_SIZE])
{
    struct json_object *value = forms_parse(rq, json, strlen(json));
    return value == NULL ? PROBLEM_INTERNAL : canonical_sha256(rq, value, sha256);
}

bool
forms_note_errors(struct request *rq, const struct form_issues *issues)
{
    bool found = false;
    for (size_t i = 0; i < issues->count; i++) {
        const struct form_issue *issue = &issues->items[i];
        if (issue->severity == FORM_ERROR) {
            request_error(rq, issue->path, issue->code, issue->text);
            found = true;
        }
    }
    return found;
}

/* Nothing may be published whose codes nobody can check: what is a warning to the engine hinders here. */
static void
insist_on_value_sets(struct form_issues *issues)
{
    for (size_t i = 0; i < issues->count; i++) {
        struct form_issue *issue = &issues->items[i];
        if (issue->severity == FORM_WARNING && strcmp(issue->code, "value-set-not-known") == 0) {
            issue->severity = FORM_ERROR;
            issues->errors++;
        }
    }
}

enum problem
forms_judge(struct request *rq, const char *definition, struct checked_form *form)
{
    struct used_value_sets used;
    form->text = definition;
    form->json = forms_parse(rq, definition, strlen(definition));
    if (form->json == NULL) {
        return PROBLEM_INTERNAL;
    }
    enum problem problem = value_sets_used(rq, form->json, &used);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    form->value_sets = used.text;
    form_issues_init(&form->issues, rq->arena);
    struct form *compiled = form_compile(form->json, used.array, &form->issues);
    if (compiled == NULL && form->issues.errors == 0) {
        return PROBLEM_OVERLOADED;
    }
    if (compiled != NULL) {
        struct form_work work =
            form_work(rq->now, clock_processor_in_turns); /* as long as a patient's request has */
        form_rehearse(compiled, form->json, &work, rq->arena, &form->issues);
    }
    form_free(compiled);
    insist_on_value_sets(&form->issues);
    return PROBLEM_NONE;
}

enum problem
forms_check_text(struct request *rq, const char *definition, struct checked_form *form)
{
    enum problem problem = forms_judge(rq, definition, form);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (forms_note_errors(rq, &form->issues)) {
        return PROBLEM_INVALID_FORM;
    }
    problem = title_of(rq, form->json, &form->title);
    return problem != PROBLEM_NONE ? problem : canonical_sha256(rq, form->json, form->sha256);
}

const struct reply_definition_issue *
forms_issues(struct request *rq, const struct form_issues *issues)
{
    static const char *const severities[] = {
        [FORM_ERROR] = "error", [FORM_WARNING] = "warning", [FORM_INFORMATION] = "information"};
    struct reply_definition_issue *items = arena_array(rq->arena, issues->count, sizeof *items);
    for (size_t i = 0; i < issues->count; i++) {
        const struct form_issue *issue = &issues->items[i];
        items[i] = (struct reply_definition_issue){.severity = severities[issue->severity],
                                                   .pointer = issue->path,
                                                   .code = issue->code,
                                                   .detail = issue->text};
    }
    return items;
}

enum problem
forms_load(struct request *rq, const char *questionnaire_id, int64_t version, const struct form **form)
{
    *form = form_cache_get(rq->app->forms, questionnaire_id, version);
    if (*form != NULL) {
        return PROBLEM_NONE;
    }
    const struct q_questionnaire_version_text_row *row = NULL;
    struct q_questionnaire_version_text_in query = {.questionnaire_id = questionnaire_id, .version = version};
    enum problem problem = q_questionnaire_version_text(rq->tx, &query, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct form_issues issues;
    struct json_object *value = forms_parse(rq, row->definition, strlen(row->definition));
    struct json_object *sets = forms_parse(rq, row->value_sets, strlen(row->value_sets));
    form_issues_init(&issues, rq->arena);
    struct form *compiled = value == NULL ? NULL : form_compile(value, sets, &issues);
    if (compiled == NULL) {
        log_event(LOG_ERROR, "published-form-does-not-compile", LOG_TEXT("questionnaire", questionnaire_id),
                  LOG_INT("version", version));
        return PROBLEM_INTERNAL;
    }
    *form = form_cache_put(rq->app->forms, questionnaire_id, version, compiled);
    return PROBLEM_NONE;
}

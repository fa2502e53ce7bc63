/* Questionnaires as their authors see them: drafts, and the versions that were published. */
#include "app/app.h"
#include "app/page.h"
#include "build/gen/api.h"
#include "build/gen/sql.h"
#include "handlers/questionnaires/forms.h"
#include "handlers/questionnaires/questionnaire_view.h"
#include "lib/db/tx.h"

#include <stdlib.h>
#include <string.h>

/* GET /admin/questionnaires */
enum problem
h_questionnaire_list(struct request *rq, const struct questionnaire_list_in *in)
{
    struct page page;
    enum problem problem = page_open(rq, in->cursor, in->limit, &page);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const struct q_questionnaire_list_row *rows = NULL;
    size_t count = 0;
    struct q_questionnaire_list_in query = {
        .status = in->status, .words = in->q, .before = page.before, .fetch = page.fetch};
    problem = q_questionnaire_list_last(rq->tx, &query, &rows, &count);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    json_array_key(out, "items");
    size_t shown = page_shown(&page, count);
    for (size_t i = 0; i < shown; i++) {
        const struct q_questionnaire_list_row *row = &rows[i];
        struct questionnaire_summary it = {row->id,        row->status,     row->title,
                                           row->revision,  row->version,    row->has_version,
                                           row->has_draft, row->created_at, row->updated_at};
        json_begin_object(out);
        questionnaire_write_summary(out, &it);
        json_end_object(out);
    }
    page_close(rq, &page, count, shown == 0 ? NULL : rows[shown - 1].id);
    return PROBLEM_NONE;
}

/* POST /admin/questionnaires: a new draft. */
enum problem
h_questionnaire_create(struct request *rq, const struct questionnaire_create_in *in)
{
    struct checked_form form;
    enum problem problem = forms_draft(rq, in->definition, &form);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    char *id = arena_alloc(rq->arena, UUID_TEXT_SIZE);
    struct q_questionnaire_insert_in insert = {.id = uuid_new(id), .title = form.title, .draft = form.text};
    const struct q_questionnaire_insert_row *row = NULL;
    rq->result.object = id;
    problem = q_questionnaire_insert_last(rq->tx, &insert, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct questionnaire_summary it = {.id = id,
                                       .status = "draft",
                                       .title = form.title,
                                       .revision = row->revision,
                                       .has_draft = true,
                                       .created_at = row->created_at,
                                       .updated_at = row->created_at};
    questionnaire_write_whole(rq, &it, form.text, &form.issues);
    reply_header(rq, "Location", arena_format(rq->arena, "/admin/questionnaires/%s", id));
    return PROBLEM_NONE;
}

/* GET /admin/questionnaires/{id} */
enum problem
h_questionnaire_get(struct request *rq, const struct questionnaire_get_in *in)
{
    const struct q_questionnaire_read_row *row = NULL;
    enum problem problem =
        q_questionnaire_read_last(rq->tx, &(struct q_questionnaire_read_in){.id = in->id}, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct questionnaire_summary it = {in->id,         row->status,     row->title,
                                       row->revision,  row->version,    row->has_version,
                                       row->has_draft, row->created_at, row->updated_at};
    questionnaire_write_whole(rq, &it, row->definition, NULL);
    return PROBLEM_NONE;
}

/* PUT /admin/questionnaires/{id}/draft: replace the draft, if nobody else has since. */
enum problem
h_questionnaire_draft_put(struct request *rq, const struct questionnaire_draft_put_in *in)
{
    struct checked_form form;
    enum problem problem = forms_draft(rq, in->definition, &form);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const struct q_questionnaire_lock_row *now = NULL;
    problem = q_questionnaire_lock(rq->tx, &(struct q_questionnaire_lock_in){.id = in->id}, &now);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (now->revision != in->if_match) {
        return PROBLEM_STALE_REVISION;
    }
    if (strcmp(now->status, "retired") == 0) {
        return PROBLEM_QUESTIONNAIRE_STATE;
    }
    struct q_questionnaire_draft_update_in update = {
        .id = in->id, .revision = in->if_match, .title = form.title, .draft = form.text};
    const struct q_questionnaire_draft_update_row *row = NULL;
    problem = q_questionnaire_draft_update_last(rq->tx, &update, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct questionnaire_summary it = {in->id,        row->status,     row->title,
                                       row->revision, row->version,    row->has_version,
                                       true,          row->created_at, row->updated_at};
    questionnaire_write_whole(rq, &it, form.text, &form.issues);
    return PROBLEM_NONE;
}

/* Versions are numbered, so their pages go by number. */
static enum problem
version_cursor(struct request *rq, const char *cursor, struct q_questionnaire_version_list_in *query)
{
    if (cursor == NULL) {
        return PROBLEM_NONE;
    }
    char *end = NULL;
    long version = strtol(cursor, &end, 10);
    if (end == cursor || *end != '\0' || version < 1 || version > INT32_MAX) {
        request_error(rq, "/query/cursor", "cursor", "is not a cursor that this list gave");
        return PROBLEM_INVALID_REQUEST;
    }
    query->before = version;
    query->has_before = true;
    return PROBLEM_NONE;
}

/* GET /admin/questionnaires/{id}/versions */
enum problem
h_questionnaire_version_list(struct request *rq, const struct questionnaire_version_list_in *in)
{
    struct page page;
    enum problem problem = page_open(rq, NULL, in->limit, &page);
    struct q_questionnaire_version_list_in query = {.questionnaire_id = in->id, .fetch = page.fetch};
    if (problem == PROBLEM_NONE) {
        problem = version_cursor(rq, in->cursor, &query);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const struct q_questionnaire_version_list_row *rows = NULL;
    size_t count = 0;
    problem = q_questionnaire_version_list(rq->tx, &query, &rows, &count);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (count == 0) {
        /* No version yet, or no such questionnaire? */
        const struct q_questionnaire_exists_row *it = NULL;
        problem = q_questionnaire_exists(rq->tx, &(struct q_questionnaire_exists_in){.id = in->id}, &it);
        if (problem != PROBLEM_NONE) {
            return problem;
        }
    }
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    json_array_key(out, "items");
    size_t shown = page_shown(&page, count);
    for (size_t i = 0; i < shown; i++) {
        json_begin_object(out);
        json_int(out, "version", rows[i].version);
        json_text(out, "title", rows[i].title);
        json_time(out, "published_at", rows[i].published_at);
        json_text(out, "definition_sha256", forms_hex(rq, rows[i].definition_sha256));
        json_text(out, "on_drafts", rows[i].on_drafts);
        json_end_object(out);
    }
    const char *last =
        shown == 0 ? NULL : arena_format(rq->arena, "%lld", (long long)rows[shown - 1].version);
    page_close(rq, &page, count, last);
    return PROBLEM_NONE;
}

/* GET /admin/questionnaires/{id}/versions/{n} */
enum problem
h_questionnaire_version_get(struct request *rq, const struct questionnaire_version_get_in *in)
{
    const struct q_questionnaire_version_read_row *row = NULL;
    struct q_questionnaire_version_read_in query = {.questionnaire_id = in->id, .version = in->n};
    enum problem problem = q_questionnaire_version_read_last(rq->tx, &query, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    json_int(out, "version", in->n);
    json_text(out, "title", row->title);
    json_time(out, "published_at", row->published_at);
    json_text(out, "definition_sha256", forms_hex(rq, row->definition_sha256));
    json_text(out, "on_drafts", row->on_drafts);
    json_raw(out, "definition", row->definition);
    json_raw(out, "value_sets", row->value_sets);
    json_end_object(out);
    return PROBLEM_NONE;
}

/* What the signed-in patient is asked to answer. */
#include "app/app.h"
#include "app/keys.h"
#include "app/page.h"
#include "build/gen/api.h"
#include "build/gen/sql.h"
#include "handlers/responses/migration.h"
#include "handlers/responses/response_document.h"
#include "handlers/responses/response_view.h"
#include "lib/db/tx.h"

/* GET /patient/questionnaires */
enum problem
h_my_questionnaire_list(struct request *rq, const struct my_questionnaire_list_in *in)
{
    struct page page;
    enum problem problem = page_open(rq, in->cursor, in->limit, &page);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const struct q_my_questionnaire_list_row *rows = NULL;
    size_t count = 0;
    problem = q_my_questionnaire_list_last(
        rq->tx, &(struct q_my_questionnaire_list_in){.before = page.before, .fetch = page.fetch}, &rows,
        &count);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    json_array_key(out, "items");
    size_t shown = page_shown(&page, count);
    for (size_t i = 0; i < shown; i++) {
        const struct q_my_questionnaire_list_row *row = &rows[i];
        json_begin_object(out);
        json_text(out, "assignment_id", row->assignment_id);
        json_text(out, "questionnaire_id", row->questionnaire_id);
        json_int(out, "version", row->version);
        json_text(out, "title", row->title);
        json_text(out, "status", row->status);
        json_optional_time(out, "due_at", row->has_due_at, row->due_at);
        json_text(out, "response_id", row->response_id);
        json_text(out, "response_status", row->response_status);
        write_progress(out, row->has_total, row->answered, row->total, row->required_missing);
        json_end_object(out);
    }
    page_close(rq, &page, count, shown == 0 ? NULL : rows[shown - 1].assignment_id);
    return PROBLEM_NONE;
}

static enum problem
read_row(struct request *rq, const char *assignment_id, struct span key,
         const struct q_my_questionnaire_read_row **row)
{
    struct q_my_questionnaire_read_in query = {.assignment_id = assignment_id, .key = key};
    enum problem problem = q_my_questionnaire_read_last(rq->tx, &query, row);
    return problem;
}

static void
write_row(struct request *rq, const char *assignment_id, const struct q_my_questionnaire_read_row *row)
{
    bool begun = row->response_id != NULL;
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    json_text(out, "assignment_id", assignment_id);
    json_text(out, "questionnaire_id", row->questionnaire_id);
    json_int(out, "version", row->version);
    json_text(out, "title", row->title);
    json_text(out, "status", row->status);
    json_optional_time(out, "due_at", row->has_due_at, row->due_at);
    json_text(out, "response_id", row->response_id);
    json_text(out, "response_status", row->response_status);
    write_progress(out, row->has_total, row->answered, row->total, row->required_missing);
    json_optional_int(out, "revision", begun, row->revision);
    migration_write(out,
                    &(struct migrated){row->migrated_from, row->migrated_to, row->migrated_at, row->dropped});
    json_raw(out, "definition", row->definition);
    json_raw(out, "value_sets", row->value_sets);
    if (!begun) {
        json_null(out, "response");
        json_end_object(out);
        return;
    }
    json_key(out, "response");
    response_document_write(
        out->buf,
        &(struct response_document){.id = row->response_id,
                                    .patient_id = row->patient_id,
                                    .questionnaire_id = row->questionnaire_id,
                                    .version = row->version,
                                    .status = row->response_status,
                                    .authored = row->has_submitted_at ? row->submitted_at : row->updated_at,
                                    .items = row->answers});
    out->comma = true;
    json_end_object(out);
    reply_etag(rq, row->revision);
}

/* GET /patient/questionnaires/{assignment_id}: what is to move to a newer version does so first. */
enum problem
h_my_questionnaire_get(struct request *rq, const struct my_questionnaire_get_in *in)
{
    struct span key;
    const struct q_my_questionnaire_read_row *row = NULL;
    enum problem problem = keys_own(rq, &key);
    if (problem == PROBLEM_NONE) {
        problem = read_row(rq, in->assignment_id, key, &row);
    }
    if (problem == PROBLEM_NONE && row->has_moves_to) {
        problem = migration_run(rq, in->assignment_id, key);
        if (problem == PROBLEM_NONE) {
            problem = read_row(rq, in->assignment_id, key, &row);
        }
    }
    if (problem == PROBLEM_NONE) {
        write_row(rq, in->assignment_id, row);
    }
    return problem;
}

/* What the signed-in patient is asked to answer. */
#include "app/app.h"
#include "app/keys.h"
#include "app/page.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/responses/migration.h"
#include "handlers/responses/response_document.h"
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
    size_t shown = page_shown(&page, count);
    struct reply_my_questionnaire_item *items = arena_array(rq->arena, shown, sizeof *items);
    for (size_t i = 0; i < shown; i++) {
        const struct q_my_questionnaire_list_row *row = &rows[i];
        const struct reply_progress *progress =
            reply_progress_if(rq->arena, row->has_total, REPLY_PROGRESS_OF(row));
        items[i] = REPLY_MY_QUESTIONNAIRE_ITEM_OF(row, progress);
    }
    reply_my_questionnaire_list(
        &rq->reply.json,
        &(struct reply_my_questionnaire_list){.items = items,
                                              .items_count = shown,
                                              .next_cursor = PAGE_NEXT(&page, rows, count, assignment_id)});
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
write_row(struct request *rq, const struct q_my_questionnaire_read_row *row)
{
    const char *document = reply_null;
    if (row->response_id != NULL) {
        document =
            response_document(rq, &(struct response_document){
                                      .id = row->response_id,
                                      .patient_id = row->patient_id,
                                      .questionnaire_id = row->questionnaire_id,
                                      .version = row->version,
                                      .status = row->response_status,
                                      .authored = row->has_submitted_at ? row->submitted_at : row->updated_at,
                                      .items = row->answers});
        reply_etag(rq, row->revision);
    }
    const struct reply_progress *progress =
        reply_progress_if(rq->arena, row->has_total, REPLY_PROGRESS_OF(row));
    const struct reply_migrated *migrated =
        reply_migrated_if(rq->arena, row->has_from_version, REPLY_MIGRATED_OF(row, row->dropped));
    reply_my_questionnaire(
        &rq->reply.json,
        &REPLY_MY_QUESTIONNAIRE_OF(row, progress, migrated, row->definition, row->value_sets, document));
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
        write_row(rq, row);
    }
    return problem;
}

#include "handlers/responses/response_view.h"

#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/responses/migration.h"
#include "handlers/responses/response_document.h"
#include "lib/db/tx.h"

static void
write_view(struct request *rq, const struct q_response_read_row *row, enum response_viewer viewer)
{
    struct json_out *out = &rq->reply.json;
    const char *document = response_document(
        rq,
        &(struct response_document){.id = row->id,
                                    .patient_id = row->patient_id,
                                    .questionnaire_id = row->questionnaire_id,
                                    .version = row->version,
                                    .status = row->status,
                                    .authored = row->has_submitted_at ? row->submitted_at : row->updated_at,
                                    .items = row->answers});
    const char *scores = row->scores == NULL ? "[]" : row->scores;
    const struct reply_migrated *migrated =
        reply_migrated_if(rq->arena, row->has_from_version, REPLY_MIGRATED_OF(row, row->dropped));
    const struct reply_proof *proof =
        reply_proof_if(rq->arena, row->response_sha256.data != NULL, REPLY_PROOF_OF(row));
    if (viewer == VIEW_STAFF) {
        reply_response_record(
            out, &REPLY_RESPONSE_RECORD_OF(row, document, migrated, scores, row->uploads, proof));
    } else {
        struct reply_progress progress = REPLY_PROGRESS_OF(row);
        reply_my_response(
            out, &REPLY_MY_RESPONSE_OF(row, progress, document, migrated, scores, row->uploads, proof));
    }
    reply_etag(rq, row->revision);
}

static enum problem
read_row(struct request *rq, const char *id, struct span key, const struct q_response_read_row **row)
{
    return q_response_read_last(rq->tx, &(struct q_response_read_in){.id = id, .key = key}, row);
}

enum problem
response_view(struct request *rq, const char *id, struct span key, enum response_viewer viewer)
{
    const struct q_response_read_row *row = NULL;
    enum problem problem = read_row(rq, id, key, &row);
    if (problem == PROBLEM_NONE && viewer == VIEW_PATIENT && row->has_moves_to_version) {
        problem = migration_run(rq, row->assignment_id, key);
        if (problem == PROBLEM_NONE) {
            problem = read_row(rq, id, key, &row);
        }
    }
    if (problem == PROBLEM_NONE) {
        write_view(rq, row, viewer);
    }
    return problem;
}

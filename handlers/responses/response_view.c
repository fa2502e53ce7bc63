#include "handlers/responses/response_view.h"

#include "build/gen/sql.h"
#include "handlers/responses/migration.h"
#include "handlers/responses/response_document.h"
#include "lib/db/tx.h"

void
write_progress(struct json_out *out, bool given, int64_t answered, int64_t total, int64_t required_missing)
{
    if (!given) {
        json_null(out, "progress");
        return;
    }
    json_object_key(out, "progress");
    json_int(out, "answered", answered);
    json_int(out, "total", total);
    json_int(out, "required_missing", required_missing);
    json_end_object(out);
}

static void
write_view(struct request *rq, const char *id, const struct q_response_read_row *row,
           enum response_viewer viewer)
{
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    json_text(out, "id", id);
    if (viewer == VIEW_STAFF) {
        json_text(out, "patient_id", row->patient_id);
    }
    json_text(out, "assignment_id", row->assignment_id);
    json_text(out, "questionnaire_id", row->questionnaire_id);
    json_int(out, "version", row->version);
    json_text(out, "title", row->title);
    json_text(out, "status", row->status);
    json_text(out, "amends", row->amends);
    json_int(out, "revision", row->revision);
    json_time(out, "started_at", row->started_at);
    json_time(out, "updated_at", row->updated_at);
    json_optional_time(out, "submitted_at", row->has_submitted_at, row->submitted_at);
    if (viewer == VIEW_PATIENT) {
        write_progress(out, row->has_total, row->answered, row->total, row->required_missing);
    }
    json_key(out, "response");
    response_document_write(
        out->buf,
        &(struct response_document){.id = id,
                                    .patient_id = row->patient_id,
                                    .questionnaire_id = row->questionnaire_id,
                                    .version = row->version,
                                    .status = row->status,
                                    .authored = row->has_submitted_at ? row->submitted_at : row->updated_at,
                                    .items = row->answers});
    out->comma = true;
    json_optional_int(out, "moves_to_version", row->has_moves_to, row->moves_to);
    migration_write(out,
                    &(struct migrated){row->migrated_from, row->migrated_to, row->migrated_at, row->dropped});
    json_raw(out, "scores", row->scores == NULL ? "[]" : row->scores);
    if (row->response_sha256.data == NULL) {
        json_null(out, "proof");
    } else {
        response_proof_write(rq, row->definition_sha256, row->response_sha256);
    }
    json_end_object(out);
    reply_etag(rq, row->revision);
}

static enum problem
read_row(struct request *rq, const char *id, struct span key, const struct q_response_read_row **row)
{
    enum problem problem =
        q_response_read_last(rq->tx, &(struct q_response_read_in){.id = id, .key = key}, row);
    return problem;
}

enum problem
response_view(struct request *rq, const char *id, struct span key, enum response_viewer viewer)
{
    const struct q_response_read_row *row = NULL;
    enum problem problem = read_row(rq, id, key, &row);
    if (problem == PROBLEM_NONE && viewer == VIEW_PATIENT && row->has_moves_to) {
        problem = migration_run(rq, row->assignment_id, key);
        if (problem == PROBLEM_NONE) {
            problem = read_row(rq, id, key, &row);
        }
    }
    if (problem == PROBLEM_NONE) {
        write_view(rq, id, row, viewer);
    }
    return problem;
}

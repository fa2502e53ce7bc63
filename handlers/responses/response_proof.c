/* What proves a completed response, and what became of it: for the practice's staff. */
#include "app/app.h"
#include "app/keys.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/questionnaires/forms.h"
#include "handlers/responses/response_document.h"
#include "handlers/responses/response_view.h"
#include "lib/base/log.h"
#include "lib/crypto/digest.h"
#include "lib/db/tx.h"

#include <string.h>

/* Whether a document still has the hash that was stored with it. */
static enum problem
holds(struct request *rq, const char *document, struct span stored, bool *verified)
{
    unsigned char sha256[DIGEST_SIZE];
    enum problem problem = forms_canonical_sha256(rq, document, sha256);
    *verified = *verified && stored.size == DIGEST_SIZE && memcmp(stored.data, sha256, DIGEST_SIZE) == 0;
    return problem;
}

static enum problem
write_proof(struct request *rq, const char *id, const struct q_response_proof_row *row)
{
    bool verified = true;
    unsigned char sets_sha256[DIGEST_SIZE];
    /* The document as it was hashed when it was submitted. */
    const char *document =
        response_document(rq, &(struct response_document){.id = id,
                                                          .patient_id = row->patient_id,
                                                          .questionnaire_id = row->questionnaire_id,
                                                          .version = row->version,
                                                          .status = row->status,
                                                          .authored = row->submitted_at,
                                                          .items = row->answers});
    enum problem problem = holds(rq, row->definition, row->definition_sha256, &verified);
    if (problem == PROBLEM_NONE) {
        problem = holds(rq, document, row->response_sha256, &verified);
    }
    if (problem == PROBLEM_NONE) {
        problem = forms_canonical_sha256(rq, row->value_sets, sets_sha256);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (!verified) {
        log_event(LOG_ERROR, "proof-does-not-hold", LOG_TEXT("response", id));
    }
    struct reply_amended_proof amends = {.id = row->amends, .response_sha256 = row->amends_sha256};
    reply_response_proof(&rq->reply.json,
                         &(struct reply_response_proof){
                             .id = id,
                             .status = row->status,
                             .questionnaire_id = row->questionnaire_id,
                             .version = reply_integer(row->version),
                             .submitted_at = reply_time(row->submitted_at),
                             .amends = reply_amended_proof_if(rq->arena, row->amends != NULL, amends),
                             .definition_sha256 = row->definition_sha256,
                             .response_sha256 = row->response_sha256,
                             .value_sets_sha256 = {sets_sha256, sizeof sets_sha256},
                             .verified = reply_flag(verified),
                             .definition = row->definition,
                             .value_sets = row->value_sets,
                             .response = document});
    return PROBLEM_NONE;
}

/* GET /admin/responses/{id}/proof: everything with which the hashes can be computed again elsewhere. */
enum problem
h_response_proof(struct request *rq, const struct response_proof_in *in)
{
    struct span key;
    enum problem problem = keys_of_response(rq, in->id, &key);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const struct q_response_proof_row *row = NULL;
    problem = q_response_proof_last(rq->tx, &(struct q_response_proof_in){.id = in->id, .key = key}, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    return row->response_sha256.data == NULL ? PROBLEM_NOT_COMPLETED : write_proof(rq, in->id, row);
}

static struct reply_history_step
step_of(struct request *rq, const struct q_response_history_row *row)
{
    struct reply_history_step_by by = {.id = row->patient_id}; /* nobody else can write answers */
    const struct reply_proof *proof =
        reply_proof_if(rq->arena, row->response_sha256.data != NULL, REPLY_PROOF_OF(row));
    return REPLY_HISTORY_STEP_OF(row, by, proof);
}

struct steps {
    const struct q_response_history_row *rows;
    size_t count;
};

static void
keep_steps(void *context, const void *rows, size_t count)
{
    struct steps *steps = context;
    steps->rows = rows;
    steps->count = count;
}

/* GET /admin/responses/{id}/history: the response and its amendments, whichever of them is asked for. */
enum problem
h_response_history(struct request *rq, const struct response_history_in *in)
{
    struct span key;
    enum problem problem = keys_of_response(rq, in->id, &key);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct steps steps = {NULL, 0};
    const struct q_response_migrations_row *moves = NULL;
    size_t moved = 0;
    tx_later(rq->tx, &statement_response_history, &(struct q_response_history_in){.id = in->id, .key = key},
             keep_steps, &steps);
    struct q_response_migrations_in query = {.id = in->id, .key = key};
    problem = q_response_migrations_last(rq->tx, &query, &moves, &moved);
    if (problem != PROBLEM_NONE || steps.count == 0) {
        return problem != PROBLEM_NONE ? problem : PROBLEM_NOT_FOUND;
    }
    struct reply_history_step *responses = arena_array(rq->arena, steps.count, sizeof *responses);
    for (size_t i = 0; i < steps.count; i++) {
        responses[i] = step_of(rq, &steps.rows[i]);
    }
    struct reply_history_migration *migrations = arena_array(rq->arena, moved, sizeof *migrations);
    for (size_t i = 0; i < moved; i++) {
        migrations[i] = REPLY_HISTORY_MIGRATION_OF(&moves[i], moves[i].dropped);
    }
    reply_response_history(
        &rq->reply.json, &(struct reply_response_history){.assignment_id = steps.rows[0].assignment_id,
                                                          .questionnaire_id = steps.rows[0].questionnaire_id,
                                                          .patient_id = steps.rows[0].patient_id,
                                                          .responses = responses,
                                                          .responses_count = steps.count,
                                                          .migrations = migrations,
                                                          .migrations_count = moved});
    return PROBLEM_NONE;
}

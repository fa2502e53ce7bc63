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
#include "lib/crypto/files_key.h"
#include "lib/db/tx.h"
#include "lib/store/declared.h"

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

/* The files that the response shows. */
struct shown {
    const struct q_response_proof_files_row *rows;
    size_t count;
};

static void
keep_shown(void *context, const void *rows, size_t count)
{
    struct shown *shown = context;
    shown->rows = rows;
    shown->count = count;
}

/* With the digests that were declared, opened by the patient's key. NULL when one does not open. */
static const struct reply_proof_file *
files_of(struct request *rq, struct span key, const struct shown *shown)
{
    unsigned char *files_key = arena_alloc(rq->arena, FILES_KEY_SIZE);
    struct reply_proof_file *files = arena_array(rq->arena, shown->count, sizeof *files);
    files_key_of(key.data, files_key);
    for (size_t i = 0; i < shown->count; i++) {
        const struct q_response_proof_files_row *row = &shown->rows[i];
        struct declared *declared = arena_alloc(rq->arena, sizeof *declared);
        if (!declared_open(files_key, row->id, row->declared, declared)) {
            log_event(LOG_ERROR, "upload-does-not-open", LOG_TEXT("upload", row->id));
            return NULL;
        }
        files[i] = (struct reply_proof_file){.id = row->id,
                                             .link_id = row->link_id,
                                             .filename = row->filename,
                                             .content_type = row->content_type,
                                             .size = reply_integer(row->size),
                                             .sha256 = {declared->sha256, sizeof declared->sha256}};
    }
    return files;
}

static enum problem
write_proof(struct request *rq, const char *id, const struct q_response_proof_row *row,
            const struct reply_proof_file *files, size_t files_count)
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
                             .response = document,
                             .files = files,
                             .files_count = files_count});
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
    struct shown shown = {NULL, 0};
    tx_later(rq->tx, &statement_response_proof_files,
             &(struct q_response_proof_files_in){.id = in->id, .key = key}, keep_shown, &shown);
    problem = q_response_proof_last(rq->tx, &(struct q_response_proof_in){.id = in->id, .key = key}, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (row->response_sha256.data == NULL) {
        return PROBLEM_NOT_COMPLETED;
    }
    const struct reply_proof_file *files = files_of(rq, key, &shown);
    return files == NULL ? PROBLEM_INTERNAL : write_proof(rq, in->id, row, files, shown.count);
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

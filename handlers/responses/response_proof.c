/* What proves a completed response, and what became of it: for the practice's staff. */
#include "app/app.h"
#include "app/keys.h"
#include "build/gen/api.h"
#include "build/gen/sql.h"
#include "handlers/questionnaires/forms.h"
#include "handlers/responses/response_document.h"
#include "handlers/responses/response_view.h"
#include "lib/base/log.h"
#include "lib/crypto/digest.h"
#include "lib/db/tx.h"

#include <string.h>

/* The document as it was hashed when it was submitted; in the arena. */
static const char *
document_of(struct request *rq, const char *id, const struct q_response_proof_row *row)
{
    struct buf text;
    buf_init(&text, REPLY_BODY_MAX);
    response_document_write(&text, &(struct response_document){.id = id,
                                                               .patient_id = row->patient_id,
                                                               .questionnaire_id = row->questionnaire_id,
                                                               .version = row->version,
                                                               .status = row->status,
                                                               .authored = row->submitted_at,
                                                               .items = row->answers});
    const char *copy = text.failed ? NULL : arena_copy(rq->arena, text.data, text.size);
    buf_free(&text);
    return copy;
}

/* Whether a document still has the hash that was stored with it. */
static enum problem
holds(struct request *rq, const char *document, struct span stored, bool *verified)
{
    unsigned char sha256[DIGEST_SIZE];
    enum problem problem = forms_canonical_sha256(rq, document, sha256);
    *verified = *verified && stored.size == DIGEST_SIZE && memcmp(stored.data, sha256, DIGEST_SIZE) == 0;
    return problem;
}

static void
write_amends(struct request *rq, const struct q_response_proof_row *row)
{
    struct json_out *out = &rq->reply.json;
    if (row->amends == NULL) {
        json_null(out, "amends");
        return;
    }
    json_object_key(out, "amends");
    json_text(out, "id", row->amends);
    json_text(out, "response_sha256", forms_hex(rq, row->amends_sha256));
    json_end_object(out);
}

static enum problem
write_proof(struct request *rq, const char *id, const struct q_response_proof_row *row)
{
    bool verified = true;
    unsigned char sets_sha256[DIGEST_SIZE];
    const char *document = document_of(rq, id, row);
    if (document == NULL) {
        return PROBLEM_INTERNAL;
    }
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
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    json_text(out, "id", id);
    json_text(out, "status", row->status);
    json_text(out, "questionnaire_id", row->questionnaire_id);
    json_int(out, "version", row->version);
    json_time(out, "submitted_at", row->submitted_at);
    write_amends(rq, row);
    json_text(out, "hash", "SHA-256");
    json_text(out, "canonicalization", "RFC 8785");
    json_text(out, "definition_sha256", forms_hex(rq, row->definition_sha256));
    json_text(out, "response_sha256", forms_hex(rq, row->response_sha256));
    json_text(out, "value_sets_sha256", forms_hex(rq, (struct span){sets_sha256, sizeof sets_sha256}));
    json_flag(out, "verified", verified);
    json_raw(out, "definition", row->definition);
    json_raw(out, "value_sets", row->value_sets);
    json_raw(out, "response", document);
    json_end_object(out);
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

static void
write_step(struct request *rq, const struct q_response_history_row *row)
{
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    json_text(out, "id", row->id);
    json_text(out, "amends", row->amends);
    json_text(out, "status", row->status);
    json_int(out, "version", row->version);
    json_int(out, "revision", row->revision);
    json_object_key(out, "by");
    json_text(out, "realm", "patient"); /* nobody else can write answers */
    json_text(out, "id", row->patient_id);
    json_end_object(out);
    json_time(out, "started_at", row->started_at);
    json_time(out, "updated_at", row->updated_at);
    json_optional_time(out, "submitted_at", row->has_submitted_at, row->submitted_at);
    if (row->response_sha256.data == NULL) {
        json_null(out, "proof");
    } else {
        response_proof_write(rq, row->definition_sha256, row->response_sha256);
    }
    json_end_object(out);
}

static void
write_migration(struct json_out *out, const struct q_response_migrations_row *row)
{
    json_begin_object(out);
    json_text(out, "response_id", row->response_id);
    json_int(out, "from_version", row->from_version);
    json_int(out, "to_version", row->to_version);
    json_int(out, "revision", row->revision);
    json_time(out, "migrated_at", row->migrated_at);
    json_raw(out, "dropped", row->dropped);
    json_end_object(out);
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
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    json_text(out, "assignment_id", steps.rows[0].assignment_id);
    json_text(out, "questionnaire_id", steps.rows[0].questionnaire_id);
    json_text(out, "patient_id", steps.rows[0].patient_id);
    json_array_key(out, "responses");
    for (size_t i = 0; i < steps.count; i++) {
        write_step(rq, &steps.rows[i]);
    }
    json_end_array(out);
    json_array_key(out, "migrations");
    for (size_t i = 0; i < moved; i++) {
        write_migration(out, &moves[i]);
    }
    json_end_array(out);
    json_end_object(out);
    return PROBLEM_NONE;
}

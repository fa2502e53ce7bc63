/* The patient's responses: begun, read, submitted. Auto-save is in my_autosave.c. */
#include "app/app.h"
#include "app/keys.h"
#include "app/page.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/questionnaires/forms.h"
#include "handlers/responses/answers.h"
#include "handlers/responses/files.h"
#include "handlers/responses/response_document.h"
#include "handlers/responses/response_view.h"
#include "lib/base/clock.h"
#include "lib/crypto/digest.h"
#include "lib/db/tx.h"

#include <string.h>

/* GET /patient/responses */
enum problem
h_my_response_list(struct request *rq, const struct my_response_list_in *in)
{
    struct page page;
    enum problem problem = page_open(rq, in->cursor, in->limit, &page);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const struct q_my_response_list_row *rows = NULL;
    size_t count = 0;
    problem = q_my_response_list_last(
        rq->tx, &(struct q_my_response_list_in){.before = page.before, .fetch = page.fetch}, &rows, &count);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    size_t shown = page_shown(&page, count);
    struct reply_my_response_item *items = arena_array(rq->arena, shown, sizeof *items);
    for (size_t i = 0; i < shown; i++) {
        items[i] = REPLY_MY_RESPONSE_ITEM_OF(&rows[i]);
    }
    reply_my_response_list(
        &rq->reply.json, &(struct reply_my_response_list){.items = items,
                                                          .items_count = shown,
                                                          .next_cursor = PAGE_NEXT(&page, rows, count, id)});
    return PROBLEM_NONE;
}

/* The first response to an assignment: what its questionnaire begins with. */
static enum problem
begin(struct request *rq, const char *assignment_id, const struct q_my_assignment_lock_row *assignment,
      struct span key, const char *id)
{
    const struct form *form = NULL;
    int64_t version = assignment->has_moves_to ? assignment->moves_to : assignment->version;
    enum problem problem = forms_load(rq, assignment->questionnaire_id, version, &form);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (assignment->has_moves_to) {
        rq->result.outcome = "migrated";
        q_my_assignment_move_later(rq->tx, &(struct q_my_assignment_move_in){assignment_id, version});
    }
    struct form_progress progress;
    struct answers answers;
    problem = answers_begin(rq, form, &answers);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct form_issues issues; /* what is wrong with it is told when it is saved */
    problem = answers_judge(rq, form, &answers, NULL, 0, &issues, &progress);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    int64_t affected = 0;
    q_my_assignment_status_later(rq->tx, &(struct q_my_assignment_status_in){assignment_id, "in-progress"});
    struct q_my_response_insert_in insert = {.id = id,
                                             .assignment_id = assignment_id,
                                             .questionnaire_id = assignment->questionnaire_id,
                                             .version = version,
                                             .key = key,
                                             .answers = answers_text(rq, &answers),
                                             .answered = progress.answered,
                                             .total = progress.total,
                                             .required_missing = progress.required_missing};
    problem = q_my_response_insert(rq->tx, &insert, &affected);
    /* There is one that the patient does not see: it was begun before the account was recovered. */
    bool held = problem == PROBLEM_CONFLICT && strcmp(tx_constraint(rq->tx), "response_amendment_key") == 0;
    return held ? PROBLEM_ANSWERS_HELD : problem;
}

/* POST /patient/responses: 201 when this begins the answers, 200 when they were there. */
enum problem
h_my_response_create(struct request *rq, const struct my_response_create_in *in)
{
    struct span key;
    enum problem problem = keys_own(rq, &key);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const struct q_my_assignment_lock_row *assignment = NULL;
    problem = q_my_assignment_lock(rq->tx, &(struct q_my_assignment_lock_in){in->assignment_id}, &assignment);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const struct q_my_response_of_assignment_row *there = NULL;
    struct q_my_response_of_assignment_in query = {in->assignment_id};
    problem = q_my_response_of_assignment(rq->tx, &query, &there);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    char *id = arena_alloc(rq->arena, UUID_TEXT_SIZE);
    if (there == NULL) {
        problem = begin(rq, in->assignment_id, assignment, key, uuid_new(id));
        reply_header(rq, "Location", arena_format(rq->arena, "/patient/responses/%s", id));
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    rq->reply.status = there == NULL ? 201 : 200;
    rq->result.object = there == NULL ? id : there->id;
    return response_view(rq, rq->result.object, key, VIEW_PATIENT);
}

/* GET /patient/responses/{id} */
enum problem
h_my_response_get(struct request *rq, const struct my_response_get_in *in)
{
    struct span key;
    enum problem problem = keys_own(rq, &key);
    return problem != PROBLEM_NONE ? problem : response_view(rq, in->id, key, VIEW_PATIENT);
}

struct completed {
    const struct answers *answers;
    const char *scores;  /* JSON */
    const char *uploads; /* the same */
    const struct form_progress *progress;
};

/* Stores the completed response and writes what the patient keeps as proof. */
static enum problem
complete(struct request *rq, const char *id, const struct q_my_response_lock_row *now, struct span key,
         const struct completed *what)
{
    /* Milliseconds are what the API shows, so that the proof can be computed from what was shown. */
    int64_t submitted_at = rq->now / 1000 * 1000;
    const char *text = answers_items_text(rq, what->answers);
    const char *status = now->amends == NULL ? "completed" : "amended";
    const char *document =
        response_document(rq, &(struct response_document){.id = id,
                                                          .patient_id = now->patient_id,
                                                          .questionnaire_id = now->questionnaire_id,
                                                          .version = now->version,
                                                          .status = status,
                                                          .authored = submitted_at,
                                                          .items = text});
    unsigned char *sha256 = arena_alloc(rq->arena, DIGEST_SIZE);
    enum problem problem = forms_canonical_sha256(rq, document, sha256);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct span proof = {sha256, DIGEST_SIZE};
    q_my_assignment_status_later(rq->tx,
                                 &(struct q_my_assignment_status_in){now->assignment_id, "completed"});
    const struct q_my_response_submit_row *row = NULL;
    struct q_my_response_submit_in submit = {.id = id,
                                             .key = key,
                                             .answers = text,
                                             .scores = what->scores,
                                             .submitted_at = submitted_at,
                                             .response_sha256 = proof,
                                             .answered = what->progress->answered,
                                             .total = what->progress->total};
    problem = q_my_response_submit_last(rq->tx, &submit, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    reply_submitted(&rq->reply.json,
                    &(struct reply_submitted){
                        .id = id,
                        .status = status,
                        .revision = reply_integer(row->revision),
                        .submitted_at = reply_time(submitted_at),
                        .scores = what->scores,
                        .uploads = what->uploads,
                        .proof = {.definition_sha256 = row->definition_sha256, .response_sha256 = proof}});
    reply_etag(rq, row->revision);
    return PROBLEM_NONE;
}

/* POST /patient/responses/{id}/submit: everything is checked, then the response is closed for ever. */
enum problem
h_my_response_submit(struct request *rq, const struct my_response_submit_in *in)
{
    struct span key;
    const struct q_my_response_lock_row *now = NULL;
    const struct form *form = NULL;
    enum problem problem = answers_open(rq, in->id, &key, &now, &form);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (now->revision != in->if_match) {
        return PROBLEM_STALE_REVISION;
    }
    if (now->has_moves_to) {
        return PROBLEM_VERSION_CHANGED; /* nothing is lost: what was saved is carried over when it is opened
                                         */
    }
    struct answers answers;
    struct form_progress progress;
    problem = answers_read(rq, now->answers, &answers);
    if (problem == PROBLEM_NONE) {
        problem = answers_submit(rq, form, &answers, &progress);
    }
    const char *uploads = "[]";
    if (problem == PROBLEM_NONE) {
        problem = files_submit(rq, in->id, form, answers.items, &uploads);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const char *scores = answers_scores(rq, form, &answers);
    return scores == NULL
               ? PROBLEM_OVERLOADED
               : complete(rq, in->id, now, key, &(struct completed){&answers, scores, uploads, &progress});
}

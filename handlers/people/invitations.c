/* Invitations: time-limited, single-use links by which a patient registers. */
#include "app/app.h"
#include "app/keys.h"
#include "app/outbox.h"
#include "app/page.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/people/addresses.h"
#include "handlers/questionnaires/assigning.h"
#include "lib/base/clock.h"
#include "lib/crypto/token.h"
#include "lib/db/tx.h"

#include <json-c/json.h>
#include <string.h>

enum { HOURS_DEFAULT = 72 };
#define HOUR (INT64_C(3600) * CLOCK_SECOND)

struct invitation {
    struct reply_invitation shown; /* all but when it expires */
    int64_t expires_at;
    int64_t hours; /* its own span, which resending keeps */
    bool recovers; /* for somebody who has registered */
};

static void
write_invitation(struct request *rq, struct invitation *it)
{
    it->shown.expires_at = reply_time(it->expires_at);
    reply_invitation(&rq->reply.json, &it->shown);
}

/* The token is in the fragment: browsers do not send it, so it reaches no log. */
static const char *
link_of(struct request *rq, const char *token)
{
    const char *portal = config_text(rq->app->config, CONFIG_PORTAL_URL);
    if (portal != NULL) {
        return arena_format(rq->arena, "%s#%s", portal, token);
    }
    return arena_format(rq->arena, "%s/register#%s", config_text(rq->app->config, CONFIG_BASE_URL), token);
}

/* The patient, whose address stays what it is until the link to it is stored; PROBLEM_NO_EMAIL. */
static enum problem
read_addressed(struct request *rq, const char *patient_id, const struct q_patient_read_row **patient)
{
    struct span key;
    enum problem problem = keys_of_patient(rq, patient_id, &key);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    q_patient_settled_later(rq->tx, &(struct q_patient_settled_in){patient_id});
    problem = q_patient_read(rq->tx, &(struct q_patient_read_in){.id = patient_id, .key = key}, patient);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    return (*patient)->email == NULL ? PROBLEM_NO_EMAIL : PROBLEM_NONE;
}

/*
 * Of a link for somebody who has registered that is shown: their stored address gets a message at once, by
 * which they stop it, or say that it is they.
 */
static enum problem
warn(struct request *rq, const struct invitation *it, const char *practice,
     unsigned char hash[TOKEN_HASH_SIZE])
{
    const struct q_patient_read_row *patient = NULL;
    char *token = arena_alloc(rq->arena, TOKEN_TEXT_SIZE);
    enum problem problem = read_addressed(rq, it->shown.patient_id, &patient);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    token_new(rq->app->keyring, TOKEN_RECOVERY_ANSWER, token, hash);
    return outbox_later(rq, &(struct mail_payload){.kind = MAIL_RECOVERY_SHOWN,
                                                   .to = patient->email,
                                                   .practice = practice,
                                                   .url = address_link(rq, "recovery", REALM_PATIENT, token),
                                                   .expires_at = it->expires_at + HOURS_DEFAULT * HOUR});
}

/* By e-mail, the link goes into the outbox and is not shown; otherwise it is in the reply, once. */
static enum problem
hand_over(struct request *rq, struct invitation *it, enum mail_kind kind, const char *practice,
          const char *token)
{
    const char *url = link_of(rq, token);
    if (strcmp(it->shown.delivery, "link") == 0) {
        it->shown.url = url;
        it->shown.delivery_status = REPLY_NULL;
        return PROBLEM_NONE;
    }
    const struct q_patient_read_row *patient = NULL;
    const struct q_address_shared_row *address = NULL;
    enum problem problem = read_addressed(rq, it->shown.patient_id, &patient);
    if (problem == PROBLEM_NONE) {
        problem = q_address_shared(rq->tx, &(struct q_address_shared_in){it->shown.patient_id}, &address);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const char *name = patient->given_name != NULL ? patient->given_name : patient->family_name;
    it->shown.delivery_status = reply_delivery_status_if(
        rq->arena, true,
        (struct reply_delivery_status){.state = "queued", .at = reply_time(rq->now), .reason = reply_null});
    /* To a family's mailbox: whom it is for. To one that may be mistyped: no name. */
    struct mail_payload message = {.kind = kind,
                                   .to = patient->email,
                                   .practice = practice,
                                   .url = url,
                                   .expires_at = it->expires_at,
                                   .person = address->shared ? name : NULL};
    return outbox_link_later(rq, &message, it->shown.id, NULL);
}

/* The questionnaires that go with the invitation are assigned at once; due_at can be set with assignments of
 * their own. */
static enum problem
assign_all(struct request *rq, const char *patient_id, struct json_object *questionnaires)
{
    size_t count = questionnaires == NULL ? 0 : json_object_array_length(questionnaires);
    for (size_t i = 0; i < count; i++) {
        struct assigned made;
        const char *id = json_object_get_string(json_object_array_get_idx(questionnaires, i));
        enum problem problem = assign(rq, patient_id, id, NULL, &made);
        if (problem != PROBLEM_NONE) {
            const char *pointer = arena_format(rq->arena, "/questionnaires/%zu", i);
            request_error(rq, pointer, "questionnaire", "is not an active questionnaire of this practice");
            return problem;
        }
    }
    return PROBLEM_NONE;
}

/* GET /admin/patients/{id}/invitations */
enum problem
h_invitation_list(struct request *rq, const struct invitation_list_in *in)
{
    struct page page;
    enum problem problem = page_open(rq, in->cursor, in->limit, &page);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    q_patient_exists_later(rq->tx, &(struct q_patient_exists_in){.id = in->id});
    const struct q_invitation_list_row *rows = NULL;
    size_t count = 0;
    struct q_invitation_list_in query = {.patient_id = in->id, .before = page.before, .fetch = page.fetch};
    problem = q_invitation_list_last(rq->tx, &query, &rows, &count);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    size_t shown = page_shown(&page, count);
    struct reply_invitation *items = arena_array(rq->arena, shown, sizeof *items);
    for (size_t i = 0; i < shown; i++) {
        const struct q_invitation_list_row *row = &rows[i];
        items[i] = REPLY_INVITATION_OF(
            row, reply_delivery_status_if(rq->arena, row->state != NULL, REPLY_DELIVERY_STATUS_OF(row)));
    }
    reply_invitation_list(&rq->reply.json,
                          &(struct reply_invitation_list){.items = items,
                                                          .items_count = shown,
                                                          .next_cursor = PAGE_NEXT(&page, rows, count, id)});
    return PROBLEM_NONE;
}

/* Makes the invitation, hands its link over and writes it as the reply. */
static enum problem
invite(struct request *rq, struct invitation *it, enum mail_kind kind)
{
    const struct q_practice_name_row *practice = NULL;
    enum problem problem = q_practice_name(rq->tx, &practice);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    char *id = arena_alloc(rq->arena, UUID_TEXT_SIZE);
    char *token = arena_alloc(rq->arena, TOKEN_TEXT_SIZE);
    unsigned char *hash = arena_alloc(rq->arena, TOKEN_HASH_SIZE);
    unsigned char answer_hash[TOKEN_HASH_SIZE];
    bool warns = it->recovers && strcmp(it->shown.delivery, "link") == 0;
    token_new(rq->app->keyring, TOKEN_INVITATION, token, hash);
    it->shown.id = uuid_new(id);
    it->shown.status = "pending";
    it->expires_at = rq->now + it->hours * HOUR;
    problem = hand_over(rq, it, kind, practice->name, token);
    if (problem == PROBLEM_NONE && warns) {
        problem = warn(rq, it, practice->name, answer_hash);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    rq->result.object = id;
    if (it->shown.url != NULL) {
        rq->result.link = (struct span){hash, TOKEN_HASH_SIZE};
    }
    const struct q_invitation_insert_row *row = NULL;
    struct q_invitation_insert_in insert = {
        .id = id,
        .patient_id = it->shown.patient_id,
        .token_hash = {hash, TOKEN_HASH_SIZE},
        .delivery = it->shown.delivery,
        .expires_at = it->expires_at,
        .recovers = it->recovers,
        .hours = it->hours,
        .answer_hash = {warns ? answer_hash : NULL, warns ? sizeof answer_hash : 0}};
    problem = q_invitation_insert_last(rq->tx, &insert, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    it->shown.created_at = reply_time(row->created_at);
    write_invitation(rq, it);
    return PROBLEM_NONE;
}

/* POST /admin/patients/{id}/invitations */
enum problem
h_invitation_create(struct request *rq, const struct invitation_create_in *in)
{
    bool registered = false;
    enum problem problem = patient_may_be_asked(rq, in->id, &registered);
    if (problem == PROBLEM_NONE && registered) {
        problem = PROBLEM_ALREADY_REGISTERED;
    }
    if (problem == PROBLEM_NONE) {
        problem = assign_all(rq, in->id, in->questionnaires);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct invitation it = {
        .shown = {.patient_id = in->id, .delivery = in->delivery == NULL ? "email" : in->delivery},
        .hours = in->has_expires_in_hours ? in->expires_in_hours : HOURS_DEFAULT};
    return invite(rq, &it, MAIL_INVITATION);
}

/* For a patient who has lost their factors: earlier links end. */
static enum problem
recover(struct request *rq, const char *patient_id, const char *delivery)
{
    bool registered = false;
    int64_t ended = 0;
    enum problem problem = patient_may_be_asked(rq, patient_id, &registered);
    if (problem == PROBLEM_NONE && !registered) {
        problem = PROBLEM_NOT_REGISTERED;
    }
    if (problem == PROBLEM_NONE) {
        problem = q_invitations_end(rq->tx, &(struct q_invitations_end_in){patient_id}, &ended);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct invitation it = {
        .shown = {.patient_id = patient_id, .delivery = delivery}, .hours = HOURS_DEFAULT, .recovers = true};
    return invite(rq, &it, MAIL_INVITATION);
}

/* POST /admin/patients/{id}/recover: the link goes to the stored address, and nowhere else. */
enum problem
h_patient_recover(struct request *rq, const struct patient_recover_in *in)
{
    return recover(rq, in->id, "email");
}

/* POST /admin/patients/{id}/recover/link: the link is shown, and what was answered before is held. */
enum problem
h_patient_recover_link(struct request *rq, const struct patient_recover_link_in *in)
{
    return recover(rq, in->id, "link");
}

/* An invitation that a patient has used is history. */
static enum problem
lock_invitation(struct request *rq, const char *id, const struct q_invitation_lock_row **row)
{
    enum problem problem = q_invitation_lock(rq->tx, &(struct q_invitation_lock_in){.id = id}, row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    return (*row)->status == INVITATION_STATUS_USED ? PROBLEM_INVITATION_STATE : PROBLEM_NONE;
}

/* POST /admin/invitations/{id}/resend: a new token, good for as long as the first one was; the old link is
 * dead. */
enum problem
h_invitation_resend(struct request *rq, const struct invitation_resend_in *in)
{
    const struct q_invitation_lock_row *row = NULL;
    enum problem problem = lock_invitation(rq, in->id, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (row->status == INVITATION_STATUS_REVOKED || row->registered) {
        return PROBLEM_INVITATION_STATE;
    }
    if (row->patient_status != PATIENT_STATUS_ACTIVE) {
        return PROBLEM_NOT_ACTIVE;
    }
    char *token = arena_alloc(rq->arena, TOKEN_TEXT_SIZE);
    unsigned char hash[TOKEN_HASH_SIZE];
    token_new(rq->app->keyring, TOKEN_INVITATION, token, hash);
    struct invitation it = {.shown = {.id = in->id,
                                      .patient_id = row->patient_id,
                                      .status = "pending",
                                      .delivery = row->delivery,
                                      .created_at = reply_time(row->created_at)},
                            .expires_at = rq->now + row->hours * HOUR};
    problem = hand_over(rq, &it, MAIL_INVITATION_RESENT, row->practice_name, token);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    int64_t affected = 0;
    struct q_invitation_renew_in renew = {
        .id = in->id, .token_hash = {hash, sizeof hash}, .expires_at = it.expires_at};
    problem = q_invitation_renew_last(rq->tx, &renew, &affected);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    write_invitation(rq, &it);
    return PROBLEM_NONE;
}

/* DELETE /admin/invitations/{id} */
enum problem
h_invitation_revoke(struct request *rq, const struct invitation_revoke_in *in)
{
    const struct q_invitation_lock_row *row = NULL;
    enum problem problem = lock_invitation(rq, in->id, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    int64_t affected = 0;
    return q_invitation_revoke_last(rq->tx, &(struct q_invitation_revoke_in){.id = in->id}, &affected);
}

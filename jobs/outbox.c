#include "jobs/outbox.h"

#include "build/gen/sql.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/crypto/sealed.h"
#include "lib/mail/message.h"
#include "lib/mail/payload.h"
#include "lib/mail/retry.h"

#include <sodium.h>
#include <string.h>

enum {
    /* A claim lasts longer than a delivery may take (lib/mail/smtp.c), or another process would deliver the
       message while a slow server still reads it. */
    LEASE_SECONDS = 300,
    /* The pauses between so many tries take longer than the three days after which a message is given up, so
       only outcomes that could not be noted lead here. */
    ATTEMPTS_MAX = 30
};

/* What came of one claimed message: `reason` is a code for the log and for the row. */
struct outcome {
    enum delivery delivery;
    const char *reason;
};

/* Opens the message into `payload`. NULL, or a code that says why it does not open. */
static const char *
open_message(const struct outbox *outbox, const struct q_job_outbox_claim_row *row,
             struct mail_payload *payload)
{
    struct span plain;
    if (!keyring_open(outbox->keyring, MAIL_SEAL_PURPOSE, row->id, row->sealed, outbox->arena, &plain)) {
        return "sealed";
    }
    if (!mail_payload_read(outbox->arena, plain, payload) ||
        strcmp(mail_kind_name(payload->kind), row->kind) != 0) {
        return "payload";
    }
    payload->languages = row->languages;
    payload->time_zone = row->time_zone;
    return NULL;
}

static struct outcome
deliver(const struct outbox *outbox, const struct q_job_outbox_claim_row *row)
{
    struct mail_payload payload;
    struct message message;
    if (row->attempts > ATTEMPTS_MAX) {
        return (struct outcome){DELIVERY_NEVER, "attempts"};
    }
    const char *reason = open_message(outbox, row, &payload);
    if (reason != NULL) {
        /* Perhaps the keyring lacks the key only for now; after three days the message is given up anyway. */
        return (struct outcome){DELIVERY_LATER, reason};
    }
    if (payload.expires_at != 0 && payload.expires_at <= clock_now()) {
        return (struct outcome){DELIVERY_NEVER, "expired"};
    }
    reason = message_build(outbox->arena, mailer_sender(outbox->mailer), row->id, row->created_at, &payload,
                           &message);
    if (reason != NULL) {
        return (struct outcome){DELIVERY_NEVER, reason};
    }
    struct outcome outcome;
    outcome.delivery = mailer_deliver(outbox->mailer, &message, &outcome.reason);
    return outcome;
}

static void
queue_note(struct tx *tx, const struct q_job_outbox_claim_row *row, const struct outcome *outcome,
           int64_t delay)
{
    if (outcome->delivery == DELIVERY_SENT) {
        q_job_outbox_sent_later(tx, &(struct q_job_outbox_sent_in){.id = row->id, .attempts = row->attempts});
    } else if (outcome->delivery == DELIVERY_NEVER) {
        q_job_outbox_failed_later(tx, &(struct q_job_outbox_failed_in){.id = row->id,
                                                                       .attempts = row->attempts,
                                                                       .error = outcome->reason});
    } else {
        q_job_outbox_retry_later(tx, &(struct q_job_outbox_retry_in){.id = row->id,
                                                                     .attempts = row->attempts,
                                                                     .delay_seconds = delay / CLOCK_SECOND,
                                                                     .error = outcome->reason});
    }
}

/* Notes the outcome, and tries again when the database is away for a moment: a message whose delivery is not
 * noted is delivered twice. */
static bool
note(const struct outbox *outbox, const struct q_job_outbox_claim_row *row, const struct outcome *outcome,
     int64_t delay)
{
    struct tx *tx = NULL;
    if (tx_open(outbox->db, outbox->arena, &tx) != PROBLEM_NONE) {
        return false;
    }
    queue_note(tx, row, outcome, delay);
    bool noted = tx_commit(tx) == PROBLEM_NONE;
    tx_rollback(tx);
    return noted;
}

static void
finish(const struct outbox *outbox, const struct q_job_outbox_claim_row *row, struct outcome outcome)
{
    static const char *const names[] = {
        [DELIVERY_SENT] = "mail-sent", [DELIVERY_LATER] = "mail-put-off", [DELIVERY_NEVER] = "mail-given-up"};
    bool stopped = outcome.delivery == DELIVERY_LATER && strcmp(outcome.reason, "stopped") == 0;
    int64_t delay = stopped ? 0 : mail_retry_delay(row->attempts, randombytes_random());
    if (outcome.delivery == DELIVERY_LATER && clock_now() + delay > row->created_at + MAIL_GIVE_UP_AFTER) {
        outcome.delivery = DELIVERY_NEVER;
    }
    bool noted = note(outbox, row, &outcome, delay) || note(outbox, row, &outcome, delay);
    log_event(outcome.delivery == DELIVERY_SENT ? LOG_INFO : LOG_WARN, names[outcome.delivery],
              LOG_TEXT("message", row->id), LOG_TEXT("kind", row->kind), LOG_TEXT("reason", outcome.reason),
              LOG_INT("attempts", row->attempts), LOG_INT("noted", noted));
}

enum outbox_step
outbox_step(struct outbox *outbox)
{
    struct tx *tx = NULL;
    const struct q_job_outbox_claim_row *row = NULL;
    if (tx_open(outbox->db, outbox->arena, &tx) != PROBLEM_NONE) {
        return OUTBOX_DOWN;
    }
    enum problem problem =
        q_job_outbox_claim_last(tx, &(struct q_job_outbox_claim_in){.lease_seconds = LEASE_SECONDS}, &row);
    tx_rollback(tx);
    if (problem != PROBLEM_NONE) {
        return OUTBOX_DOWN;
    }
    if (row == NULL) {
        return OUTBOX_EMPTY;
    }
    finish(outbox, row, deliver(outbox, row));
    return OUTBOX_WORKED;
}

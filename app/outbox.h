/* Messages leave by the outbox: written in the transaction that causes them, delivered by the jobs program.
 */
#ifndef ANAMNESIS_APP_OUTBOX_H
#define ANAMNESIS_APP_OUTBOX_H

#include "lib/base/uuid.h"
#include "lib/crypto/keyring.h"
#include "lib/http/request.h"
#include "lib/mail/payload.h"

/*
 * A message as the outbox holds it: a new id, and what is sealed for it, in the arena. False when a text is
 * missing or the whole is too long (MAIL_PAYLOAD_MAX).
 */
bool outbox_seal(const struct keyring *keyring, struct arena *arena, const struct mail_payload *message,
                 char id[UUID_TEXT_SIZE], struct span *sealed);

/* Queues a message, sealed so that the database holds neither the address nor the link. */
enum problem outbox_later(struct request *rq, const struct mail_payload *message);

/* The same for the link of an invitation, or of a member of staff (the other is NULL), which is how its state
 * is found. */
enum problem outbox_link_later(struct request *rq, const struct mail_payload *message,
                               const char *invitation_id, const char *staff_id);

#endif

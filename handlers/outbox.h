/* Messages leave by the outbox: written in the transaction that causes them, delivered by the jobs program.
 */
#ifndef ANAMNESIS_HANDLERS_OUTBOX_H
#define ANAMNESIS_HANDLERS_OUTBOX_H

#include "lib/http/request.h"
#include "lib/mail/payload.h"

/* Queues a message, sealed so that the database holds neither the address nor the link. */
enum problem outbox_later(struct request *rq, const struct mail_payload *message);

#endif

/*
 * The link by which a member of staff joins, or begins anew after losing the second factor. An owner sends
 * it, or the operator by the command.
 */
#ifndef ANAMNESIS_APP_STAFF_LINK_H
#define ANAMNESIS_APP_STAFF_LINK_H

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/config.h"
#include "lib/mail/payload.h"

/* How long it is good for, in microseconds. */
#define STAFF_LINK_LIFE (INT64_C(72) * 3600 * CLOCK_SECOND)

/* The message with the link; `url` is in the arena, the other texts are the caller's. */
struct mail_payload staff_link(struct arena *arena, const struct config *config, const char *email,
                               const char *practice, const char *token, int64_t expires_at);

#endif

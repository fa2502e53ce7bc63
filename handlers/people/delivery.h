/* What became of a message, as staff sees it: never to whom it went or what is in it. */
#ifndef ANAMNESIS_HANDLERS_PEOPLE_DELIVERY_H
#define ANAMNESIS_HANDLERS_PEOPLE_DELIVERY_H

#include "lib/base/json_out.h"

#include <stdint.h>

struct delivery_status {
    const char *state;  /* "queued", "sent", "given-up"; NULL: there is no message */
    int64_t at;         /* since when: microseconds since 1970 */
    const char *reason; /* a code (lib/mail/deliver.h, lib/mail/message.h); NULL: there was no fault */
};

/* Writes the member "delivery_status"; null when there is no message. */
void delivery_write(struct json_out *out, const struct delivery_status *status);

#endif

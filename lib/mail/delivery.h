/* What becomes of a message that a mail server, or a directory, is given. */
#ifndef ANAMNESIS_MAIL_DELIVERY_H
#define ANAMNESIS_MAIL_DELIVERY_H

#include "lib/base/config.h"
#include "lib/mail/message.h"

#include <stdbool.h>

enum delivery {
    DELIVERY_SENT,
    DELIVERY_LATER, /* may succeed when tried again */
    DELIVERY_NEVER  /* the server refused this recipient or this message for good */
};

#endif

/*
 * A message as it travels: RFC 5322 headers, MIME multipart/alternative with plain text and HTML, UTF-8 in
 * quoted-printable, CRLF. The same outbox row always gives the same bytes: Message-ID, Date and boundary come
 * from the row, so a second delivery is recognisable as the same message.
 *
 * Headers cannot be injected (ASVS 1.3.11): an address or a link with a control character is refused; the
 * practice's name is cleaned of them, so that no name that was stored before names were judged stops a
 * message. What is not ASCII is written as RFC 2047 words; only a local part stands in its header as it is
 * (RFC 6532), and travels by SMTPUTF8.
 */
#ifndef ANAMNESIS_MAIL_MESSAGE_H
#define ANAMNESIS_MAIL_MESSAGE_H

#include "lib/base/arena.h"
#include "lib/base/email.h"
#include "lib/base/span.h"
#include "lib/mail/mime.h"
#include "lib/mail/payload.h"

#include <stdbool.h>
#include <stdint.h>

enum { MESSAGE_MAX = 64 * 1024, MAIL_NAME_MAX = 200 /* bytes of a display name */ };

/* Who sends: read once from ANAMNESIS_MAIL_FROM. */
struct mail_sender {
    char name[MAIL_NAME_MAX + 1]; /* "" when there is none */
    char address[EMAIL_SIZE];     /* as lib/base/email.h keeps it */
};

struct message {
    const char *id;   /* the outbox row's id; Message-ID is <id@sender's domain> */
    const char *from; /* bare addresses, for the envelope */
    const char *to;
    bool needs_utf8; /* RFC 6531: one of them is not ASCII */
    struct span text;
};

/* Reads `Name <address>`, `"Name" <address>` or a bare address. False when it is neither, or not safe. */
bool mail_sender_read(const char *text, struct mail_sender *sender);

/*
 * Makes the message of an outbox row: its id (a UUID), when it was made (microseconds since 1970) and its
 * payload. Texts are arena memory or borrowed from the arguments. NULL when it is done, else why it can never
 * be: "address", "content" (a link that is no http or https URL, a name of more than 800 bytes), "size".
 */
const char *message_build(struct arena *arena, const struct mail_sender *sender, const char *id,
                          int64_t created_at, const struct mail_payload *payload, struct message *message);

#endif

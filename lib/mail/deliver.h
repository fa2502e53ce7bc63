/*
 * Delivery of messages: as files, or by SMTP when ANAMNESIS_SMTP_URL is set.
 *
 * Files: ID.eml in ANAMNESIS_MAIL_DIR, written under another name, synced, then linked; a name that is there
 * already is left alone and counts as sent, so a message is there exactly once, whatever happens in between.
 *
 * SMTP: TLS is required (smtps, or STARTTLS), certificates are verified. SMTP itself delivers at least once:
 * when we die, or the line does, between the server's taking the message and our noting it, the next try
 * sends the same bytes under the same Message-ID again (RFC 5321 section 4.1.1.4 knows this; receivers may
 * drop it by the Message-ID).
 */
#ifndef ANAMNESIS_MAIL_DELIVER_H
#define ANAMNESIS_MAIL_DELIVER_H

#include "lib/base/config.h"
#include "lib/mail/delivery.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

struct mailer;

/*
 * Reads the mail settings; for files, makes the directory (mode 0700) if there is none. NULL on any fault,
 * with a sentence that says what to do. `stop`, when not NULL, is looked at while a server is waited for:
 * once it is not 0, a delivery that has not begun to send its text ends with DELIVERY_LATER.
 */
struct mailer *mailer_create(const struct config *config, const volatile sig_atomic_t *stop, char *error,
                             size_t size);

/* Closes connections, wipes and frees. NULL is ignored. */
void mailer_destroy(struct mailer *mailer);

/* Who the messages come from, by ANAMNESIS_MAIL_FROM. */
const struct mail_sender *mailer_sender(const struct mailer *mailer);

/*
 * Reaches the mail server as a delivery would (connection, TLS, sign-in) and sends nothing. False with a code
 * of mailer_deliver in `reason`. True, with the code "file", when messages are written as files.
 */
bool mailer_reach(struct mailer *mailer, const char **reason);

/*
 * Delivers one message; waits at most a minute and a half. `reason` is a code without any data in it: "sent",
 * "disk", "connect", "tls", "sign-in", "timeout", "refused", "stopped", "smtputf8" (the server takes no such
 * address).
 */
enum delivery mailer_deliver(struct mailer *mailer, const struct message *message, const char **reason);

#endif

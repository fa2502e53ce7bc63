/* Delivery by SMTP, through libcurl. For lib/mail only. */
#ifndef ANAMNESIS_MAIL_SMTP_H
#define ANAMNESIS_MAIL_SMTP_H

#include "lib/mail/delivery.h"

#include <signal.h>
#include <stddef.h>

struct smtp;

/* As mailer_create, mailer_reach and mailer_deliver (deliver.h). `config` must outlive the result. */
struct smtp *smtp_create(const struct config *config, const volatile sig_atomic_t *stop, char *error,
                         size_t size);
void smtp_destroy(struct smtp *smtp);
bool smtp_reach(struct smtp *smtp, const char **reason);
enum delivery smtp_deliver(struct smtp *smtp, const struct message *message, const char **reason);

#endif

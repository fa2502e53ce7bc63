#include "lib/mail/deliver.h"

#include "lib/mail/file.h"
#include "lib/mail/smtp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct mailer {
    struct mail_sender sender;
    struct smtp *smtp; /* NULL: files */
    int directory;     /* -1: SMTP */
};

struct mailer *
mailer_create(const struct config *config, const volatile sig_atomic_t *stop, char *error, size_t size)
{
    struct mailer *mailer = calloc(1, sizeof *mailer);
    if (mailer == NULL) {
        (void)snprintf(error, size, "out of memory");
        return NULL;
    }
    mailer->directory = -1;
    if (!mail_sender_read(config_text(config, CONFIG_MAIL_FROM), &mailer->sender)) {
        (void)snprintf(error, size, "%s must read like: Practice Mail <no-reply@example.org>",
                       config_name(CONFIG_MAIL_FROM));
        mailer_destroy(mailer);
        return NULL;
    }
    const char *url = config_text(config, CONFIG_SMTP_URL);
    if (url != NULL && url[0] != '\0') {
        mailer->smtp = smtp_create(config, stop, error, size);
    } else {
        const char *path = config_text(config, CONFIG_MAIL_DIR);
        mailer->directory = file_open_directory(path);
        if (mailer->directory < 0) {
            (void)snprintf(error, size, "%s=%s cannot be opened or made: %s", config_name(CONFIG_MAIL_DIR),
                           path, strerrordesc_np(errno));
        }
    }
    if (mailer->smtp == NULL && mailer->directory < 0) {
        mailer_destroy(mailer);
        return NULL;
    }
    return mailer;
}

void
mailer_destroy(struct mailer *mailer)
{
    if (mailer == NULL) {
        return;
    }
    smtp_destroy(mailer->smtp);
    if (mailer->directory >= 0) {
        (void)close(mailer->directory);
    }
    free(mailer);
}

const struct mail_sender *
mailer_sender(const struct mailer *mailer)
{
    return &mailer->sender;
}

enum delivery
mailer_deliver(struct mailer *mailer, const struct message *message, const char **reason)
{
    if (mailer->smtp != NULL) {
        return smtp_deliver(mailer->smtp, message, reason);
    }
    return file_deliver(mailer->directory, message, reason);
}

bool
mailer_reach(struct mailer *mailer, const char **reason)
{
    *reason = "file";
    return mailer->smtp == NULL || smtp_reach(mailer->smtp, reason);
}

/* The words of our messages. For lib/mail only. */
#ifndef ANAMNESIS_MAIL_TEMPLATE_H
#define ANAMNESIS_MAIL_TEMPLATE_H

#include "lib/base/arena.h"
#include "lib/mail/payload.h"

struct mail_words {
    const char *subject;
    const char *text; /* lines end in "\n" */
    const char *html; /* a whole document; texts of the payload are escaped */
};

/* Fills `words` from a payload whose texts are safe. In arena memory. */
void mail_words_make(struct arena *arena, const struct mail_payload *payload, struct mail_words *words);

#endif

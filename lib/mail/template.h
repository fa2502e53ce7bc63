/*
 * The words of our messages: a text of lib/mail/texts/ with its placeholders filled in, as plain text and as
 * HTML. What is filled in is escaped in the HTML and never read as a placeholder itself. For lib/mail only.
 */
#ifndef ANAMNESIS_MAIL_TEMPLATE_H
#define ANAMNESIS_MAIL_TEMPLATE_H

#include "lib/base/arena.h"
#include "lib/mail/payload.h"

struct mail_words {
    const char *language; /* BCP 47 */
    const char *subject;
    const char *text; /* lines end in "\n" */
    const char *html; /* a whole document; texts of the payload are escaped */
};

/*
 * Fills `words` from a payload whose link is safe, in the language and the time zone that it names. A name of
 * the practice that could not be shown on one line is cleaned; one of which nothing is left is "Your
 * practice". Without a person that can be shown, paragraphs that name one are left out. In arena memory.
 */
void mail_words_make(struct arena *arena, const struct mail_payload *payload, struct mail_words *words);

#endif

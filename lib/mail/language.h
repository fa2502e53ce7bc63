/* Which language a message is written in. The texts are in lib/mail/texts/, compiled in by tools/gen_mail.py.
 */
#ifndef ANAMNESIS_MAIL_LANGUAGE_H
#define ANAMNESIS_MAIL_LANGUAGE_H

#include "build/gen/mail_texts.h"

/*
 * The first of the tags that we have texts for, by RFC 4647 section 3.4 (lookup: de-AT is answered by de).
 * `tags` is a list such as "de-AT, fr" in the order of preference; NULL is an empty one. English when we have
 * none of them.
 */
const struct mail_language *mail_language_for(const char *tags);

/* The text of that name ("invitation", "password-changed") in a language. NULL when there is none. */
const struct mail_text *mail_text_find(const struct mail_language *language, const char *name);

#endif

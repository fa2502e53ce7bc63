/* Whether a password is made of words that anybody would try first. For lib/crypto only. */
#ifndef ANAMNESIS_CRYPTO_PASSWORD_WORDS_H
#define ANAMNESIS_CRYPTO_PASSWORD_WORDS_H

#include <stddef.h>

enum password_words { PASSWORD_WORDS_FINE, PASSWORD_WORDS_COMMON, PASSWORD_WORDS_CONTEXT };

/*
 * Judges a password, UTF-8 in NFKC, against the list of common passwords and the words of `context` (a
 * NULL-terminated list of texts in any form; NULL: none), to which the product's name always belongs. Case
 * does not count. Of a longer password than PASSWORD_MAX code points the rest is not looked at:
 * password_check refuses it before. CONTEXT: little is left of it without those words; COMMON: without common
 * ones, or it is a run or a repetition. What was copied is wiped. The cost is one pass over the list for each
 * sign of the password.
 */
enum password_words password_words_judge(const char *password, const char *const *context);

/* The list of common passwords (common_passwords.inc says where it is from), in byte order; for tests. */
const char *const *password_words_common(size_t *count);

#endif

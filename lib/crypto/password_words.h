/* Whether a password is made of words that anybody would try first. For lib/crypto only. */
#ifndef ANAMNESIS_CRYPTO_PASSWORD_WORDS_H
#define ANAMNESIS_CRYPTO_PASSWORD_WORDS_H

#include <stddef.h>

enum password_words { PASSWORD_WORDS_FINE, PASSWORD_WORDS_COMMON, PASSWORD_WORDS_CONTEXT };

/*
 * Judges a password, UTF-8 in NFKC of at most 256 code points, against the list of common passwords and the
 * words of `context` (a NULL-terminated list of texts; NULL: none).
 */
enum password_words password_words_judge(const char *password, const char *const *context);

/* The list, in byte order, for tests. */
const char *const *password_words_common(size_t *count);

#endif

/*
 * Common and context words are taken out of the password wherever they stand; what is left must be worth
 * something by itself. So "Password2024!" goes with "password", while a sentence that has a common word in it
 * stays.
 */
#include "lib/crypto/password_words.h"

#include "lib/crypto/text.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <unistr.h>

enum {
    SIGNS_MAX = 256, /* code points of a password; password_check refuses longer ones before */
    CONTEXT_SIGNS_MAX = 1024,
    CONTEXT_WORDS_MAX = 64,
    CONTEXT_WORD_MIN = 3, /* shorter ones ("dr", "of") are in every sentence */
    REST_MIN = 6, /* signs besides the words, not counting runs: six free ones are beyond guessing online */
    COMMON_WORDS_FEW = 3, /* so many common words and no more are still one guess of many */
    RUN_SHARE = 4         /* a quarter of free signs or less: "abcdefgh12345678", "aaaaaaaaaaaa" */
};

static const char *const common[] = {
#include "lib/crypto/common_passwords.inc"
};

struct word {
    const uint32_t *signs;
    size_t size;
};

struct signs {
    uint32_t text[SIGNS_MAX];
    size_t size;
};

struct context {
    uint32_t text[CONTEXT_SIGNS_MAX];
    size_t size;
    struct word words[CONTEXT_WORDS_MAX];
    size_t count;
};

const char *const *
password_words_common(size_t *count)
{
    *count = sizeof common / sizeof common[0];
    return common;
}

/* One code point in lower case; false at the end of the text. */
static bool
next_lower(const uint8_t **at, uint32_t *sign)
{
    ucs4_t read = 0;
    const uint8_t *next = u8_next(&read, *at);
    if (next == NULL) {
        return false;
    }
    *sign = uc_tolower(read);
    *at = next;
    return true;
}

static void
context_end_word(struct context *context, size_t start)
{
    size_t size = context->size - start;
    if (size < CONTEXT_WORD_MIN) {
        context->size = start;
    } else if (context->count < CONTEXT_WORDS_MAX) {
        context->words[context->count++] = (struct word){context->text + start, size};
    }
}

/* Every run of letters and digits is a word. What does not fit is left out: a bound, not a promise. */
static void
context_add(struct context *context, const char *text)
{
    char normal[TEXT_MAX + 1];
    size_t count = 0;
    if (!text_nfkc(text, normal, &count)) {
        return;
    }
    const uint8_t *at = (const uint8_t *)normal;
    size_t start = context->size;
    uint32_t sign = 0;
    while (next_lower(&at, &sign) && context->size < CONTEXT_SIGNS_MAX) {
        if (uc_is_property_alphabetic(sign) || uc_is_property_decimal_digit(sign)) {
            context->text[context->size++] = sign;
        } else {
            context_end_word(context, start);
            start = context->size;
        }
    }
    context_end_word(context, start);
    sodium_memzero(normal, sizeof normal);
}

/* The length of the longest context word that stands at `at`; 0 for none. */
static size_t
context_match(const struct context *context, const struct signs *password, size_t at)
{
    size_t longest = 0;
    for (size_t i = 0; i < context->count; i++) {
        const struct word *word = &context->words[i];
        if (word->size > longest && word->size <= password->size - at &&
            memcmp(word->signs, password->text + at, word->size * sizeof *word->signs) == 0) {
            longest = word->size;
        }
    }
    return longest;
}

/* The same of common passwords, which are ASCII; `which` is its place in the list. */
static size_t
common_match(const struct signs *password, size_t at, size_t *which)
{
    size_t longest = 0;
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++) {
        size_t size = 0;
        while (common[i][size] != '\0' && at + size < password->size &&
               (unsigned char)common[i][size] == password->text[at + size]) {
            size++;
        }
        if (common[i][size] == '\0' && size > longest) {
            longest = size;
            *which = i;
        }
    }
    return longest;
}

/* A sign that repeats or continues the one before ("11111", "abcd", "4321") adds nothing to guess. */
static bool
is_free(uint32_t sign, uint32_t before)
{
    return sign != before && sign != before + 1 && sign + 1 != before;
}

/* "k7Xk7Xk7Xk7X": the same few signs again and again. */
static bool
is_repeated(const struct signs *password)
{
    for (size_t period = 1; period < REST_MIN && 2 * period <= password->size; period++) {
        if (memcmp(password->text, password->text + period, (password->size - period) * sizeof(uint32_t)) ==
            0) {
            return true;
        }
    }
    return false;
}

/* The different common words in a password; no more than COMMON_WORDS_FEW + 1 of them are counted. */
struct common_words {
    size_t words[COMMON_WORDS_FEW + 1];
    size_t count;
};

static void
note(struct common_words *seen, size_t word)
{
    size_t i = 0;
    while (i < seen->count && seen->words[i] != word) {
        i++;
    }
    if (i == seen->count && i <= COMMON_WORDS_FEW) {
        seen->words[seen->count++] = word;
    }
}

static enum password_words
judge(const struct signs *password, const struct context *context)
{
    size_t rest = 0;
    struct common_words seen = {.count = 0};
    bool has_context = false;
    uint32_t before = 0;
    for (size_t at = 0; at < password->size;) {
        size_t which = 0;
        size_t named = context_match(context, password, at);
        size_t known = common_match(password, at, &which);
        if (named == 0 && known == 0) {
            rest += is_free(password->text[at], before) ? 1 : 0;
            before = password->text[at++];
            continue;
        }
        if (named >= known) {
            has_context = true;
        } else {
            note(&seen, which);
        }
        at += named > known ? named : known;
    }
    if (has_context && rest < REST_MIN && seen.count <= COMMON_WORDS_FEW) {
        return PASSWORD_WORDS_CONTEXT;
    }
    if (seen.count > 0 && seen.count <= COMMON_WORDS_FEW && rest < REST_MIN) {
        return PASSWORD_WORDS_COMMON;
    }
    bool runs = seen.count == 0 && rest * RUN_SHARE <= password->size;
    return runs || is_repeated(password) ? PASSWORD_WORDS_COMMON : PASSWORD_WORDS_FINE;
}

enum password_words
password_words_judge(const char *password, const char *const *texts)
{
    struct signs signs = {.size = 0};
    struct context context = {.size = 0, .count = 0};
    const uint8_t *at = (const uint8_t *)password;
    uint32_t sign = 0;
    while (signs.size < SIGNS_MAX && next_lower(&at, &sign)) {
        signs.text[signs.size++] = sign;
    }
    context_add(&context, "anamnesis");
    for (size_t i = 0; texts != NULL && texts[i] != NULL; i++) {
        context_add(&context, texts[i]);
    }
    enum password_words verdict = judge(&signs, &context);
    sodium_memzero(&signs, sizeof signs);
    sodium_memzero(&context, sizeof context);
    return verdict;
}

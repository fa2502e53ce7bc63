#include "lib/mail/language.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static const struct mail_language *
exactly(const char *tag, size_t size)
{
    for (size_t i = 0; i < MAIL_LANGUAGE_COUNT; i++) {
        if (strlen(mail_languages[i].tag) == size && strncasecmp(mail_languages[i].tag, tag, size) == 0) {
            return &mail_languages[i];
        }
    }
    return NULL;
}

/* The tag, then what is left without its last subtag, and so on. */
static const struct mail_language *
lookup(const char *tag, size_t size)
{
    const struct mail_language *found = exactly(tag, size);
    while (found == NULL && size > 0) {
        const char *dash = memrchr(tag, '-', size);
        if (dash == NULL) {
            return NULL;
        }
        size = (size_t)(dash - tag);
        found = exactly(tag, size);
    }
    return found;
}

const struct mail_language *
mail_language_for(const char *tags)
{
    const char *at = tags == NULL ? "" : tags;
    const struct mail_language *found = NULL;
    while (found == NULL && *at != '\0') {
        at += strspn(at, ", ");
        size_t size = strcspn(at, ", ");
        found = lookup(at, size);
        at += size;
    }
    return found == NULL ? &mail_languages[0] : found;
}

const struct mail_text *
mail_text_find(const struct mail_language *language, const char *name)
{
    for (size_t i = 0; i < MAIL_TEXT_COUNT; i++) {
        if (strcmp(language->texts[i].name, name) == 0) {
            return &language->texts[i];
        }
    }
    return NULL;
}

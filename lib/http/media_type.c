#include "lib/http/media_type.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static const char blanks[] = " \t";

/* RFC 9110 section 5.6.2. */
static size_t
token_size(const char *at)
{
    size_t size = 0;
    while (isalnum((unsigned char)at[size]) ||
           (at[size] != '\0' && strchr("!#$%&'*+-.^_`|~", at[size]) != NULL)) {
        size++;
    }
    return size;
}

/* Bytes of a quoted string with its quotes (section 5.6.4); 0 when there is none. */
static size_t
quoted_size(const char *at)
{
    if (*at != '"') {
        return 0;
    }
    size_t size = 1;
    while (at[size] != '\0' && at[size] != '"') {
        size += at[size] == '\\' && at[size + 1] != '\0' ? 2 : 1;
    }
    return at[size] == '"' ? size + 1 : 0;
}

static bool
is_word(const char *text, size_t size, const char *word)
{
    return size == strlen(word) && strncasecmp(text, word, size) == 0;
}

/* One parameter, at a name. False when it is none, or a charset of another name than UTF-8. */
static bool
take_parameter(const char **at)
{
    const char *name = *at;
    size_t name_size = token_size(name);
    if (name_size == 0 || name[name_size] != '=') {
        return false;
    }
    const char *value = name + name_size + 1;
    size_t quoted = quoted_size(value);
    size_t size = quoted != 0 ? quoted : token_size(value);
    *at = value + size;
    if (quoted != 0) {
        value++;
        size -= 2;
    }
    if (size == 0 && quoted == 0) {
        return false;
    }
    return !is_word(name, name_size, "charset") || is_word(value, size, "utf-8") ||
           is_word(value, size, "utf8");
}

bool
media_type_is_json(const char *value)
{
    static const char type[] = "application/json";
    if (value == NULL || strncasecmp(value, type, sizeof type - 1) != 0) {
        return false;
    }
    const char *at = value + sizeof type - 1;
    at += strspn(at, blanks);
    while (*at == ';') {
        at++;
        at += strspn(at, blanks);
        if (*at != ';' && *at != '\0' && !take_parameter(&at)) {
            return false;
        }
        at += strspn(at, blanks);
    }
    return *at == '\0';
}

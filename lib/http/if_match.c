#include "lib/http/if_match.h"

#include <string.h>

enum { DIGITS_MAX = 10 };

static bool
is_tag_character(unsigned char c)
{
    return c == 0x21 || (c >= 0x23 && c != 0x7f); /* etagc: section 8.8.3 */
}

/* What stands between the quotes, as we write revisions: without leading zeros. */
static int64_t
revision_of(const char *text, size_t size)
{
    int64_t value = 0;
    if (size == 0 || size > DIGITS_MAX || text[0] == '0') {
        return IF_MATCH_NEVER;
    }
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return IF_MATCH_NEVER;
        }
        value = value * 10 + (text[i] - '0');
    }
    return value < IF_MATCH_NEVER ? value : IF_MATCH_NEVER;
}

static bool
read_tag(const char **at, int64_t *revision)
{
    if (strncmp(*at, "W/", 2) == 0) {
        *at += 2;
    }
    if (**at != '"') {
        return false;
    }
    const char *start = ++*at;
    while (is_tag_character((unsigned char)**at)) {
        (*at)++;
    }
    if (**at != '"') {
        return false;
    }
    *revision = revision_of(start, (size_t)(*at - start));
    (*at)++;
    return true;
}

bool
if_match_read(const char *value, struct if_match *out)
{
    static const char between[] = " \t,"; /* a list may have empty elements: section 5.6.1 */
    memset(out, 0, sizeof *out);
    const char *at = value + strspn(value, " \t");
    if (*at == '*') {
        at++;
        out->any = true;
        return at[strspn(at, " \t")] == '\0';
    }
    at += strspn(at, between);
    while (*at != '\0') {
        if (out->count == IF_MATCH_MOST || !read_tag(&at, &out->revisions[out->count++])) {
            return false;
        }
        size_t blanks = strspn(at, " \t");
        if (at[blanks] != ',' && at[blanks] != '\0') {
            return false;
        }
        at += strspn(at, between);
    }
    return out->count > 0;
}

int64_t
if_match_guess(const struct if_match *it)
{
    int64_t most = 0;
    for (size_t i = 0; i < it->count; i++) {
        most = it->revisions[i] > most ? it->revisions[i] : most;
    }
    return most;
}

int64_t
if_match_choose(const struct if_match *it, int64_t present)
{
    for (size_t i = 0; i < it->count; i++) {
        if (it->revisions[i] == present) {
            return present;
        }
    }
    return it->any ? present : if_match_guess(it);
}

#include "lib/media/name.h"

#include "lib/base/display.h"
#include "lib/base/utf8.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
    EXTENSION_MAX = 16, /* bytes after the point; a longer one is part of the name */
    DEVICE_LENGTH = 4,  /* of "COM" and "LPT" with their digit */
    SIGN_NONE = 0       /* a sign that leaves nothing */
};

struct range {
    uint32_t from;
    uint32_t to;
};

/* Default_Ignorable_Code_Point of DerivedCoreProperties.txt: nothing of them is seen. Those of direction, U+061C,
 * U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069, are among them. */
static const struct range ignorable[] = {
    {0xad, 0xad},       {0x34f, 0x34f},     {0x61c, 0x61c},   {0x115f, 0x1160}, {0x17b4, 0x17b5},
    {0x180b, 0x180f},   {0x200b, 0x200f},   {0x202a, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164},
    {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0}, {0xfff0, 0xfff8}, {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

/* Interlinear annotation, which hides text; Unicode's noncharacters. */
static const struct range hidden[] = {{0xfff9, 0xfffb}, {0xfdd0, 0xfdef}};

static const struct range blanks[] = {{'\t', '\r'},     {' ', ' '},       {0x85, 0x85},     {0xa0, 0xa0},
                                      {0x1680, 0x1680}, {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f},
                                      {0x205f, 0x205f}, {0x3000, 0x3000}};

/* Separators of paths, Windows' reserved signs, and what looks like a separator or is made one by NFKC. */
static const uint32_t separators[] = {'/',    '\\',   ':',    '*',    '?',    '"',    '<',    '>',    '|',
                                      0x2044, 0x2215, 0x2216, 0x29f5, 0x29f8, 0x29f9, 0xfe68, 0xff0f, 0xff3c};

static const char nameless[] = "file";

#define IN(ranges, sign) is_in((ranges), sizeof(ranges) / sizeof((ranges)[0]), (sign))

static bool
is_in(const struct range *ranges, size_t count, uint32_t sign)
{
    for (size_t i = 0; i < count; i++) {
        if (sign >= ranges[i].from && sign <= ranges[i].to) {
            return true;
        }
    }
    return false;
}

static bool
is_separator(uint32_t sign)
{
    for (size_t i = 0; i < sizeof separators / sizeof separators[0]; i++) {
        if (sign == separators[i]) {
            return true;
        }
    }
    return false;
}

/* What stands for a sign in a clean name: itself, a blank, "_", or nothing. */
static uint32_t
cleaned(uint32_t sign)
{
    if (IN(blanks, sign)) {
        return ' ';
    }
    bool control = sign < 0x20 || (sign >= 0x7f && sign <= 0x9f);
    if (control || IN(ignorable, sign) || IN(hidden, sign) || (sign & 0xfffe) == 0xfffe) {
        return SIGN_NONE;
    }
    return is_separator(sign) ? '_' : sign;
}

/* The sign at `at`, of `*size` bytes; "_" for a byte that begins none. */
static uint32_t
sign_at(const unsigned char *at, const unsigned char *end, size_t *size)
{
    *size = at[0] < 0x80 ? 1 : utf8_size(at, end);
    if (*size == 0) {
        *size = 1;
        return '_';
    }
    static const unsigned char lead[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t sign = at[0] & lead[*size];
    for (size_t i = 1; i < *size; i++) {
        sign = sign << 6 | (at[i] & 0x3fU);
    }
    return sign;
}

/* Of a text that ends at `size`, without blanks and points at its end. */
static size_t
without_end(const char *text, size_t size)
{
    while (size > 0 && (text[size - 1] == ' ' || text[size - 1] == '.')) {
        size--;
    }
    return size;
}

/* No longer than what is given. Returns the size. */
static size_t
clean_signs(struct span given, char clean[MEDIA_NAME_LOOKED_AT])
{
    const unsigned char *at = given.data;
    const unsigned char *end = at + given.size;
    size_t size = 0;
    while (at < end) {
        size_t width = 0;
        uint32_t sign = cleaned(sign_at(at, end, &width));
        at += width;
        bool lost = sign == SIGN_NONE || (sign == ' ' && (size == 0 || clean[size - 1] == ' ')) ||
                    (sign == '.' && size == 0);
        if (!lost) {
            size += utf8_encode(sign, (unsigned char *)clean + size);
        }
    }
    return without_end(clean, size);
}

/* Where the extension begins, with its point: some letters and digits of ASCII behind the last point; `size` when
 * there is none. */
static size_t
extension_of(const char *name, size_t size)
{
    size_t at = size;
    while (at > 0 && size - at <= EXTENSION_MAX && name[at - 1] != '.') {
        char sign = name[at - 1];
        if (!((sign >= '0' && sign <= '9') || ((sign | 0x20) >= 'a' && (sign | 0x20) <= 'z'))) {
            return size;
        }
        at--;
    }
    bool extension = at > 1 && at < size && size - at <= EXTENSION_MAX && name[at - 1] == '.';
    return extension ? at - 1 : size;
}

/* The stem, cut between characters to what leaves room for the extension, and the extension. */
static void
put_name(const char *stem, size_t size, const char *extension, size_t extension_size,
         char name[MEDIA_NAME_SIZE])
{
    size_t room = MEDIA_NAME_MAX - extension_size;
    if (size > room) {
        size = room;
        while (size > 0 && ((unsigned char)stem[size] & 0xc0) == 0x80) {
            size--;
        }
        size = without_end(stem, size);
    }
    memmove(name, stem, size);
    memmove(name + size, extension, extension_size);
    name[size + extension_size] = '\0';
}

/* CON, PRN, AUX, NUL, COM0 to COM9, LPT0 to LPT9, CONIN$, CONOUT$, with whatever extension. */
static bool
is_device(const char *name, size_t size)
{
    static const char *const words[] = {"con", "prn", "aux", "nul", "com", "lpt", "conin$", "conout$"};
    const char *point = memchr(name, '.', size);
    size_t stem = without_end(name, point == NULL ? size : (size_t)(point - name));
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t word = strlen(words[i]);
        bool numbered = words[i][0] == 'l' || strcmp(words[i], "com") == 0;
        if (stem < word || strncasecmp(name, words[i], word) != 0) {
            continue;
        }
        if (!numbered && stem == word) {
            return true;
        }
        /* Windows takes the superscripts one, two and three for digits, too. */
        bool digit = stem == DEVICE_LENGTH && name[3] >= '0' && name[3] <= '9';
        bool raised = stem == DEVICE_LENGTH + 1 && name[3] == '\xc2' &&
                      (name[4] == '\xb9' || name[4] == '\xb2' || name[4] == '\xb3');
        if (numbered && (digit || raised)) {
            return true;
        }
    }
    return false;
}

void
media_name_clean(struct span given, char name[MEDIA_NAME_SIZE])
{
    char clean[1 + MEDIA_NAME_LOOKED_AT];
    clean[0] = '_';
    if (given.size > MEDIA_NAME_LOOKED_AT) {
        given.size = MEDIA_NAME_LOOKED_AT;
    }
    size_t size = given.size == 0 ? 0 : clean_signs(given, clean + 1);
    const char *from = is_device(clean + 1, size) ? clean : clean + 1;
    size += (size_t)(clean + 1 - from);
    size_t extension = extension_of(from, size);
    put_name(from, extension, from + extension, size - extension, name);
    if (display_is_blank(name, strlen(name))) {
        memcpy(name, nameless, sizeof nameless);
    }
}

void
media_name_as(const char *clean, enum media_type type, char name[MEDIA_NAME_SIZE])
{
    size_t size = strlen(clean);
    size_t at = extension_of(clean, size);
    const char *extension = media_type_extension(type);
    bool stays = media_type_has_extension(type, clean + at);
    for (size_t other = MEDIA_TYPE_NONE + 1; !stays && other < MEDIA_TYPES; other++) {
        if (media_type_has_extension((enum media_type)other, clean + at)) {
            size = at;
            break;
        }
    }
    if (stays) {
        put_name(clean, at, clean + at, size - at, name);
    } else {
        put_name(clean, size, extension, strlen(extension), name);
    }
}

/* RFC 8187's attr-char. */
static bool
is_plain(char sign)
{
    return (sign >= '0' && sign <= '9') || (sign >= 'a' && sign <= 'z') || (sign >= 'A' && sign <= 'Z') ||
           (sign != '\0' && strchr("!#$&+-.^_`|~", sign) != NULL);
}

/* For a quoted string: ASCII that can be seen, a "_" for each other character. */
static size_t
put_fallback(const char *name, char *value, bool *same)
{
    size_t size = 0;
    for (const char *at = name; *at != '\0'; at++) {
        bool fine = *at >= ' ' && *at < 0x7f && *at != '"' && *at != '\\' && *at != '%';
        *same = *same && fine;
        if (fine || ((unsigned char)*at & 0xc0) != 0x80) {
            value[size++] = fine ? *at : '_';
        }
    }
    return size;
}

void
media_name_disposition(const char *clean, bool attachment, char value[MEDIA_DISPOSITION_SIZE])
{
    static const char digits[] = "0123456789ABCDEF";
    bool same = true;
    size_t size = (size_t)snprintf(value, MEDIA_DISPOSITION_SIZE, "%s; filename=\"",
                                   attachment ? "attachment" : "inline");
    size += put_fallback(clean, value + size, &same);
    value[size++] = '"';
    if (!same) {
        size += (size_t)snprintf(value + size, MEDIA_DISPOSITION_SIZE - size, "; filename*=UTF-8''");
        for (const char *at = clean; *at != '\0'; at++) {
            if (is_plain(*at)) {
                value[size++] = *at;
            } else {
                value[size++] = '%';
                value[size++] = digits[(unsigned char)*at >> 4];
                value[size++] = digits[(unsigned char)*at & 0xf];
            }
        }
    }
    value[size] = '\0';
}

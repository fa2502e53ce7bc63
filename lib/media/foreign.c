#include "lib/media/foreign.h"

#include "lib/media/bytes.h"

enum {
    NEAR_BEGIN = 1024, /* PDF's readers look so far (ISO 32000, annex H), browsers' about as far */
    LOCAL_SIZE = 30,   /* of a local file header before the name */
    VERSION_MAX = 63,  /* that a member of a ZIP may need: 6.3 is the last */
    METHOD_MAX = 99,   /* AES's; the last that is given */
    NAME_MAX_BYTES = 4096
};

/* At one place of the file. */
struct placed {
    size_t at;
    const char *text;
};

/* Anywhere in the rest, or near the beginning: five bytes and more, so that chance does not write them. */
static const char *const pages[] = {"<html", "<!doctype html", "<script", "<iframe", "<?php", "<body"};
static const struct span archives[] = {
    {(const unsigned char *)"%PDF-", 5},
    {(const unsigned char *)"Rar!\x1a\x07", 6},
    {(const unsigned char *)"7z\xbc\xaf\x27\x1c", 6},
    {(const unsigned char *)"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8}, /* OLE */
    {(const unsigned char *)"MSCF\0\0\0\0", 8},                     /* CAB */
};
enum { PAGES = sizeof pages / sizeof pages[0], ARCHIVES = sizeof archives / sizeof archives[0] };

static const struct placed placed[] = {
    {128, "DICM"}, {257, "ustar"}, {0x8001, "CD001"}, {0x8801, "CD001"}, {0x9001, "CD001"}};
enum { PLACED = sizeof placed / sizeof placed[0] };

/* What a rest may not begin with: programs, and what holds others. */
static const struct span beginnings[] = {
    {(const unsigned char *)"MZ", 2},
    {(const unsigned char *)"\x7f"
                            "ELF",
     4},
    {(const unsigned char *)"\x1f\x8b", 2},
    {(const unsigned char *)"BZh", 3},
    {(const unsigned char *)"\xfd"
                            "7zXZ",
     5},
    {(const unsigned char *)"GIF8", 4},
    {(const unsigned char *)"#!", 2},
    {(const unsigned char *)"\xca\xfe\xba\xbe", 4},
};
enum { BEGINNINGS = sizeof beginnings / sizeof beginnings[0] };

static unsigned char
lower(unsigned char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (unsigned char)(byte - 'A' + 'a') : byte;
}

static bool
is_word(struct span text, size_t at, const char *word)
{
    size_t size = strlen(word);
    if (!bytes_there(text, at, size)) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if (lower(text.data[at + i]) != (unsigned char)word[i]) {
            return false;
        }
    }
    return true;
}

static bool
is_page(struct span text, size_t at)
{
    static const char seconds[] =
        "h!si?b"; /* letters that follow, so that a file of nothing but "<" is soon read */
    if (at + 1 >= text.size || memchr(seconds, lower(text.data[at + 1]), sizeof seconds - 1) == NULL) {
        return false;
    }
    for (size_t i = 0; i < PAGES; i++) {
        if (is_word(text, at, pages[i])) {
            return true;
        }
    }
    return false;
}

static bool
has_page(struct span text)
{
    size_t at = 0;
    while (at < text.size) {
        const unsigned char *found = memchr(text.data + at, '<', text.size - at);
        if (found == NULL) {
            return false;
        }
        at = (size_t)(found - text.data);
        if (is_page(text, at)) {
            return true;
        }
        at++;
    }
    return false;
}

static bool
has_bytes(struct span text, struct span part)
{
    return text.size != 0 && memmem(text.data, text.size, part.data, part.size) != NULL;
}

/* A local file header whose numbers make sense: four bytes alone stand in every hundredth film by chance. */
static bool
is_member(struct span file, size_t at)
{
    if (!bytes_there(file, at, LOCAL_SIZE)) {
        return false;
    }
    uint32_t name = bytes_little(file, at + 26, 2);
    return file.data[at + 4] <= VERSION_MAX && bytes_little(file, at + 8, 2) <= METHOD_MAX && name > 0 &&
           name <= NAME_MAX_BYTES && bytes_there(file, at + LOCAL_SIZE, name);
}

static bool
has_member(struct span rest)
{
    size_t at = 0;
    while (at < rest.size) {
        const unsigned char *found = memmem(rest.data + at, rest.size - at, "PK\3\4", 4);
        if (found == NULL) {
            return false;
        }
        at = (size_t)(found - rest.data);
        if (is_member(rest, at)) {
            return true;
        }
        at++;
    }
    return false;
}

/* Whether a directory stands before the record at `end`: readers take its place from the record's own place,
 * or from the offset that it gives, and what is in front of either for something else's. */
static bool
is_directory_end(struct span file, size_t end)
{
    uint32_t entries = bytes_little(file, end + 10, 2);
    uint32_t size = bytes_little(file, end + 12, 4);
    uint32_t offset = bytes_little(file, end + 16, 4);
    if (entries == UINT16_MAX || size == UINT32_MAX || offset == UINT32_MAX) {
        return end >= 20 && bytes_are(file, end - 20, "PK\6\7", 4); /* ZIP64's locator */
    }
    if (entries == 0 && size == 0) {
        return offset <= end;
    }
    return (size <= end && bytes_are(file, end - size, "PK\1\2", 4)) || bytes_are(file, offset, "PK\1\2", 4);
}

bool
media_foreign_is_zip(struct span file)
{
    size_t from = file.size > ZIP_END_REACH ? file.size - ZIP_END_REACH : 0;
    while (bytes_there(file, from, ZIP_END_SIZE)) {
        const unsigned char *found =
            memmem(file.data + from, file.size - from - (ZIP_END_SIZE - 4), "PK\5\6", 4);
        if (found == NULL) {
            return false;
        }
        from = (size_t)(found - file.data);
        if (is_directory_end(file, from)) {
            return true;
        }
        from++;
    }
    return false;
}

/* Something else that begins where the type ends, or lies in it. Zeros and blanks in front count for nothing. */
static bool
is_bad_rest(struct span rest)
{
    while (rest.size > 0 && (rest.data[0] == 0 || rest.data[0] == '\r' || rest.data[0] == '\n')) {
        rest = bytes_from(rest, 1);
    }
    for (size_t i = 0; i < BEGINNINGS; i++) {
        if (bytes_are(rest, 0, beginnings[i].data, beginnings[i].size)) {
            return true;
        }
    }
    for (size_t i = 0; i < ARCHIVES; i++) {
        if (has_bytes(rest, archives[i])) {
            return true;
        }
    }
    return has_page(rest) || has_member(rest);
}

bool
media_foreign_is_there(struct span file, size_t own)
{
    struct span front = {file.data, file.size < NEAR_BEGIN ? file.size : NEAR_BEGIN};
    for (size_t i = 0; i < PLACED; i++) {
        if (bytes_are(file, placed[i].at, placed[i].text, strlen(placed[i].text))) {
            return true;
        }
    }
    /* A PDF's own header is at the very beginning, where it is no foreign one. */
    return has_bytes(bytes_from(front, 1), archives[0]) || has_page(front) || media_foreign_is_zip(file) ||
           is_bad_rest(bytes_from(file, own));
}

bool
media_foreign_is_document(struct span file, size_t own)
{
    (void)own;
    return has_bytes((struct span){file.data, file.size < NEAR_BEGIN ? file.size : NEAR_BEGIN}, archives[0]);
}

bool
media_foreign_is_encrypted_office(struct span file)
{
    static const char name[] = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e";
    return bytes_are(file, 0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) &&
           has_bytes(file, (struct span){(const unsigned char *)name, sizeof name});
}

/* A tag with which browsers take a text for a page (WHATWG, MIME Sniffing, 7.1). */
static bool
is_tag(struct span text, size_t at)
{
    static const char *const tags[] = {"<h1",    "<div",   "<font", "<table", "<a",
                                       "<title", "<style", "<b",    "<br",    "<p"};
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        size_t end = at + strlen(tags[i]);
        if (is_word(text, at, tags[i]) && end < text.size &&
            (text.data[end] == ' ' || text.data[end] == '>')) {
            return true;
        }
    }
    return false;
}

bool
media_foreign_is_markup(struct span text)
{
    static const char *const words[] = {"<!",      "<html",  "<head", "<body", "<script", "<?",    "<svg",
                                        "<iframe", "{\\rtf", "%pdf-", "%!ps",  "#!",      "mz\x90"};
    size_t at = bytes_are(text, 0, "\xef\xbb\xbf", 3) ? 3 : 0;
    while (at < text.size && memchr(" \t\r\n\f", text.data[at], 5) != NULL) {
        at++;
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (is_word(text, at, words[i])) {
            return true;
        }
    }
    return is_tag(text, at) ||
           has_page((struct span){text.data, text.size < NEAR_BEGIN ? text.size : NEAR_BEGIN});
}

#include "lib/media/bytes.h"
#include "lib/media/walk.h"

enum {
    NEAR_END = 1024, /* readers look so far for %%EOF (ISO 32000, annex H) */
    DIGITS_MAX = 10
};

static bool
is_white(unsigned char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r') || byte == 0;
}

static bool
is_digit(unsigned char byte)
{
    return byte >= '0' && byte <= '9';
}

/* The last place of a word before `end`, no more than NEAR_END bytes away; false when there is none. */
static bool
last_of(struct span file, size_t end, const char *word, size_t *place)
{
    size_t size = strlen(word);
    size_t least = end > NEAR_END ? end - NEAR_END : 0;
    for (size_t at = end; at >= least + size; at--) {
        if (memcmp(file.data + at - size, word, size) == 0) {
            *place = at - size;
            return true;
        }
    }
    return false;
}

/* Whether a number follows, which is a place of the file. */
static bool
is_place(struct span file, size_t at)
{
    uint64_t place = 0;
    size_t digits = 0;
    while (at < file.size && is_white(file.data[at])) {
        at++;
    }
    while (at < file.size && is_digit(file.data[at]) && digits <= DIGITS_MAX) {
        place = place * 10 + (file.data[at] - (unsigned char)'0');
        digits++;
        at++;
    }
    return digits > 0 && digits <= DIGITS_MAX && place < file.size;
}

/* /Encrypt with a dictionary or a reference to one: trailers and dictionaries of streams are plain text, also where
 * all else is compressed. */
static bool
is_encrypted(struct span file)
{
    static const char word[] = "/Encrypt";
    size_t at = 0;
    while (at < file.size) {
        const unsigned char *found = memmem(file.data + at, file.size - at, word, sizeof word - 1);
        if (found == NULL) {
            return false;
        }
        at = (size_t)(found - file.data) + sizeof word - 1;
        size_t next = at;
        while (next < file.size && is_white(file.data[next])) {
            next++;
        }
        if (bytes_are(file, next, "<<", 2) || (next > at && next < file.size && is_digit(file.data[next]))) {
            return true;
        }
    }
    return false;
}

enum media_verdict
media_walk_pdf(struct span file, struct media_size *size, size_t *own)
{
    *size = (struct media_size){0};
    bool known = bytes_there(file, 0, 9) && file.data[6] == '.' &&
                 ((file.data[5] == '1' && file.data[7] >= '0' && file.data[7] <= '7') ||
                  (file.data[5] == '2' && file.data[7] == '0'));
    if (!known || !(is_white(file.data[8]) || file.data[8] == '%')) {
        return MEDIA_NOT_UNDERSTOOD;
    }
    size_t end = 0;
    size_t start = 0;
    if (!last_of(file, file.size, "%%EOF", &end) || !last_of(file, end, "startxref", &start) ||
        !is_place(file, start + strlen("startxref"))) {
        return MEDIA_DAMAGED;
    }
    *own = end + strlen("%%EOF");
    return is_encrypted(file) ? MEDIA_ENCRYPTED : MEDIA_FINE;
}

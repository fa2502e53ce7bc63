#include "lib/media/type.h"

#include "lib/media/box.h"
#include "lib/media/boxes.h"
#include "lib/media/bytes.h"
#include "lib/media/foreign.h"
#include "lib/media/walk.h"

#include <strings.h>

enum { EXTENSIONS_MAX = 4 };

struct kind {
    const char *name;
    const char *extensions[EXTENSIONS_MAX]; /* the first is what we call it */
    bool (*begins)(struct span file);
    media_walk *walk;
    bool (*is_more)(struct span file, size_t own); /* than its type */
    bool picture;                                  /* width and height are limited */
};

#define BRAND(letters) BYTES_CODE((letters)[0], (letters)[1], (letters)[2], (letters)[3])

static bool
begins_jpeg(struct span file)
{
    return bytes_are(file, 0, "\xff\xd8\xff", 3);
}

static bool
begins_png(struct span file)
{
    return bytes_are(file, 0, "\x89PNG\r\n\x1a\n", 8);
}

static bool
begins_webp(struct span file)
{
    return bytes_are(file, 0, "RIFF", 4) && bytes_are(file, 8, "WEBP", 4);
}

static bool
begins_pdf(struct span file)
{
    return bytes_are(file, 0, "%PDF-", 5);
}

static bool
begins_docx(struct span file)
{
    return bytes_are(file, 0, "PK\3\4", 4);
}

static bool
is_brand(struct span file, const char (*brands)[5], size_t count)
{
    uint32_t brand = media_box_brand(file);
    for (size_t i = 0; i < count; i++) {
        if (BRAND(brands[i]) == brand) {
            return true;
        }
    }
    return false;
}
#define IS_BRAND(file, brands) is_brand((file), (brands), sizeof(brands) / sizeof((brands)[0]))

static bool
begins_heic(struct span file)
{
    static const char brands[][5] = {"heic", "heix", "heim", "heis", "hevc", "hevx"};
    static const char general[][5] = {"mif1", "msf1"};
    return IS_BRAND(file, brands) || (IS_BRAND(file, general) && (media_box_has_brand(file, BRAND("heic")) ||
                                                                  media_box_has_brand(file, BRAND("heix"))));
}

/* Brands that say nothing of what a file holds. Phones write all of them for films and for sounds. */
static bool
is_general_brand(struct span file)
{
    static const char brands[][5] = {"isom", "iso2", "iso3", "iso4", "iso5", "iso6", "iso7", "iso8", "iso9",
                                     "mp41", "mp42", "avc1", "hvc1", "M4V ", "M4VH", "M4VP", "MSNV", "dash"};
    static const char phones[][5] = {"3gp4", "3gp5", "3gp6"};
    return IS_BRAND(file, brands) || (IS_BRAND(file, phones) && (media_box_has_brand(file, BRAND("isom")) ||
                                                                 media_box_has_brand(file, BRAND("mp41")) ||
                                                                 media_box_has_brand(file, BRAND("mp42"))));
}

static bool
has_pictures(struct span file)
{
    return media_boxes_has(file, BRAND("vide"));
}

static bool
begins_mp4(struct span file)
{
    return is_general_brand(file) && (has_pictures(file) || !media_boxes_has(file, BRAND("soun")));
}

static bool
begins_mov(struct span file)
{
    return media_box_brand(file) == BRAND("qt  ");
}

static bool
begins_m4a(struct span file)
{
    static const char brands[][5] = {"M4A ", "M4B "};
    return IS_BRAND(file, brands) || (is_general_brand(file) && !has_pictures(file));
}

/* No byte of the first kilobyte that text does not have, and no page, script or document. */
static bool
begins_text(struct span file)
{
    enum { LOOKED_AT = 1024 };
    for (size_t i = 0; i < file.size && i < LOOKED_AT; i++) {
        unsigned char byte = file.data[i];
        if (byte < ' ' && byte != '\t' && byte != '\n' && byte != '\r') {
            return false;
        }
    }
    return file.size > 0 && !media_foreign_is_markup(file);
}

static const struct kind kinds[MEDIA_TYPES] = {
    [MEDIA_JPEG] = {.name = "image/jpeg",
                    .extensions = {".jpg", ".jpeg", ".jpe", ".jfif"},
                    .begins = begins_jpeg,
                    .walk = media_walk_jpeg,
                    .is_more = media_foreign_is_there,
                    .picture = true},
    [MEDIA_PNG] = {.name = "image/png",
                   .extensions = {".png"},
                   .begins = begins_png,
                   .walk = media_walk_png,
                   .is_more = media_foreign_is_there,
                   .picture = true},
    [MEDIA_WEBP] = {.name = "image/webp",
                    .extensions = {".webp"},
                    .begins = begins_webp,
                    .walk = media_walk_webp,
                    .is_more = media_foreign_is_there,
                    .picture = true},
    [MEDIA_HEIC] = {.name = "image/heic",
                    .extensions = {".heic", ".heif", ".hif"},
                    .begins = begins_heic,
                    .walk = media_walk_heic,
                    .is_more = media_foreign_is_there,
                    .picture = true},
    [MEDIA_PDF] = {.name = "application/pdf",
                   .extensions = {".pdf"},
                   .begins = begins_pdf,
                   .walk = media_walk_pdf,
                   .is_more = media_foreign_is_there},
    [MEDIA_DOCX] = {.name = "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                    .extensions = {".docx"},
                    .begins = begins_docx,
                    .walk = media_walk_docx,
                    .is_more = media_foreign_is_document},
    [MEDIA_MP4] = {.name = "video/mp4",
                   .extensions = {".mp4", ".m4v"},
                   .begins = begins_mp4,
                   .walk = media_walk_film,
                   .is_more = media_foreign_is_there},
    [MEDIA_MOV] = {.name = "video/quicktime",
                   .extensions = {".mov", ".qt"},
                   .begins = begins_mov,
                   .walk = media_walk_film,
                   .is_more = media_foreign_is_there},
    [MEDIA_M4A] = {.name = "audio/mp4",
                   .extensions = {".m4a", ".m4b"},
                   .begins = begins_m4a,
                   .walk = media_walk_sound,
                   .is_more = media_foreign_is_there},
    [MEDIA_TEXT] = {.name = "text/plain",
                    .extensions = {".txt", ".text"},
                    .begins = begins_text,
                    .walk = media_walk_text,
                    .is_more = media_foreign_is_document},
};

static const struct kind *
kind_of(enum media_type type)
{
    return (size_t)type < MEDIA_TYPES ? &kinds[type] : &kinds[MEDIA_TYPE_NONE];
}

enum media_type
media_type_named(const char *name)
{
    for (size_t i = MEDIA_TYPE_NONE + 1; i < MEDIA_TYPES; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return (enum media_type)i;
        }
    }
    return MEDIA_TYPE_NONE;
}

const char *
media_type_name(enum media_type type)
{
    return kind_of(type)->name;
}

const char *
media_type_extension(enum media_type type)
{
    return kind_of(type)->extensions[0];
}

bool
media_type_has_extension(enum media_type type, const char *extension)
{
    const struct kind *kind = kind_of(type);
    for (size_t i = 0; i < EXTENSIONS_MAX && kind->extensions[i] != NULL; i++) {
        if (strcasecmp(kind->extensions[i], extension) == 0) {
            return true;
        }
    }
    return false;
}

/* By its beginning. The types of the table exclude each other there, but for a film of which no track is known:
 * then it is what was declared, and damaged. */
static enum media_type
recognised(struct span file, enum media_type wanted)
{
    if (wanted != MEDIA_TYPE_NONE && kinds[wanted].begins(file)) {
        return wanted;
    }
    for (size_t i = MEDIA_TYPE_NONE + 1; i < MEDIA_TYPES; i++) {
        if (kinds[i].begins(file)) {
            return (enum media_type)i;
        }
    }
    return MEDIA_TYPE_NONE;
}

static bool
is_too_large(struct media_size size)
{
    return size.width > MEDIA_SIDE_MAX || size.height > MEDIA_SIDE_MAX ||
           (uint64_t)size.width * size.height > MEDIA_PIXELS_MAX;
}

enum media_verdict
media_type_judge(struct span file, const char *declared, struct media_found *found)
{
    enum media_type wanted = media_type_named(declared);
    *found = (struct media_found){.type = recognised(file, wanted)};
    if (wanted == MEDIA_TYPE_NONE) {
        return MEDIA_NOT_ALLOWED_TYPE;
    }
    if (found->type != wanted) {
        return wanted == MEDIA_DOCX && media_foreign_is_encrypted_office(file) ? MEDIA_ENCRYPTED
                                                                               : MEDIA_WRONG_TYPE;
    }
    const struct kind *kind = &kinds[wanted];
    size_t own = file.size;
    enum media_verdict verdict = kind->walk(file, &found->size, &own);
    if (verdict != MEDIA_FINE) {
        return verdict;
    }
    if (kind->picture && is_too_large(found->size)) {
        return MEDIA_TOO_LARGE_PICTURE;
    }
    return kind->is_more(file, own) ? MEDIA_WRONG_TYPE : MEDIA_FINE;
}

#include "lib/media/type.h"

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
    bool picture; /* width and height are limited */
};

static bool
begins_jpeg(struct span file)
{
    return bytes_are(file, 0, "\xff\xd8\xff", 3);
}

static const struct kind kinds[MEDIA_TYPES] = {
    [MEDIA_JPEG] = {.name = "image/jpeg",
                    .extensions = {".jpg", ".jpeg", ".jpe", ".jfif"},
                    .begins = begins_jpeg,
                    .walk = media_walk_jpeg,
                    .picture = true},
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

/* By its beginning. The types of the table exclude each other there. */
static enum media_type
recognised(struct span file)
{
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
    *found = (struct media_found){.type = recognised(file)};
    if (wanted == MEDIA_TYPE_NONE) {
        return MEDIA_NOT_ALLOWED_TYPE;
    }
    if (found->type != wanted) {
        return MEDIA_WRONG_TYPE;
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
    return media_foreign_is_there(file, own) ? MEDIA_WRONG_TYPE : MEDIA_FINE;
}

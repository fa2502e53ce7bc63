#include "scan/keep.h"

#include "lib/crypto/object_key.h"
#include "lib/media/jpeg_markers.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { VIEW_SIDE = 2048, THUMBNAIL_SIDE = 320, JSON_ONE_MAX = 256 };

/* What is to be written, and where. */
struct keeping {
    const struct keep *keep;
    struct kept *kept;
    size_t json_size;
};

bool
keep_is_film(enum media_type type)
{
    return type == MEDIA_MP4 || type == MEDIA_MOV || type == MEDIA_M4A;
}

/* The kind that the database and the object's key know a part by. */
static void
kind_of(const struct wire_part *part, char kind[OBJECT_KIND_SIZE])
{
    if (part->kind == WIRE_PAGE) {
        (void)snprintf(kind, OBJECT_KIND_SIZE, "page-%u", part->page);
    } else {
        (void)snprintf(kind, OBJECT_KIND_SIZE, "%s", part->kind == WIRE_VIEW ? "view" : "thumbnail");
    }
}

/* Of a film or a sound: a copy of it as long as it is, and whole. */
static bool
is_copy(const struct keep *keep, const struct wire_part *part, struct span bytes)
{
    struct media_found found;
    return part->kind == WIRE_VIEW && bytes.size == keep->file.size &&
           media_type_judge(bytes, media_type_name(keep->type), &found) == MEDIA_FINE;
}

/* Whether a part is a picture as our program writes them, with the measures that it told. */
static bool
is_ours(const struct keep *keep, const struct wire_part *part, struct span bytes)
{
    if (keep_is_film(keep->type)) {
        return is_copy(keep, part, bytes);
    }
    struct media_size size;
    uint32_t side = part->kind == WIRE_THUMBNAIL ? THUMBNAIL_SIDE : VIEW_SIDE;
    return media_jpeg_is_ours(bytes, side, &size) && size.width == part->width && size.height == part->height;
}

static bool
note(struct keeping *keeping, const char *kind, const char *type, uint64_t size, uint32_t width,
     uint32_t height)
{
    struct kept *kept = keeping->kept;
    size_t room = sizeof kept->json - keeping->json_size;
    int length = snprintf(kept->json + keeping->json_size, room,
                          "%s{\"kind\":\"%s\",\"name\":\"%s\",\"content_type\":\"%s\",\"plain_size\":%llu",
                          kept->count == 1 ? "[" : ",", kind, kept->names[kept->count - 1], type,
                          (unsigned long long)size);
    if (length < 0 || (size_t)length + JSON_ONE_MAX > room) {
        errno = ENOBUFS;
        return false;
    }
    keeping->json_size += (size_t)length;
    if (kept->count == 1 && keeping->keep->reply->pages > 0) { /* of the original */
        keeping->json_size += (size_t)snprintf(kept->json + keeping->json_size, JSON_ONE_MAX, ",\"pages\":%u",
                                               keeping->keep->reply->pages);
    }
    if (width > 0) {
        keeping->json_size += (size_t)snprintf(kept->json + keeping->json_size, JSON_ONE_MAX,
                                               ",\"width\":%u,\"height\":%u", width, height);
    }
    kept->json[keeping->json_size++] = '}';
    kept->json[keeping->json_size] = '\0';
    return true;
}

/* Writes one object, whole, and notes it. False with errno. */
static bool
write_one(struct keeping *keeping, const char *kind, const char *type, struct span bytes, uint32_t width,
          uint32_t height)
{
    const struct keep *keep = keeping->keep;
    unsigned char key[STREAM_KEY_SIZE];
    char text[OBJECT_TEXT_SIZE];
    errno = EINVAL;
    if (keep->salt.size != OBJECT_SALT_SIZE || !object_text(keep->upload_id, kind, text) ||
        !object_key(keep->files_key, keep->upload_id, kind, keep->salt.data, key)) {
        return false;
    }
    enum store_result result =
        store_object_write(keep->store, key, text, bytes, keeping->kept->names[keeping->kept->count]);
    sodium_memzero(key, sizeof key);
    if (result != STORE_DONE) {
        return false;
    }
    keeping->kept->count++;
    return note(keeping, kind, type, bytes.size, width, height);
}

static bool
write_all(struct keeping *keeping, const unsigned char *made)
{
    const struct keep *keep = keeping->keep;
    const struct wire_reply *reply = keep->reply;
    const char *type = keep_is_film(keep->type) ? media_type_name(keep->type) : media_type_name(MEDIA_JPEG);
    if (!write_one(keeping, "original", media_type_name(keep->type), keep->file, reply->width,
                   reply->height)) {
        return false;
    }
    for (uint32_t i = 0; i < reply->part_count; i++) {
        const struct wire_part *part = &reply->parts[i];
        char kind[OBJECT_KIND_SIZE];
        kind_of(part, kind);
        if (!write_one(keeping, kind, type, (struct span){made + part->offset, part->size}, part->width,
                       part->height)) {
            return false;
        }
    }
    keeping->kept->json[keeping->json_size++] = ']';
    keeping->kept->json[keeping->json_size] = '\0';
    return true;
}

/* Of a PDF a thumbnail and its first pages, in their order. */
static bool
has_its_pages(const struct wire_reply *reply)
{
    bool good = reply->part_count >= 2 && reply->part_count <= WIRE_PAGES_MAX + 1 &&
                reply->parts[0].kind == WIRE_THUMBNAIL && reply->pages >= reply->part_count - 1 &&
                reply->pages <= INT32_MAX;
    for (uint32_t i = 1; good && i < reply->part_count; i++) {
        good = reply->parts[i].kind == WIRE_PAGE && reply->parts[i].page == i;
    }
    return good;
}

/* Of a picture a view and a thumbnail, of a film or a sound a view, of a text nothing. */
static bool
has_its_parts(const struct keep *keep)
{
    const struct wire_reply *reply = keep->reply;
    uint32_t views = 0;
    uint32_t thumbnails = 0;
    if (keep->type == MEDIA_PDF) {
        return has_its_pages(reply) && keep->result >= 0;
    }
    for (uint32_t i = 0; i < reply->part_count; i++) {
        views += reply->parts[i].kind == WIRE_VIEW ? 1 : 0;
        thumbnails += reply->parts[i].kind == WIRE_THUMBNAIL ? 1 : 0;
    }
    bool none = keep->type == MEDIA_TEXT || keep->type == MEDIA_DOCX;
    bool film = keep_is_film(keep->type);
    return reply->pages == 0 && reply->part_count == views + thumbnails && views == (none ? 0 : 1) &&
           thumbnails == (none || film ? 0 : 1) && (keep->result >= 0) == !none;
}

static bool
all_ours(const struct keep *keep, const unsigned char *made)
{
    const struct wire_reply *reply = keep->reply;
    if (!has_its_parts(keep)) {
        return false;
    }
    for (uint32_t i = 0; i < reply->part_count; i++) {
        const struct wire_part *part = &reply->parts[i];
        if (!is_ours(keep, part, (struct span){made + part->offset, part->size})) {
            return false;
        }
    }
    return true;
}

enum kept_how
keep_all(const struct keep *keep, struct kept *kept)
{
    unsigned char *made = NULL;
    kept->count = 0;
    kept->json[0] = '\0';
    if (keep->result >= 0) {
        made = mmap(NULL, keep->reply->result_size, PROT_READ, MAP_SHARED, keep->result, 0);
        if (made == MAP_FAILED) {
            return KEPT_NOT;
        }
    }
    enum kept_how how = KEPT_FOREIGN;
    if (all_ours(keep, made)) {
        struct keeping keeping = {.keep = keep, .kept = kept};
        how = write_all(&keeping, made) ? KEPT : KEPT_NOT;
        int why = errno;
        if (how == KEPT_NOT) {
            keep_none(keep->store, kept);
        }
        errno = why;
    }
    if (made != NULL) {
        (void)munmap(made, keep->reply->result_size);
    }
    return how;
}

void
keep_none(struct store *store, struct kept *kept)
{
    for (size_t i = 0; i < kept->count; i++) {
        (void)store_remove(store, kept->names[i]);
    }
    kept->count = 0;
}

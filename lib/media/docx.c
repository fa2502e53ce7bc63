#include "lib/media/docx.h"

#include "lib/media/bytes.h"
#include "lib/media/foreign.h"
#include "lib/media/walk.h"

#include <strings.h>

enum {
    ENTRY_SIZE = 46, /* of a central header, of a local one, and of what may follow a member's data */
    LOCAL_SIZE = 30,
    DESCRIPTOR_SIZE = 12,
    NAME_BYTES_MAX = 255,
    FLAGS_ENCRYPTED = 0x2041, /* encrypted, strongly, or with hidden headers */
    FLAG_DESCRIPTOR = 0x0008,
    FLAGS_KNOWN = 0x080e, /* how it was packed, a descriptor, UTF-8 */
    VERSION_MAX = 45,     /* what writers put there who might have needed ZIP64 */
    STORED = 0,
    DEFLATED = 8
};

struct member {
    uint32_t flags;
    uint32_t method;
    uint32_t crc;
    uint32_t packed;
    uint32_t size;
    uint32_t local; /* where its local header is */
    struct span name;
};

/* What was met so far. */
struct met {
    size_t end;        /* of the members, in the file */
    uint64_t unpacked; /* bytes */
    bool types;
    bool document;
};

static const char *const extensions[] = {".xml",  ".rels", ".png", ".jpg",   ".jpeg", ".gif",
                                         ".tif",  ".tiff", ".bmp", ".emf",   ".wmf",  ".jfif",
                                         ".webp", ".svg",  ".wdp", ".odttf", ".sigs", ".vml"};

/* Parts of names, in lower case, that stand for what runs. */
static const char *const active[] = {
    "vba",  "embeddings/", "activex", "customui", "webextension", "macrosheets", "oleobject", ".bin", ".exe",
    ".dll", ".js",         ".vbs",    ".ps1",     ".bat",         ".cmd",        ".scr",      ".lnk", ".htm"};

static bool
is_at(struct span name, size_t at, const char *part)
{
    size_t size = strlen(part);
    return bytes_there(name, at, size) && strncasecmp((const char *)name.data + at, part, size) == 0;
}

static bool
has_part(struct span name, const char *part)
{
    for (size_t at = 0; at < name.size; at++) {
        if (is_at(name, at, part)) {
            return true;
        }
    }
    return false;
}

static bool
ends_in(struct span name, const char *part)
{
    size_t size = strlen(part);
    return name.size >= size && is_at(name, name.size - size, part);
}

/* Letters of ASCII that are no path out of the archive. */
static bool
is_name(struct span name)
{
    if (name.size == 0 || name.size > NAME_BYTES_MAX || name.data[0] == '/' || has_part(name, "..") ||
        has_part(name, "//")) {
        return false;
    }
    for (size_t i = 0; i < name.size; i++) {
        unsigned char sign = name.data[i];
        if (sign < ' ' || sign >= 0x7f || strchr("\\:*?\"<>|", sign) != NULL) {
            return false;
        }
    }
    return true;
}

static enum media_verdict
judge_name(struct span name, bool empty)
{
    if (!is_name(name)) {
        return MEDIA_NOT_UNDERSTOOD;
    }
    for (size_t i = 0; i < sizeof active / sizeof active[0]; i++) {
        if (has_part(name, active[i])) {
            return MEDIA_ACTIVE_CONTENT;
        }
    }
    if (name.data[name.size - 1] == '/') {
        return empty ? MEDIA_FINE : MEDIA_DAMAGED;
    }
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++) {
        if (ends_in(name, extensions[i])) {
            return MEDIA_FINE;
        }
    }
    return MEDIA_NOT_UNDERSTOOD;
}

static enum media_verdict
judge_packing(const struct member *member)
{
    if ((member->flags & FLAGS_ENCRYPTED) != 0) {
        return MEDIA_ENCRYPTED;
    }
    if ((member->flags & ~(uint32_t)FLAGS_KNOWN) != 0 ||
        (member->method != STORED && member->method != DEFLATED) || member->packed == UINT32_MAX ||
        member->size == UINT32_MAX || member->local == UINT32_MAX) {
        return MEDIA_NOT_UNDERSTOOD;
    }
    if ((member->method == STORED && member->packed != member->size) ||
        (member->packed == 0 && member->size > 0)) {
        return MEDIA_DAMAGED;
    }
    return member->size > DOCX_RATIO_FROM && member->size / DOCX_RATIO_MAX > member->packed ? MEDIA_TOO_DEEP
                                                                                            : MEDIA_FINE;
}

/* Behind a member's data, when its sizes were not known before: with or without a signature. */
static size_t
descriptor_size(struct span file, size_t at, const struct member *member)
{
    size_t signature = bytes_are(file, at, "PK\7\10", 4) ? 4 : 0;
    if ((member->flags & FLAG_DESCRIPTOR) == 0) {
        return 0;
    }
    for (size_t skip = signature;; skip = 0) {
        if (bytes_there(file, at, skip + DESCRIPTOR_SIZE) &&
            bytes_little(file, at + skip, 4) == member->crc &&
            bytes_little(file, at + skip + 4, 4) == member->packed &&
            bytes_little(file, at + skip + 8, 4) == member->size) {
            return skip + DESCRIPTOR_SIZE;
        }
        if (skip == 0) {
            return 0;
        }
    }
}

/* The local header says what the directory does; the member begins where the one before it ends. */
static bool
agrees(struct span file, const struct member *member, struct met *met)
{
    size_t at = member->local;
    if (at != met->end || !bytes_are(file, at, "PK\3\4", 4) || !bytes_there(file, at, LOCAL_SIZE)) {
        return false;
    }
    bool later = (member->flags & FLAG_DESCRIPTOR) != 0 && bytes_little(file, at + 14, 4) == 0 &&
                 bytes_little(file, at + 18, 4) == 0 && bytes_little(file, at + 22, 4) == 0;
    bool same = bytes_little(file, at + 14, 4) == member->crc &&
                bytes_little(file, at + 18, 4) == member->packed &&
                bytes_little(file, at + 22, 4) == member->size;
    uint64_t name = bytes_little(file, at + 26, 2);
    uint64_t extra = bytes_little(file, at + 28, 2);
    if (!(same || later) || bytes_little(file, at + 4, 2) > VERSION_MAX ||
        bytes_little(file, at + 6, 2) != member->flags || bytes_little(file, at + 8, 2) != member->method ||
        name != member->name.size || !bytes_there(file, at, LOCAL_SIZE + name + extra + member->packed) ||
        !bytes_are(file, at + LOCAL_SIZE, member->name.data, member->name.size)) {
        return false;
    }
    met->end = at + LOCAL_SIZE + (size_t)(name + extra) + member->packed;
    size_t descriptor = descriptor_size(file, met->end, member);
    met->end += descriptor;
    return !later || descriptor > 0;
}

/* Names of Windows are the same in any case: so of two alike a reader might take either. */
static bool
is_named_before(struct span directory, size_t until, struct span name)
{
    for (size_t at = 0; at < until;) {
        size_t size = bytes_little(directory, at + 28, 2);
        if (size == name.size &&
            strncasecmp((const char *)directory.data + at + ENTRY_SIZE, (const char *)name.data, size) == 0) {
            return true;
        }
        at += ENTRY_SIZE + size + bytes_little(directory, at + 30, 2);
    }
    return false;
}

/* One row of the directory, at `*at`, which then stands behind it. */
static enum media_verdict
judge_entry(struct span file, struct span directory, size_t *at, struct met *met)
{
    size_t from = *at;
    if (!bytes_there(directory, from, ENTRY_SIZE) || !bytes_are(directory, from, "PK\1\2", 4)) {
        return MEDIA_DAMAGED;
    }
    struct member member = {
        .flags = bytes_little(directory, from + 8, 2),
        .method = bytes_little(directory, from + 10, 2),
        .crc = bytes_little(directory, from + 16, 4),
        .packed = bytes_little(directory, from + 20, 4),
        .size = bytes_little(directory, from + 24, 4),
        .local = bytes_little(directory, from + 42, 4),
        .name = {directory.data + from + ENTRY_SIZE, bytes_little(directory, from + 28, 2)}};
    uint64_t size = ENTRY_SIZE + (uint64_t)member.name.size + bytes_little(directory, from + 30, 2);
    if (bytes_little(directory, from + 6, 2) > VERSION_MAX || bytes_little(directory, from + 32, 4) != 0) {
        return MEDIA_NOT_UNDERSTOOD; /* a newer form, a comment, another disk */
    }
    if (!bytes_there(directory, from, size) || is_named_before(directory, from, member.name)) {
        return MEDIA_DAMAGED;
    }
    *at = from + (size_t)size;
    enum media_verdict verdict = judge_packing(&member);
    if (verdict == MEDIA_FINE) {
        verdict = judge_name(member.name, member.size == 0);
    }
    if (verdict == MEDIA_FINE && !agrees(file, &member, met)) {
        verdict = MEDIA_DAMAGED;
    }
    met->unpacked += member.size;
    met->types = met->types || (is_at(member.name, 0, "[Content_Types].xml") && member.name.size == 19);
    met->document = met->document || (is_at(member.name, 0, "word/document") && ends_in(member.name, ".xml"));
    return verdict;
}

static enum media_verdict
judge_directory(struct span file, struct span directory, uint32_t entries)
{
    struct met met = {0};
    size_t at = 0;
    for (uint32_t i = 0; i < entries; i++) {
        enum media_verdict verdict = judge_entry(file, directory, &at, &met);
        if (verdict != MEDIA_FINE) {
            return verdict;
        }
    }
    if (at != directory.size || met.end != (size_t)(directory.data - file.data)) {
        return MEDIA_DAMAGED;
    }
    if (met.unpacked > DOCX_UNPACKED_MAX || met.unpacked / DOCX_RATIO_MAX > file.size) {
        return MEDIA_TOO_DEEP;
    }
    return met.types && met.document ? MEDIA_FINE : MEDIA_WRONG_TYPE;
}

enum media_verdict
media_docx_judge(struct span file)
{
    if (!bytes_there(file, 0, ZIP_END_SIZE)) {
        return MEDIA_DAMAGED;
    }
    size_t end = file.size - ZIP_END_SIZE;
    if (!bytes_are(file, end, "PK\5\6", 4) || bytes_little(file, end + 20, 2) != 0) {
        return media_foreign_is_zip(file) ? MEDIA_NOT_UNDERSTOOD : MEDIA_DAMAGED;
    }
    uint32_t entries = bytes_little(file, end + 10, 2);
    uint64_t size = bytes_little(file, end + 12, 4);
    uint64_t offset = bytes_little(file, end + 16, 4);
    if (entries == UINT16_MAX || size == UINT32_MAX || offset == UINT32_MAX ||
        bytes_little(file, end + 4, 4) != 0 || bytes_little(file, end + 8, 2) != entries) {
        return MEDIA_NOT_UNDERSTOOD;
    }
    if (media_foreign_is_zip((struct span){file.data, end})) {
        return MEDIA_WRONG_TYPE;
    }
    if (entries > DOCX_MEMBERS_MAX) {
        return MEDIA_TOO_DEEP;
    }
    if (offset + size != end) {
        return MEDIA_DAMAGED;
    }
    return judge_directory(file, (struct span){file.data + offset, (size_t)size}, entries);
}

enum media_verdict
media_walk_docx(struct span file, struct media_size *size, size_t *own)
{
    *size = (struct media_size){0};
    *own = file.size;
    return media_docx_judge(file);
}

#include "scan/pdf.h"

#include "lib/base/clock.h"
#include "lib/base/write_all.h"
#include "lib/media/type.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    LOOK_MILLISECONDS = 60 * 1000,
    STEP_MILLISECONDS = 30 * 1000,
    UNPACKED_MAX = 100 * 1000 * 1000,
    DRAWN_MAX = 16 * 1024 * 1024, /* a page of 2,048 x 2,048 pixels */
    PICTURES_MAX = 16 * 1024 * 1024,
    INSIDE_MILLISECONDS = 60 * 1000, /* of processor time, for all that is attached */
    PAGES_MILLISECONDS = 45 * 1000,  /* likewise, for all pages */
    FILES_MAX = 100,                 /* that are looked at within one */
    DEPTH_MAX = 3,                   /* documents attached to documents */
    HEAD = 1024,                     /* readers look so far for a header (ISO 32000, annex H) */
    SOME = 64 * 1024
};

/* However long it waits for a busy machine: then it is tried again, since that is not the file's doing. */
#define INSIDE_PATIENCE (120 * CLOCK_SECOND)
#define PAGES_PATIENCE  (180 * CLOCK_SECOND)

_Static_assert(INSIDE_PATIENCE + PAGES_PATIENCE <= PDF_SECONDS * CLOCK_SECOND, "no longer than is said");

/* Documents in documents, and how many files were looked at so far. */
struct inside {
    const struct pdf *pdf;
    struct wire_reply *reply;
    int64_t until;
    uint64_t processor; /* milliseconds so far */
    unsigned files;
};

static enum step
put(const struct pdf *pdf, int socket, struct wire_request request, int file, struct wire_reply *reply,
    int *result)
{
    request.id = ++*pdf->asked;
    return scan_step(pdf->upload_id, socket, &request, file, reply, result);
}

static enum step
refuse(struct wire_reply *reply, enum wire_reason reason)
{
    *reply = (struct wire_reply){.verdict = WIRE_REJECTED, .reason = (uint32_t)reason};
    return STEP_REFUSED;
}

static struct wire_request
request_of(enum wire_what what, uint64_t size, uint64_t result_max, const char *type)
{
    struct wire_request request = {
        .what = (uint32_t)what, .size = size, .result_max = result_max, .milliseconds = STEP_MILLISECONDS};
    (void)snprintf(request.type, sizeof request.type, "%s", type);
    return request;
}

/* Copies a part of a result behind what is in another file. False with errno. */
static bool
copy_part(int from, const struct wire_part *part, int to)
{
    unsigned char some[SOME];
    for (uint64_t done = 0; done < part->size;) {
        size_t left = part->size - done < SOME ? (size_t)(part->size - done) : SOME;
        ssize_t got = pread(from, some, left, (off_t)(part->offset + done));
        if (got <= 0 || !write_all(to, some, (size_t)got)) {
            errno = got == 0 ? EBADMSG : errno;
            return false;
        }
        done += (uint64_t)got;
    }
    return true;
}

/* A part as a file of its own, sealed; -1 with errno. */
static int
part_file(int result, const struct wire_part *part)
{
    int file = memfd_create("inner", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file >= 0 && !(copy_part(result, part, file) && wire_seal(file))) {
        int why = errno;
        (void)close(file);
        errno = why;
        return -1;
    }
    return file;
}

/* Whether a reader of PDF may take it for one. */
static bool
is_document(int file)
{
    char head[HEAD];
    ssize_t got = pread(file, head, sizeof head, 0);
    return got > 0 && memmem(head, (size_t)got, "%PDF-", 5) != NULL;
}

static enum step look_into(struct inside *inside, int file, uint64_t size, unsigned depth);

/* The engine, and when it is a document itself, what is in that. */
static enum step
look_at_part(struct inside *inside, int result, const struct wire_part *part, unsigned depth)
{
    int none = -1;
    if (part->kind != WIRE_INNER) {
        return STEP_BROKEN;
    }
    if (++inside->files > FILES_MAX || part->size > WIRE_FILE_MAX ||
        inside->processor > INSIDE_MILLISECONDS) {
        return refuse(inside->reply, WIRE_TOO_DEEP);
    }
    if (clock_monotonic() > inside->until) {
        return STEP_AGAIN;
    }
    int file = part_file(result, part);
    if (file < 0) {
        return STEP_OURS;
    }
    struct wire_request request = request_of(WIRE_LOOK, part->size, 0, "application/octet-stream");
    request.milliseconds = LOOK_MILLISECONDS;
    enum step step = put(inside->pdf, inside->pdf->engine, request, file, inside->reply, &none);
    inside->processor += inside->reply->processor;
    if (none >= 0) {
        (void)close(none);
        step = STEP_BROKEN;
    }
    if (step == STEP_FINE && is_document(file)) {
        step = look_into(inside, file, part->size, depth + 1);
    }
    (void)close(file);
    return step;
}

static enum step
look_into(struct inside *inside, int file, uint64_t size, unsigned depth)
{
    int result = -1;
    if (depth > DEPTH_MAX) {
        return refuse(inside->reply, WIRE_TOO_DEEP);
    }
    struct wire_request request = request_of(WIRE_UNPACK, size, UNPACKED_MAX, media_type_name(MEDIA_PDF));
    enum step step = put(inside->pdf, inside->pdf->documents, request, file, inside->reply, &result);
    const struct wire_reply unpacked = *inside->reply;
    inside->processor += unpacked.processor;
    step = step == STEP_INFECTED ? STEP_BROKEN : step; /* nobody asked it for that */
    for (uint32_t i = 0; step == STEP_FINE && i < unpacked.part_count; i++) {
        step = look_at_part(inside, result, &unpacked.parts[i], depth);
    }
    if (result >= 0) {
        (void)close(result);
    }
    return step;
}

enum step
pdf_look_inside(const struct pdf *pdf, struct wire_reply *reply)
{
    struct inside inside = {.pdf = pdf, .reply = reply, .until = clock_monotonic() + INSIDE_PATIENCE};
    return look_into(&inside, pdf->file, pdf->size, 1);
}

/* The pages that are made so far. */
struct pages {
    const struct pdf *pdf;
    struct wire_reply made;
    uint64_t processor; /* milliseconds so far */
    int file;
};

/* Notes a part of the picture program's result as one of the document's, and takes its bytes over. */
static bool
add(struct pages *pages, enum wire_kind kind, uint32_t page, int result, struct wire_part part)
{
    if (!copy_part(result, &part, pages->file)) {
        return false;
    }
    part.kind = (uint32_t)kind;
    part.page = page;
    part.offset = pages->made.result_size;
    pages->made.parts[pages->made.part_count++] = part;
    pages->made.result_size += part.size;
    return true;
}

/* What was drawn becomes a JPEG, and of the first page a thumbnail as well. */
static enum step
write_page(struct pages *pages, uint32_t page, int drawn, uint64_t size, struct wire_reply *reply)
{
    int result = -1;
    struct wire_request request = request_of(WIRE_REMAKE, size, PICTURES_MAX, WIRE_DRAWN);
    enum step step = put(pages->pdf, pages->pdf->pictures, request, drawn, reply, &result);
    pages->processor += reply->processor;
    bool right =
        reply->part_count == 2 && reply->parts[0].kind == WIRE_VIEW && reply->parts[1].kind == WIRE_THUMBNAIL;
    if (step == STEP_FINE && right) {
        bool good = page > 1 || add(pages, WIRE_THUMBNAIL, 0, result, reply->parts[1]);
        step = good && add(pages, WIRE_PAGE, page, result, reply->parts[0]) ? STEP_FINE : STEP_OURS;
    } else if (step == STEP_FINE || step == STEP_INFECTED) {
        step = STEP_BROKEN;
    }
    if (result >= 0) {
        (void)close(result);
    }
    return step;
}

static enum step
make_page(struct pages *pages, uint32_t page, struct wire_reply *reply)
{
    int drawn = -1;
    const struct pdf *pdf = pages->pdf;
    struct wire_request request = request_of(WIRE_DRAW, pdf->size, DRAWN_MAX, media_type_name(MEDIA_PDF));
    request.page = page;
    enum step step = put(pdf, pdf->documents, request, pdf->file, reply, &drawn);
    pages->processor += reply->processor;
    bool right = reply->part_count == 1 && reply->parts[0].kind == WIRE_PAGE && reply->pages >= page;
    if (step == STEP_FINE && right) {
        pages->made.pages = reply->pages;
        step = write_page(pages, page, drawn, reply->result_size, reply);
    } else if (step == STEP_FINE || step == STEP_INFECTED) {
        step = STEP_BROKEN;
    }
    if (drawn >= 0) {
        (void)close(drawn);
    }
    return step;
}

enum step
pdf_make_pages(const struct pdf *pdf, struct wire_reply *reply, int *result)
{
    struct pages *pages = calloc(1, sizeof *pages);
    int64_t until = clock_monotonic() + PAGES_PATIENCE;
    *result = -1;
    if (pages == NULL) {
        return STEP_OURS;
    }
    *pages = (struct pages){.pdf = pdf,
                            .made = {.verdict = WIRE_CLEAN, .pages = 1},
                            .file = memfd_create("pages", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    enum step step = pages->file >= 0 ? STEP_FINE : STEP_OURS;
    for (uint32_t page = 1;
         step == STEP_FINE && page <= pages->made.pages && page <= WIRE_PAGES_MAX &&
         pages->made.result_size + PICTURES_MAX <= PDF_PAGES_BYTES && pages->processor < PAGES_MILLISECONDS;
         page++) {
        step = clock_monotonic() < until ? make_page(pages, page, reply) : STEP_AGAIN;
    }
    if (step == STEP_FINE && wire_seal(pages->file)) {
        *reply = pages->made;
        *result = pages->file;
    } else {
        step = step == STEP_FINE ? STEP_OURS : step;
        if (pages->file >= 0) {
            (void)close(pages->file);
        }
    }
    free(pages);
    return step;
}

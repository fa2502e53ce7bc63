/* The files that are attached to a PDF, by libqpdf: every object is followed that a reader could reach from the trailer. */
#include "scan/document.h"

#include <stdlib.h>
#include <string.h>

#include <qpdf/qpdf-c.h>

enum { SLOTS = 2 * 1024 * 1024, PENDING_MAX = 4 * DOCUMENT_OBJECTS_MAX, HASH_SHIFT = 43, CHAINED_MAX = 32 };

_Static_assert(SLOTS > 2 * DOCUMENT_OBJECTS_MAX, "a free slot is always found soon");

/* A walk through the objects. */
struct walk {
    qpdf_data pdf;
    const struct cell_task *task;
    struct wire_reply *reply;
    uint64_t *followed; /* SLOTS: object and generation, 0 free; with it those that were taken out, marked */
    size_t count;
    qpdf_oh *pending; /* PENDING_MAX */
    size_t waiting;
    unsigned chained; /* actions that follow each other, above the present one */
    enum wire_reason reason;
};

/* Marks that an object was followed, or taken out; false when it had been. More than are looked into end the walk. */
static bool
mark(struct walk *walk, uint64_t key)
{
    size_t slot = (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> HASH_SHIFT);
    while (walk->followed[slot] != 0) {
        if (walk->followed[slot] == key) {
            return false;
        }
        slot = (slot + 1) % SLOTS;
    }
    if (walk->count == DOCUMENT_OBJECTS_MAX) {
        walk->reason = WIRE_TOO_DEEP;
        return false;
    }
    walk->count++;
    walk->followed[slot] = key;
    return true;
}

static uint64_t
key_of(const struct walk *walk, qpdf_oh object, bool taken)
{
    return (uint64_t)(uint32_t)qpdf_oh_get_object_id(walk->pdf, object) << 32 |
           (uint64_t)((uint32_t)qpdf_oh_get_generation(walk->pdf, object) & INT32_MAX) << 1 | (taken ? 1 : 0);
}

/* What an error of libqpdf's means. */
static enum wire_reason
reason_of(qpdf_data pdf)
{
    switch (qpdf_get_error_code(pdf, qpdf_get_error(pdf))) {
    case qpdf_e_password:
        return WIRE_ENCRYPTED;
    case qpdf_e_internal: /* an exception that is none of its own: there is no memory */
        return WIRE_TOO_DEEP;
    case qpdf_e_unsupported:
        return WIRE_NOT_UNDERSTOOD;
    default:
        return WIRE_DAMAGED;
    }
}

/* Takes the content of a stream out, whatever it is packed with. */
static void
take(struct walk *walk, qpdf_oh stream)
{
    unsigned char *bytes = NULL;
    size_t size = 0;
    QPDF_BOOL open = QPDF_FALSE;
    if (!qpdf_oh_is_stream(walk->pdf, stream) || !mark(walk, key_of(walk, stream, true))) {
        return;
    }
    QPDF_ERROR_CODE code = qpdf_oh_get_stream_data(walk->pdf, stream, qpdf_dl_all, &open, &bytes, &size);
    if ((code & QPDF_ERRORS) != 0) {
        walk->reason = reason_of(walk->pdf);
    } else if (!open) { /* by a filter that nobody knows */
        walk->reason = WIRE_NOT_UNDERSTOOD;
    } else if (size > DOCUMENT_INNER_MAX ||
               (size > 0 && !document_add(walk->task, walk->reply,
                                          (struct wire_part){.kind = WIRE_INNER, .size = size}, bytes))) {
        walk->reason = WIRE_TOO_DEEP;
    }
    free(bytes);
}

static void
push(struct walk *walk, qpdf_oh object)
{
    if (walk->waiting == PENDING_MAX) {
        walk->reason = WIRE_TOO_DEEP;
        return;
    }
    walk->pending[walk->waiting++] = object;
}

/* Each value of a dictionary is given to `with`; keys are copied first, since a walk over keys allows no other one. */
static void
each_value(struct walk *walk, qpdf_oh dictionary, void (*with)(struct walk *, const char *, qpdf_oh))
{
    size_t count = 0;
    size_t room = 16;
    char **keys = malloc(room * sizeof *keys);
    qpdf_oh_begin_dict_key_iter(walk->pdf, dictionary);
    while (keys != NULL && qpdf_oh_dict_more_keys(walk->pdf)) {
        if (count == room) {
            room *= 2;
            char **more = realloc(keys, room * sizeof *keys);
            keys = more == NULL ? keys : more;
            if (more == NULL) {
                abort(); /* without memory nothing is said of the file */
            }
        }
        keys[count++] = strdup(qpdf_oh_dict_next_key(walk->pdf));
    }
    for (size_t i = 0; i < count; i++) {
        if (keys[i] == NULL) {
            abort();
        }
        if (walk->reason == WIRE_NO_REASON) {
            with(walk, keys[i], qpdf_oh_get_key(walk->pdf, dictionary, keys[i]));
        }
        free(keys[i]);
    }
    free(keys);
}

static void
take_value(struct walk *walk, const char *key, qpdf_oh value)
{
    (void)key;
    take(walk, value);
    qpdf_oh_release(walk->pdf, value);
}

static bool
is_name(const struct walk *walk, qpdf_oh object, const char *const *names)
{
    if (!qpdf_oh_is_name(walk->pdf, object)) {
        return false;
    }
    const char *name = qpdf_oh_get_name(walk->pdf, object);
    while (*names != NULL && strcmp(*names, name) != 0) {
        names++;
    }
    return *names != NULL;
}

/* What is in an array, or the one that stands in place of it. */
static void
each_item(struct walk *walk, qpdf_oh value, void (*with)(struct walk *, const char *, qpdf_oh))
{
    if (!qpdf_oh_is_array(walk->pdf, value)) {
        with(walk, "", qpdf_oh_new_object(walk->pdf, value));
        return;
    }
    int count = qpdf_oh_get_array_n_items(walk->pdf, value);
    for (int i = 0; i < count && walk->reason == WIRE_NO_REASON; i++) {
        with(walk, "", qpdf_oh_get_array_item(walk->pdf, value, i));
    }
}

/* Files that go with an attached one: names and streams by turns. */
static void
take_items(struct walk *walk, const char *key, qpdf_oh value)
{
    (void)key;
    each_item(walk, value, take_value);
    qpdf_oh_release(walk->pdf, value);
}

/* An action that nobody asked for, and those that follow it: with a network address it tells somebody that, and by whom, it was read. */
static void
see_action(struct walk *walk, const char *key, qpdf_oh action)
{
    static const char *const telling[] = {"/URI", "/SubmitForm", NULL};
    (void)key;
    if (++walk->chained > CHAINED_MAX) {
        walk->reason = WIRE_TOO_DEEP;
    } else if (qpdf_oh_is_dictionary(walk->pdf, action)) {
        qpdf_oh name = qpdf_oh_get_key(walk->pdf, action, "/S");
        qpdf_oh next = qpdf_oh_get_key(walk->pdf, action, "/Next");
        if (is_name(walk, name, telling)) {
            walk->reason = WIRE_ACTIVE_CONTENT;
        } else if (!qpdf_oh_is_null(walk->pdf, next)) {
            each_item(walk, next, see_action);
        }
        qpdf_oh_release(walk->pdf, name);
        qpdf_oh_release(walk->pdf, next);
    }
    walk->chained--;
    qpdf_oh_release(walk->pdf, action);
}

/* Whether a stream's bytes, or the page that a form shows, are in another file. */
static bool
is_elsewhere(const struct walk *walk, qpdf_oh dictionary)
{
    static const char *const keys[] = {"/F", "/FFilter", "/FDecodeParms", "/Ref"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (qpdf_oh_has_key(walk->pdf, dictionary, keys[i])) {
            return true;
        }
    }
    return false;
}

/*
 * What is attached, or is a program or a form in a language of its own, is taken, so that the engine sees it; what acts by itself is judged by
 * what it does.
 */
static void
take_below(struct walk *walk, const char *key, qpdf_oh value)
{
    if (strcmp(key, "/EF") == 0 && qpdf_oh_is_dictionary(walk->pdf, value)) {
        each_value(walk, value, take_value);
    } else if (strcmp(key, "/RF") == 0 && qpdf_oh_is_dictionary(walk->pdf, value)) {
        each_value(walk, value, take_items);
    } else if (strcmp(key, "/XFA") == 0 || strcmp(key, "/JS") == 0) {
        each_item(walk, value, take_value);
    } else if (strcmp(key, "/OpenAction") == 0) {
        see_action(walk, key, qpdf_oh_new_object(walk->pdf, value));
    } else if (strcmp(key, "/AA") == 0 && qpdf_oh_is_dictionary(walk->pdf, value)) {
        each_value(walk, value, see_action);
    }
}

/*
 * Whether a composite font is in the document. Its letters are numbers, mostly of East Asia's collections: of another font nobody knows which
 * letter is which, and the page would be drawn without them.
 */
static bool
is_brought(const struct walk *walk, qpdf_oh descendants)
{
    static const char *const files[] = {"/FontFile", "/FontFile2", "/FontFile3"};
    bool brought = false;
    bool is_array = qpdf_oh_is_array(walk->pdf, descendants);
    qpdf_oh font = is_array ? qpdf_oh_get_array_item(walk->pdf, descendants, 0) : qpdf_oh_new_null(walk->pdf);
    if (qpdf_oh_is_dictionary(walk->pdf, font)) {
        qpdf_oh descriptor = qpdf_oh_get_key(walk->pdf, font, "/FontDescriptor");
        for (size_t i = 0; i < sizeof files / sizeof files[0] && qpdf_oh_is_dictionary(walk->pdf, descriptor);
             i++) {
            brought = brought || qpdf_oh_has_key(walk->pdf, descriptor, files[i]);
        }
        qpdf_oh_release(walk->pdf, descriptor);
    }
    qpdf_oh_release(walk->pdf, font);
    return brought;
}

/* What stands below a key: what is attached is taken, what acts is refused, all is followed. */
static void
see_value(struct walk *walk, const char *key, qpdf_oh value)
{
    static const char *const actions[] = {"/Launch", "/ImportData", "/GoToR", "/GoToE",
                                          "/Thread", "/Rendition",  "/Movie", NULL};
    static const char *const players[] = {"/RichMedia", "/3D", "/Movie", "/Screen", NULL};
    if ((strcmp(key, "/S") == 0 && is_name(walk, value, actions)) ||
        (strcmp(key, "/Subtype") == 0 && is_name(walk, value, players))) {
        walk->reason = WIRE_ACTIVE_CONTENT;
    } else if ((strcmp(key, "/NeedsRendering") == 0 && qpdf_oh_is_bool(walk->pdf, value) &&
                qpdf_oh_get_bool_value(walk->pdf, value)) ||
               (strcmp(key, "/DescendantFonts") == 0 && !is_brought(walk, value))) {
        walk->reason = WIRE_NOT_UNDERSTOOD;
    } else {
        take_below(walk, key, value);
    }
    push(walk, value);
}

/* One object: what it holds waits to be followed. */
static void
follow(struct walk *walk, qpdf_oh object)
{
    static const char *const attached[] = {"/EmbeddedFile", NULL};
    bool whole = qpdf_oh_is_indirect(walk->pdf, object);
    bool null = qpdf_oh_is_null(walk->pdf, object);
    if (null || (whole && !mark(walk, key_of(walk, object, false)))) {
        return;
    }
    if (qpdf_oh_is_array(walk->pdf, object)) {
        int count = qpdf_oh_get_array_n_items(walk->pdf, object);
        for (int i = 0; i < count && walk->reason == WIRE_NO_REASON; i++) {
            push(walk, qpdf_oh_get_array_item(walk->pdf, object, i));
        }
    } else if (qpdf_oh_is_stream(walk->pdf, object)) {
        qpdf_oh dictionary = qpdf_oh_get_dict(walk->pdf, object);
        qpdf_oh type = qpdf_oh_get_key(walk->pdf, dictionary, "/Type");
        if (is_elsewhere(walk, dictionary)) {
            walk->reason = WIRE_ACTIVE_CONTENT;
        } else if (is_name(walk, type, attached)) {
            take(walk, object);
        }
        qpdf_oh_release(walk->pdf, type);
        push(walk, dictionary);
    } else if (qpdf_oh_is_dictionary(walk->pdf, object)) {
        each_value(walk, object, see_value);
    }
}

static void
follow_all(struct walk *walk)
{
    push(walk, qpdf_get_trailer(walk->pdf));
    while (walk->waiting > 0 && walk->reason == WIRE_NO_REASON) {
        qpdf_oh object = walk->pending[--walk->waiting];
        follow(walk, object);
        qpdf_oh_release(walk->pdf, object);
    }
}

bool
document_unpack(const struct cell_task *task, struct span file, struct wire_reply *reply)
{
    struct walk walk = {.pdf = qpdf_init(),
                        .task = task,
                        .reply = reply,
                        .followed = calloc(SLOTS, sizeof *walk.followed),
                        .pending = calloc(PENDING_MAX, sizeof *walk.pending)};
    if (walk.pdf == NULL || walk.followed == NULL || walk.pending == NULL) {
        return false;
    }
    qpdf_set_suppress_warnings(walk.pdf, QPDF_TRUE);
    qpdf_set_attempt_recovery(walk.pdf, QPDF_FALSE);
    QPDF_ERROR_CODE code = qpdf_read_memory(walk.pdf, "file", (const char *)file.data, file.size, NULL);
    if ((code & QPDF_ERRORS) != 0) {
        walk.reason = reason_of(walk.pdf);
    } else if (qpdf_is_encrypted(walk.pdf)) {
        walk.reason = WIRE_ENCRYPTED;
    } else {
        follow_all(&walk);
    }
    /* An object that it could not read is nothing to it, and may be something to a reader that guesses. */
    if (walk.reason == WIRE_NO_REASON && qpdf_more_warnings(walk.pdf)) {
        walk.reason = WIRE_DAMAGED;
    }
    if (walk.reason != WIRE_NO_REASON) {
        return document_reject(reply, walk.reason);
    }
    reply->verdict = WIRE_CLEAN;
    return true;
}

#include "scan/conductor.h"

#include "build/gen/sql.h"
#include "lib/base/log.h"
#include "lib/crypto/files_key.h"
#include "lib/crypto/key_check.h"
#include "lib/db/tx.h"
#include "lib/media/type.h"
#include "lib/store/declared.h"
#include "scan/ask.h"
#include "scan/gather.h"
#include "scan/keep.h"
#include "scan/pdf.h"
#include "scan/tagged.h"
#include "scan/unseal.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    LEASE_SECONDS = 600, /* longer than all that is waited for below */
    RETRY_SECONDS = 60,
    PUT_OFF_MAX_SECONDS = 600,
    LOOK_MILLISECONDS = 60 * 1000,
    REMAKE_MILLISECONDS = 30 * 1000,
    PICTURES_MAX = 16 * 1024 * 1024,
    OBJECTS_MIN = 64,                          /* files that the disk can still take */
    ROOM_MIN = WIRE_FILE_MAX + PDF_PAGES_BYTES /* what one file may need: itself, and what is made of it */
};

/* A file that is being looked at, and what is known of it. */
struct look {
    struct conductor *conductor;
    const struct q_scan_claim_row *row;
    unsigned char files_key[FILES_KEY_SIZE];
    struct declared declared;
    int file; /* sealed; -1: none */
    struct span bytes;
    enum media_type type;
    struct wire_reply reply; /* the last one */
    struct kept kept;
};

static void
note(const struct look *look, enum log_level level, const char *event, const char *what)
{
    log_event(level, event, LOG_TEXT("upload", look->row->id), LOG_TEXT("what", what));
}

/* Opens what the row holds sealed. */
static enum step
open_row(struct look *look)
{
    const struct q_scan_claim_row *row = look->row;
    if (!files_key_open(look->conductor->keyring, row->patient_id, row->files_key, look->files_key)) {
        note(look, LOG_ERROR, "upload-does-not-open", "the keyring lacks its key");
        return STEP_OURS;
    }
    if (!declared_open(look->files_key, row->id, row->declared, &look->declared) ||
        look->declared.size != row->size || strcmp(look->declared.type, row->type) != 0) {
        note(look, LOG_ERROR, "upload-does-not-open", "what was declared is not what is there");
        return STEP_AGAIN;
    }
    return STEP_FINE;
}

/* Has the file's bytes before it. */
static enum step
map(struct look *look)
{
    void *bytes = mmap(NULL, (size_t)look->row->size, PROT_READ, MAP_SHARED, look->file, 0);
    if (bytes == MAP_FAILED) {
        log_event(LOG_ERROR, "upload-not-read", LOG_TEXT("upload", look->row->id), LOG_INT("errno", errno));
        return STEP_OURS;
    }
    look->bytes = (struct span){bytes, (size_t)look->row->size};
    return STEP_FINE;
}

/* Opens what the row holds sealed, and puts the parts together. */
static enum step
take(struct look *look, const char **reason)
{
    const struct q_scan_claim_row *row = look->row;
    enum media_verdict verdict = MEDIA_NOT_SCANNED;
    enum step opened = open_row(look);
    if (opened != STEP_FINE) {
        return opened;
    }
    enum store_result read =
        gather(look->conductor->store, row->id, row->parts, &look->declared, &verdict, &look->file);
    if (read != STORE_DONE) {
        log_event(LOG_ERROR, "upload-not-read", LOG_TEXT("upload", row->id),
                  LOG_INT("errno", read == STORE_FAILED ? errno : 0), LOG_INT("store", read));
        return read == STORE_ABSENT ? STEP_AGAIN : STEP_OURS; /* a part that is gone does not come back */
    }
    if (verdict != MEDIA_FINE) {
        *reason = media_verdict_name(verdict);
        return STEP_REFUSED;
    }
    return map(look);
}

static enum step
judge_type(struct look *look, const char **reason)
{
    struct media_found found;
    enum media_verdict verdict = media_type_judge(look->bytes, look->declared.type, &found);
    look->type = found.type;
    *reason = media_verdict_name(verdict);
    return verdict == MEDIA_FINE ? STEP_FINE : STEP_REFUSED;
}

/* Asks a program. STEP_FINE is its WIRE_CLEAN. */
static enum step
ask_program(struct look *look, int socket, struct wire_request *request, int *result, const char **reason)
{
    request->id = ++look->conductor->asked;
    request->size = look->bytes.size;
    (void)snprintf(request->type, sizeof request->type, "%s", media_type_name(look->type));
    enum step step = scan_step(look->row->id, socket, request, look->file, &look->reply, result);
    *reason = step == STEP_REFUSED ? wire_reason_name(look->reply.reason) : NULL;
    return step;
}

/* What a PDF holds, and its pages, are asked for one by one. */
static struct pdf
pdf_of(struct look *look)
{
    struct conductor *conductor = look->conductor;
    return (struct pdf){.upload_id = look->row->id,
                        .engine = conductor->engine,
                        .documents = conductor->document,
                        .pictures = conductor->picture,
                        .asked = &conductor->asked,
                        .file = look->file,
                        .size = look->bytes.size};
}

static enum step
scan_by_tag(struct look *look, const char **reason)
{
    enum step step =
        tagged_look(look->conductor->store, look->row->id, look->row->parts, look->type, &look->reply);
    *reason = step == STEP_REFUSED ? wire_reason_name(look->reply.reason) : NULL;
    return step;
}

static enum step
scan(struct look *look, const char **reason)
{
    int result = -1;
    if (look->conductor->by_tag) {
        return scan_by_tag(look, reason);
    }
    struct wire_request request = {.what = WIRE_LOOK, .milliseconds = LOOK_MILLISECONDS};
    enum step step = ask_program(look, look->conductor->engine, &request, &result, reason);
    if (result >= 0) {
        (void)close(result); /* the engine makes nothing */
        step = STEP_BROKEN;
    }
    if (step == STEP_FINE && look->type == MEDIA_PDF) {
        const struct pdf pdf = pdf_of(look);
        step = pdf_look_inside(&pdf, &look->reply);
        *reason = step == STEP_REFUSED ? wire_reason_name(look->reply.reason) : NULL;
    }
    return step;
}

/* Has made what others may see of it; of texts there is nothing to be made. */
static enum step
remake(struct look *look, int *result, const char **reason)
{
    if (look->type == MEDIA_TEXT || look->type == MEDIA_DOCX) {
        look->reply = (struct wire_reply){.verdict = WIRE_CLEAN};
        return STEP_FINE;
    }
    if (look->type == MEDIA_PDF) {
        const struct pdf pdf = pdf_of(look);
        enum step made = pdf_make_pages(&pdf, &look->reply, result);
        *reason = made == STEP_REFUSED ? wire_reason_name(look->reply.reason) : NULL;
        return made;
    }
    struct wire_request request = {.what = WIRE_REMAKE,
                                   .milliseconds = REMAKE_MILLISECONDS,
                                   .result_max = keep_is_film(look->type) ? look->bytes.size : PICTURES_MAX};
    enum step step = ask_program(look, look->conductor->picture, &request, result, reason);
    return step == STEP_INFECTED ? STEP_BROKEN : step; /* nobody asked it for that */
}

/* Seals it, and what was made of it. */
static enum step
keep(struct look *look, int result, const char **reason)
{
    const struct keep what = {.store = look->conductor->store,
                              .upload_id = look->row->id,
                              .files_key = look->files_key,
                              .salt = look->row->salt,
                              .type = look->type,
                              .file = look->bytes,
                              .reply = &look->reply,
                              .result = result};
    switch (keep_all(&what, &look->kept)) {
    case KEPT:
        return STEP_FINE;
    case KEPT_NOT:
        log_event(LOG_ERROR, "upload-not-kept", LOG_TEXT("upload", look->row->id), LOG_INT("errno", errno));
        return STEP_OURS;
    case KEPT_FOREIGN:
        break;
    }
    /* Each file has a process of its own, so what is wrong ends with this file. */
    note(look, LOG_ERROR, "upload-not-made", "what was made of it is not what may be made");
    *reason = media_verdict_name(MEDIA_NOT_UNDERSTOOD);
    return STEP_REFUSED;
}

static enum step
remake_and_keep(struct look *look, const char **reason)
{
    int result = -1;
    enum step step = remake(look, &result, reason);
    if (step == STEP_FINE) {
        step = keep(look, result, reason);
    }
    if (result >= 0) {
        (void)close(result);
    }
    return step;
}

static enum step
examine(struct look *look, const char **reason)
{
    enum step step = take(look, reason);
    if (step == STEP_FINE) {
        step = judge_type(look, reason);
    }
    if (step == STEP_FINE) {
        step = scan(look, reason);
    }
    return step == STEP_FINE ? remake_and_keep(look, reason) : step;
}

/* Whether a measure is one that a row can have; a file may say anything of itself. */
static bool
is_told(uint32_t measure)
{
    return measure > 0 && measure <= INT32_MAX;
}

/*
 * Notes it. True when the file has moved on, so that what was kept must go. When the answer was lost nobody knows whether it
 * stands: then it stays, and what no row names is found by `anamnesis store check`.
 */
static bool
decided_too_late(struct look *look, enum step step, const char *reason)
{
    struct tx *tx = NULL;
    const struct wire_reply *reply = &look->reply;
    bool clean = step == STEP_FINE;
    struct q_scan_decide_in in = {.id = look->row->id,
                                  .attempt = look->row->attempts,
                                  .state = clean                   ? "clean"
                                           : step == STEP_INFECTED ? "infected"
                                                                   : "rejected",
                                  .reason = step == STEP_REFUSED ? reason : NULL,
                                  .signature = step == STEP_INFECTED ? reply->signature : NULL,
                                  .scanned_with = look->conductor->signatures,
                                  .has_width = clean && is_told(reply->width),
                                  .width = reply->width,
                                  .has_height = clean && is_told(reply->height),
                                  .height = reply->height,
                                  .has_seconds = clean && is_told(reply->seconds),
                                  .seconds = reply->seconds,
                                  .objects = clean ? look->kept.json : NULL};
    const struct q_scan_decide_row *row = NULL;
    enum problem problem = tx_open(look->conductor->db, look->conductor->arena, &tx);
    if (problem == PROBLEM_NONE) {
        problem = q_scan_decide_last(tx, &in, &row);
        tx_rollback(tx);
    }
    bool known = problem == PROBLEM_NONE && row != NULL;
    log_event(LOG_INFO, "upload-looked-at", LOG_TEXT("upload", look->row->id), LOG_TEXT("state", in.state),
              LOG_TEXT("reason", in.reason == NULL ? "" : in.reason),
              LOG_TEXT("stands", !known        ? "not known"
                                 : row->stands ? "yes"
                                               : "no"));
    return known && !row->stands;
}

static void
give_back(struct look *look)
{
    struct tx *tx = NULL;
    const struct q_scan_retry_row *row = NULL;
    struct q_scan_retry_in in = {
        .id = look->row->id, .attempt = look->row->attempts, .seconds = RETRY_SECONDS * look->row->attempts};
    if (tx_open(look->conductor->db, look->conductor->arena, &tx) == PROBLEM_NONE) {
        (void)q_scan_retry_last(tx, &in, &row); /* the lease ends by itself, too */
        tx_rollback(tx);
    }
}

/* The same after a fault of ours: the more often, the later, and it has lost no try. */
static void
put_off(struct look *look)
{
    struct tx *tx = NULL;
    const struct q_scan_put_off_row *row = NULL;
    int64_t seconds = (int64_t)RETRY_SECONDS * look->row->attempts;
    struct q_scan_put_off_in in = {.id = look->row->id,
                                   .attempt = look->row->attempts,
                                   .seconds = seconds < PUT_OFF_MAX_SECONDS ? seconds : PUT_OFF_MAX_SECONDS};
    log_event(LOG_WARN, "upload-put-off", LOG_TEXT("upload", look->row->id), LOG_INT("seconds", in.seconds));
    if (tx_open(look->conductor->db, look->conductor->arena, &tx) == PROBLEM_NONE) {
        (void)q_scan_put_off_last(tx, &in, &row);
        tx_rollback(tx);
    }
}

/* Nothing of the file, and no key of its patient, stays in this process. */
static void
forget(struct look *look)
{
    if (look->bytes.size > 0) {
        (void)munmap((void *)(uintptr_t)look->bytes.data, look->bytes.size);
    }
    if (look->file >= 0) {
        (void)close(look->file);
    }
    sodium_memzero(look->files_key, sizeof look->files_key);
}

static enum conducted
handle(struct look *look)
{
    const char *reason = NULL;
    enum step step = examine(look, &reason);
    forget(look);
    if (step == STEP_OURS) {
        put_off(look);
        return CONDUCTED_DOWN;
    }
    if (step == STEP_AGAIN || step == STEP_BROKEN) {
        give_back(look);
    } else if (decided_too_late(look, step, reason)) {
        keep_none(look->conductor->store, &look->kept);
    }
    return step == STEP_BROKEN ? CONDUCTED_BROKEN : CONDUCTED_WORKED;
}

/*
 * Whether there is room for what is kept of any file. Without it none is claimed, for each claim is one of the few tries that a file has,
 * and a disk may be full for longer than those last.
 */
static bool
has_room(struct conductor *conductor)
{
    enum store_result room = store_room(conductor->store, ROOM_MIN, OBJECTS_MIN);
    bool full = room != STORE_DONE;
    if (full != conductor->full) {
        log_event(full ? LOG_ERROR : LOG_INFO,
                  !full                ? "store-has-room"
                  : room == STORE_FULL ? "store-full"
                                       : "store-not-there",
                  LOG_INT("errno", full ? errno : 0));
    }
    conductor->full = full;
    return !full;
}

enum conducted
conduct(struct conductor *conductor)
{
    if (!has_room(conductor)) {
        return CONDUCTED_DOWN;
    }
    struct tx *tx = NULL;
    struct look look = {.conductor = conductor, .file = -1};
    struct q_scan_claim_in in = {.lease_seconds = LEASE_SECONDS, .signatures_at = conductor->signatures_at};
    enum problem problem = tx_open(conductor->db, conductor->arena, &tx);
    if (problem == PROBLEM_NONE) {
        problem = q_scan_claim_last(tx, &in, &look.row);
        tx_rollback(tx);
    }
    if (problem != PROBLEM_NONE) {
        return CONDUCTED_DOWN;
    }
    return look.row == NULL ? CONDUCTED_IDLE : handle(&look);
}

/* The sealed original, as it is in the store: with other signatures it may be another thing. */
static enum step
look_again(struct look *look, const char *name)
{
    const struct q_scan_claim_row *row = look->row;
    const char *reason = NULL;
    enum step step = open_row(look);
    if (step != STEP_FINE) {
        return step;
    }
    const struct unseal from = {.upload_id = row->id,
                                .name = name,
                                .files_key = look->files_key,
                                .salt = row->salt,
                                .declared = &look->declared};
    enum store_result read = unseal(look->conductor->store, &from, &look->file);
    if (read != STORE_DONE) {
        log_event(LOG_ERROR, "upload-not-read", LOG_TEXT("upload", row->id),
                  LOG_INT("errno", read == STORE_FAILED ? errno : 0), LOG_INT("store", read));
        return STEP_OURS;
    }
    step = map(look);
    if (step == STEP_FINE) { /* it is what it was declared as: it was found clean by that */
        step = judge_type(look, &reason);
    }
    if (step == STEP_FINE) {
        step = scan(look, &reason);
    }
    if (step == STEP_REFUSED) {
        note(look, LOG_WARN, "upload-not-looked-at-again", reason);
    }
    return step;
}

static void
note_again(struct look *look, enum step step)
{
    struct tx *tx = NULL;
    struct q_scan_note_again_in in = {.id = look->row->id,
                                      .attempt = look->row->attempts,
                                      .state = step == STEP_FINE ? "clean" : "infected",
                                      .signature = step == STEP_FINE ? NULL : look->reply.signature,
                                      .scanned_with = look->conductor->signatures,
                                      .signatures_at = look->conductor->signatures_at};
    const struct q_scan_note_again_row *row = NULL;
    enum problem problem = tx_open(look->conductor->db, look->conductor->arena, &tx);
    if (problem == PROBLEM_NONE) {
        problem = q_scan_note_again_last(tx, &in, &row);
        tx_rollback(tx);
    }
    bool known = problem == PROBLEM_NONE && row != NULL;
    log_event(LOG_INFO, "upload-looked-at-again", LOG_TEXT("upload", look->row->id),
              LOG_TEXT("state", in.state),
              LOG_TEXT("stands", !known        ? "not known"
                                 : row->stands ? "yes"
                                               : "no"));
}

/* What the row of a file that is looked at again has in common with one that is looked at first. */
static struct q_scan_claim_row
as_claimed(const struct q_scan_claim_again_row *row)
{
    return (struct q_scan_claim_row){.id = row->id,
                                     .patient_id = row->patient_id,
                                     .type = row->type,
                                     .size = row->size,
                                     .declared = row->declared,
                                     .salt = row->salt,
                                     .files_key = row->files_key,
                                     .attempts = row->attempts};
}

enum conducted
conduct_again(struct conductor *conductor)
{
    struct tx *tx = NULL;
    struct q_scan_claim_again_in in = {.lease_seconds = LEASE_SECONDS,
                                       .scanned_with = conductor->signatures,
                                       .signatures_at = conductor->signatures_at};
    const struct q_scan_claim_again_row *found = NULL;
    enum problem problem = tx_open(conductor->db, conductor->arena, &tx);
    if (problem == PROBLEM_NONE) {
        problem = q_scan_claim_again_last(tx, &in, &found);
        tx_rollback(tx);
    }
    if (problem != PROBLEM_NONE || found == NULL) {
        return problem != PROBLEM_NONE ? CONDUCTED_DOWN : CONDUCTED_IDLE;
    }
    const struct q_scan_claim_row row = as_claimed(found);
    struct look look = {.conductor = conductor, .file = -1, .row = &row};
    enum step step = look_again(&look, found->name);
    forget(&look);
    if (step == STEP_FINE || step == STEP_INFECTED) {
        note_again(&look, step);
    } /* otherwise nothing is known that was not known before; the next time is put off by the claim already */
    return step == STEP_BROKEN ? CONDUCTED_BROKEN : step == STEP_OURS ? CONDUCTED_DOWN : CONDUCTED_WORKED;
}

bool
conduct_probe(struct conductor *conductor)
{
    static const char *const found[] = {"fit", "unfit", "broken"};
    enum probe engine =
        conductor->by_tag ? PROBE_FIT : scan_probe(conductor->engine, WIRE_LOOK, ++conductor->asked);
    enum probe picture = scan_probe(conductor->picture, WIRE_REMAKE, ++conductor->asked);
    enum probe unpack = scan_probe(conductor->document, WIRE_UNPACK, ++conductor->asked);
    enum probe draw = scan_probe(conductor->document, WIRE_DRAW, ++conductor->asked);
    if (engine == PROBE_FIT && picture == PROBE_FIT && unpack == PROBE_FIT && draw == PROBE_FIT) {
        return true;
    }
    log_event(LOG_ERROR, "scan-program-unfit", LOG_TEXT("engine", found[engine]),
              LOG_TEXT("picture", found[picture]), LOG_TEXT("document", found[unpack]),
              LOG_TEXT("pages", found[draw]));
    return false;
}

/* Whether the keyring has the keys that the database knows. */
static bool
fits(const struct conductor *conductor, const struct q_scan_keys_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (key_check(conductor->keyring, keyring_kind_name(KEYRING_FILES), rows[i].version, rows[i].value) !=
            KEY_MATCHES) {
            log_event(LOG_ERROR, "keyring-does-not-fit", LOG_TEXT("kind", keyring_kind_name(KEYRING_FILES)),
                      LOG_INT("version", rows[i].version));
            return false;
        }
    }
    if (count == 0) {
        log_event(LOG_ERROR, "keyring-does-not-fit", LOG_TEXT("kind", keyring_kind_name(KEYRING_FILES)),
                  LOG_TEXT("mend", "anamnesis keys register"));
    }
    return count > 0;
}

enum conducted
conduct_note(struct conductor *conductor)
{
    struct tx *tx = NULL;
    const struct q_scan_note_row *noted = NULL;
    const struct q_scan_keys_row *keys = NULL;
    size_t count = 0;
    struct q_scan_note_in in = {.signatures = conductor->signatures,
                                .signatures_at = conductor->signatures_at};
    enum problem problem = tx_open(conductor->db, conductor->arena, &tx);
    if (problem == PROBLEM_NONE) {
        problem = q_scan_keys(tx, &keys, &count);
    }
    bool fit = problem == PROBLEM_NONE && fits(conductor, keys, count);
    if (fit) {
        problem = q_scan_note_last(tx, &in, &noted); /* one that takes no file is not seen */
    }
    tx_rollback(tx);
    if (problem != PROBLEM_NONE) {
        return CONDUCTED_DOWN;
    }
    return fit ? CONDUCTED_WORKED : CONDUCTED_IDLE;
}

/*
 * What a patient uploads, from its declaration until it waits to be looked at. No byte of a file comes here: the
 * client sends each part to anamnesis-store, by a URL that is signed here for exactly these bytes. A worker knows
 * of a part whether it is there, and how long it is, and no more.
 *
 * The question decides what it takes (form_takes_file), the database whether there is room for it, under locks
 * (anamnesis.upload_create). The digest that was declared is sealed under the patient's files key: in clear it
 * would tell for ever which known file this was.
 */
#include "app/app.h"
#include "app/keys.h"
#include "app/page.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/attachments/upload_view.h"
#include "handlers/questionnaires/forms.h"
#include "lib/crypto/files_key.h"
#include "lib/db/tx.h"
#include "lib/media/name.h"
#include "lib/media/type.h"
#include "lib/store/declared.h"
#include "lib/store/store.h"

#include <sodium.h>
#include <string.h>

/* The file as the question and the allow-list judge it: each fault is noted. */
static enum problem
judge(struct request *rq, const struct form *form, const struct my_upload_create_in *in)
{
    if (media_type_named(in->content_type) == MEDIA_TYPE_NONE) {
        request_error(rq, "/content_type", "type", "is not a type of files that are taken");
        return PROBLEM_UPLOAD_REFUSED;
    }
    switch (form_takes_file(form, in->link_id, in->content_type, in->size)) {
    case FORM_FILE_TAKEN:
        return PROBLEM_NONE;
    case FORM_FILE_NO_QUESTION:
        request_error(rq, "/link_id", "no-question", "names no question of this response that takes a file");
        break;
    case FORM_FILE_WRONG_TYPE:
        request_error(rq, "/content_type", "type", "is not a type that the question takes");
        break;
    case FORM_FILE_TOO_LARGE:
        request_error(rq, "/size", "size", "is more than the question takes");
        break;
    }
    return PROBLEM_UPLOAD_REFUSED;
}

/* Whether the response may get a file, and its question takes this one. */
static enum problem
examine(struct request *rq, const struct my_upload_create_in *in, const char **patient_id)
{
    const struct q_my_upload_place_row *place = NULL;
    enum problem problem =
        q_my_upload_place(rq->tx, &(struct q_my_upload_place_in){.response_id = in->response_id}, &place);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    *patient_id = place->patient_id;
    if (place->cancelled || place->status == RESPONSE_STATUS_STOPPED) {
        return PROBLEM_NOT_ACTIVE;
    }
    if (place->status != RESPONSE_STATUS_IN_PROGRESS) {
        return PROBLEM_ALREADY_COMPLETED;
    }
    const struct form *form = NULL;
    problem = forms_load(rq, place->questionnaire_id, place->version, &form);
    return problem != PROBLEM_NONE ? problem : judge(rq, form, in);
}

static enum problem
refused(struct request *rq, enum q_my_upload_create_outcome outcome)
{
    switch (outcome) {
    case MY_UPLOAD_CREATE_CREATED:
        return PROBLEM_NONE;
    case MY_UPLOAD_CREATE_LIMIT_PATIENT:
        request_error(rq, "/size", "limit", "is more than is left to you");
        return PROBLEM_UPLOAD_LIMIT;
    case MY_UPLOAD_CREATE_LIMIT_PRACTICE:
        request_error(rq, "/size", "limit", "is more than is left to the practice");
        return PROBLEM_UPLOAD_LIMIT;
    case MY_UPLOAD_CREATE_LIMIT_DAY:
        request_error(rq, "", "day", "is more than may be declared within a day; later there is room again");
        return PROBLEM_UPLOAD_LIMIT;
    case MY_UPLOAD_CREATE_LIMIT_OPEN:
        return PROBLEM_UPLOAD_LIMIT;
    case MY_UPLOAD_CREATE_SIGNATURES_OLD:
        return PROBLEM_UPLOADS_WAIT;
    case MY_UPLOAD_CREATE_NOT_OPEN:
        break;
    }
    return PROBLEM_NOT_ACTIVE; /* completed or cancelled since it was read above */
}

/* What the row holds sealed: what was declared, and the patient's files key for whoever looks at the file. */
static bool
seal(struct request *rq, const struct my_upload_create_in *in, const char *id, const char *patient_id,
     const unsigned char *files_key, struct q_my_upload_create_in *row)
{
    struct declared declared = {.size = in->size};
    memcpy(declared.sha256, upload_digest(rq, in->sha256), DIGEST_SIZE);
    memcpy(declared.type, in->content_type, strlen(in->content_type) + 1);
    unsigned char *sealed = arena_alloc(rq->arena, DECLARED_SEALED_MAX);
    unsigned char *copy = arena_alloc(rq->arena, FILES_KEY_SEALED_SIZE);
    unsigned char *salt = arena_alloc(rq->arena, FILES_KEY_SIZE);
    randombytes_buf(salt, FILES_KEY_SIZE);
    row->declared = (struct span){sealed, declared_seal(files_key, id, &declared, sealed)};
    row->salt = (struct span){salt, FILES_KEY_SIZE};
    row->files_key = (struct span){copy, FILES_KEY_SEALED_SIZE};
    return row->declared.size > 0 && files_key_seal(rq->app->keyring, patient_id, files_key, copy);
}

/* Whether there is a store whose URLs can be signed, asked before the database is: whoever has keys may have to fetch new ones. */
static enum problem
store_signs(const struct request *rq)
{
    if (store_kind(rq->app->store) == STORE_NOWHERE) {
        return PROBLEM_UPLOADS_WAIT;
    }
    return store_may_sign(rq->app->store, rq->now) ? PROBLEM_NONE : PROBLEM_UNAVAILABLE;
}

/* POST /patient/uploads */
enum problem
h_my_upload_create(struct request *rq, const struct my_upload_create_in *in)
{
    struct span key;
    const char *patient_id = NULL;
    unsigned char *files_key = NULL;
    enum problem problem = store_signs(rq);
    if (problem == PROBLEM_NONE) {
        problem = keys_own(rq, &key);
    }
    if (problem == PROBLEM_NONE) {
        problem = examine(rq, in, &patient_id);
    }
    if (problem == PROBLEM_NONE) {
        problem = upload_files_key(rq, key, &files_key);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const char *id = uuid_new(arena_alloc(rq->arena, UUID_TEXT_SIZE));
    char *name = arena_alloc(rq->arena, MEDIA_NAME_SIZE);
    media_name_clean((struct span){(const unsigned char *)in->filename, strlen(in->filename)}, name);
    struct q_my_upload_create_in row = {.id = id,
                                        .response_id = in->response_id,
                                        .link_id = in->link_id,
                                        .type = in->content_type,
                                        .size = in->size,
                                        .parts = upload_parts_of(in->size),
                                        .key = key,
                                        .name = name};
    if (!seal(rq, in, id, patient_id, files_key, &row)) {
        return PROBLEM_INTERNAL;
    }
    const struct q_my_upload_create_row *made = NULL;
    problem = q_my_upload_create(rq->tx, &row, &made);
    if (problem == PROBLEM_NONE) {
        problem = refused(rq, made->outcome);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    rq->result.object = id;
    reply_header(rq, "Location", arena_format(rq->arena, "/patient/uploads/%s", id));
    struct upload_view view = {.id = id, .made = true};
    if (row.parts == 1) {
        view.digests[0] = upload_digest(rq, in->sha256); /* the only part's is the file's */
    }
    return upload_view(rq, key, &view);
}

/* GET /patient/uploads/{id} */
enum problem
h_my_upload_get(struct request *rq, const struct my_upload_get_in *in)
{
    struct span key;
    enum problem problem = keys_own(rq, &key);
    return problem != PROBLEM_NONE ? problem : upload_view(rq, key, &(struct upload_view){.id = in->id});
}

/* The digests that the client tells, by part; each part once. */
static enum problem
read_digests(struct request *rq, struct json_object *parts, struct upload_view *view)
{
    for (size_t i = 0; i < json_object_array_length(parts); i++) {
        struct json_object *part = json_object_array_get_idx(parts, i);
        int64_t number = json_object_get_int64(json_object_object_get(part, "number"));
        const unsigned char **digest = &view->digests[number - 1];
        if (*digest != NULL) {
            request_error(rq, arena_format(rq->arena, "/parts/%zu/number", i), "twice", "is given twice");
            return PROBLEM_UPLOAD_REFUSED;
        }
        *digest = upload_digest(rq, json_object_get_string(json_object_object_get(part, "sha256")));
        view->asked[number - 1] = arena_format(rq->arena, "/parts/%zu/number", i);
    }
    return PROBLEM_NONE;
}

/* POST /patient/uploads/{id}/parts */
enum problem
h_my_upload_parts(struct request *rq, const struct my_upload_parts_in *in)
{
    struct span key;
    struct upload_view view = {.id = in->id, .awaited = true};
    enum problem problem = store_signs(rq);
    if (problem == PROBLEM_NONE) {
        problem = keys_own(rq, &key);
    }
    if (problem == PROBLEM_NONE) {
        problem = read_digests(rq, in->parts, &view);
    }
    return problem != PROBLEM_NONE ? problem : upload_view(rq, key, &view);
}

/* POST /patient/uploads/{id}/complete: 202 also when it was complete. */
enum problem
h_my_upload_complete(struct request *rq, const struct my_upload_complete_in *in)
{
    struct span key;
    enum problem problem = keys_own(rq, &key);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    return upload_view(rq, key, &(struct upload_view){.id = in->id, .complete = true});
}

/* DELETE /patient/uploads/{id} */
enum problem
h_my_upload_delete(struct request *rq, const struct my_upload_delete_in *in)
{
    const struct q_my_upload_withdraw_row *row = NULL;
    enum problem problem =
        q_my_upload_withdraw(rq->tx, &(struct q_my_upload_withdraw_in){.id = in->id}, &row);
    if (problem != PROBLEM_NONE || row->status == MY_UPLOAD_WITHDRAW_WITHDRAWN) {
        return problem;
    }
    return row->status == MY_UPLOAD_WITHDRAW_SHOWN ? PROBLEM_UPLOAD_SHOWN : PROBLEM_UPLOAD_STATE;
}

static enum problem
write_page(struct request *rq, const struct page *page, const struct upload_item_row *rows, size_t count)
{
    size_t shown = page_shown(page, count);
    struct reply_my_upload_item *items = arena_array(rq->arena, shown, sizeof *items);
    for (size_t i = 0; i < shown; i++) {
        items[i] = REPLY_MY_UPLOAD_ITEM_OF(&rows[i]);
    }
    reply_my_upload_list(&rq->reply.json,
                         &(struct reply_my_upload_list){.items = items,
                                                        .items_count = shown,
                                                        .next_cursor = PAGE_NEXT(page, rows, count, id)});
    return PROBLEM_NONE;
}

/* GET /patient/uploads */
enum problem
h_my_upload_list(struct request *rq, const struct my_upload_list_in *in)
{
    struct page page;
    struct span key;
    const struct upload_item_row *rows = NULL;
    size_t count = 0;
    enum problem problem = page_open(rq, in->cursor, in->limit, &page);
    if (problem == PROBLEM_NONE) {
        problem = keys_own(rq, &key);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (in->response_id == NULL) {
        struct q_my_upload_list_in query = {.key = key, .before = page.before, .fetch = page.fetch};
        problem = q_my_upload_list_last(rq->tx, &query, &rows, &count);
    } else {
        struct q_my_upload_list_of_response_in query = {
            .response_id = in->response_id, .key = key, .before = page.before, .fetch = page.fetch};
        problem = q_my_upload_list_of_response_last(rq->tx, &query, &rows, &count);
    }
    return problem != PROBLEM_NONE ? problem : write_page(rq, &page, rows, count);
}

/* The practice's patients. Names and contact data are sealed with each patient's own key. */
#include "build/gen/api.h"
#include "build/gen/sql.h"
#include "handlers/admission.h"
#include "handlers/app.h"
#include "handlers/keys.h"
#include "handlers/page.h"
#include "lib/base/clock.h"
#include "lib/crypto/blind.h"
#include "lib/db/tx.h"

#include <string.h>

static void
write_patient(struct json_out *out, const struct q_patient_list_row *it)
{
    json_begin_object(out);
    json_text(out, "id", it->id);
    json_int(out, "revision", it->revision);
    json_text(out, "status", it->status);
    json_flag(out, "registered", it->registered);
    json_text(out, "given_name", it->given_name);
    json_text(out, "family_name", it->family_name);
    json_text(out, "birth_date", it->birth_date);
    json_text(out, "email", it->email);
    json_text(out, "record_number", it->record_number);
    json_text(out, "language", it->language);
    json_time(out, "created_at", it->created_at);
    json_time(out, "updated_at", it->updated_at);
    json_end_object(out);
}

/* The keyed index of an e-mail address, or of a record number; a fault is noted with this pointer. */
static enum problem
email_index(struct request *rq, const char *email, const char *pointer, struct span *index)
{
    *index = (struct span){NULL, 0};
    if (email == NULL) {
        return PROBLEM_NONE;
    }
    const char *normalised = email_normalise(rq->arena, email);
    if (normalised == NULL) {
        request_error(rq, pointer, "format", "must be an e-mail address");
        return PROBLEM_INVALID_REQUEST;
    }
    unsigned char *bytes = arena_alloc(rq->arena, BLIND_INDEX_SIZE);
    blind_index(rq->app->keyring, BLIND_PATIENT_EMAIL, normalised, bytes);
    *index = (struct span){bytes, BLIND_INDEX_SIZE};
    return PROBLEM_NONE;
}

static enum problem
record_number_index(struct request *rq, const char *number, const char *pointer, struct span *index)
{
    *index = (struct span){NULL, 0};
    if (number == NULL) {
        return PROBLEM_NONE;
    }
    const char *normalised = record_number_normalise(rq->arena, number);
    if (normalised == NULL) {
        request_error(rq, pointer, "format", "must have a letter, digit or sign, and no control characters");
        return PROBLEM_INVALID_REQUEST;
    }
    unsigned char *bytes = arena_alloc(rq->arena, BLIND_INDEX_SIZE);
    blind_index(rq->app->keyring, BLIND_PATIENT_RECORD_NUMBER, normalised, bytes);
    *index = (struct span){bytes, BLIND_INDEX_SIZE};
    return PROBLEM_NONE;
}

/* Born today at the latest, in whatever time zone is furthest ahead (UTC+14). */
static enum problem
check_birth_date(struct request *rq, const char *birth_date)
{
    char today[CLOCK_TEXT_SIZE];
    (void)clock_text(rq->now + INT64_C(14) * 3600 * CLOCK_SECOND, today);
    if (birth_date == NULL || strncmp(birth_date, today, sizeof "2000-01-01" - 1) <= 0) {
        return PROBLEM_NONE;
    }
    request_error(rq, "/birth_date", "future", "must not be in the future");
    return PROBLEM_INVALID_REQUEST;
}

/* White space alone is no name. */
static enum problem
check_name(struct request *rq, const char *name, const char *pointer)
{
    if (name == NULL || name[strspn(name, " \t\r\n")] != '\0') {
        return PROBLEM_NONE;
    }
    request_error(rq, pointer, "blank", "must not be blank");
    return PROBLEM_INVALID_REQUEST;
}

static enum problem
taken(struct request *rq, enum problem problem)
{
    if (problem == PROBLEM_CONFLICT && strcmp(tx_constraint(rq->tx), "patient_email_key") == 0) {
        return PROBLEM_EMAIL_TAKEN;
    }
    if (problem == PROBLEM_CONFLICT && strcmp(tx_constraint(rq->tx), "patient_record_number_key") == 0) {
        return PROBLEM_RECORD_NUMBER_TAKEN;
    }
    return problem;
}

/* Rows whose key was not among the cached ones: their keys are opened and cached now. */
static enum problem
open_missing(struct request *rq, const struct q_patient_list_row *rows, size_t count, bool *missing)
{
    *missing = false;
    for (size_t i = 0; i < count; i++) {
        struct span key;
        if (!rows[i].opened) {
            *missing = true;
            if (!keys_unwrap(rq, rows[i].id, rows[i].wrapped_key, &key)) {
                return PROBLEM_INTERNAL;
            }
        }
    }
    return PROBLEM_NONE;
}

/* One trip when all keys of the page are cached, two otherwise; the audit row is written with the first. */
static enum problem
read_page(struct request *rq, struct q_patient_list_in *query, const struct q_patient_list_row **rows,
          size_t *count)
{
    bool missing = false;
    keys_cached(rq, &query->key_ids, &query->keys);
    tx_last(rq->tx);
    enum problem problem = q_patient_list(rq->tx, query, rows, count);
    if (problem == PROBLEM_NONE) {
        problem = open_missing(rq, *rows, *count, &missing);
    }
    if (problem != PROBLEM_NONE || !missing) {
        return problem;
    }
    problem = admission_reopen(rq);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    keys_cached(rq, &query->key_ids, &query->keys);
    tx_last(rq->tx);
    problem = q_patient_list(rq->tx, query, rows, count);
    if (problem == PROBLEM_NONE) {
        problem = open_missing(rq, *rows, *count, &missing);
    }
    /* Somebody added patients between the two: the client reads again. */
    return problem != PROBLEM_NONE ? problem : missing ? PROBLEM_UNAVAILABLE : PROBLEM_NONE;
}

/* GET /admin/patients */
enum problem
h_patient_list(struct request *rq, const struct patient_list_in *in)
{
    struct page page;
    struct q_patient_list_in query = {0};
    enum problem problem = page_open(rq, in->cursor, in->limit, &page);
    if (problem == PROBLEM_NONE) {
        problem = email_index(rq, in->email, "/query/email", &query.email_index);
    }
    if (problem == PROBLEM_NONE) {
        problem =
            record_number_index(rq, in->record_number, "/query/record_number", &query.record_number_index);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    query.before = page.before;
    query.fetch = page.fetch;
    const struct q_patient_list_row *rows = NULL;
    size_t count = 0;
    problem = read_page(rq, &query, &rows, &count);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    json_array_key(out, "items");
    size_t shown = page_shown(&page, count);
    for (size_t i = 0; i < shown; i++) {
        write_patient(out, &rows[i]);
    }
    page_close(rq, &page, count, shown == 0 ? NULL : rows[shown - 1].id);
    return PROBLEM_NONE;
}

/* POST /admin/patients */
enum problem
h_patient_create(struct request *rq, const struct patient_create_in *in)
{
    char *id = arena_alloc(rq->arena, UUID_TEXT_SIZE);
    uuid_new(id);
    struct q_patient_insert_in insert = {.id = id,
                                         .given_name = in->given_name,
                                         .family_name = in->family_name,
                                         .birth_date = in->birth_date,
                                         .email = in->email,
                                         .record_number = in->record_number,
                                         .language = in->language};
    enum problem problem = email_index(rq, in->email, "/email", &insert.email_index);
    if (problem == PROBLEM_NONE) {
        problem = record_number_index(rq, in->record_number, "/record_number", &insert.record_number_index);
    }
    if (problem == PROBLEM_NONE) {
        problem = check_birth_date(rq, in->birth_date);
    }
    if (problem == PROBLEM_NONE) {
        problem = check_name(rq, in->given_name, "/given_name");
    }
    if (problem == PROBLEM_NONE) {
        problem = check_name(rq, in->family_name, "/family_name");
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (!keys_new(rq, id, &insert.key, &insert.wrapped_key)) {
        return PROBLEM_INTERNAL;
    }
    rq->audit_object = id;
    const struct q_patient_insert_row *row = NULL;
    tx_last(rq->tx);
    problem = q_patient_insert(rq->tx, &insert, &row);
    if (problem != PROBLEM_NONE) {
        return taken(rq, problem);
    }
    write_patient(&rq->reply.json, &(struct q_patient_list_row){.id = id,
                                                                .status = "active",
                                                                .revision = row->revision,
                                                                .language = in->language,
                                                                .created_at = row->created_at,
                                                                .updated_at = row->created_at,
                                                                .given_name = in->given_name,
                                                                .family_name = in->family_name,
                                                                .birth_date = in->birth_date,
                                                                .email = in->email,
                                                                .record_number = in->record_number});
    reply_etag(rq, row->revision);
    reply_header(rq, "Location", arena_format(rq->arena, "/admin/patients/%s", id));
    return PROBLEM_NONE;
}

/* Reads one patient with this key, as the last statement, and writes it. */
static enum problem
show(struct request *rq, const char *id, struct span key)
{
    const struct q_patient_read_row *row = NULL;
    tx_last(rq->tx);
    enum problem problem = q_patient_read(rq->tx, &(struct q_patient_read_in){.id = id, .key = key}, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (row == NULL) {
        return PROBLEM_NOT_FOUND;
    }
    write_patient(&rq->reply.json, &(struct q_patient_list_row){.id = row->id,
                                                                .status = row->status,
                                                                .revision = row->revision,
                                                                .language = row->language,
                                                                .registered = row->registered,
                                                                .created_at = row->created_at,
                                                                .updated_at = row->updated_at,
                                                                .given_name = row->given_name,
                                                                .family_name = row->family_name,
                                                                .birth_date = row->birth_date,
                                                                .email = row->email,
                                                                .record_number = row->record_number});
    reply_etag(rq, row->revision);
    return PROBLEM_NONE;
}

/* GET /admin/patients/{id} */
enum problem
h_patient_get(struct request *rq, const struct patient_get_in *in)
{
    struct span key;
    enum problem problem = keys_of_patient(rq, in->id, &key);
    return problem != PROBLEM_NONE ? problem : show(rq, in->id, key);
}

/* Why nothing was changed: not there, archived, or changed by somebody else since. */
static enum problem
why_unchanged(struct request *rq, const char *id)
{
    const struct q_patient_exists_row *now = NULL;
    enum problem problem = q_patient_exists(rq->tx, &(struct q_patient_exists_in){.id = id}, &now);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (now == NULL) {
        return PROBLEM_NOT_FOUND;
    }
    return strcmp(now->status, "active") == 0 ? PROBLEM_STALE_REVISION : PROBLEM_NOT_ACTIVE;
}

/* PATCH /admin/patients/{id}: what is given changes; null clears the record number or the language. */
enum problem
h_patient_patch(struct request *rq, const struct patient_patch_in *in)
{
    struct q_patient_update_in update = {.id = in->id,
                                         .revision = in->if_match,
                                         .given_name = in->given_name,
                                         .family_name = in->family_name,
                                         .birth_date = in->birth_date,
                                         .email = in->email,
                                         .record_number_given = in->has_record_number,
                                         .record_number = in->record_number,
                                         .language_given = in->has_language,
                                         .language = in->language};
    enum problem problem = email_index(rq, in->email, "/email", &update.email_index);
    if (problem == PROBLEM_NONE) {
        problem = record_number_index(rq, in->record_number, "/record_number", &update.record_number_index);
    }
    if (problem == PROBLEM_NONE) {
        problem = check_birth_date(rq, in->birth_date);
    }
    if (problem == PROBLEM_NONE) {
        problem = check_name(rq, in->given_name, "/given_name");
    }
    if (problem == PROBLEM_NONE) {
        problem = check_name(rq, in->family_name, "/family_name");
    }
    if (problem == PROBLEM_NONE) {
        problem = keys_of_patient(rq, in->id, &update.key);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const struct q_patient_update_row *row = NULL;
    problem = q_patient_update(rq->tx, &update, &row);
    if (problem != PROBLEM_NONE) {
        return taken(rq, problem);
    }
    return row == NULL ? why_unchanged(rq, in->id) : show(rq, in->id, update.key);
}

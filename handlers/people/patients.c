/* The practice's patients. Names and contact data are sealed with each patient's own key. */
#include "app/admission.h"
#include "app/app.h"
#include "app/indexes.h"
#include "app/keys.h"
#include "app/notices.h"
#include "app/page.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "lib/base/clock.h"
#include "lib/crypto/blind.h"
#include "lib/db/tx.h"

#include <string.h>
#include <strings.h>

/* The keyed indexes of an e-mail address, or of a record number; a fault is noted with this pointer. */
static enum problem
email_indexes(struct request *rq, const char *email, const char *pointer, struct db_array *indexes)
{
    const char *normalised = email == NULL ? NULL : email_normalise(rq->arena, email);
    *indexes = indexes_of(rq, BLIND_PATIENT_EMAIL, normalised);
    if (email == NULL || normalised != NULL) {
        return PROBLEM_NONE;
    }
    request_error(rq, pointer, "format", "must be an e-mail address");
    return PROBLEM_INVALID_REQUEST;
}

static enum problem
record_number_indexes(struct request *rq, const char *number, const char *pointer, struct db_array *indexes)
{
    const char *normalised = number == NULL ? NULL : record_number_normalise(rq->arena, number);
    *indexes = indexes_of(rq, BLIND_PATIENT_RECORD_NUMBER, normalised);
    if (number == NULL || normalised != NULL) {
        return PROBLEM_NONE;
    }
    request_error(rq, pointer, "format", "must have a letter, digit or sign, and no control characters");
    return PROBLEM_INVALID_REQUEST;
}

/* Both of a patient who is about to be stored. */
struct searched {
    struct db_array email;
    struct db_array record_number;
};

static enum problem
searched_of(struct request *rq, const char *email, const char *record_number, struct searched *searched)
{
    enum problem problem = email_indexes(rq, email, "/email", &searched->email);
    return problem != PROBLEM_NONE
               ? problem
               : record_number_indexes(rq, record_number, "/record_number", &searched->record_number);
}

/* Somebody has one name or two. */
static enum problem
check_one_name(struct request *rq, const char *given, const char *family)
{
    if (given != NULL || family != NULL) {
        return PROBLEM_NONE;
    }
    request_error(rq, "/family_name", "required", "a patient has a given name, a family name, or both");
    return PROBLEM_INVALID_REQUEST;
}

/* Who else has the address or the record number; one who stores the same at this moment waits. */
static enum problem
claim(struct request *rq, const char *id, const struct searched *searched,
      const struct q_patient_claim_row **found)
{
    static const struct q_patient_claim_row nobody = {.shared = false};
    *found = &nobody;
    if (searched->email.count == 0 && searched->record_number.count == 0) {
        return PROBLEM_NONE;
    }
    struct q_patient_claim_in in = {id, searched->email, searched->record_number};
    enum problem problem = q_patient_claim(rq->tx, &in, found);
    bool number =
        problem == PROBLEM_CONFLICT && strcmp(tx_constraint(rq->tx), "patient_record_number_key") == 0;
    return number ? PROBLEM_RECORD_NUMBER_TAKEN : problem;
}

/* The key of a row that was not among the given ones. */
static struct wrapped_key
key_of(const void *rows, size_t i)
{
    const struct q_patient_list_row *row = (const struct q_patient_list_row *)rows + i;
    return !row->opened ? (struct wrapped_key){row->id, row->wrapped_key}
                        : (struct wrapped_key){.owner_id = NULL};
}

/* The second time the same rows are read: who was added meanwhile is not in the audit row. */
static struct db_array
ids_of(struct request *rq, const struct q_patient_list_row *rows, size_t count)
{
    const char **ids = arena_array(rq->arena, count, sizeof *ids);
    for (size_t i = 0; i < count; i++) {
        ids[i] = rows[i].id;
    }
    return (struct db_array){ids, count};
}

static enum problem
read_once(struct request *rq, struct q_patient_list_in *query, const struct q_patient_list_row **rows,
          size_t *count, bool *missing)
{
    enum problem problem = q_patient_list_last(rq->tx, query, rows, count);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    return keys_add(rq, &(struct keys_rows){key_of, *rows, *count}, &query->key_ids, &query->keys, missing);
}

/* One trip when all keys of the page are cached, two otherwise; the audit row is written with the first. */
static enum problem
read_page(struct request *rq, struct q_patient_list_in *query, const struct q_patient_list_row **rows,
          size_t *count)
{
    bool missing = false;
    keys_cached(rq, &query->key_ids, &query->keys);
    enum problem problem = read_once(rq, query, rows, count, &missing);
    if (problem != PROBLEM_NONE || !missing) {
        return problem;
    }
    query->only = ids_of(rq, *rows, *count);
    problem = admission_reopen(rq);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    problem = read_once(rq, query, rows, count, &missing);
    /* A key was renewed between the two: the client reads again. */
    return problem != PROBLEM_NONE ? problem : missing ? PROBLEM_UNAVAILABLE : PROBLEM_NONE;
}

/* A name may be missing. */
static bool
is_same_name(const char *one, const char *other)
{
    return strcasecmp(one == NULL ? "" : one, other == NULL ? "" : other) == 0;
}

static bool
is_same_person(const struct q_patient_list_row *one, const struct q_patient_list_row *other)
{
    return is_same_name(one->given_name, other->given_name) &&
           is_same_name(one->family_name, other->family_name) &&
           strcmp(one->birth_date, other->birth_date) == 0;
}

/*
 * After the patient was stored: PROBLEM_PATIENT_EXISTS when another one whom the actor may see has the same
 * address, name and birth date. Relatives share an address, so that alone is fine. Those who are compared are
 * in the audit row.
 */
static enum problem
refuse_double(struct request *rq, const char *id, struct db_array email)
{
    enum { COMPARED_MAX = 50 };
    struct q_patient_list_in query = {.email_indexes = email, .fetch = COMPARED_MAX};
    const struct q_patient_list_row *rows = NULL;
    const struct q_patient_list_row *self = NULL;
    size_t count = 0;
    bool missing = true;
    keys_cached(rq, &query.key_ids, &query.keys);
    for (int tries = 0; tries < 2 && missing; tries++) {
        enum problem problem = q_patient_list(rq->tx, &query, &rows, &count);
        if (problem == PROBLEM_NONE) {
            problem =
                keys_add(rq, &(struct keys_rows){key_of, rows, count}, &query.key_ids, &query.keys, &missing);
        }
        if (problem != PROBLEM_NONE) {
            return problem;
        }
    }
    if (missing) {
        return PROBLEM_UNAVAILABLE; /* somebody was added between the two: the client tries again */
    }
    for (size_t i = 0; i < count; i++) {
        self = strcmp(rows[i].id, id) == 0 ? &rows[i] : self;
    }
    for (size_t i = 0; i < count && self != NULL; i++) {
        if (&rows[i] != self && is_same_person(self, &rows[i])) {
            return PROBLEM_PATIENT_EXISTS;
        }
    }
    return PROBLEM_NONE;
}

/* What the claim found, after the patient was stored. */
static enum problem
look_after(struct request *rq, const char *id, struct db_array email, const struct q_patient_claim_row *found)
{
    enum problem problem = PROBLEM_NONE;
    if (found->shared && email.count > 0) {
        problem = refuse_double(rq, id, email);
    }
    if (problem == PROBLEM_NONE && found->unseen) {
        problem = notice_owners_later(rq, NOTICE_PATIENT_TWICE);
    }
    return problem;
}

/* GET /admin/patients */
enum problem
h_patient_list(struct request *rq, const struct patient_list_in *in)
{
    struct page page;
    struct q_patient_list_in query = {0};
    enum problem problem = page_open(rq, in->cursor, in->limit, &page);
    if (problem == PROBLEM_NONE) {
        problem = email_indexes(rq, in->email, "/query/email", &query.email_indexes);
    }
    if (problem == PROBLEM_NONE) {
        problem = record_number_indexes(rq, in->record_number, "/query/record_number",
                                        &query.record_number_indexes);
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
    size_t shown = page_shown(&page, count);
    struct reply_patient *items = arena_array(rq->arena, shown, sizeof *items);
    for (size_t i = 0; i < shown; i++) {
        items[i] = REPLY_PATIENT_OF(&rows[i]);
    }
    reply_patient_list(&rq->reply.json,
                       &(struct reply_patient_list){.items = items,
                                                    .items_count = shown,
                                                    .next_cursor = PAGE_NEXT(&page, rows, count, id)});
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
    struct searched searched;
    enum problem problem = searched_of(rq, in->email, in->record_number, &searched);
    if (problem == PROBLEM_NONE) {
        problem = check_one_name(rq, in->given_name, in->family_name);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (!keys_new(rq, id, &insert.key, &insert.wrapped_key)) {
        return PROBLEM_INTERNAL;
    }
    insert.email_index = indexes_stored(searched.email);
    insert.record_number_index = indexes_stored(searched.record_number);
    const struct q_patient_claim_row *found = NULL;
    problem = claim(rq, id, &searched, &found);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    rq->result.object = id;
    q_patient_insert_later(rq->tx, &insert);
    problem = look_after(rq, id, searched.email, found);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const struct q_patient_made_row *row = NULL;
    problem = q_patient_made_last(rq->tx, &(struct q_patient_made_in){id}, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    reply_patient(&rq->reply.json, &(struct reply_patient){.id = id,
                                                           .revision = reply_integer(row->revision),
                                                           .status = "active",
                                                           .registered = reply_flag(false),
                                                           .given_name = reply_or_null(in->given_name),
                                                           .family_name = reply_or_null(in->family_name),
                                                           .birth_date = reply_or_null(in->birth_date),
                                                           .email = reply_or_null(in->email),
                                                           .record_number = reply_or_null(in->record_number),
                                                           .language = reply_or_null(in->language),
                                                           .created_at = reply_time(row->created_at),
                                                           .updated_at = reply_time(row->created_at)});
    reply_etag(rq, row->revision);
    reply_header(rq, "Location", arena_format(rq->arena, "/admin/patients/%s", id));
    return PROBLEM_NONE;
}

/* Reads one patient with this key, as the last statement, and writes it. */
static enum problem
show(struct request *rq, const char *id, struct span key)
{
    const struct q_patient_read_row *row = NULL;
    enum problem problem =
        q_patient_read_last(rq->tx, &(struct q_patient_read_in){.id = id, .key = key}, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    reply_patient(&rq->reply.json, &REPLY_PATIENT_OF(row));
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

/*
 * Corrects the address of a patient who has not registered; for the others it is a credential, and the same
 * one changes nothing. The revision is that of the statement that follows.
 */
static enum problem
correct_address(struct request *rq, const struct patient_patch_in *in, struct span key,
                const struct db_array *indexes)
{
    const struct q_patient_address_row *row = NULL;
    struct q_patient_address_in correct = {in->id, in->if_match, key, in->email, *indexes};
    if (!in->has_email) {
        return PROBLEM_NONE;
    }
    enum problem problem = q_patient_address(rq->tx, &correct, &row);
    if (problem != PROBLEM_NONE || row->outcome == PATIENT_ADDRESS_NULL) {
        return problem; /* no such patient in this revision: the update finds that too, and says why */
    }
    return row->outcome == PATIENT_ADDRESS_REGISTERED ? PROBLEM_EMAIL_IS_SIGN_IN : PROBLEM_NONE;
}

/* One name may go, when another one stays. */
static enum problem
keep_a_name(struct request *rq, const struct patient_patch_in *in, struct span key)
{
    const struct q_patient_read_row *now = NULL;
    bool given_goes = in->has_given_name && in->given_name == NULL;
    bool family_goes = in->has_family_name && in->family_name == NULL;
    if (!given_goes && !family_goes) {
        return PROBLEM_NONE;
    }
    enum problem problem =
        q_patient_read(rq->tx, &(struct q_patient_read_in){.id = in->id, .key = key}, &now);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const char *given = in->has_given_name ? in->given_name : now->given_name;
    const char *family = in->has_family_name ? in->family_name : now->family_name;
    return check_one_name(rq, given, family);
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
    return now->status == PATIENT_STATUS_ACTIVE ? PROBLEM_STALE_REVISION : PROBLEM_NOT_ACTIVE;
}

/* PATCH /admin/patients/{id}: what is given changes; null clears the record number or the language. */
enum problem
h_patient_patch(struct request *rq, const struct patient_patch_in *in)
{
    struct q_patient_update_in update = {.id = in->id,
                                         .revision = in->if_match,
                                         .given_name_given = in->has_given_name,
                                         .given_name = in->given_name,
                                         .family_name_given = in->has_family_name,
                                         .family_name = in->family_name,
                                         .birth_date = in->birth_date,
                                         .record_number_given = in->has_record_number,
                                         .record_number = in->record_number,
                                         .language_given = in->has_language,
                                         .language = in->language};
    struct searched searched;
    enum problem problem = searched_of(rq, in->email, in->record_number, &searched);
    if (problem == PROBLEM_NONE) {
        problem = keys_of_patient(rq, in->id, &update.key);
    }
    if (problem == PROBLEM_NONE) {
        problem = keep_a_name(rq, in, update.key);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    update.record_number_index = indexes_stored(searched.record_number);
    const struct q_patient_claim_row *found = NULL;
    problem = claim(rq, in->id, &searched, &found);
    if (problem == PROBLEM_NONE) {
        problem = correct_address(rq, in, update.key, &searched.email);
    }
    const struct q_patient_update_row *row = NULL;
    if (problem == PROBLEM_NONE) {
        problem = q_patient_update(rq->tx, &update, &row);
    }
    if (problem == PROBLEM_NONE && row != NULL) {
        problem = look_after(rq, in->id, searched.email, found);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    return row == NULL ? why_unchanged(rq, in->id) : show(rq, in->id, update.key);
}

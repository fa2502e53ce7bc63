/*
 * Breaking the glass: in an emergency a physician opens the record of a patient whose care team they are not
 * of. It takes fresh proof and a reason, lasts an hour, is told to the owners at once, and is marked in the
 * audit log and in the patient's access log.
 */
#include "app/app.h"
#include "app/indexes.h"
#include "app/keys.h"
#include "app/notices.h"
#include "app/page.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/people/names.h"
#include "lib/crypto/blind.h"
#include "lib/db/tx.h"

#include <string.h>

/* Relatives who share an address: so many are compared with a given name. */
enum { RELATIVES_MAX = 16 };

/*
 * The indexes by which the patient is found: the reader has no list to choose from, so the request may name a
 * record number or an address instead of an identifier.
 */
static enum problem
whom(struct request *rq, const struct break_glass_open_in *in, struct q_glass_patient_in *asked)
{
    if ((in->patient_id != NULL) + (in->email != NULL) + (in->record_number != NULL) != 1) {
        request_error(rq, "", "one-of", "must name one of patient_id, email and record_number");
        return PROBLEM_INVALID_REQUEST;
    }
    const char *email = in->email == NULL ? NULL : email_normalise(rq->arena, in->email);
    if (in->email != NULL && email == NULL) {
        request_error(rq, "/email", "format", "must be an e-mail address");
        return PROBLEM_INVALID_REQUEST;
    }
    const char *number =
        in->record_number == NULL ? NULL : record_number_normalise(rq->arena, in->record_number);
    if (in->record_number != NULL && number == NULL) {
        request_error(rq, "/record_number", "format",
                      "must have a letter, digit or sign, and no control characters");
        return PROBLEM_INVALID_REQUEST;
    }
    *asked = (struct q_glass_patient_in){.patient_id = in->patient_id,
                                         .email_indexes = indexes_of(rq, BLIND_PATIENT_EMAIL, email),
                                         .record_number_indexes =
                                             indexes_of(rq, BLIND_PATIENT_RECORD_NUMBER, number),
                                         .most = RELATIVES_MAX + 1};
    return PROBLEM_NONE;
}

/* The one of them who has the given name; PROBLEM_NOT_FOUND, as if there were nobody, when none has it. */
static enum problem
find_named(struct request *rq, const struct q_glass_patient_row *rows, size_t count, const char *given_name,
           const struct q_glass_patient_row **patient)
{
    const char *ids[RELATIVES_MAX];
    struct span keys[RELATIVES_MAX];
    for (size_t i = 0; i < count; i++) {
        ids[i] = rows[i].patient_id;
        if (!keys_unwrap(rq, ids[i], rows[i].wrapped_key, &keys[i])) {
            return PROBLEM_INTERNAL;
        }
    }
    const struct q_glass_named_row *named = NULL;
    size_t found = 0;
    struct q_glass_named_in in = {{ids, count}, {keys, count}, given_name};
    enum problem problem = q_glass_named(rq->tx, &in, &named, &found);
    if (problem != PROBLEM_NONE || found != 1) {
        return problem != PROBLEM_NONE ? problem : found == 0 ? PROBLEM_NOT_FOUND : PROBLEM_SEVERAL_PATIENTS;
    }
    for (size_t i = 0; i < count; i++) {
        *patient = strcmp(ids[i], named->patient_id) == 0 ? &rows[i] : *patient;
    }
    return PROBLEM_NONE;
}

/* The patient who is meant. */
static enum problem
find_patient(struct request *rq, const struct q_glass_patient_in *asked, const char *given_name,
             const struct q_glass_patient_row **patient)
{
    const struct q_glass_patient_row *rows = NULL;
    size_t count = 0;
    enum problem problem = q_glass_patient(rq->tx, asked, &rows, &count);
    if (problem != PROBLEM_NONE || count == 0) {
        return problem != PROBLEM_NONE ? problem : PROBLEM_NOT_FOUND;
    }
    if (count > RELATIVES_MAX || (count > 1 && given_name == NULL)) {
        return PROBLEM_SEVERAL_PATIENTS;
    }
    *patient = rows;
    return given_name == NULL ? PROBLEM_NONE : find_named(rq, rows, count, given_name, patient);
}

/* POST /admin/break-glass */
enum problem
h_break_glass_open(struct request *rq, const struct break_glass_open_in *in)
{
    struct q_glass_patient_in asked;
    enum problem problem = whom(rq, in, &asked);
    if (problem == PROBLEM_NONE) {
        problem = name_check(rq, in->reason, "/reason");
    }
    const struct q_glass_patient_row *patient = NULL;
    if (problem == PROBLEM_NONE) {
        problem = find_patient(rq, &asked, in->given_name, &patient);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (patient->seen) {
        return PROBLEM_ACCESS_NOT_NEEDED;
    }
    char *id = arena_alloc(rq->arena, UUID_TEXT_SIZE);
    struct q_glass_break_in glass = {
        .id = uuid_new(id), .patient_id = patient->patient_id, .reason = in->reason};
    if (!keys_unwrap(rq, patient->patient_id, patient->wrapped_key, &glass.key)) {
        return PROBLEM_INTERNAL;
    }
    rq->result.object = id;
    const struct q_glass_break_row *row = NULL;
    problem = q_glass_break(rq->tx, &glass, &row);
    if (problem == PROBLEM_NONE) {
        problem = notice_owners_later(rq, NOTICE_GLASS_BROKEN);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    reply_broken_glass(&rq->reply.json,
                       &(struct reply_broken_glass){.id = id,
                                                    .patient_id = glass.patient_id,
                                                    .expires_at = reply_time(row->expires_at)});
    return PROBLEM_NONE;
}

/* A patient who was erased has none. */
static struct wrapped_key
key_of(const void *rows, size_t i)
{
    const struct q_glass_list_row *row = (const struct q_glass_list_row *)rows + i;
    return row->wrapped_key.data != NULL ? (struct wrapped_key){row->patient_id, row->wrapped_key}
                                         : (struct wrapped_key){.owner_id = NULL};
}

/* GET /admin/break-glass */
enum problem
h_break_glass_list(struct request *rq, const struct break_glass_list_in *in)
{
    struct page page;
    const struct q_glass_list_row *rows = NULL;
    size_t count = 0;
    enum problem problem = page_open(rq, in->cursor, in->limit, &page);
    struct q_glass_list_in query = {.before = page.before, .fetch = page.fetch};
    if (problem == PROBLEM_NONE) {
        problem = q_glass_list(rq->tx, &query, &rows, &count);
    }
    bool again = false;
    if (problem == PROBLEM_NONE) {
        problem = keys_add(rq, &(struct keys_rows){key_of, rows, count}, &query.key_ids, &query.keys, &again);
    }
    if (problem == PROBLEM_NONE && again) {
        problem = q_glass_list_last(rq->tx, &query, &rows, &count);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    size_t shown = page_shown(&page, count);
    struct reply_broken_glass_list_item *items = arena_array(rq->arena, shown, sizeof *items);
    for (size_t i = 0; i < shown; i++) {
        if (rows[i].reason == NULL && rows[i].wrapped_key.data != NULL) {
            return PROBLEM_UNAVAILABLE; /* one was broken between the two: the client reads again */
        }
        items[i] = REPLY_BROKEN_GLASS_LIST_ITEM_OF(&rows[i]);
    }
    reply_broken_glass_list(
        &rq->reply.json, &(struct reply_broken_glass_list){.items = items,
                                                           .items_count = shown,
                                                           .next_cursor = PAGE_NEXT(&page, rows, count, id)});
    return PROBLEM_NONE;
}

/* A patient's care team: whom of the staff the patient is open to where the practice's policy is `care-team`.
 */
#include "app/admission.h"
#include "app/app.h"
#include "app/keys.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "lib/db/tx.h"

#include <string.h>

/* The key of a row whose name is still closed. */
static struct wrapped_key
key_of(const void *rows, size_t i)
{
    const struct q_care_team_list_row *row = (const struct q_care_team_list_row *)rows + i;
    return row->name == NULL ? (struct wrapped_key){row->staff_id, row->wrapped_key}
                             : (struct wrapped_key){.owner_id = NULL};
}

/* Writes the team: one trip when the keys of all who are of it are cached, two otherwise. */
static enum problem
show(struct request *rq, const char *patient_id)
{
    const struct q_care_team_list_row *rows = NULL;
    size_t count = 0;
    bool missing = true;
    struct q_care_team_list_in query = {.patient_id = patient_id};
    keys_cached(rq, &query.key_ids, &query.keys);
    for (int tries = 0; tries < 2 && missing; tries++) {
        enum problem problem = q_care_team_list(rq->tx, &query, &rows, &count);
        if (problem == PROBLEM_NONE) {
            problem =
                keys_add(rq, &(struct keys_rows){key_of, rows, count}, &query.key_ids, &query.keys, &missing);
        }
        if (problem != PROBLEM_NONE) {
            return problem;
        }
    }
    if (missing) {
        return PROBLEM_UNAVAILABLE; /* somebody was added between the two: the client reads again */
    }
    struct reply_care_team_item *items = arena_array(rq->arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        items[i] = REPLY_CARE_TEAM_ITEM_OF(&rows[i]);
    }
    reply_care_team(&rq->reply.json, &(struct reply_care_team){.items = items, .items_count = count});
    return PROBLEM_NONE;
}

/* PROBLEM_NOT_FOUND for a patient whom the actor does not see; names them for the audit row. */
static enum problem
find(struct request *rq, const char *patient_id)
{
    const struct q_patient_exists_row *patient = NULL;
    return q_patient_exists(rq->tx, &(struct q_patient_exists_in){.id = patient_id}, &patient);
}

/* GET /admin/patients/{id}/care-team */
enum problem
h_care_team_list(struct request *rq, const struct care_team_list_in *in)
{
    enum problem problem = find(rq, in->id);
    return problem != PROBLEM_NONE ? problem : show(rq, in->id);
}

/* POST /admin/patients/{id}/care-team: 200 when they are of it already. */
enum problem
h_care_team_add(struct request *rq, const struct care_team_add_in *in)
{
    enum problem problem = find(rq, in->id);
    const struct q_care_team_add_row *row = NULL;
    if (problem == PROBLEM_NONE) {
        problem = q_care_team_add(rq->tx, &(struct q_care_team_add_in){in->id, in->staff_id}, &row);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (row->outcome == CARE_TEAM_ADD_NOBODY) {
        request_error(rq, "/staff_id", "staff",
                      "is no owner, physician or assistant of this practice, or is disabled");
        return PROBLEM_NOT_FOUND;
    }
    if (row->outcome == CARE_TEAM_ADD_FULL) {
        return PROBLEM_CARE_TEAM_LIMIT;
    }
    rq->reply.status = row->outcome == CARE_TEAM_ADD_ADDED ? 201 : 200;
    return show(rq, in->id);
}

/* DELETE /admin/patients/{id}/care-team/{staff_id}: the next request of theirs does not see the patient. */
enum problem
h_care_team_remove(struct request *rq, const struct care_team_remove_in *in)
{
    enum problem problem = find(rq, in->id);
    const struct q_care_team_remove_row *row = NULL;
    if (problem == PROBLEM_NONE) {
        problem =
            q_care_team_remove_last(rq->tx, &(struct q_care_team_remove_in){in->id, in->staff_id}, &row);
    }
    return problem;
}

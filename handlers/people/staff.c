/* The practice's staff, as its owners see and change it. Names and addresses are sealed with each one's own
 * key. */
#include "app/app.h"
#include "app/keys.h"
#include "app/notices.h"
#include "app/page.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "lib/db/tx.h"

#include <string.h>

static struct wrapped_key
key_of(const void *rows, size_t i)
{
    const struct q_staff_list_row *row = (const struct q_staff_list_row *)rows + i;
    return (struct wrapped_key){row->id, row->wrapped_key};
}

/* GET /admin/staff */
enum problem
h_staff_list(struct request *rq, const struct staff_list_in *in)
{
    struct page page;
    enum problem problem = page_open(rq, in->cursor, in->limit, &page);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const struct q_staff_list_row *rows = NULL;
    size_t count = 0;
    struct q_staff_list_in query = {.before = page.before, .fetch = page.fetch};
    problem = q_staff_list(rq->tx, &query, &rows, &count);
    bool again = false;
    if (problem == PROBLEM_NONE) {
        problem = keys_add(rq, &(struct keys_rows){key_of, rows, count}, &query.key_ids, &query.keys, &again);
    }
    if (problem == PROBLEM_NONE && again) {
        problem = q_staff_list_last(rq->tx, &query, &rows, &count);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    size_t shown = page_shown(&page, count);
    struct reply_colleague *items = arena_array(rq->arena, shown, sizeof *items);
    for (size_t i = 0; i < shown; i++) {
        const struct q_staff_list_row *row = &rows[i];
        if (row->name == NULL || row->email == NULL) {
            return PROBLEM_UNAVAILABLE; /* somebody was added between the two: the client reads again */
        }
        items[i] = REPLY_COLLEAGUE_OF(
            row, reply_delivery_status_if(rq->arena, row->state != NULL, REPLY_DELIVERY_STATUS_OF(row)));
    }
    reply_colleague_list(&rq->reply.json,
                         &(struct reply_colleague_list){.items = items,
                                                        .items_count = shown,
                                                        .next_cursor = PAGE_NEXT(&page, rows, count, id)});
    return PROBLEM_NONE;
}

/* Tells the one concerned, and answers how they stand now. */
static enum problem
tell(struct request *rq, const char *id, struct span key, enum mail_notice notice,
     const struct q_staff_read_row **row)
{
    enum problem problem = q_staff_read(rq->tx, &(struct q_staff_read_in){id, key}, row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    return notice_later(rq, notice, (*row)->email, (*row)->practice_name);
}

struct staff_change {
    int64_t revision;
    const char *role;   /* NULL: as it is */
    const char *status; /* NULL: as it is */
    enum mail_notice notice;
};

static enum problem
change(struct request *rq, const char *id, const struct staff_change *wanted,
       const struct q_staff_read_row **row)
{
    struct span key;
    const struct q_staff_key_row *now = NULL;
    const struct q_staff_change_row *made = NULL;
    enum problem problem = q_staff_key(rq->tx, &(struct q_staff_key_in){id}, &now);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (now->revision != wanted->revision) {
        return PROBLEM_STALE_REVISION;
    }
    if (wanted->status != NULL && strcmp(wanted->status, staff_status_word(now->status)) == 0 &&
        wanted->role == NULL) {
        return PROBLEM_NOT_ACTIVE;
    }
    if (!keys_unwrap(rq, now->id, now->wrapped_key, &key)) {
        return PROBLEM_INTERNAL;
    }
    struct q_staff_change_in in = {id, wanted->revision, wanted->role, wanted->status};
    problem = q_staff_change(rq->tx, &in, &made);
    if (problem != PROBLEM_NONE || made == NULL || !made->has_revision) {
        return problem != PROBLEM_NONE ? problem : PROBLEM_STALE_REVISION; /* somebody was faster */
    }
    return tell(rq, id, key, wanted->notice, row);
}

/* PATCH /admin/staff/{id}: another role, counting at once; or an account that was disabled is taken up again.
 */
enum problem
h_staff_patch(struct request *rq, const struct staff_patch_in *in)
{
    const struct q_staff_read_row *row = NULL;
    struct staff_change wanted = {in->if_match, in->role, in->status, NOTICE_ROLE_CHANGED};
    enum problem problem = change(rq, in->id, &wanted, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    reply_colleague(&rq->reply.json,
                    &REPLY_COLLEAGUE_OF(row, reply_delivery_status_if(rq->arena, row->state != NULL,
                                                                      REPLY_DELIVERY_STATUS_OF(row))));
    reply_etag(rq, row->revision);
    return PROBLEM_NONE;
}

/* DELETE /admin/staff/{id}: disabled, never deleted: the audit log names them. */
enum problem
h_staff_disable(struct request *rq, const struct staff_disable_in *in)
{
    const struct q_staff_read_row *row = NULL;
    struct staff_change wanted = {in->if_match, NULL, "disabled", NOTICE_DISABLED};
    return change(rq, in->id, &wanted, &row);
}

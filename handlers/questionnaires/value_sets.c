/* FHIR ValueSets that the practice stores: what the answers of a choice are drawn from. */
#include "app/app.h"
#include "app/page.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/questionnaires/value_set_check.h"
#include "lib/db/tx.h"

#include <string.h>

/* One that was stored just now, with its ETag. */
static void
write_stored(struct request *rq, const char *id, const struct checked_value_set *set, int64_t revision,
             int64_t created_at, int64_t updated_at)
{
    reply_value_set(&rq->reply.json, &(struct reply_value_set){.id = id,
                                                               .url = set->url,
                                                               .version = reply_or_null(set->version),
                                                               .title = set->title,
                                                               .revision = reply_integer(revision),
                                                               .created_at = reply_time(created_at),
                                                               .updated_at = reply_time(updated_at),
                                                               .resource = set->text});
    reply_etag(rq, revision);
}

/* The unique constraint is what two requests at once meet. */
static enum problem
taken(struct request *rq, enum problem problem)
{
    bool twice = problem == PROBLEM_CONFLICT && strcmp(tx_constraint(rq->tx), "value_set_canonical_key") == 0;
    return twice ? PROBLEM_VALUE_SET_TAKEN : problem;
}

/* GET /admin/value-sets */
enum problem
h_value_set_list(struct request *rq, const struct value_set_list_in *in)
{
    struct page page;
    enum problem problem = page_open(rq, in->cursor, in->limit, &page);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const struct q_value_set_list_row *rows = NULL;
    size_t count = 0;
    struct q_value_set_list_in query = {.url = in->url, .before = page.before, .fetch = page.fetch};
    problem = q_value_set_list_last(rq->tx, &query, &rows, &count);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    size_t shown = page_shown(&page, count);
    struct reply_value_set_item *items = arena_array(rq->arena, shown, sizeof *items);
    for (size_t i = 0; i < shown; i++) {
        items[i] = REPLY_VALUE_SET_ITEM_OF(&rows[i]);
    }
    reply_value_set_list(&rq->reply.json,
                         &(struct reply_value_set_list){.items = items,
                                                        .items_count = shown,
                                                        .next_cursor = PAGE_NEXT(&page, rows, count, id)});
    return PROBLEM_NONE;
}

/* POST /admin/value-sets */
enum problem
h_value_set_create(struct request *rq, const struct value_set_create_in *in)
{
    struct checked_value_set set;
    enum problem problem = value_set_check(rq, in->resource, &set);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    char *id = arena_alloc(rq->arena, UUID_TEXT_SIZE);
    struct q_value_set_insert_in insert = {
        .id = uuid_new(id), .url = set.url, .version = set.version, .title = set.title, .resource = set.text};
    const struct q_value_set_insert_row *row = NULL;
    rq->result.object = id;
    problem = q_value_set_insert_last(rq->tx, &insert, &row);
    if (problem != PROBLEM_NONE) {
        return taken(rq, problem);
    }
    write_stored(rq, id, &set, row->revision, row->created_at, row->created_at);
    reply_header(rq, "Location", arena_format(rq->arena, "/admin/value-sets/%s", id));
    return PROBLEM_NONE;
}

/* GET /admin/value-sets/{id} */
enum problem
h_value_set_get(struct request *rq, const struct value_set_get_in *in)
{
    const struct q_value_set_read_row *row = NULL;
    enum problem problem = q_value_set_read_last(rq->tx, &(struct q_value_set_read_in){.id = in->id}, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    reply_value_set(&rq->reply.json, &REPLY_VALUE_SET_OF(row, row->resource));
    reply_etag(rq, row->revision);
    return PROBLEM_NONE;
}

/* Locks the value set, if it is what the client has seen. */
static enum problem
lock(struct request *rq, const char *id, int64_t revision)
{
    const struct q_value_set_lock_row *now = NULL;
    enum problem problem = q_value_set_lock(rq->tx, &(struct q_value_set_lock_in){.id = id}, &now);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    return now->revision == revision ? PROBLEM_NONE : PROBLEM_STALE_REVISION;
}

/* PUT /admin/value-sets/{id} */
enum problem
h_value_set_put(struct request *rq, const struct value_set_put_in *in)
{
    struct checked_value_set set;
    enum problem problem = value_set_check(rq, in->resource, &set);
    if (problem == PROBLEM_NONE) {
        problem = lock(rq, in->id, in->if_match);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct q_value_set_update_in update = {
        .id = in->id, .url = set.url, .version = set.version, .title = set.title, .resource = set.text};
    const struct q_value_set_update_row *row = NULL;
    problem = q_value_set_update_last(rq->tx, &update, &row);
    if (problem != PROBLEM_NONE) {
        return taken(rq, problem);
    }
    write_stored(rq, in->id, &set, row->revision, row->created_at, row->updated_at);
    return PROBLEM_NONE;
}

/* DELETE /admin/value-sets/{id}: published versions keep the copy that they froze. */
enum problem
h_value_set_delete(struct request *rq, const struct value_set_delete_in *in)
{
    enum problem problem = lock(rq, in->id, in->if_match);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    int64_t affected = 0;
    return q_value_set_delete_last(rq->tx, &(struct q_value_set_delete_in){.id = in->id}, &affected);
}

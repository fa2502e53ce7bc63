/* FHIR ValueSets that the practice stores: what the answers of a choice are drawn from. */
#include "app/app.h"
#include "app/page.h"
#include "build/gen/api.h"
#include "build/gen/sql.h"
#include "handlers/questionnaires/value_set_check.h"
#include "lib/db/tx.h"

#include <string.h>

struct value_set_summary {
    const char *id;
    const char *url;
    const char *version;
    const char *title;
    int64_t revision;
    int64_t created_at;
    int64_t updated_at;
};

/* `resource` NULL: as in a list. */
static void
write_value_set(struct json_out *out, const struct value_set_summary *it, const char *resource)
{
    json_begin_object(out);
    json_text(out, "id", it->id);
    json_text(out, "url", it->url);
    json_text(out, "version", it->version);
    json_text(out, "title", it->title);
    json_int(out, "revision", it->revision);
    json_time(out, "created_at", it->created_at);
    json_time(out, "updated_at", it->updated_at);
    if (resource != NULL) {
        json_raw(out, "resource", resource);
    }
    json_end_object(out);
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
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    json_array_key(out, "items");
    size_t shown = page_shown(&page, count);
    for (size_t i = 0; i < shown; i++) {
        const struct q_value_set_list_row *row = &rows[i];
        write_value_set(out,
                        &(struct value_set_summary){row->id, row->url, row->version, row->title,
                                                    row->revision, row->created_at, row->updated_at},
                        NULL);
    }
    page_close(rq, &page, count, shown == 0 ? NULL : rows[shown - 1].id);
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
    write_value_set(&rq->reply.json,
                    &(struct value_set_summary){id, set.url, set.version, set.title, row->revision,
                                                row->created_at, row->created_at},
                    set.text);
    reply_etag(rq, row->revision);
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
    write_value_set(&rq->reply.json,
                    &(struct value_set_summary){in->id, row->url, row->version, row->title, row->revision,
                                                row->created_at, row->updated_at},
                    row->resource);
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
    write_value_set(&rq->reply.json,
                    &(struct value_set_summary){in->id, set.url, set.version, set.title, row->revision,
                                                row->created_at, row->updated_at},
                    set.text);
    reply_etag(rq, row->revision);
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

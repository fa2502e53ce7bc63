/*
 * Patients' files as the practice has them: listed, described, removed. No byte of a file is here (files.c, downloads.c).
 */
#include "app/app.h"
#include "app/keys.h"
#include "app/page.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "lib/db/tx.h"

static void
write_page(struct request *rq, const struct page *page, const struct q_media_list_row *rows, size_t count)
{
    size_t shown = page_shown(page, count);
    struct reply_media_item *items = arena_array(rq->arena, shown, sizeof *items);
    for (size_t i = 0; i < shown; i++) {
        items[i] = REPLY_MEDIA_ITEM_OF(&rows[i]);
    }
    reply_media_list(&rq->reply.json,
                     &(struct reply_media_list){.items = items,
                                                .items_count = shown,
                                                .next_cursor = PAGE_NEXT(page, rows, count, id)});
}

/* GET /admin/media */
enum problem
h_media_list(struct request *rq, const struct media_list_in *in)
{
    struct page page;
    struct q_media_list_in query = {.patient_id = in->patient_id,
                                    .questionnaire_id = in->questionnaire_id,
                                    .link_id = in->link_id,
                                    .type = in->type,
                                    .state = in->state};
    const struct q_media_list_row *rows = NULL;
    size_t count = 0;
    enum problem problem = page_open(rq, in->cursor, in->limit, &page);
    if (problem == PROBLEM_NONE) {
        problem = page_moment(rq, in->from, "/query/from", &query.since, &query.has_since);
    }
    if (problem == PROBLEM_NONE) {
        problem = page_moment(rq, in->to, "/query/to", &query.until, &query.has_until);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    query.before = page.before;
    query.fetch = page.fetch;
    problem = q_media_list_last(rq->tx, &query, &rows, &count);
    if (problem == PROBLEM_NONE) {
        write_page(rq, &page, rows, count);
    }
    return problem;
}

static enum problem
read_one(struct request *rq, const char *id, struct span key)
{
    const struct q_media_read_row *row = NULL;
    enum problem problem = q_media_read_last(rq->tx, &(struct q_media_read_in){.id = id, .key = key}, &row);
    if (problem == PROBLEM_NONE) {
        reply_media_record(&rq->reply.json, &REPLY_MEDIA_RECORD_OF(row));
    }
    return problem;
}

/* GET /admin/media/{id} */
enum problem
h_media_get(struct request *rq, const struct media_get_in *in)
{
    struct span key;
    enum problem problem = keys_of_upload(rq, in->id, &key);
    return problem != PROBLEM_NONE ? problem : read_one(rq, in->id, key);
}

/* DELETE /admin/media/{id}: what stays is a row that says so. */
enum problem
h_media_remove(struct request *rq, const struct media_remove_in *in)
{
    struct span key;
    const struct q_media_remove_row *row = NULL;
    enum problem problem = keys_of_upload(rq, in->id, &key);
    if (problem == PROBLEM_NONE) {
        problem = q_media_remove(
            rq->tx, &(struct q_media_remove_in){.id = in->id, .key = key, .reason = in->reason}, &row);
    }
    return problem != PROBLEM_NONE ? problem : read_one(rq, in->id, key);
}

/* What there is to see to: counts of what a member of staff may see. */
#include "app/app.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"

enum {
    MOST = 1000, /* what is counted of each, as openapi.yaml says */
    SHOWN_MAX = 20,
    PERCENT = 100
};

static struct reply_dashboard_questionnaire
questionnaire_of(const struct q_dashboard_row *row)
{
    int64_t all = row->assigned + row->in_progress + row->completed;
    return (struct reply_dashboard_questionnaire){
        .id = row->questionnaire_id,
        .title = row->title,
        .status = row->status,
        .assigned = reply_integer(row->assigned),
        .in_progress = reply_integer(row->in_progress),
        .completed = reply_integer(row->completed),
        .completion = reply_integer(all > 0 ? row->completed * PERCENT / all : 0),
        .median_seconds = reply_optional_integer(row->has_median_seconds, row->median_seconds)};
}

/* GET /admin/dashboard */
enum problem
h_dashboard(struct request *rq, const struct dashboard_in *in)
{
    (void)in;
    const struct q_dashboard_row *rows = NULL;
    size_t count = 0;
    enum problem problem = q_dashboard_last(
        rq->tx, &(struct q_dashboard_in){.most = MOST, .fetch = SHOWN_MAX + 1}, &rows, &count);
    if (problem != PROBLEM_NONE || count == 0) {
        return problem != PROBLEM_NONE ? problem : PROBLEM_FORBIDDEN;
    }
    size_t found = rows[0].questionnaire_id == NULL ? 0 : count;
    size_t shown = found < SHOWN_MAX ? found : SHOWN_MAX;
    struct reply_dashboard_questionnaire *items = arena_array(rq->arena, shown, sizeof *items);
    for (size_t i = 0; i < shown; i++) {
        items[i] = questionnaire_of(&rows[i]);
    }
    struct reply_dashboard_to_do to_do = {.overdue = reply_integer(rows[0].overdue),
                                          .stopped = reply_integer(rows[0].stopped),
                                          .unread = reply_integer(rows[0].unread),
                                          .in_review = reply_integer(rows[0].in_review),
                                          .mine = reply_integer(rows[0].mine),
                                          .invitations_expired = reply_integer(rows[0].expired)};
    struct reply_dashboard_today today = {.begun = reply_integer(rows[0].begun),
                                          .submitted = reply_integer(rows[0].submitted)};
    reply_dashboard(&rq->reply.json,
                    &(struct reply_dashboard){.at = reply_time(rows[0].at),
                                              .time_zone = rows[0].time_zone,
                                              .to_do = to_do,
                                              .today = today,
                                              .questionnaires_of = rows[0].whole ? "practice" : "seen",
                                              .questionnaires = items,
                                              .questionnaires_count = shown,
                                              .has_more = reply_flag(found > shown)});
    return PROBLEM_NONE;
}

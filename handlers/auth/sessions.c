/* Where an account is signed in, and signing out from afar (ASVS 7.5.2). */
#include "app/admission.h"
#include "build/gen/api.h"
#include "build/gen/sql.h"
#include "lib/db/tx.h"

#include <string.h>

/* GET .../profile/sessions */
enum problem
h_session_list(struct request *rq, const struct session_list_in *in)
{
    (void)in;
    const struct q_session_list_row *rows = NULL;
    size_t count = 0;
    enum problem problem = q_session_list_last(rq->tx, &rows, &count);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    json_array_key(out, "items");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(out);
        json_text(out, "id", rows[i].id);
        json_time(out, "created_at", rows[i].created_at);
        json_time(out, "last_seen_at", rows[i].last_seen_at);
        json_time(out, "expires_at", rows[i].expires_at);
        json_text(out, "client_address", rows[i].client_address);
        json_text(out, "user_agent", rows[i].user_agent);
        json_flag(out, "present", rows[i].present);
        json_end_object(out);
    }
    json_end_array(out);
    json_end_object(out);
    return PROBLEM_NONE;
}

/* DELETE .../profile/sessions/{id} */
enum problem
h_session_end(struct request *rq, const struct session_end_in *in)
{
    const struct q_session_end_one_row *row = NULL;
    enum problem problem = q_session_end_one(rq->tx, &(struct q_session_end_one_in){in->id}, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (row == NULL || !row->ended) {
        return PROBLEM_NOT_FOUND;
    }
    if (strcmp(rq->actor.session_id, in->id) == 0) {
        reply_header(rq, "Set-Cookie", admission_cookie(rq, rq->actor.realm, NULL));
    }
    return PROBLEM_NONE;
}

/* DELETE .../profile/sessions: everywhere, here too. */
enum problem
h_session_end_all(struct request *rq, const struct session_end_all_in *in)
{
    (void)in;
    const struct q_session_end_all_row *row = NULL;
    reply_header(rq, "Set-Cookie", admission_cookie(rq, rq->operation->portal, NULL));
    return q_session_end_all_last(rq->tx, &row);
}

/* Health, and the contract itself. */
#include "app/app.h"
#include "build/gen/api.h"
#include "build/gen/migrations.h"
#include "build/gen/openapi_json.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "lib/db/tx.h"

/* GET /livez: the process answers; nothing else is asked. */
enum problem
h_livez(struct request *rq, const struct livez_in *in)
{
    (void)in;
    reply_alive(&rq->reply.json);
    return PROBLEM_NONE;
}

/* GET /readyz: the database is reachable and has every migration and function that this program knows. */
enum problem
h_readyz(struct request *rq, const struct readyz_in *in)
{
    (void)in;
    const struct q_schema_version_row *row = NULL;
    enum problem problem =
        q_schema_version_last(rq->tx, &(struct q_schema_version_in){.texts = SQL_TEXTS_STATE}, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (row == NULL || row->version < MIGRATION_NEWEST || !row->known) {
        return PROBLEM_UNAVAILABLE;
    }
    reply_ready(&rq->reply.json);
    return PROBLEM_NONE;
}

/* GET /openapi.json */
enum problem
h_openapi_json(struct request *rq, const struct openapi_json_in *in)
{
    (void)in;
    buf_add(rq->reply.body, openapi_json_text, openapi_json_size);
    return PROBLEM_NONE;
}

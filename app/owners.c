#include "app/owners.h"

#include "app/keys.h"
#include "build/gen/sql.h"
#include "lib/db/tx.h"

static struct wrapped_key
key_of(const void *rows, size_t i)
{
    const struct q_owner_list_row *row = (const struct q_owner_list_row *)rows + i;
    return (struct wrapped_key){row->id, row->wrapped_key};
}

enum problem
owners_read(struct request *rq, const struct q_owner_list_row **rows, size_t *count)
{
    bool again = false;
    struct q_owner_list_in query = {0};
    enum problem problem = q_owner_list(rq->tx, &query, rows, count);
    if (problem == PROBLEM_NONE) {
        problem =
            keys_add(rq, &(struct keys_rows){key_of, *rows, *count}, &query.key_ids, &query.keys, &again);
    }
    if (problem == PROBLEM_NONE && again) {
        problem = q_owner_list(rq->tx, &query, rows, count);
    }
    for (size_t i = 0; i < *count && problem == PROBLEM_NONE; i++) {
        problem = (*rows)[i].email == NULL ? PROBLEM_UNAVAILABLE : PROBLEM_NONE;
    }
    return problem;
}

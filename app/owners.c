#include "app/owners.h"

#include "app/keys.h"
#include "build/gen/sql.h"
#include "lib/db/tx.h"

enum problem
owners_read(struct request *rq, const struct q_owner_list_row **rows, size_t *count)
{
    enum problem problem = q_owner_list(rq->tx, &(struct q_owner_list_in){0}, rows, count);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const char **ids = arena_array(rq->arena, *count + 1, sizeof *ids);
    struct span *keys = arena_array(rq->arena, *count + 1, sizeof *keys);
    for (size_t i = 0; i < *count; i++) {
        ids[i] = (*rows)[i].id;
        if (!keys_unwrap(rq, (*rows)[i].id, (*rows)[i].wrapped_key, &keys[i])) {
            return PROBLEM_INTERNAL;
        }
    }
    problem = q_owner_list(rq->tx, &(struct q_owner_list_in){{ids, *count}, {keys, *count}}, rows, count);
    for (size_t i = 0; i < *count && problem == PROBLEM_NONE; i++) {
        problem = (*rows)[i].email == NULL ? PROBLEM_UNAVAILABLE : PROBLEM_NONE;
    }
    return problem;
}

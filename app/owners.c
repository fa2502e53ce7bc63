#include "app/owners.h"

#include "app/keys.h"
#include "build/gen/sql.h"
#include "lib/db/tx.h"

static struct wrapped_key
key_of(const void *rows, size_t i)
{
    const struct owner_row *row = (const struct owner_row *)rows + i;
    return (struct wrapped_key){row->id, row->wrapped_key};
}

/* Those of the link's practice; of the actor's, when there is no link. */
static enum problem
list(struct request *rq, struct span link, const struct q_owner_list_in *opened,
     const struct owner_row **rows, size_t *count)
{
    struct q_link_owners_in in = {link, opened->key_ids, opened->keys};
    return link.size == 0 ? q_owner_list(rq->tx, opened, rows, count)
                          : q_link_owners(rq->tx, &in, rows, count);
}

static enum problem
read_opened(struct request *rq, struct span link, const struct owner_row **rows, size_t *count)
{
    bool again = false;
    struct q_owner_list_in query = {0};
    enum problem problem = list(rq, link, &query, rows, count);
    if (problem == PROBLEM_NONE) {
        problem =
            keys_add(rq, &(struct keys_rows){key_of, *rows, *count}, &query.key_ids, &query.keys, &again);
    }
    if (problem == PROBLEM_NONE && again) {
        problem = list(rq, link, &query, rows, count);
    }
    for (size_t i = 0; i < *count && problem == PROBLEM_NONE; i++) {
        problem = (*rows)[i].email == NULL ? PROBLEM_UNAVAILABLE : PROBLEM_NONE;
    }
    return problem;
}

enum problem
owners_read(struct request *rq, const struct owner_row **rows, size_t *count)
{
    return read_opened(rq, (struct span){NULL, 0}, rows, count);
}

enum problem
owners_of_link(struct request *rq, struct span hash, const struct owner_row **rows, size_t *count)
{
    return read_opened(rq, hash, rows, count);
}

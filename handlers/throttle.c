#include "handlers/throttle.h"

#include "build/gen/sql.h"
#include "handlers/sign_in.h"
#include "lib/crypto/digest.h"
#include "lib/db/tx.h"

#include <string.h>

static struct span
throttle_key(struct request *rq, const char *kind, const char *text, struct span more)
{
    unsigned char *hash = arena_alloc(rq->arena, DIGEST_SIZE);
    struct buf buf;
    buf_init(&buf, 1024);
    buf_format(&buf, "%s:%s:", kind, text);
    buf_add(&buf, more.data, more.size);
    digest_sha256((struct span){(const unsigned char *)buf_string(&buf), buf.size}, hash);
    buf_free(&buf);
    return (struct span){hash, DIGEST_SIZE};
}

struct throttle
throttle_of(struct request *rq, enum realm realm, struct span account)
{
    return (struct throttle){throttle_key(rq, "account", sign_in_realm_name(realm), account),
                             throttle_key(rq, "address", rq->client_address, (struct span){NULL, 0})};
}

enum problem
throttle_check(struct request *rq, const struct throttle *throttle)
{
    const struct q_throttle_check_row *row = NULL;
    struct q_throttle_check_in in = {.account = throttle->account, .address = throttle->address};
    enum problem problem = q_throttle_check(rq->tx, &in, &row);
    if (problem != PROBLEM_NONE || row == NULL) {
        return problem != PROBLEM_NONE ? problem : PROBLEM_UNAVAILABLE;
    }
    rq->retry_after = row->seconds;
    return row->seconds > 0 ? PROBLEM_THROTTLED : PROBLEM_NONE;
}

enum problem
throttle_failed(struct request *rq, const struct throttle *throttle, enum problem problem)
{
    q_throttle_fail_later(rq->tx, &(struct q_throttle_fail_in){throttle->account, throttle->address});
    rq->keep_on_problem = true;
    return problem;
}

struct throttle
throttle_of_account(struct request *rq, enum realm realm, const char *account_id)
{
    return throttle_of(rq, realm, (struct span){(const unsigned char *)account_id, strlen(account_id)});
}

void
throttle_forgive_later(struct request *rq, const struct throttle *throttle)
{
    q_throttle_clear_later(rq->tx, &(struct q_throttle_clear_in){throttle->account});
}

enum problem
throttle_check_address(struct request *rq)
{
    struct span address = throttle_key(rq, "address", rq->client_address, (struct span){NULL, 0});
    struct throttle throttle = {{NULL, 0}, address};
    return throttle_check(rq, &throttle);
}

void
throttle_address_failed(struct request *rq)
{
    struct span address = throttle_key(rq, "address", rq->client_address, (struct span){NULL, 0});
    struct throttle throttle = {{NULL, 0}, address};
    (void)throttle_failed(rq, &throttle, PROBLEM_NONE);
}

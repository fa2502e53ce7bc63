#include "handlers/auth/throttle.h"

#include "app/app.h"
#include "app/fairness.h"
#include "app/indexes.h"
#include "build/gen/sql.h"
#include "handlers/auth/device.h"
#include "lib/base/address.h"
#include "lib/crypto/digest.h"
#include "lib/db/tx.h"

#include <string.h>

static const struct span nothing = {NULL, 0};

static struct span
key_of(struct request *rq, const char *kind, const char *text, struct span more)
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
throttle_of_address(struct request *rq, enum throttle_use use)
{
    static const char *const kinds[] = {[THROTTLE_SIGN_IN] = "address",
                                        [THROTTLE_RESET] = "reset",
                                        [THROTTLE_LINK] = "link",
                                        [THROTTLE_PASSKEY] = "passkey"};
    char network[ADDRESS_TEXT_SIZE];
    char site[ADDRESS_TEXT_SIZE];
    struct address address;
    bool known = address_parse(rq->client_address, &address);
    const char *name = known ? address_prefix(&address, ADDRESS_NETWORK_BITS, network) : rq->client_address;
    struct throttle throttle = {.device = device_presented(rq),
                                .address = key_of(rq, kinds[THROTTLE_SIGN_IN], name, nothing),
                                .network = key_of(rq, kinds[use], name, nothing)};
    if (known && address.is_ipv6) {
        throttle.site = key_of(rq, kinds[use], address_prefix(&address, ADDRESS_SITE_BITS, site), nothing);
    }
    return throttle;
}

struct throttle
throttle_of_email(struct request *rq, enum realm realm, struct db_array indexes)
{
    struct throttle throttle = throttle_of_address(rq, THROTTLE_SIGN_IN);
    throttle.realm = realm_name(realm);
    throttle.indexes = indexes;
    throttle.key = key_of(rq, "account", throttle.realm, indexes_stored(indexes));
    return throttle;
}

struct throttle
throttle_of_account(struct request *rq, enum realm realm, const char *account_id)
{
    struct throttle throttle = throttle_of_address(rq, THROTTLE_SIGN_IN);
    throttle.realm = realm_name(realm);
    throttle.account_id = account_id;
    throttle.key = key_of(rq, "account", throttle.realm,
                          (struct span){(const unsigned char *)account_id, strlen(account_id)});
    if (rq->session.token != NULL) {
        throttle.network = nothing;
        throttle.site = nothing;
    }
    return throttle;
}

enum problem
throttle_check(struct request *rq, struct throttle *throttle)
{
    const struct q_throttle_check_row *row = NULL;
    struct q_throttle_check_in in = {.realm = throttle->realm,
                                     .email_indexes = throttle->indexes,
                                     .account_id = throttle->account_id,
                                     .key = throttle->key,
                                     .device = throttle->device,
                                     .address = throttle->address,
                                     .network = throttle->network,
                                     .site = throttle->site};
    enum problem problem = q_throttle_check(rq->tx, &in, &row);
    if (problem != PROBLEM_NONE || row == NULL) {
        return problem != PROBLEM_NONE ? problem : PROBLEM_UNAVAILABLE;
    }
    throttle->known = row->known;
    rq->result.retry_after = row->seconds;
    return row->seconds > 0 ? PROBLEM_THROTTLED : PROBLEM_NONE;
}

enum problem
throttle_check_dear(struct request *rq, struct throttle *throttle)
{
    const struct fairness *fairness = rq->app->fairness;
    enum problem problem = throttle_check(rq, throttle);
    bool told = problem == PROBLEM_NONE || problem == PROBLEM_THROTTLED;
    if (told && !throttle->known && fairness != NULL && fairness->crowded(fairness->context)) {
        rq->result.retry_after = 0;
        rq->result.not_before = 0;
        return PROBLEM_TOO_MANY_AT_ONCE;
    }
    return problem;
}

enum problem
throttle_failed(struct request *rq, const struct throttle *throttle, enum problem problem)
{
    q_throttle_fail_later(rq->tx, &(struct q_throttle_fail_in){.realm = throttle->realm,
                                                               .email_indexes = throttle->indexes,
                                                               .account_id = throttle->account_id,
                                                               .key = throttle->key,
                                                               .device = throttle->device,
                                                               .address = throttle->address,
                                                               .network = throttle->network,
                                                               .site = throttle->site});
    rq->result.keep = true;
    return problem;
}

void
throttle_forgive_later(struct request *rq, const struct throttle *throttle)
{
    q_throttle_clear_later(rq->tx, &(struct q_throttle_clear_in){.realm = throttle->realm,
                                                                 .email_indexes = throttle->indexes,
                                                                 .account_id = throttle->account_id,
                                                                 .key = throttle->key,
                                                                 .device = throttle->device,
                                                                 .address = throttle->address});
}

enum problem
throttle_check_address(struct request *rq, enum throttle_use use)
{
    struct throttle throttle = throttle_of_address(rq, use);
    return throttle_check(rq, &throttle);
}

void
throttle_address_failed(struct request *rq, enum throttle_use use)
{
    struct throttle throttle = throttle_of_address(rq, use);
    (void)throttle_failed(rq, &throttle, PROBLEM_NONE);
}

/*
 * Guessing is slowed down: failed tries are counted by account and by the caller's address, and who has
 * failed too often waits (ASVS 6.3.1). The database keeps the counts (auth.throttle).
 */
#ifndef ANAMNESIS_HANDLERS_THROTTLE_H
#define ANAMNESIS_HANDLERS_THROTTLE_H

#include "lib/base/span.h"
#include "lib/http/request.h"

/* Under which keys a try is counted. */
struct throttle {
    struct span account; /* empty: no account is known, only the address counts */
    struct span address;
};

/* The keys of an account, by its e-mail address's index or its identifier, and of the caller's address. */
struct throttle throttle_of(struct request *rq, enum realm realm, struct span account);
struct throttle throttle_of_account(struct request *rq, enum realm realm, const char *account_id);

/* PROBLEM_THROTTLED, with the seconds in rq->retry_after, while either key has to wait. */
enum problem throttle_check(struct request *rq, const struct throttle *throttle);

/* Notes a failed try, which is kept whatever else is rolled back. Returns `problem`. */
enum problem throttle_failed(struct request *rq, const struct throttle *throttle, enum problem problem);

/* The account's failures are forgotten. */
void throttle_forgive_later(struct request *rq, const struct throttle *throttle);

/* The same by the caller's address alone. */
enum problem throttle_check_address(struct request *rq);
void throttle_address_failed(struct request *rq);

#endif

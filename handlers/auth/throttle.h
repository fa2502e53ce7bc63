/*
 * Guessing is slowed down: failed tries are counted, and whoever has failed too often must wait (ASVS 6.3.1).
 *
 * The database keeps the counts and knows from which devices and addresses somebody has signed in to an
 * account before (sql/functions/auth/throttle_keys.sql). A device or an address with such a history is
 * counted by itself, so that strangers' guesses do not shut the account's owner out; strangers are counted by
 * account, by address, and for IPv6 by site. The keys are hashes. A failed try
 * is committed whatever else the request rolls back. Uses (signing in, resetting, links, passkeys) are
 * counted apart, so asking for links keeps nobody from signing in. Checking costs one trip.
 */
#ifndef ANAMNESIS_HANDLERS_AUTH_THROTTLE_H
#define ANAMNESIS_HANDLERS_AUTH_THROTTLE_H

#include "lib/base/span.h"
#include "lib/db/statement.h"
#include "lib/http/request.h"

/* The keys under which a try is counted; an empty key is not counted. */
struct throttle {
    const char *realm;
    struct db_array indexes; /* of the e-mail address whose accounts are tried */
    const char *account_id;  /* or the one account */
    struct span key;         /* of either */
    struct span device;
    struct span address; /* the caller's, to find out whether the account knows it */
    struct span network; /* the same address, to count this use of it */
    struct span site;    /* its IPv6 site, which may fail more often; empty for IPv4 */
    bool known;          /* by throttle_check: the device or the address has a history of the account */
};

/* What an address is counted for; each use has a count of its own. */
enum throttle_use { THROTTLE_SIGN_IN, THROTTLE_RESET, THROTTLE_LINK, THROTTLE_PASSKEY };

/* The accounts of an e-mail address, by its indexes (app/indexes.h). */
struct throttle throttle_of_email(struct request *rq, enum realm realm, struct db_array indexes);

/* One account. A caller who is signed in already is not counted by address. */
struct throttle throttle_of_account(struct request *rq, enum realm realm, const char *account_id);

/*
 * No account, the caller's address alone: for links and passkeys that are tried and mails that are asked for.
 */
struct throttle throttle_of_address(struct request *rq, enum throttle_use use);

/*
 * PROBLEM_THROTTLED, with the seconds in rq->result.retry_after, while the caller has to wait. Sets `known`.
 */
enum problem throttle_check(struct request *rq, struct throttle *throttle);

/*
 * The same before work that takes a worker long (hashing). PROBLEM_TOO_MANY_AT_ONCE, at once, for a caller
 * who was let past others by a device's token (app/fairness.h) that has no history with the account: it is
 * invented, or another's.
 */
enum problem throttle_check_dear(struct request *rq, struct throttle *throttle);

/* Notes a failed try, which is kept whatever else is rolled back. Returns `problem`. */
enum problem throttle_failed(struct request *rq, const struct throttle *throttle, enum problem problem);

/*
 * Queues the forgetting of the account's failures, those of strangers and those from here; signing in does it
 * too.
 */
void throttle_forgive_later(struct request *rq, const struct throttle *throttle);

/* throttle_check and throttle_failed by the caller's address alone. */
enum problem throttle_check_address(struct request *rq, enum throttle_use use);
void throttle_address_failed(struct request *rq, enum throttle_use use);

#endif

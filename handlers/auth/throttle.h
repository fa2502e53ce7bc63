/*
 * Guessing is slowed down: failed tries are counted, and who has failed too often waits (ASVS 6.3.1). The
 * database keeps the counts and knows who has signed in from where (sql/functions/auth/throttle_keys.sql): a
 * device or an address with a history of the account is counted by itself, strangers by account, address and
 * IPv6 site.
 */
#ifndef ANAMNESIS_HANDLERS_AUTH_THROTTLE_H
#define ANAMNESIS_HANDLERS_AUTH_THROTTLE_H

#include "lib/base/span.h"
#include "lib/db/statement.h"
#include "lib/http/request.h"

/* Under which keys a try is counted; an empty one does not count. */
struct throttle {
    const char *realm;
    struct db_array indexes; /* of the e-mail address whose accounts are tried */
    const char *account_id;  /* or the one account */
    struct span key;         /* of either */
    struct span device;
    struct span place;   /* the address, by which history goes */
    struct span network; /* the address, for what is tried */
    struct span site;    /* the same more softly; IPv6 only */
    bool known;          /* by throttle_check: the device or the address has a history of the account */
};

/* What addresses are counted for. They do not add up: whoever asks for links keeps nobody from signing in. */
enum throttle_use { THROTTLE_SIGN_IN, THROTTLE_RESET, THROTTLE_LINK, THROTTLE_PASSKEY };

/* The accounts of an e-mail address, by its indexes (app/indexes.h). */
struct throttle throttle_of_email(struct request *rq, enum realm realm, struct db_array indexes);

/* One account. Who is signed in already is not counted by address. */
struct throttle throttle_of_account(struct request *rq, enum realm realm, const char *account_id);

/* No account: links and passkeys that are tried, mails that are asked for. */
struct throttle throttle_of_address(struct request *rq, enum throttle_use use);

/* PROBLEM_THROTTLED, with the seconds in rq->result.retry_after, while it has to wait. */
enum problem throttle_check(struct request *rq, struct throttle *throttle);

/*
 * The same for what takes a worker long. PROBLEM_TOO_MANY_AT_ONCE, at once, for who came past others by a
 * device's token that is of no history here (app/fairness.h): it is invented, or somebody else's.
 */
enum problem throttle_check_dear(struct request *rq, struct throttle *throttle);

/* Notes a failed try, which is kept whatever else is rolled back. Returns `problem`. */
enum problem throttle_failed(struct request *rq, const struct throttle *throttle, enum problem problem);

/* The account's failures, by strangers and from here, are forgotten; signing in does it too. */
void throttle_forgive_later(struct request *rq, const struct throttle *throttle);

/* The same by the caller's address alone. */
enum problem throttle_check_address(struct request *rq, enum throttle_use use);
void throttle_address_failed(struct request *rq, enum throttle_use use);

#endif

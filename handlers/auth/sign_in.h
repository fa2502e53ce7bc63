/*
 * Signing in, the same for staff and patients: a password (sign_in_password.c), then a second factor where
 * there is one, then a session with a token of its own.
 *
 * Between the steps the client holds a token of the unfinished sign-in, which is good for five tries and a
 * few minutes. The session's token is new and is told once, as a cookie or in the reply. Unknown accounts and
 * wrong passwords cost the same time and get the same answer, so nobody learns who has an account. Failed
 * tries are counted (throttle.h), also when the rest of the request is rolled back. Whatever ends an
 * account's sessions ends its unfinished sign-ins too: a sign-in that began before then does not finish
 * (PROBLEM_CHALLENGE_GONE).
 *
 * What must not be done: make a session anywhere else; compare a code or a password outside of these
 * functions, where nothing counts it; tell in an error whether the account exists.
 */
#ifndef ANAMNESIS_HANDLERS_AUTH_SIGN_IN_H
#define ANAMNESIS_HANDLERS_AUTH_SIGN_IN_H

#include "build/gen/reply.h"
#include "lib/db/statement.h"
#include "lib/http/request.h"

struct json_object;

struct sign_in_challenge {
    const char *account_id;
    const char *practice_id;
    const char *password_hash; /* of the signed-in account; NULL during sign-in */
    const char *delivery;      /* "cookie" or "bearer", as asked at the first step */
    struct span totp_sealed;   /* the enrolled seed; empty when there is none */
    struct span totp_pending;  /* one that is being enrolled */
    int64_t totp_step;         /* the last accepted */
    bool has_factor;           /* of the signed-in account: there is one of any kind */
};

/*
 * Checks a code of an account's second factor and uses it up. PROBLEM_CODE_REFUSED, counted against the
 * account and the address, when it is wrong or was used; PROBLEM_THROTTLED while either has to wait. One of
 * `code` and `recovery_code` is NULL.
 */
enum problem sign_in_factor(struct request *rq, enum realm realm, const struct sign_in_challenge *account,
                            const char *code, const char *recovery_code);

/*
 * Checks the signed-in account's present password once more. PROBLEM_PASSWORD_REFUSED, noted at `pointer` and
 * counted, when it is wrong; PROBLEM_THROTTLED.
 */
enum problem sign_in_password_again(struct request *rq, const char *account_id, const char *stored,
                                    const char *password, const char *pointer);

/*
 * After a reset of the password: forgets failed tries, so that other people's guesses do not keep the owner
 * waiting.
 */
enum problem sign_in_forgive(struct request *rq, enum realm realm, const char *email);

/* The keyed indexes by which an account of the realm is found (app/indexes.h); none when it is no e-mail
 * address. */
struct db_array sign_in_email_indexes(struct request *rq, enum realm realm, const char *email);

/* What makes a session: an unfinished sign-in, a password in one generation of the account, or (neither) a
 * passkey alone. */
struct sign_in_by {
    const char *mfa_token;
    bool password;
    int64_t generation;
};

/*
 * Makes the session and writes the reply. PROBLEM_CHALLENGE_GONE when the account was disabled, or its
 * sessions were ended, after the password was checked.
 */
enum problem sign_in_done(struct request *rq, enum realm realm, const struct sign_in_by *by,
                          const char *account_id, const char *delivery);

/*
 * Takes the token of an unfinished sign-in; each call is one try of five. PROBLEM_CHALLENGE_GONE when it is
 * unknown, too old, used or spent.
 */
enum problem sign_in_claim(struct request *rq, enum realm realm, const char *purpose, const char *mfa_token,
                           struct sign_in_challenge *challenge);

/*
 * Makes the session (ending the unfinished sign-in) and proves it, so that the rest of the transaction acts
 * as the account. `access_token` is set for bearer sessions; else the cookie is. Refuses as sign_in_done
 * does.
 */
enum problem sign_in_session(struct request *rq, enum realm realm, const struct sign_in_by *by,
                             const char *account_id, const char *delivery, const char **access_token);

/* Who is signed in: `staff` or `patient`, by the realm, as replies show them. */
struct sign_in_self {
    struct reply_staff_member staff;
    struct reply_patient_self patient;
    const char *access_token; /* of a bearer session that was made just now; NULL: none */
};

/* Reads the signed-in account; as the last statement when `last`. The access token stays as it is. */
enum problem sign_in_self(struct request *rq, enum realm realm, bool last, struct sign_in_self *self);

#endif

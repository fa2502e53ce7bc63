/*
 * Signing in, the same for staff and patients: password, then a second factor where there is one, then a
 * session with a token of its own. Unknown accounts and wrong passwords cost and answer the same.
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
 * A second factor of an account, used up: PROBLEM_CODE_REFUSED, counted against the account and the address,
 * when it is wrong or was used; PROBLEM_THROTTLED while either has to wait. One of `code` and `recovery_code`
 * is NULL.
 */
enum problem sign_in_factor(struct request *rq, enum realm realm, const struct sign_in_challenge *account,
                            const char *code, const char *recovery_code);

/*
 * The signed-in account's present password once more. PROBLEM_PASSWORD_REFUSED at `pointer`, counted,
 * when it is another; PROBLEM_THROTTLED.
 */
enum problem sign_in_password_again(struct request *rq, const char *account_id, const char *stored,
                                    const char *password, const char *pointer);

/* After a reset: whoever was made to wait by somebody else's guesses may sign in. */
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
 * Makes the session and writes the reply. PROBLEM_CHALLENGE_GONE when the account was shut, or all of it
 * ended, since its owner was recognised.
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
    int64_t expires_at;
    const char *access_token; /* of a bearer session that was made just now; NULL: none */
};

/* Reads the signed-in account; as the last statement when `last`. The access token stays as it is. */
enum problem sign_in_self(struct request *rq, enum realm realm, bool last, struct sign_in_self *self);

#endif

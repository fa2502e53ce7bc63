/* What adding a second factor of any kind has in common: whose it is, recovery codes, and going on to sign
 * in. */
#ifndef ANAMNESIS_HANDLERS_AUTH_FACTORS_H
#define ANAMNESIS_HANDLERS_AUTH_FACTORS_H

#include "handlers/auth/sign_in.h"
#include "lib/http/request.h"

/*
 * Whose factor it is: the session's, or, without one, that of the unfinished sign-in of `mfa_token` (one
 * try). PROBLEM_NOT_SIGNED_IN with neither.
 */
enum problem factor_whose(struct request *rq, enum realm realm, const char *mfa_token,
                          struct sign_in_challenge *account);

/*
 * Adding the first second factor to a signed-in account needs its present password once more, so that
 * somebody who has taken over a session cannot lock the owner out for good. PROBLEM_INVALID_REQUEST without a
 * password (NULL), and as sign_in_password_again(). Nothing is asked of an account that has a factor, since
 * the contract demands fresh proof of it, nor during a sign-in, which began with the password.
 */
enum problem factor_first(struct request *rq, const struct sign_in_challenge *account, const char *password);

/* New recovery codes, RECOVERY_CODES of them in the arena, which replace all old ones; only their hashes are kept. */
enum problem factor_recovery_codes(struct request *rq, enum realm realm, const char *account_id,
                                   const char *const **codes);

/* Signs in after an enrolment that sign-in asked for. */
enum problem factor_sign_in(struct request *rq, enum realm realm, const char *mfa_token,
                            const struct sign_in_challenge *account, struct sign_in_self *self);

/*
 * The problem to answer when the database refuses to add a second factor. Without a session it is that the
 * sign-in is over: the account had no factor when it began, so another sign-in has added one meanwhile.
 */
enum problem factor_refusal(const struct request *rq, enum problem problem);

#endif

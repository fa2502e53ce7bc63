/*
 * Passkeys (Web Authentication), the same for staff and patients: what the ceremonies share. A ceremony has
 * two requests: one notes a challenge and gives what the browser needs, the other one spends the challenge,
 * whatever comes of it. `purpose` is "register", "mfa", "step-up" or "sign-in"; a challenge that was made for
 * one purpose is good for no other. What the browser sends is judged by lib/webauthn; here is whose it is,
 * and what the database keeps. The credential's id, its public key and its name are sealed by the process, so
 * the database finds a passkey by a blind index alone.
 */
#ifndef ANAMNESIS_HANDLERS_AUTH_PASSKEY_H
#define ANAMNESIS_HANDLERS_AUTH_PASSKEY_H

#include "lib/db/statement.h"
#include "lib/http/request.h"
#include "lib/webauthn/record.h"

enum { PASSKEYS_MAX = 10 }; /* of an account; the database counts */

struct json_object;

/* Who we are: host and origin of the public address, and the further origins that are ours. */
void passkey_party(struct request *rq, struct webauthn_party *party);

/* What is sealed of a passkey. PROBLEM_INTERNAL when it does not open. */
enum problem passkey_open(struct request *rq, const char *id, struct span sealed,
                          struct webauthn_record *record);
enum problem passkey_seal(struct request *rq, const char *id, const struct webauthn_record *record,
                          struct span *sealed);

/* Under which indexes a credential is found: by each index key, the one that is stored first. */
struct db_array passkey_indexes(struct request *rq, struct span credential_id);

/* The bytes of a member that is base64url; false when it is not there, or anything else, or longer. */
bool passkey_bytes(struct request *rq, struct json_object *object, const char *name, size_t max,
                   struct span *bytes);

/* The id of a credential as the browser gives it, twice; false when the two differ. */
bool passkey_id(struct request *rq, struct json_object *passkey, struct span *id);

/* The user handle of an account: 16 bytes, opaque to whoever sees them. */
struct span passkey_handle(struct request *rq, const char *handle);

/*
 * Notes a challenge for an assertion and writes the reply. For "mfa" the account is that of `mfa_token`, for
 * "step-up" the signed-in one, for "sign-in" nobody's. PROBLEM_ENROLMENT_STATE when the account has no
 * passkey.
 */
enum problem passkey_ask(struct request *rq, enum realm realm, const char *purpose, const char *mfa_token);

/*
 * Judges an assertion, and counts it as a second factor of this transaction. `account_id` NULL: of whoever's
 * passkey it is, which must have verified its user; `*account` is the account in the end.
 * PROBLEM_CHALLENGE_GONE, PROBLEM_PASSKEY_REFUSED (counted against the address: a signature cannot be
 * guessed, so nobody's account has to wait for it), PROBLEM_THROTTLED.
 */
enum problem passkey_judge(struct request *rq, enum realm realm, const char *purpose, const char *account_id,
                           struct json_object *passkey, const char **account);

#endif

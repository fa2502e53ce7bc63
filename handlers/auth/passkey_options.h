/* What a browser is given for a ceremony: the JSON forms of Web Authentication's own option dictionaries. */
#ifndef ANAMNESIS_HANDLERS_AUTH_PASSKEY_OPTIONS_H
#define ANAMNESIS_HANDLERS_AUTH_PASSKEY_OPTIONS_H

#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "lib/http/request.h"

#include <stddef.h>

struct passkey_ceremony {
    const char *challenge; /* base64url; only its hash is stored */
    const char *account_id;
    const char *handle;
    const char *practice_name;
    struct span wrapped_key;
    const struct q_passkey_begin_row *rows; /* the account's passkeys */
    size_t count;
};

/* Notes a new challenge. PROBLEM_CHALLENGE_GONE when there is no such unfinished sign-in. */
enum problem passkey_begin(struct request *rq, enum realm realm, const char *purpose, const char *mfa_token,
                           struct passkey_ceremony *ceremony);

/* All of the account's passkeys as a browser is told of them, ceremony->count of them in the arena. */
enum problem passkey_descriptors(struct request *rq, const struct passkey_ceremony *ceremony,
                                 const struct reply_credential_descriptor **descriptors);

#endif

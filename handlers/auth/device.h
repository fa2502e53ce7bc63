/*
 * A device from which somebody has signed in carries a random token for 180 days after the last time: a
 * cookie, or for bearer sessions the header `Anamnesis-Device`. It proves nothing and opens nothing. All it
 * gives is a throttle key of its own for the accounts that have signed in with it (handlers/auth/throttle.h).
 */
#ifndef ANAMNESIS_HANDLERS_AUTH_DEVICE_H
#define ANAMNESIS_HANDLERS_AUTH_DEVICE_H

#include "lib/http/request.h"

#define COOKIE_DEVICE "__Host-anamnesis_device"

/* The token that the caller presents, borrowed; NULL when there is none. */
const char *device_token(struct request *rq);

/* Its keyed hash, in the arena; empty when there is none. */
struct span device_presented(struct request *rq);

/*
 * device_remember.c: after the session was made and proven, the account is known at this device and this
 * address from now on. Sets the cookie, or for "bearer" the reply's header.
 */
enum problem device_remember(struct request *rq, const char *delivery);

#endif

/*
 * A device from which somebody has signed in carries a random token for 180 days after the last time: a
 * cookie, or for bearer sessions the header `Anamnesis-Device`. It proves nothing and opens nothing. It has
 * two effects: for the accounts that have signed in with it, failed tries are counted apart from strangers'
 * (handlers/auth/throttle.h), and requests that carry it are taken before those of strangers in the auth lane
 * (fcgi/doors.h). A stolen one gives no more than that.
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
 * device_remember.c: to be called after the session was made and proven. Notes that the account is known at
 * this device and this address from now on, and sets the cookie, or for "bearer" the reply's header.
 */
enum problem device_remember(struct request *rq, const char *delivery);

#endif

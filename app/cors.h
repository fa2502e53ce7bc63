/*
 * Cross-origin requests (WHATWG Fetch, "CORS protocol") of the portals that ANAMNESIS_ALLOWED_ORIGINS names,
 * with credentials. Pages of any other origin get no header that would let them read a reply. nginx says the
 * same on its own errors, from the same list.
 */
#ifndef ANAMNESIS_APP_CORS_H
#define ANAMNESIS_APP_CORS_H

#include "lib/http/request.h"

/*
 * Whether the request is a preflight of an allowed origin. Then the reply is 204 with the methods of `allow`.
 */
bool cors_preflight(struct request *rq, const char *allow);

/* Adds to a finished reply what lets an allowed origin read it; nothing when no origins are configured. */
void cors_headers(struct request *rq);

#endif

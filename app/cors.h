/*
 * Cross-origin requests (WHATWG Fetch, "CORS protocol") of the portals that ANAMNESIS_ALLOWED_ORIGINS names,
 * with credentials; nobody else's page is told that it may read anything. nginx says the same on its own
 * errors.
 */
#ifndef ANAMNESIS_APP_CORS_H
#define ANAMNESIS_APP_CORS_H

#include "lib/http/request.h"

/* Whether it is a preflight of an allowed origin. Then the reply is complete: 204, with the methods of
 * `allow`. */
bool cors_preflight(struct request *rq, const char *allow);

/* On every finished reply: what an allowed origin may read of it. */
void cors_headers(struct request *rq);

#endif

/*
 * Addresses that somebody signs in with. Another one is proposed (addresses.c), counts when the link that
 * went to it was answered, and can be objected to from the former one for seven days (address_links.c).
 */
#ifndef ANAMNESIS_HANDLERS_PEOPLE_ADDRESSES_H
#define ANAMNESIS_HANDLERS_PEOPLE_ADDRESSES_H

#include "lib/base/clock.h"
#include "lib/db/statement.h"
#include "lib/http/request.h"

/* A link to confirm by, and how long the former address may object after that: as auth.address_confirm. */
#define ADDRESS_LINK_LIFE (INT64_C(72) * 3600 * CLOCK_SECOND)
#define ADDRESS_OBJECTION (INT64_C(7) * 24 * 3600 * CLOCK_SECOND)

/* The page that a link opens: `use` is "confirm", "object" or "recovery". The token is behind its `#`. */
const char *address_link(struct request *rq, const char *use, enum realm realm, const char *token);

/* The keyed indexes of an address of the realm; PROBLEM_INVALID_REQUEST at /email when it is none. */
enum problem address_indexes(struct request *rq, enum realm realm, const char *email,
                             struct db_array *indexes);

#endif

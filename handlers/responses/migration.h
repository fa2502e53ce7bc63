/*
 * Drafts that move to a newer version. Publishing with `on_drafts: "migrate"` changes no draft: the version
 * says so, and the answers are carried over when their patient opens them next, in the patient's own session,
 * which alone has the key for it and may write answers.
 */
#ifndef ANAMNESIS_HANDLERS_RESPONSES_MIGRATION_H
#define ANAMNESIS_HANDLERS_RESPONSES_MIGRATION_H

#include "lib/http/request.h"

/*
 * Moves the assignment to the newest version that takes drafts over, with the answers so far; nothing when it
 * is there already. What does not fit is kept with the answers as they were. In a transaction of its own when
 * the request's was committed already; the caller reads again in it. Two trips, and one for each
 * of the two versions that is not cached.
 */
enum problem migration_run(struct request *rq, const char *assignment_id, struct span key);

#endif

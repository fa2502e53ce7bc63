/* A response as staff and its patient see it: the same members in the same order, but for what only one of
 * them gets. */
#ifndef ANAMNESIS_HANDLERS_RESPONSES_RESPONSE_VIEW_H
#define ANAMNESIS_HANDLERS_RESPONSES_RESPONSE_VIEW_H

#include "lib/http/request.h"

enum response_viewer { VIEW_STAFF, VIEW_PATIENT };

/*
 * Reads the response with this key as the last statement and writes it as the reply, with its ETag. What its
 * patient opens and is to move to a newer version is carried over first. PROBLEM_NOT_FOUND when the actor
 * cannot see it.
 */
enum problem response_view(struct request *rq, const char *id, struct span key, enum response_viewer viewer);

#endif

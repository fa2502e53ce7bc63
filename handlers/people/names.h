/* What somebody else must be able to see and that may have many lines: why something is done. Names are
 * judged by the contract. */
#ifndef ANAMNESIS_HANDLERS_PEOPLE_NAMES_H
#define ANAMNESIS_HANDLERS_PEOPLE_NAMES_H

#include "lib/http/request.h"

/* PROBLEM_INVALID_REQUEST, noted at `pointer` as `blank`, when nothing of it can be seen; NULL is fine. */
enum problem name_check(struct request *rq, const char *name, const char *pointer);

#endif

/*
 * With ANAMNESIS_CONTRACT_LOG every reply is checked against the contract, and its operation and status are
 * noted: the suite `contract` of tools/test-all finds what no test has produced.
 */
#ifndef ANAMNESIS_HTTP_CONTRACT_H
#define ANAMNESIS_HTTP_CONTRACT_H

#include "lib/http/request.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * True when rq->reply is one that rq->operation (not NULL) declares: status, content type, and a body that is
 * strict JSON and fits its schema. Problems that any operation can answer (429, 500, 503) need no
 * declaration. Otherwise `why` (`size` bytes) says what does not fit: pointers and rules, never values.
 */
bool reply_matches_contract(struct request *rq, char *why, size_t size);

/* Appends "operationId status\n" to the file descriptor, in one write. Failures are ignored. */
void contract_note(int descriptor, const struct request *rq);

#endif

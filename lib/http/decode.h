/* From path, query, headers and body to the typed input of an operation. */
#ifndef ANAMNESIS_HTTP_DECODE_H
#define ANAMNESIS_HTTP_DECODE_H

#include "lib/http/api.h"

/*
 * Checks everything that the client sent against the row, and fills `*in`, a structure of op->input_size
 * bytes in the arena (NULL when a problem is returned). All violations are noted with request_error, never
 * with a value: pointers into the body, "/query/limit", "/header/if-match".
 *
 *   PROBLEM_UNSUPPORTED_MEDIA_TYPE  a body that is not application/json in UTF-8
 *   PROBLEM_CONTENT_CODING          a body that is compressed
 *   PROBLEM_TOO_LARGE               a body over op->body_limit
 *   PROBLEM_MALFORMED_JSON          a body that is not I-JSON; the one error says where
 *   PROBLEM_NOT_FOUND               a path value that cannot name anything
 *   PROBLEM_INVALID_REQUEST         anything that the contract does not allow
 *   PROBLEM_PRECONDITION_REQUIRED   no If-Match where one is needed, and nothing else is wrong
 *
 * Lenient where it does no harm: null stands for an absent member that cannot be null, `{}` for no body, and
 * empty pairs of a query for none.
 *
 * Text and JSON members point into the arena or into the body's tree, which the arena owns.
 */
enum problem decode_input(struct request *rq, const struct api_operation *op, void **in);

/* PROBLEM_TOO_LARGE, PROBLEM_CONTENT_CODING or PROBLEM_UNSUPPORTED_MEDIA_TYPE, before anything is read.
 * decode_input does this too. */
enum problem decode_check_body(const struct request *rq, const struct api_operation *op);

#endif

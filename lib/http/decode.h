/*
 * From path, query, headers and body to the typed input of an operation, by the row that the contract gave
 * it.
 *
 * All that a handler reads has passed here: a value outside of its schema, a member or query parameter that
 * the contract does not know, a second If-Match, never reach it. So a handler judges only what the contract
 * cannot say. Violations are collected, not stopped at, and named by pointers, never with the value that was
 * sent. E-mail addresses arrive in the one form in which they are kept (lib/base/email.h).
 *
 * The body is read whole (at most op->body_limit bytes) and becomes a json-c tree that the arena owns; texts
 * of the input point into it. Nothing here asks the database or knows who is asking.
 */
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
 *     PROBLEM_MALFORMED_JSON          a body that is not I-JSON; the one error says where
 *   PROBLEM_OVERLOADED              no memory for the body's tree
 *     PROBLEM_NOT_FOUND               a path value that does not fit its schema
 *   PROBLEM_INVALID_REQUEST         anything that the contract does not allow
 *   PROBLEM_PRECONDITION_REQUIRED   no If-Match where one is needed, and nothing else is wrong
 *
 * Three things are taken that other programs send and that can mean only one thing: null for an absent member
 * that cannot be null, `{}` where there is no body, and empty pairs of a query.
 *
 * Text and JSON members point into the arena or into the body's tree, which the arena owns.
 */
enum problem decode_input(struct request *rq, const struct api_operation *op, void **in);

/*
 * PROBLEM_TOO_LARGE, PROBLEM_CONTENT_CODING or PROBLEM_UNSUPPORTED_MEDIA_TYPE, by headers and size alone;
 * decode_input does this too. An empty body, and that of an operation without one, are PROBLEM_NONE.
 */
enum problem decode_check_body(const struct request *rq, const struct api_operation *op);

#endif

/*
 * AWS Signature Version 4 for S3 (AWS, "Signature Version 4 signing process" and "Authenticating requests:
 * using query parameters"): a signature in a header, for requests of ours, and one in a URL, which lets
 * somebody else send exactly one request until a time. Written here because libcurl's CURLOPT_AWS_SIGV4 of
 * Debian 12 signs queries wrongly; compared with botocore in tests/peers/cloud.
 *
 * All that is in the request is signed: method, path, query, every header that is given, the body's digest or
 * SIGV4_UNSIGNED. `host` must be among the headers; whoever sends the request must send these headers and no
 * other x-amz-*. Pure: the caller gives the time. Costs: some ten microseconds.
 */
#ifndef ANAMNESIS_CLOUD_SIGV4_H
#define ANAMNESIS_CLOUD_SIGV4_H

#include "lib/cloud/sigv4_request.h"

/*
 * Appends the value of the header Authorization. The headers of the request must have x-amz-date with
 * sigv4_time(at), and for S3 x-amz-content-sha256 with the payload, and x-amz-security-token with keys->token
 * when there is one. False, with what was appended to be thrown away, when `host` or x-amz-date is missing or
 * something has not its form.
 */
bool sigv4_sign(const struct sigv4_keys *keys, const struct sigv4_request *request, int64_t at,
                struct buf *authorization);

/*
 * Appends the path, encoded, and a query that is good from `at` for `seconds` (1 to SIGV4_EXPIRES_MAX). The
 * caller puts the scheme and the host in front, which must be the `host` among the headers. False, with what
 * was appended to be thrown away, when something has not its form or the query has a name that begins with
 * X-Amz- already.
 */
bool sigv4_presign(const struct sigv4_keys *keys, const struct sigv4_request *request, int64_t at,
                   int64_t seconds, struct buf *target);

#endif

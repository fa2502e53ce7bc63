/*
 * The URL to which a client sends one part of an upload. It is one that S3 would take (lib/cloud/sigv4.h), so
 * a client knows one way, whatever the store is:
 *
 *     <origin of ANAMNESIS_BASE_URL>/files/incoming/<upload's id>/<number>?X-Amz-Algorithm=...&...
 *
 * Whoever has it may PUT, for PART_URL_SECONDS, exactly one sequence of bytes: Content-Length, the SHA-256 in
 * x-amz-checksum-sha256, and `If-None-Match: *`, which lets no part be overwritten, are signed. The secret is
 * derived from the keyring's `files` key of a version (files_key.h, FILES_URLS), and the access key id names
 * it: local-1. The host that is signed is that of ANAMNESIS_BASE_URL, not what a proxy made of it. Pure: no
 * I/O.
 */
#ifndef ANAMNESIS_STORE_PART_URL_H
#define ANAMNESIS_STORE_PART_URL_H

#include "lib/base/buf.h"
#include "lib/base/uuid.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/keyring.h"

#include <stdbool.h>
#include <stdint.h>

enum { PART_URL_SECONDS = 300, PART_URL_MAX = 1024 /* bytes */, PART_CHECKSUM_SIZE = 45 /* with its NUL */ };

/* One part and what it must be. */
struct signed_part {
    char upload_id[UUID_TEXT_SIZE]; /* small letters */
    unsigned number;                /* 1 to UPLOAD_PARTS_MAX */
    int64_t size;                   /* bytes, 1 to PART_SIZE_MAX */
    unsigned char digest[DIGEST_SIZE];
};

/* The value of x-amz-checksum-sha256: base64. Returns `text`. */
const char *part_checksum(const unsigned char digest[DIGEST_SIZE], char text[PART_CHECKSUM_SIZE]);

/*
 * Appends the URL of a part, good from `now` (microseconds since 1970) for PART_URL_SECONDS. The client must
 * send Content-Length, `If-None-Match: *` and x-amz-checksum-sha256 (part_checksum). False, with what was
 * appended to be thrown away, when the keyring lacks the kind `files`, the base URL has no host, or the part
 * is none.
 */
bool part_url_make(const struct keyring *keyring, const char *base_url, const struct signed_part *part,
                   int64_t now, struct buf *url);

/*
 * A PUT as it was received: raw path and query, without the "?"; the headers' values, NULL for one that is
 * missing.
 */
struct part_request {
    const char *path;
    const char *query;
    int64_t size; /* Content-Length; below 0 when there is none */
    const char *none_match;
    const char *checksum;
};

enum part_verdict {
    PART_ALLOWED,
    PART_REFUSED,    /* not what a URL of ours allows: never say more about it */
    PART_LATE,       /* one of ours, whose time is over, or is far in the future */
    PART_KEY_UNKNOWN /* says that it is of a version that the keyring lacks: a newer keyring may have it */
};

/* Judges it and, when it is allowed, tells which part it is. */
enum part_verdict part_url_verify(const struct keyring *keyring, const char *base_url,
                                  const struct part_request *request, int64_t now, struct signed_part *part);

#endif

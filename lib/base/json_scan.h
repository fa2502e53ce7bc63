/*
 * The strict reader in front of json-c: one pass over the text, no allocation, the position of the first
 * fault. It accepts I-JSON (RFC 7493) as the API means it, and nothing else.
 *
 * Refused: bytes before or after the one value (a byte order mark too), anything that RFC 8259's grammar does
 * not have, nesting over 32, a member given twice in one object (compared after unescaping), invalid UTF-8,
 * lone surrogates, U+0000, raw control characters, whole numbers outside int64_t, others that overflow a
 * double, more than JSON_MEMBERS_MAX members in all objects that are open at one time.
 *
 * Costs: one look at each byte; members are compared by a hash under a random seed, so nobody can choose
 * names that make it slow. The scanner keeps no pointer into the text and changes nothing of it. Whoever
 * reads a text after it was accepted (json_read.c) relies on all of this: what is loosened here must be
 * handled there.
 */
#ifndef ANAMNESIS_BASE_JSON_SCAN_H
#define ANAMNESIS_BASE_JSON_SCAN_H

#include "lib/base/json_fault.h"
#include "lib/base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    JSON_DEPTH_MAX = 32,     /* of what a client sends */
    JSON_DEEP_MAX = 128,     /* of a file: items 16 levels deep, each below an answer */
    JSON_MEMBERS_MAX = 65536 /* scratch of 1.25 MiB */
};

/* Scratch for duplicate detection; the content is the scanner's. */
struct json_member {
    uint32_t bucket; /* one chain of the hash table, kept in the same array */
    uint32_t next;
    uint32_t hash;
    uint32_t name; /* offset of the raw name */
    uint32_t size; /* bytes of the raw name; the top bit: it has escapes */
};

/* How many members of scratch json_scan can need for the text; at most JSON_MEMBERS_MAX. */
size_t json_scan_members(struct span text);

/*
 * True when the text is acceptable. `scratch` has room for `count` members and need not be initialised; with
 * fewer than json_scan_members() a text may be refused with JSON_TOO_MANY_MEMBERS. `fault` is always filled.
 */
bool json_scan(struct span text, struct json_member *scratch, size_t count, struct json_fault *fault);

/* The same with another limit on nesting, at most JSON_DEEP_MAX. */
bool json_scan_deep(struct span text, unsigned depth, struct json_member *scratch, size_t count,
                    struct json_fault *fault);

#endif

/*
 * A row of the audit log and its one canonical form, which is what gets hashed. The encoding, version 1:
 *
 *     1 byte    1
 *     8 bytes   position, then id, then `at` in microseconds since 1970: big endian, two's complement
 *     then      practice_id, realm, actor_id, role, session_id, client_address, request_id, operation,
 *               object_id, patient_ids, outcome, detail: each 4 bytes of size (big endian; 2^32 - 1: NULL)
 * and the bytes: UUIDs raw, 16 each, one after the other in patient_ids; texts in UTF-8
 *
 * No two different rows have one encoding: every part has a fixed size or says its own. SQL makes the same
 * bytes (sql/functions/audit/leaves.sql), so what is changed here must be changed there, under a new version
 * number: old rows keep the encoding with which they were sealed.
 */
#ifndef ANAMNESIS_AUDIT_ROW_H
#define ANAMNESIS_AUDIT_ROW_H

#include "lib/base/span.h"
#include "lib/crypto/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum audit_part {
    AUDIT_PRACTICE,
    AUDIT_REALM,
    AUDIT_ACTOR,
    AUDIT_ROLE,
    AUDIT_SESSION,
    AUDIT_ADDRESS,
    AUDIT_REQUEST,
    AUDIT_OPERATION,
    AUDIT_OBJECT,
    AUDIT_PATIENTS,
    AUDIT_OUTCOME,
    AUDIT_DETAIL,
    AUDIT_PARTS
};

enum audit_part_kind { AUDIT_PART_UUID, AUDIT_PART_TEXT, AUDIT_PART_UUIDS };

struct audit_row {
    int64_t position;              /* of the transaction that wrote it: orders the log (docs/security.md) */
    int64_t id;                    /* orders rows of one transaction */
    int64_t at;                    /* microseconds since 1970 */
    struct span part[AUDIT_PARTS]; /* borrowed; NULL data: SQL's NULL */
};

/* A row's entry in its seal: where it is, when it was, and the hash of all of it. */
struct audit_leaf {
    int64_t position;
    int64_t id;
    int64_t at;
    unsigned char hash[DIGEST_SIZE];
};

enum { AUDIT_LEAF_SIZE = 3 * 8 + DIGEST_SIZE };

/* The column's name, and what it holds. */
const char *audit_part_name(enum audit_part part);
enum audit_part_kind audit_part_kind(enum audit_part part);

/* Fills in the leaf of a row: SHA-256 of its encoding. */
void audit_row_leaf(const struct audit_row *row, struct audit_leaf *leaf);

/* The AUDIT_LEAF_SIZE bytes that a seal's Merkle tree has for the leaf: three numbers, big endian, and the
 * hash. */
void audit_leaf_write(const struct audit_leaf *leaf, unsigned char bytes[AUDIT_LEAF_SIZE]);
void audit_leaf_read(const unsigned char bytes[AUDIT_LEAF_SIZE], struct audit_leaf *leaf);

/* Negative, zero or positive as one is before, at, or after the other's place in the log. */
int audit_order(int64_t position, int64_t id, int64_t other_position, int64_t other_id);

/*
 * The elements of a uuid[] as PostgreSQL sends it (array_send), one after the other, moved together within
 * `bytes`. False when it is something else, or an element is NULL.
 */
bool audit_uuids_of_array(unsigned char *bytes, size_t size, struct span *uuids);

/* 8 bytes, big endian. */
void audit_put64(unsigned char *bytes, int64_t value);
int64_t audit_get64(const unsigned char *bytes);

#endif

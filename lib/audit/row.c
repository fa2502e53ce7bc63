#include "lib/audit/row.h"

#include "lib/base/uuid.h"

#include <endian.h>
#include <sodium.h>
#include <string.h>

static const struct {
    const char *name;
    enum audit_part_kind kind;
} parts[AUDIT_PARTS] = {[AUDIT_PRACTICE] = {"practice_id", AUDIT_PART_UUID},
                        [AUDIT_REALM] = {"realm", AUDIT_PART_TEXT},
                        [AUDIT_ACTOR] = {"actor_id", AUDIT_PART_UUID},
                        [AUDIT_ROLE] = {"role", AUDIT_PART_TEXT},
                        [AUDIT_SESSION] = {"session_id", AUDIT_PART_UUID},
                        [AUDIT_ADDRESS] = {"client_address", AUDIT_PART_TEXT},
                        [AUDIT_REQUEST] = {"request_id", AUDIT_PART_UUID},
                        [AUDIT_OPERATION] = {"operation", AUDIT_PART_TEXT},
                        [AUDIT_OBJECT] = {"object_id", AUDIT_PART_UUID},
                        [AUDIT_PATIENTS] = {"patient_ids", AUDIT_PART_UUIDS},
                        [AUDIT_OUTCOME] = {"outcome", AUDIT_PART_TEXT},
                        [AUDIT_DETAIL] = {"detail", AUDIT_PART_TEXT}};

const char *
audit_part_name(enum audit_part part)
{
    return parts[part].name;
}

enum audit_part_kind
audit_part_kind(enum audit_part part)
{
    return parts[part].kind;
}

void
audit_put64(unsigned char *bytes, int64_t value)
{
    uint64_t wire = htobe64((uint64_t)value);
    memcpy(bytes, &wire, sizeof wire);
}

int64_t
audit_get64(const unsigned char *bytes)
{
    uint64_t wire = 0;
    memcpy(&wire, bytes, sizeof wire);
    return (int64_t)be64toh(wire);
}

static void
add_part(crypto_hash_sha256_state *state, struct span part)
{
    uint32_t size = htobe32(part.data == NULL ? UINT32_MAX : (uint32_t)part.size);
    (void)crypto_hash_sha256_update(state, (const unsigned char *)&size, sizeof size);
    if (part.data != NULL) {
        (void)crypto_hash_sha256_update(state, part.data, part.size);
    }
}

void
audit_row_leaf(const struct audit_row *row, struct audit_leaf *leaf)
{
    unsigned char head[1 + 3 * 8] = {1};
    audit_put64(head + 1, row->position);
    audit_put64(head + 9, row->id);
    audit_put64(head + 17, row->at);
    crypto_hash_sha256_state state;
    (void)crypto_hash_sha256_init(&state);
    (void)crypto_hash_sha256_update(&state, head, sizeof head);
    for (int part = 0; part < AUDIT_PARTS; part++) {
        add_part(&state, row->part[part]);
    }
    leaf->position = row->position;
    leaf->id = row->id;
    leaf->at = row->at;
    (void)crypto_hash_sha256_final(&state, leaf->hash);
}

void
audit_leaf_write(const struct audit_leaf *leaf, unsigned char bytes[AUDIT_LEAF_SIZE])
{
    audit_put64(bytes, leaf->position);
    audit_put64(bytes + 8, leaf->id);
    audit_put64(bytes + 16, leaf->at);
    memcpy(bytes + 24, leaf->hash, DIGEST_SIZE);
}

void
audit_leaf_read(const unsigned char bytes[AUDIT_LEAF_SIZE], struct audit_leaf *leaf)
{
    leaf->position = audit_get64(bytes);
    leaf->id = audit_get64(bytes + 8);
    leaf->at = audit_get64(bytes + 16);
    memcpy(leaf->hash, bytes + 24, DIGEST_SIZE);
}

int
audit_order(int64_t position, int64_t id, int64_t other_position, int64_t other_id)
{
    if (position != other_position) {
        return position < other_position ? -1 : 1;
    }
    return id < other_id ? -1 : id > other_id ? 1 : 0;
}

static uint32_t
get32(const unsigned char *bytes)
{
    uint32_t wire = 0;
    memcpy(&wire, bytes, sizeof wire);
    return be32toh(wire);
}

bool
audit_uuids_of_array(unsigned char *bytes, size_t size, struct span *uuids)
{
    enum { HEAD = 12, DIMENSION = 8, LENGTH = 4 };
    *uuids = (struct span){bytes, 0};
    if (size < HEAD) {
        return false;
    }
    uint32_t dimensions = get32(bytes);
    size_t at = HEAD + (size_t)dimensions * DIMENSION;
    if (dimensions == 0) {
        return size == HEAD;
    }
    if (dimensions != 1 || size < at || (size - at) % (LENGTH + UUID_SIZE) != 0) {
        return false;
    }
    size_t count = (size - at) / (LENGTH + UUID_SIZE);
    if (count != get32(bytes + HEAD)) {
        return false;
    }
    for (size_t i = 0; i < count; i++, at += LENGTH + UUID_SIZE) {
        if (get32(bytes + at) != UUID_SIZE) {
            return false;
        }
        memmove(bytes + i * UUID_SIZE, bytes + at + LENGTH, UUID_SIZE);
    }
    uuids->size = count * UUID_SIZE;
    return true;
}

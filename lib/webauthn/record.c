#include "lib/webauthn/record.h"

#include "lib/base/buf.h"

#include <string.h>

enum { FORM = 1, HEAD_SIZE = 6, ALGORITHM_AT = 1, TRANSPORTS_AT = 5, BYTE_BITS = 8, BYTE_MASK = 255 };
enum {
    RECORD_MAX = HEAD_SIZE + 3 * 2 + WEBAUTHN_CREDENTIAL_ID_MAX + WEBAUTHN_PUBLIC_KEY_MAX + WEBAUTHN_NAME_MAX
};

static const char *const transports[WEBAUTHN_TRANSPORTS] = {"usb",        "nfc",    "ble",
                                                            "smart-card", "hybrid", "internal"};

const char *
webauthn_transport_name(unsigned number)
{
    return transports[number];
}

unsigned
webauthn_transport_bit(const char *name)
{
    for (unsigned i = 0; i < WEBAUTHN_TRANSPORTS; i++) {
        if (strcmp(transports[i], name) == 0) {
            return 1U << i;
        }
    }
    return 0;
}

static void
put_number(struct buf *buf, uint32_t value, unsigned bytes)
{
    for (unsigned i = bytes; i > 0; i--) {
        buf_byte(buf, (char)(value >> ((i - 1) * BYTE_BITS) & BYTE_MASK));
    }
}

static void
put_run(struct buf *buf, struct span run)
{
    put_number(buf, (uint32_t)run.size, 2);
    buf_add(buf, run.data, run.size);
}

bool
webauthn_record_write(struct arena *arena, const struct webauthn_record *record, struct span *bytes)
{
    struct buf buf;
    struct span name = {(const unsigned char *)record->name, strlen(record->name)};
    if (record->credential_id.size > WEBAUTHN_CREDENTIAL_ID_MAX ||
        record->public_key.size > WEBAUTHN_PUBLIC_KEY_MAX || name.size > WEBAUTHN_NAME_MAX) {
        return false;
    }
    buf_init(&buf, RECORD_MAX);
    put_number(&buf, FORM, 1);
    put_number(&buf, (uint32_t)(int32_t)record->algorithm, 4);
    put_number(&buf, record->transports, 1);
    put_run(&buf, record->credential_id);
    put_run(&buf, record->public_key);
    put_run(&buf, name);
    bool good = !buf.failed;
    *bytes = (struct span){(const unsigned char *)arena_copy(arena, buf_string(&buf), buf.size), buf.size};
    buf_free(&buf);
    return good;
}

static bool
take_run(struct span *bytes, size_t max, struct span *run)
{
    if (bytes->size < 2) {
        return false;
    }
    size_t size = (size_t)bytes->data[0] << BYTE_BITS | bytes->data[1];
    if (size > max || size > bytes->size - 2) {
        return false;
    }
    *run = (struct span){bytes->data + 2, size};
    *bytes = (struct span){bytes->data + 2 + size, bytes->size - 2 - size};
    return true;
}

bool
webauthn_record_read(struct arena *arena, struct span bytes, struct webauthn_record *record)
{
    uint32_t algorithm = 0;
    struct span name;
    if (bytes.size < HEAD_SIZE || bytes.data[0] != FORM) {
        return false;
    }
    for (size_t i = ALGORITHM_AT; i < TRANSPORTS_AT; i++) {
        algorithm = algorithm << BYTE_BITS | bytes.data[i];
    }
    *record = (struct webauthn_record){.algorithm = (enum webauthn_algorithm)(int32_t)algorithm,
                                       .transports = bytes.data[TRANSPORTS_AT]};
    bytes = (struct span){bytes.data + HEAD_SIZE, bytes.size - HEAD_SIZE};
    if (!take_run(&bytes, WEBAUTHN_CREDENTIAL_ID_MAX, &record->credential_id) ||
        !take_run(&bytes, WEBAUTHN_PUBLIC_KEY_MAX, &record->public_key) ||
        !take_run(&bytes, WEBAUTHN_NAME_MAX, &name) || bytes.size != 0) {
        return false;
    }
    record->name = arena_copy(arena, name.data, name.size);
    return true;
}

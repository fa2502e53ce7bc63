#include "lib/audit/lines.h"

#include "lib/base/clock.h"
#include "lib/base/json_out.h"
#include "lib/base/uuid.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

const char *
audit_time(int64_t microseconds, char text[AUDIT_TIME_SIZE])
{
    char coarse[CLOCK_TEXT_SIZE];
    int64_t fraction = microseconds % CLOCK_SECOND;
    fraction = fraction < 0 ? fraction + CLOCK_SECOND : fraction;
    (void)clock_text(microseconds, coarse);
    (void)snprintf(text, AUDIT_TIME_SIZE, "%.19s.%06dZ", coarse, (int)fraction);
    return text;
}

static void
write_time(struct json_out *out, const char *name, int64_t microseconds)
{
    char text[AUDIT_TIME_SIZE];
    json_text(out, name, audit_time(microseconds, text));
}

static void
write_bytes(struct json_out *out, const char *name, struct span bytes)
{
    /* In pieces of whole base64 groups: a seal's leaves are long. */
    enum { PIECE = 3 * 256 };
    char text[sodium_base64_ENCODED_LEN(PIECE, BASE64)];
    json_key(out, name);
    buf_byte(out->buf, '"');
    for (size_t at = 0; at < bytes.size; at += PIECE) {
        size_t size = bytes.size - at < PIECE ? bytes.size - at : PIECE;
        (void)sodium_bin2base64(text, sizeof text, bytes.data + at, size, BASE64);
        buf_text(out->buf, text);
    }
    buf_byte(out->buf, '"');
    out->comma = true;
}

static void
begin(struct json_out *out, struct buf *buf, const char *type)
{
    json_start(out, buf);
    json_begin_object(out);
    json_text(out, "type", type);
}

static void
end(struct json_out *out)
{
    json_end_object(out);
    buf_byte(out->buf, '\n');
}

static void
write_uuids(struct json_out *out, const char *name, struct span bytes)
{
    char text[UUID_TEXT_SIZE];
    json_array_key(out, name);
    for (size_t at = 0; at + UUID_SIZE <= bytes.size; at += UUID_SIZE) {
        json_value_text(out, uuid_text(bytes.data + at, text));
    }
    json_end_array(out);
}

static void
write_part(struct json_out *out, enum audit_part part, struct span value)
{
    char text[UUID_TEXT_SIZE];
    const char *name = audit_part_name(part);
    if (value.data == NULL) {
        json_null(out, name);
    } else if (audit_part_kind(part) == AUDIT_PART_UUIDS) {
        write_uuids(out, name, value);
    } else if (audit_part_kind(part) == AUDIT_PART_UUID) {
        json_text(out, name, value.size == UUID_SIZE ? uuid_text(value.data, text) : NULL);
    } else {
        struct buf copy;
        buf_init(&copy, AUDIT_LINE_MAX);
        buf_add(&copy, value.data, value.size);
        json_text(out, name, buf_string(&copy));
        out->buf->failed = out->buf->failed || copy.failed;
        buf_free(&copy);
    }
}

void
audit_line_export(struct buf *buf, struct span practice, const int64_t *from, const int64_t *to,
                  int64_t made_at)
{
    struct json_out out;
    char text[AUDIT_TIME_SIZE];
    begin(&out, buf, "export");
    json_int(&out, "version", 1);
    if (practice.size == UUID_SIZE) {
        write_part(&out, AUDIT_PRACTICE, practice);
    }
    json_text(&out, "from", from == NULL ? NULL : audit_time(*from, text));
    json_text(&out, "to", to == NULL ? NULL : audit_time(*to, text));
    write_time(&out, "made_at", made_at);
    end(&out);
}

void
audit_line_row(struct buf *buf, const struct audit_row *row)
{
    struct json_out out;
    begin(&out, buf, "row");
    json_int(&out, "position", row->position);
    json_int(&out, "id", row->id);
    write_time(&out, "at", row->at);
    for (int part = 0; part < AUDIT_PARTS; part++) {
        write_part(&out, (enum audit_part)part, row->part[part]);
    }
    end(&out);
}

static void
write_seal(struct json_out *out, const struct audit_seal *seal)
{
    json_int(out, "number", seal->number);
    json_int(out, "horizon", seal->horizon);
    json_int(out, "rows", seal->rows);
    json_int(out, "total", seal->total);
    write_time(out, "sealed_at", seal->sealed_at);
    json_int(out, "key_version", seal->key_version);
    write_bytes(out, "root", (struct span){seal->root, DIGEST_SIZE});
    write_bytes(out, "previous", (struct span){seal->previous, DIGEST_SIZE});
    write_bytes(out, "signature", (struct span){seal->signature, AUDIT_SIGNATURE_SIZE});
}

void
audit_line_seal(struct buf *buf, const struct audit_seal *seal, struct span leaves)
{
    struct json_out out;
    begin(&out, buf, "seal");
    write_seal(&out, seal);
    write_bytes(&out, "leaves", leaves);
    end(&out);
}

void
audit_line_excerpt(struct buf *buf, const struct audit_seal *seal, const struct merkle_excerpt *shown)
{
    struct json_out out;
    begin(&out, buf, "excerpt");
    write_seal(&out, seal);
    json_array_key(&out, "places");
    for (size_t i = 0; i < shown->shown; i++) {
        json_value_int(&out, shown->places[i]);
    }
    json_end_array(&out);
    write_bytes(&out, "leaves", shown->leaves);
    write_bytes(&out, "others", shown->others);
    end(&out);
}

void
audit_line_checkpoint(struct buf *buf, const struct audit_seal *seal)
{
    struct json_out out;
    unsigned char digest[DIGEST_SIZE];
    audit_seal_digest(seal, digest);
    begin(&out, buf, "checkpoint");
    write_seal(&out, seal);
    write_bytes(&out, "digest", (struct span){digest, sizeof digest});
    end(&out);
}

void
audit_line_end(struct buf *buf, int64_t rows, int64_t seals)
{
    struct json_out out;
    begin(&out, buf, "end");
    json_int(&out, "rows", rows);
    json_int(&out, "seals", seals);
    end(&out);
}

#define EXPORT_PURPOSE "anamnesis audit export 1\n"

enum { END_SIZE = DIGEST_SIZE + 2 * 8 };

static void
encode_end(int64_t rows, int64_t seals, const unsigned char before[DIGEST_SIZE],
           unsigned char bytes[END_SIZE])
{
    memcpy(bytes, before, DIGEST_SIZE);
    audit_put64(bytes + DIGEST_SIZE, rows);
    audit_put64(bytes + DIGEST_SIZE + 8, seals);
}

void
audit_line_signed_end(struct buf *buf, int64_t rows, int64_t seals, const struct keyring *keyring,
                      const unsigned char before[DIGEST_SIZE])
{
    struct json_out out;
    unsigned char bytes[END_SIZE];
    unsigned char signature[AUDIT_SIGNATURE_SIZE];
    int64_t version = 0;
    encode_end(rows, seals, before, bytes);
    audit_sign(keyring, EXPORT_PURPOSE, (struct span){bytes, sizeof bytes}, &version, signature);
    begin(&out, buf, "end");
    json_int(&out, "rows", rows);
    json_int(&out, "seals", seals);
    json_int(&out, "key_version", version);
    write_bytes(&out, "signature", (struct span){signature, sizeof signature});
    end(&out);
}

bool
audit_end_check(const struct audit_keys *keys, const struct audit_line *last,
                const unsigned char before[DIGEST_SIZE])
{
    unsigned char bytes[END_SIZE];
    encode_end(last->rows, last->seals, before, bytes);
    return last->has_signature && audit_check(keys, EXPORT_PURPOSE, (struct span){bytes, sizeof bytes},
                                              last->key_version, last->signature);
}

void
audit_drop_write(struct buf *buf, const struct audit_drop *drop)
{
    struct json_out out;
    begin(&out, buf, "drop");
    write_time(&out, "from", drop->from);
    write_time(&out, "to", drop->to);
    json_int(&out, "rows", drop->rows);
    write_time(&out, "dropped_at", drop->dropped_at);
    write_bytes(&out, "export_sha256", (struct span){drop->export_sha256, DIGEST_SIZE});
    json_int(&out, "key_version", drop->key_version);
    write_bytes(&out, "signature", (struct span){drop->signature, AUDIT_SIGNATURE_SIZE});
    json_end_object(&out);
}

#define DROP_PURPOSE "anamnesis audit drop 1\n"

enum { DROP_SIZE = 4 * 8 + DIGEST_SIZE };

static void
encode_drop(const struct audit_drop *drop, unsigned char bytes[DROP_SIZE])
{
    audit_put64(bytes, drop->from);
    audit_put64(bytes + 8, drop->to);
    audit_put64(bytes + 16, drop->rows);
    audit_put64(bytes + 24, drop->dropped_at);
    memcpy(bytes + 32, drop->export_sha256, DIGEST_SIZE);
}

void
audit_drop_sign(const struct keyring *keyring, struct audit_drop *drop)
{
    unsigned char bytes[DROP_SIZE];
    encode_drop(drop, bytes);
    audit_sign(keyring, DROP_PURPOSE, (struct span){bytes, sizeof bytes}, &drop->key_version,
               drop->signature);
}

bool
audit_drop_check(const struct audit_keys *keys, const struct audit_drop *drop)
{
    unsigned char bytes[DROP_SIZE];
    encode_drop(drop, bytes);
    return audit_check(keys, DROP_PURPOSE, (struct span){bytes, sizeof bytes}, drop->key_version,
                       drop->signature);
}

void
audit_keys_write(struct buf *buf, const struct audit_keys *keys)
{
    struct json_out out;
    json_start(&out, buf);
    json_begin_object(&out);
    json_array_key(&out, "audit");
    for (size_t i = 0; i < keys->count; i++) {
        json_begin_object(&out);
        json_int(&out, "version", keys->of[i].version);
        write_bytes(&out, "public_key", (struct span){keys->of[i].key, AUDIT_PUBLIC_KEY_SIZE});
        json_end_object(&out);
    }
    json_end_array(&out);
    end(&out);
}

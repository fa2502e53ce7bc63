#include "lib/store/ticket.h"

#include "lib/base/clock.h"

#include <sodium.h>
#include <string.h>

#define PURPOSE   "download:1"
#define BASE64URL "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

enum {
    FORM = 1,
    FLAG_RANGES = 1,
    FLAG_LED = 2,
    FLAG_ATTACHMENT = 4,
    FORM_AT = 0,
    FLAGS_AT = 1,
    END_AT = 2,
    SIZE_AT = END_AT + 8,
    KEY_AT = SIZE_AT + 8,
    UPLOAD_AT = KEY_AT + STREAM_KEY_SIZE,
    NAME_AT = UPLOAD_AT + UUID_SIZE,
    KIND_AT = NAME_AT + OBJECT_NAME_SIZE,
    TYPE_AT = KIND_AT + OBJECT_KIND_SIZE,
    PLAIN_SIZE = TYPE_AT + TICKET_TYPE_SIZE,
    SEALED_SIZE = PLAIN_SIZE + FILES_OVERHEAD
};
_Static_assert(TICKET_TEXT_SIZE ==
                   sodium_base64_ENCODED_LEN(SEALED_SIZE, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
               "all of a ticket, and its NUL");

static void
put_number(unsigned char at[8], uint64_t number)
{
    for (int i = 0; i < 8; i++) {
        at[i] = (number >> (56 - 8 * i)) & 0xff;
    }
}

static uint64_t
get_number(const unsigned char at[8])
{
    uint64_t number = 0;
    for (int i = 0; i < 8; i++) {
        number = number << 8 | at[i];
    }
    return number;
}

/* What may stand in a header: a type of printable characters. */
static bool
is_type(const char *type, size_t room)
{
    size_t size = strnlen(type, room);
    for (size_t i = 0; i < size; i++) {
        if (type[i] < ' ' || type[i] > '~') {
            return false;
        }
    }
    return size > 0 && size < room;
}

static bool
pack(const struct ticket *ticket, int64_t end, unsigned char plain[PLAIN_SIZE])
{
    memset(plain, 0, PLAIN_SIZE);
    plain[FORM_AT] = FORM;
    plain[FLAGS_AT] = (unsigned char)((ticket->ranges ? FLAG_RANGES : 0) | (ticket->led ? FLAG_LED : 0) |
                                      (ticket->attachment ? FLAG_ATTACHMENT : 0));
    put_number(plain + END_AT, (uint64_t)end);
    put_number(plain + SIZE_AT, ticket->plain_size);
    memcpy(plain + KEY_AT, ticket->key, STREAM_KEY_SIZE);
    if (!object_name_is_sealed(ticket->object) || !uuid_parse(ticket->upload_id, plain + UPLOAD_AT) ||
        !object_is_kind(ticket->kind) || !is_type(ticket->content_type, TICKET_TYPE_SIZE) ||
        ticket->plain_size > STREAM_PLAIN_MAX) {
        return false;
    }
    memcpy(plain + NAME_AT, ticket->object, strlen(ticket->object));
    memcpy(plain + KIND_AT, ticket->kind, strlen(ticket->kind));
    memcpy(plain + TYPE_AT, ticket->content_type, strlen(ticket->content_type));
    return true;
}

bool
ticket_make(const struct keyring *keyring, const struct ticket *ticket, int64_t now,
            char text[TICKET_TEXT_SIZE])
{
    unsigned char plain[PLAIN_SIZE];
    unsigned char sealed[SEALED_SIZE];
    text[0] = '\0';
    int64_t seconds = ticket->led ? TICKET_LED_SECONDS : TICKET_SECONDS;
    bool good = pack(ticket, now + seconds * CLOCK_SECOND, plain) &&
                files_ticket_seal(keyring, PURPOSE, (struct span){plain, sizeof plain}, sealed);
    if (good) {
        (void)sodium_bin2base64(text, TICKET_TEXT_SIZE, sealed, sizeof sealed,
                                sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    }
    sodium_memzero(plain, sizeof plain);
    return good;
}

/*
 * The reverse. What was sealed has its form; that of the texts is looked at again, since a path is made of
 * them.
 */
static bool
unpack(const unsigned char plain[PLAIN_SIZE], struct ticket *ticket)
{
    if (plain[FORM_AT] != FORM || plain[TYPE_AT - 1] != 0 || plain[KIND_AT - 1] != 0 ||
        plain[PLAIN_SIZE - 1] != 0) {
        return false;
    }
    memcpy(ticket->object, plain + NAME_AT, OBJECT_NAME_SIZE);
    memcpy(ticket->kind, plain + KIND_AT, OBJECT_KIND_SIZE);
    memcpy(ticket->content_type, plain + TYPE_AT, TICKET_TYPE_SIZE);
    memcpy(ticket->key, plain + KEY_AT, STREAM_KEY_SIZE);
    (void)uuid_text(plain + UPLOAD_AT, ticket->upload_id);
    ticket->ranges = (plain[FLAGS_AT] & FLAG_RANGES) != 0;
    ticket->led = (plain[FLAGS_AT] & FLAG_LED) != 0;
    ticket->attachment = (plain[FLAGS_AT] & FLAG_ATTACHMENT) != 0;
    ticket->plain_size = get_number(plain + SIZE_AT);
    return object_name_is_sealed(ticket->object) && object_is_kind(ticket->kind) &&
           is_type(ticket->content_type, TICKET_TYPE_SIZE) && ticket->plain_size <= STREAM_PLAIN_MAX;
}

/* Opens what the text says; false when it is none of ours. */
static bool
open_text(const struct keyring *keyring, struct span sealed, int64_t *end, struct ticket *ticket)
{
    unsigned char plain[PLAIN_SIZE];
    bool good = files_ticket_open(keyring, PURPOSE, sealed, plain) && unpack(plain, ticket);
    *end = good ? (int64_t)get_number(plain + END_AT) : 0;
    sodium_memzero(plain, sizeof plain);
    return good;
}

enum ticket_verdict
ticket_read(const struct keyring *keyring, const char *text, int64_t now, struct ticket *ticket)
{
    unsigned char bytes[SEALED_SIZE];
    struct span sealed = {bytes, 0};
    int64_t end = 0;
    memset(ticket, 0, sizeof *ticket);
    /* Its own alphabet alone: libsodium 1.0.18 also takes the byte 0xdf for "_". */
    if (strnlen(text, TICKET_TEXT_SIZE) != TICKET_TEXT_SIZE - 1 ||
        strspn(text, BASE64URL) != TICKET_TEXT_SIZE - 1 ||
        sodium_base642bin(bytes, sizeof bytes, text, TICKET_TEXT_SIZE - 1, NULL, &sealed.size, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        sealed.size != SEALED_SIZE) {
        return TICKET_REFUSED;
    }
    if (keyring_key(keyring, KEYRING_FILES, files_sealed_version(sealed)) == NULL) {
        return TICKET_KEY_UNKNOWN;
    }
    bool good = open_text(keyring, sealed, &end, ticket);
    if (!good || now >= end) {
        sodium_memzero(ticket, sizeof *ticket);
    }
    return !good ? TICKET_REFUSED : now >= end ? TICKET_LATE : TICKET_GOOD;
}

/*
 * What a worker gives the program that gives bytes, once it has decided that somebody may see an object: all
 * that is needed to open it, sealed, for a minute. It stands in a path (X-Accel-Redirect, or a redirect with
 * Lambda), so who carries it learns neither whose object it is nor its key; each ticket has the same size.
 *
 * Sealed under the keyring's `files` key for FILES_TICKET (files_key.h), as base64url of
 *
 *   1 byte     form, 1                    32 bytes  the object's key
 *   1 byte     1: ranges are allowed      16 bytes  upload
 *   8 bytes    end, microseconds          48, 16 and 101 bytes, padded with NULs: the object's
 *   8 bytes    plain size                 name, its kind, its content type
 *
 * A ticket is not proof of anything but that a worker made it: it is good as often as it is shown within its
 * minute. Pure: the caller gives the time.
 */
#ifndef ANAMNESIS_STORE_TICKET_H
#define ANAMNESIS_STORE_TICKET_H

#include "lib/base/uuid.h"
#include "lib/crypto/keyring.h"
#include "lib/crypto/object_key.h"
#include "lib/store/object_name.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    TICKET_SECONDS = 60,     /* for nginx, which follows at once, and again when it lost the store */
    TICKET_LED_SECONDS = 15, /* for a client that is led to it: for one more connection */
    TICKET_TYPE_SIZE = 101,  /* of a content type, with its NUL */
    TICKET_TEXT_SIZE = 368   /* of a ticket, with its NUL */
};

/* Holds a key: wipe it after use. */
struct ticket {
    char object[OBJECT_NAME_SIZE]; /* sealed/... */
    char upload_id[UUID_TEXT_SIZE];
    char kind[OBJECT_KIND_SIZE];
    char content_type[TICKET_TYPE_SIZE];
    uint64_t plain_size; /* bytes */
    bool ranges;         /* parts of it may be asked for */
    bool led;            /* a client follows it itself: no reply of a worker says how it is shown */
    bool attachment;     /* when it is led: to be saved, not shown */
    unsigned char key[STREAM_KEY_SIZE];
};

/*
 * The ticket as text, good from `now` (microseconds since 1970) for TICKET_SECONDS, or TICKET_LED_SECONDS. False, with `text` empty,
 * when the keyring lacks the kind `files` or something in it has not its form.
 */
bool ticket_make(const struct keyring *keyring, const struct ticket *ticket, int64_t now,
                 char text[TICKET_TEXT_SIZE]);

enum ticket_verdict {
    TICKET_GOOD,
    TICKET_REFUSED,    /* not made by us: never say more about it */
    TICKET_LATE,       /* ours, and its time is over */
    TICKET_KEY_UNKNOWN /* says that it is of a version that the keyring lacks: a newer keyring may have it */
};

/* Opens a ticket; `ticket` is zeroed unless it is TICKET_GOOD. */
enum ticket_verdict ticket_read(const struct keyring *keyring, const char *text, int64_t now,
                                struct ticket *ticket);

#endif

/*
 * What the outbox keeps of a message: who gets it and the little it says. Handlers write it in the
 * transaction that caused it, sealed by keyring_seal (purpose MAIL_SEAL_PURPOSE, aad: the outbox id); the
 * jobs program opens it and makes the message. There is no patient data in it beyond the address, the name of
 * the practice, the link, and the given name where several people have the address.
 *
 *     {"kind":"invitation","to":"a@b.example","practice":"Name","url":"https://...","expires_at":"2026-..."}
 *     {"kind":"security-notice","to":"a@b.example","practice":"Name","notice":"second-factor-added"}
 *
 * A new kind or notice: its name here and in payload.c, and its text in each folder of lib/mail/texts/.
 */
#ifndef ANAMNESIS_MAIL_PAYLOAD_H
#define ANAMNESIS_MAIL_PAYLOAD_H

#include "lib/base/arena.h"
#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

#define MAIL_SEAL_PURPOSE "outbox"

enum { MAIL_PAYLOAD_MAX = 16 * 1024 }; /* bytes of the JSON */

enum mail_kind {
    MAIL_INVITATION,
    MAIL_INVITATION_RESENT,
    MAIL_PASSWORD_RESET,
    MAIL_STAFF_INVITATION,
    MAIL_ADDRESS_CONFIRM,  /* to the new address */
    MAIL_ADDRESS_PROPOSED, /* to the present one */
    MAIL_ADDRESS_CHANGED,  /* to the former one */
    MAIL_RECOVERY_SHOWN,
    MAIL_SECURITY_NOTICE,
    MAIL_KINDS
};

/* What a security notice tells of (ASVS 6.3.7). */
enum mail_notice {
    NOTICE_REGISTERED,
    NOTICE_SECOND_FACTOR_ADDED,
    NOTICE_SECOND_FACTOR_REMOVED,
    NOTICE_RECOVERY_CODE_USED,
    NOTICE_RECOVERY_CODES_MADE,
    NOTICE_PASSWORD_CHANGED,
    NOTICE_EMAIL_CHANGED,
    NOTICE_ROLE_CHANGED,
    NOTICE_DISABLED,
    NOTICE_PASSKEY_ADDED,
    NOTICE_PASSKEY_REMOVED,
    NOTICE_PASSKEY_DOUBTED,
    NOTICE_GLASS_BROKEN,
    NOTICE_PATIENT_TWICE,
    NOTICE_EMAIL_OBJECTED,
    NOTICE_EMAIL_DISPUTED,  /* to owners */
    NOTICE_RECOVERY_BEGUN,  /* to a member of staff */
    NOTICE_OWNER_RECOVERED, /* to the other owners */
    MAIL_NOTICES
};

struct mail_payload {
    enum mail_kind kind;
    const char *to;          /* the address as it is stored, UTF-8 */
    const char *practice;    /* its name, UTF-8 */
    const char *url;         /* the link, when the message's text has one; otherwise NULL */
    int64_t expires_at;      /* of the link: microseconds since 1970; otherwise 0 */
    const char *person;      /* whom of several at the address it is for, UTF-8; NULL: it is not said */
    enum mail_notice notice; /* security notices only */
    /* Not in the JSON: the row of the outbox says them. NULL: English, UTC. */
    const char *languages; /* as mail_language_for takes them */
    const char *time_zone; /* IANA name */
};

/* The name of a kind, as it stands in the JSON and in the outbox's column `kind`. */
const char *mail_kind_name(enum mail_kind kind);

/* The name of the message's text in lib/mail/texts/: the kind's, or the notice's. */
const char *mail_text_name(const struct mail_payload *payload);

/* Whether its text has a link: then `url` and `expires_at` are needed, else they are not there. */
bool mail_has_link(const struct mail_payload *payload);

/* Whether whoever gets it is staff: it is written in the practice's language, whomever it is about. */
bool mail_is_for_staff(const struct mail_payload *payload);

/* The JSON, in arena memory. False when a text is missing or the whole is longer than MAIL_PAYLOAD_MAX. */
bool mail_payload_write(struct arena *arena, const struct mail_payload *payload, struct span *json);

/*
 * Reads it back; texts are arena memory. False when it is not what mail_payload_write makes: an unknown kind
 * or notice, a missing or unknown member, a member of another type.
 */
bool mail_payload_read(struct arena *arena, struct span json, struct mail_payload *payload);

#endif

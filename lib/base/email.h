/*
 * E-mail addresses: the one rule of the API, the commands, the blind indexes and the mailer.
 *
 * Taken are mailboxes of RFC 5321 with the local parts of RFC 6531: a dot-atom, whose letters may be of any
 * script, and a domain name, which may be internationalised (IDNA 2008 with UTS #46's mapping). Not taken are
 * quoted local parts and address literals: nobody's mailbox needs them, and they are where headers are
 * injected. White space around an address is no part of it.
 *
 * An address is kept in one form: the local part as it was typed, in NFC; the domain in lower case and
 * A-labels (xn--...), which every mail server and resolver takes. It is shown with U-labels.
 */
#ifndef ANAMNESIS_BASE_EMAIL_H
#define ANAMNESIS_BASE_EMAIL_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes: RFC 5321 sections 4.5.3.1.1 and 4.5.3.1.3, of the form in which it is kept. */
enum {
    EMAIL_LOCAL_MAX = 64,
    EMAIL_MAX = 254,
    EMAIL_SIZE = EMAIL_MAX + 1,
    /* A label of 63 bytes stands for at most 59 letters, of 4 bytes each. */
    EMAIL_SHOWN_SIZE = EMAIL_LOCAL_MAX + 4 * EMAIL_MAX + 2
};

/*
 * Reads an address from outside into the form in which it is kept. False, with "" in `kept`, when it is none:
 * what is said above, control and format characters in the local part, labels that IDNA does not allow, a
 * domain whose last label is a number, and what is too long.
 */
bool email_read(const char *text, size_t size, char kept[EMAIL_SIZE]);

/* As people write it: the domain in U-labels. An address that is not in the kept form is copied. Returns
 * `shown`. */
const char *email_show(const char *address, char shown[EMAIL_SHOWN_SIZE]);

/* Whether a mail server must know SMTPUTF8 (RFC 6531) to take the kept form. */
bool email_needs_utf8(const char *kept);

#endif

/*
 * Delivers messages of the outbox, one at a time: a row is claimed and committed, its text opened with the
 * keyring's `seal` key, the mail delivered, the outcome noted. No transaction is open while a mail server is
 * talked to. A message's text is never logged.
 */
#ifndef ANAMNESIS_JOBS_OUTBOX_H
#define ANAMNESIS_JOBS_OUTBOX_H

#include "lib/base/arena.h"
#include "lib/crypto/keyring.h"
#include "lib/db/tx.h"
#include "lib/mail/deliver.h"

enum outbox_step {
    OUTBOX_WORKED, /* one message was handled; there may be more */
    OUTBOX_EMPTY,  /* nothing is due */
    OUTBOX_DOWN    /* the database cannot be reached */
};

struct outbox {
    struct db *db;
    struct arena *arena; /* the caller resets it between steps */
    struct keyring *keyring;
    struct mailer *mailer;
};

/*
 * Claims the message that is due for longest, delivers it and notes the outcome. Several processes may do so
 * at once: a claim belongs to one process until its lease ends, and the note of a process that was later than
 * its lease changes nothing. When a process dies between delivery and note, the message is delivered again
 * after the lease: as a file it has the same name, as e-mail it is a second one with the same Message-ID
 * (lib/mail/deliver.h).
 */
enum outbox_step outbox_step(struct outbox *outbox);

#endif

/* Messages from the outbox: claimed, opened, delivered, noted. One at a time. */
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
 * at once: a claim is one process's until its lease ends, and a late process's note changes nothing. When we
 * die between delivery and note, the message is delivered again after the lease: no second file, but perhaps
 * a second e-mail with the same Message-ID (lib/mail/deliver.h).
 */
enum outbox_step outbox_step(struct outbox *outbox);

#endif

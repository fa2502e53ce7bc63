/*
 * The conductor of scanning: it alone has a database connection and a key, and looks at no file itself beyond the type
 * table. A file is claimed, put together from its parts, judged by size, digest, type and scanner, in this order, and what
 * others may see of it is made anew by another program and sealed. It is clean when every step ended as it should; a step
 * that did not is tried again later. A file by which a program does not come to an end has five tries, then it is refused
 * (`not-scanned`); a fault of ours costs none of them. No transaction is open while a file is looked at.
 *
 * What the programs answer is not believed where it can be seen: the pictures are looked at marker by marker before they are
 * sealed (lib/media/jpeg_markers.h).
 *
 * One file at a time. Costs: memory of some times the largest file; a claim and a decision are a trip each.
 */
#ifndef ANAMNESIS_SCAN_CONDUCTOR_H
#define ANAMNESIS_SCAN_CONDUCTOR_H

#include "lib/base/arena.h"
#include "lib/base/config.h"
#include "lib/crypto/keyring.h"
#include "lib/db/db.h"
#include "scan/wire.h"

enum conducted {
    CONDUCTED_WORKED, /* a file was handled; there may be more */
    CONDUCTED_IDLE,   /* nothing is due */
    CONDUCTED_DOWN, /* not now, by a fault of ours: no database, a full disk, a file that could not be read or kept */
    CONDUCTED_BROKEN /* a program that looks at files is not to be trusted any more: begin anew */
};

struct conductor {
    struct db *db;
    struct arena *arena; /* the caller resets it between steps */
    struct keyring *keyring;
    struct store *store;
    bool by_tag; /* another party says whether a file is infected (tagged.h); there is no engine */
    int engine;  /* sockets; -1: none */
    int picture;
    int document;
    char signatures[200];  /* which the engine has, as rows name them */
    int64_t signatures_at; /* of when, microseconds since 1970 */
    uint64_t asked;        /* requests to the programs */
    bool full;             /* the disk; as it was said last */
};

/*
 * Whether all programs can do their work with a file of ours. To be asked before the first file: when one breaks later with a file in
 * hand, that counts against the file, so one that breaks them does not hold up the others for ever.
 */
bool conduct_probe(struct conductor *conductor);

/* Claims the file whose turn it is, looks at it, and notes what came of it. */
enum conducted conduct(struct conductor *conductor);

/*
 * Looks once more at the newest file that was looked at with other signatures, and notes what came of it: one that was clean may be
 * infected, which takes it away from everybody at once, and one that such a look has taken away may be clean after all. What does not
 * come to an end notes nothing, and is tried again later. To be called while nothing is due.
 */
enum conducted conduct_again(struct conductor *conductor);

/*
 * Tells the database which signatures are at work, and compares the keyring with what it knows of keys: with a wrong one every
 * file would be tried in vain until it is refused. CONDUCTED_WORKED: files may be claimed; CONDUCTED_IDLE: not with this keyring,
 * which is logged; CONDUCTED_DOWN.
 */
enum conducted conduct_note(struct conductor *conductor);

#endif

/*
 * Fair shares, for a transport that has several processes: how many of them one practice and one patient hold
 * at once is its to say, and who of a crowd is turned away. Where a process is alone (Lambda), there is none.
 */
#ifndef ANAMNESIS_APP_FAIRNESS_H
#define ANAMNESIS_APP_FAIRNESS_H

#include "lib/crypto/token.h"
#include "lib/http/request.h"

#include <stdbool.h>
#include <stdint.h>

struct fairness {
    void *context;
    /*
     * Before anything is asked of the database. True: go on; whose the session is may not be known yet.
     * False: its practice or patient holds its share already.
     */
    bool (*admit)(void *context, const unsigned char session[TOKEN_HASH_SIZE]);
    /* The session is proven to be the actor's, which is remembered. True and false as above. */
    bool (*proven)(void *context, const unsigned char session[TOKEN_HASH_SIZE], const struct actor *actor);
    /* It stood at the transport's door for so long. False: too long, one of a crowd of strangers. */
    bool (*waited)(void *context, int64_t microseconds);
    /* It came past others who wait, because it carries a device's token. True of one that is not let past. */
    bool (*crowded)(void *context);
    /*
     * The work is done. Before the reply is sent: whoever has it and asks again at once does not stand in
     * their own way.
     */
    void (*done)(void *context);
};

#endif

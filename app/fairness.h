/*
 * Fair shares: how many of a transport's processes one practice and one patient may hold at once, and which
 * of those who wait without a known device are turned away. The transport fills this structure, since it
 * alone knows its processes (fcgi/share.c); a process that is alone (Lambda) has none. Each function is
 * called with `context`.
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
     * Called before anything is asked of the database. False: the session's practice or patient holds its
     * share already. True: go on; whose session it is may not be known yet.
     */
    bool (*admit)(void *context, const unsigned char session[TOKEN_HASH_SIZE]);
    /* Called when the session is proven to be the actor's, which is remembered. True and false as above. */
    bool (*proven)(void *context, const unsigned char session[TOKEN_HASH_SIZE], const struct actor *actor);
    /*
     * Told how long the request waited for a process. False: too long, for one that carries no device's
     * token.
     */
    bool (*waited)(void *context, int64_t microseconds);
    /* Whether others still wait whom this request was let past, because it carries a device's token. */
    bool (*crowded)(void *context);
    /*
     * Called when the work is done, before the reply is sent: the client's next request must not meet its own
     * share.
     */
    void (*done)(void *context);
};

#endif

/* What is kept of a device once somebody has signed in with it. */
#include "handlers/auth/device.h"

#include "app/app.h"
#include "build/gen/sql.h"
#include "handlers/auth/throttle.h"
#include "lib/crypto/token.h"

#include <string.h>

#define COOKIE_SECONDS (180 * 24 * 3600)
static const char header[] = "Anamnesis-Device";

enum problem
device_remember(struct request *rq, const char *delivery)
{
    unsigned char hash[TOKEN_HASH_SIZE];
    char *token = arena_alloc(rq->arena, TOKEN_TEXT_SIZE);
    token_new(rq->app->keyring, TOKEN_DEVICE, token, hash);
    struct throttle throttle = throttle_of_address(rq, THROTTLE_SIGN_IN);
    const struct q_sign_in_remember_row *row = NULL;
    struct q_sign_in_remember_in in = {.device = throttle.device,
                                       .new_device = {hash, sizeof hash},
                                       .address = throttle.address,
                                       .site = throttle.site};
    enum problem problem = q_sign_in_remember(rq->tx, &in, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const char *kept = row->kept ? device_token(rq) : token;
    if (strcmp(delivery, "bearer") == 0) {
        reply_header(rq, header, kept);
    } else {
        reply_header(rq, "Set-Cookie",
                     arena_format(rq->arena, "%s=%s; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=%d",
                                  COOKIE_DEVICE, kept, COOKIE_SECONDS));
    }
    return PROBLEM_NONE;
}

#include "handlers/auth/device.h"

#include "app/app.h"
#include "lib/crypto/token.h"

const char *
device_token(struct request *rq)
{
    const char *token = request_header(rq, "anamnesis-device");
    return token != NULL ? token : request_cookie(rq, COOKIE_DEVICE);
}

struct span
device_presented(struct request *rq)
{
    unsigned char *hash = arena_alloc(rq->arena, TOKEN_HASH_SIZE);
    const char *token = device_token(rq);
    if (token == NULL || !token_hash(rq->app->keyring, TOKEN_DEVICE, token, hash)) {
        return (struct span){NULL, 0};
    }
    return (struct span){hash, TOKEN_HASH_SIZE};
}

#include "handlers/outbox.h"

#include "build/gen/sql.h"
#include "handlers/app.h"
#include "lib/crypto/sealed.h"

enum problem
outbox_later(struct request *rq, const struct mail_payload *message)
{
    struct span json;
    struct span sealed;
    if (!mail_payload_write(rq->arena, message, &json)) {
        return PROBLEM_INTERNAL;
    }
    char *id = arena_alloc(rq->arena, UUID_TEXT_SIZE);
    uuid_new(id);
    keyring_seal(rq->app->keyring, MAIL_SEAL_PURPOSE, id, json, rq->arena, &sealed);
    q_outbox_insert_later(rq->tx, &(struct q_outbox_insert_in){
                                      .id = id, .kind = mail_kind_name(message->kind), .sealed = sealed});
    return PROBLEM_NONE;
}

#include "app/outbox.h"

#include "app/app.h"
#include "build/gen/sql.h"
#include "lib/crypto/sealed.h"

bool
outbox_seal(const struct keyring *keyring, struct arena *arena, const struct mail_payload *message,
            char id[UUID_TEXT_SIZE], struct span *sealed)
{
    struct span json;
    if (!mail_payload_write(arena, message, &json)) {
        return false;
    }
    keyring_seal(keyring, MAIL_SEAL_PURPOSE, uuid_new(id), json, arena, sealed);
    return true;
}

enum problem
outbox_later(struct request *rq, const struct mail_payload *message)
{
    return outbox_link_later(rq, message, NULL, NULL);
}

enum problem
outbox_link_later(struct request *rq, const struct mail_payload *message, const char *invitation_id,
                  const char *staff_id)
{
    struct span sealed;
    char *id = arena_alloc(rq->arena, UUID_TEXT_SIZE);
    if (!outbox_seal(rq->app->keyring, rq->arena, message, id, &sealed)) {
        return PROBLEM_INTERNAL;
    }
    q_outbox_insert_later(rq->tx, &(struct q_outbox_insert_in){.id = id,
                                                               .kind = mail_kind_name(message->kind),
                                                               .sealed = sealed,
                                                               .for_staff = mail_is_for_staff(message),
                                                               .invitation_id = invitation_id,
                                                               .staff_id = staff_id});
    return PROBLEM_NONE;
}

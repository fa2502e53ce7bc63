#include "handlers/auth/passkey.h"

#include "app/admission.h"
#include "app/app.h"
#include "app/indexes.h"
#include "lib/base/log.h"
#include "lib/crypto/blind.h"
#include "lib/crypto/sealed.h"

#include <json-c/json.h>
#include <string.h>

enum { ORIGINS_MAX = 64 };

/* The host of a URL, without port; an IPv6 address keeps its brackets. */
static const char *
host_of(struct request *rq, const char *url)
{
    const char *start = strstr(url, "://");
    start = start == NULL ? url : start + 3;
    size_t size = *start == '[' ? strcspn(start, "]") + 1 : strcspn(start, ":/");
    return arena_copy(rq->arena, start, size);
}

void
passkey_party(struct request *rq, struct webauthn_party *party)
{
    const char *base = config_text(rq->app->config, CONFIG_BASE_URL);
    const char *more = config_text(rq->app->config, CONFIG_ALLOWED_ORIGINS);
    const char **origins = arena_array(rq->arena, ORIGINS_MAX, sizeof *origins);
    *party = (struct webauthn_party){.rp_id = host_of(rq, base), .origins = origins, .origin_count = 1};
    origins[0] = arena_copy(rq->arena, base, admission_origin_size(base));
    while (more != NULL && *more != '\0' && party->origin_count < ORIGINS_MAX) {
        more += strspn(more, " ");
        size_t size = strcspn(more, " ");
        if (size > 0) {
            origins[party->origin_count++] = arena_copy(rq->arena, more, size);
        }
        more += size;
    }
}

enum problem
passkey_open(struct request *rq, const char *id, struct span sealed, struct webauthn_record *record)
{
    struct span plain;
    if (keyring_open(rq->app->keyring, PASSKEY_SEAL_PURPOSE, id, sealed, rq->arena, &plain) &&
        webauthn_record_read(rq->arena, plain, record)) {
        return PROBLEM_NONE;
    }
    log_event(LOG_ERROR, "passkey-does-not-open", LOG_TEXT("passkey", id));
    return PROBLEM_INTERNAL;
}

enum problem
passkey_seal(struct request *rq, const char *id, const struct webauthn_record *record, struct span *sealed)
{
    struct span plain;
    if (!webauthn_record_write(rq->arena, record, &plain)) {
        return PROBLEM_INTERNAL;
    }
    keyring_seal(rq->app->keyring, PASSKEY_SEAL_PURPOSE, id, plain, rq->arena, sealed);
    return PROBLEM_NONE;
}

struct db_array
passkey_indexes(struct request *rq, struct span credential_id)
{
    return indexes_of(rq, BLIND_PASSKEY_CREDENTIAL, webauthn_text(rq->arena, credential_id));
}

bool
passkey_bytes(struct request *rq, struct json_object *object, const char *name, size_t max,
              struct span *bytes)
{
    struct json_object *value = NULL;
    *bytes = (struct span){NULL, 0};
    return json_object_object_get_ex(object, name, &value) && json_object_is_type(value, json_type_string) &&
           webauthn_bytes(rq->arena, json_object_get_string(value), max, bytes);
}

bool
passkey_id(struct request *rq, struct json_object *passkey, struct span *id)
{
    struct span raw;
    return passkey_bytes(rq, passkey, "id", WEBAUTHN_CREDENTIAL_ID_MAX, id) &&
           passkey_bytes(rq, passkey, "rawId", WEBAUTHN_CREDENTIAL_ID_MAX, &raw) && id->size == raw.size &&
           memcmp(id->data, raw.data, raw.size) == 0;
}

struct span
passkey_handle(struct request *rq, const char *handle)
{
    unsigned char *bytes = arena_alloc(rq->arena, UUID_SIZE);
    return uuid_parse(handle, bytes) ? (struct span){bytes, UUID_SIZE} : (struct span){NULL, 0};
}

#include "lib/mail/payload.h"

#include "lib/base/clock.h"
#include "lib/mail/language.h"

#include <json-c/json.h>
#include <string.h>

static const char *const kinds[MAIL_KINDS] = {
    [MAIL_INVITATION] = "invitation",           [MAIL_INVITATION_RESENT] = "invitation-resent",
    [MAIL_PASSWORD_RESET] = "password-reset",   [MAIL_STAFF_INVITATION] = "staff-invitation",
    [MAIL_ADDRESS_CONFIRM] = "address-confirm", [MAIL_ADDRESS_PROPOSED] = "address-proposed",
    [MAIL_ADDRESS_CHANGED] = "address-changed", [MAIL_RECOVERY_SHOWN] = "recovery-shown",
    [MAIL_SECURITY_NOTICE] = "security-notice",
};

static const char *const notices[MAIL_NOTICES] = {
    [NOTICE_REGISTERED] = "registered",
    [NOTICE_SECOND_FACTOR_ADDED] = "second-factor-added",
    [NOTICE_SECOND_FACTOR_REMOVED] = "second-factor-removed",
    [NOTICE_RECOVERY_CODE_USED] = "recovery-code-used",
    [NOTICE_RECOVERY_CODES_MADE] = "recovery-codes-made",
    [NOTICE_PASSWORD_CHANGED] = "password-changed",
    [NOTICE_EMAIL_CHANGED] = "email-changed",
    [NOTICE_ROLE_CHANGED] = "role-changed",
    [NOTICE_DISABLED] = "disabled",
    [NOTICE_PASSKEY_ADDED] = "passkey-added",
    [NOTICE_PASSKEY_REMOVED] = "passkey-removed",
    [NOTICE_PASSKEY_DOUBTED] = "passkey-doubted",
    [NOTICE_GLASS_BROKEN] = "glass-broken",
    [NOTICE_PATIENT_TWICE] = "patient-twice",
    [NOTICE_EMAIL_OBJECTED] = "email-objected",
    [NOTICE_EMAIL_DISPUTED] = "email-disputed",
    [NOTICE_RECOVERY_BEGUN] = "recovery-begun",
    [NOTICE_OWNER_RECOVERED] = "owner-recovered",
};

/* kind, to and practice are always there; url and expires_at come together; person may be there. */
enum { COMMON_MEMBERS = 3, LINK_MEMBERS = 2 };

const char *
mail_kind_name(enum mail_kind kind)
{
    return kinds[kind];
}

const char *
mail_text_name(const struct mail_payload *payload)
{
    return payload->kind == MAIL_SECURITY_NOTICE ? notices[payload->notice] : kinds[payload->kind];
}

/* What is the same in every language is asked of the first. */
bool
mail_has_link(const struct mail_payload *payload)
{
    return mail_text_find(&mail_languages[0], mail_text_name(payload))->link != NULL;
}

bool
mail_is_for_staff(const struct mail_payload *payload)
{
    return mail_text_find(&mail_languages[0], mail_text_name(payload))->staff_only;
}

/* Adds a text member; false without memory. */
static bool
add_text(struct json_object *object, const char *name, const char *text)
{
    struct json_object *value = json_object_new_string(text);
    if (value == NULL || json_object_object_add(object, name, value) != 0) {
        json_object_put(value);
        return false;
    }
    return true;
}

bool
mail_payload_write(struct arena *arena, const struct mail_payload *payload, struct span *json)
{
    bool notice = payload->kind == MAIL_SECURITY_NOTICE;
    bool link = mail_has_link(payload);
    char expires_at[CLOCK_TEXT_SIZE];
    struct json_object *object = json_object_new_object();
    bool good =
        object != NULL && payload->to != NULL && payload->practice != NULL && (!link || payload->url != NULL);
    good = good && add_text(object, "kind", kinds[payload->kind]) && add_text(object, "to", payload->to) &&
           add_text(object, "practice", payload->practice);
    if (notice) {
        good = good && add_text(object, "notice", notices[payload->notice]);
    }
    if (payload->person != NULL) {
        good = good && add_text(object, "person", payload->person);
    }
    if (link) {
        good = good && add_text(object, "url", payload->url) &&
               add_text(object, "expires_at", clock_text(payload->expires_at, expires_at));
    }
    size_t size = 0;
    const char *text =
        good ? json_object_to_json_string_length(object, JSON_C_TO_STRING_NOSLASHESCAPE, &size) : NULL;
    good = text != NULL && size <= MAIL_PAYLOAD_MAX;
    *json = (struct span){NULL, 0};
    if (good) {
        *json = (struct span){(const unsigned char *)arena_copy(arena, text, size), size};
    }
    json_object_put(object);
    return good;
}

/* The text of a member, copied; NULL when there is none, or it is no text. */
static const char *
text_of(struct arena *arena, struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    if (!json_object_object_get_ex(object, name, &value) || !json_object_is_type(value, json_type_string)) {
        return NULL;
    }
    const char *text = json_object_get_string(value);
    bool whole = strlen(text) == (size_t)json_object_get_string_len(value);
    return whole ? arena_text(arena, text) : NULL;
}

static bool
index_of(const char *name, const char *const *names, int count, int *index)
{
    for (int i = 0; name != NULL && i < count; i++) {
        if (strcmp(name, names[i]) == 0) {
            *index = i;
            return true;
        }
    }
    return false;
}

static bool
read_object(struct arena *arena, struct json_object *object, struct mail_payload *payload)
{
    int kind = 0;
    int notice = 0;
    if (!json_object_is_type(object, json_type_object) ||
        !index_of(text_of(arena, object, "kind"), kinds, MAIL_KINDS, &kind)) {
        return false;
    }
    payload->kind = (enum mail_kind)kind;
    payload->to = text_of(arena, object, "to");
    payload->practice = text_of(arena, object, "practice");
    if (payload->to == NULL || payload->practice == NULL) {
        return false;
    }
    int members = COMMON_MEMBERS;
    if (payload->kind == MAIL_SECURITY_NOTICE) {
        if (!index_of(text_of(arena, object, "notice"), notices, MAIL_NOTICES, &notice)) {
            return false;
        }
        payload->notice = (enum mail_notice)notice;
        members++;
    }
    payload->person = text_of(arena, object, "person");
    members += payload->person != NULL;
    if (!mail_has_link(payload)) {
        return json_object_object_length(object) == members;
    }
    payload->url = text_of(arena, object, "url");
    const char *expires_at = text_of(arena, object, "expires_at");
    return payload->url != NULL && expires_at != NULL && clock_parse(expires_at, &payload->expires_at) &&
           json_object_object_length(object) == members + LINK_MEMBERS;
}

bool
mail_payload_read(struct arena *arena, struct span json, struct mail_payload *payload)
{
    memset(payload, 0, sizeof *payload);
    struct json_tokener *tokener = json_tokener_new_ex(4);
    if (tokener == NULL || json.size > MAIL_PAYLOAD_MAX) {
        json_tokener_free(tokener);
        return false;
    }
    /* We wrote it ourselves, and the seal proves that: json-c alone is strict enough here. */
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    struct json_object *object = json_tokener_parse_ex(tokener, (const char *)json.data, (int)json.size);
    bool good = json_tokener_get_error(tokener) == json_tokener_success;
    json_tokener_free(tokener);
    good = good && read_object(arena, object, payload);
    json_object_put(object);
    return good;
}

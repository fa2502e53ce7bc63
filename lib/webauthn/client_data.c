/* Client data (Level 3, section 5.8.1), and the texts of this room. */
#include "lib/base/json_read.h"
#include "lib/webauthn/webauthn.h"

#include <json-c/json.h>
#include <sodium.h>
#include <string.h>

static const struct {
    const char *name;
    const char *text;
} faults[WEBAUTHN_FAULTS] = {
    [WEBAUTHN_FINE] = {"fine", "is fine"},
    [WEBAUTHN_CLIENT_DATA] = {"client-data", "the client data cannot be read"},
    [WEBAUTHN_TYPE] = {"type", "is for another purpose"},
    [WEBAUTHN_CHALLENGE] = {"challenge", "answers no challenge of ours"},
    [WEBAUTHN_ORIGIN] = {"origin", "was made for another site"},
    [WEBAUTHN_CROSS_ORIGIN] = {"cross-origin", "was made within another site's page"},
    [WEBAUTHN_ATTESTATION_OBJECT] = {"attestation-object", "the attestation object cannot be read"},
    [WEBAUTHN_ATTESTATION_FORMAT] = {"attestation-format",
                                     "attestation of this format is not taken: ask for none"},
    [WEBAUTHN_ATTESTATION_STATEMENT] = {"attestation-statement",
                                        "the attestation does not fit its format: ask for none"},
    [WEBAUTHN_AUTHENTICATOR_DATA] = {"authenticator-data", "the authenticator data cannot be read"},
    [WEBAUTHN_RP_ID] = {"rp-id", "was made for another relying party"},
    [WEBAUTHN_USER_PRESENCE] = {"user-presence", "the authenticator did not ask for the user"},
    [WEBAUTHN_USER_VERIFICATION] = {"user-verification", "the authenticator did not verify the user"},
    [WEBAUTHN_BACKUP_STATE] = {"backup-state",
                               "says that it was copied, or may be, and before that it cannot be"},
    [WEBAUTHN_CREDENTIAL_ID] = {"credential-id",
                                "the credential's id is too short, too long, or another one"},
    [WEBAUTHN_ALGORITHM] = {"algorithm", "the key is of an algorithm that was not offered"},
    [WEBAUTHN_PUBLIC_KEY] = {"public-key", "the public key cannot be used"},
    [WEBAUTHN_SIGNATURE] = {"signature", "the signature is wrong"},
};

const char *
webauthn_fault_name(enum webauthn_fault fault)
{
    return faults[fault].name;
}

const char *
webauthn_fault_text(enum webauthn_fault fault)
{
    return faults[fault].text;
}

bool
webauthn_bytes(struct arena *arena, const char *text, size_t max, struct span *bytes)
{
    size_t length = text == NULL ? 0 : strlen(text);
    size_t size = 0;
    *bytes = (struct span){NULL, 0};
    if (length == 0 ||
        length > sodium_base64_ENCODED_LEN(max, sodium_base64_VARIANT_URLSAFE_NO_PADDING) - 1) {
        return false;
    }
    unsigned char *room = arena_alloc(arena, max);
    const char *end = NULL;
    if (sodium_base642bin(room, max, text, length, NULL, &size, &end,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        end != text + length) {
        return false;
    }
    *bytes = (struct span){room, size};
    return true;
}

const char *
webauthn_text(struct arena *arena, struct span bytes)
{
    size_t room = sodium_base64_ENCODED_LEN(bytes.size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *text = arena_alloc(arena, room);
    return sodium_bin2base64(text, room, bytes.data, bytes.size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* A member that is text, without U+0000 (the strict reader refuses it); NULL when it is not there or other.
 */
static const char *
text_of(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    if (!json_object_object_get_ex(object, name, &value) || !json_object_is_type(value, json_type_string)) {
        return NULL;
    }
    return json_object_get_string(value);
}

static bool
is_ours(const struct webauthn_party *party, const char *origin)
{
    for (size_t i = 0; i < party->origin_count; i++) {
        if (strcmp(party->origins[i], origin) == 0) {
            return true;
        }
    }
    return false;
}

/* Our pages are nobody's frames: `crossOrigin` is absent or false, and there is no `topOrigin`. */
static enum webauthn_fault
check_frame(struct json_object *object)
{
    struct json_object *crossed = NULL;
    if (json_object_object_get_ex(object, "crossOrigin", &crossed)) {
        if (!json_object_is_type(crossed, json_type_boolean)) {
            return WEBAUTHN_CLIENT_DATA;
        }
        if (json_object_get_boolean(crossed) != 0) {
            return WEBAUTHN_CROSS_ORIGIN;
        }
    }
    return json_object_object_get_ex(object, "topOrigin", NULL) ? WEBAUTHN_CROSS_ORIGIN : WEBAUTHN_FINE;
}

enum webauthn_fault
webauthn_client_data(struct arena *arena, const struct webauthn_party *party, const char *type,
                     struct span json, struct span *challenge)
{
    struct json_fault fault;
    if (json.size > WEBAUTHN_CLIENT_DATA_MAX) {
        return WEBAUTHN_CLIENT_DATA;
    }
    struct json_object *object = json_read(arena, json, &fault);
    if (!json_object_is_type(object, json_type_object)) {
        return WEBAUTHN_CLIENT_DATA;
    }
    const char *kind = text_of(object, "type");
    const char *origin = text_of(object, "origin");
    const char *answered = text_of(object, "challenge");
    if (kind == NULL || origin == NULL || answered == NULL) {
        return WEBAUTHN_CLIENT_DATA;
    }
    if (strcmp(kind, type) != 0) {
        return WEBAUTHN_TYPE;
    }
    if (!webauthn_bytes(arena, answered, WEBAUTHN_CHALLENGE_MAX, challenge) ||
        challenge->size < WEBAUTHN_CHALLENGE_MIN) {
        return WEBAUTHN_CHALLENGE;
    }
    return is_ours(party, origin) ? check_frame(object) : WEBAUTHN_ORIGIN;
}

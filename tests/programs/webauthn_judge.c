/*
 * Judges registrations and sign-ins with passkeys by lib/webauthn, for tests/webauthn. Each line of standard
 * input is a JSON object:
 *   {"kind": "create", "rp_id", "origin", "challenge", "verified", "raw_id"?, "client_data", "attestation"}
 *   {"kind": "get", the same but for "attestation", "registered": {"attestation", "count"},
 *    "authenticator_data", "signature"}
 * Bytes are base64url. Each line of output is the fault's name, or "fine" and the count. What the handlers
 * judge beside lib/webauthn is judged here too: the challenge, the credential's id, and counts that went
 * back.
 */
#include "lib/webauthn/webauthn.h"

#include <json-c/json.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_MAX = 4 * 1024 * 1024 };

struct task {
    struct arena *arena;
    struct json_object *line;
    struct webauthn_party party;
    const char *origins[1];
    bool verified;
    struct span client_data;
};

static const char *
text_of(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    return json_object_object_get_ex(object, name, &value) ? json_object_get_string(value) : NULL;
}

static bool
bytes_of(const struct task *task, struct json_object *object, const char *name, size_t max,
         struct span *bytes)
{
    return webauthn_bytes(task->arena, text_of(object, name), max, bytes);
}

static bool
same(struct span one, struct span other)
{
    return one.size == other.size && memcmp(one.data, other.data, one.size) == 0;
}

/* The client data, and that they answer the challenge. */
static const char *
check_client_data(struct task *task, const char *type)
{
    struct span answered;
    struct span asked;
    if (!bytes_of(task, task->line, "client_data", WEBAUTHN_CLIENT_DATA_MAX, &task->client_data)) {
        return "encoding";
    }
    enum webauthn_fault fault =
        webauthn_client_data(task->arena, &task->party, type, task->client_data, &answered);
    if (fault != WEBAUTHN_FINE) {
        return webauthn_fault_name(fault);
    }
    return bytes_of(task, task->line, "challenge", WEBAUTHN_CHALLENGE_MAX, &asked) && same(asked, answered)
               ? NULL
               : "challenge";
}

static const char *
check_registration(struct task *task, struct json_object *from, bool verified,
                   struct webauthn_credential *credential)
{
    struct span object;
    struct span id;
    if (!bytes_of(task, from, "attestation", WEBAUTHN_ATTESTATION_MAX, &object)) {
        return "encoding";
    }
    enum webauthn_fault fault =
        webauthn_register(task->arena, &task->party, task->client_data, object, verified, credential);
    if (fault != WEBAUTHN_FINE) {
        return webauthn_fault_name(fault);
    }
    if (text_of(task->line, "raw_id") != NULL &&
        (!bytes_of(task, task->line, "raw_id", WEBAUTHN_CREDENTIAL_ID_MAX, &id) ||
         !same(id, credential->id))) {
        return "credential-id";
    }
    return NULL;
}

static const char *
check_sign_in(struct task *task, uint32_t *count)
{
    struct json_object *registered = NULL;
    struct webauthn_credential credential;
    struct webauthn_assertion assertion;
    struct span data;
    struct span signature;
    if (!json_object_object_get_ex(task->line, "registered", &registered) ||
        check_registration(task, registered, false, &credential) != NULL) {
        return "not-registered";
    }
    if (!bytes_of(task, task->line, "authenticator_data", WEBAUTHN_AUTHENTICATOR_DATA_MAX, &data) ||
        !bytes_of(task, task->line, "signature", WEBAUTHN_SIGNATURE_MAX, &signature)) {
        return "encoding";
    }
    enum webauthn_fault fault = webauthn_assert(&task->party, &credential, task->client_data, data, signature,
                                                task->verified, &assertion);
    if (fault != WEBAUTHN_FINE) {
        return webauthn_fault_name(fault);
    }
    struct json_object *before = NULL;
    (void)json_object_object_get_ex(registered, "count", &before);
    *count = assertion.sign_count;
    return webauthn_count_rose((uint32_t)json_object_get_int64(before), assertion.sign_count) ? NULL
                                                                                              : "count";
}

static void
judge(struct task *task)
{
    struct json_object *verified = NULL;
    struct webauthn_credential credential = {.sign_count = 0};
    const char *kind = text_of(task->line, "kind");
    bool create = kind != NULL && strcmp(kind, "create") == 0;
    (void)json_object_object_get_ex(task->line, "verified", &verified);
    task->verified = json_object_get_boolean(verified) != 0;
    task->origins[0] = text_of(task->line, "origin");
    task->party = (struct webauthn_party){text_of(task->line, "rp_id"), task->origins, 1};
    const char *fault = check_client_data(task, create ? "webauthn.create" : "webauthn.get");
    uint32_t count = 0;
    if (fault == NULL && create) {
        fault = check_registration(task, task->line, task->verified, &credential);
        count = credential.sign_count;
    } else if (fault == NULL) {
        fault = check_sign_in(task, &count);
    }
    if (fault == NULL) {
        (void)printf("fine %u\n", count);
    } else {
        (void)printf("%s\n", fault);
    }
}

int
main(void)
{
    char *text = NULL;
    size_t room = 0;
    if (sodium_init() < 0) {
        return EXIT_FAILURE;
    }
    webauthn_start();
    while (getline(&text, &room, stdin) > 0) {
        struct task task = {.arena = arena_create(ARENA_MAX, NULL, NULL), .line = json_tokener_parse(text)};
        if (task.arena == NULL || task.line == NULL) {
            return EXIT_FAILURE;
        }
        judge(&task);
        json_object_put(task.line);
        arena_destroy(task.arena);
    }
    free(text);
    return EXIT_SUCCESS;
}

#include "store/access.h"

#include "lib/crypto/keyring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_SIZE = 128, PATH_SIZE = 128 };

struct access {
    struct keyring *keyring;
    const char *base_url; /* the configuration's */
};

struct access *
access_create(const struct config *config, char *error, size_t size)
{
    struct access *access = calloc(1, sizeof *access);
    if (access == NULL) {
        (void)snprintf(error, size, "out of memory");
        return NULL;
    }
    access->base_url = config_text(config, CONFIG_BASE_URL);
    access->keyring = keyring_load_for(config, KEYRING_STORE, error, size);
    if (access->keyring == NULL) {
        free(access);
        return NULL;
    }
    return access;
}

void
access_free(struct access *access)
{
    if (access != NULL) {
        keyring_free(access->keyring);
        free(access);
    }
}

/* A text of its own; false when it is missing or too long. */
static bool
copy(struct span part, char *text, size_t room)
{
    if (part.data == NULL || part.size >= room) {
        return false;
    }
    memcpy(text, part.data, part.size);
    text[part.size] = '\0';
    return true;
}

bool
access_part(const struct access *access, const struct head *head, int64_t now, struct signed_part *part)
{
    char path[PATH_SIZE];
    char query[HEAD_SIZE_MAX];
    char none_match[VALUE_SIZE];
    char checksum[VALUE_SIZE];
    if (!copy(head->path, path, sizeof path) || !copy(head->query, query, sizeof query) ||
        !copy(head->none_match, none_match, sizeof none_match) ||
        !copy(head->checksum, checksum, sizeof checksum)) {
        return false;
    }
    const struct part_request request = {
        .path = path, .query = query, .size = head->length, .none_match = none_match, .checksum = checksum};
    return part_url_verify(access->keyring, access->base_url, &request, now, part) == PART_ALLOWED;
}

bool
access_file(const struct access *access, struct span text, int64_t now, struct ticket *ticket)
{
    char copied[TICKET_TEXT_SIZE];
    return copy(text, copied, sizeof copied) &&
           ticket_read(access->keyring, copied, now, ticket) == TICKET_GOOD;
}

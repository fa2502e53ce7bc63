#include "lib/cloud/credentials.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct credentials {
    struct cloud_keys keys; /* id is empty while there are none */
};

static const char *
variable(const char *name)
{
    const char *value = getenv(name);
    return value == NULL || value[0] == '\0' ? NULL : value;
}

static bool
copy_key(char *out, size_t size, const char *text)
{
    int length = snprintf(out, size, "%s", text == NULL ? "" : text);
    return length >= 0 && (size_t)length < size;
}

static bool
from_environment(struct cloud_keys *keys)
{
    keys->until = INT64_MAX;
    return copy_key(keys->id, sizeof keys->id, variable("AWS_ACCESS_KEY_ID")) &&
           copy_key(keys->secret, sizeof keys->secret, variable("AWS_SECRET_ACCESS_KEY")) &&
           copy_key(keys->token, sizeof keys->token, variable("AWS_SESSION_TOKEN"));
}

struct credentials *
credentials_create(char *error, size_t size)
{
    struct credentials *credentials = calloc(1, sizeof *credentials);
    if (credentials == NULL) {
        (void)snprintf(error, size, "there is no memory");
    } else if (!from_environment(&credentials->keys) || credentials->keys.id[0] == '\0' ||
               credentials->keys.secret[0] == '\0') {
        (void)snprintf(error, size,
                       "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set, or too long");
        credentials_destroy(credentials);
        credentials = NULL;
    }
    return credentials;
}

void
credentials_destroy(struct credentials *credentials)
{
    if (credentials != NULL) {
        sodium_memzero(credentials, sizeof *credentials);
        free(credentials);
    }
}

const char *
credentials_source(const struct credentials *credentials)
{
    (void)credentials;
    return "environment";
}

bool
credentials_keys(struct credentials *credentials, int64_t now, int64_t until, struct cloud_keys *keys)
{
    (void)until;
    *keys = credentials->keys;
    return now < keys->until;
}

bool
credentials_refused(struct credentials *credentials, const char *id)
{
    (void)credentials;
    (void)id;
    return false;
}

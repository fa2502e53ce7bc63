#include "lib/cloud/credentials.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/cloud/credentials_source.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* New keys are there some five minutes before the old ones end, at the latest. */
#define RENEWED_AHEAD (5 * 60 * CLOCK_SECOND)

/* A source is asked again after a tenth of the time that its keys are still good for, within these bounds. */
#define PAUSE_LEAST CLOCK_SECOND
#define PAUSE_MOST  (30 * CLOCK_SECOND)

struct credentials {
    bool is_fixed; /* of the environment */
    bool is_over;  /* S3 says so of these keys */
    struct credentials_source source;
    struct cloud_keys keys; /* `id` is empty while there are none */
    int64_t next;           /* of clock_monotonic(): the source is not asked before */
};

static const char *
variable(const char *name)
{
    const char *value = getenv(name);
    return value == NULL ? "" : value;
}

static bool
copy_key(char *out, size_t size, const char *name)
{
    int length = snprintf(out, size, "%s", variable(name));
    return length >= 0 && (size_t)length < size;
}

/* False when they are too long, or one is there without the other. */
static bool
from_environment(struct cloud_keys *keys)
{
    keys->until = INT64_MAX;
    return copy_key(keys->id, sizeof keys->id, "AWS_ACCESS_KEY_ID") &&
           copy_key(keys->secret, sizeof keys->secret, "AWS_SECRET_ACCESS_KEY") &&
           copy_key(keys->token, sizeof keys->token, "AWS_SESSION_TOKEN") &&
           (keys->id[0] == '\0') == (keys->secret[0] == '\0');
}

static bool
find(struct credentials *credentials, char *error, size_t size)
{
    if (!from_environment(&credentials->keys)) {
        (void)snprintf(error, size,
                       "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set, or too long");
        return false;
    }
    credentials->is_fixed = credentials->keys.id[0] != '\0';
    return credentials->is_fixed || credentials_source_find(&credentials->source, error, size);
}

struct credentials *
credentials_create(char *error, size_t size)
{
    struct credentials *credentials = calloc(1, sizeof *credentials);
    if (credentials == NULL) {
        (void)snprintf(error, size, "there is no memory");
    } else if (!find(credentials, error, size)) {
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
    if (credentials->is_fixed) {
        return "environment";
    }
    return credentials->source.is_machine ? "machine" : "container";
}

static bool
are_good(const struct credentials *credentials, int64_t now)
{
    return credentials->keys.id[0] != '\0' && now < credentials->keys.until && !credentials->is_over;
}

/* Asks the source. What is there stays when it has nothing. */
static void
renew(struct credentials *credentials, int64_t now)
{
    if (credentials_source_ask(&credentials->source, &credentials->keys)) {
        credentials->is_over = false;
        log_event(LOG_INFO, "credentials-renewed", LOG_TEXT("source", credentials_source(credentials)),
                  LOG_INT("seconds", (credentials->keys.until - now) / CLOCK_SECOND));
    }
    int64_t pause = are_good(credentials, now) ? (credentials->keys.until - now) / 10 : PAUSE_LEAST;
    pause = pause < PAUSE_LEAST ? PAUSE_LEAST : pause;
    credentials->next = clock_monotonic() + (pause < PAUSE_MOST ? pause : PAUSE_MOST);
}

bool
credentials_keys(struct credentials *credentials, int64_t now, int64_t until, struct cloud_keys *keys)
{
    int64_t wanted = until > now + RENEWED_AHEAD ? until : now + RENEWED_AHEAD;
    bool is_due = !are_good(credentials, now) || credentials->keys.until < wanted;
    if (!credentials->is_fixed && is_due && clock_monotonic() >= credentials->next) {
        renew(credentials, now);
    }
    if (!are_good(credentials, now)) {
        return false;
    }
    *keys = credentials->keys;
    return true;
}

bool
credentials_refused(struct credentials *credentials, const char *id)
{
    if (credentials->is_fixed) {
        return false;
    }
    if (strcmp(id, credentials->keys.id) == 0) {
        credentials->is_over = true;
        credentials->next = 0;
    }
    return true;
}

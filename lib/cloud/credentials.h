/*
 * Whose requests these are: access keys from where AWS puts them. The first of these that is there is used,
 * and it alone, in the order that AWS's own libraries have:
 *
 *     environment   AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
 *     container     AWS_CONTAINER_CREDENTIALS_RELATIVE_URI (ECS), or AWS_CONTAINER_CREDENTIALS_FULL_URI with
 *                   AWS_CONTAINER_AUTHORIZATION_TOKEN or _TOKEN_FILE (EKS), whose file is read again each time
 *     machine       the instance metadata service, version 2 (EC2), unless AWS_EC2_METADATA_DISABLED is true;
 *                   AWS_EC2_METADATA_SERVICE_ENDPOINT names another address of this machine
 *
 * Keys that end are renewed before they do, by whoever asks for them next; while their source does not answer
 * what is there is used until its end, and the source is asked again after a pause. One user at a time, no
 * thread. No key or token is ever logged.
 */
#ifndef ANAMNESIS_CLOUD_CREDENTIALS_H
#define ANAMNESIS_CLOUD_CREDENTIALS_H

#include "lib/cloud/keys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct credentials;

/*
 * Finds the source; asks it nothing yet. NULL with a sentence in `error` when the environment contradicts
 * itself or names a place that may not be asked.
 */
struct credentials *credentials_create(char *error, size_t size);
void credentials_destroy(struct credentials *credentials);

/* "environment", "container" or "machine". */
const char *credentials_source(const struct credentials *credentials);

/*
 * Keys that are good at `now` (microseconds since 1970), and at least until `until` when the source gives such.
 * Asks the source when it must, for a few seconds at most. False when there are none. The caller wipes them.
 */
bool credentials_keys(struct credentials *credentials, int64_t now, int64_t until, struct cloud_keys *keys);

/*
 * S3 has refused these keys as over, though their time is not: the source is asked again by the next
 * credentials_keys. False when there is none to ask.
 */
bool credentials_refused(struct credentials *credentials, const char *id);

#endif

/* The doctor's look at the configuration: what is right for a try-out, and not where patients are. */
#include "cli/doctor/doctor.h"

#include <stdio.h>
#include <string.h>

/* An origin of this machine: a developer's browser takes http for it. */
static bool
is_local(const char *origin)
{
    static const char *const local[] = {"http://localhost", "http://127.0.0.1", "http://[::1]"};
    for (size_t i = 0; i < sizeof local / sizeof local[0]; i++) {
        size_t size = strlen(local[i]);
        if (strncmp(origin, local[i], size) == 0 && strchr(":/", origin[size]) != NULL) {
            return true;
        }
    }
    return false;
}

static void
check_base_url(struct doctor *doctor)
{
    const char *url = config_text(doctor->config, CONFIG_BASE_URL);
    bool secure = strncmp(url, "https://", strlen("https://")) == 0;
    doctor_say(doctor, "base-url", CLAUSE_TRANSMISSION, secure ? RESULT_OK : RESULT_FAILED,
               "set ANAMNESIS_BASE_URL to an https URL: links to set a password are made of it", "%s", url);
}

/* The first origin that anybody could have, or that anybody on the way could pretend to be; NULL when all are
 * good. */
static const char *
bad_origin(struct doctor *doctor, size_t *count)
{
    const char *at = config_text(doctor->config, CONFIG_ALLOWED_ORIGINS);
    *count = 0;
    for (at += strspn(at, " "); *at != '\0'; at += strspn(at, " ")) {
        size_t size = strcspn(at, " ");
        const char *origin = arena_format(doctor->arena, "%.*s", (int)size, at);
        if (strncmp(origin, "https://", strlen("https://")) != 0 && !is_local(origin)) {
            return origin;
        }
        (*count)++;
        at += size;
    }
    return NULL;
}

static void
check_origins(struct doctor *doctor)
{
    size_t count = 0;
    const char *bad = bad_origin(doctor, &count);
    if (bad != NULL) {
        doctor_say(doctor, "allowed-origins", CLAUSE_ACCESS, RESULT_FAILED,
                   "take it out of ANAMNESIS_ALLOWED_ORIGINS: any page can have the origin null (a sandboxed "
                   "frame, a "
                   "file), and any network an http one",
                   "%s is allowed", bad);
    } else {
        doctor_say(doctor, "allowed-origins", CLAUSE_ACCESS, RESULT_OK, NULL, "%zu beside our own", count);
    }
}

static void
check_audit_reads(struct doctor *doctor)
{
    const char *reads = config_text(doctor->config, CONFIG_AUDIT_READS);
    bool durable = strcmp(reads, "durable") == 0;
    doctor_say(
        doctor, "audit-reads", CLAUSE_AUDIT, durable ? RESULT_OK : RESULT_WARNING,
        "ANAMNESIS_AUDIT_READS=durable, or accept it: a crash of the server loses the rows of the last reads",
        "%s", reads);
}

static void
check_contract_log(struct doctor *doctor)
{
    const char *path = config_text(doctor->config, CONFIG_CONTRACT_LOG);
    doctor_say(
        doctor, "contract-log", CLAUSE_INTEGRITY, path == NULL ? RESULT_OK : RESULT_WARNING,
        "unset ANAMNESIS_CONTRACT_LOG: it is for tests, costs time with every reply and grows for ever", "%s",
        path == NULL ? "is off" : path);
}

void
doctor_config(struct doctor *doctor)
{
    check_base_url(doctor);
    check_origins(doctor);
    check_audit_reads(doctor);
    check_contract_log(doctor);
}

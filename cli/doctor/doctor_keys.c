/* The doctor's look at the keyring: its file, its versions, and whether it is this database's. */
#include "cli/doctor/doctor.h"
#include "cli/keys/key_move.h"
#include "cli/keys/key_uses.h"
#include "lib/crypto/key_check.h"

#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LINE_SIZE = 256, OTHERS_MAY_WRITE = 0022, OTHERS_MAY_ALL = 0007 };

const char *
doctor_open_directory(const char *path, struct arena *arena)
{
    char real[PATH_MAX];
    if (realpath(path, real) == NULL) {
        return NULL;
    }
    for (char *at = dirname(real); strcmp(at, "/") != 0; at = dirname(at)) {
        struct stat status;
        bool open = stat(at, &status) == 0 && (status.st_mode & OTHERS_MAY_WRITE) != 0 &&
                    (status.st_mode & S_ISVTX) == 0;
        if (open) {
            return arena_text(arena, at);
        }
    }
    return NULL;
}

static void
check_file(struct doctor *doctor, const char *check, enum config_key key)
{
    const char *path = config_file(doctor->config, key);
    const char *open = path == NULL ? NULL : doctor_open_directory(path, doctor->arena);
    struct stat status;
    if (path == NULL) {
        doctor_say(
            doctor, check, CLAUSE_ENCRYPTION, RESULT_WARNING,
            "a file of mode 0400 (ANAMNESIS_..._FILE) is read by fewer; the environment is in /proc and "
            "in crash reports",
            "the keyring is in the environment");
    } else if (stat(path, &status) != 0) {
        doctor_say(doctor, check, CLAUSE_ENCRYPTION, RESULT_FAILED, "put it back", "%s is away", path);
    } else if (open != NULL) {
        doctor_say(doctor, check, CLAUSE_ENCRYPTION, RESULT_FAILED, "chmod go-w that directory",
                   "mode %04o, but others may write to %s", (unsigned)(status.st_mode & 07777), open);
    } else {
        doctor_say(doctor, check, CLAUSE_ENCRYPTION, RESULT_OK, NULL, "mode %04o, owner %u",
                   (unsigned)(status.st_mode & 07777), (unsigned)status.st_uid);
    }
}

/* Files of the other secrets. */
static void
check_secret_files(struct doctor *doctor)
{
    static const enum config_key secrets[] = {CONFIG_DATABASE_URL,         CONFIG_OWNER_DATABASE_URL,
                                              CONFIG_JOBS_DATABASE_URL,    CONFIG_SCAN_DATABASE_URL,
                                              CONFIG_AUDITOR_DATABASE_URL, CONFIG_SMTP_PASSWORD};
    const char *bad = NULL;
    const char *why = "is open to others: chmod 0400";
    size_t count = 0;
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        struct stat status;
        const char *path = config_file(doctor->config, secrets[i]);
        if (path != NULL && stat(path, &status) == 0) {
            const char *open = doctor_open_directory(path, doctor->arena);
            count++;
            if ((status.st_mode & (OTHERS_MAY_ALL | OTHERS_MAY_WRITE)) != 0) {
                bad = path;
            } else if (open != NULL) {
                bad = path;
                why = arena_format(doctor->arena, "can be replaced by others: chmod go-w %s", open);
            }
        }
    }
    if (bad != NULL) {
        doctor_say(doctor, "secret-files", CLAUSE_ACCESS, RESULT_FAILED,
                   "only who needs the password may read it", "%s %s", bad, why);
    } else {
        doctor_say(doctor, "secret-files", CLAUSE_ACCESS, RESULT_OK, NULL,
                   "%zu files of secrets, none open to others", count);
    }
}

static void
check_values(struct doctor *doctor)
{
    PGresult *result = doctor->owner == NULL ? NULL : database_run(doctor->owner, &sql_key_checks, NULL);
    int count = PQresultStatus(result) == PGRES_TUPLES_OK ? PQntuples(result) : -1;
    enum key_check_result match = KEY_MATCHES;
    int at = 0;
    for (; at < count; at++) {
        struct span value = {(const unsigned char *)PQgetvalue(result, at, 2),
                             (size_t)PQgetlength(result, at, 2)};
        match = key_check(doctor->keyring, PQgetvalue(result, at, 0),
                          strtol(PQgetvalue(result, at, 1), NULL, 10), value);
        if (match != KEY_MATCHES) {
            break;
        }
    }
    if (match != KEY_MATCHES) {
        doctor_say(doctor, "key-check", CLAUSE_ENCRYPTION, RESULT_FAILED, key_check_advice(match),
                   "version %s of `%s` %s", PQgetvalue(result, at, 1), PQgetvalue(result, at, 0),
                   match == KEY_WRONG ? "is another key" : "is missing");
    } else if (count == 0) {
        doctor_say(doctor, "key-check", CLAUSE_ENCRYPTION, RESULT_FAILED, "run: anamnesis keys register",
                   "the database has no check values: programs serve nothing");
    } else if (count > 0) {
        doctor_say(doctor, "key-check", CLAUSE_ENCRYPTION, RESULT_OK, NULL,
                   "%d versions are those of this database", count);
    }
    PQclear(result);
}

/* kind: versions, as "kek 2 1, index 1, ..." */
static void
check_versions(struct doctor *doctor)
{
    char line[LINE_SIZE] = "";
    bool standby = false;
    int64_t left = 0;
    for (int i = 0; i < KEYRING_KINDS; i++) {
        uint32_t versions[KEYRING_VERSIONS_MAX];
        enum keyring_kind kind = (enum keyring_kind)i;
        size_t count = keyring_versions(doctor->keyring, kind, versions);
        size_t used = strlen(line);
        if (count == 0) {
            continue;
        }
        (void)snprintf(line + used, sizeof line - used, "%s%s", i == 0 ? "" : ", ", keyring_kind_name(kind));
        for (size_t j = 0; j < count; j++) {
            used = strlen(line);
            (void)snprintf(line + used, sizeof line - used, " %" PRIu32, versions[j]);
        }
        standby = standby || keyring_standby(doctor->keyring, kind) != 0;
        int64_t more = doctor->owner == NULL ? 0 : key_move_left(doctor->owner, doctor->keyring, kind);
        left += more > 0 ? more : 0;
    }
    bool unfinished = standby || left > 0;
    if (!unfinished && keyring_current(doctor->keyring, KEYRING_FILES) == 0) {
        doctor_say(doctor, "key-versions", CLAUSE_ENCRYPTION, RESULT_WARNING,
                   "run: anamnesis keys upgrade FILE; without `files` no photo or document is taken",
                   "%s; there is no `files` key", line);
        return;
    }
    doctor_say(doctor, "key-versions", CLAUSE_ENCRYPTION, unfinished ? RESULT_WARNING : RESULT_OK,
               "finish the rotation: anamnesis keys status, then keys rotate --kind ...", "%s%s", line,
               unfinished ? "; a rotation is unfinished" : "");
}

static void
check_needed(struct doctor *doctor)
{
    static struct key_use uses[KEY_USES_MAX];
    for (int i = 0; doctor->owner != NULL && i < KEYRING_KINDS; i++) {
        int count = key_uses(doctor->owner, (enum keyring_kind)i, uses);
        for (int j = 0; j < count; j++) {
            int64_t version = uses[j].version;
            bool there = version > 0 && version <= INT32_MAX &&
                         keyring_key(doctor->keyring, (enum keyring_kind)i, (uint32_t)version) != NULL;
            if (!there) {
                doctor_say(doctor, "keys-needed", CLAUSE_ENCRYPTION, RESULT_FAILED,
                           "put the whole keyring back: without this version they cannot be opened",
                           "%" PRId64 " %s need version %" PRId64 " of `%s`", uses[j].count, uses[j].what,
                           version, keyring_kind_name((enum keyring_kind)i));
                return;
            }
        }
    }
    if (doctor->owner != NULL) {
        doctor_say(doctor, "keys-needed", CLAUSE_ENCRYPTION, RESULT_OK, NULL,
                   "every version that is needed is there");
    }
}

void
doctor_keys(struct doctor *doctor)
{
    check_file(doctor, "keyring-file", CONFIG_KEYRING);
    if (keyring_variable(doctor->config, KEYRING_JOBS) == CONFIG_JOBS_KEYRING) {
        check_file(doctor, "keyring-file-jobs", CONFIG_JOBS_KEYRING);
    }
    if (keyring_variable(doctor->config, KEYRING_STORE) == CONFIG_FILES_KEYRING) {
        check_file(doctor, "keyring-file-files", CONFIG_FILES_KEYRING);
    }
    check_secret_files(doctor);
    check_versions(doctor);
    check_values(doctor);
    check_needed(doctor);
}

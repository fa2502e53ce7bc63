#include "lib/base/config.h"

#include "lib/base/nearest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONFIG_VALUE_MAX = 64 * 1024 };
/* KIND_KEYS: from NAME_FILE only the path is taken; who needs the keys reads them into secure memory. */
enum kind { KIND_TEXT, KIND_NUMBER, KIND_SECRET, KIND_KEYS };

struct variable {
    const char *name;
    enum kind kind;
    const char *fallback;
    int64_t least;
    int64_t most;
    const char *help;
};

static const struct variable variables[CONFIG_COUNT] = {
    [CONFIG_DATABASE_URL] = {"ANAMNESIS_DATABASE_URL", KIND_SECRET, NULL, 0, 0,
                             "libpq connection string of the role `anamnesis_api`; required by the workers"},
    [CONFIG_OWNER_DATABASE_URL] = {"ANAMNESIS_OWNER_DATABASE_URL", KIND_SECRET, NULL, 0, 0,
                                   "the role `anamnesis_owner`; only for the operator's command"},
    [CONFIG_JOBS_DATABASE_URL] = {"ANAMNESIS_JOBS_DATABASE_URL", KIND_SECRET, NULL, 0, 0,
                                  "the role `anamnesis_jobs`; required by the background program"},
    [CONFIG_SCAN_DATABASE_URL] = {"ANAMNESIS_SCAN_DATABASE_URL", KIND_SECRET, NULL, 0, 0,
                                  "the role `anamnesis_scan`; required by the program that looks at files"},
    [CONFIG_AUDITOR_DATABASE_URL] = {"ANAMNESIS_AUDITOR_DATABASE_URL", KIND_SECRET, NULL, 0, 0,
                                     "the role `anamnesis_auditor`: `anamnesis audit verify` and `export` "
                                     "read the log by it, and by the owner's otherwise"},
    [CONFIG_SCRATCH_DATABASE_URL] =
        {"ANAMNESIS_SCRATCH_DATABASE_URL", KIND_SECRET, NULL, 0, 0,
         "an empty database, as an administrator: `anamnesis backup check` restores into it"},
    [CONFIG_KEYRING] = {"ANAMNESIS_KEYRING", KIND_KEYS, NULL, 0, 0,
                        "the keyring, JSON; by `ANAMNESIS_KEYRING_FILE` the file must be mode 0400 or 0440"},
    [CONFIG_JOBS_KEYRING] =
        {"ANAMNESIS_JOBS_KEYRING", KIND_KEYS, NULL, 0, 0,
         "the background program's keyring, when it has one of its own (`anamnesis keys split`); the "
         "operator's command takes both"},
    [CONFIG_FILES_KEYRING] =
        {"ANAMNESIS_FILES_KEYRING", KIND_KEYS, NULL, 0, 0,
         "the keyring of the programs for files, when they have one of their own (`anamnesis keys split "
         "--files`); the operator's command takes it beside the others"},
    [CONFIG_BASE_URL] = {"ANAMNESIS_BASE_URL", KIND_TEXT, "https://localhost:8443", 0, 0,
                         "where the API is reached from outside; its origin is ours"},
    [CONFIG_ALLOWED_ORIGINS] =
        {"ANAMNESIS_ALLOWED_ORIGINS", KIND_TEXT, "", 0, 0,
         "further origins of portals that may send cookies and read answers (CORS), separated by spaces; "
         "nginx is told too"},
    [CONFIG_PORTAL_URL] =
        {"ANAMNESIS_PORTAL_URL", KIND_TEXT, NULL, 0, 0,
         "the page that invitation links open, with /staff added for staff; default: `<base URL>/register`"},
    [CONFIG_RESET_URL] =
        {"ANAMNESIS_RESET_URL", KIND_TEXT, NULL, 0, 0,
         "the page that password links open, with `/staff` or `/patient` behind it; default: "
         "`<base URL>/reset`"},
    [CONFIG_EMAIL_URL] = {"ANAMNESIS_EMAIL_URL", KIND_TEXT, NULL, 0, 0,
                          "the page that links about addresses open, with `/confirm/`, `/object/` or "
                          "`/recovery/` and `staff` or "
                          "`patient` behind it; default: `<base URL>/email`"},
    [CONFIG_SOCKET_DIR] = {"ANAMNESIS_SOCKET_DIR", KIND_TEXT, "var/run", 0, 0,
                           "directory of the lanes' sockets: api.sock, auth.sock, auth-device.sock, "
                           "bulk.sock"},
    [CONFIG_STORE_DIR] = {"ANAMNESIS_STORE_DIR", KIND_TEXT, NULL, 0, 0,
                          "directory of the files' bytes: parts of uploads in incoming/, sealed objects in "
                          "sealed/"},
    [CONFIG_STORE_URL] =
        {"ANAMNESIS_STORE_URL", KIND_TEXT, NULL, 0, 0,
         "instead of that directory a bucket of S3: `https://bucket.s3.region.amazonaws.com` or "
         "`https://host:port/bucket`; its keys are "
         "where AWS puts them"},
    [CONFIG_STORE_REGION] = {"ANAMNESIS_STORE_REGION", KIND_TEXT, NULL, 0, 0,
                             "the bucket's region; default: `AWS_REGION`"},
    [CONFIG_STORE_CA_FILE] = {"ANAMNESIS_STORE_CA_FILE", KIND_TEXT, NULL, 0, 0,
                              "PEM certificates to trust for the bucket instead of the system's"},
    [CONFIG_STORE_SOCKET_DIR] = {"ANAMNESIS_STORE_SOCKET_DIR", KIND_TEXT, "var/run/store", 0, 0,
                                 "directory of the store's socket, store.sock"},
    [CONFIG_FILES_URL] = {"ANAMNESIS_FILES_URL", KIND_TEXT, NULL, 0, 0,
                          "for Lambda: where nginx gives files by tickets, "
                          "`https://files.example.org/files/t`; nginx is told too"},
    [CONFIG_WORKERS_API] = {"ANAMNESIS_WORKERS_API", KIND_NUMBER, "0", 0, 256,
                            "workers of the api lane; 0: four for each processor, at most 32"},
    [CONFIG_WORKERS_AUTH] = {"ANAMNESIS_WORKERS_AUTH", KIND_NUMBER, "0", 0, 256,
                             "workers of the auth lane; 0: half as many as there are processors, at most 16"},
    [CONFIG_WORKERS_BULK] = {"ANAMNESIS_WORKERS_BULK", KIND_NUMBER, "1", 1, 256, "workers of the bulk lane"},
    [CONFIG_PRACTICE_SHARE] = {"ANAMNESIS_PRACTICE_SHARE", KIND_NUMBER, "50", 1, 100,
                               "percent of a lane's workers that one practice may hold at once, at least one "
                               "worker; 100 where one practice has the instance for itself"},
    [CONFIG_WORKER_REQUESTS] = {"ANAMNESIS_WORKER_REQUESTS", KIND_NUMBER, "0", 0, INT64_C(1000000000),
                                "requests after which a worker is replaced; 0: never"},
    [CONFIG_REQUEST_SECONDS] = {"ANAMNESIS_REQUEST_SECONDS", KIND_NUMBER, "30", 1, 3600,
                                "a worker that is longer at one request is ended (bulk: ten times as long)"},
    [CONFIG_ADDRESS_SPACE] = {"ANAMNESIS_ADDRESS_SPACE_MB", KIND_NUMBER, "1024", 512, 65536,
                              "MiB of addresses (RLIMIT_AS) that a worker or the background program may use"},
    [CONFIG_AUDIT_READS] = {"ANAMNESIS_AUDIT_READS", KIND_TEXT, "durable", 0, 0,
                            "`durable`: a read waits until its audit row is on disk; `relaxed`: it does not"},
    [CONFIG_AUDIT_CHECKPOINT_DIR] =
        {"ANAMNESIS_AUDIT_CHECKPOINT_DIR", KIND_TEXT, NULL, 0, 0,
         "directory where the background program notes each seal of the audit log; best on another machine's "
         "disk"},
    [CONFIG_AUDIT_RETENTION_YEARS] = {"ANAMNESIS_AUDIT_RETENTION_YEARS", KIND_NUMBER, "6", 6, 100,
                                      "years for which no month of the audit log can be dropped"},
    [CONFIG_BACKUP_DAYS] =
        {"ANAMNESIS_BACKUP_DAYS", KIND_NUMBER, "0", 0, 36500,
         "for how many days backups and the archived log are kept, for `anamnesis doctor`; 0: not said"},
    [CONFIG_MAIL_DIR] = {"ANAMNESIS_MAIL_DIR", KIND_TEXT, "var/mail", 0, 0,
                         "where messages are left as .eml files while no SMTP server is set"},
    [CONFIG_MAIL_FROM] = {"ANAMNESIS_MAIL_FROM", KIND_TEXT, "Anamnesis <no-reply@localhost>", 0, 0,
                          "the From address of messages"},
    [CONFIG_SMTP_URL] = {"ANAMNESIS_SMTP_URL", KIND_TEXT, NULL, 0, 0,
                         "`smtps://host:465` or `smtp://host:587` (STARTTLS is required)"},
    [CONFIG_SMTP_USER] = {"ANAMNESIS_SMTP_USER", KIND_TEXT, NULL, 0, 0, "user at the SMTP server"},
    [CONFIG_SMTP_PASSWORD] = {"ANAMNESIS_SMTP_PASSWORD", KIND_SECRET, NULL, 0, 0, "its password"},
    [CONFIG_SMTP_CA_FILE] = {"ANAMNESIS_SMTP_CA_FILE", KIND_TEXT, NULL, 0, 0,
                             "PEM certificates to trust for SMTP instead of the system's"},
    [CONFIG_SCANNER] =
        {"ANAMNESIS_SCANNER", KIND_TEXT, "engine", 0, 0,
         "who says whether a file is infected: `engine`, libclamav in a program of ours, "
         "`clamd`, a daemon of this machine, or `tag`, the tag that GuardDuty writes at what is in S3"},
    [CONFIG_CLAMD] = {"ANAMNESIS_CLAMD", KIND_TEXT, "/run/clamav/clamd.ctl", 0, 0,
                      "where clamd listens: a path, or `127.0.0.1:3310`"},
    [CONFIG_SIGNATURES] =
        {"ANAMNESIS_SIGNATURES", KIND_TEXT, NULL, 0, 0,
         "the directory of virus signatures, as freshclam keeps it; required by the engine"},
    [CONFIG_SCAN_DIRECTORY] =
        {"ANAMNESIS_SCAN_DIRECTORY", KIND_TEXT, "/tmp", 0, 0,
         "where a file that is looked at is unpacked when the kernel gives no user namespaces, best a tmpfs "
         "of its own; with them it is memory that ends with the process"},
    [CONFIG_RESCANS_PER_MINUTE] =
        {"ANAMNESIS_RESCANS_PER_MINUTE", KIND_NUMBER, "60", 0, 6000,
         "how many clean files are looked at again with newer signatures in a minute, while none waits to be "
         "looked at first; 0: none"},
    [CONFIG_TLS_CERT] = {"ANAMNESIS_TLS_CERT", KIND_TEXT, NULL, 0, 0,
                         "the site's certificate (PEM), for `anamnesis doctor`; mostly by "
                         "`ANAMNESIS_TLS_CERT_FILE`"},
    [CONFIG_LOG_LEVEL] = {"ANAMNESIS_LOG_LEVEL", KIND_TEXT, "info", 0, 0, "debug, info, warn or error"},
    [CONFIG_CONTRACT_LOG] =
        {"ANAMNESIS_CONTRACT_LOG", KIND_TEXT, NULL, 0, 0,
         "for tests: replies are checked against the contract and their statuses noted here"},
};

/* The values that a variable may have, where they are few. */
enum { CHOICES_MAX = 3 };
static const char *const choices[CONFIG_COUNT][CHOICES_MAX] = {
    [CONFIG_AUDIT_READS] = {"durable", "relaxed"}, [CONFIG_SCANNER] = {"engine", "clamd", "tag"}};

static bool
is_choice(enum config_key key, const char *value)
{
    bool any = choices[key][0] == NULL;
    for (size_t i = 0; i < CHOICES_MAX && choices[key][i] != NULL; i++) {
        any = any || strcmp(choices[key][i], value) == 0;
    }
    return any;
}

static bool
is_number(const char *text, int64_t least, int64_t most, int64_t *number)
{
    char *end = NULL;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < least || value > most) {
        return false;
    }
    *number = value;
    return true;
}

char *
config_read_file(const char *path)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return NULL;
    }
    char *text = calloc(1, CONFIG_VALUE_MAX + 1);
    if (text == NULL) {
        (void)fclose(file);
        return NULL;
    }
    size_t size = fread(text, 1, CONFIG_VALUE_MAX + 1, file);
    bool bad = ferror(file) != 0 || size > CONFIG_VALUE_MAX || memchr(text, '\0', size) != NULL;
    (void)fclose(file);
    if (bad) {
        explicit_bzero(text, CONFIG_VALUE_MAX);
        free(text);
        errno = EFBIG;
        return NULL;
    }
    text[size] = '\0';
    if (size > 0 && text[size - 1] == '\n') {
        text[size - 1] = '\0';
    }
    return text;
}

/* The value from NAME, NAME_FILE or the fallback; false when it cannot be had. */
static bool
fetch(struct config *config, enum config_key key, FILE *errors)
{
    const struct variable *variable = &variables[key];
    char file_name[64];
    (void)snprintf(file_name, sizeof file_name, "%s_FILE", variable->name);
    const char *direct = getenv(variable->name);
    const char *path = getenv(file_name);
    if (direct != NULL && path != NULL) {
        (void)fprintf(errors, "%s and %s are both set; keep one of them\n", variable->name, file_name);
        return false;
    }
    if (path != NULL && variable->kind == KIND_KEYS) {
        config->from_file[key] = true;
        config->file[key] = strdup(path);
        return config->file[key] != NULL;
    }
    if (path != NULL) {
        config->text[key] = config_read_file(path);
        if (config->text[key] == NULL) {
            (void)fprintf(errors, "%s=%s cannot be read: %s\n", file_name, path, strerror(errno));
            return false;
        }
        config->from_file[key] = true;
        config->file[key] = strdup(path);
        return config->file[key] != NULL;
    }
    const char *value = direct != NULL ? direct : variable->fallback;
    if (value != NULL) {
        config->text[key] = strdup(value);
        return config->text[key] != NULL;
    }
    return true;
}

bool
config_load(struct config *config, FILE *errors)
{
    bool good = true;
    memset(config, 0, sizeof *config);
    for (int i = 0; i < CONFIG_COUNT; i++) {
        enum config_key key = (enum config_key)i;
        const struct variable *variable = &variables[key];
        if (!fetch(config, key, errors)) {
            good = false;
        } else if (variable->kind == KIND_NUMBER &&
                   !is_number(config->text[key], variable->least, variable->most, &config->number[key])) {
            (void)fprintf(errors, "%s must be a whole number from %lld to %lld\n", variable->name,
                          (long long)variable->least, (long long)variable->most);
            good = false;
        } else if (config->text[key] != NULL && !is_choice(key, config->text[key])) {
            (void)fprintf(errors, "%s must be %s or %s\n", variable->name, choices[key][0], choices[key][1]);
            good = false;
        }
    }
    return good;
}

/* Of `make start`, nginx's configuration and the tests: in the same environment, and no program's. */
static const char *const elsewhere[] = {"ANAMNESIS_LISTEN",
                                        "ANAMNESIS_TRUSTED_PROXIES",
                                        "ANAMNESIS_RATE",
                                        "ANAMNESIS_RATE_BURST",
                                        "ANAMNESIS_AUTH_RATE",
                                        "ANAMNESIS_AUTH_RATE_BURST",
                                        "ANAMNESIS_PART_RATE",
                                        "ANAMNESIS_PART_RATE_BURST",
                                        "ANAMNESIS_PARTS_AT_ONCE",
                                        "ANAMNESIS_CONNECTIONS",
                                        "ANAMNESIS_DATABASE_CONNECTIONS",
                                        "ANAMNESIS_BUILD",
                                        "ANAMNESIS_DEMO",
                                        "ANAMNESIS_FAULT_DEMO",
                                        "ANAMNESIS_EDGE_DEMO",
                                        "ANAMNESIS_FUZZ_SECONDS",
                                        "ANAMNESIS_AUTH_AT_ONCE",
                                        "ANAMNESIS_SCHEMA_CHECK",
                                        "ANAMNESIS_VECTORS",
                                        "ANAMNESIS_INSTANCE"};

/* What a name could be meant as: ours with their twins, and those of others. */
enum { NAMES_MAX = 2 * CONFIG_COUNT + sizeof elsewhere / sizeof elsewhere[0], NAME_SIZE = 64 };

static size_t
known_names(char twins[CONFIG_COUNT][NAME_SIZE], const char *names[NAMES_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < CONFIG_COUNT; i++) {
        (void)snprintf(twins[i], NAME_SIZE, "%s_FILE", variables[i].name);
        names[count++] = variables[i].name;
        names[count++] = twins[i];
    }
    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++) {
        names[count++] = elsewhere[i];
    }
    return count;
}

size_t
config_name_unknown(FILE *notes)
{
    static const char start[] = "ANAMNESIS_";
    char twins[CONFIG_COUNT][NAME_SIZE];
    const char *names[NAMES_MAX];
    size_t known = known_names(twins, names);
    size_t count = 0;
    for (char **at = environ; *at != NULL; at++) {
        char name[NAME_SIZE];
        size_t size = strcspn(*at, "=");
        (void)snprintf(name, sizeof name, "%.*s", (int)size, *at);
        if (strncmp(name, start, sizeof start - 1) != 0 || strncmp(name, "ANAMNESIS_TEST_", 15) == 0) {
            continue;
        }
        size_t i = 0;
        while (i < known && strcmp(names[i], name) != 0) {
            i++;
        }
        if (i == known) {
            const char *near = nearest(name, names, known);
            (void)fprintf(notes, "%s is not known and is ignored%s%s%s\n", name, near == NULL ? "" : "; is ",
                          near == NULL ? "" : near, near == NULL ? "" : " meant?");
            count++;
        }
    }
    return count;
}

void
config_free(struct config *config)
{
    for (int i = 0; i < CONFIG_COUNT; i++) {
        if (config->text[i] != NULL) {
            explicit_bzero(config->text[i], strlen(config->text[i]));
        }
        free(config->text[i]);
        free(config->file[i]);
    }
    memset(config, 0, sizeof *config);
}

const char *
config_text(const struct config *config, enum config_key key)
{
    return config->text[key];
}

int64_t
config_number(const struct config *config, enum config_key key)
{
    return config->number[key];
}

const char *
config_file(const struct config *config, enum config_key key)
{
    return config->file[key];
}

const char *
config_name(enum config_key key)
{
    return variables[key].name;
}

void
config_markdown(FILE *out)
{
    (void)fprintf(out, "| variable | default | |\n| --- | --- | --- |\n");
    for (int i = 0; i < CONFIG_COUNT; i++) {
        const struct variable *variable = &variables[i];
        const char *fallback = variable->fallback == NULL ? "" : variable->fallback;
        (void)fprintf(out, "| `%s` | %s%s%s | %s |\n", variable->name, fallback[0] == '\0' ? "" : "`",
                      fallback, fallback[0] == '\0' ? "" : "`", variable->help);
    }
}

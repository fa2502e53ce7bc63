#include "cli/audit/audit.h"

#include "lib/base/clock.h"

#include <stdlib.h>
#include <string.h>

enum { ARENA_MAX = 64 * 1024 * 1024, KEYS_FILE_MAX = 64 * 1024 };

static bool
keys_of_file(const char *path, struct audit_keys *keys)
{
    const char *why = "it cannot be read";
    char *text = config_read_file(path);
    struct arena *arena = arena_create(ARENA_MAX, NULL, NULL);
    bool good = text != NULL && arena != NULL &&
                audit_keys_read(arena, (struct span){(const unsigned char *)text, strlen(text)}, keys, &why);
    if (!good) {
        (void)fprintf(stderr, "%s: %s\n", path, why);
    }
    arena_destroy(arena);
    free(text);
    return good;
}

bool
audit_keys_load(const struct config *config, const char *path, struct audit_keys *keys)
{
    char error[512] = "";
    if (path != NULL) {
        return keys_of_file(path, keys);
    }
    struct keyring *keyring = keyring_load_for(config, KEYRING_JOBS, error, sizeof error);
    if (keyring == NULL) {
        (void)fprintf(stderr,
                      "The audit log's public keys are needed: by --public-key FILE (`anamnesis audit key` "
                      "prints it), or by the keyring.\n%s\n",
                      error);
        return false;
    }
    audit_keys_of(keyring, keys);
    keyring_free(keyring);
    return true;
}

PGconn *
audit_connect(const struct config *config)
{
    const char *url = config_text(config, CONFIG_AUDITOR_DATABASE_URL);
    if (url == NULL) {
        return command_connect(config);
    }
    PGconn *connection = PQconnectdb(url);
    if (PQstatus(connection) != CONNECTION_OK) {
        (void)fprintf(stderr, "The database cannot be reached: %s", PQerrorMessage(connection));
        PQfinish(connection);
        return NULL;
    }
    return connection;
}

int
audit_next_line(FILE *file, char **line, size_t *room, struct span *text)
{
    ssize_t size = getline(line, room, file);
    if (size < 0) {
        return ferror(file) != 0 ? -1 : 0;
    }
    if (size > AUDIT_LINE_MAX) {
        return -1;
    }
    if (size > 0 && (*line)[size - 1] == '\n') {
        size--;
    }
    *text = (struct span){(const unsigned char *)*line, (size_t)size};
    return 1;
}

int64_t
audit_years_after(int64_t at, int years)
{
    struct moment moment = {.year = 0};
    moment_set_local(&moment, at - at % CLOCK_SECOND);
    moment.year = (int16_t)(moment.year + years);
    return moment_local(&moment);
}

bool
audit_drops_excuse(struct proof *proof, const struct audit_keys *keys, const struct audit_drop *drop)
{
    return audit_drop_check(keys, drop) &&
           drop->dropped_at >= audit_years_after(drop->to, AUDIT_YEARS_LEAST) &&
           proof_excuse(proof, drop->from, drop->to);
}

struct audit_checkpoints {
    FILE *file;
    char *line;
    size_t room;
    const struct audit_keys *keys;
    const char *path;
    struct arena *arena;
    int64_t lines;
    int64_t number; /* of the checkpoint that was read last; 0: none, or the end */
    unsigned char digest[DIGEST_SIZE];
};

struct audit_checkpoints *
audit_checkpoints_open(const char *path, const struct audit_keys *keys)
{
    struct audit_checkpoints *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return NULL;
    }
    made->keys = keys;
    made->path = path;
    made->arena = arena_create(ARENA_MAX, NULL, NULL);
    made->file = fopen(path, "rbe");
    if (made->file == NULL || made->arena == NULL) {
        (void)fprintf(stderr, "%s: cannot be read\n", path);
        audit_checkpoints_close(made);
        return NULL;
    }
    return made;
}

void
audit_checkpoints_close(struct audit_checkpoints *checkpoints)
{
    if (checkpoints == NULL) {
        return;
    }
    if (checkpoints->file != NULL) {
        (void)fclose(checkpoints->file);
    }
    arena_destroy(checkpoints->arena);
    free(checkpoints->line);
    free(checkpoints);
}

/* Reads the next checkpoint; `number` is 0 at the end. Its digest, signature and number must fit together, or
 * it would prove nothing: then it is said on stderr, and false. */
static bool
next_checkpoint(struct audit_checkpoints *checkpoints)
{
    struct span text;
    struct audit_line line;
    unsigned char digest[DIGEST_SIZE];
    const char *why = "it cannot be read";
    int got = audit_next_line(checkpoints->file, &checkpoints->line, &checkpoints->room, &text);
    if (got == 0) {
        checkpoints->number = 0;
        return true;
    }
    checkpoints->lines++;
    arena_reset(checkpoints->arena);
    bool good = got == 1 && audit_line_read(checkpoints->arena, text, &line, &why);
    if (good && line.kind != AUDIT_LINE_CHECKPOINT) {
        why = "it is no checkpoint";
        good = false;
    }
    if (good) {
        audit_seal_digest(&line.seal, digest);
        good = digest_equal(digest, line.digest, DIGEST_SIZE) &&
               audit_seal_check(checkpoints->keys, &line.seal) && line.seal.number > checkpoints->number;
        why = "it was changed: it is not signed by our key, or out of order";
    }
    if (!good) {
        (void)fprintf(stderr, "%s: line %lld: %s\n", checkpoints->path, (long long)checkpoints->lines, why);
        return false;
    }
    checkpoints->number = line.seal.number;
    memcpy(checkpoints->digest, digest, DIGEST_SIZE);
    return true;
}

bool
audit_checkpoints_find(struct audit_checkpoints *checkpoints, int64_t number, const unsigned char **digest)
{
    *digest = NULL;
    if (checkpoints == NULL) {
        return true;
    }
    while (checkpoints->number < number && (checkpoints->lines == 0 || checkpoints->number != 0)) {
        if (!next_checkpoint(checkpoints)) {
            return false;
        }
    }
    *digest = checkpoints->number == number ? checkpoints->digest : NULL;
    return true;
}

bool
audit_checkpoints_newest(struct audit_checkpoints *checkpoints, int64_t *number)
{
    *number = 0;
    while (checkpoints->lines == 0 || checkpoints->number != 0) {
        *number = checkpoints->number;
        if (!next_checkpoint(checkpoints)) {
            return false;
        }
    }
    return true;
}

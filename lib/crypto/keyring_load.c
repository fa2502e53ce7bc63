#include "lib/crypto/keyring.h"

#include "lib/crypto/keyring_parse.h"
#include "lib/crypto/secure_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MODE_OWNER = 0400, MODE_GROUP = 0440, MODE_BITS = 07777 };

static const unsigned kinds_of[] = {
    [KEYRING_OPERATOR] = (1U << KEYRING_KINDS) - 1U,
    [KEYRING_WORKERS] = ((1U << KEYRING_KINDS) - 1U) & ~(1U << KEYRING_AUDIT),
    [KEYRING_JOBS] = 1U << KEYRING_SEAL | 1U << KEYRING_AUDIT,
    [KEYRING_STORE] = 1U << KEYRING_FILES,
    [KEYRING_SCAN] = 1U << KEYRING_FILES,
};

unsigned
keyring_kinds_of(enum keyring_user user)
{
    return kinds_of[user];
}

/* What a keyring must have and what of it is kept: sets of 1 << kind. */
struct wanted {
    unsigned needed;
    unsigned kept;
};

/* A keyring of before `files` does for all but the programs that have nothing else. */
static unsigned
needed_by(enum keyring_user user)
{
    unsigned files = 1U << KEYRING_FILES;
    return kinds_of[user] == files ? files : kinds_of[user] & ~files;
}

static struct keyring *
read_wanted(const char *json, struct wanted wanted, char *error, size_t size)
{
    struct keyring *keyring = secure_alloc(sizeof *keyring);
    if (keyring == NULL) {
        (void)snprintf(error, size, "no memory for the keyring");
        return NULL;
    }
    if (!keyring_parse(keyring, json, wanted.needed, error, size)) {
        sodium_free(keyring);
        return NULL;
    }
    for (int kind = 0; kind < KEYRING_KINDS; kind++) {
        if ((wanted.kept & 1U << kind) == 0) {
            sodium_memzero(keyring->entries[kind], sizeof keyring->entries[kind]);
            keyring->count[kind] = 0;
        }
    }
    if (sodium_mprotect_readonly(keyring) != 0) {
        (void)snprintf(error, size, "the keyring's memory cannot be protected: %s", strerror(errno));
        sodium_free(keyring);
        return NULL;
    }
    return keyring;
}

struct keyring *
keyring_read(const char *json, char *error, size_t size)
{
    struct wanted all = {.needed = needed_by(KEYRING_OPERATOR), .kept = kinds_of[KEYRING_OPERATOR]};
    return read_wanted(json, all, error, size);
}

/* Reads all of an open file into secure memory; false with errno. */
static bool
read_all(int file, char *text, size_t room, size_t *size)
{
    *size = 0;
    while (*size < room) {
        ssize_t got = read(file, text + *size, room - *size);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return false;
        }
        if (got == 0) {
            return true;
        }
        *size += (size_t)got;
    }
    return true;
}

/*
 * Whether the file is regular and nobody but its owner and group may read it; otherwise `error` says how to
 * mend it.
 */
static bool
is_private(int file, const char *name, const char *path, char *error, size_t size)
{
    struct stat status;
    if (fstat(file, &status) != 0) {
        (void)snprintf(error, size, "%s_FILE=%s cannot be examined: %s", name, path, strerror(errno));
        return false;
    }
    if (!S_ISREG(status.st_mode)) {
        (void)snprintf(error, size, "%s_FILE=%s is not a regular file; name the file that holds the keyring",
                       name, path);
        return false;
    }
    unsigned mode = status.st_mode & MODE_BITS;
    if (mode != MODE_OWNER && mode != MODE_GROUP) {
        (void)snprintf(error, size, "%s_FILE=%s has mode %04o and must have 0400 or 0440; run: chmod 0400 %s",
                       name, path, mode, path);
        return false;
    }
    return true;
}

/* Opens the file once: what is examined is what is read, whatever happens to the path meanwhile. */
static struct keyring *
load_file(const char *name, const char *path, struct wanted wanted, char *error, size_t size)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (file < 0) {
        (void)snprintf(error, size, "%s_FILE=%s cannot be opened: %s", name, path, strerror(errno));
        return NULL;
    }
    if (!is_private(file, name, path, error, size)) {
        (void)close(file);
        return NULL;
    }
    char *text = secure_alloc(KEYRING_TEXT_MAX + 2);
    size_t length = 0;
    bool good = text != NULL && read_all(file, text, KEYRING_TEXT_MAX + 1, &length);
    int fault = text == NULL ? ENOMEM : errno;
    (void)close(file);
    struct keyring *keyring = NULL;
    char why[256] = "";
    if (!good) {
        (void)snprintf(why, sizeof why, "it cannot be read: %s", strerror(fault));
    } else if (strlen(text) != length) {
        (void)snprintf(why, sizeof why, "it has a NUL byte, so it is no JSON");
    } else {
        keyring = read_wanted(text, wanted, why, sizeof why);
    }
    if (keyring == NULL) {
        (void)snprintf(error, size, "%s_FILE=%s: %s", name, path, why);
    }
    sodium_free(text);
    return keyring;
}

static struct keyring *
load_from(const struct config *config, enum config_key key, struct wanted wanted, char *error, size_t size)
{
    const char *name = config_name(key);
    const char *path = config_file(config, key);
    if (path != NULL) {
        return load_file(name, path, wanted, error, size);
    }
    const char *json = config_text(config, key);
    if (json == NULL) {
        (void)snprintf(error, size,
                       "there is no keyring: set %s_FILE to a file of mode 0400 that holds it, or %s", name,
                       name);
        return NULL;
    }
    char why[256] = "";
    struct keyring *keyring = read_wanted(json, wanted, why, sizeof why);
    if (keyring == NULL) {
        (void)snprintf(error, size, "%s: %s", name, why);
    }
    return keyring;
}

static bool
is_given(const struct config *config, enum config_key key)
{
    return config_file(config, key) != NULL || config_text(config, key) != NULL;
}

enum config_key
keyring_variable(const struct config *config, enum keyring_user user)
{
    enum config_key own = user == KEYRING_JOBS                            ? CONFIG_JOBS_KEYRING
                          : user == KEYRING_STORE || user == KEYRING_SCAN ? CONFIG_FILES_KEYRING
                                                                          : CONFIG_KEYRING;
    return is_given(config, own) ? own : CONFIG_KEYRING;
}

struct keyring *
keyring_load_for(const struct config *config, enum keyring_user user, char *error, size_t size)
{
    struct wanted wanted = {.needed = needed_by(user), .kept = kinds_of[user]};
    return load_from(config, keyring_variable(config, user), wanted, error, size);
}

/* Takes the workers' keyring, and gives it joined with that of another program; NULL when that fails. */
static struct keyring *
joined_with(const struct config *config, enum keyring_user user, struct keyring *keyring, char *error,
            size_t size)
{
    struct keyring *other = keyring_load_for(config, user, error, size);
    struct keyring *joined = other == NULL ? NULL : keyring_join(keyring, other, error, size);
    keyring_free(keyring);
    keyring_free(other);
    return joined;
}

struct keyring *
keyring_load(const struct config *config, char *error, size_t size)
{
    struct wanted wanted = {.needed = needed_by(KEYRING_WORKERS), .kept = kinds_of[KEYRING_OPERATOR]};
    struct keyring *keyring = load_from(config, CONFIG_KEYRING, wanted, error, size);
    if (keyring != NULL && is_given(config, CONFIG_JOBS_KEYRING)) {
        keyring = joined_with(config, KEYRING_JOBS, keyring, error, size);
    }
    if (keyring != NULL && is_given(config, CONFIG_FILES_KEYRING)) {
        keyring = joined_with(config, KEYRING_STORE, keyring, error, size);
    }
    return keyring;
}

void
keyring_free(struct keyring *keyring)
{
    sodium_free(keyring); /* wipes; takes NULL */
}

bool
keyring_create(FILE *out)
{
    if (sodium_init() < 0) {
        return false;
    }
    bool good = fputs("{", out) >= 0;
    for (int kind = 0; kind < KEYRING_KINDS; kind++) {
        unsigned char key[KEYRING_KEY_SIZE];
        char text[sodium_base64_ENCODED_LEN(KEYRING_KEY_SIZE, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
        randombytes_buf(key, sizeof key);
        (void)sodium_bin2base64(text, sizeof text, key, sizeof key, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
        good = fprintf(out, "%s\"%s\": [{\"version\": 1, \"key\": \"%s\"}]", kind == 0 ? "" : ",\n ",
                       keyring_kind_name((enum keyring_kind)kind), text) > 0 &&
               good;
        sodium_memzero(key, sizeof key);
        sodium_memzero(text, sizeof text);
    }
    good = fputs("}\n", out) >= 0 && good;
    return fflush(out) == 0 && good;
}

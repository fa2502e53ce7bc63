#include "cli/command.h"

#include "lib/crypto/keyring.h"
#include "lib/crypto/keyring_change.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
command_keys_create(const struct config *config, const struct args_keys_create *given)
{
    const char *path = given->file;
    (void)config;
    if (path == NULL) {
        return keyring_create(stdout) && fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAULT;
    }
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
    if (descriptor < 0) {
        (void)fprintf(stderr, "%s: %s%s\n", path, strerror(errno),
                      errno == EEXIST ? ". It is left as it is: its keys may be all that opens the data"
                                      : "");
        return EXIT_FAULT;
    }
    FILE *file = fdopen(descriptor, "w");
    if (file == NULL) {
        (void)close(descriptor);
        return EXIT_FAULT;
    }
    bool written = keyring_create(file) && fflush(file) == 0 && fsync(descriptor) == 0;
    bool closed = fclose(file) == 0;
    if (!written || !closed) {
        (void)fprintf(stderr, "%s: could not be written\n", path);
        (void)unlink(path);
        return EXIT_FAULT;
    }
    (void)printf("%s: a new keyring, version 1 of each key. Keep a copy apart from the database's backups.\n",
                 path);
    return EXIT_DONE;
}

/* Writes the upgraded keyring beside the old one, with its owner and mode, and puts it in its place. */
static bool
upgrade(const char *path, const char *fresh, char *error, size_t size)
{
    struct stat status;
    char *json = config_read_file(path);
    if (json == NULL || stat(path, &status) != 0) {
        (void)snprintf(error, size, "%s", strerror(errno));
        free(json);
        return false;
    }
    int descriptor = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (file == NULL) {
        (void)snprintf(error, size, "the new file cannot be written: %s", strerror(errno));
    }
    bool good = file != NULL && keyring_upgrade(json, file, error, size);
    if (good && (fchown(descriptor, status.st_uid, status.st_gid) != 0 ||
                 fchmod(descriptor, status.st_mode & ALLPERMS) != 0 || fsync(descriptor) != 0)) {
        (void)snprintf(error, size, "the new file cannot be written: %s", strerror(errno));
        good = false;
    }
    if (file != NULL) {
        good = fclose(file) == 0 && good;
        if (!good || rename(fresh, path) != 0) {
            (void)unlink(fresh);
            good = false;
        }
    }
    explicit_bzero(json, strlen(json));
    free(json);
    return good;
}

int
command_keys_upgrade(const struct config *config, const struct args_keys_upgrade *given)
{
    const char *path = given->file;
    char error[256] = "it could not be written";
    char fresh[PATH_MAX];
    (void)config;
    int size = snprintf(fresh, sizeof fresh, "%s.new", path);
    if (size < 0 || (size_t)size >= sizeof fresh || !upgrade(path, fresh, error, sizeof error)) {
        (void)fprintf(stderr, "%s is left as it is: %s\n", path, error);
        return EXIT_FAULT;
    }
    (void)printf("%s: has an `audit` key now. Keep a fresh copy apart from the database's backups.\n", path);
    return EXIT_DONE;
}

/* What the background program needs, to a new file. */
static bool
write_jobs(const struct keyring *keyring, const char *path)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (file == NULL) {
        (void)fprintf(stderr, "%s: %s%s\n", path, strerror(errno),
                      errno == EEXIST ? ". When a split was ended in the middle, remove it and split again"
                                      : "");
        return false;
    }
    bool good = keyring_print(keyring, keyring_kinds_of(KEYRING_JOBS), file) && fsync(descriptor) == 0;
    good = fclose(file) == 0 && good;
    if (!good) {
        (void)fprintf(stderr, "%s: could not be written\n", path);
        (void)unlink(path);
    }
    return good;
}

int
command_keys_split(const struct config *config, const struct args_keys_split *given)
{
    char error[512] = "";
    (void)config;
    char *path = strdup(given->file);
    struct config whole = {.from_file[CONFIG_KEYRING] = true, .file[CONFIG_KEYRING] = path};
    struct keyring *keyring = keyring_load(&whole, error, sizeof error);
    bool good = keyring != NULL && keyring_current(keyring, KEYRING_AUDIT) != 0;
    if (!good) {
        (void)fprintf(
            stderr, "%s\n",
            keyring == NULL
                ? error
                : "The keyring has no `audit` key: it is split already, or `anamnesis keys upgrade` "
                  "adds one");
    }
    /* The new file first: at no moment is a key in none of the two. */
    good = good && write_jobs(keyring, given->jobs_file);
    if (good &&
        !keyring_replace(keyring, keyring_kinds_of(KEYRING_WORKERS), given->file, error, sizeof error)) {
        (void)fprintf(stderr, "%s\n", error);
        good = false;
    }
    keyring_free(keyring);
    free(path);
    if (good) {
        (void)printf(
            "%s: for the background program, `seal` and `audit`; give it to its account.\n"
            "%s: for the workers, all but `audit`. Keep a copy of both apart from the database's backups.\n",
            given->jobs_file, given->file);
    }
    return good ? EXIT_DONE : EXIT_FAULT;
}

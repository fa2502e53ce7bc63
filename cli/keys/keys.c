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
upgrade(const char *path, enum keyring_user user, const char *fresh, unsigned *added, char *error,
        size_t size)
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
    bool good = file != NULL && keyring_upgrade(json, user, file, added, error, size);
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

/* A keyring does not say whether the background program has one of its own; the operator knows. */
static void
tell_upgrade(const char *path, unsigned added)
{
    (void)printf("%s: has new keys now:", path);
    for (int kind = 0; kind < KEYRING_KINDS; kind++) {
        if ((added & 1U << kind) != 0) {
            (void)printf(" %s", keyring_kind_name((enum keyring_kind)kind));
        }
    }
    (void)printf(". Keep a fresh copy apart from the database's backups.\n");
    if ((added & 1U << KEYRING_AUDIT) != 0) {
        (void)printf(
            "If the background program has an `audit` key in a keyring of its own, take this one out again: "
            "anamnesis keys split %s OTHER, and remove OTHER.\n",
            path);
    }
}

int
command_keys_upgrade(const struct config *config, const struct args_keys_upgrade *given)
{
    const char *path = given->file;
    char error[256] = "it could not be written";
    char fresh[PATH_MAX];
    unsigned added = 0;
    /* When the background program has `audit` in one of its own, a second one here would be a wrong one. */
    bool divided = keyring_variable(config, KEYRING_JOBS) == CONFIG_JOBS_KEYRING;
    enum keyring_user user = divided ? KEYRING_WORKERS : KEYRING_OPERATOR;
    int size = snprintf(fresh, sizeof fresh, "%s.new", path);
    if (size < 0 || (size_t)size >= sizeof fresh ||
        !upgrade(path, user, fresh, &added, error, sizeof error)) {
        (void)fprintf(stderr, "%s is left as it is: %s\n", path, error);
        return EXIT_FAULT;
    }
    tell_upgrade(path, added);
    return EXIT_DONE;
}

/* What a program needs, to a new file: under its name it is whole, or not there. */
static bool
write_part(const struct keyring *keyring, enum keyring_user user, const char *path)
{
    char fresh[PATH_MAX];
    int size = snprintf(fresh, sizeof fresh, "%s.new", path);
    if (size < 0 || (size_t)size >= sizeof fresh) {
        (void)fprintf(stderr, "%s: %s\n", path, strerror(ENAMETOOLONG));
        return false;
    }
    (void)unlink(fresh); /* of a command that was ended in the middle */
    int descriptor = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (file == NULL) {
        (void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return false;
    }
    bool good = keyring_print(keyring, keyring_kinds_of(user), file) && fsync(descriptor) == 0;
    good = fclose(file) == 0 && good;
    if (!good) {
        (void)fprintf(stderr, "%s: could not be written\n", path);
    } else if (link(fresh, path) != 0) {
        (void)fprintf(stderr, "%s: %s%s\n", path, strerror(errno),
                      errno == EEXIST ? ". When a split was ended in the middle, remove it and split again"
                                      : "");
        good = false;
    }
    (void)unlink(fresh);
    return good;
}

/* Whether the keyring has what is to be written; otherwise says what to do. */
static bool
can_split(const struct keyring *keyring, const struct args_keys_split *given)
{
    bool audit = given->jobs_file == NULL || keyring_current(keyring, KEYRING_AUDIT) != 0;
    bool files = given->files == NULL || keyring_current(keyring, KEYRING_FILES) != 0;
    if (!audit || !files) {
        (void)fprintf(stderr, "The keyring has no `%s` key: %s`anamnesis keys upgrade` adds one\n",
                      audit ? "files" : "audit", audit ? "" : "it is split already, or ");
    }
    return audit && files;
}

/* The new files first: at no moment is a key in none of them. */
static bool
split(const struct keyring *keyring, const struct args_keys_split *given)
{
    char error[512] = "";
    if (given->files != NULL && !write_part(keyring, KEYRING_STORE, given->files)) {
        return false;
    }
    if (given->files != NULL) {
        (void)printf("%s: for the programs that take and scan files, `files`; give it to their accounts.\n",
                     given->files);
    }
    if (given->jobs_file == NULL) {
        return true;
    }
    if (!write_part(keyring, KEYRING_JOBS, given->jobs_file)) {
        return false;
    }
    if (!keyring_replace(keyring, keyring_kinds_of(KEYRING_WORKERS), given->file, error, sizeof error)) {
        (void)fprintf(stderr, "%s\n", error);
        return false;
    }
    (void)printf("%s: for the background program, `seal` and `audit`; give it to its account.\n"
                 "%s: for the workers, all but `audit`. Keep a copy of both apart from the database's "
                 "backups.\n",
                 given->jobs_file, given->file);
    return true;
}

int
command_keys_split(const struct config *config, const struct args_keys_split *given)
{
    char error[512] = "";
    (void)config;
    if (given->jobs_file == NULL && given->files == NULL) {
        (void)fprintf(stderr, "JOBS_FILE or --files FILES_FILE is needed: what to write.\n");
        return EXIT_USAGE;
    }
    char *path = strdup(given->file);
    struct config whole = {.from_file[CONFIG_KEYRING] = true, .file[CONFIG_KEYRING] = path};
    struct keyring *keyring = keyring_load(&whole, error, sizeof error);
    if (keyring == NULL) {
        (void)fprintf(stderr, "%s\n", error);
    }
    bool good = keyring != NULL && can_split(keyring, given) && split(keyring, given);
    keyring_free(keyring);
    free(path);
    return good ? EXIT_DONE : EXIT_FAULT;
}

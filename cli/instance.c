#include "cli/instance.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_SIZE = 64, OTHERS_MAY = 0077 };

#define INSTANCE_FILE    "command.env"
#define INSTANCE_AT_HAND "var"

static const char prefix[] = "ANAMNESIS_";
static const char twin[] = "_FILE";

/* NAME or NAME_FILE, whichever of the two is given. */
static bool
is_set(const char *name)
{
    char other[NAME_SIZE];
    (void)snprintf(other, sizeof other, "%s%s", name, twin);
    return getenv(name) != NULL || getenv(other) != NULL;
}

static bool
names_database(void)
{
    static const char *const connections[] = {"ANAMNESIS_DATABASE_URL", "ANAMNESIS_OWNER_DATABASE_URL",
                                              "ANAMNESIS_JOBS_DATABASE_URL", "ANAMNESIS_AUDITOR_DATABASE_URL",
                                              "ANAMNESIS_SCRATCH_DATABASE_URL"};
    for (size_t i = 0; i < sizeof connections / sizeof connections[0]; i++) {
        if (is_set(connections[i])) {
            return true;
        }
    }
    return false;
}

/* The directory to look into; NULL for none. */
static const char *
choose(const char *directory, bool wanted)
{
    const char *named = directory != NULL ? directory : getenv("ANAMNESIS_INSTANCE");
    if (named != NULL && named[0] != '\0') {
        return named;
    }
    if (!wanted || named != NULL || names_database() || access("tools/instance", F_OK) != 0 ||
        access(INSTANCE_AT_HAND "/" INSTANCE_FILE, F_OK) != 0) {
        return NULL;
    }
    (void)fprintf(stderr, "The instance in " INSTANCE_AT_HAND
                          " is taken (--instance or ANAMNESIS_INSTANCE names another).\n");
    return INSTANCE_AT_HAND;
}

/* What keeps the file from being read, for people; NULL when it may be. Whoever could write it could lead the
 * owner's password, and what is sealed next, to a database of theirs. */
static const char *
objection(int descriptor)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        return "is no file";
    }
    if (status.st_uid != 0 && status.st_uid != geteuid()) {
        return "belongs to somebody else: run the command as the account that started the instance";
    }
    return (status.st_mode & OTHERS_MAY) == 0 ? NULL : "may be read or written by others: chmod 0600";
}

/* Says why the directory's file cannot be opened: `reason` is errno's. */
static void
complain(const char *directory, int reason)
{
    struct stat status;
    if (reason == EACCES) {
        (void)fprintf(stderr, "%s: %s: run the command as the account that started the instance\n", directory,
                      strerror(reason));
    } else if (stat(directory, &status) != 0 || !S_ISDIR(status.st_mode)) {
        (void)fprintf(stderr,
                      "%s: there is no such directory of an instance: `make start` makes one in var\n",
                      directory);
    } else {
        (void)fprintf(stderr,
                      "%s: is no directory of an instance, or of an older one: " INSTANCE_FILE
                      ": %s. `make start VAR=%s` writes it\n",
                      directory, strerror(reason), directory);
    }
}

static FILE *
open_file(const char *directory)
{
    char path[PATH_MAX];
    int size = snprintf(path, sizeof path, "%s/" INSTANCE_FILE, directory);
    errno = ENAMETOOLONG;
    int descriptor =
        size < (int)sizeof path ? open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
    if (descriptor < 0) {
        complain(directory, errno);
        return NULL;
    }
    const char *why = objection(descriptor);
    FILE *file = why == NULL ? fdopen(descriptor, "r") : NULL;
    if (file == NULL) {
        (void)fprintf(stderr, "%s: %s\n", path, why == NULL ? strerror(errno) : why);
        (void)close(descriptor);
    }
    return file;
}

/* `\n` and `\\` of the file, in place. */
static void
unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        if (from[0] == '\\' && from[1] != '\0') {
            from++;
            *to++ = *from == 'n' ? '\n' : *from;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
}

/* The name that a variable and its twin have in common. */
static void
base_of(const char *name, char base[NAME_SIZE])
{
    size_t size = strlen(name);
    size_t cut = sizeof twin - 1;
    bool is_twin = size > cut && strcmp(name + size - cut, twin) == 0;
    (void)snprintf(base, NAME_SIZE, "%.*s", (int)(is_twin ? size - cut : size), name);
}

/* Whoever brings a keyring of their own does not have it divided by the instance's. */
static bool
is_taken(const char *base, bool own_keyring)
{
    bool part = strcmp(base, "ANAMNESIS_JOBS_KEYRING") == 0 || strcmp(base, "ANAMNESIS_FILES_KEYRING") == 0;
    return is_set(base) || (own_keyring && part);
}

static bool
take(char *line, bool own_keyring)
{
    char base[NAME_SIZE];
    char *value = strchr(line, '=');
    if (value == NULL || strncmp(line, prefix, sizeof prefix - 1) != 0) {
        return false;
    }
    *value++ = '\0';
    base_of(line, base);
    unescape(value);
    return is_taken(base, own_keyring) || setenv(line, value, 0) == 0;
}

bool
instance_use(const char *directory, bool wanted)
{
    const char *chosen = choose(directory, wanted);
    if (chosen == NULL) {
        return true;
    }
    FILE *file = open_file(chosen);
    if (file == NULL) {
        return false;
    }
    char *line = NULL;
    size_t room = 0;
    bool own_keyring = is_set("ANAMNESIS_KEYRING");
    bool good = true;
    for (ssize_t size = getline(&line, &room, file); good && size > 0; size = getline(&line, &room, file)) {
        line[strcspn(line, "\n")] = '\0';
        good = take(line, own_keyring);
    }
    if (!good || ferror(file) != 0) {
        (void)fprintf(stderr, "%s/" INSTANCE_FILE ": is damaged; `make start VAR=%s` writes it anew\n",
                      chosen, chosen);
        good = false;
    }
    if (line != NULL) {
        explicit_bzero(line, room);
    }
    free(line);
    (void)fclose(file);
    return good;
}

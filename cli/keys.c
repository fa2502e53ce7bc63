#include "cli/command.h"

#include "lib/crypto/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int
command_keys_create(const struct config *config, int count, char **arguments)
{
    (void)config;
    if (count == 0) {
        return keyring_create(stdout) && fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAULT;
    }
    if (count != 1 || arguments[0][0] == '-') {
        (void)fprintf(stderr, "usage: anamnesis keys create [FILE]\n");
        return EXIT_USAGE;
    }
    int descriptor = open(arguments[0], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
    if (descriptor < 0) {
        (void)fprintf(stderr, "%s: %s%s\n", arguments[0], strerror(errno),
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
        (void)fprintf(stderr, "%s: could not be written\n", arguments[0]);
        (void)unlink(arguments[0]);
        return EXIT_FAULT;
    }
    (void)printf("%s: a new keyring, version 1 of each key. Keep a copy apart from the database's backups.\n",
                 arguments[0]);
    return EXIT_DONE;
}

/*
 * Seals objects as the scanner does, and makes tickets as workers do, for tests of the store:
 *
 *     store_object seal ROOT UPLOAD KIND FILES_KEY SALT < plain      prints the object's name
 *     store_object ticket NAME UPLOAD KIND FILES_KEY SALT TYPE SIZE RANGES SECONDS
 *     store_object files-key PATIENT SEALED                          prints what the scanner's copy holds
 *
 * Keys are hexadecimal; RANGES is 0 or 1; the ticket is made SECONDS from now, by the keyring of
 * ANAMNESIS_FILES_KEYRING_FILE.
 */
#include "lib/base/clock.h"
#include "lib/base/config.h"
#include "lib/crypto/files_key.h"
#include "lib/crypto/object_key.h"
#include "lib/store/sealed_file.h"
#include "lib/store/ticket.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    PLAIN_MAX = 64 * 1024 * 1024,
    SEAL_ARGUMENTS = 7,
    TICKET_ARGUMENTS = 11,
    KEY_ARGUMENTS = 4,
    ERROR_SIZE = 512
};

static bool
key_of(char **arguments, unsigned char key[STREAM_KEY_SIZE])
{
    unsigned char files[FILES_KEY_SIZE];
    unsigned char salt[OBJECT_SALT_SIZE];
    return sodium_hex2bin(files, sizeof files, arguments[2], strlen(arguments[2]), NULL, NULL, NULL) == 0 &&
           sodium_hex2bin(salt, sizeof salt, arguments[3], strlen(arguments[3]), NULL, NULL, NULL) == 0 &&
           object_key(files, arguments[0], arguments[1], salt, key);
}

static bool
seal(const char *path, char **arguments)
{
    static struct sealed_writer writer;
    char text[OBJECT_TEXT_SIZE];
    unsigned char key[STREAM_KEY_SIZE];
    unsigned char *plain = malloc(PLAIN_MAX);
    size_t size = plain == NULL ? 0 : fread(plain, 1, PLAIN_MAX, stdin);
    int root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    (void)umask(0);
    bool good = plain != NULL && root >= 0 && key_of(arguments, key) &&
                object_text(arguments[0], arguments[1], text) &&
                sealed_writer_begin(&writer, root, key, text, size) == STORE_DONE &&
                sealed_writer_add(&writer, (struct span){plain, size}) == STORE_DONE &&
                sealed_writer_end(&writer) == STORE_DONE && printf("%s\n", writer.name) > 0;
    free(plain);
    return good;
}

static struct keyring *
load_keyring(enum keyring_user user, struct config *config)
{
    char error[ERROR_SIZE] = "";
    struct keyring *keyring =
        config_load(config, stderr) ? keyring_load_for(config, user, error, sizeof error) : NULL;
    if (keyring == NULL) {
        (void)fprintf(stderr, "%s\n", error);
    }
    return keyring;
}

static bool
print_files_key(char **arguments)
{
    struct config config;
    unsigned char sealed[FILES_KEY_SEALED_SIZE];
    unsigned char key[FILES_KEY_SIZE];
    char hex[2 * FILES_KEY_SIZE + 1];
    size_t size = 0;
    struct keyring *keyring = load_keyring(KEYRING_SCAN, &config);
    bool good =
        keyring != NULL &&
        sodium_hex2bin(sealed, sizeof sealed, arguments[1], strlen(arguments[1]), NULL, &size, NULL) == 0 &&
        files_key_open(keyring, arguments[0], (struct span){sealed, size}, key) &&
        printf("%s\n", sodium_bin2hex(hex, sizeof hex, key, sizeof key)) > 0;
    keyring_free(keyring);
    config_free(&config);
    return good;
}

static bool
make_ticket(const char *name, char **arguments)
{
    struct config config;
    char text[TICKET_TEXT_SIZE];
    struct ticket ticket;
    memset(&ticket, 0, sizeof ticket);
    (void)snprintf(ticket.object, sizeof ticket.object, "%s", name);
    (void)snprintf(ticket.upload_id, sizeof ticket.upload_id, "%s", arguments[0]);
    (void)snprintf(ticket.kind, sizeof ticket.kind, "%s", arguments[1]);
    (void)snprintf(ticket.content_type, sizeof ticket.content_type, "%s", arguments[4]);
    ticket.plain_size = strtoull(arguments[5], NULL, 10);
    ticket.ranges = arguments[6][0] == '1';
    int64_t now = clock_now() + strtoll(arguments[7], NULL, 10) * CLOCK_SECOND;
    struct keyring *keyring = load_keyring(KEYRING_STORE, &config);
    if (keyring == NULL) {
        return false;
    }
    bool good =
        key_of(arguments, ticket.key) && ticket_make(keyring, &ticket, now, text) && printf("%s\n", text) > 0;
    keyring_free(keyring);
    config_free(&config);
    return good;
}

int
main(int count, char **arguments)
{
    bool good = sodium_init() >= 0;
    if (count == SEAL_ARGUMENTS && strcmp(arguments[1], "seal") == 0) {
        good = good && seal(arguments[2], arguments + 3);
    } else if (count == TICKET_ARGUMENTS && strcmp(arguments[1], "ticket") == 0) {
        good = good && make_ticket(arguments[2], arguments + 3);
    } else if (count == KEY_ARGUMENTS && strcmp(arguments[1], "files-key") == 0) {
        good = good && print_files_key(arguments + 2);
    } else {
        good = false;
    }
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

/*
 * Patients' keys for tests of rotation, as a worker makes them at a first upload.
 *
 * usage: ANAMNESIS_KEYRING_FILE=... files_keys COUNT   prints lines of a patient's id, the wrapped data key and
 *                                                     the scanner's copy of the files key, in hexadecimal
 *        ANAMNESIS_KEYRING_FILE=... files_keys         reads such lines; prints how many copies open and are the
 *                                                     files key of that data key, and how many are not
 */
#include "lib/base/config.h"
#include "lib/base/uuid.h"
#include "lib/crypto/files_key.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEX_SIZE = 2 * WRAPPED_KEY_SIZE + 1 };
_Static_assert(WRAPPED_KEY_SIZE - FILES_KEY_SEALED_SIZE == 0, "both are read by one format");

static bool
make(const struct keyring *keyring, long count)
{
    unsigned char data_key[DATA_KEY_SIZE];
    unsigned char wrapped[WRAPPED_KEY_SIZE];
    unsigned char key[FILES_KEY_SIZE];
    unsigned char sealed[FILES_KEY_SEALED_SIZE];
    char id[UUID_TEXT_SIZE];
    char hex[2][HEX_SIZE];
    for (long i = 0; i < count; i++) {
        if (!data_key_new(keyring, uuid_new(id), data_key, wrapped)) {
            return false;
        }
        files_key_of(data_key, key);
        if (!files_key_seal(keyring, id, key, sealed)) {
            return false;
        }
        (void)printf("%s %s %s\n", id, sodium_bin2hex(hex[0], HEX_SIZE, wrapped, sizeof wrapped),
                     sodium_bin2hex(hex[1], HEX_SIZE, sealed, sizeof sealed));
    }
    return true;
}

static bool
is_right(const struct keyring *keyring, const char *id, const char *wrapped_hex, const char *sealed_hex)
{
    unsigned char data_key[DATA_KEY_SIZE];
    unsigned char wrapped[WRAPPED_KEY_SIZE];
    unsigned char sealed[FILES_KEY_SEALED_SIZE];
    unsigned char key[FILES_KEY_SIZE];
    unsigned char opened[FILES_KEY_SIZE];
    size_t sizes[2] = {0, 0};
    if (sodium_hex2bin(wrapped, sizeof wrapped, wrapped_hex, strlen(wrapped_hex), NULL, &sizes[0], NULL) !=
            0 ||
        sodium_hex2bin(sealed, sizeof sealed, sealed_hex, strlen(sealed_hex), NULL, &sizes[1], NULL) != 0 ||
        !data_key_unwrap(keyring, id, (struct span){wrapped, sizes[0]}, data_key) ||
        !files_key_open(keyring, id, (struct span){sealed, sizes[1]}, opened)) {
        return false;
    }
    files_key_of(data_key, key);
    return memcmp(key, opened, sizeof key) == 0;
}

static void
check(const struct keyring *keyring)
{
    char id[UUID_TEXT_SIZE];
    char hex[2][HEX_SIZE];
    long counts[2] = {0, 0};
    while (scanf("%36s %152s %152s", id, hex[0], hex[1]) == 3) {
        counts[is_right(keyring, id, hex[0], hex[1]) ? 0 : 1]++;
    }
    (void)printf("%ld %ld\n", counts[0], counts[1]);
}

int
main(int count, char **arguments)
{
    struct config config;
    char error[512] = "";
    if (sodium_init() < 0 || !config_load(&config, stderr)) {
        return EXIT_FAILURE;
    }
    struct keyring *keyring = keyring_load(&config, error, sizeof error);
    if (keyring == NULL) {
        (void)fprintf(stderr, "%s\n", error);
        return EXIT_FAILURE;
    }
    bool good = count < 2 || make(keyring, strtol(arguments[1], NULL, 10));
    if (count < 2) {
        check(keyring);
    }
    keyring_free(keyring);
    config_free(&config);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

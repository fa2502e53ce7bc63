/*
 * Counts which wrapped data keys a keyring opens, for tests of rotation: lines of an owner's id and the key
 * in hexadecimal on standard input. Prints two numbers: how many open, how many do not.
 *
 * usage: ANAMNESIS_KEYRING_FILE=... open_keys < lines
 */
#include "lib/base/config.h"
#include "lib/crypto/data_key.h"
#include "lib/crypto/keyring.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum { ID_SIZE = 40, HEX_SIZE = 2 * WRAPPED_KEY_SIZE + 1 };

int
main(void)
{
    struct config config;
    char error[512] = "";
    char id[ID_SIZE];
    char hex[HEX_SIZE];
    unsigned char wrapped[WRAPPED_KEY_SIZE];
    unsigned char key[DATA_KEY_SIZE];
    long counts[2] = {0, 0};
    if (sodium_init() < 0 || !config_load(&config, stderr)) {
        return EXIT_FAILURE;
    }
    struct keyring *keyring = keyring_load(&config, error, sizeof error);
    if (keyring == NULL) {
        (void)fprintf(stderr, "%s\n", error);
        return EXIT_FAILURE;
    }
    while (scanf("%39s %152s", id, hex) == 2) {
        size_t size = 0;
        bool read = sodium_hex2bin(wrapped, sizeof wrapped, hex, sizeof hex - 1, NULL, &size, NULL) == 0;
        bool opens = read && data_key_unwrap(keyring, id, (struct span){wrapped, size}, key);
        counts[opens ? 0 : 1]++;
    }
    (void)printf("%ld %ld\n", counts[0], counts[1]);
    keyring_free(keyring);
    config_free(&config);
    return EXIT_SUCCESS;
}

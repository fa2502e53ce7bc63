/*
 * Seals what stands on standard input as the handlers seal a message for the outbox, for tests of delivery.
 *
 * usage: ANAMNESIS_KEYRING=... seal_outbox OUTBOX_ID < payload.json   (prints hexadecimal)
 */
#include "lib/base/arena.h"
#include "lib/base/config.h"
#include "lib/crypto/keyring.h"
#include "lib/crypto/sealed.h"
#include "lib/mail/payload.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

int
main(int count, char **arguments)
{
    struct config config;
    char error[512] = "";
    unsigned char text[MAIL_PAYLOAD_MAX];
    struct arena *arena = arena_create(1024 * 1024, NULL, NULL);
    if (count != 2 || arena == NULL || sodium_init() < 0 || !config_load(&config, stderr)) {
        return EXIT_FAILURE;
    }
    struct keyring *keyring = keyring_load(&config, error, sizeof error);
    if (keyring == NULL) {
        (void)fprintf(stderr, "%s\n", error);
        return EXIT_FAILURE;
    }
    struct span plain = {text, fread(text, 1, sizeof text, stdin)};
    struct span sealed;
    keyring_seal(keyring, MAIL_SEAL_PURPOSE, arguments[1], plain, arena, &sealed);
    for (size_t i = 0; i < sealed.size; i++) {
        (void)printf("%02x", sealed.data[i]);
    }
    (void)printf("\n");
    keyring_free(keyring);
    config_free(&config);
    arena_destroy(arena);
    return EXIT_SUCCESS;
}

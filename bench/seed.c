/*
 * Accounts for the benchmark: `seed COUNT` prints, for each patient, a line of tab-separated fields
 *
 *     id, data key, wrapped key, e-mail address, its blind index
 *
 * with bytes as PostgreSQL's COPY reads them. The keys are real ones, made with the instance's keyring
 * (ANAMNESIS_KEYRING_FILE); bench/seed.sql seals the columns with them. The output is as secret as the
 * instance: give it mode 0600.
 */
#include "lib/base/arena.h"
#include "lib/base/config.h"
#include "lib/base/uuid.h"
#include "lib/crypto/blind.h"
#include "lib/crypto/data_key.h"
#include "lib/crypto/keyring.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum { PATIENTS_MAX = 1000000, EMAIL_SIZE = 64 };

static void
print_bytes(const unsigned char *bytes, size_t size)
{
    (void)fputs("\\\\x", stdout);
    for (size_t i = 0; i < size; i++) {
        (void)printf("%02x", bytes[i]);
    }
}

static bool
print_patient(const struct keyring *keyring, long number)
{
    char id[UUID_TEXT_SIZE];
    char email[EMAIL_SIZE];
    unsigned char key[DATA_KEY_SIZE];
    unsigned char wrapped[WRAPPED_KEY_SIZE];
    unsigned char index[BLIND_INDEX_SIZE];
    uuid_new(id);
    if (!data_key_new(keyring, id, key, wrapped)) {
        return false;
    }
    (void)snprintf(email, sizeof email, "patient-%ld@bench.example", number);
    blind_index(keyring, BLIND_PATIENT_EMAIL, email, index);
    (void)printf("%s\t", id);
    print_bytes(key, sizeof key);
    (void)putchar('\t');
    print_bytes(wrapped, sizeof wrapped);
    (void)printf("\t%s\t", email);
    print_bytes(index, sizeof index);
    (void)putchar('\n');
    return true;
}

int
main(int argc, char **argv)
{
    char *end = NULL;
    long count = argc == 2 ? strtol(argv[1], &end, 10) : 0;
    if (count < 1 || count > PATIENTS_MAX || *end != '\0') {
        (void)fprintf(stderr, "usage: seed COUNT (1 to %d)\n", PATIENTS_MAX);
        return 2;
    }
    struct config config;
    char error[256] = "the configuration has faults";
    bool loaded = sodium_init() >= 0 && config_load(&config, stderr);
    struct keyring *keyring = loaded ? keyring_load(&config, error, sizeof error) : NULL;
    if (keyring == NULL) {
        (void)fprintf(stderr, "seed: %s\n", error);
        return 1;
    }
    bool good = true;
    for (long i = 1; good && i <= count; i++) {
        good = print_patient(keyring, i);
    }
    keyring_free(keyring);
    config_free(&config);
    return good && fflush(stdout) == 0 ? 0 : 1;
}

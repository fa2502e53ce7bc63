/* Keys to a cloud's services, as whoever signs needs them. */
#ifndef ANAMNESIS_CLOUD_KEYS_H
#define ANAMNESIS_CLOUD_KEYS_H

#include <stdint.h>

enum { CLOUD_KEY_ID_SIZE = 129, CLOUD_SECRET_SIZE = 129, CLOUD_TOKEN_SIZE = 4097 /* with their NUL */ };

/* To be wiped when no longer needed (sodium_memzero), never to be logged. */
struct cloud_keys {
    char id[CLOUD_KEY_ID_SIZE];
    char secret[CLOUD_SECRET_SIZE];
    char token[CLOUD_TOKEN_SIZE]; /* of temporary keys; empty when there is none */
    int64_t until;                /* microseconds since 1970; INT64_MAX for keys that do not end */
};

#endif

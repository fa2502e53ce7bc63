/*
 * Memory for keys, from libsodium's sodium_malloc: guard pages around it, locked so that it is not swapped,
 * and left out of core dumps. Each block costs three or four pages more than its size, and a few system
 * calls, so it is for what lives as long as the process or a command: keyrings, the text of a keyring, the
 * cache of data keys. Keys of one request are in its arena, which wipes.
 *
 * When RLIMIT_MEMLOCK does not let pages be locked the memory is given all the same, and the process logs one
 * warning; `anamnesis doctor` tells the limit (locked-memory). For lib/crypto only.
 */
#ifndef ANAMNESIS_CRYPTO_SECURE_MEMORY_H
#define ANAMNESIS_CRYPTO_SECURE_MEMORY_H

#include <stddef.h>

/*
 * `size` zeroed bytes, which the caller owns and gives to sodium_free, which wipes them. NULL when there is
 * no memory.
 */
void *secure_alloc(size_t size);

#endif

/* Memory for keys: guarded pages, locked where the system lets us, left out of core dumps. For lib/crypto
 * only. */
#ifndef ANAMNESIS_CRYPTO_LOCKED_H
#define ANAMNESIS_CRYPTO_LOCKED_H

#include <stddef.h>

/*
 * `size` zeroed bytes, freed (and wiped) by sodium_free. NULL when there is no memory. When RLIMIT_MEMLOCK
 * does not let pages be locked, they work all the same, and one warning is logged by the process.
 */
void *locked_alloc(size_t size);

#endif

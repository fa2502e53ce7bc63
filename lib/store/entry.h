/* What a listing of the store tells (store.h). */
#ifndef ANAMNESIS_STORE_ENTRY_H
#define ANAMNESIS_STORE_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

enum store_what { STORE_FILE, STORE_DIRECTORY, STORE_OTHER };

enum { STORE_TAG_SIZE = 1025 }; /* of a tag's value, with its NUL */

/* Something in the store. What is no part or object is told as well. */
struct store_entry {
    const char *name; /* borrowed */
    enum store_what what;
    int64_t size;    /* bytes */
    int64_t changed; /* seconds since 1970 */
};

/* Takes an entry; false ends the listing. */
typedef bool store_entry_fn(void *context, const struct store_entry *entry);

#endif

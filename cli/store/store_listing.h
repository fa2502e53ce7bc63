/* The names in a directory of the store, in the order of bytes. */
#ifndef ANAMNESIS_CLI_STORE_STORE_LISTING_H
#define ANAMNESIS_CLI_STORE_STORE_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct dirent;

struct store_listing {
    struct dirent **entries;
    size_t count;
};

/* Reads a directory by its path below `top`; one that is not there is an empty one, unless it is `needed`.
 * False, after saying on stderr why. The caller frees it with store_listing_free in any case. */
bool store_listing_read(int top, const char *path, bool needed, struct store_listing *listing);
void store_listing_free(struct store_listing *listing);

const char *store_listing_name(const struct store_listing *listing, size_t at);

/* What is at a path below `top`, no link followed: false when nothing is. A fault that is none of that kind
 * counts as something. */
bool store_look(int top, const char *path, struct stat *status);

/* Whether it has been there for an hour, and may be called unknown. */
bool store_is_old(const struct stat *status);

#endif

#include "cli/store/store_listing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { YOUNG_SECONDS = 3600 };

static int
is_entry(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int
by_bytes(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*left)->d_name, (*right)->d_name);
}

bool
store_listing_read(int top, const char *path, bool needed, struct store_listing *listing)
{
    *listing = (struct store_listing){.entries = NULL};
    int count = scandirat(top, path, &listing->entries, is_entry, by_bytes);
    if (count < 0) {
        listing->entries = NULL;
        if (errno == ENOENT && !needed) {
            return true;
        }
        (void)fprintf(stderr, "The store's directory %s cannot be read: %s\n", path, strerror(errno));
        return false;
    }
    listing->count = (size_t)count;
    return true;
}

void
store_listing_free(struct store_listing *listing)
{
    for (size_t i = 0; i < listing->count; i++) {
        free(listing->entries[i]);
    }
    free(listing->entries);
    *listing = (struct store_listing){.entries = NULL};
}

const char *
store_listing_name(const struct store_listing *listing, size_t at)
{
    return listing->entries[at]->d_name;
}

bool
store_look(int top, const char *path, struct stat *status)
{
    memset(status, 0, sizeof *status);
    status->st_mtime = time(NULL);
    return fstatat(top, path, status, AT_SYMLINK_NOFOLLOW) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

bool
store_is_old(const struct stat *status)
{
    return time(NULL) - status->st_mtime >= YOUNG_SECONDS;
}

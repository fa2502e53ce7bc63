#include "lib/store/store_disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 600 };

/* Who gets what is found. */
struct listing {
    int top;
    store_entry_fn *each;
    void *context;
    bool ended;
};

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

/* No link is followed. */
static enum store_result
look(int top, const char *name, struct store_entry *entry)
{
    struct stat status;
    if (fstatat(top, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return errno == ENOENT || errno == ENOTDIR ? STORE_ABSENT : STORE_FAILED;
    }
    *entry = (struct store_entry){.name = name,
                                  .what = S_ISREG(status.st_mode)   ? STORE_FILE
                                          : S_ISDIR(status.st_mode) ? STORE_DIRECTORY
                                                                    : STORE_OTHER,
                                  .size = status.st_size,
                                  .changed = status.st_mtime};
    return STORE_DONE;
}

static enum store_result list(struct listing *listing, const char *path, int depth);

/* One name of a directory, and what is below it. What is gone meanwhile is no entry. */
static enum store_result
list_one(struct listing *listing, const char *name, int depth)
{
    struct store_entry entry;
    enum store_result result = look(listing->top, name, &entry);
    if (result != STORE_DONE) {
        return result == STORE_ABSENT ? STORE_DONE : result;
    }
    listing->ended = !listing->each(listing->context, &entry);
    if (listing->ended || entry.what != STORE_DIRECTORY || depth == 0) {
        return STORE_DONE;
    }
    result = list(listing, name, depth - 1);
    return result == STORE_ABSENT ? STORE_DONE : result;
}

/* `path` has no slash at its end; below it are `depth` levels of directories. */
static enum store_result
list(struct listing *listing, const char *path, int depth)
{
    char name[PATH_SIZE];
    struct dirent **entries = NULL;
    int count = scandirat(listing->top, path, &entries, is_entry, by_bytes);
    if (count < 0) {
        return errno == ENOENT ? STORE_ABSENT : STORE_FAILED;
    }
    enum store_result result = STORE_DONE;
    int why = 0;
    for (int i = 0; i < count; i++) {
        if (result == STORE_DONE && !listing->ended) {
            int length = snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
            errno = ENAMETOOLONG;
            result =
                length < 0 || (size_t)length >= sizeof name ? STORE_FAILED : list_one(listing, name, depth);
            why = errno;
        }
        free(entries[i]);
    }
    free(entries);
    errno = why;
    return result;
}

static int
open_top(const char *directory)
{
    return open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

enum store_result
store_disk_list(const char *directory, const char *prefix, store_entry_fn *each, void *context)
{
    char path[PATH_SIZE];
    struct listing listing = {.top = open_top(directory), .each = each, .context = context};
    if (listing.top < 0) {
        return STORE_FAILED;
    }
    int length = snprintf(path, sizeof path, "%s", prefix);
    bool is_one = strchr(prefix, '/') != strrchr(prefix, '/');
    enum store_result result = STORE_FAILED;
    errno = EINVAL;
    if (length > 1 && (size_t)length < sizeof path && path[length - 1] == '/') {
        path[length - 1] = '\0';
        result = list(&listing, path, is_one ? 0 : 1);
    }
    int why = errno;
    (void)close(listing.top);
    errno = why;
    return result;
}

enum store_result
store_disk_look(const char *directory, const char *name, struct store_entry *entry)
{
    int top = open_top(directory);
    if (top < 0) {
        return STORE_FAILED;
    }
    enum store_result result = look(top, name, entry);
    int why = errno;
    (void)close(top);
    errno = why;
    return result;
}

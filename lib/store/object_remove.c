#include "lib/store/object_remove.h"

#include "lib/store/object_name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int
open_below(int directory, const char *name)
{
    return openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Closes it, without a change of errno. */
static void
close_quietly(int file)
{
    int before = errno;
    (void)close(file);
    errno = before;
}

static bool
unlink_below(int directory, const char *name, int flags)
{
    return unlinkat(directory, name, flags) == 0 || errno == ENOENT;
}

/* Removes from an open directory of sealed objects. */
static bool
remove_sealed(int sealed, const char *name)
{
    char two[3] = {name[0], name[1], '\0'};
    int directory = open_below(sealed, two);
    if (directory < 0) {
        return errno == ENOENT;
    }
    bool good = unlink_below(directory, name + sizeof two, 0) && fsync(directory) == 0;
    close_quietly(directory);
    return good;
}

/* Removes all parts of an upload, and their directory. */
static bool
remove_parts(int incoming, const char *id)
{
    int directory = open_below(incoming, id);
    if (directory < 0) {
        return errno == ENOENT;
    }
    bool good = true;
    for (unsigned number = 1; good && number <= UPLOAD_PARTS_MAX; number++) {
        char part[4];
        (void)snprintf(part, sizeof part, "%u", number);
        good = unlink_below(directory, part, 0);
    }
    close_quietly(directory);
    return good && unlink_below(incoming, id, AT_REMOVEDIR) && fsync(incoming) == 0;
}

bool
object_remove(int top, const char *name)
{
    static const char incoming[] = "incoming";
    static const char sealed[] = "sealed";
    char whole[OBJECT_NAME_SIZE];
    bool is_sealed = object_name_is_sealed(name);
    if (!is_sealed && !(strncmp(name, "incoming/", sizeof incoming) == 0 &&
                        object_name_parts(name + sizeof incoming, whole) && strcmp(name, whole) == 0)) {
        errno = EINVAL;
        return false;
    }
    int room = open_below(top, is_sealed ? sealed : incoming);
    if (room < 0) {
        return false;
    }
    bool good =
        is_sealed ? remove_sealed(room, name + sizeof sealed) : remove_parts(room, name + sizeof incoming);
    close_quietly(room);
    return good;
}

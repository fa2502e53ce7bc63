#include "lib/mail/file.h"

#include "lib/base/log.h"
#include "lib/base/uuid.h"
#include "lib/base/write_all.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_SIZE = 2 * UUID_TEXT_SIZE + 16 };

int
file_open_directory(const char *path)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        return -1;
    }
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* link(2) never replaces: of two deliveries of one id, the first one stays. */
static bool
put(int directory, const char *draft, const char *name, struct span text)
{
    int file = openat(directory, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) {
        return false;
    }
    bool good = write_all(file, text.data, text.size) && fsync(file) == 0;
    good = close(file) == 0 && good;
    if (good && linkat(directory, draft, directory, name, 0) != 0) {
        good = errno == EEXIST;
    }
    int fault = errno;
    (void)unlinkat(directory, draft, 0);
    errno = fault;
    return good && fsync(directory) == 0;
}

enum delivery
file_deliver(int directory, const struct message *message, const char **reason)
{
    char name[NAME_SIZE];
    char draft[NAME_SIZE];
    char chance[UUID_TEXT_SIZE];
    struct stat there;
    (void)snprintf(name, sizeof name, "%s.eml", message->id);
    (void)snprintf(draft, sizeof draft, ".%s.%s", message->id, uuid_new(chance));
    *reason = "sent";
    if (fstatat(directory, name, &there, AT_SYMLINK_NOFOLLOW) == 0 ||
        put(directory, draft, name, message->text)) {
        return DELIVERY_SENT;
    }
    log_event(LOG_WARN, "mail-file-failed", LOG_TEXT("message", message->id),
              LOG_TEXT("why", strerrordesc_np(errno)));
    *reason = "disk";
    return DELIVERY_LATER;
}

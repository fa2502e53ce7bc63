#include "lib/store/parts_there.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum store_result
parts_there(int root, const char *upload_id, unsigned count, int64_t sizes[UPLOAD_PARTS_MAX])
{
    for (unsigned i = 0; i < count; i++) {
        char name[OBJECT_NAME_SIZE];
        struct stat found;
        if (!object_name_part(upload_id, i + 1, name)) {
            errno = EINVAL;
            return STORE_FAILED;
        }
        if (fstatat(root, name, &found, AT_SYMLINK_NOFOLLOW) == 0) {
            sizes[i] = S_ISREG(found.st_mode) ? (int64_t)found.st_size : -1;
        } else if (errno == ENOENT) {
            sizes[i] = -1;
        } else {
            return STORE_FAILED;
        }
    }
    return STORE_DONE;
}

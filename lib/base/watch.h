/* Whether a file was replaced or changed since it was last looked at. Each look is one stat(2). */
#ifndef ANAMNESIS_BASE_WATCH_H
#define ANAMNESIS_BASE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct watch {
    const char *path; /* borrowed; NULL: there is nothing to watch */
    uint64_t device;
    uint64_t inode;
    int64_t changed; /* nanoseconds since 1970 */
};

/* Notes the file as it is now. */
void watch_start(struct watch *watch, const char *path);

/* True once for each time that the file was replaced or changed. A file that is away at the moment is not. */
bool watch_changed(struct watch *watch);

#endif

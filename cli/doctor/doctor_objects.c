/* The doctor's look at the directory of files' bytes: that it is there, and who may do what in it. */
#include "cli/doctor/doctor.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { MODE_BITS = 07777 };

#define ADVICE                                                                                               \
    "three directories of the account anamnesis-store and the group anamnesis-objects (deployment.md says "  \
    "how to make them)"

/* Below ANAMNESIS_STORE_DIR. The setgid bit gives what is made there the group, whoever made it. */
static const struct {
    const char *name;
    mode_t mode;
} places[] = {{".", S_ISGID | 0751}, {"incoming", S_ISGID | 0771}, {"sealed", S_ISGID | 0770}};

/* What is wrong with one of them, in the arena; NULL: nothing. */
static const char *
fault_of(struct doctor *doctor, const char *top, size_t place, const struct stat *first)
{
    struct stat status;
    const char *path = arena_format(doctor->arena, "%s/%s", top, places[place].name);
    if (lstat(path, &status) != 0) {
        return arena_format(doctor->arena, "%s: %s", path, strerror(errno));
    }
    if (!S_ISDIR(status.st_mode)) {
        return arena_format(doctor->arena, "%s is no directory", path);
    }
    if ((status.st_mode & MODE_BITS) != places[place].mode) {
        return arena_format(doctor->arena, "%s has mode %04o: chmod %04o", path,
                            (unsigned)(status.st_mode & MODE_BITS), (unsigned)places[place].mode);
    }
    if (status.st_uid != first->st_uid || status.st_gid != first->st_gid) {
        return arena_format(doctor->arena, "%s belongs to another account or group than what is above it",
                            path);
    }
    return NULL;
}

void
doctor_objects(struct doctor *doctor)
{
    const char *top = config_text(doctor->config, CONFIG_STORE_DIR);
    if (top == NULL || top[0] == '\0') {
        return; /* files are kept elsewhere, or not at all */
    }
    struct stat first;
    memset(&first, 0, sizeof first);
    (void)stat(top, &first);
    const char *fault = NULL;
    for (size_t i = 0; fault == NULL && i < sizeof places / sizeof places[0]; i++) {
        fault = fault_of(doctor, top, i, &first);
    }
    const char *open = fault == NULL ? doctor_open_directory(top, doctor->arena) : NULL;
    if (open != NULL) {
        fault = arena_format(doctor->arena, "others may write to %s: chmod go-w %s", open, open);
    }
    doctor_say(doctor, "objects", CLAUSE_ACCESS, fault == NULL ? RESULT_OK : RESULT_FAILED, ADVICE, "%s",
               fault == NULL ? arena_format(doctor->arena, "%s is for the programs for files alone", top)
                             : fault);
}

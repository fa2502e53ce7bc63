/* The doctor's look at where files' bytes are: that it is there, and of a directory who may do what in it. */
#include "cli/doctor/doctor.h"
#include "lib/store/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { MODE_BITS = 07777, BUCKET_SECONDS = 10 };

#define BUCKET_ADVICE                                                                                        \
    "see operations.md, Files in S3: the bucket, its region, and the rights of who runs this"

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

static bool
end_listing(void *context, const struct store_entry *entry)
{
    (void)context;
    (void)entry;
    return false;
}

/* In S3: that it answers, and lets us list both prefixes. */
static void
look_at_bucket(struct doctor *doctor, const char *url)
{
    char why[STORE_ERROR_SIZE] = "";
    const struct store_patience patience = {.seconds = BUCKET_SECONDS};
    struct store *store = store_create(doctor->config, &patience, why, sizeof why);
    if (store != NULL && (store_list(store, "incoming/", end_listing, NULL) != STORE_DONE ||
                          store_list(store, "sealed/", end_listing, NULL) != STORE_DONE)) {
        (void)snprintf(why, sizeof why,
                       "%s does not answer, or refuses us: the line of the log above says which", url);
    }
    store_destroy(store);
    doctor_say(doctor, "objects", CLAUSE_ACCESS, why[0] == '\0' ? RESULT_OK : RESULT_FAILED, BUCKET_ADVICE,
               "%s", why[0] == '\0' ? arena_format(doctor->arena, "%s answers", url) : why);
}

void
doctor_objects(struct doctor *doctor)
{
    const char *top = config_text(doctor->config, CONFIG_STORE_DIR);
    const char *url = config_text(doctor->config, CONFIG_STORE_URL);
    if (url != NULL && url[0] != '\0') {
        look_at_bucket(doctor, url);
        return;
    }
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

#include "scan/apart.h"

#include "lib/base/namespaces.h"
#include "lib/crypto/keyring.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* Whether a path is the directory, or below it. */
static bool
is_in(const char *path, const char *directory)
{
    size_t size = strlen(directory);
    return strncmp(path, directory, size) == 0 && (path[size] == '\0' || path[size] == '/');
}

/* Whether the programs need something that is there: as the kernel sees it, whatever links lead to it. */
static bool
is_needed(const char *directory, const char *needed)
{
    char real[APART_PATH_SIZE];
    return needed != NULL && realpath(needed, real) != NULL && is_in(real, directory);
}

static void
add(struct apart_places *places, const struct config *config, const char *program, const char *directory)
{
    char real[APART_PATH_SIZE];
    if (realpath(directory, real) == NULL || strcmp(real, "/") == 0 || is_needed(real, program) ||
        is_needed(real, config_text(config, CONFIG_SIGNATURES)) ||
        is_needed(real, config_text(config, CONFIG_SCAN_DIRECTORY))) {
        return;
    }
    for (size_t i = 0; i < places->count; i++) {
        if (strcmp(places->paths[i], real) == 0) {
            return;
        }
    }
    memcpy(places->paths[places->count++], real, sizeof real);
}

/* The directory of a secret's file, when it has one. */
static void
add_directory_of(struct apart_places *places, const struct config *config, const char *program,
                 const char *file)
{
    char directory[APART_PATH_SIZE];
    const char *slash = file == NULL ? NULL : strrchr(file, '/');
    if (slash != NULL && slash != file && (size_t)(slash - file) < sizeof directory) {
        (void)snprintf(directory, sizeof directory, "%.*s", (int)(slash - file), file);
        add(places, config, program, directory);
    }
}

void
apart_places(struct apart_places *places, const struct config *config, const char *program)
{
    const char *objects = config_text(config, CONFIG_STORE_DIR);
    places->count = 0;
    if (objects != NULL && objects[0] != '\0') {
        add(places, config, program, objects);
    }
    add_directory_of(places, config, program, config_file(config, keyring_variable(config, KEYRING_SCAN)));
    add_directory_of(places, config, program, config_file(config, CONFIG_SCAN_DATABASE_URL));
}

bool
apart_enter(const struct apart_places *places, bool needs_network)
{
    bool good = namespaces_enter(CLONE_NEWNS | CLONE_NEWIPC | (needs_network ? 0 : CLONE_NEWNET)) &&
                mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0;
    for (size_t i = 0; good && i < places->count; i++) {
        good = mount("tmpfs", places->paths[i], "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY,
                     "size=4k,nr_inodes=1,mode=0000") == 0;
    }
    return good && namespaces_drop_capabilities();
}

/* What a process that looks at a file may ask of the kernel: nothing but what is on its kind's list. */
#ifndef ANAMNESIS_SCAN_CELL_FILTER_H
#define ANAMNESIS_SCAN_CELL_FILTER_H

#include <stdbool.h>

enum cell_kind {
    CELL_ENGINE, /* reads, calculates, makes files in its directory; documents, too */
    CELL_PICTURE /* the same, and threads */
};

/*
 * Enters it, for good: a call that is not on the list ends the process (SIGSYS). Needs
 * PR_SET_NO_NEW_PRIVS. False when the kernel refuses. Does nothing in builds with the address sanitizer and
 * in those that count lines, as lib/base/sandbox.h.
 */
bool cell_filter(enum cell_kind kind);

/*
 * Lets it reach no file but those below the directory (Landlock), NULL: none at all, and read those below the shared ones, up to
 * NULL; one that is not there is passed over. `shared` may be NULL. Needs
 * PR_SET_NO_NEW_PRIVS. False when the kernel has no Landlock.
 */
bool cell_landlock(const char *directory, const char *const *shared);

#endif

/*
 * What a process may still reach in the file system (Landlock, Linux 5.13 and newer): nothing but what is
 * below the directories that it names, and there only what each of them is for. It holds for good, and for
 * what the process starts. Files that are open already stay usable.
 *
 * A second wall behind the account's rights and the system-call filter (sandbox.h), not instead of them: a
 * kernel without it, or one that has it switched off, is not an error. Enter before the filter.
 */
#ifndef ANAMNESIS_BASE_LANDLOCK_H
#define ANAMNESIS_BASE_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>

/* What a directory is for: a set. */
enum landlock_use {
    LANDLOCK_READ = 1,  /* files are read */
    LANDLOCK_WRITE = 2, /* files are made and written, directories made */
    LANDLOCK_LIST = 4   /* directories are opened: listed, or synchronised */
};

struct landlock_place {
    int directory; /* open; stays the caller's */
    unsigned uses; /* enum landlock_use */
};

enum landlock_state {
    LANDLOCK_ENTERED,
    LANDLOCK_NOT_THERE, /* the kernel has none: nothing has changed */
    LANDLOCK_REFUSED    /* errno says why; the caller must end */
};

/*
 * Enters it; the process gains no privileges any more by it (PR_SET_NO_NEW_PRIVS). No places: no file is
 * reached at all.
 */
enum landlock_state landlock_enter(const struct landlock_place *places, size_t count);

#endif

/*
 * A file that gets its name when all of it is on the disk (O_TMPFILE, linkat). Whatever is killed or cut off before leaves nothing; what has
 * a name is whole; and of what was said to be kept, the name survives a power cut, too. /proc must be there. Costs three fsync.
 */
#ifndef ANAMNESIS_STORE_UNNAMED_H
#define ANAMNESIS_STORE_UNNAMED_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A file without a name in an open directory, 0640 less the umask, with room for `size` bytes: a full disk is told before anything is
 * written. The caller closes it. -1 with errno.
 */
int unnamed_open(int directory, int64_t size);

enum unnamed_end {
    UNNAMED_KEPT,
    UNNAMED_TAKEN,  /* the name is another one's, which may not be so far yet: unnamed_sync */
    UNNAMED_FAILED, /* there is no name */
    UNNAMED_UNSURE /* the name is there, and may be gone after a power cut: the caller takes it away, or says no word of it */
};

/*
 * Gives the file its name in `directory`, which lies in `above` and may be new there: first the bytes, then the name, then the directories
 * that lead to it. errno says why not.
 */
enum unnamed_end unnamed_keep(int file, int directory, int above, const char *name);

/* What has a name in the directory keeps it from now on. False with errno. */
bool unnamed_sync(int directory, int above);

/* That a link can be made of the file at all; the directory stays as it is. False with errno. */
bool unnamed_can_link(int file, int directory);

#endif

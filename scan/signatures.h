/*
 * The directory of signatures, which freshclam or a person changes while we work. It has changed when its files have
 * other names, sizes or times than those that were loaded, and have been so for some seconds: files are put there
 * one by one.
 */
#ifndef ANAMNESIS_SCAN_SIGNATURES_H
#define ANAMNESIS_SCAN_SIGNATURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct signatures {
    const char *directory; /* borrowed */
    uint64_t loaded;       /* what the directory was when the engine began to load */
    uint64_t seen;         /* what it was when it was last looked at */
    int64_t seen_since;    /* clock_monotonic() */
    int64_t look_at;       /* when it is looked at next */
    int64_t newest;        /* the newest file's time, microseconds since 1970; 0: there is none */
};

/* Notes the directory as it is. To be called before the engine's signatures are taken over, rather than after. */
void signatures_start(struct signatures *signatures, const char *directory);

/* Whether there are others for good. Looks once a minute, and every second while something is going on. */
bool signatures_changed(struct signatures *signatures);

/*
 * What rows name a set of signatures by: the text itself when it fits, else its beginning and a digest of the whole.
 * `size` is at least 100.
 */
void signatures_name(const char *text, char *name, size_t size);

/*
 * Whether these are the ones that an instance without others has for development (tools/instancelib/layout.py): they find one file, and grow
 * no older.
 */
bool signatures_are_for_development(const char *text);

#endif

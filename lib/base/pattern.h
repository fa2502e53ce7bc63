/*
 * Regular expressions with a bounded price, over PCRE2: what a questionnaire's author writes is matched
 * against what a patient writes, so neither may make the other expensive.
 *
 * Left out, because they cannot be bounded or are dangerous: just-in-time compilation (it needs memory that
 * is writable and executable), back references (no limit makes them fast), \C. \d, \w and \b know ASCII only;
 * \p{...} knows Unicode; \uXXXX and \u{...} are code points. Texts must be valid UTF-8, since PCRE2 is told
 * not to check it.
 *
 * The price of a match is its steps times the length of the text, because one step may walk over all of it.
 * Each match has limits of its own on steps, depth and memory, and the many matches of one evaluation share a
 * purse. A match that would cost more is PATTERN_TOO_COSTLY, which is neither a yes nor a no: callers must
 * say so.
 *
 * A compiled pattern is a run of bytes without pointers: PCRE2's serialised form behind a head of ours. It
 * can be copied into a larger block and used there, in the process that compiled it (or one with the same
 * PCRE2), as long as it lies at an address that 8 divides. It must never come from outside: PCRE2 trusts what
 * it deserialises. Using it costs a copy of the compiled code each time, so a pattern is not for the inner
 * loop over characters.
 */
#ifndef ANAMNESIS_BASE_PATTERN_H
#define ANAMNESIS_BASE_PATTERN_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/span.h"

#include <stdint.h>

enum {
    PATTERN_TEXT_MAX = 1024,         /* bytes of a pattern */
    PATTERN_SUBJECT_MAX = 64 * 1024, /* bytes of a text that is matched as a whole, */
    PATTERN_SEARCH_MAX = 16 * 1024,  /* of one that is searched, */
    PATTERN_REPLACE_MAX = 4 * 1024,  /* and of one in which matches are replaced */
    PATTERN_DEPTH_MAX = 32,          /* brackets inside brackets */
    PATTERN_FAULT_SIZE = 128         /* bytes of a sentence, with its NUL */
};

enum pattern_flag {
    PATTERN_WHOLE = 1,    /* the whole text must match; without it, a part is searched for */
    PATTERN_DOT_ALL = 2,  /* a dot matches line ends too */
    PATTERN_CAPTURES = 4, /* brackets capture, for pattern_replace */
    PATTERN_ANY_CASE = 8
};

struct pattern_fault {
    size_t offset; /* bytes of the pattern before the fault */
    char text[PATTERN_FAULT_SIZE];
};

/*
 * Compiles the pattern. Returns its bytes, 8-aligned in the arena; or an empty span (data NULL) with the
 * fault. Refused too: back references, comments and \Q without an end, more than the limits above.
 */
struct span pattern_compile(struct arena *arena, struct span text, unsigned flags,
                            struct pattern_fault *fault);

enum pattern_result {
    PATTERN_NO,
    PATTERN_YES,
    PATTERN_TOO_COSTLY, /* more steps, depth or memory than the limits allow, or too long a text */
    PATTERN_NO_MEMORY
};

/* Whether the text matches. `pattern` is what pattern_compile gave, or a copy of it. */
enum pattern_result pattern_match(struct span pattern, struct span text);

/* The same at a lower price: not more than `steps` are taken before it is PATTERN_TOO_COSTLY. */
enum pattern_result pattern_match_within(struct span pattern, struct span text, uint32_t steps);

/*
 * The same, paid from a purse that many matches share: bytes of text that may be walked over. An evaluation
 * starts with PATTERN_PURSE, which is some tenths of a second. PCRE2 does not tell what a match took, so a
 * match takes from the purse up to twice its price.
 */
#define PATTERN_PURSE (UINT64_C(1) << 29)
enum pattern_result pattern_match_paid(struct span pattern, struct span text, uint64_t *purse);

/*
 * Appends the text to `out` with every match replaced; the pattern was compiled with PATTERN_CAPTURES and
 * without PATTERN_WHOLE. In the replacement $1 to $99 and ${name} are what brackets captured (nothing when
 * they took no part, or there are none), $0 and $& the match, $$ and \$ a dollar. PATTERN_YES when something
 * was replaced, PATTERN_NO when nothing was (the text is appended all the same); PATTERN_TOO_COSTLY also when
 * `out` failed. It is paid from the purse.
 */
enum pattern_result pattern_replace(struct span pattern, struct span text, struct span replacement,
                                    uint64_t *purse, struct buf *out);

#endif

/* What every program does to itself at its start, before it holds a secret. For good: nothing here can be undone. */
#ifndef ANAMNESIS_BASE_PROCESS_H
#define ANAMNESIS_BASE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

/* Limits a resource (RLIMIT_...) to `most`, and never raises a lower limit. False with errno. */
bool process_limit(int resource, uint64_t most);

/*
 * Neither a core dump nor a debugger of the same user sees what is in its memory. Builds with the address sanitizer, which
 * looks for leaks like a debugger, only leave no core. False with errno.
 */
bool process_hide(void);

#endif

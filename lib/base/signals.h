/*
 * Signals as our programs take them: SIGTERM and SIGINT end a program after what it has in hand, SIGHUP has it read again
 * what it was told, SIGPIPE is an error of write(2). A supervisor blocks them and waits with sigtimedwait, so that nothing is
 * missed; a process that works looks at two flags between two pieces of work.
 */
#ifndef ANAMNESIS_BASE_SIGNALS_H
#define ANAMNESIS_BASE_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* Blocks SIGTERM, SIGINT, SIGHUP and SIGCHLD, and gives them as the set to wait for. False with errno. */
bool signals_block(sigset_t *signals);

/* Not 0 once it was told. Whoever has read again what is to be read sets signals_reload to 0. */
extern volatile sig_atomic_t signals_stop;
extern volatile sig_atomic_t signals_reload;

/* Sets the handlers, which do not restart a system call: a signal ends a pause at once. False with errno. */
bool signals_take(void);

/* Sleeps, unless it is told something: a second at a time, since a signal that comes just before does not end it. */
void signals_sleep(int64_t microseconds);

#endif

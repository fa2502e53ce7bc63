/* Namespaces that a process makes for itself without privileges, where the kernel gives them to everybody: user_namespaces(7). */
#ifndef ANAMNESIS_BASE_NAMESPACES_H
#define ANAMNESIS_BASE_NAMESPACES_H

#include <stdbool.h>

/*
 * Enters a user namespace of its own, in which the process has its own ids, no others, and every capability, and the namespaces of
 * `kinds` (CLONE_NEWNS, CLONE_NEWNET, ...). The process can be looked into afterwards (PR_SET_DUMPABLE); threads must not have been
 * started. False with errno; it may be half done then.
 */
bool namespaces_enter(int kinds);

/* Gives up every capability. Together with PR_SET_NO_NEW_PRIVS none comes back by a program that is started. False with errno. */
bool namespaces_drop_capabilities(void);

#endif

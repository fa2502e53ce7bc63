/*
 * What a process may still ask of the kernel once it has started: a seccomp filter that denies by default
 * (SECCOMP_MODE_FILTER, by libseccomp). It holds for the rest of the process's life and for every thread of
 * it.
 *
 * There are three kinds of system calls. Those on the list of the process's kind are allowed, some with
 * certain arguments only: a worker opens files for reading alone, sockets are of the Unix and Internet
 * families, memory never becomes executable, limits may be read and not set. What an intruder would need ends
 * the process at once, and the supervisor reports it: another program (execve), somebody else's memory
 * (ptrace and its kin), a socket that listens, kernel modules, new namespaces, another user id, another
 * system-call table. Everything else fails with EPERM: a library that tries something new gets an error, and
 * nobody loses a request.
 *
 * Order matters: enter after limits are set and, in a worker, files are open for writing; before the first
 * byte from outside is read. A new library, or a new version of libc, may need a call that is not listed;
 * tests/fault (test_confinement.py) and tests/unit/test_sandbox.c show it. A list must never be made longer
 * by a call that starts programs or reads other processes. Costs: less than a microsecond for each call.
 */
#ifndef ANAMNESIS_BASE_SANDBOX_H
#define ANAMNESIS_BASE_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

enum sandbox {
    SANDBOX_WORKER, /* serves accepted connections, reads files, connects to the database; no threads */
    SANDBOX_JOBS,   /* writes files, connects to mail and database; libcurl looks names up in a thread */
    SANDBOX_STORE, /* serves accepted connections, writes nameless files and links them; makes no connection */
    SANDBOX_SCAN   /* the same with files, memory and removing for accepting; connects to the database */
};

/*
 * Enters it, for good; the process gains no privileges any more by it (PR_SET_NO_NEW_PRIVS). False with errno
 * when the kernel refuses: the caller must then end. Builds with the address sanitizer need more of the
 * kernel, and those that count lines (make coverage) write their counts: in both it does nothing and is true.
 */
bool sandbox_enter(enum sandbox kind);

/*
 * Limits the addresses of this process (RLIMIT_AS) to so many MiB, for good: a runaway ends at an allocation
 * that fails, not in the swap. Never raises a lower limit. False with errno. Does nothing in builds with the
 * address sanitizer, which reserves terabytes of addresses.
 */
bool sandbox_address_space(int64_t megabytes);

#endif

/*
 * What a process may still ask of the kernel once it has started: a seccomp filter that denies by default
 * (SECCOMP_MODE_FILTER, by libseccomp). It holds for the rest of the process's life.
 *
 * What is not on the list fails with EPERM: a library that tries something new for its own reasons gets an
 * error, and nobody loses a request. What only an intruder would try ends the process at once, and the
 * supervisor reports it: another program (execve), somebody else's memory (ptrace and its kin), a socket that
 * listens, kernel modules, new namespaces, another system-call table. Memory never becomes executable.
 */
#ifndef ANAMNESIS_BASE_SANDBOX_H
#define ANAMNESIS_BASE_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

enum sandbox {
    SANDBOX_WORKER, /* serves accepted connections, reads files, connects to the database; no threads */
    SANDBOX_JOBS    /* writes files, connects to mail and database; libcurl looks names up in a thread */
};

/*
 * Enters it; after everything that has to be opened for writing is open. Implies no new privileges. False
 * with errno when the kernel refuses. In builds with the address sanitizer, which needs more of the kernel
 * than any of this, and in those that count lines (make coverage), which write their counts, it does nothing.
 */
bool sandbox_enter(enum sandbox kind);

/*
 * Limits the addresses of this process (RLIMIT_AS) to so many MiB, for good: a runaway ends at an allocation
 * that fails, not in the swap. Never raises a lower limit. False with errno. Does nothing in builds with the
 * address sanitizer, which reserves terabytes of addresses.
 */
bool sandbox_address_space(int64_t megabytes);

#endif

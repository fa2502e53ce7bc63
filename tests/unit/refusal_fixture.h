/* What happens when the kernel refuses a system call: done in a process of its own, since a filter is for good. */
#ifndef ANAMNESIS_TESTS_UNIT_REFUSAL_FIXTURE_H
#define ANAMNESIS_TESTS_UNIT_REFUSAL_FIXTURE_H

#include <seccomp.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whether `done` says true in a process where this call fails with `reason`. */
static inline bool
holds_when_refused(const char *call, unsigned reason, bool (*done)(void))
{
    pid_t pid = fork();
    if (pid == 0) {
        scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
        bool set =
            filter != NULL &&
            seccomp_rule_add(filter, SCMP_ACT_ERRNO(reason), seccomp_syscall_resolve_name(call), 0) == 0 &&
            seccomp_load(filter) == 0;
        seccomp_release(filter);
        _exit(set && done() ? 0 : 1);
    }
    int status = 0;
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

#endif

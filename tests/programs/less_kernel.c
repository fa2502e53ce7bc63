/*
 * less_kernel CALL... -- PROGRAM: runs it where the kernel answers these system calls with EPERM, as in a
 * container that gives no namespaces.
 */
#include <errno.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
main(int count, char **arguments)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    bool good = filter != NULL;
    int at = 1;
    for (; good && at < count && strcmp(arguments[at], "--") != 0; at++) {
        int number = seccomp_syscall_resolve_name(arguments[at]);
        good = number >= 0 && seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), number, 0) == 0;
    }
    if (!good || at + 1 >= count || seccomp_load(filter) != 0) {
        (void)fputs("usage: less_kernel CALL... -- PROGRAM\n", stderr);
        return EXIT_FAILURE;
    }
    seccomp_release(filter);
    (void)execv(arguments[at + 1], arguments + at + 1);
    perror(arguments[at + 1]);
    return EXIT_FAILURE;
}

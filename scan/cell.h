/*
 * The process that looks at one file, and at nothing else: it is forked for it, takes it as an open
 * descriptor, answers once, and ends. Whoever takes it over by a file finds nothing there: no other file, no
 * socket, no other process, no program to start, no key.
 *
 * What confines it, from the inside out: a seccomp filter that ends it at the first system call that is not
 * on its kind's list (no socket, no process, no memory that is code); limits for addresses, processor time,
 * descriptors and the size of what it writes; namespaces of its own for users, mounts, network, IPC and the
 * host's name with an empty tmpfs as root, where the kernel gives them; Landlock, where it has it, with
 * nothing but one directory, and for reading those that its plan shares; no capability; and its program, which ends it when its time is over. Filter and
 * limits must be there. Of namespaces and Landlock one must be, or nothing is looked at at all: cell_try
 * finds out once, at the start of a program, and each process must then reach the same or ends.
 *
 * An answer counts when it is whole and the exit status is 0. All else, an answer before a crash included, is
 * WIRE_FAILED. A process makes files below its own directory alone: in its tmpfs, which is gone with it, or,
 * without namespaces, in one below the plan's, which its program removes.
 *
 * Costs: a fork of the program as large as it is, some system calls, the filter: 2 to 5 ms. In builds with
 * the address sanitizer there is no filter and no limit of addresses: both would stop the sanitizer itself.
 */
#ifndef ANAMNESIS_SCAN_CELL_H
#define ANAMNESIS_SCAN_CELL_H

#include "scan/cell_filter.h"
#include "scan/wire.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What confines it, as bits; seccomp and rlimits are there in any case. */
enum { CELL_HELD_NAMESPACES = 1, CELL_HELD_LANDLOCK = 2 };

enum { CELL_DIRECTORY_SIZE = 256 };

/* What the process has to do. */
struct cell_task {
    const struct wire_request *request;
    const void *own;       /* the plan's */
    int file;              /* open for reading, at its beginning */
    int result;            /* to be written to; -1 when none is wanted */
    const char *directory; /* where it may make files */
};

/*
 * Runs in the process. Fills verdict, reason, signature, measures, parts and result_size, which are zero
 * before; the program sets the others. False, or no return at all: there is no answer.
 */
typedef bool (*cell_work)(const struct cell_task *task, struct wire_reply *reply);

/* The same for every process of a program. */
struct cell_plan {
    enum cell_kind kind;
    cell_work work;
    const void *own;       /* given to `work` */
    uint64_t addresses;    /* bytes, with all that the program has already */
    uint64_t files;        /* bytes: of each file that it makes, and of its tmpfs together */
    uint32_t processor;    /* seconds, after which SIGXCPU ends it, and SIGKILL a second later */
    uint32_t held;         /* set by cell_try */
    const char *directory; /* where directories are made when there are no namespaces */
    const char *const
        *shared; /* directories of the machine that it may read, as fonts, up to NULL; NULL: none */
};

/* One that runs. */
struct cell {
    pid_t pid; /* 0: none */
    int watch; /* readable once it has ended */
    int answer;
    int result;
    uint64_t id;
    uint64_t result_max;
    int64_t began; /* clock_monotonic() */
    int64_t until;
    char directory[CELL_DIRECTORY_SIZE]; /* to be removed; empty when there is none */
};

/*
 * Finds out what the kernel gives, by processes that try it, and notes it in plan->held. False, with a
 * sentence in `why` that is not to be freed, when that is not enough: the program must not start then.
 */
bool cell_try(struct cell_plan *plan, const char **why);

/*
 * Starts one. The descriptor of the file stays the caller's, who may close it afterwards. False with errno:
 * nothing was started. The calling process must be without threads.
 */
bool cell_start(struct cell *cell, const struct cell_plan *plan, const struct wire_request *request,
                int file);

/*
 * Whether it has ended, by itself or because its time is over, in which case it is killed here. Then *reply
 * is whole and good, *result is a sealed descriptor to be closed by the caller or -1, and the cell is none.
 * Does not wait; cell->watch and cell->until say when to ask.
 */
bool cell_collect(struct cell *cell, struct wire_reply *reply, int *result);

/* Ends it, whatever it does; nothing is left of it. */
void cell_kill(struct cell *cell);

#endif

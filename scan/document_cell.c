/* What is asked of a document's process, and how it ends when a library does not come to an end. */
#include "scan/document.h"

#include "lib/media/type.h"

#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { STACK_SIZE = 64 * 1024 };

/*
 * Where a signal leads that says that the library has come to no end. Nothing of it is used after that: the answer is written, and the
 * process ends.
 */
static sigjmp_buf given_up;
static volatile sig_atomic_t is_over;

static void
on_end(int number)
{
    if (is_over != 0) {
        _exit(EXIT_FAILURE);
    }
    is_over = 1;
    siglongjmp(given_up, number);
}

/*
 * The time is over (SIGXCPU), or the library gives up: C++ without memory (SIGABRT), GLib without memory (SIGTRAP), a stack that
 * cannot grow any more (SIGSEGV, so the signal has a stack of its own). Whoever made the library fail gets an answer that lets nothing pass, and no
 * further try.
 */
static bool
take_ends(void)
{
    static const int ends[] = {SIGXCPU, SIGABRT, SIGTRAP, SIGSEGV, SIGBUS};
    static unsigned char room[STACK_SIZE];
    const stack_t stack = {.ss_sp = room, .ss_size = sizeof room};
    struct sigaction end = {.sa_handler = on_end, .sa_flags = SA_ONSTACK};
    bool good = sigaltstack(&stack, NULL) == 0;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        good = sigaction(ends[i], &end, NULL) == 0 && good;
    }
    return good;
}

static bool
look(const struct cell_task *task, struct wire_reply *reply)
{
    const bool drawing = task->request->what == WIRE_DRAW;
    size_t size = task->request->size;
    void *bytes = size == 0 ? MAP_FAILED : mmap(NULL, size, PROT_READ, MAP_PRIVATE, task->file, 0);
    int number = sigsetjmp(given_up, 1);
    if (number != 0) {
        return document_reject(reply, number != SIGXCPU ? WIRE_NOT_UNDERSTOOD
                                      : drawing         ? WIRE_TOO_LARGE_PICTURE
                                                        : WIRE_TOO_DEEP);
    }
    if (bytes == MAP_FAILED) {
        return size == 0 && document_reject(reply, WIRE_DAMAGED);
    }
    struct span file = {.data = bytes, .size = size};
    return drawing ? document_draw(task, file, reply) : document_unpack(task, file, reply);
}

bool
document_look(const struct cell_task *task, struct wire_reply *reply)
{
    bool looked = media_type_named(task->request->type) == MEDIA_PDF && task->result >= 0 && take_ends() &&
                  look(task, reply);
    is_over = 1; /* nothing jumps into look any more: a signal ends the process */
    if (!looked) {
        return false;
    }
    /* What was written before it was refused is no result. */
    return reply->verdict != WIRE_REJECTED || ftruncate(task->result, 0) == 0;
}

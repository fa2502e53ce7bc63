/*
 * Asks a program that opens files about some of them, as the conductor does, one after the other.
 *
 * usage: scan_ask look|remake|unpack|PAGE MEDIA-TYPE RESULT FILE... -- PROGRAM [ARGUMENT]...
 *
 * PAGE is the number of one that is to be drawn. Prints a line for each reply: verdict, reason or -, end, width, height (of a drawn page: the
 * number of pages, and of milliseconds), then kind, width and height of each part; a
 * line `gone` when the program ends instead. The parts are written to RESULT-<file>-<part>, both counted from 0. Exits 0
 * when the program has ended with 0.
 */
#include "scan/cell.h"
#include "scan/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MILLISECONDS = 30000, RESULT_MAX = 100 * 1024 * 1024, PATH_SIZE = 4096 };

static _Noreturn void
give_up(const char *what)
{
    (void)fprintf(stderr, "scan_ask: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void
copy(int from, int to)
{
    static char some[1 << 16];
    for (ssize_t size = read(from, some, sizeof some); size > 0; size = read(from, some, sizeof some)) {
        if (write(to, some, (size_t)size) != size) {
            give_up("write");
        }
    }
}

/* The file as a sealed memfd. */
static int
sealed(const char *path, uint64_t *size)
{
    int from = open(path, O_RDONLY | O_CLOEXEC);
    int file = memfd_create("file", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (from < 0 || file < 0) {
        give_up(path);
    }
    copy(from, file);
    (void)close(from);
    *size = (uint64_t)lseek(file, 0, SEEK_END);
    if (!wire_seal(file)) {
        give_up("seal");
    }
    return file;
}

static pid_t
start(char **program, int *socket)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        give_up("socketpair");
    }
    pid_t pid = fork();
    if (pid == 0) {
        (void)dup2(ends[1], STDIN_FILENO);
        (void)execv(program[0], program);
        _exit(2);
    }
    (void)close(ends[1]);
    *socket = ends[0];
    return pid;
}

static void
write_part(const char *prefix, int file, unsigned number, const struct wire_part *part, int result)
{
    char path[PATH_SIZE];
    void *bytes = malloc(part->size);
    (void)snprintf(path, sizeof path, "%s-%d-%u", prefix, file, number);
    int to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (bytes == NULL || to < 0 ||
        pread(result, bytes, part->size, (off_t)part->offset) != (ssize_t)part->size ||
        write(to, bytes, part->size) != (ssize_t)part->size || close(to) != 0) {
        give_up(path);
    }
    free(bytes);
}

static void
show(const struct wire_reply *reply, const char *prefix, int file, int result)
{
    static const char *const verdicts[] = {"failed", "clean", "infected", "rejected"};
    static const char *const ends[] = {"none", "answered", "killed", "overtime", "no-answer"};
    static const char *const kinds[] = {"view", "thumbnail", "page", "inner"};
    const char *reason = wire_reason_name(reply->reason);
    bool drawn = reply->pages > 0;
    (void)printf("%s %s %s %u %u", verdicts[reply->verdict], reason == NULL ? "-" : reason, ends[reply->end],
                 drawn ? reply->pages : reply->width, drawn ? reply->milliseconds : reply->height);
    for (unsigned i = 0; i < reply->part_count; i++) {
        const struct wire_part *part = &reply->parts[i];
        (void)printf(" %s %u %u", kinds[part->kind], part->width, part->height);
        write_part(prefix, file, i, part, result);
    }
    (void)printf("\n");
}

/* False when the program is gone. */
static bool
ask(int socket, struct wire_request request, const char *path, const char *prefix, int number)
{
    struct wire_reply reply;
    int result = -1;
    int file = sealed(path, &request.size);
    request.id = (uint64_t)number;
    bool answered = wire_send_request(socket, &request, file) && wire_receive_reply(socket, &reply, &result);
    (void)close(file);
    if (answered) {
        show(&reply, prefix, number, result);
    } else {
        (void)printf("gone\n");
    }
    if (result >= 0) {
        (void)close(result);
    }
    return answered;
}

static enum wire_what
what_of(const char *word)
{
    return strcmp(word, "look") == 0     ? WIRE_LOOK
           : strcmp(word, "remake") == 0 ? WIRE_REMAKE
           : strcmp(word, "unpack") == 0 ? WIRE_UNPACK
                                         : WIRE_DRAW;
}

int
main(int count, char **arguments)
{
    int files = 4;
    while (files < count && strcmp(arguments[files], "--") != 0) {
        files++;
    }
    if (files + 1 >= count) {
        (void)fputs(
            "usage: scan_ask look|remake|unpack|PAGE MEDIA-TYPE RESULT FILE... -- PROGRAM [ARGUMENT]...\n",
            stderr);
        return 2;
    }
    struct wire_request request = {.what = what_of(arguments[1]), .milliseconds = MILLISECONDS};
    request.page = request.what == WIRE_DRAW ? (uint32_t)strtoul(arguments[1], NULL, 10) : 0;
    request.result_max = request.what == WIRE_LOOK ? 0 : RESULT_MAX;
    (void)snprintf(request.type, sizeof request.type, "%s", arguments[2]);
    struct wire_hello hello;
    int socket = -1;
    pid_t pid = start(arguments + files + 1, &socket);
    bool there = pid > 0 && wire_receive_hello(socket, &hello);
    for (int i = 4; there && i < files; i++) {
        there = ask(socket, request, arguments[i], arguments[3], i - 4);
    }
    (void)close(socket);
    int status = EXIT_FAILURE;
    return !there || waitpid(pid, &status, 0) != pid || status != 0;
}

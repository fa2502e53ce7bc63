#include "store/fetch.h"

#include "lib/base/log.h"
#include "lib/crypto/stream.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, ROOM = 64 };

static const char suffix[] = "-fetch"; /* of this program's name */

/* What the program may know of the environment. None of it opens a file. */
static const char *const kept[] = {"PATH=",
                                   "LANG=",
                                   "TZ=",
                                   "AWS_",
                                   "ANAMNESIS_STORE_",
                                   "ANAMNESIS_ADDRESS_SPACE_MB",
                                   "ANAMNESIS_LOG_LEVEL",
                                   "ASAN_OPTIONS=",
                                   "UBSAN_OPTIONS=",
                                   "LSAN_OPTIONS="};

static bool
is_kept(const char *variable)
{
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        if (strncmp(variable, kept[i], strlen(kept[i])) == 0) {
            return true;
        }
    }
    return false;
}

static char **
environment_of(char *room[ROOM])
{
    size_t count = 0;
    for (char **one = environ; *one != NULL && count + 1 < ROOM; one++) {
        if (is_kept(*one)) {
            room[count++] = *one;
        }
    }
    room[count] = NULL;
    return room;
}

/* Becomes the program that stands beside this one, with the socket as its standard input. */
static _Noreturn void
become(const char *program, pid_t parent, int socket)
{
    char *room[ROOM];
    char *arguments[] = {(char *)(uintptr_t)program, NULL};
    sigset_t none;
    (void)sigemptyset(&none);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && getppid() == parent &&
        sigprocmask(SIG_SETMASK, &none, NULL) == 0 && dup2(socket, STDIN_FILENO) >= 0 &&
        close_range(STDERR_FILENO + 1, ~0U, 0) == 0) {
        (void)execve(program, arguments, environment_of(room));
    }
    _exit(EXIT_FAILURE);
}

void
fetchers_none(struct fetchers *fetchers)
{
    *fetchers = (struct fetchers){.scratch = NULL};
    for (size_t i = 0; i < FETCHERS; i++) {
        fetchers->all[i].socket = -1;
    }
}

static bool
start_one(struct fetcher *fetcher, const char *program)
{
    int pair[2];
    pid_t parent = getpid();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return false;
    }
    pid_t child = fork();
    if (child == 0) {
        become(program, parent, pair[1]);
    }
    (void)close(pair[1]);
    if (child < 0) {
        (void)close(pair[0]);
        return false;
    }
    fetcher->socket = pair[0];
    return true;
}

/* What opens objects does not ask for them: the keys to S3 are the children's. */
static void
forget_keys(void)
{
    static const char *const names[] = {"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
                                        "AWS_CONTAINER_AUTHORIZATION_TOKEN"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *value = getenv(names[i]);
        if (value != NULL) {
            explicit_bzero(value, strlen(value));
            (void)unsetenv(names[i]);
        }
    }
}

bool
fetchers_start(struct fetchers *fetchers, char *error, size_t size)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    char program[PATH_SIZE];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - sizeof suffix);
    fetchers_none(fetchers);
    fetchers->scratch_size = STREAM_CHUNK;
    fetchers->scratch = malloc(fetchers->scratch_size);
    bool good =
        fetchers->scratch != NULL && sigaction(SIGCHLD, &ignore, NULL) == 0; /* nobody waits for them */
    if (good) {
        memcpy(program + length, suffix, sizeof suffix);
    }
    for (size_t i = 0; good && i < FETCHERS; i++) {
        good = start_one(&fetchers->all[i], program);
    }
    forget_keys();
    if (!good) {
        (void)snprintf(error, size, "the processes that ask S3 cannot be started: %s", strerror(errno));
    }
    return good;
}

bool
fetchers_ask(struct fetchers *fetchers, struct fetch *fetch)
{
    for (size_t i = 0; i < FETCHERS; i++) {
        struct fetcher *fetcher = &fetchers->all[i];
        if (fetcher->socket < 0 || fetcher->busy) {
            continue;
        }
        /* A request is smaller than what a socket holds, and this one holds nothing. */
        ssize_t sent =
            send(fetcher->socket, &fetch->request, sizeof fetch->request, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent != (ssize_t)sizeof fetch->request) {
            (void)close(fetcher->socket);
            fetcher->socket = -1;
            continue;
        }
        *fetcher = (struct fetcher){
            .socket = fetcher->socket, .busy = true, .fetch = fetch, .left = fetch->request.size};
        fetch->asked = true;
        return true;
    }
    return false;
}

/* The piece is over for whoever waits for it. */
static bool
finish(struct fetcher *fetcher, enum store_result result)
{
    bool wanted = fetcher->fetch != NULL;
    if (wanted) {
        fetcher->fetch->result = result;
        fetcher->fetch->over = true;
    }
    *fetcher = (struct fetcher){.socket = fetcher->socket};
    return wanted;
}

static bool
end(struct fetcher *fetcher)
{
    log_event(LOG_ERROR, "fetcher-ended", LOG_INT("busy", fetcher->busy));
    (void)close(fetcher->socket);
    fetcher->socket = -1;
    errno = EPIPE;
    return finish(fetcher, STORE_FAILED);
}

/* -1: nothing is there now. 0: it has ended. */
static ssize_t
receive(int socket, void *bytes, size_t size)
{
    ssize_t got = recv(socket, bytes, size, MSG_DONTWAIT);
    bool later = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
    return got >= 0 ? got : later ? -1 : 0;
}

/* The rest of an answer. True when all of it is there; `*got` as of receive(). */
static bool
take_answer(struct fetcher *fetcher, ssize_t *got)
{
    size_t room = sizeof fetcher->answer - fetcher->answer_size;
    *got = receive(fetcher->socket, (unsigned char *)&fetcher->answer + fetcher->answer_size, room);
    fetcher->answer_size += *got > 0 ? (size_t)*got : 0;
    fetcher->has_answer = fetcher->answer_size == sizeof fetcher->answer;
    return fetcher->has_answer;
}

bool
fetchers_step(struct fetchers *fetchers, size_t number)
{
    struct fetcher *fetcher = &fetchers->all[number];
    ssize_t got = 0;
    if (!fetcher->busy) { /* it has nothing to say */
        return end(fetcher);
    }
    if (!fetcher->has_answer) {
        if (!take_answer(fetcher, &got)) {
            return got == 0 && end(fetcher);
        }
        if (fetcher->answer.result != STORE_DONE) {
            return finish(fetcher, (enum store_result)fetcher->answer.result);
        }
    }
    while (fetcher->left > 0) {
        struct fetch *fetch = fetcher->fetch;
        unsigned char *into =
            fetch == NULL ? fetchers->scratch : fetch->bytes + (fetch->request.size - fetcher->left);
        size_t room = fetch != NULL || fetcher->left < fetchers->scratch_size ? (size_t)fetcher->left
                                                                              : fetchers->scratch_size;
        got = receive(fetcher->socket, into, room);
        if (got <= 0) {
            return got == 0 && end(fetcher);
        }
        fetcher->left -= (uint64_t)got;
    }
    return finish(fetcher, STORE_DONE);
}

void
fetchers_forget(struct fetchers *fetchers, const struct fetch *fetch)
{
    for (size_t i = 0; i < FETCHERS; i++) {
        if (fetchers->all[i].fetch == fetch) {
            fetchers->all[i].fetch = NULL;
        }
    }
}

bool
fetchers_are_whole(const struct fetchers *fetchers)
{
    for (size_t i = 0; i < FETCHERS; i++) {
        if (fetchers->all[i].socket < 0) {
            return false;
        }
    }
    return true;
}

#include "scan/crew.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "scan/apart.h"
#include "scan/signatures.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, TICK_NANOSECONDS = 20 * 1000 * 1000 };

static const char clamd[] = "anamnesis-scan-clamd";

/* Less than the 30 s that container runtimes wait before they kill. */
static const int64_t FINISH_PATIENCE = 20 * CLOCK_SECOND;
static const int64_t END_PATIENCE = 3 * CLOCK_SECOND;

/* What a program may know of the environment: none of these is secret. */
static const char *const kept[] = {"PATH",
                                   "LANG",
                                   "TZ",
                                   "ANAMNESIS_SIGNATURES",
                                   "ANAMNESIS_CLAMD",
                                   "ANAMNESIS_SCAN_DIRECTORY",
                                   "ANAMNESIS_LOG_LEVEL",
                                   "ASAN_OPTIONS",
                                   "UBSAN_OPTIONS",
                                   NULL};

static char **
environment_of(char *room[], size_t size)
{
    size_t count = 0;
    for (char **one = environ; *one != NULL; one++) {
        for (size_t i = 0; kept[i] != NULL; i++) {
            size_t length = strlen(kept[i]);
            if (strncmp(*one, kept[i], length) == 0 && (*one)[length] == '=' && count + 1 < size) {
                room[count++] = *one;
            }
        }
    }
    room[count] = NULL;
    return room;
}

/* Whether the programs are kept from what is not theirs is said once for each of them; a kernel that does not do it is no hindrance. */
static void
keep_apart(const struct config *config, const char *program, const char *name)
{
    static struct apart_places places;
    apart_places(&places, config, program);
    bool apart =
        apart_enter(&places, strcmp(name, clamd) == 0); /* which may listen on this machine's loopback */
    log_event(apart ? LOG_INFO : LOG_WARN, apart ? "scan-program-apart" : "scan-program-not-apart",
              LOG_TEXT("process", name), LOG_INT("hidden", apart ? (int64_t)places.count : 0),
              LOG_INT("errno", apart ? 0 : errno));
}

/* In a new child: no signal is blocked any more, and it ends when its supervisor does. */
static bool
begin_child(pid_t supervisor)
{
    sigset_t none;
    (void)sigemptyset(&none);
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == supervisor &&
           sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

/* Starts a program that stands beside this one, with a socket as its standard input. */
static bool
start_program(pid_t *pid, const struct config *config, const char *program, const char *name,
              const char *argument, int *end)
{
    int ends[2];
    char path[PATH_SIZE];
    char *room[16];
    const char *slash = strrchr(program, '/');
    int length =
        snprintf(path, sizeof path, "%.*s%s", slash == NULL ? 0 : (int)(slash - program + 1), program, name);
    if (length < 0 || (size_t)length >= sizeof path) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        return false;
    }
    pid_t supervisor = getpid();
    *pid = fork();
    if (*pid == 0) {
        char directory[PATH_SIZE];
        (void)snprintf(directory, sizeof directory, "%s", argument == NULL ? "" : argument);
        char *arguments[] = {path, argument == NULL ? NULL : directory, NULL};
        keep_apart(config, path, name);
        if (begin_child(supervisor) && dup2(ends[1], STDIN_FILENO) >= 0) {
            (void)execve(path, arguments, environment_of(room, sizeof room / sizeof room[0]));
        }
        _exit(EXIT_FAILURE);
    }
    (void)close(ends[1]);
    *end = ends[0];
    if (*pid < 0) {
        *pid = 0;
        (void)close(ends[0]);
        return false;
    }
    return true;
}

bool
crew_start(struct crew *crew, const struct config *config, const char *program)
{
    int engine = -1;
    int picture = -1;
    int document = -1;
    struct signatures signatures; /* as they are before the engine loads them */
    *crew = (struct crew){.end = WORK_FAILED};
    signatures_start(&signatures, config_text(config, CONFIG_SIGNATURES));
    pid_t supervisor = getpid();
    const char *scanner = config_text(config, CONFIG_SCANNER);
    bool is_clamd = strcmp(scanner, "clamd") == 0;
    bool good = (strcmp(scanner, "tag") == 0 ||
                 start_program(&crew->engine, config, program, is_clamd ? clamd : "anamnesis-scan-engine",
                               NULL, &engine)) &&
                start_program(&crew->picture, config, program, "anamnesis-scan-picture",
                              config_text(config, CONFIG_SCAN_DIRECTORY), &picture) &&
                start_program(&crew->document, config, program, "anamnesis-scan-document",
                              config_text(config, CONFIG_SCAN_DIRECTORY), &document);
    if (good) {
        crew->conductor = fork();
        if (crew->conductor == 0) {
            _exit(begin_child(supervisor) ? (int)work_run(config, engine, picture, document, &signatures)
                                          : (int)WORK_FAILED);
        }
        good = crew->conductor > 0;
        crew->conductor = good ? crew->conductor : 0;
    }
    int why = errno;
    if (engine >= 0) {
        (void)close(engine);
    }
    if (picture >= 0) {
        (void)close(picture);
    }
    if (document >= 0) {
        (void)close(document);
    }
    errno = why;
    return good;
}

static bool
reap(pid_t *pid, const char *name, int *status)
{
    if (*pid == 0 || waitpid(*pid, status, WNOHANG) != *pid) {
        return false;
    }
    log_event(LOG_INFO, "scan-process-ended", LOG_TEXT("process", name),
              LOG_INT("status", WIFEXITED(*status) ? WEXITSTATUS(*status) : -WTERMSIG(*status)));
    *pid = 0;
    return true;
}

/* What the conductor's exit status says. */
static enum work_end
end_of(int status)
{
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : (int)WORK_FAILED;
    return code == WORK_ANEW || code == WORK_MISCONFIGURED ? (enum work_end)code : WORK_FAILED;
}

bool
crew_ended(struct crew *crew)
{
    int status = 0;
    bool conductor = reap(&crew->conductor, "conductor", &status);
    if (conductor) {
        crew->end = end_of(status);
    }
    bool engine = reap(&crew->engine, "engine", &status);
    bool picture = reap(&crew->picture, "picture", &status);
    bool document = reap(&crew->document, "document", &status);
    return conductor || engine || picture || document;
}

void
crew_reload(const struct crew *crew)
{
    if (crew->conductor != 0) {
        (void)kill(crew->conductor, SIGHUP);
    }
}

/* Tells a process to end, and waits for it; then makes it end. Its status, 0 when it has ended before. */
static int
end_one(pid_t *pid, const char *name, int64_t patience)
{
    int status = 0;
    int64_t until = clock_monotonic() + patience;
    if (*pid != 0) {
        (void)kill(*pid, SIGTERM);
    }
    while (*pid != 0 && !reap(pid, name, &status)) {
        struct timespec tick = {.tv_nsec = TICK_NANOSECONDS};
        if (clock_monotonic() > until) {
            (void)kill(*pid, SIGKILL);
        }
        (void)nanosleep(&tick, NULL);
    }
    return status;
}

enum work_end
crew_end(struct crew *crew)
{
    if (crew->conductor != 0) { /* the others may have ended before it could be noticed that it did */
        crew->end = end_of(end_one(&crew->conductor, "conductor", FINISH_PATIENCE));
    }
    (void)end_one(&crew->engine, "engine", END_PATIENCE);
    (void)end_one(&crew->picture, "picture", END_PATIENCE);
    (void)end_one(&crew->document, "document", END_PATIENCE);
    return crew->end;
}

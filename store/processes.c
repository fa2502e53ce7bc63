#include "store/processes.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/signals.h"
#include "lib/base/watch.h"
#include "lib/crypto/keyring.h"
#include "store/leaving.h"
#include "store/listener.h"
#include "store/put.h"
#include "store/server.h"
#include "store/share.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ERROR_SIZE = 512, TICK_NANOSECONDS = 250 * 1000 * 1000 };

/* Less than the 30 s that container runtimes wait before they kill. */
#define STOP_PATIENCE (25 * CLOCK_SECOND)
/* One that ended sooner after its start than this is not started again for as long. */
#define QUICK_END CLOCK_SECOND

struct process {
    pid_t pid; /* 0: none */
    int64_t started;
    unsigned generation; /* of the keyring: raised when it was replaced */
};

struct processes {
    const struct config *config;
    int listener;
    sigset_t signals;
    struct process all[SHARE_PROCESSES]; /* they serve what comes */
    struct leaving leaving;
    struct share *share;
    unsigned generation;
    int64_t kill_at; /* 0: it goes on */
    bool ever_ready; /* one was, so the configuration can work */
    bool misconfigured;
};

static void
start(struct processes *processes, struct process *process)
{
    size_t number = (size_t)(process - processes->all);
    share_clear(processes->share, number);
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        /* It ends with us, also when our end came before it could say so. */
        bool linked = prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) == 0 && getppid() == parent;
        (void)log_start_configured("store", processes->config);
        exit(linked ? server_run(processes->config, processes->listener, processes->share, number)
                    : SERVER_FAILED);
    }
    *process = (struct process){
        .pid = pid < 0 ? 0 : pid, .started = clock_monotonic(), .generation = processes->generation};
    if (pid < 0) {
        log_event(LOG_ERROR, "process-not-started", LOG_INT("errno", errno));
    }
}

static size_t
count(const struct processes *processes)
{
    size_t living = leaving_count(&processes->leaving);
    for (size_t i = 0; i < SHARE_PROCESSES; i++) {
        living += processes->all[i].pid != 0 ? 1 : 0;
    }
    return living;
}

static void
tell(const struct processes *processes, int signal)
{
    for (size_t i = 0; i < SHARE_PROCESSES; i++) {
        if (processes->all[i].pid != 0) {
            (void)kill(processes->all[i].pid, signal);
        }
    }
    leaving_tell(&processes->leaving, signal);
}

static void
stop(struct processes *processes)
{
    if (processes->kill_at == 0) {
        log_event(LOG_INFO, "stopping", LOG_INT("processes", count(processes)));
        processes->kill_at = clock_monotonic() + STOP_PATIENCE;
        listener_close_door();
        tell(processes, SIGTERM);
    }
}

static void
ended(struct processes *processes, pid_t pid, int status)
{
    bool told = leaving_ended(&processes->leaving, pid) || processes->kill_at != 0;
    int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    log_event(told && number == 0 ? LOG_INFO : LOG_ERROR, told ? "process-left" : "process-died",
              LOG_INT("worker", pid), LOG_INT("signal", number),
              LOG_INT("status", WIFEXITED(status) ? WEXITSTATUS(status) : 0));
    if (WIFEXITED(status) && WEXITSTATUS(status) == SERVER_MISCONFIGURED && !processes->ever_ready) {
        processes->misconfigured = true;
    }
    for (size_t i = 0; i < SHARE_PROCESSES; i++) {
        if (processes->all[i].pid == pid) {
            processes->all[i].pid = 0;
            share_clear(processes->share, i);
        }
    }
}

static void
reap(struct processes *processes)
{
    int status;
    pid_t pid;
    do {
        pid = waitpid(-1, &status, WNOHANG);
        if (pid > 0) {
            ended(processes, pid, status);
        }
    } while (pid > 0);
}

/* It finishes what it has begun, and its place is the next one's at once: however long that takes, whoever comes meets new keys. */
static void
replace(struct processes *processes, struct process *process)
{
    if (leaving_add(&processes->leaving, process->pid, clock_monotonic())) {
        share_clear(processes->share, (size_t)(process - processes->all));
        start(processes, process);
    }
}

/* Starts what is missing, and replaces one of an older keyring when the other one serves. */
static void
fill(struct processes *processes)
{
    int64_t now = clock_monotonic();
    struct process *old = NULL;
    bool under_way = false;
    for (size_t i = 0; i < SHARE_PROCESSES; i++) {
        struct process *process = &processes->all[i];
        if (process->pid == 0 && (process->started == 0 || now - process->started >= QUICK_END)) {
            start(processes, process);
        }
        bool serves = process->pid != 0 && atomic_load(&processes->share->ready[i]);
        under_way = under_way || !serves;
        processes->ever_ready = processes->ever_ready || serves;
        old = process->pid != 0 && process->generation != processes->generation ? process : old;
    }
    if (old != NULL && !under_way) {
        replace(processes, old);
    }
}

static void
supervise(struct processes *processes, struct watch *keyring)
{
    while (processes->kill_at == 0 || count(processes) > 0) {
        struct timespec tick = {.tv_nsec = TICK_NANOSECONDS};
        int signal = sigtimedwait(&processes->signals, NULL, &tick);
        if (signal == SIGTERM || signal == SIGINT) {
            stop(processes);
        } else if (signal == SIGHUP || watch_changed(keyring)) {
            processes->generation++;
            log_event(LOG_INFO, "replacing-processes", LOG_INT("generation", processes->generation));
        }
        reap(processes);
        if (processes->misconfigured) {
            stop(processes);
        }
        if (processes->kill_at == 0) {
            fill(processes);
            leaving_check(&processes->leaving, clock_monotonic());
        } else if (clock_monotonic() >= processes->kill_at) {
            tell(processes, SIGKILL);
        }
    }
}

/* Files are in one place. Whether the bucket's name is one, those who ask for it say. */
static bool
is_fit_for_s3(const struct config *config, char *error, size_t size)
{
    const char *directory = config_text(config, CONFIG_STORE_DIR);
    bool both = directory != NULL && directory[0] != '\0';
    if (both) {
        (void)snprintf(error, size, "%s and %s are both set: files are in one place, keep one of them",
                       config_name(CONFIG_STORE_DIR), config_name(CONFIG_STORE_URL));
    }
    return !both;
}

/* That parts can be kept here at all is known before the first one comes. */
static bool
is_fit(const struct config *config, char *error, size_t size)
{
    if (server_is_remote(config)) {
        return is_fit_for_s3(config, error, size);
    }
    int incoming = server_open_directory(config, "incoming", error, size);
    int objects = server_open_directory(config, "sealed", error, size);
    bool fit = incoming >= 0 && objects >= 0 &&
               put_can(incoming, config_text(config, CONFIG_STORE_DIR), error, size);
    if (incoming >= 0) {
        (void)close(incoming);
    }
    if (objects >= 0) {
        (void)close(objects);
    }
    return fit;
}

int
processes_run(const struct config *config)
{
    static struct processes processes;
    char error[ERROR_SIZE] = "";
    struct watch keyring;
    processes.config = config;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !signals_block(&processes.signals)) {
        log_event(LOG_ERROR, "store-not-started", LOG_TEXT("why", strerror(errno)));
        return SERVER_FAILED;
    }
    processes.share = share_create();
    if (processes.share == NULL) {
        log_event(LOG_ERROR, "store-not-started", LOG_TEXT("why", strerror(errno)));
        return SERVER_FAILED;
    }
    if (!is_fit(config, error, sizeof error)) {
        log_event(LOG_ERROR, "store-not-started", LOG_TEXT("why", error));
        return SERVER_MISCONFIGURED;
    }
    processes.listener = listener_open(config_text(config, CONFIG_STORE_SOCKET_DIR), error, sizeof error);
    if (processes.listener < 0) {
        log_event(LOG_ERROR, "store-not-started", LOG_TEXT("why", error));
        return SERVER_FAILED;
    }
    log_event(LOG_INFO, "started", LOG_INT("process", getpid()));
    watch_start(&keyring, config_file(config, keyring_variable(config, KEYRING_STORE)));
    supervise(&processes, &keyring);
    int status = processes.misconfigured ? SERVER_MISCONFIGURED : SERVER_LEFT;
    log_event(LOG_INFO, "stopped", LOG_INT("status", status));
    return status;
}

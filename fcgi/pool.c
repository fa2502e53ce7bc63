#include "fcgi/pool.h"

#include "fcgi/worker.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NUMBER_SIZE = 24, BACK_OFF_SHIFT_MAX = 7 };

/* A worker that lived for less than this ended quickly. After the first two such ends in a row the lane
 * pauses, for BACK_OFF_FIRST and then twice as long each time, for BACK_OFF_MOST at most. */
static const int64_t QUICK_END = CLOCK_SECOND;
static const int64_t BACK_OFF_FIRST = CLOCK_SECOND / 10;
static const int64_t BACK_OFF_MOST = 10 * CLOCK_SECOND;
static const unsigned QUICK_ENDS_FREE = 2;

/* A worker that is not ready by then hangs, since starting up takes milliseconds. */
static const int64_t START_LIMIT = 30 * CLOCK_SECOND;

bool
pool_init(struct pool *pool, const char *program, struct lane lanes[LANE_COUNT])
{
    memset(pool, 0, sizeof *pool);
    pool->program = program;
    pool->lanes = lanes;
    for (size_t i = 0; i < LANE_COUNT; i++) {
        pool->size += 2 * lanes[i].workers;
    }
    pool->workers = calloc(pool->size, sizeof *pool->workers);
    pool->descriptor = slots_create(pool->size);
    if (pool->workers == NULL || pool->descriptor < 0) {
        return false;
    }
    pool->slots = slots_map(pool->descriptor, pool->size).slots;
    return pool->slots != NULL;
}

void
pool_free(struct pool *pool)
{
    free(pool->workers);
    pool->workers = NULL;
    if (pool->descriptor >= 0) {
        (void)close(pool->descriptor);
    }
}

static bool
is_ready(const struct pool *pool, const struct worker *worker)
{
    return atomic_load(&pool->slots[worker - pool->workers].ready);
}

/* Runs in the child: unblocks signals, puts the descriptors into their places, and starts the program anew. */
static _Noreturn void
become_worker(const struct pool *pool, const struct lane *lane, size_t number, int lines)
{
    char index[NUMBER_SIZE];
    char count[NUMBER_SIZE];
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)snprintf(index, sizeof index, "%zu", number);
    (void)snprintf(count, sizeof count, "%zu", pool->size);
    /* They are copied to numbers above the places first, since a source may stand in another one's place. */
    const int sources[] = {lane->doors[LANE_FRONT].socket, pool->descriptor, lines,
                           lane->doors[LANE_DEVICES].socket};
    static const int places[] = {WORKER_SOCKET, WORKER_SLOTS, WORKER_LINES, WORKER_DEVICES};
    size_t wanted = lane->for_devices ? 4 : 3;
    int copies[4] = {-1, -1, -1, -1};
    bool there = true;
    for (size_t i = 0; i < wanted; i++) {
        copies[i] = fcntl(sources[i], F_DUPFD_CLOEXEC, WORKER_LINES + 1);
    }
    for (size_t i = 0; i < wanted; i++) {
        there = there && copies[i] >= 0 && dup2(copies[i], places[i]) == places[i];
    }
    if (there) {
        /* A request allocates hundreds of blocks of a few sizes and frees them at its end; glibc would keep 7 of a size at hand. */
        (void)setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=100", 0);
        (void)execl(pool->program, "anamnesis-fcgi", "worker", lane->name, index, count, (char *)NULL);
    }
    log_event(LOG_ERROR, "worker-not-started", LOG_TEXT("lane", lane->name),
              LOG_TEXT("why", strerror(errno)));
    _exit(WORKER_FAILED);
}

static struct worker *
start(struct pool *pool, struct lane *lane)
{
    size_t number = 0;
    while (number < pool->size && pool->workers[number].pid != 0) {
        number++;
    }
    if (number == pool->size) {
        return NULL;
    }
    slot_clear(&pool->slots[number], (int)(lane - pool->lanes));
    int descriptor = -1;
    struct log_held *lines = lines_create(&descriptor);
    pid_t pid = lines == NULL ? -1 : fork();
    if (pid == 0) {
        become_worker(pool, lane, number, descriptor);
    }
    if (descriptor >= 0) {
        (void)close(descriptor);
    }
    if (pid < 0) {
        lines_end(lines);
        log_event(LOG_ERROR, "worker-not-started", LOG_TEXT("lane", lane->name),
                  LOG_TEXT("why", strerror(errno)));
        lane->not_before = clock_monotonic() + CLOCK_SECOND;
        return NULL;
    }
    struct worker *worker = &pool->workers[number];
    *worker = (struct worker){.pid = pid,
                              .lane = lane,
                              .generation = pool->generation,
                              .started = clock_monotonic(),
                              .lines = lines};
    log_event(LOG_INFO, "worker-started", LOG_TEXT("lane", lane->name), LOG_INT("worker", pid));
    return worker;
}

/*
 * Pauses the lane, longer each time, when its workers keep ending soon after their start without being told
 * to.
 */
static void
back_off(struct pool *pool, const struct worker *worker)
{
    struct lane *lane = worker->lane;
    int64_t now = clock_monotonic();
    if (worker->leave_by != 0 || (is_ready(pool, worker) && now - worker->started >= QUICK_END)) {
        lane->quick_ends = 0;
        return;
    }
    lane->quick_ends++;
    if (lane->quick_ends <= QUICK_ENDS_FREE) {
        return;
    }
    unsigned shift = lane->quick_ends - QUICK_ENDS_FREE - 1;
    int64_t pause = BACK_OFF_FIRST << (shift < BACK_OFF_SHIFT_MAX ? shift : BACK_OFF_SHIFT_MAX);
    pause = pause < BACK_OFF_MOST ? pause : BACK_OFF_MOST;
    lane->not_before = now + pause;
    log_event(LOG_WARN, "lane-paused", LOG_TEXT("lane", lane->name), LOG_INT("milliseconds", pause / 1000));
}

/* Ends a replacement of workers because the first new one cannot start: the old ones stay, until somebody has
 * mended the cause and sends SIGHUP again. */
static void
keep_the_old(struct pool *pool, const struct worker *failed)
{
    size_t kept = 0;
    for (size_t i = 0; i < pool->size; i++) {
        struct worker *old = &pool->workers[i];
        if (old->pid != 0 && old->lane == failed->lane && old->generation < failed->generation) {
            old->generation = failed->generation;
            kept++;
        }
    }
    if (kept > 0) {
        log_event(LOG_ERROR, "replacement-failed", LOG_TEXT("lane", failed->lane->name),
                  LOG_INT("kept", kept));
    }
}

static void
ended(struct pool *pool, struct worker *worker, int status)
{
    struct slot *slot = &pool->slots[worker - pool->workers];
    bool left = WIFEXITED(status) && WEXITSTATUS(status) == WORKER_LEFT;
    lines_end(worker->lines);
    worker->lines = NULL;
    log_event(left ? LOG_INFO : LOG_ERROR, left ? "worker-left" : "worker-died",
              LOG_TEXT("lane", worker->lane->name), LOG_INT("worker", worker->pid),
              LOG_INT("status", WIFEXITED(status) ? WEXITSTATUS(status) : 0),
              LOG_INT("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0),
              LOG_INT("served", atomic_load(&slot->served)),
              LOG_INT("serving", atomic_load(&slot->busy_since) != 0));
    if (!pool->ever_ready && WIFEXITED(status) && WEXITSTATUS(status) == WORKER_MISCONFIGURED) {
        pool->misconfigured = true;
    }
    if (!left && !is_ready(pool, worker) && worker->leave_by == 0) {
        keep_the_old(pool, worker);
    }
    back_off(pool, worker);
    worker->pid = 0;
    slot_clear(slot, (int)(worker->lane - pool->lanes)); /* it counts no more for its practice's share */
}

void
pool_reap(struct pool *pool)
{
    int status = 0;
    pid_t pid = waitpid(-1, &status, WNOHANG);
    while (pid > 0) {
        for (size_t i = 0; i < pool->size; i++) {
            if (pool->workers[i].pid == pid) {
                ended(pool, &pool->workers[i], status);
            }
        }
        pid = waitpid(-1, &status, WNOHANG);
    }
}

/* Counts the workers of the lane that were not told to leave. */
static size_t
staying(const struct pool *pool, const struct lane *lane)
{
    size_t count = 0;
    for (size_t i = 0; i < pool->size; i++) {
        const struct worker *worker = &pool->workers[i];
        count += worker->pid != 0 && worker->lane == lane && worker->leave_by == 0;
    }
    return count;
}

void
pool_fill(struct pool *pool)
{
    for (size_t i = 0; i < LANE_COUNT; i++) {
        struct lane *lane = &pool->lanes[i];
        size_t there = staying(pool, lane);
        while (there < lane->workers && clock_monotonic() >= lane->not_before && start(pool, lane) != NULL) {
            there++;
        }
    }
}

static void
tell_to_leave(struct pool *pool, struct worker *worker, enum leave how, int64_t patience)
{
    struct slot *slot = &pool->slots[worker - pool->workers];
    worker->leave_by = clock_monotonic() + patience;
    /* No number of requests: so the next look does not take the worker for idle and remind it. A busy one
     * reads the slot by itself after its request. */
    worker->seen = UINT64_MAX;
    atomic_store(&slot->leave, how);
}

void
pool_roll(struct pool *pool)
{
    struct worker *old = NULL;
    for (size_t i = 0; i < pool->size; i++) {
        struct worker *worker = &pool->workers[i];
        if (worker->pid == 0) {
            continue;
        }
        if (worker->leave_by != 0 || !is_ready(pool, worker)) {
            return; /* one worker is replaced at a time */
        }
        if (worker->generation != pool->generation) {
            old = worker;
        }
    }
    if (old == NULL) {
        return;
    }
    if (staying(pool, old->lane) > old->lane->workers) {
        tell_to_leave(pool, old, LEAVE_NOW, old->lane->request_limit);
    } else if (clock_monotonic() >= old->lane->not_before) {
        (void)start(pool, old->lane);
    }
}

static void
end_by_force(struct worker *worker, const char *why)
{
    if (!worker->killed) {
        log_event(LOG_ERROR, "worker-ended", LOG_TEXT("lane", worker->lane->name),
                  LOG_INT("worker", worker->pid), LOG_TEXT("why", why));
        worker->killed = true;
    }
    (void)kill(worker->pid, SIGKILL);
}

void
pool_watch(struct pool *pool)
{
    int64_t now = clock_monotonic();
    for (size_t i = 0; i < pool->size; i++) {
        struct worker *worker = &pool->workers[i];
        struct slot *slot = &pool->slots[i];
        if (worker->pid == 0) {
            continue;
        }
        int64_t since = atomic_load(&slot->busy_since);
        uint64_t served = atomic_load(&slot->served);
        if (since != 0 && now - since > worker->lane->request_limit) {
            end_by_force(worker, "request over the time limit");
        } else if (worker->leave_by != 0 && now > worker->leave_by) {
            end_by_force(worker, "did not leave in time");
        } else if (!is_ready(pool, worker) && now - worker->started > START_LIMIT) {
            end_by_force(worker, "not ready in time");
        } else if (worker->leave_by != 0 && since == 0 && served == worker->seen && is_ready(pool, worker)) {
            /*
             * It has been idle since the last look, so it waits in accept(). The signal is sent at each look
             * until the worker has left, because one that comes just before accept() does not interrupt it.
             */
            (void)kill(worker->pid, SIGTERM);
        } else if (since == 0 && served == worker->seen && atomic_load(&worker->lines->size) != 0) {
            (void)kill(worker->pid, WORKER_WRITE_LINES);
        }
        worker->seen = served;
        pool->ever_ready = pool->ever_ready || is_ready(pool, worker);
    }
}

void
pool_empty(struct pool *pool, int64_t patience)
{
    for (size_t i = 0; i < pool->size; i++) {
        if (pool->workers[i].pid != 0) {
            tell_to_leave(pool, &pool->workers[i], LEAVE_WHEN_EMPTY, patience);
        }
    }
}

size_t
pool_count(const struct pool *pool)
{
    size_t count = 0;
    for (size_t i = 0; i < pool->size; i++) {
        count += pool->workers[i].pid != 0;
    }
    return count;
}

bool
pool_is_busy(const struct pool *pool)
{
    for (size_t i = 0; i < LANE_COUNT; i++) {
        if (staying(pool, &pool->lanes[i]) != pool->lanes[i].workers) {
            return true;
        }
    }
    for (size_t i = 0; i < pool->size; i++) {
        const struct worker *worker = &pool->workers[i];
        if (worker->pid != 0 &&
            (worker->leave_by != 0 || worker->generation != pool->generation || !is_ready(pool, worker))) {
            return true;
        }
    }
    return false;
}

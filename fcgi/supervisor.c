#include "fcgi/supervisor.h"

#include "fcgi/lane.h"
#include "fcgi/pool.h"
#include "fcgi/worker.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/signals.h"
#include "lib/base/watch.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum {
    ERROR_SIZE = 512,
    /* How often the watchdog looks; and how often while something is under way. */
    TICK_NANOSECONDS = 250 * 1000 * 1000,
    QUICK_TICK_NANOSECONDS = 10 * 1000 * 1000
};

/* Less than the 30 s that container runtimes wait before they kill. */
static const int64_t STOP_PATIENCE = 25 * CLOCK_SECOND;

static bool
open_lanes(struct lane lanes[LANE_COUNT], const struct config *config)
{
    char error[ERROR_SIZE];
    lanes_init(lanes, config);
    for (size_t i = 0; i < LANE_COUNT; i++) {
        if (!lane_listen(&lanes[i], config_text(config, CONFIG_SOCKET_DIR), error, sizeof error)) {
            log_event(LOG_ERROR, "lane-not-open", LOG_TEXT("lane", lanes[i].name), LOG_TEXT("why", error));
            return false;
        }
    }
    return true;
}

static void
close_lanes(struct lane lanes[LANE_COUNT])
{
    for (size_t i = 0; i < LANE_COUNT; i++) {
        lane_close_door(&lanes[i]);
        lane_close(&lanes[i]);
    }
}

static void
stop(struct pool *pool)
{
    log_event(LOG_INFO, "stopping", LOG_INT("workers", pool_count(pool)));
    for (size_t i = 0; i < LANE_COUNT; i++) {
        lane_close_door(&pool->lanes[i]);
    }
    pool_empty(pool, STOP_PATIENCE);
}

static void
replace_workers(struct pool *pool, const char *why)
{
    pool->generation++;
    log_event(LOG_INFO, "replacing-workers", LOG_INT("generation", (int64_t)pool->generation),
              LOG_TEXT("why", why));
}

static int
supervise(struct pool *pool, const sigset_t *signals, struct watch *keyring)
{
    bool stopping = false;
    while (!stopping || pool_count(pool) > 0) {
        struct timespec tick = {.tv_nsec = stopping || pool_is_busy(pool) ? QUICK_TICK_NANOSECONDS
                                                                          : TICK_NANOSECONDS};
        int signal = sigtimedwait(signals, NULL, &tick);
        if ((signal == SIGTERM || signal == SIGINT) && !stopping) {
            stopping = true;
            stop(pool);
        } else if (signal == SIGHUP && !stopping) {
            replace_workers(pool, "told by SIGHUP");
        } else if (!stopping && watch_changed(keyring)) {
            replace_workers(pool, "the keyring was replaced");
        }
        pool_reap(pool);
        pool_watch(pool);
        if (pool->misconfigured && !stopping) {
            /* No worker was ever ready, and each further one would end in the same way. */
            stopping = true;
            stop(pool);
        }
        if (!stopping) {
            pool_fill(pool);
            pool_roll(pool);
        }
    }
    return pool->misconfigured ? WORKER_MISCONFIGURED : WORKER_LEFT;
}

int
supervisor_run(const struct config *config, const char *program)
{
    struct lane lanes[LANE_COUNT];
    struct pool pool;
    struct watch keyring;
    sigset_t signals;
    int status = WORKER_FAILED;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !signals_block(&signals)) {
        log_event(LOG_ERROR, "not-started", LOG_TEXT("why", strerror(errno)));
        return status;
    }
    if (!open_lanes(lanes, config)) {
        close_lanes(lanes);
        return status;
    }
    if (pool_init(&pool, program, lanes)) {
        log_event(LOG_INFO, "started", LOG_INT("process", getpid()));
        watch_start(&keyring, config_file(config, CONFIG_KEYRING));
        pool_fill(&pool);
        status = supervise(&pool, &signals, &keyring);
        log_event(LOG_INFO, "stopped", LOG_INT("status", status));
    } else {
        log_event(LOG_ERROR, "not-started", LOG_TEXT("why", strerror(errno)));
    }
    pool_free(&pool);
    close_lanes(lanes);
    return status;
}

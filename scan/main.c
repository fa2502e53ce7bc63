/*
 * anamnesis-scan: looks at what patients have uploaded. One supervisor, without keys and without a connection, starts
 * four processes and watches them: the engine (libclamav), the picture program, the document program, and the conductor (conductor.h), which
 * is this program again, forked, with the keyring's `files` key and the database. The other three are programs of their
 * own that get a clean environment, so that nothing in them knows a key.
 *
 * When one of the four ends, and when the conductor finds other signatures in ANAMNESIS_SIGNATURES than those that are at
 * work, all of them end and begin anew. Nothing is lost by that: what was in hand is claimed again when its lease ends, and
 * what waits, waits in the database. SIGTERM ends it after the file in hand, SIGHUP reads the keyring again.
 */
#include "lib/base/clock.h"
#include "lib/base/config.h"
#include "lib/base/log.h"
#include "lib/base/process.h"
#include "lib/base/signals.h"
#include "scan/crew.h"
#include "scan/work.h"

#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

enum { NEW_FILES_MASK = 0027, FIRST_PAUSE = 1, LONGEST_PAUSE = 60 };

/* Nobody looks into it, it gains no privileges, and an end of a socket that is gone is an error. */
static bool
confine(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    return process_hide() && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           sigaction(SIGPIPE, &ignore, NULL) == 0;
}

/* Waits for a signal, at most so long. True when it was told to stop. */
static bool
wait_signal(const sigset_t *signals, struct crew *crew, int64_t seconds)
{
    struct timespec tick = {.tv_sec = seconds};
    int signal = sigtimedwait(signals, NULL, &tick);
    if (signal == SIGHUP) {
        crew_reload(crew);
    }
    return signal == SIGTERM || signal == SIGINT;
}

/* Waits so long, whatever signals come meanwhile. True when it was told to stop. */
static bool
wait_out(const sigset_t *signals, struct crew *crew, int64_t seconds)
{
    int64_t until = clock_monotonic() + seconds * CLOCK_SECOND;
    bool stop = false;
    while (!stop && clock_monotonic() < until) {
        stop = wait_signal(signals, crew, 1);
    }
    return stop;
}

/* Runs crew after crew until it is told to stop, or one says that starting again does not help. */
static int
supervise(const struct config *config, const char *program, const sigset_t *signals)
{
    int64_t pause = FIRST_PAUSE;
    bool served = false; /* some crew has worked: what hinders the next one passes */
    for (;;) {
        struct crew crew;
        bool stop = false;
        int64_t began = clock_monotonic();
        if (crew_start(&crew, config, program)) {
            while (!stop && !crew_ended(&crew)) {
                stop = wait_signal(signals, &crew, 1);
            }
        } else {
            log_event(LOG_ERROR, "scan-not-started", LOG_INT("errno", errno));
        }
        enum work_end end = crew_end(&crew);
        if (stop || (end == WORK_MISCONFIGURED && !served)) {
            return stop ? EXIT_SUCCESS : (int)WORK_MISCONFIGURED;
        }
        served = served || end == WORK_ANEW || clock_monotonic() - began > LONGEST_PAUSE * CLOCK_SECOND;
        if (end == WORK_ANEW) {
            pause = FIRST_PAUSE;
            continue;
        }
        pause = clock_monotonic() - began > LONGEST_PAUSE * CLOCK_SECOND ? FIRST_PAUSE : 2 * pause;
        pause = pause < LONGEST_PAUSE ? pause : LONGEST_PAUSE;
        log_event(LOG_ERROR, "scan-begins-anew", LOG_INT("seconds", pause));
        if (wait_out(signals, &crew, pause)) {
            return EXIT_SUCCESS;
        }
    }
}

int
main(int count, char **arguments)
{
    if (count != 1) {
        (void)fprintf(stderr, "usage: anamnesis-scan\n\nLooks at uploaded files: what they are, and whether "
                              "they harm; makes what others may "
                              "see\nof them. Configured by ANAMNESIS_* variables: see `anamnesis config`. "
                              "SIGTERM ends it after the\nfile "
                              "in hand, SIGHUP reads the keyring again.\n");
        return count == 2 && strcmp(arguments[1], "--help") == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    sigset_t signals;
    (void)umask(NEW_FILES_MASK);
    if (sodium_init() < 0 || !confine() || !signals_block(&signals)) {
        (void)fprintf(stderr, "cannot start: %s\n", strerror(errno));
        return EXIT_FAILURE;
    }
    struct config config;
    int status = (int)WORK_MISCONFIGURED;
    (void)config_name_unknown(stderr);
    if (config_load(&config, stderr) && log_start_configured("scan", &config)) {
        log_event(LOG_INFO, "scan-started", LOG_TEXT("signatures", config_text(&config, CONFIG_SIGNATURES)));
        status = supervise(&config, arguments[0], &signals);
        log_event(LOG_INFO, "scan-ended", LOG_INT("status", status));
    }
    config_free(&config);
    return status;
}

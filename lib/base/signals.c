#include "lib/base/signals.h"

#include "lib/base/clock.h"

#include <time.h>

volatile sig_atomic_t signals_stop;
volatile sig_atomic_t signals_reload;

static void
on_stop(int number)
{
    (void)number;
    signals_stop = 1;
}

static void
on_reload(int number)
{
    (void)number;
    signals_reload = 1;
}

bool
signals_block(sigset_t *signals)
{
    static const int taken[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
    (void)sigemptyset(signals);
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        (void)sigaddset(signals, taken[i]);
    }
    return sigprocmask(SIG_BLOCK, signals, NULL) == 0;
}

bool
signals_take(void)
{
    struct sigaction stop = {.sa_handler = on_stop};
    struct sigaction reload = {.sa_handler = on_reload};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    return sigaction(SIGTERM, &stop, NULL) == 0 && sigaction(SIGINT, &stop, NULL) == 0 &&
           sigaction(SIGHUP, &reload, NULL) == 0 && sigaction(SIGPIPE, &ignore, NULL) == 0;
}

void
signals_sleep(int64_t microseconds)
{
    while (microseconds > 0 && signals_stop == 0 && signals_reload == 0) {
        int64_t now = microseconds < CLOCK_SECOND ? microseconds : CLOCK_SECOND;
        struct timespec pause = {.tv_sec = now / CLOCK_SECOND, .tv_nsec = now % CLOCK_SECOND * 1000};
        (void)nanosleep(&pause, NULL);
        microseconds -= now;
    }
}

#include "scan/ask.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum {
    SPARE_MILLISECONDS =
        10 * 1000, /* the program ends what takes too long by itself, and needs a moment for it */
    MICROSECONDS = 1000
};

/* Waits until something can be read. `whole`: signals do not end it. */
static bool
wait_readable(int socket, int64_t milliseconds, bool whole)
{
    struct pollfd wait = {.fd = socket, .events = POLLIN};
    int64_t until = clock_monotonic() + milliseconds * MICROSECONDS;
    for (;;) {
        int64_t left = (until - clock_monotonic()) / MICROSECONDS;
        int ready = poll(&wait, 1, left > 0 ? (int)left : 0);
        if (ready > 0) {
            return true;
        }
        if (ready == 0) {
            errno = ETIMEDOUT;
            return false;
        }
        if (errno != EINTR || !whole) {
            return false;
        }
    }
}

bool
scan_ask_hello(int socket, int seconds, struct wire_hello *hello)
{
    return wait_readable(socket, (int64_t)seconds * 1000, false) && wire_receive_hello(socket, hello);
}

bool
scan_ask(int socket, struct wire_request *request, int file, struct wire_reply *reply, int *result)
{
    *result = -1;
    if (!wire_send_request(socket, request, file) ||
        !wait_readable(socket, (int64_t)request->milliseconds + SPARE_MILLISECONDS, true) ||
        !wire_receive_reply(socket, reply, result)) {
        return false;
    }
    if (reply->id == request->id) {
        return true;
    }
    if (*result >= 0) {
        (void)close(*result);
        *result = -1;
    }
    errno = EBADMSG;
    return false;
}

enum step
scan_step(const char *upload_id, int socket, struct wire_request *request, int file, struct wire_reply *reply,
          int *result)
{
    if (!scan_ask(socket, request, file, reply, result)) {
        log_event(LOG_ERROR, "scan-program-broken", LOG_INT("what", request->what), LOG_INT("errno", errno));
        return STEP_BROKEN;
    }
    switch ((enum wire_verdict)reply->verdict) {
    case WIRE_CLEAN:
        return STEP_FINE;
    case WIRE_INFECTED:
        return STEP_INFECTED;
    case WIRE_REJECTED:
        return STEP_REFUSED;
    case WIRE_FAILED:
    case WIRE_VERDICTS:
        break;
    }
    log_event(LOG_WARN, "upload-not-scanned", LOG_TEXT("upload", upload_id), LOG_INT("what", request->what),
              LOG_INT("end", reply->end), LOG_INT("milliseconds", reply->milliseconds));
    return STEP_AGAIN;
}

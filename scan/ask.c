#include "scan/ask.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/span.h"
#include "lib/base/write_all.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    SPARE_MILLISECONDS =
        10 * 1000, /* the program ends what takes too long by itself, and needs a moment for it */
    MICROSECONDS = 1000,
    PROBE_MILLISECONDS = 30 * 1000,
    PROBE_RESULT_MAX = 1024 * 1024
};

/* Requests of probes have numbers of their own. */
#define PROBE_IDS (UINT64_C(1) << 63)

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

/* One white pixel as a PNG: IHDR (1 x 1, 8 bits, grey), IDAT, IEND. */
static const unsigned char dot[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00,
    0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x3a, 0x7e, 0x9b, 0x55, 0x00,
    0x00, 0x00, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0xf8, 0x0f, 0x00, 0x01, 0x01, 0x01, 0x00,
    0xb1, 0x38, 0xf6, 0x14, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

/* An empty page. */
static const char paper[] = "%PDF-1.4\n"
                            "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
                            "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
                            "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
                            "xref\n"
                            "0 4\n"
                            "0000000000 65535 f \n"
                            "0000000009 00000 n \n"
                            "0000000052 00000 n \n"
                            "0000000101 00000 n \n"
                            "trailer<</Size 4/Root 1 0 R>>\n"
                            "startxref\n"
                            "160\n"
                            "%%EOF\n";

/* What each program is tried with. */
static const struct {
    struct span file;
    const char *type;
    uint32_t page;
    bool has_result;
} probes[WIRE_WHATS] = {
    [WIRE_LOOK] = {{dot, sizeof dot}, "image/png", 0, false},
    [WIRE_REMAKE] = {{dot, sizeof dot}, "image/png", 0, true},
    [WIRE_UNPACK] = {{(const unsigned char *)paper, sizeof paper - 1}, "application/pdf", 0, false},
    [WIRE_DRAW] = {{(const unsigned char *)paper, sizeof paper - 1}, "application/pdf", 1, true},
};

/* A file of ours, sealed; -1: no file can be looked at. */
static int
probe_file(struct span bytes)
{
    int file = memfd_create("probe", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file >= 0 &&
        !(write_all(file, bytes.data, bytes.size) && wire_seal(file) && lseek(file, 0, SEEK_SET) == 0)) {
        (void)close(file);
        return -1;
    }
    return file;
}

enum probe
scan_probe(int socket, enum wire_what what, uint64_t id)
{
    struct wire_reply reply;
    struct wire_request request = {.what = (uint32_t)what,
                                   .id = id,
                                   .size = probes[what].file.size,
                                   .result_max = what == WIRE_LOOK ? 0 : PROBE_RESULT_MAX,
                                   .milliseconds = PROBE_MILLISECONDS,
                                   .page = probes[what].page};
    (void)snprintf(request.type, sizeof request.type, "%s", probes[what].type);
    int result = -1;
    int file = probe_file(probes[what].file);
    if (file < 0) {
        return PROBE_UNFIT;
    }
    bool answered = scan_ask(socket, &request, file, &reply, &result);
    (void)close(file);
    if (result >= 0) {
        (void)close(result);
    }
    if (!answered || (result >= 0) != (probes[what].has_result && reply.verdict == WIRE_CLEAN)) {
        return PROBE_BROKEN;
    }
    return reply.verdict == WIRE_CLEAN ? PROBE_FIT : PROBE_UNFIT;
}

/*
 * A program has not come to an end with a file. Where it started no process at all, or does not come to an end with a file of
 * ours either, that is not the file's doing.
 */
static enum step
not_scanned(const char *upload_id, int socket, const struct wire_request *request,
            const struct wire_reply *reply)
{
    enum probe probe = reply->end == WIRE_END_NONE
                           ? PROBE_UNFIT
                           : scan_probe(socket, (enum wire_what)request->what, request->id + PROBE_IDS);
    log_event(probe == PROBE_FIT ? LOG_WARN : LOG_ERROR, "upload-not-scanned", LOG_TEXT("upload", upload_id),
              LOG_INT("what", request->what), LOG_INT("end", reply->end),
              LOG_INT("milliseconds", reply->milliseconds),
              LOG_TEXT("hindered", probe == PROBE_FIT ? "by the file" : "by us"));
    return probe == PROBE_FIT ? STEP_AGAIN : probe == PROBE_UNFIT ? STEP_OURS : STEP_BROKEN;
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
    return not_scanned(upload_id, socket, request, reply);
}

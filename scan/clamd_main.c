/*
 * anamnesis-scan-clamd: finds out whether a file is infected by asking clamd, in place of anamnesis-scan-engine and in its way
 * (scan/wire.h): for where the machine has a clamd already. It has no key, no database and no file but the one that it passes on.
 *
 * It starts only when clamd tells its signatures and proves that it finds what it must and lets nothing pass (clamd.h), and asks for that
 * proof again whenever the last one is a minute old. When clamd has other signatures it ends, and all of the scanner begin anew.
 */
#include "lib/base/clock.h"
#include "lib/base/config.h"
#include "lib/base/log.h"
#include "lib/base/sandbox.h"
#include "lib/media/type.h"
#include "scan/clamd.h"
#include "scan/serve.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { STATUS_MISCONFIGURED = 78 /* EX_CONFIG of sysexits.h: starting again does not help */ };

#define TRUST_FOR (60 * CLOCK_SECOND)

struct daemon {
    const char *address;
    char version[CLAMD_SAID_MAX];
    int64_t trusted_at; /* clock_monotonic() */
    bool changed;       /* it has other signatures */
};

/* Whether what clamd says counts now. */
static bool
is_trusted(struct daemon *daemon)
{
    char version[CLAMD_SAID_MAX];
    int64_t made = 0;
    const char *why = NULL;
    if (clock_monotonic() - daemon->trusted_at < TRUST_FOR) {
        return true;
    }
    if (!clamd_version(daemon->address, version, &made)) {
        return false;
    }
    daemon->changed = strcmp(version, daemon->version) != 0;
    int64_t now = clock_monotonic();
    if (daemon->changed || !clamd_is_trusted(daemon->address, &why)) {
        log_event(LOG_ERROR, daemon->changed ? "signatures-changed" : "clamd-not-trusted",
                  LOG_TEXT("why", daemon->changed ? version
                                  : why != NULL   ? why
                                                  : "it does not answer"));
        return false;
    }
    daemon->trusted_at = now;
    return true;
}

/*
 * Of what is within another file clamd tells less than libclamav tells its caller: not what it cut at a limit, nor what it could not
 * open. Types that hold other files are therefore never clean by it alone.
 */
static bool
holds_files(const char *type)
{
    enum media_type named = media_type_named(type);
    return named == MEDIA_DOCX || named == MEDIA_PDF;
}

/* Whether what was just said was said with the signatures that it began with. */
static bool
is_unchanged(struct daemon *daemon)
{
    char version[CLAMD_SAID_MAX];
    int64_t made = 0;
    if (!clamd_version(daemon->address, version, &made)) {
        return false;
    }
    daemon->changed = strcmp(version, daemon->version) != 0;
    return !daemon->changed;
}

/* What clamd says in what is left of the time, of which its proof may have taken some. */
static void
ask_daemon(struct daemon *daemon, const struct wire_request *request, const void *bytes, int64_t began,
           struct wire_reply *reply)
{
    int64_t spent = (clock_monotonic() - began) * 1000 / CLOCK_SECOND + CLAMD_PATIENCE;
    if (spent >= (int64_t)request->milliseconds) {
        return;
    }
    clamd_look(daemon->address, (struct span){bytes, (size_t)request->size},
               request->milliseconds - (uint32_t)spent, reply);
    if (reply->end != WIRE_END_NONE && !is_unchanged(daemon)) {
        *reply = (struct wire_reply){.reason = WIRE_NOT_SCANNED, .end = WIRE_END_NONE};
    } else if (reply->verdict == WIRE_CLEAN && holds_files(request->type)) {
        *reply = (struct wire_reply){
            .verdict = WIRE_REJECTED, .reason = WIRE_NOT_UNDERSTOOD, .end = WIRE_END_ANSWERED};
    }
}

static void
look(struct daemon *daemon, const struct wire_request *request, int file, struct wire_reply *reply)
{
    *reply = (struct wire_reply){.reason = WIRE_NOT_SCANNED, .end = WIRE_END_NONE};
    void *bytes =
        request->size == 0 ? NULL : mmap(NULL, (size_t)request->size, PROT_READ, MAP_SHARED, file, 0);
    int64_t began = clock_monotonic();
    if (bytes != MAP_FAILED && request->what == WIRE_LOOK && is_trusted(daemon)) {
        ask_daemon(daemon, request, bytes, began, reply);
    }
    if (bytes != NULL && bytes != MAP_FAILED) {
        (void)munmap(bytes, (size_t)request->size);
    }
    if (reply->end == WIRE_END_NONE) {
        daemon->trusted_at = clock_monotonic() - TRUST_FOR; /* who answers next may be another one */
    }
}

/* Until the conductor is gone, or clamd has other signatures. */
static int
answer_all(struct daemon *daemon)
{
    while (!daemon->changed) {
        struct wire_request request;
        struct wire_reply reply;
        int file = -1;
        if (!wire_receive_request(SERVE_SOCKET, &request, &file)) {
            return errno == EPIPE || errno == ECONNRESET ? EXIT_SUCCESS : EXIT_FAILURE;
        }
        int64_t began = clock_monotonic();
        look(daemon, &request, file, &reply);
        (void)close(file);
        reply.id = request.id;
        reply.milliseconds = (uint32_t)((clock_monotonic() - began) * 1000 / CLOCK_SECOND);
        if (!wire_send_reply(SERVE_SOCKET, &reply, -1)) {
            return errno == EPIPE ? EXIT_SUCCESS : EXIT_FAILURE;
        }
    }
    return EXIT_SUCCESS;
}

static int
refused(const char *event, const char *why, int status)
{
    log_event(LOG_ERROR, event, LOG_TEXT("why", why));
    return status;
}

static int
serve_for(const char *address)
{
    struct wire_hello hello = {.held = 0};
    struct daemon daemon = {.address = address};
    const char *why = NULL;
    if (!clamd_is_address(address)) {
        return refused("not-configured", "ANAMNESIS_CLAMD is a path, or 127.0.0.1 with a port",
                       STATUS_MISCONFIGURED);
    }
    if (!clamd_version(address, daemon.version, &hello.signatures_at)) {
        return refused("clamd-not-trusted", "it does not answer, or does not tell which signatures it has",
                       EXIT_FAILURE);
    }
    if (!clamd_is_trusted(address, &why)) {
        return refused("clamd-not-trusted", why != NULL ? why : "it does not answer", EXIT_FAILURE);
    }
    daemon.trusted_at = clock_monotonic();
    (void)snprintf(hello.signatures, sizeof hello.signatures, "clamd %s", daemon.version);
    log_event(LOG_INFO, "engine-started", LOG_TEXT("signatures", hello.signatures), LOG_INT("held", 0));
    return wire_send_hello(SERVE_SOCKET, &hello) ? answer_all(&daemon) : EXIT_FAILURE;
}

int
main(void)
{
    struct config config;
    if (!config_load(&config, stderr) || !log_start_configured("anamnesis-scan-clamd", &config) ||
        sodium_init() < 0 || !serve_begin() || !sandbox_enter(SANDBOX_SCAN)) {
        config_free(&config);
        return STATUS_MISCONFIGURED;
    }
    int status = serve_for(config_text(&config, CONFIG_CLAMD));
    config_free(&config);
    return status;
}

/*
 * anamnesis-scan-engine: finds out whether a file is infected, by libclamav. It loads the signatures of
 * ANAMNESIS_SIGNATURES once and looks at each file in a process of its own (scan/cell.h), as the conductor
 * asks for it on standard input (scan/wire.h). It has no key, no database and no network.
 *
 * It starts only when its processes can be confined and its signatures find the canary. Newer signatures are
 * another start: two of it may run beside each other, and SIGTERM ends one when what it has in hand is
 * answered.
 */
#include "lib/base/clock.h"
#include "lib/base/config.h"
#include "lib/base/log.h"
#include "scan/engine_look.h"
#include "scan/engine_signatures.h"
#include "scan/serve.h"

#include <clamav.h>
#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MEGABYTE (UINT64_C(1024) * 1024)

enum {
    MORE_ADDRESSES_MB = 1024, /* beyond what the program has when all is loaded */
    FILES_MB = 256,
    PROCESSOR_SECONDS = 10,
    FIRST_MILLISECONDS = 30000,
    STATUS_MISCONFIGURED = 78 /* EX_CONFIG of sysexits.h: starting again does not help */
};

/* Bytes of addresses that this process has; 0 when it cannot be known. */
static uint64_t
addresses(void)
{
    char line[64];
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL) {
        return 0;
    }
    char *got = fgets(line, sizeof line, file);
    (void)fclose(file);
    return got == NULL ? 0 : strtoull(line, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static int
refused(const char *event, const char *why)
{
    log_event(LOG_ERROR, event, LOG_TEXT("why", why));
    return STATUS_MISCONFIGURED;
}

/* Whether an empty file is clean in a process as each is: then the canary was found there first. */
static bool
finds_canary(const struct cell_plan *plan)
{
    struct wire_request request = {.what = WIRE_LOOK, .milliseconds = FIRST_MILLISECONDS};
    struct wire_reply reply;
    struct cell cell;
    int result;
    int nothing = memfd_create("nothing", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (nothing < 0 || !cell_start(&cell, plan, &request, nothing)) {
        return false;
    }
    (void)close(nothing);
    while (!cell_collect(&cell, &reply, &result)) {
        int64_t left = (cell.until - clock_monotonic()) * 1000 / CLOCK_SECOND;
        (void)poll(&(struct pollfd){.fd = cell.watch, .events = POLLIN}, 1, left > 0 ? (int)left + 1 : 0);
    }
    return reply.verdict == WIRE_CLEAN;
}

/* With signatures that are loaded: confines its processes, has the canary found, and serves. */
static int
serve_with(struct cl_engine *engine, const struct engine_signatures *signatures, const char *directory)
{
    const char *why = "";
    struct cell_plan plan = {.kind = CELL_ENGINE,
                             .work = engine_look,
                             .own = engine,
                             .addresses = addresses() + MORE_ADDRESSES_MB * MEGABYTE,
                             .files = FILES_MB * MEGABYTE,
                             .processor = PROCESSOR_SECONDS,
                             .directory = directory};
    if (!cell_try(&plan, &why)) {
        return refused("not-confined", why);
    }
    if (!finds_canary(&plan)) {
        return refused("canary-not-found",
                       "these signatures, or this machine, do not find the EICAR test file in a zip");
    }
    struct serve_program program = {.takes = 1U << WIRE_LOOK, .plan = &plan, .at_once = SERVE_AT_ONCE_MAX};
    struct wire_hello hello = {.signatures_at = signatures->at};
    memcpy(hello.signatures, signatures->names, sizeof hello.signatures);
    log_event(LOG_INFO, "engine-started", LOG_TEXT("signatures", hello.signatures),
              LOG_INT("held", plan.held));
    return serve(SERVE_SOCKET, &program, &hello);
}

static int
look_at_files(const struct config *config)
{
    struct engine_signatures before;
    struct engine_signatures after;
    const char *why = "";
    const char *directory = config_text(config, CONFIG_SIGNATURES);
    if (directory == NULL) {
        return refused("not-configured", "ANAMNESIS_SIGNATURES names the directory of signatures");
    }
    if (!engine_signatures_read(directory, &before)) {
        return refused("signatures-not-read", strerror(errno));
    }
    struct cl_engine *engine = engine_load(directory, &why);
    if (engine == NULL) {
        return refused("signatures-not-loaded", why);
    }
    int status = EXIT_FAILURE;
    if (engine_signatures_read(directory, &after) && strcmp(before.names, after.names) == 0) {
        status = serve_with(engine, &after, config_text(config, CONFIG_SCAN_DIRECTORY));
    } else {
        log_event(LOG_WARN, "signatures-changed", LOG_TEXT("why", "others came while these were loaded"));
    }
    (void)cl_engine_free(engine);
    return status;
}

int
main(void)
{
    struct config config;
    if (!config_load(&config, stderr) || !log_start_configured("anamnesis-scan-engine", &config) ||
        sodium_init() < 0 || !serve_begin()) {
        config_free(&config);
        return STATUS_MISCONFIGURED;
    }
    int status = look_at_files(&config);
    config_free(&config);
    return status;
}

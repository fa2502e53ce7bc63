/*
 * anamnesis-store-fetch: asks S3 for pieces of sealed objects, one at a time, for the process that opens them (fetch.h). It has the keys to S3,
 * and none to what it fetches. It may connect, and read what the resolver and TLS need; it ends with its parent. Started by anamnesis-store
 * alone, with a socket as its standard input.
 */
#include "lib/base/config.h"
#include "lib/base/landlock.h"
#include "lib/base/log.h"
#include "lib/base/process.h"
#include "lib/base/sandbox.h"
#include "lib/base/write_all.h"
#include "lib/store/sealed_window.h"
#include "lib/store/store.h"
#include "store/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PLACES = 4 };

/* All of a request. False at the end of the parent. */
static bool
receive_all(int socket, void *bytes, size_t size)
{
    ssize_t got;
    do {
        got = recv(socket, bytes, size, MSG_WAITALL);
    } while (got < 0 && errno == EINTR);
    return got == (ssize_t)size;
}

/* What the resolver and TLS read. The rest of the file system is not there for it. */
static bool
enter_landlock(const struct config *config)
{
#if defined __SANITIZE_ADDRESS__ || defined ANAMNESIS_COVERAGE
    (void)config;
    return true;
#else
    const char *ca_file = config_text(config, CONFIG_STORE_CA_FILE);
    const char *paths[PLACES] = {"/etc", "/run", "/usr/share/ca-certificates", ca_file};
    struct landlock_place places[PLACES];
    size_t count = 0;
    for (size_t i = 0; i < PLACES; i++) {
        int place = paths[i] == NULL ? -1 : open(paths[i], O_PATH | O_CLOEXEC);
        if (place >= 0) {
            places[count++] = (struct landlock_place){place, LANDLOCK_READ};
        }
    }
    enum landlock_state state = landlock_enter(places, count);
    for (size_t i = 0; i < count; i++) {
        (void)close(places[i].directory);
    }
    return state != LANDLOCK_REFUSED;
#endif
}

/* It has its socket and the log. */
static bool
confine(const struct config *config)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    return process_hide() && sigaction(SIGTERM, &ignore, NULL) == 0 &&
           sigaction(SIGINT, &ignore, NULL) == 0 && sigaction(SIGHUP, &ignore, NULL) == 0 &&
           sigaction(SIGPIPE, &ignore, NULL) == 0 &&
           sandbox_address_space(config_number(config, CONFIG_ADDRESS_SPACE)) &&
           prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && enter_landlock(config) &&
           sandbox_enter(SANDBOX_WORKER);
}

static bool
serve(struct store *store, int socket, unsigned char *bytes)
{
    struct fetch_request request;
    struct fetch_answer answer = {.result = STORE_FAILED};
    if (!receive_all(socket, &request, sizeof request)) {
        return false;
    }
    request.name[sizeof request.name - 1] = '\0';
    if (request.size <= WINDOW_SIZE && request.offset <= STREAM_PLAIN_MAX) {
        answer.result = store_object_bytes(store, request.name, request.offset, bytes, (size_t)request.size);
    }
    return write_all(socket, &answer, sizeof answer) &&
           (answer.result != STORE_DONE || write_all(socket, bytes, (size_t)request.size));
}

static int
run(const struct config *config)
{
    char error[STORE_ERROR_SIZE] = "";
    const struct store_patience patience = {.seconds = FETCH_SECONDS};
    struct store *store = store_create(config, &patience, error, sizeof error);
    unsigned char *bytes = malloc(WINDOW_SIZE);
    if (store == NULL || bytes == NULL || !confine(config)) {
        log_event(LOG_ERROR, "fetch-not-started",
                  LOG_TEXT("why", error[0] == '\0' ? "the kernel refuses to confine it" : error),
                  LOG_INT("errno", errno));
        return EXIT_FAILURE;
    }
    while (serve(store, STDIN_FILENO, bytes)) {
    }
    free(bytes);
    store_destroy(store);
    return EXIT_SUCCESS;
}

int
main(int count, char **arguments)
{
    struct config config;
    struct stat input;
    if (count != 1 || fstat(STDIN_FILENO, &input) != 0 || !S_ISSOCK(input.st_mode)) {
        (void)fprintf(stderr, "usage: anamnesis-store-fetch\n\nAsks S3 for sealed objects, for "
                              "anamnesis-store, which starts it.\n");
        return count == 2 && strcmp(arguments[1], "--help") == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    int status = EXIT_FAILURE;
    if (sodium_init() >= 0 && process_hide() && config_load(&config, stderr) &&
        log_start_configured("store-fetch", &config)) {
        status = run(&config);
    }
    config_free(&config);
    return status;
}

#include "scan/work.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/sandbox.h"
#include "lib/base/signals.h"
#include "lib/base/watch.h"
#include "lib/store/store.h"
#include "scan/ask.h"
#include "scan/conductor.h"
#include "scan/signatures.h"
#include "scan/tagged.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum {
    ERROR_SIZE = 512,
    ARENA_MAX = 4 * 1024 * 1024,
    STORE_SECONDS = 60, /* a file of 50 MB goes out on a slow line */
    HELLO_SECONDS = 600 /* an engine with all signatures takes about a minute */
};

#define NOTE_EVERY    (60 * CLOCK_SECOND)
#define LONGEST_PAUSE (10 * CLOCK_SECOND)

/* Reads the keyring again. One that cannot be read changes nothing. */
static void
reload(struct conductor *conductor, const struct config *config)
{
    char error[ERROR_SIZE];
    struct keyring *keyring = keyring_load_for(config, KEYRING_SCAN, error, sizeof error);
    if (keyring == NULL) {
        log_event(LOG_ERROR, "keyring-not-read", LOG_TEXT("why", error));
        return;
    }
    keyring_free(conductor->keyring);
    conductor->keyring = keyring;
}

/* When the next file may be looked at again; that is done while no other waits. */
struct again {
    int64_t every; /* microseconds between two; 0: none is */
    int64_t at;    /* clock_monotonic() */
};

/* The next one, if it is time. What came of it, or that nothing was to be done. */
static enum conducted
do_again(struct conductor *conductor, struct again *again)
{
    int64_t now = clock_monotonic();
    if (again->every == 0 || now < again->at) {
        return CONDUCTED_IDLE;
    }
    enum conducted step = conduct_again(conductor);
    arena_reset(conductor->arena);
    again->at = now + (step == CONDUCTED_WORKED ? again->every : CLOCK_SECOND);
    return step;
}

/* How long to wait before it is asked again whether something waits. */
static int64_t
idle_pause(const struct again *again)
{
    int64_t left = again->at - clock_monotonic();
    return again->every == 0 || left > CLOCK_SECOND ? CLOCK_SECOND : left;
}

static enum work_end
work(struct conductor *conductor, const struct config *config, struct signatures *signatures)
{
    struct watch keyring;
    int64_t pause = CLOCK_SECOND;
    int64_t note_at = clock_monotonic();
    enum conducted noted = CONDUCTED_DOWN;
    int64_t rate = config_number(config, CONFIG_RESCANS_PER_MINUTE);
    /* Another party judges parts, which are gone once a file is sealed. */
    struct again again = {.every = rate == 0 || conductor->by_tag ? 0 : 60 * CLOCK_SECOND / rate,
                          .at = clock_monotonic()};
    watch_start(&keyring, config_file(config, keyring_variable(config, KEYRING_SCAN)));
    while (signals_stop == 0) {
        if (signals_reload != 0 || watch_changed(&keyring)) {
            signals_reload = 0;
            reload(conductor, config);
            note_at = clock_monotonic();
        }
        if (!conductor->by_tag && signatures_changed(signatures)) {
            log_event(LOG_INFO, "signatures-changed", LOG_TEXT("directory", signatures->directory));
            return WORK_ANEW;
        }
        if (clock_monotonic() >= note_at) {
            /* An instance that runs for a week still takes files; another party's signatures nobody knows. */
            if (conductor->by_tag || signatures_are_for_development(conductor->signatures)) {
                conductor->signatures_at = clock_now();
            }
            noted = conduct_note(conductor);
            arena_reset(conductor->arena);
            note_at = clock_monotonic() + (noted == CONDUCTED_WORKED ? NOTE_EVERY : LONGEST_PAUSE);
        }
        if (noted != CONDUCTED_WORKED) {
            signals_sleep(CLOCK_SECOND); /* no file is claimed before it is known that the keys fit */
            continue;
        }
        enum conducted step = conduct(conductor);
        arena_reset(conductor->arena);
        if (step == CONDUCTED_IDLE) {
            step = do_again(conductor, &again);
        }
        if (step == CONDUCTED_BROKEN) {
            return WORK_FAILED;
        }
        if (step == CONDUCTED_WORKED) {
            pause = CLOCK_SECOND;
            continue;
        }
        pause = step == CONDUCTED_DOWN ? 2 * pause : CLOCK_SECOND;
        pause = pause < LONGEST_PAUSE ? pause : LONGEST_PAUSE;
        int64_t wait = step == CONDUCTED_DOWN ? pause : idle_pause(&again);
        if (wait > 0) {
            signals_sleep(wait);
        }
    }
    return WORK_DONE;
}

/* The hello of a program; a signal is none that ends the waiting, but SIGTERM. */
static bool
hello_of(int socket, struct wire_hello *hello)
{
    int64_t until = clock_monotonic() + HELLO_SECONDS * CLOCK_SECOND;
    bool there = false;
    do {
        there = scan_ask_hello(socket, HELLO_SECONDS, hello);
    } while (!there && errno == EINTR && signals_stop == 0 && clock_monotonic() < until);
    return there;
}

/* Waits until all programs can work, tries them, and takes over what the engine says of its signatures. */
static bool
greet(struct conductor *conductor, const struct signatures *signatures)
{
    struct wire_hello engine = {.signatures = "tag:" TAGGED_WITH, .signatures_at = clock_now()};
    struct wire_hello picture;
    struct wire_hello document;
    if (!hello_of(conductor->picture, &picture) || !hello_of(conductor->document, &document) ||
        (!conductor->by_tag && !hello_of(conductor->engine, &engine))) {
        log_event(LOG_ERROR, "scan-program-broken", LOG_TEXT("what", "it did not begin to work"),
                  LOG_INT("errno", errno));
        return false;
    }
    signatures_name(engine.signatures, conductor->signatures, sizeof conductor->signatures);
    conductor->signatures_at = engine.signatures_at != 0 ? engine.signatures_at : signatures->newest;
    if (!conduct_probe(conductor)) {
        return false;
    }
    log_event(LOG_INFO, "scan-ready", LOG_TEXT("signatures", conductor->signatures),
              LOG_INT("engine_held", engine.held), LOG_INT("picture_held", picture.held),
              LOG_INT("document_held", document.held));
    return true;
}

enum work_end
work_run(const struct config *config, int engine, int picture, int document, struct signatures *signatures)
{
    char error[ERROR_SIZE] = "";
    enum work_end end = WORK_MISCONFIGURED;
    const char *url = config_text(config, CONFIG_SCAN_DATABASE_URL);
    const struct store_patience patience = {.seconds = STORE_SECONDS, .stop = &signals_stop};
    struct conductor conductor = {.arena = arena_create(ARENA_MAX, NULL, NULL),
                                  .keyring = keyring_load_for(config, KEYRING_SCAN, error, sizeof error),
                                  .store = store_create(config, &patience, error, sizeof error),
                                  .by_tag = strcmp(config_text(config, CONFIG_SCANNER), "tag") == 0,
                                  .engine = engine,
                                  .picture = picture,
                                  .document = document};
    conductor.db = url == NULL ? NULL : db_create(url);
    if (url == NULL) {
        (void)snprintf(error, sizeof error, "%s is not set: the connection of the role anamnesis_scan",
                       config_name(CONFIG_SCAN_DATABASE_URL));
    } else if (conductor.keyring != NULL && keyring_current(conductor.keyring, KEYRING_FILES) == 0) {
        (void)snprintf(error, sizeof error,
                       "the keyring has no key of the kind `files`: anamnesis keys upgrade");
    }
    if (error[0] == '\0' && conductor.by_tag && store_kind(conductor.store) != STORE_IN_S3) {
        (void)snprintf(error, sizeof error, "%s=tag needs %s: tags are of objects in S3",
                       config_name(CONFIG_SCANNER), config_name(CONFIG_STORE_URL));
    }
    if (error[0] != '\0' || conductor.arena == NULL || conductor.store == NULL || conductor.db == NULL) {
        log_event(LOG_ERROR, "scan-not-started", LOG_TEXT("why", error[0] == '\0' ? "out of memory" : error));
    } else if (!signals_take() || !sandbox_enter(SANDBOX_SCAN)) {
        log_event(LOG_ERROR, "scan-not-started", LOG_TEXT("why", "the kernel refuses to confine it"),
                  LOG_INT("errno", errno));
    } else {
        end = greet(&conductor, signatures) ? work(&conductor, config, signatures) : WORK_FAILED;
    }
    db_destroy(conductor.db);
    arena_destroy(conductor.arena);
    keyring_free(conductor.keyring);
    store_destroy(conductor.store);
    return signals_stop != 0 ? WORK_DONE : end;
}

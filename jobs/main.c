/*
 * anamnesis-jobs: the work that no request waits for. It delivers mail from the outbox, seals the audit log,
 * forgets erased patients' keys, removes files that are superfluous and deletes what has served its time. Several may run at once, since each
 * kind of work is claimed in the database. Configured by ANAMNESIS_* variables.
 *
 * One thread does one thing at a time, in a loop: seal when that is due, deliver a message, and sweep, forget and
 * remove files when those are due, also while messages wait: an outbox that is full for days holds up nothing. It looks for messages each second in place of LISTEN, which
 * would not work through PgBouncer in transaction mode. It has the keyring's `seal` and `audit` keys alone,
 * and so opens no patient's data.
 */
#include "app/key_guard.h"
#include "jobs/forget.h"
#include "jobs/media.h"
#include "jobs/outbox.h"
#include "jobs/seal.h"
#include "jobs/sweep.h"
#include "lib/base/clock.h"
#include "lib/base/config.h"
#include "lib/base/log.h"
#include "lib/base/process.h"
#include "lib/base/sandbox.h"
#include "lib/base/signals.h"
#include "lib/base/watch.h"

#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

enum {
    NEW_FILES_MASK = 0077,
    ERROR_SIZE = 512,
    /* Enough for one message: its row, what is sealed in it, and the text made of it. */
    ARENA_MAX = 4 * 1024 * 1024,
    /* Enough for the rows of one seal with their texts, or for the checkpoints of 500 seals. */
    SEAL_ARENA_MAX = 64 * 1024 * 1024,
    STORE_SECONDS = 30,
    STATUS_MISCONFIGURED = 78 /* EX_CONFIG of sysexits.h: starting again does not help */
};

#define SWEEP_EVERY   (60 * CLOCK_SECOND)
#define SEAL_EVERY    (5 * CLOCK_SECOND)
#define FORGET_EVERY  (10 * CLOCK_SECOND)
#define MEDIA_EVERY   (10 * CLOCK_SECOND)
#define READY_EVERY   (3600 * CLOCK_SECOND)
#define LONGEST_PAUSE (10 * CLOCK_SECOND)

/* Neither a core dump nor a debugger of the same user shall see keys. */
static bool
confine(void)
{
    return process_hide() && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

/* When sealing and making partitions are due next. When there is much to seal, a message is delivered after
 * each seal, so that mail does not wait for all of them. */
struct sealing {
    struct sealer sealer;
    int64_t seal_at;
    int64_t ready_at;
};

static void
seal_when_due(struct sealing *sealing, struct keyring *keyring)
{
    struct sealer *sealer = &sealing->sealer;
    int64_t now = clock_monotonic();
    sealer->keyring = keyring;
    if (now >= sealing->ready_at) {
        seal_make_ready(sealer);
        arena_reset(sealer->arena);
        sealing->ready_at = clock_monotonic() + READY_EVERY;
    }
    if (now >= sealing->seal_at) {
        enum seal_step step = seal_some(sealer);
        arena_reset(sealer->arena);
        sealing->seal_at = clock_monotonic() + (step == SEAL_MORE ? 0 : SEAL_EVERY);
    }
}

/* What is done now and then, between two messages: when each is due next. */
struct chores {
    struct store *store;
    int64_t sweep_at;
    int64_t forget_at;
    int64_t media_at;
};

static void
do_chores(struct chores *chores, struct db *db, struct arena *arena)
{
    if (clock_monotonic() >= chores->sweep_at) {
        bool more = sweep_some(db, arena);
        arena_reset(arena);
        chores->sweep_at = clock_monotonic() + (more ? 0 : SWEEP_EVERY);
    }
    if (clock_monotonic() >= chores->forget_at) {
        (void)forget_some(db, arena); /* a step that failed is tried again later */
        arena_reset(arena);
        chores->forget_at = clock_monotonic() + FORGET_EVERY;
    }
    if (clock_monotonic() >= chores->media_at) {
        bool more = media_some(db, arena, chores->store);
        arena_reset(arena);
        chores->media_at = clock_monotonic() + (more ? 0 : MEDIA_EVERY);
    }
}

/* Works until it is told to stop, or the keyring turns out to be the wrong one. */
static void
work(struct key_guard *guard, struct watch *keyring, struct outbox *outbox, struct sealing *sealing,
     struct chores *chores)
{
    int64_t pause = CLOCK_SECOND;
    while (signals_stop == 0 && !guard->misfit) {
        if (signals_reload != 0 || watch_changed(keyring)) {
            signals_reload = 0;
            (void)key_guard_reload(guard); /* a file that cannot be read changes nothing */
        }
        seal_when_due(sealing, outbox->keyring);
        enum outbox_step step = outbox_step(outbox);
        arena_reset(outbox->arena);
        if (step != OUTBOX_DOWN) {
            do_chores(chores, outbox->db, outbox->arena);
        }
        if (step == OUTBOX_WORKED) {
            continue;
        }
        pause = step == OUTBOX_DOWN ? 2 * pause : CLOCK_SECOND;
        pause = pause < LONGEST_PAUSE ? pause : LONGEST_PAUSE;
        if (sealing->seal_at > clock_monotonic()) {
            signals_sleep(pause);
        }
    }
}

static int
run(const struct config *config)
{
    char error[ERROR_SIZE] = "";
    int status = STATUS_MISCONFIGURED;
    const char *url = config_text(config, CONFIG_JOBS_DATABASE_URL);
    struct keyring *keyring = keyring_load_for(config, KEYRING_JOBS, error, sizeof error);
    struct mailer *mailer =
        keyring == NULL ? NULL : mailer_create(config, &signals_stop, error, sizeof error);
    struct key_guard guard = {.misfit = false};
    struct watch watch;
    struct outbox outbox = {
        .keyring = keyring, .mailer = mailer, .arena = arena_create(ARENA_MAX, NULL, NULL)};
    const char *noted = config_text(config, CONFIG_AUDIT_CHECKPOINT_DIR);
    const struct store_patience patience = {.seconds = STORE_SECONDS, .stop = &signals_stop};
    struct chores chores = {.store = store_create(config, &patience, error, sizeof error)};
    struct sealing sealing = {.sealer = {.arena = arena_create(SEAL_ARENA_MAX, NULL, NULL),
                                         .checkpoint_dir = noted == NULL || noted[0] == '\0' ? NULL : noted}};
    if (url == NULL) {
        (void)snprintf(error, sizeof error, "%s is not set: the connection of the role anamnesis_jobs",
                       config_name(CONFIG_JOBS_DATABASE_URL));
    } else {
        outbox.db = db_create(url);
    }
    if (keyring == NULL || mailer == NULL || chores.store == NULL || outbox.arena == NULL ||
        outbox.db == NULL || sealing.sealer.arena == NULL) {
        log_event(LOG_ERROR, "jobs-not-started", LOG_TEXT("why", error[0] == '\0' ? "out of memory" : error));
    } else if (!sandbox_address_space(config_number(config, CONFIG_ADDRESS_SPACE)) ||
               !sandbox_enter(SANDBOX_JOBS)) {
        log_event(LOG_ERROR, "jobs-not-started", LOG_TEXT("why", "the kernel refuses to confine it"),
                  LOG_INT("errno", errno));
    } else {
        log_event(LOG_INFO, "jobs-started", LOG_TEXT("mail_from", mailer_sender(mailer)->address));
        watch_start(&watch, config_file(config, keyring_variable(config, KEYRING_JOBS)));
        key_guard_start(&guard, config, KEYRING_JOBS, &outbox.keyring, outbox.db);
        sealing.sealer.db = outbox.db;
        work(&guard, &watch, &outbox, &sealing, &chores);
        log_event(LOG_INFO, "jobs-ended", LOG_INT("trips", db_trips(outbox.db)));
        status = guard.misfit ? STATUS_MISCONFIGURED : EXIT_SUCCESS;
    }
    db_destroy(outbox.db);
    arena_destroy(outbox.arena);
    arena_destroy(sealing.sealer.arena);
    mailer_destroy(mailer);
    store_destroy(chores.store);
    keyring_free(outbox.keyring);
    return status;
}

int
main(int count, char **arguments)
{
    if (count != 1) {
        (void)fprintf(
            stderr,
            "usage: anamnesis-jobs\n\nDelivers mail from the outbox, seals the audit log and deletes what "
            "has served its time. Configured by ANAMNESIS_*\nvariables: see `anamnesis config`. SIGTERM ends "
            "it after the "
            "message in hand, SIGHUP reads the keyring again.\n");
        return count == 2 && strcmp(arguments[1], "--help") == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    (void)umask(NEW_FILES_MASK);
    if (sodium_init() < 0 || !confine() || !signals_take()) {
        (void)fprintf(stderr, "cannot start: %s\n", strerror(errno));
        return EXIT_FAILURE;
    }
    struct config config;
    int status = STATUS_MISCONFIGURED;
    (void)config_name_unknown(stderr);
    if (config_load(&config, stderr) && log_start_configured("jobs", &config)) {
        status = run(&config);
    }
    config_free(&config);
    return status;
}

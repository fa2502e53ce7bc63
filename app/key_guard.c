#include "app/key_guard.h"

#include "build/gen/sql.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/crypto/key_check.h"

#include <stddef.h>
#include <string.h>

enum { ERROR_SIZE = 512 };

static const int64_t QUIET = 10 * CLOCK_SECOND;

bool
key_guard_reload(struct key_guard *guard)
{
    char error[ERROR_SIZE] = "";
    char label[KEYRING_LABEL_SIZE];
    struct keyring *fresh = keyring_load_for(guard->config, guard->user, error, sizeof error);
    if (fresh == NULL) {
        log_event(LOG_ERROR, "keyring-not-reloaded", LOG_TEXT("why", error));
        return false;
    }
    keyring_free(*guard->keyring);
    *guard->keyring = fresh;
    keyring_label(fresh, keyring_kinds_of(guard->user), label);
    db_label(guard->db, label);
    log_event(LOG_INFO, "keyring-reloaded", LOG_INT("kek_version", keyring_current(fresh, KEYRING_KEK)),
              LOG_INT("seal_version", keyring_current(fresh, KEYRING_SEAL)),
              LOG_INT("files_version", keyring_current(fresh, KEYRING_FILES)));
    return true;
}

bool
key_guard_look_again(struct key_guard *guard)
{
    int64_t now = clock_monotonic();
    if (guard->read_at != 0 && now - guard->read_at < CLOCK_SECOND) {
        return false;
    }
    guard->read_at = now;
    return key_guard_reload(guard);
}

/* A row that the keyring does not agree with, one of another key rather than one that is missing: that says
 * more. NULL when it agrees with all. */
static const struct q_key_check_list_row *
misfit_of(const struct keyring *keyring, const struct q_key_check_list_row *rows, size_t count,
          enum key_check_result *match)
{
    const struct q_key_check_list_row *missing = NULL;
    for (size_t i = 0; i < count; i++) {
        *match = key_check(keyring, rows[i].kind, rows[i].version, rows[i].value);
        if (*match == KEY_WRONG) {
            return &rows[i];
        }
        missing = *match == KEY_MISSING && missing == NULL ? &rows[i] : missing;
    }
    *match = missing == NULL ? KEY_MATCHES : KEY_MISSING;
    return missing;
}

static enum problem
refuse(struct key_guard *guard, const char *kind, int64_t version, const char *advice)
{
    int64_t now = clock_monotonic();
    guard->misfit = true;
    if (guard->logged_at == 0 || now - guard->logged_at > QUIET) {
        guard->logged_at = now;
        log_event(LOG_ERROR, "keyring-does-not-fit", LOG_TEXT("kind", kind), LOG_INT("version", version),
                  LOG_TEXT("advice", advice));
    }
    return PROBLEM_UNAVAILABLE;
}

static enum problem
greet(void *context, struct tx *tx)
{
    struct key_guard *guard = context;
    const struct q_key_check_list_row *rows = NULL;
    size_t count = 0;
    enum key_check_result match = KEY_MATCHES;
    enum problem problem = q_key_check_list(tx, &rows, &count);
    if (problem != PROBLEM_NONE) {
        return PROBLEM_UNAVAILABLE;
    }
    if (count == 0) {
        return refuse(guard, NULL, 0, "the database has no check values yet: run `anamnesis keys register`");
    }
    const struct q_key_check_list_row *wrong = misfit_of(*guard->keyring, rows, count, &match);
    if (wrong != NULL && key_guard_look_again(guard)) {
        wrong = misfit_of(*guard->keyring, rows, count, &match);
    }
    if (wrong != NULL) {
        return refuse(guard, wrong->kind, wrong->version, key_check_advice(match));
    }
    for (size_t i = 0; i < count; i++) {
        enum keyring_kind kind =
            strcmp(rows[i].kind, keyring_kind_name(KEYRING_PEPPER)) == 0 ? KEYRING_PEPPER : KEYRING_AUDIT;
        if (rows[i].shut && rows[i].version == keyring_current(*guard->keyring, kind)) {
            return refuse(guard, rows[i].kind, rows[i].version,
                          "the database was migrated without the keyring: run `anamnesis keys register`");
        }
    }
    guard->misfit = false;
    return PROBLEM_NONE;
}

void
key_guard_start(struct key_guard *guard, const struct config *config, enum keyring_user user,
                struct keyring **keyring, struct db *db)
{
    char label[KEYRING_LABEL_SIZE];
    *guard = (struct key_guard){.config = config, .user = user, .keyring = keyring, .db = db};
    keyring_label(*keyring, keyring_kinds_of(user), label);
    db_label(db, label);
    db_on_connect(db, greet, guard);
}

/* The doctor's look at what is left of erased patients' keys: on this server, and for how long elsewhere. */
#include "cli/doctor/doctor.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Minutes that the background program may take, with a slow checkpoint and a dump under way. */
enum { PENDING_MINUTES = 60 };

static void
check_pending(struct doctor *doctor)
{
    const char *minutes = doctor_ask(doctor, &sql_erasure_minutes);
    const char *state = doctor_ask(doctor, &sql_erasure_state);
    long waited = minutes == NULL ? 0 : strtol(minutes, NULL, 10);
    bool unable = state != NULL && strncmp(state, "sql/", 4) == 0;
    if (minutes == NULL) {
        return; /* the migration is missing, and said to be */
    }
    doctor_say(
        doctor, "erased-keys", CLAUSE_INTEGRITY,
        unable                     ? RESULT_FAILED
        : waited > PENDING_MINUTES ? RESULT_WARNING
                                   : RESULT_OK,
        unable
            ? "run sql/bootstrap.sql as an administrator: what it lends to anamnesis_owner is needed for it"
            : "start anamnesis-jobs; then look for old transactions, replication slots and a stuck archive",
        state == NULL                        ? "none is left on the server"
        : unable || waited > PENDING_MINUTES ? "%s, for %ld minutes"
                                             : "are being taken away: %s (%ld minutes)",
        state, waited);
}

static void
check_recycling(struct doctor *doctor)
{
    const char *recycle = doctor_ask(doctor, &sql_wal_recycle);
    bool off = recycle != NULL && strcmp(recycle, "off") == 0;
    if (recycle != NULL && !doctor_is_aurora(doctor)) {
        doctor_say(
            doctor, "wal-recycling", CLAUSE_INTEGRITY, off ? RESULT_OK : RESULT_WARNING,
            "set wal_recycle = off (ALTER SYSTEM): files that are used again keep erased patients' keys "
            "until they are full",
            "wal_recycle = %s", recycle);
    }
}

/* How long a key may last in copies of the database that we do not see. */
static void
check_window(struct doctor *doctor)
{
    int64_t days = config_number(doctor->config, CONFIG_BACKUP_DAYS);
    const char *copies = doctor_ask(doctor, &sql_copies_of_the_database);
    const char *more = copies == NULL ? "" : copies;
    if (days == 0) {
        doctor_say(doctor, "erasure-window", CLAUSE_INTEGRITY, RESULT_WARNING,
                   "set ANAMNESIS_BACKUP_DAYS: the promise to erase counts from when the last copy of before "
                   "expires",
                   "not said how long backups are kept%s", more);
    } else {
        doctor_say(doctor, "erasure-window", CLAUSE_INTEGRITY, RESULT_OK, NULL,
                   "an erased patient's wrapped key is in backups for %" PRId64 " days%s", days, more);
    }
}

void
doctor_erasure(struct doctor *doctor)
{
    check_pending(doctor);
    check_recycling(doctor);
    check_window(doctor);
}

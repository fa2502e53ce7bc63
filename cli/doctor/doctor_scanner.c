/* The doctor's look at the program that looks at files: that it is there, and what it finds files by. */
#include "cli/doctor/doctor.h"

#include <stdlib.h>
#include <string.h>

/* The scanner says every minute that it is there; practices believe signatures for seven days unless told otherwise. */
enum { SILENT_MINUTES = 10, SIGNATURES_DAYS = 7 };

/* What `make start` writes where there are no others (tools/instancelib/layout.py). */
static bool
is_for_development(const char *signatures)
{
    static const char name[] = "development.ndb:";
    return strncmp(signatures, name, sizeof name - 1) == 0 && strchr(signatures, ',') == NULL;
}

static void
check_signatures(struct doctor *doctor, const char *signatures, const char *age)
{
    long days = strtol(age, NULL, 10);
    bool own = is_for_development(signatures);
    doctor_say(
        doctor, "signatures", CLAUSE_INTEGRITY, own || days > SIGNATURES_DAYS ? RESULT_WARNING : RESULT_OK,
        own ? "install clamav-freshclam, and let ANAMNESIS_SIGNATURES be the directory where it puts its "
              "files (/var/lib/clamav)"
            : "see why freshclam fetches none (journalctl -u clamav-freshclam): no file is looked at by "
              "signatures that a practice thinks too old",
        own ? "for development, so test files are all that is found: %s, %ld days old" : "%s, %ld days old",
        signatures, days);
}

/* Files that wait by faults of ours are looked at again by themselves: somebody has to mend what hinders it. */
static void
check_put_off(struct doctor *doctor)
{
    const char *count = doctor_ask(doctor, &sql_scanner_put_off);
    if (count != NULL) {
        doctor_say(doctor, "put-off", CLAUSE_INTEGRITY, strcmp(count, "0") == 0 ? RESULT_OK : RESULT_WARNING,
                   "see upload-put-off and what stands before it in the log of anamnesis-scan",
                   "%s files wait that could not be looked at by faults that are not theirs", count);
    }
}

/* What newer signatures have not seen yet; that goes on by itself. */
static void
check_again(struct doctor *doctor)
{
    const char *count = doctor_ask(doctor, &sql_scanner_again);
    if (count == NULL) {
        return;
    }
    bool none = config_number(doctor->config, CONFIG_RESCANS_PER_MINUTE) == 0;
    doctor_say(doctor, "looked-at-again", CLAUSE_INTEGRITY,
               none && strcmp(count, "0") != 0 ? RESULT_WARNING : RESULT_OK,
               "ANAMNESIS_RESCANS_PER_MINUTE is 0: what newer signatures would find in files is not found",
               "%s files are still to be looked at with the present signatures", count);
}

void
doctor_scanner(struct doctor *doctor)
{
    const char *silent = doctor_ask(doctor, &sql_scanner_silent);
    const char *signatures = doctor_ask(doctor, &sql_scanner_signatures);
    const char *age = doctor_ask(doctor, &sql_scanner_signatures_days);
    if (silent == NULL) {
        return; /* the migration is missing, and said to be */
    }
    long minutes = strtol(silent, NULL, 10);
    doctor_say(doctor, "scanner", CLAUSE_INTEGRITY, minutes >= SILENT_MINUTES ? RESULT_WARNING : RESULT_OK,
               "start anamnesis-scan, or see in its log why it does not work",
               minutes >= SILENT_MINUTES ? "files wait, and no scanner was seen for %ld minutes"
                                         : "no file waits for a scanner that is not there (%ld minutes)",
               minutes);
    check_put_off(doctor);
    check_again(doctor);
    if (signatures != NULL && age != NULL) {
        check_signatures(doctor, signatures, age);
    }
}

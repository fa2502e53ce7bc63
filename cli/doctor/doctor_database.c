/* The doctor's questions to the server: version, settings, migrations, clock, and each connection. */
#include "cli/doctor/doctor.h"
#include "cli/migrate/ledger.h"
#include "cli/migrate/texts.h"
#include "lib/base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first minor version of each major one without the faults that docs/security.md names. */
static const struct {
    long major;
    long least;
} least_versions[] = {{15, 150019}, {16, 160015}, {17, 170011}, {18, 180006}};

enum { MAJOR = 10000, CLOCK_WARNING = 2, CLOCK_FAILED = 30 };

/* No clock of a program that has this check is before it. */
#define EARLIEST (INT64_C(1767225600) * CLOCK_SECOND) /* 2026-01-01 */

bool
doctor_is_aurora(struct doctor *doctor)
{
    return doctor_ask(doctor, &sql_aurora) != NULL;
}

static void
check_version(struct doctor *doctor)
{
    long version = PQserverVersion(doctor->owner);
    const char *text = doctor_ask(doctor, &sql_server_version);
    long least = 0;
    for (size_t i = 0; i < sizeof least_versions / sizeof least_versions[0]; i++) {
        least = version / MAJOR == least_versions[i].major ? least_versions[i].least : least;
    }
    bool aurora = doctor_is_aurora(doctor);
    if (version / MAJOR < least_versions[0].major) {
        doctor_say(doctor, "server-version", CLAUSE_INTEGRITY, RESULT_FAILED, "use PostgreSQL 15 or later",
                   "%s", text);
    } else if (aurora && version < least) {
        doctor_say(doctor, "server-version", CLAUSE_INTEGRITY, RESULT_WARNING,
                   "see in Aurora's release notes that CVE-2026-2005 and CVE-2026-14663 are mended",
                   "%s (Aurora)", text);
    } else if (version < least) {
        doctor_say(doctor, "server-version", CLAUSE_INTEGRITY, RESULT_FAILED,
                   "install the newest minor version: pgcrypto has known faults before it (CVE-2026-2005)",
                   "%s, needed is %ld.%ld", text, least / MAJOR, least % MAJOR);
    } else {
        doctor_say(doctor, "server-version", CLAUSE_INTEGRITY, RESULT_OK, NULL, "%s", text);
    }
}

/* Keys are bind parameters: what could write them to a log is off, for the database and for every role. */
static void
check_settings(struct doctor *doctor)
{
    const char *open = doctor_ask(doctor, &sql_settings_that_log_parameters);
    const char *pgaudit = doctor_ask(doctor, &sql_pgaudit_logs_parameters);
    const char *roles = doctor_ask(doctor, &sql_roles_that_log_parameters);
    doctor_say(
        doctor, "parameters-logged", CLAUSE_ENCRYPTION,
        open == NULL && roles == NULL && pgaudit == NULL ? RESULT_OK : RESULT_FAILED,
        "the server's log could show keys: set these as sql/bootstrap.sql does, or in the parameter group",
        "%s%s%s%s%s",
        open == NULL && roles == NULL && pgaudit == NULL ? "no setting writes parameters to the log" : "",
        open == NULL ? "" : open, roles == NULL ? "" : roles, roles == NULL || pgaudit == NULL ? "" : ", ",
        pgaudit == NULL ? "" : pgaudit);
}

/* Aurora's activity streams have every statement with its parameters, and no statement tells whether there is
 * one. */
static void
check_activity_stream(struct doctor *doctor)
{
    if (doctor_is_aurora(doctor)) {
        doctor_say(
            doctor, "activity-stream", CLAUSE_ENCRYPTION, RESULT_WARNING,
            "aws rds describe-db-clusters: ActivityStreamStatus must be `stopped`, or the stream shows keys",
            "the database cannot tell whether its activity is streamed");
    }
}

static void
check_migrations(struct doctor *doctor)
{
    struct ledger ledger = ledger_read(doctor->owner);
    bool good = ledger.state == LEDGER_AGREES && ledger.noted == MIGRATION_COUNT;
    bool texts = texts_state(doctor->owner) == TEXTS_CURRENT;
    doctor_say(doctor, "migrations", CLAUSE_INTEGRITY, good && texts ? RESULT_OK : RESULT_FAILED,
               "run: anamnesis migrate, with the program of this version", "%d of %d are applied%s%s",
               ledger.noted, (int)MIGRATION_COUNT,
               good || ledger.noted != MIGRATION_COUNT ? "" : ", and they are other ones",
               texts ? "" : "; functions and policies are of another version");
}

/* Sessions, links and audit rows are dated by two clocks. */
static void
check_clock(struct doctor *doctor)
{
    int64_t before = clock_now();
    const char *text = doctor_ask(doctor, &sql_server_clock);
    int64_t after = clock_now();
    int64_t server = text == NULL ? 0 : strtoll(text, NULL, 10);
    int64_t apart = server < before ? before - server : server > after ? server - after : 0;
    enum result result = apart > CLOCK_FAILED * CLOCK_SECOND || before < EARLIEST ? RESULT_FAILED
                         : apart > CLOCK_WARNING * CLOCK_SECOND                   ? RESULT_WARNING
                                                                                  : RESULT_OK;
    doctor_say(doctor, "clock", CLAUSE_AUDIT, result,
               "keep the clocks of this host and of the database's by NTP (chrony, systemd-timesyncd)",
               "%" PRId64 " ms from the database's%s", apart / 1000,
               before < EARLIEST ? "; years in the past" : "");
}

void
doctor_server(struct doctor *doctor)
{
    check_version(doctor);
    check_settings(doctor);
    check_activity_stream(doctor);
    check_migrations(doctor);
    check_clock(doctor);
}

/* A Unix socket or an address of this host. */
static bool
is_near(const char *host)
{
    return host == NULL || host[0] == '\0' || host[0] == '/' || host[0] == '@' ||
           strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}

static const char *
mode_of(PGconn *connection, struct arena *arena)
{
    PQconninfoOption *options = PQconninfo(connection);
    const char *mode = "";
    for (PQconninfoOption *at = options; at != NULL && at->keyword != NULL; at++) {
        if (strcmp(at->keyword, "sslmode") == 0 && at->val != NULL) {
            mode = arena_text(arena, at->val);
        }
    }
    PQconninfoFree(options);
    return mode;
}

static void
check_transport(struct doctor *doctor, const char *check, PGconn *connection)
{
    const char *mode = mode_of(connection, doctor->arena);
    bool verified = strcmp(mode, "verify-full") == 0 || strcmp(mode, "verify-ca") == 0;
    if (PQsslInUse(connection) != 0) {
        doctor_say(doctor, check, CLAUSE_TRANSMISSION, verified ? RESULT_OK : RESULT_WARNING,
                   "add sslmode=verify-full and sslrootcert: TLS without it does not tell who answers",
                   "%s, sslmode=%s", PQsslAttribute(connection, "protocol"), mode);
    } else if (is_near(PQhost(connection))) {
        doctor_say(doctor, check, CLAUSE_TRANSMISSION, RESULT_WARNING,
                   "as long as the database is on this host; elsewhere use sslmode=verify-full",
                   "no TLS; the connection does not leave this host");
    } else {
        doctor_say(doctor, check, CLAUSE_TRANSMISSION, RESULT_FAILED,
                   "use sslmode=verify-full with sslrootcert: keys travel on this connection",
                   "no TLS to another host");
    }
}

static void
check_connection(struct doctor *doctor, enum config_key key, const char *check, const char *role)
{
    const char *url = config_text(doctor->config, key);
    if (url == NULL) {
        return;
    }
    PGconn *connection = PQconnectdb(url);
    if (PQstatus(connection) != CONNECTION_OK) {
        doctor_say(doctor, check, CLAUSE_AUTHENTICATION, RESULT_FAILED,
                   "start the server, or mend the connection string and the role's password",
                   "%s: cannot connect", config_name(key));
    } else if (strcmp(PQuser(connection), role) != 0) {
        doctor_say(doctor, check, CLAUSE_AUTHENTICATION, RESULT_FAILED,
                   "connect by the role that was made for it", "connects as %s, not as %s",
                   PQuser(connection), role);
    } else {
        check_transport(doctor, check, connection);
    }
    PQfinish(connection);
}

void
doctor_connections(struct doctor *doctor)
{
    check_connection(doctor, CONFIG_OWNER_DATABASE_URL, "connection-owner", "anamnesis_owner");
    check_connection(doctor, CONFIG_DATABASE_URL, "connection-api", "anamnesis_api");
    check_connection(doctor, CONFIG_JOBS_DATABASE_URL, "connection-jobs", "anamnesis_jobs");
    check_connection(doctor, CONFIG_SCAN_DATABASE_URL, "connection-scan", "anamnesis_scan");
    check_connection(doctor, CONFIG_AUDITOR_DATABASE_URL, "connection-auditor", "anamnesis_auditor");
}

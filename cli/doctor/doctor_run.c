#include "cli/doctor/doctor.h"

#include "cli/command.h"
#include "lib/base/json_out.h"

#include <stdio.h>
#include <string.h>

enum { ARENA_MAX = 8 * 1024 * 1024, OUTPUT_MAX = 256 * 1024, ERROR_SIZE = 512 };

static const char *const result_names[] = {
    [RESULT_OK] = "ok", [RESULT_WARNING] = "warning", [RESULT_FAILED] = "failed"};

static void
print_text(const struct doctor *doctor)
{
    for (size_t i = 0; i < doctor->count; i++) {
        const struct finding *finding = &doctor->findings[i];
        (void)printf("%-8s %-17s  %-22s %s\n", result_names[finding->result], finding->clause, finding->check,
                     finding->found);
        if (finding->advice[0] != '\0') {
            (void)printf("%-51s-> %s\n", "", finding->advice);
        }
    }
}

static bool
print_json(const struct doctor *doctor, enum result worst)
{
    struct buf buf;
    struct json_out out;
    buf_init(&buf, OUTPUT_MAX);
    json_start(&out, &buf);
    json_begin_object(&out);
    json_text(&out, "result", result_names[worst]);
    json_array_key(&out, "checks");
    for (size_t i = 0; i < doctor->count; i++) {
        const struct finding *finding = &doctor->findings[i];
        json_begin_object(&out);
        json_text(&out, "check", finding->check);
        json_text(&out, "clause", finding->clause);
        json_text(&out, "result", result_names[finding->result]);
        json_text(&out, "found", finding->found);
        json_text(&out, "advice", finding->advice[0] == '\0' ? NULL : finding->advice);
        json_end_object(&out);
    }
    json_end_array(&out);
    json_end_object(&out);
    bool good = !buf.failed && printf("%s\n", buf_string(&buf)) > 0;
    buf_free(&buf);
    return good;
}

/* What everything else needs; each failure is a finding like the others. */
static void
open_all(struct doctor *doctor)
{
    char error[ERROR_SIZE] = "";
    const char *url = config_text(doctor->config, CONFIG_OWNER_DATABASE_URL);
    doctor->keyring = keyring_load(doctor->config, error, sizeof error);
    if (doctor->keyring == NULL) {
        doctor_say(doctor, "keyring", CLAUSE_ENCRYPTION, RESULT_FAILED,
                   "put the keyring of this deployment in place; a new one opens nothing", "%s", error);
    }
    doctor->owner = url == NULL ? NULL : PQconnectdb(url);
    if (doctor->owner != NULL && PQstatus(doctor->owner) != CONNECTION_OK) {
        PQfinish(doctor->owner);
        doctor->owner = NULL;
    }
    if (doctor->owner == NULL) {
        doctor_say(
            doctor, "database", CLAUSE_ACCESS, RESULT_FAILED,
            "set ANAMNESIS_OWNER_DATABASE_URL to a connection of anamnesis_owner, and start the server", "%s",
            url == NULL ? "no connection is configured" : "cannot be reached");
    }
}

/* Anything that leads to a database or to keys. */
static bool
is_configured(const struct config *config)
{
    static const enum config_key keys[] = {
        CONFIG_OWNER_DATABASE_URL,   CONFIG_DATABASE_URL, CONFIG_JOBS_DATABASE_URL, CONFIG_SCAN_DATABASE_URL,
        CONFIG_AUDITOR_DATABASE_URL, CONFIG_KEYRING,      CONFIG_JOBS_KEYRING,      CONFIG_FILES_KEYRING};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (config_text(config, keys[i]) != NULL || config_file(config, keys[i]) != NULL) {
            return true;
        }
    }
    return false;
}

int
command_doctor(const struct config *config, const struct args_doctor *given)
{
    static struct doctor doctor;
    doctor.config = config;
    doctor.certificate = given->certificate;
    if (!is_configured(config)) {
        (void)fprintf(stderr,
                      "No configuration: `anamnesis doctor --instance DIR` examines an instance of `make "
                      "start`; for a server's own, give it what its programs have.\n");
    }
    doctor.arena = arena_create(ARENA_MAX, NULL, NULL);
    if (doctor.arena == NULL) {
        (void)fprintf(stderr, "out of memory\n");
        return EXIT_USAGE;
    }
    open_all(&doctor);
    if (doctor.owner != NULL) {
        doctor_server(&doctor);
        doctor_access(&doctor);
        doctor_erasure(&doctor);
        doctor_scanner(&doctor);
    }
    doctor_config(&doctor);
    doctor_connections(&doctor);
    if (doctor.keyring != NULL) {
        doctor_keys(&doctor);
    }
    doctor_objects(&doctor);
    doctor_host(&doctor);
    enum result worst = RESULT_OK;
    for (size_t i = 0; i < doctor.count; i++) {
        worst = doctor.findings[i].result > worst ? doctor.findings[i].result : worst;
    }
    bool printed = true;
    if (given->json) {
        printed = print_json(&doctor, worst);
    } else {
        print_text(&doctor);
    }
    PQfinish(doctor.owner);
    keyring_free(doctor.keyring);
    arena_destroy(doctor.arena);
    return printed ? (int)worst : EXIT_USAGE;
}

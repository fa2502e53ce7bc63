/* The doctor's look at the host: mail, certificate, disk, core dumps, limits. */
#include "cli/doctor/doctor.h"
#include "lib/mail/deliver.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
    ERROR_SIZE = 512,
    PATTERN_SIZE = 256,
    HOST_SIZE = 256,
    CERTIFICATE_DAYS = 14,
    DISK_WARNING = 10, /* per cent free */
    DISK_FAILED = 3,
    MEMLOCK_LEAST = 1024 * 1024
};

static void
check_mail_directory(struct doctor *doctor)
{
    const char *path = config_text(doctor->config, CONFIG_MAIL_DIR);
    bool there = access(path, W_OK | X_OK) == 0;
    doctor_say(doctor, "mail", CLAUSE_TRANSMISSION, there ? RESULT_WARNING : RESULT_FAILED,
               "set ANAMNESIS_SMTP_URL: nobody gets what is left as a file",
               "messages are left as files in %s%s", path, there ? "" : ", which cannot be written to");
}

static void
check_mail(struct doctor *doctor)
{
    char error[ERROR_SIZE] = "";
    const char *reason = "";
    const char *url = config_text(doctor->config, CONFIG_SMTP_URL);
    if (url == NULL || url[0] == '\0') {
        check_mail_directory(doctor);
        return;
    }
    struct mailer *mailer = mailer_create(doctor->config, NULL, error, sizeof error);
    if (mailer == NULL) {
        doctor_say(doctor, "mail", CLAUSE_TRANSMISSION, RESULT_FAILED,
                   "mend ANAMNESIS_SMTP_* or ANAMNESIS_MAIL_FROM", "%s", error);
    } else if (!mailer_reach(mailer, &reason)) {
        doctor_say(doctor, "mail", CLAUSE_TRANSMISSION, RESULT_FAILED,
                   "connect: name, port, firewall; tls: its certificate, ANAMNESIS_SMTP_CA_FILE; sign-in: "
                   "user and password",
                   "the server cannot be reached: %s", reason);
    } else {
        doctor_say(doctor, "mail", CLAUSE_TRANSMISSION, RESULT_OK, NULL,
                   "the server was reached by TLS; nothing was sent");
    }
    mailer_destroy(mailer);
}

/* The base URL's host; "" when it has none. */
static const char *
host_of(const char *url, char host[HOST_SIZE])
{
    const char *at = strstr(url, "://");
    at = at == NULL ? url : at + 3;
    (void)snprintf(host, HOST_SIZE, "%.*s", (int)strcspn(at, ":/"), at);
    return host;
}

static void
judge_certificate(struct doctor *doctor, X509 *certificate)
{
    char host[HOST_SIZE];
    int days = 0;
    int seconds = 0;
    (void)host_of(config_text(doctor->config, CONFIG_BASE_URL), host);
    bool begun = X509_cmp_current_time(X509_get0_notBefore(certificate)) < 0;
    bool over = X509_cmp_current_time(X509_get0_notAfter(certificate)) <= 0;
    (void)ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(certificate));
    bool named = X509_check_host(certificate, host, 0, 0, NULL) == 1;
    if (!begun || over) {
        doctor_say(doctor, "certificate", CLAUSE_TRANSMISSION, RESULT_FAILED, "renew it, and reload nginx",
                   over ? "expired %d days ago" : "is not valid yet", -days);
    } else if (!named) {
        doctor_say(doctor, "certificate", CLAUSE_TRANSMISSION, RESULT_FAILED,
                   "get one for the host of ANAMNESIS_BASE_URL", "is not for %s", host);
    } else {
        doctor_say(doctor, "certificate", CLAUSE_TRANSMISSION,
                   days < CERTIFICATE_DAYS ? RESULT_WARNING : RESULT_OK, "renew it, and reload nginx",
                   "for %s, valid for %d more days", host, days);
    }
}

static void
check_certificate(struct doctor *doctor)
{
    char *text = NULL;
    const char *pem = config_text(doctor->config, CONFIG_TLS_CERT);
    if (doctor->certificate != NULL) {
        text = config_read_file(doctor->certificate);
        pem = text;
    } else if (pem == NULL) {
        doctor_say(doctor, "certificate", CLAUSE_TRANSMISSION, RESULT_WARNING,
                   "set ANAMNESIS_TLS_CERT_FILE, or give --certificate FILE", "not looked at");
        return;
    }
    BIO *bio = pem == NULL ? NULL : BIO_new_mem_buf(pem, -1);
    X509 *certificate = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);
    if (certificate == NULL) {
        doctor_say(doctor, "certificate", CLAUSE_TRANSMISSION, RESULT_FAILED,
                   "name the file of the site's certificate (PEM)", "%s: is no certificate",
                   doctor->certificate != NULL ? doctor->certificate : "ANAMNESIS_TLS_CERT");
    } else {
        judge_certificate(doctor, certificate);
    }
    X509_free(certificate);
    BIO_free(bio);
    free(text);
}

/* The file systems of what we know of; one that is full stops auto-saves (the database's) or mail. */
static void
check_disk(struct doctor *doctor)
{
    const char *places[] = {config_text(doctor->config, CONFIG_MAIL_DIR),
                            config_text(doctor->config, CONFIG_SOCKET_DIR), "/tmp", "/",
                            doctor_ask(doctor, &sql_data_directory)};
    const char *fullest = "/";
    int least = 100;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct statvfs status;
        if (places[i] != NULL && statvfs(places[i], &status) == 0 && status.f_blocks > 0) {
            int free_part = (int)(status.f_bavail * 100 / status.f_blocks);
            fullest = free_part < least ? places[i] : fullest;
            least = free_part < least ? free_part : least;
        }
    }
    doctor_say(doctor, "disk", CLAUSE_INTEGRITY,
               least < DISK_FAILED    ? RESULT_FAILED
               : least < DISK_WARNING ? RESULT_WARNING
                                      : RESULT_OK,
               "make room: a full disk stops saving", "%d %% free at %s", least, fullest);
}

/* The limit of a PostgreSQL process on this host, as /proc tells everybody; -1 when it is elsewhere, or not
 * told. */
static int64_t
core_limit(struct doctor *doctor)
{
    char line[PATTERN_SIZE];
    int64_t limit = -1;
    const char *pid = doctor_ask(doctor, &sql_backend_pid);
    FILE *file = pid == NULL ? NULL : fopen(arena_format(doctor->arena, "/proc/%s/limits", pid), "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        static const char name[] = "Max core file size";
        if (strncmp(line, name, sizeof name - 1) == 0) {
            const char *value = line + sizeof name - 1;
            value += strspn(value, " ");
            limit =
                strncmp(value, "unlimited", strlen("unlimited")) == 0 ? INT64_MAX : strtoll(value, NULL, 10);
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return limit;
}

/* Our programs forbid their own dumps; the database server's memory has keys too. A program that collects
 * dumps gets them whatever the limit is (core(5)). */
static void
check_core_dumps(struct doctor *doctor)
{
    int64_t limit = core_limit(doctor);
    char pattern[PATTERN_SIZE] = "";
    FILE *file = fopen("/proc/sys/kernel/core_pattern", "re");
    bool read = file != NULL && fgets(pattern, sizeof pattern, file) != NULL;
    if (file != NULL) {
        (void)fclose(file);
    }
    pattern[strcspn(pattern, "\n")] = '\0';
    bool collected = read && pattern[0] == '|' && strstr(pattern, "/bin/false") == NULL;
    doctor_say(doctor, "core-dumps", CLAUSE_ENCRYPTION, collected ? RESULT_WARNING : RESULT_OK,
               "a collector keeps what a crash of PostgreSQL had in memory: sysctl "
               "kernel.core_pattern='|/bin/false', or "
               "LimitCORE=0 for postgresql.service",
               "core_pattern is %s", read ? pattern : "unknown");
    if (limit >= 0) {
        doctor_say(
            doctor, "core-limit", CLAUSE_ENCRYPTION, limit == 0 ? RESULT_OK : RESULT_WARNING,
            "LimitCORE=0 for postgresql.service (ulimit -c 0 before it is started): its memory has keys",
            limit == 0 ? "PostgreSQL leaves none" : "PostgreSQL leaves its memory in a file when it crashes");
    }
}

static void
check_limits(struct doctor *doctor)
{
    struct rlimit lock;
    bool known = getrlimit(RLIMIT_MEMLOCK, &lock) == 0;
    bool enough = known && lock.rlim_cur >= MEMLOCK_LEAST;
    doctor_say(doctor, "locked-memory", CLAUSE_ENCRYPTION, enough ? RESULT_OK : RESULT_WARNING,
               "LimitMEMLOCK=8M (ulimit -l): keys could be swapped to a disk",
               known && lock.rlim_cur == RLIM_INFINITY ? "without a limit (%llu)"
                                                       : "at most %llu bytes a process",
               (unsigned long long)lock.rlim_cur);
}

void
doctor_host(struct doctor *doctor)
{
    check_mail(doctor);
    check_certificate(doctor);
    check_disk(doctor);
    check_core_dumps(doctor);
    check_limits(doctor);
}

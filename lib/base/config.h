/*
 * Configuration: ANAMNESIS_* environment variables, one table (config.c), for all programs.
 *
 * Each NAME has a twin NAME_FILE, the path of a file that holds the value (one trailing newline is dropped);
 * giving both is an error. Of a keyring the path alone is kept: whoever needs the keys reads them into secure
 * memory. Everything is read and judged once, at the start: a number out of its range or a word that is no
 * choice is refused there with a sentence, so code that uses a value does not judge it again. A program that
 * needs a variable says so itself; here all may be absent.
 *
 * Values are secrets as often as not: they are wiped by config_free, never logged, and never put on a command
 * line. The table in docs/operations.md is printed by config_markdown. A variable that no code reads fails
 * the build (tools/style.py), so a new one comes with its use.
 */
#ifndef ANAMNESIS_BASE_CONFIG_H
#define ANAMNESIS_BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum config_key {
    CONFIG_DATABASE_URL,
    CONFIG_OWNER_DATABASE_URL,
    CONFIG_JOBS_DATABASE_URL,
    CONFIG_SCAN_DATABASE_URL,
    CONFIG_AUDITOR_DATABASE_URL,
    CONFIG_SCRATCH_DATABASE_URL,
    CONFIG_KEYRING,
    CONFIG_JOBS_KEYRING,
    CONFIG_FILES_KEYRING,
    CONFIG_BASE_URL,
    CONFIG_ALLOWED_ORIGINS,
    CONFIG_PORTAL_URL,
    CONFIG_RESET_URL,
    CONFIG_EMAIL_URL,
    CONFIG_SOCKET_DIR,
    CONFIG_STORE_DIR,
    CONFIG_STORE_URL,
    CONFIG_STORE_REGION,
    CONFIG_STORE_CA_FILE,
    CONFIG_STORE_SOCKET_DIR,
    CONFIG_FILES_URL,
    CONFIG_WORKERS_API,
    CONFIG_WORKERS_AUTH,
    CONFIG_WORKERS_BULK,
    CONFIG_PRACTICE_SHARE,
    CONFIG_WORKER_REQUESTS,
    CONFIG_REQUEST_SECONDS,
    CONFIG_ADDRESS_SPACE,
    CONFIG_AUDIT_READS,
    CONFIG_AUDIT_CHECKPOINT_DIR,
    CONFIG_AUDIT_RETENTION_YEARS,
    CONFIG_BACKUP_DAYS,
    CONFIG_MAIL_DIR,
    CONFIG_MAIL_FROM,
    CONFIG_SMTP_URL,
    CONFIG_SMTP_USER,
    CONFIG_SMTP_PASSWORD,
    CONFIG_SMTP_CA_FILE,
    CONFIG_SCANNER,
    CONFIG_CLAMD,
    CONFIG_SIGNATURES,
    CONFIG_SCAN_DIRECTORY,
    CONFIG_RESCANS_PER_MINUTE,
    CONFIG_TLS_CERT,
    CONFIG_LOG_LEVEL,
    CONFIG_CONTRACT_LOG,
    CONFIG_COUNT
};

struct config {
    char *text[CONFIG_COUNT]; /* owned; NULL when not given and without a default */
    int64_t number[CONFIG_COUNT];
    bool from_file[CONFIG_COUNT]; /* the value came by NAME_FILE */
    char *file[CONFIG_COUNT];     /* its path */
};

/*
 * Reads the whole environment. Every fault is named on `errors`, one line each, with what to do; false when
 * there was one. The caller calls config_free in either case.
 */
bool config_load(struct config *config, FILE *errors);

/*
 * Names on `notes`, one line each, the ANAMNESIS_* variables of the environment that nothing of ours reads,
 * with the one that is probably meant. Returns how many there are.
 */
size_t config_name_unknown(FILE *notes);

void config_free(struct config *config);

/* The value, or NULL. Numbers are in range by construction. */
const char *config_text(const struct config *config, enum config_key key);
int64_t config_number(const struct config *config, enum config_key key);

/* The path that NAME_FILE gave, or NULL when the value did not come from a file. */
const char *config_file(const struct config *config, enum config_key key);

/*
 * Reads a file as NAME_FILE is read: at most 64 KiB, without NUL characters, and without one trailing
 * newline. Returns the text, which the caller wipes and frees, or NULL with errno.
 */
char *config_read_file(const char *path);

/* The name of the variable, for messages. */
const char *config_name(enum config_key key);

/* The table as Markdown, for docs/operations.md. */
void config_markdown(FILE *out);

#endif

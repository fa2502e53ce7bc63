/* The operator's command: one function a subcommand. Each prints what it did; with --json, one JSON value. */
#ifndef ANAMNESIS_CLI_COMMAND_H
#define ANAMNESIS_CLI_COMMAND_H

#include "lib/base/config.h"

#include <libpq-fe.h>
#include <stdbool.h>

/* The last one is EX_CONFIG of sysexits.h: trying again does not help. */
enum { EXIT_DONE = 0, EXIT_FAULT = 1, EXIT_USAGE = 2, EXIT_MISCONFIGURED = 78 };
enum { COMMAND_NAME_MAX = 200 }; /* code points */

struct command {
    const char *words;   /* "practice create" */
    const char *usage;   /* what follows the words */
    const char *summary; /* one line */
    const char *help;    /* the rest of --help */
    int (*run)(const struct config *config, int count, char **arguments);
};

/* Each gets what follows its words; returns an exit status. */
int command_migrate(const struct config *config, int count, char **arguments);
int command_practice_create(const struct config *config, int count, char **arguments);
int command_staff_invite(const struct config *config, int count, char **arguments);
int command_staff_recover(const struct config *config, int count, char **arguments);
int command_keys_upgrade(const struct config *config, int count, char **arguments);
int command_practice_list(const struct config *config, int count, char **arguments);
int command_staff_list(const struct config *config, int count, char **arguments);
int command_questionnaire_list(const struct config *config, int count, char **arguments);
int command_keys_split(const struct config *config, int count, char **arguments);
int command_keys_create(const struct config *config, int count, char **arguments);
int command_keys_status(const struct config *config, int count, char **arguments);
int command_keys_register(const struct config *config, int count, char **arguments);
int command_keys_rotate(const struct config *config, int count, char **arguments);
int command_keys_retire(const struct config *config, int count, char **arguments);
int command_questionnaire_import(const struct config *config, int count, char **arguments);
int command_questionnaire_export(const struct config *config, int count, char **arguments);
int command_form_check(const struct config *config, int count, char **arguments);
int command_audit_verify(const struct config *config, int count, char **arguments);
int command_audit_export(const struct config *config, int count, char **arguments);
int command_audit_drop(const struct config *config, int count, char **arguments);
int command_audit_key(const struct config *config, int count, char **arguments);
int command_backup_check(const struct config *config, int count, char **arguments);
int command_doctor(const struct config *config, int count, char **arguments);
int command_config(const struct config *config, int count, char **arguments);

/* What the API demands of a name (display-name in the contract): 1 to COMMAND_NAME_MAX characters on one
 * line, with something to see. False for NULL. */
bool command_is_name(const char *name);

/* True when `option` is among the arguments. */
bool command_has(int count, char **arguments, const char *option);

/* True when each argument is one of `options` (NULL-terminated); otherwise says on stderr which is not. */
bool command_knows(int count, char **arguments, const char *const *options);

/* A connection as the owner, or NULL after saying on stderr what to do. The caller finishes it. */
PGconn *command_connect(const struct config *config);

/* Runs one statement; false after saying on stderr why not. Nothing of a parameter is printed. */
bool command_do(PGconn *connection, const char *sql);

#endif

/*
 * What the operator's commands share. A command prints what it did on stdout (with --json, one JSON value),
 * says what is wrong and what to do on stderr, and returns an exit status. It changes the database in one
 * transaction, with an audit row of its own (database_note), and never prints a secret but the one that it
 * was asked to make. Their prototypes and the structures of what they take are in build/gen/cli.h, made of
 * cli/help/.
 */
#ifndef ANAMNESIS_CLI_COMMAND_H
#define ANAMNESIS_CLI_COMMAND_H

#include "build/gen/cli.h"
#include "lib/base/config.h"

#include <libpq-fe.h>
#include <stdbool.h>

/* The last one is EX_CONFIG of sysexits.h: trying again does not help. */
enum { EXIT_DONE = 0, EXIT_FAULT = 1, EXIT_USAGE = 2, EXIT_MISCONFIGURED = 78 };
enum { COMMAND_NAME_MAX = 200 }; /* code points */

/* What the API demands of a name (display-name in the contract): 1 to COMMAND_NAME_MAX characters on one
 * line, with something to see. False for NULL. */
bool command_is_name(const char *name);

/* A connection as the owner, or NULL after saying on stderr what to do. The caller finishes it. */
PGconn *command_connect(const struct config *config);

/* Runs one statement; false after saying on stderr why not. Nothing of a parameter is printed. */
bool command_do(PGconn *connection, const char *sql);

#endif

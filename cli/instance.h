/* An instance that `make start` made, as the source of a command's configuration: its file command.env, lines
 * of NAME=VALUE (tools/instancelib/control.py writes it), read into the environment before config_load. */
#ifndef ANAMNESIS_CLI_INSTANCE_H
#define ANAMNESIS_CLI_INSTANCE_H

#include <stdbool.h>

/*
 * Takes the variables of the instance in `directory`; NULL: in that of ANAMNESIS_INSTANCE; without it, and if
 * `wanted`, in `var` when the working directory is the source code's and no variable names a database, which
 * is said on stderr. A variable that is set, by its name or its twin NAME_FILE, stays. False after saying on
 * stderr what is wrong: the directory is none of an instance, or its file could have been written by others.
 */
bool instance_use(const char *directory, bool wanted);

#endif

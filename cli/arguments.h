/*
 * What a command takes, and the one parser of it (getopt_long). The tables and the structures that are filled
 * are made from cli/help/ by tools/gen_cli.py: an option without help cannot exist, and none is parsed by
 * hand. A value is checked for being one of the declared words; all else is the command's own.
 */
#ifndef ANAMNESIS_CLI_ARGUMENTS_H
#define ANAMNESIS_CLI_ARGUMENTS_H

#include "lib/base/config.h"

#include <stdbool.h>
#include <stddef.h>

enum { COMMAND_OPTIONS_MAX = 16, COMMAND_LIST_MAX = 128 };

/* What may be given several times. Borrowed from the argument list. */
struct command_list {
    size_t count;
    const char *items[COMMAND_LIST_MAX];
};

struct command_option {
    const char *name;  /* "practice" */
    const char *value; /* "NAME|ID"; NULL: the option stands alone, and its member is a bool */
    char letter;       /* 'o', or 0 */
    bool needed;
    bool repeated;  /* its member is a struct command_list */
    bool is_choice; /* the value is one of the words between the bars */
    size_t offset;  /* in the command's structure */
};

struct command_operand {
    const char *name; /* "FILE" */
    bool needed;
    bool repeated; /* the rest; its member is a struct command_list */
    size_t offset;
};

struct command {
    const char *words;   /* "practice create" */
    const char *usage;   /* the words and all that they take */
    const char *summary; /* one line */
    const char *help;    /* the rest of --help */
    const struct command_option *options;
    size_t option_count;
    const struct command_operand *operands;
    size_t operand_count;
    bool needs_configuration; /* an instance at hand is looked for */
    int (*run)(const struct config *config, const void *given);
};

/*
 * Fills `given` (the command's structure, zeroed by the caller) from what follows the command's words, in any
 * order; `argv[0]` is not looked at. *instance is the value of --instance, if it is there. Values are
 * borrowed. False after saying on stderr what is unknown, ambiguous, without its value, twice there or
 * missing.
 */
bool arguments_read(const struct command *command, int argc, char **argv, void *given, const char **instance);

/* True when --help is among the arguments, before a `--`. */
bool arguments_ask_for_help(int argc, char **argv);

#endif

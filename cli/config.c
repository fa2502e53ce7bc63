#include "cli/command.h"

#include <stdio.h>

int
command_config(const struct config *config, int count, char **arguments)
{
    (void)config;
    (void)count;
    (void)arguments;
    config_markdown(stdout);
    return ferror(stdout) != 0 ? EXIT_FAULT : EXIT_DONE;
}

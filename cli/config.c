#include "cli/command.h"

#include <stdio.h>

int
command_config(const struct config *config, const struct args_config *given)
{
    (void)config;
    (void)given;
    config_markdown(stdout);
    return ferror(stdout) != 0 ? EXIT_FAULT : EXIT_DONE;
}

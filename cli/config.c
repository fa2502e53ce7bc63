#include "cli/command.h"

#include <stdio.h>

int
command_config(const struct config *config, int count, char **arguments)
{
    static const char *const options[] = {NULL};
    (void)config;
    if (!command_knows(count, arguments, options)) {
        return EXIT_USAGE;
    }
    config_markdown(stdout);
    return ferror(stdout) != 0 ? EXIT_FAULT : EXIT_DONE;
}

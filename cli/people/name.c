#include "cli/command.h"

#include "lib/base/display.h"
#include "lib/base/utf8.h"

#include <string.h>

/* The API asks the same of `format: display-name` (lib/http/schema_format.h). */
bool
command_is_name(const char *name)
{
    size_t size = name == NULL ? 0 : strlen(name);
    return size > 0 && display_is_name(name, size) && utf8_length(name, size) <= COMMAND_NAME_MAX;
}

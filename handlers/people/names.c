#include "handlers/people/names.h"

#include "lib/base/display.h"

#include <string.h>

enum problem
name_check(struct request *rq, const char *name, const char *pointer)
{
    if (name == NULL || !display_is_blank(name, strlen(name))) {
        return PROBLEM_NONE;
    }
    request_error(rq, pointer, "blank", "must not be blank");
    return PROBLEM_INVALID_REQUEST;
}

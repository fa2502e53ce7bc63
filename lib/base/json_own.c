#include "lib/base/json_own.h"

#include <json-c/json.h>

void
json_release(void *object)
{
    (void)json_object_put(object);
}

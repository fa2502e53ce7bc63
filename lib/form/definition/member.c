#include "lib/form/definition/member.h"

struct json_object *
member_array(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    (void)json_object_object_get_ex(object, name, &value);
    return json_object_is_type(value, json_type_array) ? value : NULL;
}

const char *
member_string(struct json_object *object, const char *name, size_t *size)
{
    struct json_object *value = NULL;
    (void)json_object_object_get_ex(object, name, &value);
    if (!json_object_is_type(value, json_type_string)) {
        *size = 0;
        return NULL;
    }
    *size = (size_t)json_object_get_string_len(value);
    return json_object_get_string(value);
}

bool
member_true(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    (void)json_object_object_get_ex(object, name, &value);
    return json_object_is_type(value, json_type_boolean) && json_object_get_boolean(value);
}

bool
member_present(struct json_object *object, const char *name)
{
    return json_object_object_get_ex(object, name, NULL) != 0;
}

#include "handlers/questionnaires/forms_json.h"

#include "lib/base/json_read.h"

struct json_object *
forms_parse(struct request *rq, const char *text, size_t size)
{
    struct json_fault fault;
    return json_read(rq->arena, (struct span){(const unsigned char *)text, size}, &fault);
}

#include "handlers/people/delivery.h"

#include <stddef.h>

void
delivery_write(struct json_out *out, const struct delivery_status *status)
{
    if (status->state == NULL) {
        json_null(out, "delivery_status");
        return;
    }
    json_key(out, "delivery_status");
    json_begin_object(out);
    json_text(out, "state", status->state);
    json_time(out, "at", status->at);
    json_text(out, "reason", status->reason);
    json_end_object(out);
}

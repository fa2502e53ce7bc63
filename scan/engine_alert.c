#include "scan/engine_alert.h"

#include <stdio.h>
#include <string.h>

/* Alerts that name no signature, by the beginning of their names, and what they mean. */
static const struct {
    const char *start;
    enum wire_reason reason;
} alerts[] = {
    {"Heuristics.Limits.Exceeded", WIRE_TOO_DEEP},
    {"Heuristics.Encrypted.", WIRE_ENCRYPTED},
    {"Heuristics.OLE2.ContainsMacros", WIRE_ACTIVE_CONTENT},
};

void
engine_alert(const char *name, struct wire_reply *reply)
{
    *reply = (struct wire_reply){.verdict = WIRE_INFECTED};
    for (size_t i = 0; i < sizeof alerts / sizeof alerts[0]; i++) {
        if (strncmp(name, alerts[i].start, strlen(alerts[i].start)) == 0) {
            *reply = (struct wire_reply){.verdict = WIRE_REJECTED, .reason = (uint32_t)alerts[i].reason};
            return;
        }
    }
    (void)snprintf(reply->signature, sizeof reply->signature, "%s", name[0] != '\0' ? name : "unnamed");
}

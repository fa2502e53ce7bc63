#include "scan/tagged.h"

#include "lib/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static enum step
refuse(struct wire_reply *reply, enum wire_reason reason)
{
    *reply =
        (struct wire_reply){.verdict = WIRE_REJECTED, .reason = (uint32_t)reason, .end = WIRE_END_ANSWERED};
    return STEP_REFUSED;
}

static enum step
harms(struct wire_reply *reply)
{
    *reply = (struct wire_reply){.verdict = WIRE_INFECTED, .end = WIRE_END_ANSWERED};
    (void)snprintf(reply->signature, sizeof reply->signature, "%s", TAGGED_WITH);
    return STEP_INFECTED;
}

/* What one tag says. Whatever is not known lets nothing pass. */
static enum step
judge(const char *upload_id, const char *value, struct wire_reply *reply)
{
    if (strcmp(value, "NO_THREATS_FOUND") == 0) {
        return STEP_FINE;
    }
    if (strcmp(value, "THREATS_FOUND") == 0) {
        return harms(reply);
    }
    if (value[0] == '\0') {
        return STEP_AGAIN;
    }
    log_event(LOG_WARN, "upload-not-scanned", LOG_TEXT("upload", upload_id),
              LOG_TEXT("hindered", "by the other party"));
    return refuse(reply, WIRE_NOT_SCANNED);
}

enum step
tagged_look(struct store *store, const char *upload_id, int64_t parts, enum media_type type,
            struct wire_reply *reply)
{
    char value[STORE_TAG_SIZE];
    enum step all = STEP_FINE;
    *reply = (struct wire_reply){.verdict = WIRE_CLEAN, .end = WIRE_END_ANSWERED};
    if (parts > 1 || type == MEDIA_DOCX || type == MEDIA_PDF) {
        all = refuse(reply, WIRE_NOT_UNDERSTOOD);
    }
    for (int64_t number = 1; number <= parts; number++) {
        enum store_result result = store_part_tag(store, upload_id, (unsigned)number, TAGGED_WITH, value);
        if (result != STORE_DONE) {
            log_event(LOG_ERROR, "upload-not-read", LOG_TEXT("upload", upload_id),
                      LOG_INT("errno", result == STORE_FAILED ? errno : 0), LOG_INT("store", result));
            return result == STORE_ABSENT ? STEP_AGAIN : STEP_OURS;
        }
        struct wire_reply said;
        enum step step = judge(upload_id, value, &said);
        if (step == STEP_INFECTED || (step != STEP_FINE && all == STEP_FINE)) {
            all = step;
            *reply = step == STEP_AGAIN ? *reply : said;
        }
        if (step == STEP_INFECTED) {
            break;
        }
    }
    return all;
}

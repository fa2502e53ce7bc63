#include "handlers/responses/response_document.h"

#include "lib/base/clock.h"

#include <string.h>

/* By hand: the contract leaves FHIR's resources open, and the proof needs these members alone. None of the
 * texts needs an escape; the items, which may be many, are copied once. */
const char *
response_document(struct request *rq, const struct response_document *it)
{
    char authored[CLOCK_TEXT_SIZE];
    size_t size = strcspn(it->items, "\n");
    bool any = size > sizeof "[]" - 1; /* FHIR has no empty arrays */
    const char *head =
        arena_format(rq->arena,
                     "{\"resourceType\":\"QuestionnaireResponse\",\"id\":\"%s\","
                     "\"questionnaire\":\"urn:uuid:%s|%lld\",\"status\":\"%s\","
                     "\"subject\":{\"reference\":\"Patient/%s\"},\"authored\":\"%s\"%s",
                     it->id, it->questionnaire_id, (long long)it->version, it->status, it->patient_id,
                     clock_text(it->authored, authored), any ? ",\"item\":" : "}");
    if (!any) {
        return head;
    }
    size_t before = strlen(head);
    char *text = arena_alloc(rq->arena, before + size + sizeof "}");
    memcpy(text, head, before);
    memcpy(text + before, it->items, size);
    text[before + size] = '}';
    return text;
}

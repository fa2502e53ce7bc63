#include "handlers/responses/response_document.h"

#include "handlers/questionnaires/forms.h"
#include "lib/base/clock.h"

#include <string.h>

void
response_document_write(struct buf *buf, const struct response_document *document)
{
    char authored[CLOCK_TEXT_SIZE];
    struct json_out out;
    json_start(&out, buf);
    json_begin_object(&out);
    json_text(&out, "resourceType", "QuestionnaireResponse");
    json_text(&out, "id", document->id);
    json_key(&out, "questionnaire");
    buf_format(buf, "\"urn:uuid:%s|%lld\"", document->questionnaire_id, (long long)document->version);
    out.comma = true;
    json_text(&out, "status", document->status);
    json_object_key(&out, "subject");
    json_key(&out, "reference");
    buf_format(buf, "\"Patient/%s\"", document->patient_id);
    out.comma = true;
    json_end_object(&out);
    json_text(&out, "authored", clock_text(document->authored, authored));
    size_t items = strcspn(document->items, "\n");
    if (items > sizeof "[]" - 1) { /* FHIR has no empty arrays */
        json_key(&out, "item");
        buf_add(buf, document->items, items);
        out.comma = true;
    }
    json_end_object(&out);
}

void
response_proof_write(struct request *rq, struct span definition_sha256, struct span response_sha256)
{
    struct json_out *out = &rq->reply.json;
    json_object_key(out, "proof");
    json_text(out, "definition_sha256", forms_hex(rq, definition_sha256));
    json_text(out, "response_sha256", forms_hex(rq, response_sha256));
    json_end_object(out);
}

/* A response as the FHIR QuestionnaireResponse that its proof is made of. */
#ifndef ANAMNESIS_HANDLERS_RESPONSES_RESPONSE_DOCUMENT_H
#define ANAMNESIS_HANDLERS_RESPONSES_RESPONSE_DOCUMENT_H

#include "lib/http/request.h"

#include <stdint.h>

/* What a FHIR QuestionnaireResponse of ours is made of. */
struct response_document {
    const char *id;
    const char *patient_id;
    const char *questionnaire_id;
    int64_t version;
    const char *status;
    int64_t authored;  /* microseconds since 1970: submitted, or last changed */
    const char *items; /* the stored answers: a JSON array, then a newline and what only auto-save needs */
};

/* The document, in the arena; its RFC 8785 hash is the proof's. */
const char *response_document(struct request *rq, const struct response_document *it);

#endif

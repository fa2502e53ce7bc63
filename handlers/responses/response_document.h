/* A response as the FHIR QuestionnaireResponse that its proof is made of. */
#ifndef ANAMNESIS_HANDLERS_RESPONSES_RESPONSE_DOCUMENT_H
#define ANAMNESIS_HANDLERS_RESPONSES_RESPONSE_DOCUMENT_H

#include "lib/base/span.h"
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

/* Appends the document to a buffer; its RFC 8785 hash is the proof's. */
void response_document_write(struct buf *buf, const struct response_document *document);

/* Writes the member "proof". */
void response_proof_write(struct request *rq, struct span definition_sha256, struct span response_sha256);

#endif

/* A questionnaire as its authors see it, in lists and by itself. */
#ifndef ANAMNESIS_HANDLERS_QUESTIONNAIRES_QUESTIONNAIRE_VIEW_H
#define ANAMNESIS_HANDLERS_QUESTIONNAIRES_QUESTIONNAIRE_VIEW_H

#include "lib/form/form.h"
#include "lib/http/request.h"

/* What a list and a single questionnaire have in common. */
struct questionnaire_summary {
    const char *id;
    const char *status;
    const char *title;
    int64_t revision;
    int64_t version;
    bool has_version;
    bool has_draft;
    int64_t created_at;
    int64_t updated_at;
};

/* Writes the common members into an object that the caller began. */
void questionnaire_write_summary(struct json_out *out, const struct questionnaire_summary *it);

/* Writes the reply: the common members and the definition, with the ETag; and what was dear, if anything was
 * (NULL: nothing). */
void questionnaire_write_whole(struct request *rq, const struct questionnaire_summary *it,
                               const char *definition, const struct form_issues *dear);

#endif

/* A questionnaire as its authors see it: whether its draft can be published, and the reply that shows it. */
#ifndef ANAMNESIS_HANDLERS_QUESTIONNAIRES_QUESTIONNAIRE_VIEW_H
#define ANAMNESIS_HANDLERS_QUESTIONNAIRES_QUESTIONNAIRE_VIEW_H

#include "build/gen/reply.h"
#include "handlers/questionnaires/forms.h"
#include "lib/http/request.h"

struct questionnaire_now_row;

/* Whether there is a draft, and versions may still be made of it: not once it is retired. */
bool questionnaire_is_publishable(const struct questionnaire_now_row *now);

/* Writes the reply with its ETag; and what was dear, if anything was (NULL: nothing). */
void questionnaire_write(struct request *rq, const struct reply_questionnaire *it,
                         const struct form_issues *dear);

/* Stores a new draft as the last statement, and writes the reply. */
enum problem questionnaire_begin(struct request *rq, const struct checked_form *form);

#endif

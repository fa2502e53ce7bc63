/* Giving a patient a questionnaire to answer: by itself, or together with an invitation. */
#ifndef ANAMNESIS_HANDLERS_QUESTIONNAIRES_ASSIGNING_H
#define ANAMNESIS_HANDLERS_QUESTIONNAIRES_ASSIGNING_H

#include "lib/http/request.h"

struct assigned {
    char id[UUID_TEXT_SIZE];
    int64_t version;
    const char *title; /* in the arena */
    int64_t created_at;
};

/*
 * PROBLEM_NOT_FOUND when the patient is not one of the practice's, PROBLEM_NOT_ACTIVE when archived. Says
 * whether the patient has registered, unless `registered` is NULL. One trip.
 */
enum problem patient_may_be_asked(struct request *rq, const char *patient_id, bool *registered);

/*
 * Assigns the active version; `due_at` may be NULL (microseconds since 1970). PROBLEM_NOT_FOUND for a
 * questionnaire that is not the practice's, PROBLEM_QUESTIONNAIRE_STATE for one that is not active.
 */
enum problem assign(struct request *rq, const char *patient_id, const char *questionnaire_id,
                    const int64_t *due_at, struct assigned *made);

#endif

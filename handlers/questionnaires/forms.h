/*
 * Between the questionnaire engine (lib/form, which knows no database) and the handlers: definitions as they
 * are stored, the value sets that they use, and the cache of compiled versions. All calls of a request share
 * one work with a limit to its time (forms_work); once it is reached, nothing that was worked out may be
 * stored or told (forms_in_time). A published version never changes, so it is compiled once a process; a
 * draft is compiled each time. What the engine found becomes a reply's issues or the request's errors, and
 * never holds an answer.
 */
#ifndef ANAMNESIS_HANDLERS_QUESTIONNAIRES_FORMS_H
#define ANAMNESIS_HANDLERS_QUESTIONNAIRES_FORMS_H

#include "build/gen/reply.h"
#include "handlers/questionnaires/forms_json.h"
#include "lib/base/span.h"
#include "lib/form/form.h"
#include "lib/http/request.h"

#include <json-c/json.h>

/* A definition that was checked. Everything is in the arena. */
struct checked_form {
    const char *title;        /* the definition's title, or "" */
    const char *text;         /* compact JSON: members keep their order, decimals their digits */
    unsigned char sha256[32]; /* of the canonical form, RFC 8785 */
    /* Of a draft, only `issues`: what its expressions take. From forms_judge and forms_check_text also: */
    struct json_object *json;
    const char *value_sets;    /* JSON array of the stored value sets that it uses */
    struct form_issues issues; /* what the engine found */
};

/* What the questionnaire engine's work of this request is: one for all calls, with a limit to its time. */
struct form_work *forms_work(struct request *rq);

/* PROBLEM_FORM_TOO_COSTLY when that limit was reached: then nothing that was worked out is of use. */
enum problem forms_in_time(struct request *rq);

/* Size of the longest beginning of a UTF-8 text that has at most `max` bytes and cuts no character. */
size_t forms_whole_characters(const char *text, size_t max);

/* A draft may be unfinished: only its title is judged (PROBLEM_INVALID_FORM). Fills title and text. */
enum problem forms_draft(struct request *rq, struct json_object *definition, struct checked_form *form);

/* A stored definition as a draft of its own, with its title marked as a copy (shortened to fit, and cleaned
 * when it was stored before titles were judged). */
enum problem forms_copy(struct request *rq, const char *definition, struct checked_form *form);

/*
 * Judges a stored draft with the value sets that it uses; what was found is in form->issues, where a value
 * set that is not known is an error. Fills text, json and value_sets.
 */
enum problem forms_judge(struct request *rq, const char *definition, struct checked_form *form);

/* Checks a stored draft for publication: PROBLEM_INVALID_FORM with every error noted. Fills everything. */
enum problem forms_check_text(struct request *rq, const char *definition, struct checked_form *form);

/* The compiled version, from the process's cache or (one trip) from the database. Borrowed until the request
 * ends. */
enum problem forms_load(struct request *rq, const char *questionnaire_id, int64_t version,
                        const struct form **form);

/* Notes every issue that is an error as a violation of the request; true when there was one. */
bool forms_note_errors(struct request *rq, const struct form_issues *issues);

/* All issues as replies show them, issues->count of them; in the arena. */
const struct reply_definition_issue *forms_issues(struct request *rq, const struct form_issues *issues);

/* SHA-256 of the canonical form (RFC 8785) of a JSON text. PROBLEM_INTERNAL when it is not JSON. */
enum problem forms_canonical_sha256(struct request *rq, const char *json, unsigned char sha256[32]);

#endif

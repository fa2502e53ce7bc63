/*
 * All that is stored of the signed-in patient's own, as FHIR R4 Bundles: who they are, what they were asked
 * in the words of the time, what they answered, and the scores as Observations. References lead from entry to
 * entry. The contract leaves FHIR's resources open, and the page ends by what was written so far: so it is
 * written by hand, straight into the reply.
 */
#include "app/app.h"
#include "app/keys.h"
#include "app/page.h"
#include "build/gen/api.h"
#include "build/gen/sql.h"
#include "handlers/questionnaires/forms.h"
#include "handlers/responses/response_document.h"
#include "lib/base/config.h"
#include "lib/db/tx.h"

#include <json-c/json.h>
#include <string.h>

/* A page ends once this much is written, because one more response with its definition still fits then. */
enum { PAGE_BYTES = REPLY_BODY_MAX / 2 };

static void
begin_entry(struct request *rq, const char *type, const char *id)
{
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    json_text(
        out, "fullUrl",
        arena_format(rq->arena, "%s/fhir/%s/%s", config_text(rq->app->config, CONFIG_BASE_URL), type, id));
    json_key(out, "resource");
}

static void
end_entry(struct json_out *out)
{
    out->comma = true;
    json_end_object(out);
}

static void
write_reference(struct json_out *out, const char *name, const char *reference)
{
    json_object_key(out, name);
    json_text(out, "reference", reference);
    json_end_object(out);
}

static void
write_patient(struct request *rq, const struct q_patient_profile_row *row)
{
    struct json_out *out = &rq->reply.json;
    begin_entry(rq, "Patient", row->id);
    json_begin_object(out);
    json_text(out, "resourceType", "Patient");
    json_text(out, "id", row->id);
    json_array_key(out, "name");
    json_begin_object(out);
    if (row->family_name != NULL) {
        json_text(out, "family", row->family_name);
    }
    if (row->given_name != NULL) {
        json_array_key(out, "given");
        json_value_text(out, row->given_name);
        json_end_array(out);
    }
    json_end_object(out);
    json_end_array(out);
    json_array_key(out, "telecom");
    json_begin_object(out);
    json_text(out, "system", "email");
    json_email(out, "value", row->email);
    json_end_object(out);
    json_end_array(out);
    json_text(out, "birthDate", row->birth_date);
    if (row->language != NULL) {
        json_array_key(out, "communication");
        json_begin_object(out);
        json_object_key(out, "language");
        json_text(out, "text", row->language);
        json_end_object(out);
        json_end_object(out);
        json_end_array(out);
    }
    json_object_key(out, "managingOrganization");
    json_text(out, "display", row->practice_name);
    json_end_object(out);
    json_end_object(out);
    end_entry(out);
}

/* The definition, verbatim: its hash is that of the response's proof. */
static void
write_definition(struct request *rq, const struct q_my_export_row *row)
{
    if (row->definition == NULL) {
        return;
    }
    begin_entry(rq, "Questionnaire",
                arena_format(rq->arena, "%s-%lld", row->questionnaire_id, (long long)row->version));
    json_value_raw(&rq->reply.json, row->definition);
    end_entry(&rq->reply.json);
}

static void
write_response(struct request *rq, const struct q_my_export_row *row)
{
    begin_entry(rq, "QuestionnaireResponse", row->id);
    json_value_raw(
        &rq->reply.json,
        response_document(rq, &(struct response_document){
                                  .id = row->id,
                                  .patient_id = row->patient_id,
                                  .questionnaire_id = row->questionnaire_id,
                                  .version = row->version,
                                  .status = row->status,
                                  .authored = row->has_submitted_at ? row->submitted_at : row->updated_at,
                                  .items = row->answers}));
    end_entry(&rq->reply.json);
}

static const char *
text_of(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    return json_object_object_get_ex(object, name, &value) ? json_object_get_string(value) : NULL;
}

static void
write_band(struct json_out *out, struct json_object *score)
{
    struct json_object *band = NULL;
    if (!json_object_object_get_ex(score, "band", &band) || band == NULL) {
        return;
    }
    json_array_key(out, "interpretation");
    json_begin_object(out);
    json_text(out, "text", text_of(band, "label"));
    json_end_object(out);
    json_end_array(out);
}

static void
write_score(struct request *rq, const struct q_my_export_row *row, struct json_object *score, size_t number)
{
    struct json_out *out = &rq->reply.json;
    struct json_object *value = json_object_object_get(score, "value");
    const char *id = arena_format(rq->arena, "%s-%zu", row->id, number);
    begin_entry(rq, "Observation", id);
    json_begin_object(out);
    json_text(out, "resourceType", "Observation");
    json_text(out, "id", id);
    json_text(out, "status", row->amends == NULL ? "final" : "amended");
    json_object_key(out, "code");
    json_text(out, "text", text_of(score, "text"));
    json_end_object(out);
    write_reference(out, "subject", arena_format(rq->arena, "Patient/%s", row->patient_id));
    json_time(out, "effectiveDateTime", row->submitted_at);
    json_object_key(out, "valueQuantity");
    json_raw(out, "value", json_object_to_json_string_ext(value, FORMS_JSON_FLAGS));
    json_end_object(out);
    write_band(out, score);
    json_array_key(out, "derivedFrom");
    json_begin_object(out);
    json_text(out, "reference", arena_format(rq->arena, "QuestionnaireResponse/%s", row->id));
    json_end_object(out);
    json_end_array(out);
    json_end_object(out);
    end_entry(out);
}

static void
write_scores(struct request *rq, const struct q_my_export_row *row)
{
    struct json_object *scores =
        row->scores == NULL ? NULL : forms_parse(rq, row->scores, strlen(row->scores));
    for (size_t i = 0; scores != NULL && i < json_object_array_length(scores); i++) {
        write_score(rq, row, json_object_array_get_idx(scores, i), i + 1);
    }
}

/* Where the next page is; its identifier is that of the last response of this one. */
static void
write_next(struct request *rq, const char *last, int64_t limit)
{
    struct json_out *out = &rq->reply.json;
    json_array_key(out, "link");
    json_begin_object(out);
    json_text(out, "relation", "next");
    json_text(out, "url",
              arena_format(rq->arena, "%s/patient/profile/export?limit=%lld&cursor=%s",
                           config_text(rq->app->config, CONFIG_BASE_URL), (long long)limit, last));
    json_end_object(out);
    json_end_array(out);
}

static void
write_bundle(struct request *rq, const struct q_patient_profile_row *me, const struct q_my_export_row *rows,
             size_t count, const struct page *page)
{
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    json_text(out, "resourceType", "Bundle");
    json_text(out, "type", "collection");
    json_time(out, "timestamp", rq->now);
    json_array_key(out, "entry");
    write_patient(rq, me);
    size_t shown = 0;
    while (shown < page_shown(page, count) && (shown == 0 || out->buf->size < PAGE_BYTES)) {
        write_definition(rq, &rows[shown]);
        write_response(rq, &rows[shown]);
        write_scores(rq, &rows[shown]);
        shown++;
    }
    json_end_array(out);
    if (shown < count) {
        write_next(rq, rows[shown - 1].id, (int64_t)page->limit);
    }
    json_end_object(out);
}

/* GET /patient/profile/export */
enum problem
h_my_export(struct request *rq, const struct my_export_in *in)
{
    struct page page;
    struct span key;
    const struct q_patient_profile_row *me = NULL;
    const struct q_my_export_row *rows = NULL;
    size_t count = 0;
    enum problem problem = page_open(rq, in->cursor, in->limit, &page);
    if (problem == PROBLEM_NONE) {
        problem = keys_own(rq, &key);
    }
    if (problem == PROBLEM_NONE) {
        problem = q_patient_profile(rq->tx, &(struct q_patient_profile_in){key}, &me);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (me->has_answers_held_until) {
        return PROBLEM_ANSWERS_HELD; /* half an export would look whole */
    }
    problem = q_my_export_last(rq->tx, &(struct q_my_export_in){key, page.before, page.fetch}, &rows, &count);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    rq->reply.content_type = "application/fhir+json";
    write_bundle(rq, me, rows, count, &page);
    return PROBLEM_NONE;
}

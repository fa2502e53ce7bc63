/*
 * All that is stored of the signed-in patient's own, as FHIR R4 Bundles: who they are, what they were asked
 * in the words of the time, what they answered, the scores as Observations, and their files as
 * DocumentReferences with the address of the original: no byte of a file is in a Bundle. References lead from
 * entry to entry. The contract leaves FHIR's resources open, and the page ends by what was written so far: so it
 * is written by hand, straight into the reply.
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

/* The rows of a page, newest first, one more of each than it shows. */
struct export
{
    const struct q_my_export_row *responses;
    size_t responses_count;
    const struct upload_item_row *files;
    size_t files_count;
};

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

/* A file: where its original is, when there is one, and which response it was declared for. */
static void
write_file(struct request *rq, const char *patient_id, const struct upload_item_row *row)
{
    struct json_out *out = &rq->reply.json;
    const char *base = config_text(rq->app->config, CONFIG_BASE_URL);
    bool clean = strcmp(row->status, upload_status_word(UPLOAD_STATUS_CLEAN)) == 0;
    begin_entry(rq, "DocumentReference", row->id);
    json_begin_object(out);
    json_text(out, "resourceType", "DocumentReference");
    json_text(out, "id", row->id);
    json_array_key(out, "identifier");
    json_begin_object(out);
    json_text(out, "system", "urn:ietf:rfc:3986");
    json_text(out, "value", arena_format(rq->arena, "urn:uuid:%s", row->id));
    json_end_object(out);
    json_end_array(out);
    json_text(out, "status", "current");
    write_reference(out, "subject", arena_format(rq->arena, "Patient/%s", patient_id));
    json_time(out, "date", row->created_at);
    json_text(out, "description",
              row->reason == NULL ? row->status
                                  : arena_format(rq->arena, "%s: %s", row->status, row->reason));
    json_array_key(out, "content");
    json_begin_object(out);
    json_object_key(out, "attachment");
    json_text(out, "contentType", row->content_type);
    if (clean) {
        json_text(out, "url", arena_format(rq->arena, "%s/patient/uploads/%s/original", base, row->id));
    }
    json_int(out, "size", row->size);
    json_text(out, "title", row->filename);
    json_end_object(out);
    json_end_object(out);
    json_end_array(out);
    json_object_key(out, "context");
    json_array_key(out, "related");
    json_begin_object(out);
    json_text(out, "reference", arena_format(rq->arena, "QuestionnaireResponse/%s", row->response_id));
    json_end_object(out);
    json_end_array(out);
    json_end_object(out);
    json_end_object(out);
    end_entry(out);
}

/* Where the next page is: behind the last response of this one, or the last file. NULL: at the first file. */
static void
write_next(struct request *rq, const char *only, const char *last, int64_t limit)
{
    struct json_out *out = &rq->reply.json;
    json_array_key(out, "link");
    json_begin_object(out);
    json_text(out, "relation", "next");
    json_text(out, "url",
              arena_format(rq->arena, "%s/patient/profile/export?limit=%lld%s%s%s",
                           config_text(rq->app->config, CONFIG_BASE_URL), (long long)limit, only,
                           last == NULL ? "" : "&cursor=", last == NULL ? "" : last));
    json_end_object(out);
    json_end_array(out);
}

static bool
has_room(const struct request *rq, size_t shown)
{
    return shown == 0 || rq->reply.json.buf->size < PAGE_BYTES;
}

/* Gives how many responses were written. */
static size_t
write_responses(struct request *rq, const struct export *export, const struct page *page)
{
    size_t shown = 0;
    while (shown < page_shown(page, export->responses_count) && has_room(rq, shown)) {
        write_definition(rq, &export->responses[shown]);
        write_response(rq, &export->responses[shown]);
        write_scores(rq, &export->responses[shown]);
        shown++;
    }
    return shown;
}

static void
write_bundle(struct request *rq, const struct q_patient_profile_row *me, const struct export *export,
             const struct page *page)
{
    struct json_out *out = &rq->reply.json;
    int64_t limit = (int64_t)page->limit;
    json_begin_object(out);
    json_text(out, "resourceType", "Bundle");
    json_text(out, "type", "collection");
    json_time(out, "timestamp", rq->now);
    json_array_key(out, "entry");
    write_patient(rq, me);
    size_t responses = write_responses(rq, export, page), files = 0;
    while (responses == export->responses_count && files < page_shown(page, export->files_count) &&
           has_room(rq, responses + files)) {
        write_file(rq, me->id, &export->files[files++]);
    }
    json_end_array(out);
    if (responses < export->responses_count) {
        write_next(rq, "", export->responses[responses - 1].id, limit);
    } else if (files < export->files_count) {
        write_next(rq, "&only=files", files == 0 ? NULL : export->files[files - 1].id, limit);
    }
    json_end_object(out);
}

static void
keep_files(void *context, const void *rows, size_t count)
{
    struct export *export = context;
    export->files = rows;
    export->files_count = count;
}

/* Reads the page; files come with each page of responses, because which one is the last is known when both are there. */
static enum problem
read_export(struct request *rq, struct span key, bool only_files, const struct page *page,
            struct export *export)
{
    struct q_my_upload_list_in files = {key, only_files ? page->before : NULL, page->fetch};
    if (only_files) {
        return q_my_upload_list_last(rq->tx, &files, &export->files, &export->files_count);
    }
    tx_later(rq->tx, &statement_my_upload_list, &files, keep_files, export);
    return q_my_export_last(rq->tx, &(struct q_my_export_in){key, page->before, page->fetch},
                            &export->responses, &export->responses_count);
}

/* GET /patient/profile/export */
enum problem
h_my_export(struct request *rq, const struct my_export_in *in)
{
    struct page page;
    struct span key;
    const struct q_patient_profile_row *me = NULL;
    struct export export = {NULL, 0, NULL, 0};
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
    problem = read_export(rq, key, in->only != NULL, &page, &export);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    rq->reply.content_type = "application/fhir+json";
    write_bundle(rq, me, &export, &page);
    return PROBLEM_NONE;
}

#include "handlers/questionnaires/questionnaire_view.h"

#include "handlers/questionnaires/forms.h"

void
questionnaire_write_summary(struct json_out *out, const struct questionnaire_summary *it)
{
    json_text(out, "id", it->id);
    json_text(out, "status", it->status);
    json_text(out, "title", it->title);
    json_int(out, "revision", it->revision);
    if (it->has_version) {
        json_int(out, "version", it->version);
    } else {
        json_null(out, "version");
    }
    json_time(out, "created_at", it->created_at);
    json_time(out, "updated_at", it->updated_at);
}

void
questionnaire_write_whole(struct request *rq, const struct questionnaire_summary *it, const char *definition,
                          const struct form_issues *dear)
{
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    questionnaire_write_summary(out, it);
    json_flag(out, "has_draft", it->has_draft);
    json_raw(out, "definition", definition);
    if (dear != NULL && dear->count != 0) {
        forms_write_issues(out, dear);
    }
    json_end_object(out);
    reply_etag(rq, it->revision);
}

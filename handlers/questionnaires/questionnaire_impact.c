/*
 * What publishing the present draft would change. Drafts in progress are counted, not opened: to see how many
 * there are takes no patient's key, and what would not fit can be told from the definitions alone.
 */
#include "app/app.h"
#include "build/gen/api.h"
#include "build/gen/sql.h"
#include "handlers/questionnaires/forms.h"
#include "lib/db/tx.h"
#include "lib/form/versions/diff.h"

#include <string.h>

enum {
    OPEN_VERSIONS_MAX = 200, /* older versions with open assignments that are counted */
    COMPARED_MAX = 5         /* of these, compared with the draft */
};

/* A version's definition and value sets, or NULLs when it is not there. */
struct loaded {
    struct json_object *definition;
    struct json_object *sets;
};

static enum problem
load(struct request *rq, const char *id, int64_t version, struct loaded *loaded)
{
    const struct q_questionnaire_version_text_row *row = NULL;
    struct q_questionnaire_version_text_in query = {.questionnaire_id = id, .version = version};
    enum problem problem = q_questionnaire_version_text(rq->tx, &query, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    loaded->definition = forms_parse(rq, row->definition, strlen(row->definition));
    loaded->sets = forms_parse(rq, row->value_sets, strlen(row->value_sets));
    return loaded->definition == NULL || loaded->sets == NULL ? PROBLEM_INTERNAL : PROBLEM_NONE;
}

static void
write_names(struct json_out *out, const char *name, const char *const *names, size_t count)
{
    json_array_key(out, name);
    for (size_t i = 0; i < count; i++) {
        json_value_text(out, names[i]);
    }
    json_end_array(out);
}

static void
write_changes(struct json_out *out, const struct form_diff *diff)
{
    json_flag(out, "breaking", diff->breaking != 0);
    json_array_key(out, "changes");
    for (size_t i = 0; i < diff->count; i++) {
        const struct form_change *change = &diff->changes[i];
        json_begin_object(out);
        json_text(out, "kind", change->kind);
        json_text(out, "link_id", change->link_id);
        json_text(out, "detail", change->detail);
        json_flag(out, "breaking", change->breaking);
        json_end_object(out);
    }
    json_end_array(out);
    json_int(out, "changes_omitted", (int64_t)diff->omitted);
    json_object_key(out, "export_columns");
    write_names(out, "added", diff->columns_added, diff->added_count);
    write_names(out, "removed", diff->columns_removed, diff->removed_count);
    json_end_object(out);
}

/* Each item once; the changes of one item stand together. */
static void
write_losses(struct json_out *out, const struct form_diff *diff)
{
    const char *last = NULL;
    json_array_key(out, "may_not_fit");
    for (size_t i = 0; i < diff->count; i++) {
        const struct form_change *change = &diff->changes[i];
        if (change->loses && (last == NULL || strcmp(last, change->link_id) != 0)) {
            json_value_text(out, change->link_id);
            last = change->link_id;
        }
    }
    json_end_array(out);
}

/* The draft, and what it is compared with. */
struct impact {
    const char *id;
    const struct q_questionnaire_impact_row *now;
    struct checked_form form;
    struct json_object *sets; /* that the draft would freeze */
    struct form_diff diff;    /* against the newest version */
};

static enum problem
write_open(struct request *rq, const struct impact *impact)
{
    const struct q_questionnaire_open_row *rows = NULL;
    size_t count = 0;
    struct q_questionnaire_open_in query = {.questionnaire_id = impact->id, .fetch = OPEN_VERSIONS_MAX};
    struct json_out *out = &rq->reply.json;
    enum problem problem = q_questionnaire_open(rq->tx, &query, &rows, &count);
    json_array_key(out, "open");
    for (size_t i = 0; i < count && problem == PROBLEM_NONE; i++) {
        json_begin_object(out);
        json_int(out, "version", rows[i].version);
        json_int(out, "assigned", rows[i].assigned);
        json_int(out, "in_progress", rows[i].in_progress);
        if (rows[i].version == impact->now->version) {
            write_losses(out, &impact->diff);
        } else if (i < COMPARED_MAX) {
            struct loaded older;
            struct form_diff diff;
            problem = load(rq, impact->id, rows[i].version, &older);
            if (problem == PROBLEM_NONE) {
                form_compare(older.definition, older.sets, impact->form.json, impact->sets, rq->arena, &diff);
                write_losses(out, &diff);
            }
        } else {
            json_null(out, "may_not_fit");
        }
        json_end_object(out);
    }
    json_end_array(out);
    return problem;
}

/* GET /admin/questionnaires/{id}/impact */
enum problem
h_questionnaire_impact(struct request *rq, const struct questionnaire_impact_in *in)
{
    struct impact impact = {.id = in->id};
    struct loaded newest = {NULL, NULL};
    enum problem problem =
        q_questionnaire_impact(rq->tx, &(struct q_questionnaire_impact_in){.id = in->id}, &impact.now);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (impact.now->draft == NULL || strcmp(impact.now->status, "retired") == 0) {
        return PROBLEM_QUESTIONNAIRE_STATE;
    }
    problem = forms_judge(rq, impact.now->draft, &impact.form);
    if (problem == PROBLEM_NONE && impact.now->has_version) {
        problem = load(rq, in->id, impact.now->version, &newest);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    impact.sets = forms_parse(rq, impact.form.value_sets, strlen(impact.form.value_sets));
    form_compare(newest.definition, newest.sets, impact.form.json, impact.sets, rq->arena, &impact.diff);
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    json_text(out, "id", in->id);
    json_int(out, "revision", impact.now->revision);
    json_optional_int(out, "from_version", impact.now->has_version, impact.now->version);
    json_flag(out, "publishable", impact.form.issues.errors == 0);
    forms_write_issues(out, &impact.form.issues);
    write_changes(out, &impact.diff);
    problem = write_open(rq, &impact);
    json_end_object(out);
    reply_etag(rq, impact.now->revision);
    return problem;
}

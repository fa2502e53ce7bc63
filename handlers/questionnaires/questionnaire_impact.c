/*
 * What publishing the present draft would change. Drafts in progress are counted, not opened: to see how many
 * there are takes no patient's key, and what would not fit can be told from the definitions alone.
 */
#include "app/app.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/questionnaires/forms.h"
#include "handlers/questionnaires/questionnaire_view.h"
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

/* Each item once; the changes of one item stand together. */
static void
find_losses(struct request *rq, const struct form_diff *diff, struct reply_open_version *it)
{
    const char **names = arena_array(rq->arena, diff->count, sizeof *names);
    for (size_t i = 0; i < diff->count; i++) {
        const struct form_change *change = &diff->changes[i];
        size_t found = it->may_not_fit_count;
        if (change->loses && (found == 0 || strcmp(names[found - 1], change->link_id) != 0)) {
            names[it->may_not_fit_count++] = change->link_id;
        }
    }
    it->may_not_fit = names;
}

/* The draft, and what it is compared with. */
struct impact {
    const char *id;
    const struct questionnaire_now_row *now;
    struct checked_form form;
    struct json_object *sets; /* that the draft would freeze */
    struct form_diff diff;    /* against the newest version */
};

static enum problem
find_open(struct request *rq, const struct impact *impact, struct reply_questionnaire_impact *it)
{
    const struct q_questionnaire_open_row *rows = NULL;
    size_t count = 0;
    struct q_questionnaire_open_in query = {.questionnaire_id = impact->id, .fetch = OPEN_VERSIONS_MAX};
    enum problem problem = q_questionnaire_open(rq->tx, &query, &rows, &count);
    struct reply_open_version *open = arena_array(rq->arena, count, sizeof *open);
    for (size_t i = 0; i < count && problem == PROBLEM_NONE; i++) {
        open[i] = (struct reply_open_version){.version = reply_integer(rows[i].version),
                                              .assigned = reply_integer(rows[i].assigned),
                                              .in_progress = reply_integer(rows[i].in_progress),
                                              .may_not_fit = REPLY_NULL};
        if (rows[i].version == impact->now->version) {
            find_losses(rq, &impact->diff, &open[i]);
        } else if (i < COMPARED_MAX) {
            struct loaded older;
            struct form_diff diff;
            problem = load(rq, impact->id, rows[i].version, &older);
            if (problem == PROBLEM_NONE) {
                form_compare(older.definition, older.sets, impact->form.json, impact->sets, rq->arena, &diff);
                find_losses(rq, &diff, &open[i]);
            }
        }
    }
    it->open = open;
    it->open_count = count;
    return problem;
}

static struct reply_questionnaire_impact
describe(struct request *rq, const struct impact *impact)
{
    const struct form_diff *diff = &impact->diff;
    struct reply_questionnaire_change *changes = arena_array(rq->arena, diff->count, sizeof *changes);
    for (size_t i = 0; i < diff->count; i++) {
        changes[i] = REPLY_QUESTIONNAIRE_CHANGE_OF(&diff->changes[i]);
    }
    return (struct reply_questionnaire_impact){
        .id = impact->id,
        .revision = reply_integer(impact->now->revision),
        .from_version = reply_optional_integer(impact->now->has_version, impact->now->version),
        .publishable = reply_flag(impact->form.issues.errors == 0),
        .issues = forms_issues(rq, &impact->form.issues),
        .issues_count = impact->form.issues.count,
        .breaking = reply_flag(diff->breaking != 0),
        .changes = changes,
        .changes_count = diff->count,
        .changes_omitted = reply_integer((int64_t)diff->omitted),
        .export_columns = {.added = diff->columns_added,
                           .added_count = diff->added_count,
                           .removed = diff->columns_removed,
                           .removed_count = diff->removed_count}};
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
    if (!questionnaire_is_publishable(impact.now)) {
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
    struct reply_questionnaire_impact it = describe(rq, &impact);
    problem = find_open(rq, &impact, &it);
    reply_questionnaire_impact(&rq->reply.json, &it);
    reply_etag(rq, impact.now->revision);
    return problem;
}

/*
 * GET /admin/patients/{id}/scores: a patient's scores over time. A score belongs to a series by its questionnaire, its item and its
 * rule (lib/form/form.h), which the compiled version tells; so what cannot be compared is never in one line.
 */
#include "app/app.h"
#include "app/keys.h"
#include "app/page.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/questionnaires/forms.h"
#include "lib/base/json_read.h"
#include "lib/crypto/digest.h"
#include "lib/db/tx.h"

#include <string.h>

enum { POINTS_MAX = 20000 /* of a page; a response more has at most FORM_SCORES_MAX */ };

struct series {
    struct reply_score_series reply; /* its points are put in at the end */
    unsigned char rule[DIGEST_SIZE];
    size_t count; /* of points */
};

/* A score of one version: in which series it goes. */
struct known {
    const char *questionnaire_id;
    int64_t version;
    const char *link_id;
    size_t series;
};

struct point {
    size_t series;
    struct reply_score_point reply;
};

struct scores {
    struct request *rq;
    struct series *series;
    size_t series_count;
    struct known *known;
    size_t known_count;
    size_t known_next; /* where the next one of a response most likely stands */
    struct point *points;
    size_t point_count;
};

/* One more place in a list that grows by doubling. */
static void *
grown(struct request *rq, void *list, size_t count, size_t size)
{
    if ((count & (count - 1)) != 0) {
        return list;
    }
    char *more = arena_array(rq->arena, count == 0 ? 1 : 2 * count, size);
    if (count != 0) {
        memcpy(more, list, count * size);
    }
    return more;
}

static const struct reply_score_limits *
limits_of(struct request *rq, const struct form_score_rule *rule)
{
    struct reply_score_limits *limits = arena_array(rq->arena, rule->band_count, sizeof *limits);
    for (size_t i = 0; i < rule->band_count; i++) {
        const struct form_score_band *band = &rule->bands[i];
        limits[i] = (struct reply_score_limits){
            .min = band->least, .max = band->most, .code = band->code, .label = band->label};
    }
    return limits;
}

/* The series of a score that no response had yet; rows come newest first, so the first one has its words. */
static enum problem
find_series(struct scores *scores, const struct q_patient_scores_row *row, const char *link_id, size_t *found)
{
    struct request *rq = scores->rq;
    const struct form *form = NULL;
    struct form_score_rule rule;
    unsigned char digest[DIGEST_SIZE];
    enum problem problem = forms_load(rq, row->questionnaire_id, row->version, &form);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (!form_score_rule(form, link_id, rq->arena, &rule)) {
        return PROBLEM_INTERNAL; /* the scores are of this very version */
    }
    if (rule.rule.size == 0) { /* nobody knows whether it is another version's: a series of its own */
        const char *version = arena_format(rq->arena, "version %lld", (long long)row->version);
        rule.rule = (struct span){(const unsigned char *)version, strlen(version)};
    }
    digest_sha256(rule.rule, digest);
    for (size_t i = 0; i < scores->series_count; i++) {
        const struct series *one = &scores->series[i];
        if (memcmp(one->rule, digest, sizeof digest) == 0 && strcmp(one->reply.link_id, link_id) == 0 &&
            strcmp(one->reply.questionnaire_id, row->questionnaire_id) == 0) {
            *found = i;
            return PROBLEM_NONE;
        }
    }
    scores->series = grown(rq, scores->series, scores->series_count, sizeof *scores->series);
    struct series *made = &scores->series[scores->series_count];
    memcpy(made->rule, digest, sizeof digest);
    made->count = 0;
    made->reply = (struct reply_score_series){.questionnaire_id = row->questionnaire_id,
                                              .title = row->title,
                                              .link_id = link_id,
                                              .text = arena_text(rq->arena, rule.text),
                                              .bands = limits_of(rq, &rule),
                                              .bands_count = rule.band_count};
    *found = scores->series_count++;
    return PROBLEM_NONE;
}

static bool
is_known(const struct known *known, const struct q_patient_scores_row *row, const char *link_id)
{
    return known->version == row->version && strcmp(known->link_id, link_id) == 0 &&
           strcmp(known->questionnaire_id, row->questionnaire_id) == 0;
}

static enum problem
series_of(struct scores *scores, const struct q_patient_scores_row *row, const char *link_id, size_t *found)
{
    for (size_t i = 0; i < scores->known_count; i++) {
        size_t at = (scores->known_next + i) % scores->known_count;
        if (is_known(&scores->known[at], row, link_id)) {
            scores->known_next = at + 1;
            *found = scores->known[at].series;
            return PROBLEM_NONE;
        }
    }
    enum problem problem = find_series(scores, row, link_id, found);
    if (problem == PROBLEM_NONE) {
        scores->known = grown(scores->rq, scores->known, scores->known_count, sizeof *scores->known);
        scores->known[scores->known_count++] =
            (struct known){row->questionnaire_id, row->version, link_id, *found};
        scores->known_next = scores->known_count;
    }
    return problem;
}

/* A member of a score or of its band, in the arena; NULL when it is not there or null. */
static const char *
member(struct request *rq, struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    if (!json_object_object_get_ex(object, name, &value) || value == NULL) {
        return NULL;
    }
    return arena_text(rq->arena, json_object_get_string(value));
}

static enum problem
add_point(struct scores *scores, const struct q_patient_scores_row *row, struct json_object *score)
{
    struct request *rq = scores->rq;
    struct json_object *band = NULL;
    const char *link_id = member(rq, score, "link_id");
    const char *value = member(rq, score, "value");
    size_t series = 0;
    if (link_id == NULL || value == NULL) {
        return PROBLEM_INTERNAL; /* nobody but answers_scores wrote it */
    }
    enum problem problem = series_of(scores, row, link_id, &series);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    (void)json_object_object_get_ex(score, "band", &band);
    const char *code = band == NULL ? NULL : member(rq, band, "code");
    scores->points = grown(rq, scores->points, scores->point_count, sizeof *scores->points);
    scores->points[scores->point_count++] = (struct point){series,
                                                           {.response_id = row->id,
                                                            .version = reply_integer(row->version),
                                                            .submitted_at = reply_time(row->submitted_at),
                                                            .value = value,
                                                            .band = code == NULL ? reply_null : code}};
    scores->series[series].count++;
    return PROBLEM_NONE;
}

static enum problem
add_row(struct scores *scores, const struct q_patient_scores_row *row)
{
    struct request *rq = scores->rq;
    enum problem problem = PROBLEM_NONE;
    struct json_object *list = row->scores == NULL ? NULL : forms_parse(rq, row->scores, strlen(row->scores));
    size_t count = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
    for (size_t i = 0; i < count && problem == PROBLEM_NONE; i++) {
        problem = add_point(scores, row, json_object_array_get_idx(list, i));
    }
    return problem;
}

/* Gives each series its points, in the order in which they came. */
static const struct reply_score_series *
sorted(struct scores *scores)
{
    struct request *rq = scores->rq;
    struct reply_score_series *replies = arena_array(rq->arena, scores->series_count, sizeof *replies);
    struct reply_score_point **lists = arena_array(rq->arena, scores->series_count, sizeof *lists);
    for (size_t i = 0; i < scores->series_count; i++) {
        lists[i] = arena_array(rq->arena, scores->series[i].count, sizeof **lists);
        replies[i] = scores->series[i].reply;
        replies[i].rule = (struct span){scores->series[i].rule, DIGEST_SIZE};
        replies[i].points = lists[i];
    }
    for (size_t i = 0; i < scores->point_count; i++) {
        size_t series = scores->points[i].series;
        lists[series][replies[series].points_count++] = scores->points[i].reply;
    }
    return replies;
}

enum problem
h_patient_scores(struct request *rq, const struct patient_scores_in *in)
{
    struct page page;
    struct q_patient_scores_in query = {.patient_id = in->id, .questionnaire_id = in->questionnaire_id};
    enum problem problem = page_open(rq, in->cursor, in->limit, &page);
    if (problem == PROBLEM_NONE) {
        problem = keys_of_patient(rq, in->id, &query.key);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    query.before = page.before;
    query.fetch = page.fetch;
    const struct q_patient_scores_row *rows = NULL;
    size_t count = 0;
    problem = q_patient_scores(rq->tx, &query, &rows, &count);
    if (problem != PROBLEM_NONE || count == 0) {
        return problem != PROBLEM_NONE ? problem : PROBLEM_NOT_FOUND;
    }
    struct scores scores = {.rq = rq};
    size_t shown = page_shown(&page, rows[0].id == NULL ? 0 : count);
    size_t done = 0;
    for (; done < shown && scores.point_count < POINTS_MAX && problem == PROBLEM_NONE; done++) {
        problem = add_row(&scores, &rows[done]);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    bool more = done < shown || count > page.limit;
    reply_patient_scores(&rq->reply.json, &(struct reply_patient_scores){
                                              .series = sorted(&scores),
                                              .series_count = scores.series_count,
                                              .next_cursor = more ? rows[done - 1].id : reply_null});
    return PROBLEM_NONE;
}

/*
 * PATCH /patient/responses/{id}: auto-save, where it is decided what of a change is stored.
 *
 * The client names the revision that its changes are based on (If-Match). Answers are merged item by item:
 * what was saved to other items since that revision, from another page or device, stays; when the same item,
 * or one above or below it, got another answer meanwhile, nothing of the request is saved and both values are
 * shown (409). Changes are all stored or none. Answers that break a rule but have the right type are stored
 * and reported: a draft may be wrong, it may not be lost.
 *
 * Refused besides: a revision that never was (412 stale-revision), one from before the draft moved to a newer
 * version (409 version-changed; migration.c moves it when it is opened), and a response that is completed or
 * cancelled (answers_open, in answers.c).
 *
 * The row is locked from the reading on, so two saves do not overtake each other. Costs: with key and form
 * cached, one trip to read and lock and one to store, and the engine judges only what the change touches
 * (lib/form/review/increment.h).
 */
#include "app/app.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/questionnaires/forms.h"
#include "handlers/responses/answers.h"
#include "handlers/responses/files.h"
#include "lib/db/tx.h"
#include "lib/form/form.h"

#include <string.h>

enum { CONFLICTS_MAX = 100, CONFLICTS_BYTES_MAX = 1024 * 1024 };

struct save {
    struct request *rq;
    const struct form *form;
    struct answers answers;
    int64_t based_on;                 /* the client's revision */
    int64_t revision;                 /* the stored one */
    struct reply_conflict *conflicts; /* at most CONFLICTS_MAX */
    size_t conflict_count;
    const char **changed; /* item paths that were set or cleared */
    size_t changed_count;
};

/* Whether this item, or one above or below it, was changed after the revision that the client knows. */
static bool
changed_since(const struct save *save, const char *path)
{
    struct json_object_iterator it = json_object_iter_begin(save->answers.touched);
    struct json_object_iterator end = json_object_iter_end(save->answers.touched);
    for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
        if (json_object_get_int64(json_object_iter_peek_value(&it)) > save->based_on &&
            form_paths_overlap(json_object_iter_peek_name(&it), path)) {
            return true;
        }
    }
    return false;
}

static bool
same_answers(struct json_object *left, struct json_object *right)
{
    bool left_none = left == NULL || json_object_array_length(left) == 0;
    bool right_none = right == NULL || json_object_array_length(right) == 0;
    if (left_none || right_none) {
        return left_none && right_none;
    }
    return json_object_equal(left, right) != 0;
}

static const char *
answers_shown(const struct save *save, struct json_object *answers)
{
    bool none = answers == NULL || json_object_array_length(answers) == 0;
    return none ? reply_null
                : arena_text(save->rq->arena, json_object_to_json_string_ext(answers, FORMS_JSON_FLAGS));
}

static void
check_conflict(struct save *save, const char *path, struct json_object *wanted)
{
    if (save->based_on >= save->revision || form_is_calculated(save->form, path) ||
        !changed_since(save, path)) {
        return;
    }
    struct json_object *stored = form_value_at(save->form, save->answers.items, path);
    if (same_answers(stored, wanted) || save->conflict_count == CONFLICTS_MAX) {
        return;
    }
    save->conflicts[save->conflict_count++] =
        (struct reply_conflict){.path = path,
                                .yours = answers_shown(save, wanted),
                                .theirs = answers_shown(save, stored),
                                .revision = reply_integer(save->revision)};
}

/* Looks at every change before any is made: all conflicts are told at once. */
static enum problem
find_conflicts(struct save *save, const struct my_response_autosave_in *in)
{
    save->conflicts = arena_array(save->rq->arena, CONFLICTS_MAX, sizeof *save->conflicts);
    if (in->set != NULL) {
        json_object_object_foreach(in->set, path, wanted)
        {
            check_conflict(save, path, wanted);
        }
    }
    size_t clears = in->clear == NULL ? 0 : json_object_array_length(in->clear);
    for (size_t i = 0; i < clears; i++) {
        check_conflict(save, json_object_get_string(json_object_array_get_idx(in->clear, i)), NULL);
    }
    if (save->conflict_count == 0) {
        return PROBLEM_NONE;
    }
    const char *text =
        reply_conflicts(save->rq->arena, save->conflicts, save->conflict_count, CONFLICTS_BYTES_MAX);
    if (text != NULL) {
        save->rq->result.extension = arena_format(save->rq->arena, "\"conflicts\":%s", text);
    }
    return PROBLEM_ANSWER_CONFLICT;
}

/*
 * Refuses a path that is set when it, or one above or below it, is cleared in the same request: the order
 * would matter.
 */
static enum problem
check_clear_and_set(struct save *save, const struct my_response_autosave_in *in)
{
    size_t clears = in->clear == NULL ? 0 : json_object_array_length(in->clear);
    for (size_t i = 0; i < clears && in->set != NULL; i++) {
        const char *cleared = json_object_get_string(json_object_array_get_idx(in->clear, i));
        json_object_object_foreach(in->set, path, wanted)
        {
            (void)wanted;
            if (form_paths_overlap(cleared, path)) {
                request_error(save->rq, arena_text(save->rq->arena, path), "set-and-clear",
                              "is set and cleared in one request");
                return PROBLEM_INVALID_FORM;
            }
        }
    }
    return PROBLEM_NONE;
}

/* What is sent for a calculated item changes nothing. */
static void
touch(struct save *save, const char *path)
{
    if (!form_is_calculated(save->form, path)) {
        (void)json_object_object_add(save->answers.touched, path, json_object_new_int64(save->revision + 1));
        save->changed[save->changed_count++] = path;
    }
}

/* Makes the changes; what cannot be an answer to its item refuses the whole request. */
static enum problem
apply(struct save *save, const struct my_response_autosave_in *in)
{
    struct form_issues issues;
    form_issues_init(&issues, save->rq->arena);
    size_t clears = in->clear == NULL ? 0 : json_object_array_length(in->clear);
    size_t sets = in->set == NULL ? 0 : (size_t)json_object_object_length(in->set);
    save->changed = arena_array(save->rq->arena, clears + sets + 1, sizeof *save->changed);
    for (size_t i = 0; i < clears; i++) {
        const char *path = json_object_get_string(json_object_array_get_idx(in->clear, i));
        (void)form_merge(save->form, save->answers.items, path, NULL, save->rq->arena, &issues);
        touch(save, path);
    }
    if (in->set != NULL) {
        json_object_object_foreach(in->set, path, wanted)
        {
            (void)form_merge(save->form, save->answers.items, path, wanted, save->rq->arena, &issues);
            touch(save, path);
        }
    }
    return forms_note_errors(save->rq, &issues) ? PROBLEM_INVALID_FORM : PROBLEM_NONE;
}

/* Judges what is there now, and says of which calculated items something else was sent. */
static enum problem
judge(struct save *save, const struct my_response_autosave_in *in, struct form_issues *issues,
      struct form_progress *progress)
{
    enum problem problem = answers_judge(save->rq, save->form, &save->answers, save->changed,
                                         save->changed_count, issues, progress);
    if (problem == PROBLEM_NONE && in->set != NULL) {
        json_object_object_foreach(in->set, path, wanted)
        {
            form_note_ignored(save->form, save->answers.items, path, wanted, issues);
        }
    }
    return problem;
}

static void
write_saved(struct request *rq, int64_t revision, const struct q_my_response_lock_row *now,
            const struct form_progress *progress, const struct form_issues *issues)
{
    struct reply_issue *items = arena_array(rq->arena, issues->count, sizeof *items);
    for (size_t i = 0; i < issues->count; i++) {
        const struct form_issue *issue = &issues->items[i];
        items[i] = (struct reply_issue){.path = issue->path,
                                        .severity = form_severity_name(issue->severity),
                                        .code = issue->code,
                                        .detail = issue->text};
    }
    struct reply_autosaved saved = {.revision = reply_integer(revision),
                                    .progress = REPLY_PROGRESS_OF(progress),
                                    .issues = items,
                                    .issues_count = issues->count};
    if (now->has_moves_to) {
        saved.moves_to_version = reply_integer(now->moves_to);
    }
    reply_autosaved(&rq->reply.json, &saved);
    reply_etag(rq, revision);
}

enum problem
h_my_response_autosave(struct request *rq, const struct my_response_autosave_in *in)
{
    struct span key;
    const struct q_my_response_lock_row *now = NULL;
    struct save save = {.rq = rq, .based_on = in->if_match};
    enum problem problem = answers_open(rq, in->id, &key, &now, &save.form);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    save.revision = now->revision;
    if (save.based_on > save.revision) {
        return PROBLEM_STALE_REVISION; /* a revision that never was */
    }
    if (save.based_on < now->version_revision) {
        return PROBLEM_VERSION_CHANGED; /* it answers the questions of an older version */
    }
    problem = answers_read(rq, now->answers, &save.answers);
    if (problem == PROBLEM_NONE) {
        problem = check_clear_and_set(&save, in);
    }
    if (problem == PROBLEM_NONE) {
        problem = files_set(rq, in->id, in->set);
    }
    if (problem == PROBLEM_NONE) {
        problem = find_conflicts(&save, in);
    }
    if (problem == PROBLEM_NONE) {
        problem = apply(&save, in);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct form_progress progress;
    struct form_issues issues;
    problem = judge(&save, in, &issues, &progress);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (save.changed_count == 0) {
        write_saved(rq, now->revision, now, &progress, &issues); /* nothing to store */
        return PROBLEM_NONE;
    }
    const struct q_my_response_save_row *row = NULL;
    struct q_my_response_save_in store = {.id = in->id,
                                          .key = key,
                                          .answers = answers_text(rq, &save.answers),
                                          .answered = progress.answered,
                                          .total = progress.total,
                                          .required_missing = progress.required_missing};
    problem = q_my_response_save_last(rq->tx, &store, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    write_saved(rq, row->revision, now, &progress, &issues);
    return PROBLEM_NONE;
}

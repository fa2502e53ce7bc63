/*
 * libFuzzer: a definition, a response's items and auto-saves from one input. Whatever they are: checking
 * changes nothing and says the same twice; what a submission accepts stays accepted and unchanged; what is
 * merged is read back; a refused merge changes nothing; judging only what changed says what judging all does;
 * merges of paths that do not overlap may come in any order; items that only merges made have the right
 * structure.
 */
#include "tests/fuzz/fuzz.h"

#include "lib/base/buf.h"
#include "lib/base/json_own.h"
#include "lib/form/form.h"

#include <stdlib.h>
#include <string.h>

enum { SAVES_MAX = 24, PAIRS_MAX = 16, TEXT_MAX = 4 * 1024 * 1024 };

/* Faults that no merge can leave behind, whatever the answers are. */
static const char *const structural[] = {
    "unknown-item",     "wrong-nesting", "wrong-shape",         "duplicate-item",    "missing-link-id",
    "unknown-element",  "wrong-type",    "group-with-answer",   "too-many-answers",  "one-value",
    "modifier-element", "empty-element", "display-with-answer", "modifier-extension"};

struct trial {
    struct arena *arena;
    struct form *form;
    struct json_object *saves;
};

static struct json_object *
copy_of(const struct trial *trial, struct json_object *json)
{
    struct json_object *copy = NULL;
    if (json == NULL || json_object_deep_copy(json, &copy, NULL) != 0) {
        return NULL;
    }
    return json_own(trial->arena, copy);
}

static const char *
text_of(const struct trial *trial, struct json_object *json)
{
    const char *text = fuzz_canonical(trial->arena, json);
    if (text == NULL) {
        fuzz_fail("what the strict reader reads has a canonical form");
    }
    return text;
}

static bool
listed(const struct form_issues *issues, const char *code)
{
    for (size_t i = 0; i < issues->count; i++) {
        if (strcmp(issues->items[i].code, code) == 0) {
            return true;
        }
    }
    return false;
}

static void
check_issues(const struct form_issues *issues)
{
    size_t errors = 0;
    for (size_t i = 0; i < issues->count; i++) {
        const struct form_issue *issue = &issues->items[i];
        errors += issue->severity == FORM_ERROR;
        if (strspn(issue->code, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(issue->code) ||
            issue->code[0] == '\0' || issue->text[0] == '\0' || issue->path == NULL ||
            strncmp(issue->expression, "QuestionnaireResponse", strlen("QuestionnaireResponse")) != 0) {
            fuzz_fail("an issue %s at %s has a code, an expression and a text", issue->code, issue->path);
        }
    }
    if (errors > issues->errors || (issues->dropped == 0 && errors != issues->errors)) {
        fuzz_fail("%zu errors are listed, %zu counted", errors, issues->errors);
    }
}

/* Judges; whatever is asked, twice gives the same. */
static bool
judge(const struct trial *trial, struct json_object *items, enum form_mode mode, struct form_issues *issues)
{
    struct form_progress progress = {0};
    struct form_progress second = {0};
    struct form_issues again;
    form_issues_init(issues, trial->arena);
    form_issues_init(&again, trial->arena);
    bool good = form_check(trial->form, items, mode, FUZZ_NOW, trial->arena, issues, &progress);
    bool still = form_check(trial->form, items, mode, FUZZ_NOW, trial->arena, &again, &second);
    check_issues(issues);
    if (good != (issues->errors == 0) || good != still || again.errors != issues->errors ||
        again.count != issues->count || memcmp(&progress, &second, sizeof progress) != 0) {
        fuzz_fail("a check says the same twice, and true exactly when there is no error");
    }
    if (progress.answered < 0 || progress.answered > progress.total || progress.required_missing < 0) {
        fuzz_fail("progress is a share");
    }
    return good;
}

/* What a submission accepts is in the form that a strict check accepts, and is its own submission. */
static void
submit(const struct trial *trial, struct json_object *items, bool draft_good, bool strict_good)
{
    struct form_issues issues;
    form_issues_init(&issues, trial->arena);
    struct json_object *kept = form_submit(trial->form, items, FUZZ_NOW, trial->arena, &issues, NULL);
    check_issues(&issues);
    if (issues.errors != 0) {
        if (strict_good) {
            fuzz_fail("what passes the strict check can be submitted: %s", issues.items[0].code);
        }
        return;
    }
    if (!draft_good) {
        fuzz_fail("what can be submitted is a good draft");
    }
    const char *text = text_of(trial, kept);
    struct form_issues strict;
    if (!judge(trial, kept, FORM_SUBMIT, &strict)) {
        fuzz_fail("what was submitted passes the strict check: %s at %s", strict.items[0].code,
                  strict.items[0].path);
    }
    if (listed(&strict, "disabled-dropped")) {
        fuzz_fail("what was submitted has no answers of disabled items");
    }
    form_issues_init(&issues, trial->arena);
    struct json_object *again = form_submit(trial->form, kept, FUZZ_NOW, trial->arena, &issues, NULL);
    if (issues.errors != 0 || strcmp(text_of(trial, again), text) != 0) {
        fuzz_fail("what was submitted is its own submission");
    }
}

static void
check_response(const struct trial *trial, struct json_object *items)
{
    struct form_issues issues;
    const char *before = text_of(trial, items);
    bool draft = judge(trial, items, FORM_DRAFT, &issues);
    bool strict = judge(trial, items, FORM_SUBMIT, &issues);
    submit(trial, items, draft, strict);
    if (strcmp(text_of(trial, items), before) != 0) {
        fuzz_fail("judging changes nothing");
    }
}

/* The answers without what stands below them, as text. */
static const char *
bare_text(const struct trial *trial, struct json_object *answers)
{
    struct json_object *copy = copy_of(trial, answers);
    for (size_t i = 0; i < json_object_array_length(copy); i++) {
        json_object_object_del(json_object_array_get_idx(copy, i), "item");
    }
    return text_of(trial, copy);
}

static enum form_merged
save(const struct trial *trial, struct json_object *items, size_t index)
{
    struct json_object *entry = json_object_array_get_idx(trial->saves, index);
    struct json_object *answers = fuzz_member(entry, "answers");
    struct json_object *path = fuzz_member(entry, "path");
    const char *where = json_object_is_type(path, json_type_string) ? json_object_get_string(path) : "";
    struct form_issues issues;
    form_issues_init(&issues, trial->arena);
    return form_merge(trial->form, items, where, answers, trial->arena, &issues);
}

static const char *
path_of(const struct trial *trial, size_t index)
{
    struct json_object *path = fuzz_member(json_object_array_get_idx(trial->saves, index), "path");
    return json_object_is_type(path, json_type_string) ? json_object_get_string(path) : "";
}

static void
save_and_look(const struct trial *trial, struct json_object *items, size_t index)
{
    const char *before = text_of(trial, items);
    const char *path = path_of(trial, index);
    struct json_object *answers = fuzz_member(json_object_array_get_idx(trial->saves, index), "answers");
    enum form_merged merged = save(trial, items, index);
    struct json_object *stored = form_value_at(trial->form, items, path);
    if (merged != FORM_MERGED) {
        if (strcmp(text_of(trial, items), before) != 0) {
            fuzz_fail("a refused merge at %s changes nothing", path);
        }
        return;
    }
    if (form_is_calculated(trial->form, path)) {
        if (strcmp(text_of(trial, items), before) != 0) {
            fuzz_fail("what is calculated at %s is nobody's to change", path);
        }
    } else if (json_object_is_type(answers, json_type_array) && json_object_array_length(answers) != 0) {
        if (stored == NULL || strcmp(bare_text(trial, stored), bare_text(trial, answers)) != 0) {
            fuzz_fail("what is merged at %s is read back", path);
        }
    } else if (stored != NULL) {
        fuzz_fail("nothing is left of what was cleared at %s", path);
    }
    const char *after = text_of(trial, items);
    if (save(trial, items, index) != FORM_MERGED || strcmp(text_of(trial, items), after) != 0) {
        fuzz_fail("merging again at %s changes nothing", path);
    }
}

static void
check_orders(const struct trial *trial, struct json_object *items, size_t one, size_t other)
{
    struct json_object *first = copy_of(trial, items);
    struct json_object *second = copy_of(trial, items);
    if (form_paths_overlap(path_of(trial, one), path_of(trial, other))) {
        return;
    }
    bool merged = save(trial, first, one) == FORM_MERGED && save(trial, first, other) == FORM_MERGED &&
                  save(trial, second, other) == FORM_MERGED && save(trial, second, one) == FORM_MERGED;
    if (merged && strcmp(text_of(trial, first), text_of(trial, second)) != 0) {
        fuzz_fail("%s and %s do not overlap: their order does not matter", path_of(trial, one),
                  path_of(trial, other));
    }
}

static void
check_saves(const struct trial *trial)
{
    struct json_object *items = json_own(trial->arena, json_object_new_array());
    struct form_issues issues;
    size_t count = json_object_array_length(trial->saves);
    count = count < SAVES_MAX ? count : SAVES_MAX;
    for (size_t i = 0; i < count; i++) {
        save_and_look(trial, items, i);
    }
    (void)judge(trial, items, FORM_DRAFT, &issues);
    for (size_t i = 0; i < sizeof structural / sizeof structural[0]; i++) {
        if (listed(&issues, structural[i])) {
            fuzz_fail("merges leave no %s", structural[i]);
        }
    }
    for (size_t i = 1; i < count && i < PAIRS_MAX; i++) {
        check_orders(trial, items, i - 1, i);
    }
    check_response(trial, items);
}

/* What an update says, in one text. */
static const char *
updated(const struct trial *trial, const struct form_draft *draft, const char **known)
{
    struct form_progress progress = {0};
    struct form_issues issues;
    struct buf buf;
    form_issues_init(&issues, trial->arena);
    buf_init(&buf, TEXT_MAX);
    *known = form_update(trial->form, draft, FUZZ_NOW, trial->arena, &issues, &progress);
    check_issues(&issues);
    buf_format(&buf, "%lld of %lld, %lld missing, %zu issues\n", (long long)progress.answered,
               (long long)progress.total, (long long)progress.required_missing,
               issues.count + issues.dropped);
    for (size_t i = 0; i < issues.count && issues.dropped == 0; i++) {
        buf_format(&buf, "%s %s %s\n", issues.items[i].code, issues.items[i].path,
                   issues.items[i].expression);
    }
    const char *text = arena_text(trial->arena, buf_string(&buf));
    buf_free(&buf);
    return text;
}

/* A draft that is looked at piece by piece, after each save, says what looking at all of it says. */
static void
check_updates(const struct trial *trial)
{
    struct form_draft draft = {.items = json_own(trial->arena, json_object_new_array())};
    size_t count = json_object_array_length(trial->saves);
    for (size_t i = 0; i < count && i < SAVES_MAX; i++) {
        const char *path = path_of(trial, i);
        const char *known = NULL;
        if (save(trial, draft.items, i) != FORM_MERGED) {
            continue;
        }
        struct form_draft whole = {.items = copy_of(trial, draft.items)};
        draft.changed = &path;
        draft.changed_count = 1;
        const char *full = updated(trial, &whole, &known);
        const char *piece = updated(trial, &draft, &known);
        if (strcmp(full, piece) != 0) {
            fuzz_fail("after a save at %s, all of it:\n%sand what changed:\n%s", path, full, piece);
        }
        if (strcmp(text_of(trial, whole.items), text_of(trial, draft.items)) != 0) {
            fuzz_fail("after a save at %s the calculated answers are the same", path);
        }
        draft.before = known;
    }
    size_t scores = 0;
    (void)form_scores(trial->form, draft.items, trial->arena, &scores);
}

/* What a response begins with is one. */
static void
check_initial(const struct trial *trial)
{
    struct form_issues issues;
    form_issues_init(&issues, trial->arena);
    struct json_object *items = form_initial(trial->form, FUZZ_NOW, trial->arena, &issues);
    (void)judge(trial, items, FORM_DRAFT, &issues);
    for (size_t i = 0; i < sizeof structural / sizeof structural[0]; i++) {
        if (listed(&issues, structural[i])) {
            fuzz_fail("a response does not begin with %s at %s", structural[i], issues.items[0].path);
        }
    }
}

/* Merges into items that a client sent as they are: any of them, no structure assumed. */
static void
save_into_given(const struct trial *trial, struct json_object *items)
{
    struct json_object *copy = copy_of(trial, items);
    for (size_t i = 0; i < json_object_array_length(trial->saves) && i < SAVES_MAX; i++) {
        (void)save(trial, copy, i);
    }
    check_response(trial, copy);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct arena *arena = arena_create(FUZZ_ARENA_MAX, NULL, NULL);
    struct json_object *json = fuzz_case(arena, data, size);
    if (json != NULL) {
        struct form_issues issues;
        form_issues_init(&issues, arena);
        struct trial trial = {.arena = arena, .saves = fuzz_member(json, "saves")};
        trial.form =
            form_compile(fuzz_member(json, "questionnaire"), fuzz_member(json, "value_sets"), &issues);
        struct json_object *items = fuzz_member(json, "items");
        if (trial.form != NULL) {
            check_initial(&trial);
            check_response(&trial, items);
        }
        if (trial.form != NULL && json_object_is_type(trial.saves, json_type_array)) {
            check_saves(&trial);
            check_updates(&trial);
            save_into_given(&trial, items);
        }
        form_free(trial.form);
    }
    arena_destroy(arena);
    return 0;
}

size_t
LLVMFuzzerCustomMutator(unsigned char *data, size_t size, size_t max, unsigned seed)
{
    return fuzz_mutate(data, size, max, seed);
}

size_t
LLVMFuzzerCustomCrossOver(const unsigned char *one, size_t one_size, const unsigned char *other,
                          size_t other_size, unsigned char *out, size_t max, unsigned seed)
{
    return fuzz_cross(one, one_size, other, other_size, out, max, seed);
}

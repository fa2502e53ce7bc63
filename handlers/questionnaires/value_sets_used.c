#include "handlers/questionnaires/value_sets_used.h"

#include "build/gen/sql.h"
#include "handlers/questionnaires/forms_json.h"
#include "lib/base/json_own.h"
#include "lib/db/tx.h"
#include "lib/form/form.h"

#include <stdlib.h>
#include <string.h>

enum {
    USED_MAX = 200,
    USED_BYTES_MAX = 4 * 1024 * 1024,
    STEPS_MAX = 16 /* of sets that refer to sets: as deep as the engine follows them */
};

struct found_set {
    const char *id;
    const char *resource;
    struct json_object *json;
};

struct search {
    struct request *rq;
    struct found_set sets[USED_MAX];
    size_t count;
    size_t bytes;
    const char *names[USED_MAX]; /* asked for already */
    size_t name_count;
};

static enum problem
too_many(struct request *rq)
{
    request_error(rq, "", "too-many-value-sets",
                  "uses more than 200 stored value sets, or over 4 MiB of them");
    return PROBLEM_INVALID_FORM;
}

/* Notes the names that a resource refers to and that were not asked for yet. */
static enum problem
ask_for(struct search *search, struct json_object *resource)
{
    size_t count = 0;
    const char *const *names = form_value_sets_used(resource, search->rq->arena, &count);
    for (size_t i = 0; i < count; i++) {
        bool asked = false;
        for (size_t k = 0; k < search->name_count && !asked; k++) {
            asked = strcmp(search->names[k], names[i]) == 0;
        }
        if (asked) {
            continue;
        }
        if (search->name_count == USED_MAX) {
            return too_many(search->rq);
        }
        search->names[search->name_count++] = names[i];
    }
    return PROBLEM_NONE;
}

/* Two names may mean one set: `url` and `url|version`. */
static enum problem
add(struct search *search, const struct q_value_sets_named_row *row, bool *added)
{
    *added = false;
    for (size_t i = 0; i < search->count; i++) {
        if (strcmp(search->sets[i].id, row->id) == 0) {
            return PROBLEM_NONE;
        }
    }
    size_t size = strlen(row->resource);
    search->bytes += size;
    if (search->count == USED_MAX || search->bytes > USED_BYTES_MAX) {
        return too_many(search->rq);
    }
    struct json_object *json = forms_parse(search->rq, row->resource, size);
    if (json == NULL) {
        return PROBLEM_INTERNAL;
    }
    search->sets[search->count++] = (struct found_set){row->id, row->resource, json};
    *added = true;
    return PROBLEM_NONE;
}

/* One step: what the names from `first` on mean, and what those sets refer to in turn. */
static enum problem
step(struct search *search, size_t first)
{
    const struct q_value_sets_named_row *rows = NULL;
    size_t count = 0;
    struct q_value_sets_named_in query = {.canonicals = {search->names + first, search->name_count - first}};
    enum problem problem = q_value_sets_named(search->rq->tx, &query, &rows, &count);
    for (size_t i = 0; i < count && problem == PROBLEM_NONE; i++) {
        bool added = false;
        problem = add(search, &rows[i], &added);
        if (problem == PROBLEM_NONE && added) {
            problem = ask_for(search, search->sets[search->count - 1].json);
        }
    }
    return problem;
}

static int
by_id(const void *left, const void *right)
{
    return strcmp(((const struct found_set *)left)->id, ((const struct found_set *)right)->id);
}

static enum problem
collect(struct search *search, struct used_value_sets *used)
{
    struct json_object *array = json_own(search->rq->arena, json_object_new_array());
    qsort(search->sets, search->count, sizeof search->sets[0], by_id);
    for (size_t i = 0; i < search->count; i++) {
        if (json_object_array_add(array, json_object_get(search->sets[i].json)) != 0) {
            json_object_put(search->sets[i].json);
            return PROBLEM_OVERLOADED;
        }
    }
    used->array = array;
    used->text = arena_text(search->rq->arena, json_object_to_json_string_ext(array, FORMS_JSON_FLAGS));
    return used->text == NULL ? PROBLEM_OVERLOADED : PROBLEM_NONE;
}

enum problem
value_sets_used(struct request *rq, struct json_object *definition, struct used_value_sets *used)
{
    struct search *search = arena_alloc(rq->arena, sizeof *search);
    search->rq = rq;
    enum problem problem = ask_for(search, definition);
    size_t first = 0;
    for (int i = 0; i < STEPS_MAX && problem == PROBLEM_NONE && first < search->name_count; i++) {
        size_t next = search->name_count;
        problem = step(search, first);
        first = next;
    }
    return problem != PROBLEM_NONE ? problem : collect(search, used);
}

/* Lists the answers of each response by their paths, and joins the two lists. */
#include "lib/form/versions/responses.h"

#include "lib/base/buf.h"
#include "lib/base/json_own.h"
#include "lib/form/items/answers.h"
#include "lib/form/items/entries.h"
#include "lib/form/items/path.h"
#include "lib/form/value/value.h"

#include <stdlib.h>
#include <string.h>

enum { LEVELS_MAX = 2 * FORM_DEPTH_MAX, FIRST_ROOM = 32 };

/* The answers to one question of one response. */
struct given {
    const char *path;
    const char *link_id;
    struct json_object *answers; /* bare */
    uint8_t type;                /* enum form_type; FORM_TYPE_UNKNOWN: its version has no such item */
    bool met;                    /* the later response has the question, too */
};

struct listing {
    const struct form *form;
    struct arena *arena;
    struct given *items;
    size_t count;
    size_t room;
    bool failed; /* memory */
};

static void list_entries(struct listing *listing, const char *above, struct json_object *entries, int level);

static const char *
path_of(struct listing *listing, const char *above, struct json_object *link_id, uint32_t index)
{
    struct buf path;
    buf_init(&path, FORM_PATH_MAX);
    buf_text(&path, above);
    path_add(&path, json_object_get_string(link_id), (size_t)json_object_get_string_len(link_id), index != 0,
             index);
    const char *text = arena_text(listing->arena, buf_string(&path));
    listing->failed = listing->failed || path.failed;
    buf_free(&path);
    return text;
}

static struct json_object *
bare_answers(struct listing *listing, struct json_object *answers)
{
    struct json_object *list = json_own(listing->arena, json_object_new_array());
    listing->failed = listing->failed || list == NULL;
    for (size_t i = 0; list != NULL && i < json_object_array_length(answers); i++) {
        struct json_object *bare = answer_bare(json_object_array_get_idx(answers, i));
        if (bare != NULL && json_object_array_add(list, bare) != 0) {
            json_object_put(bare);
            listing->failed = true;
        }
    }
    return list;
}

static void
list_question(struct listing *listing, const char *path, struct json_object *link_id,
              struct json_object *answers)
{
    struct json_object *bare = bare_answers(listing, answers);
    if (bare != NULL && json_object_array_length(bare) != 0) {
        if (listing->count == listing->room) {
            size_t room = listing->room == 0 ? FIRST_ROOM : 2 * listing->room;
            struct given *more = arena_array(listing->arena, room, sizeof *more);
            if (listing->count != 0) {
                memcpy(more, listing->items, listing->count * sizeof *more);
            }
            listing->items = more;
            listing->room = room;
        }
        const char *name = json_object_get_string(link_id);
        uint32_t item = form_find(listing->form, name, (size_t)json_object_get_string_len(link_id));
        listing->items[listing->count++] = (struct given){
            .path = path,
            .link_id = arena_text(listing->arena, name),
            .answers = bare,
            .type = item == FORM_NO_ITEM ? FORM_TYPE_UNKNOWN : form_items(listing->form)[item].type};
    }
}

static void
list_below(struct listing *listing, const char *path, struct json_object *answers, int level)
{
    for (size_t i = 0; i < json_object_array_length(answers); i++) {
        struct json_object *below = entry_list(json_object_array_get_idx(answers, i), "item");
        if (below != NULL) {
            const char *here = i == 0 ? path : arena_format(listing->arena, "%s[%zu]", path, i);
            list_entries(listing, here, below, level + 1);
        }
    }
}

/* Instances of one group stand beside each other. */
static void
list_entries(struct listing *listing, const char *above, struct json_object *entries, int level)
{
    uint32_t number = 0;
    struct json_object *last = NULL;
    size_t count = entries == NULL || level > LEVELS_MAX ? 0 : json_object_array_length(entries);
    for (size_t i = 0; i < count && !listing->failed; i++) {
        struct json_object *entry = json_object_array_get_idx(entries, i);
        struct json_object *link_id = entry_link_id(entry);
        if (link_id == NULL) {
            continue;
        }
        number = last != NULL && json_object_equal(last, link_id) != 0 ? number + 1 : 0;
        last = link_id;
        const char *path = path_of(listing, above, link_id, number);
        struct json_object *answers = answers_of(entry);
        if (answers != NULL) {
            list_question(listing, path, link_id, answers);
            list_below(listing, path, answers, level);
        }
        list_entries(listing, path, entry_list(entry, "item"), level + 1);
    }
}

static int
compare_paths(const void *left, const void *right)
{
    const struct given *const *a = left;
    const struct given *const *b = right;
    return strcmp((*a)->path, (*b)->path);
}

/* The former answers by their paths, for finding them. */
static struct given **
by_path(struct listing *former)
{
    struct given **sorted = arena_array(former->arena, former->count, sizeof *sorted);
    for (size_t i = 0; i < former->count; i++) {
        sorted[i] = &former->items[i];
    }
    qsort(sorted, former->count, sizeof *sorted, compare_paths);
    return sorted;
}

/* Whether two answers are of one kind and mean the same value. */
static bool
same_answer(struct json_object *left, struct json_object *right, struct arena *arena)
{
    struct json_object *a = NULL;
    struct json_object *b = NULL;
    bool several = false;
    size_t a_size = 0;
    size_t b_size = 0;
    unsigned kind = value_of(left, "value", &a, &several);
    if (kind == FORM_KIND_NONE || kind != value_of(right, "value", &b, &several) ||
        value_check((enum form_kind)kind, a) != NULL || value_check((enum form_kind)kind, b) != NULL) {
        return json_object_equal(left, right) != 0;
    }
    const char *a_key = value_key((enum form_kind)kind, a, arena, &a_size);
    const char *b_key = value_key((enum form_kind)kind, b, arena, &b_size);
    return a_size == b_size && memcmp(a_key, b_key, a_size) == 0;
}

static const char *
change_of(const struct given *before, const struct given *after, struct arena *arena)
{
    if (before->type != after->type) {
        return "not-comparable";
    }
    size_t count = json_object_array_length(before->answers);
    bool same = count == json_object_array_length(after->answers);
    for (size_t i = 0; i < count && same; i++) {
        same = same_answer(json_object_array_get_idx(before->answers, i),
                           json_object_array_get_idx(after->answers, i), arena);
    }
    return same ? "same" : "changed";
}

static void
join(struct listing *former, struct listing *later, struct form_differences *out)
{
    struct given **sorted = by_path(former);
    for (size_t i = 0; i < later->count; i++) {
        struct given *after = &later->items[i];
        struct given **found =
            former->count == 0 ? NULL : bsearch(&after, sorted, former->count, sizeof *sorted, compare_paths);
        struct given *before = found == NULL ? NULL : *found;
        out->items[out->count++] = (struct form_difference){
            .path = after->path,
            .link_id = after->link_id,
            .change = before == NULL ? "added" : change_of(before, after, later->arena),
            .before = before == NULL ? NULL : before->answers,
            .after = after->answers};
        if (before != NULL) {
            before->met = true;
        }
    }
    for (size_t i = 0; i < former->count; i++) {
        if (!former->items[i].met) {
            out->items[out->count++] = (struct form_difference){.path = former->items[i].path,
                                                                .link_id = former->items[i].link_id,
                                                                .change = "removed",
                                                                .before = former->items[i].answers};
        }
    }
}

bool
form_responses_compare(const struct form *former, struct json_object *former_items, const struct form *later,
                       struct json_object *later_items, struct arena *arena,
                       struct form_differences *differences)
{
    struct listing before = {.form = former, .arena = arena};
    struct listing after = {.form = later, .arena = arena};
    list_entries(&before, "", former_items, 1);
    list_entries(&after, "", later_items, 1);
    differences->count = 0;
    differences->items = arena_array(arena, before.count + after.count, sizeof *differences->items);
    if (!before.failed && !after.failed) {
        join(&before, &after, differences);
    }
    return !before.failed && !after.failed;
}

/*
 * Two definitions item by item. Items are found by their linkIds (sorted once, then by bisection); of each
 * pair every part is compared that form.h gives a meaning to, and a change is breaking when answers that were
 * given before could be invalid, missing or of another meaning. In doubt a change is breaking. The
 * definitions need not be valid: a draft is compared as it is, so everything that is read is asked for its
 * type first. Costs: linear in items and options, but for the sorting.
 */
#include "lib/form/versions/diff.h"

#include "lib/form/form.h"
#include "lib/form/versions/diff_parts.h"

#include <stdlib.h>
#include <string.h>

/* One item of a definition, in document order. */
struct entry {
    struct json_object *json;
    const char *link_id; /* borrowed */
    size_t parent;       /* index; NO_ENTRY: top level */
    size_t ordinal;      /* among its siblings */
};

#define NO_ENTRY SIZE_MAX

/* All items of a definition, and their indexes sorted by linkId. */
struct listing {
    struct entry *entries;
    size_t count;
    const struct entry **sorted;
};

/* --- the items of a definition */

static struct json_object *
items_of(struct json_object *json)
{
    struct json_object *items = NULL;
    if (!json_object_is_type(json, json_type_object) || !json_object_object_get_ex(json, "item", &items)) {
        return NULL;
    }
    return json_object_is_type(items, json_type_array) ? items : NULL;
}

/* Counts, or with `entries` also lists, what has a linkId. */
static void
list_items(struct listing *listing, struct json_object *json, size_t parent, int depth)
{
    struct json_object *items = depth > FORM_DIFF_DEPTH_MAX ? NULL : items_of(json);
    size_t count = items == NULL ? 0 : json_object_array_length(items);
    for (size_t i = 0; i < count; i++) {
        struct json_object *item = json_object_array_get_idx(items, i);
        const char *link_id = diff_text(item, "linkId");
        if (*link_id == '\0') {
            continue;
        }
        size_t index = listing->count++;
        if (listing->entries != NULL) {
            listing->entries[index] = (struct entry){item, link_id, parent, i};
        }
        list_items(listing, item, index, depth + 1);
    }
}

/* Orders by linkId, and items with one linkId by their place in the definition. */
static int
by_link_id(const void *left, const void *right)
{
    const struct entry *one = *(const struct entry *const *)left;
    const struct entry *other = *(const struct entry *const *)right;
    int order = strcmp(one->link_id, other->link_id);
    return order != 0 ? order : (one > other) - (one < other);
}

static void
make_listing(struct listing *listing, struct json_object *questionnaire, struct arena *arena)
{
    *listing = (struct listing){0};
    list_items(listing, questionnaire, NO_ENTRY, 1);
    size_t count = listing->count;
    listing->entries = arena_array(arena, count + 1, sizeof *listing->entries);
    listing->sorted = arena_array(arena, count + 1, sizeof *listing->sorted);
    listing->count = 0;
    list_items(listing, questionnaire, NO_ENTRY, 1);
    for (size_t i = 0; i < count; i++) {
        listing->sorted[i] = &listing->entries[i];
    }
    qsort(listing->sorted, count, sizeof *listing->sorted, by_link_id);
}

static const struct entry *
find(const struct listing *listing, const char *link_id)
{
    size_t low = 0;
    size_t high = listing->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(listing->sorted[middle]->link_id, link_id) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = low < listing->count && strcmp(listing->sorted[low]->link_id, link_id) == 0;
    return found ? listing->sorted[low] : NULL;
}

static bool
is_question(struct json_object *item)
{
    const char *type = diff_text(item, "type");
    return strcmp(type, "group") != 0 && strcmp(type, "display") != 0;
}

static bool
is_true(struct json_object *item, const char *name)
{
    struct json_object *value = NULL;
    (void)json_object_object_get_ex(item, name, &value);
    return json_object_is_type(value, json_type_boolean) && json_object_get_boolean(value) != 0;
}

/* --- one item in both definitions */

/* What every answer of the first type is also an answer of the second. */
static bool
is_wider(const char *before, const char *after)
{
    return (strcmp(before, "string") == 0 && strcmp(after, "text") == 0) ||
           (strcmp(before, "choice") == 0 && strcmp(after, "open-choice") == 0) ||
           strcmp(before, "display") == 0;
}

static void
compare_type(struct comparison *comparison, struct json_object *before, struct json_object *after)
{
    const char *was = diff_text(before, "type");
    const char *is = diff_text(after, "type");
    if (strcmp(was, is) != 0) {
        const char *types = arena_format(comparison->arena, "%s to %s", was, is);
        unsigned effect = is_wider(was, is) ? EFFECT_NONE : EFFECT_BREAKING | EFFECT_LOSES;
        diff_note(comparison, "item-retyped", types, effect);
    }
}

static void
compare_flags(struct comparison *comparison, struct json_object *before, struct json_object *after)
{
    static const struct {
        const char *name;
        const char *added;
        unsigned when_added;
        const char *removed;
        unsigned when_removed;
    } flags[] = {
        {"required", "required-added", EFFECT_BREAKING, "required-removed", EFFECT_NONE},
        {"repeats", "repeats-added", EFFECT_NONE, "repeats-removed", EFFECT_BREAKING | EFFECT_LOSES},
        {"readOnly", "read-only-added", EFFECT_BREAKING | EFFECT_LOSES, "read-only-removed", EFFECT_NONE},
    };
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        bool was = is_true(before, flags[i].name);
        bool is = is_true(after, flags[i].name);
        if (was != is) {
            diff_note(comparison, is ? flags[i].added : flags[i].removed, "",
                      is ? flags[i].when_added : flags[i].when_removed);
        }
    }
}

static void
compare_max_length(struct comparison *comparison, struct json_object *before, struct json_object *after)
{
    struct json_object *was = json_object_object_get(before, "maxLength");
    struct json_object *is = json_object_object_get(after, "maxLength");
    if (json_object_equal(was, is) != 0) {
        return;
    }
    bool shorter = is != NULL && (was == NULL || json_object_get_int64(is) < json_object_get_int64(was));
    const char *kind = was == NULL  ? "constraint-added"
                       : is == NULL ? "constraint-removed"
                                    : "constraint-changed";
    diff_note(comparison, kind, "maxLength", shorter ? EFFECT_BREAKING | EFFECT_LOSES : EFFECT_NONE);
}

/* Members that are the same or not, and what it means when they are not. */
static const struct plain {
    const char *name;
    const char *kind;
    unsigned effect;
} plain_members[] = {
    {"text", "text-changed", EFFECT_NONE},
    {"_text", "text-changed", EFFECT_NONE},
    {"prefix", "text-changed", EFFECT_NONE},
    {"_prefix", "text-changed", EFFECT_NONE},
    {"title", "text-changed", EFFECT_NONE},
    {"_title", "text-changed", EFFECT_NONE},
    {"description", "text-changed", EFFECT_NONE},
    {"code", "code-changed", EFFECT_BREAKING},
    {"definition", "code-changed", EFFECT_BREAKING},
    {"enableWhen", "branch-changed", EFFECT_BREAKING},
    {"enableBehavior", "branch-changed", EFFECT_BREAKING},
    {"initial", "initial-changed", EFFECT_NONE},
};

/* Members that are looked at elsewhere, or compared as items. */
static const char *const handled[] = {"linkId",    "item",           "type",      "required",
                                      "repeats",   "readOnly",       "maxLength", "answerOption",
                                      "extension", "answerValueSet", "contained", "resourceType"};

static const struct plain *
plain_member(const char *name)
{
    static const struct plain other = {"", "other-changed", EFFECT_NONE};
    for (size_t i = 0; i < sizeof handled / sizeof handled[0]; i++) {
        if (strcmp(handled[i], name) == 0) {
            return NULL;
        }
    }
    for (size_t i = 0; i < sizeof plain_members / sizeof plain_members[0]; i++) {
        if (strcmp(plain_members[i].name, name) == 0) {
            return &plain_members[i];
        }
    }
    return &other;
}

static void
compare_members(struct comparison *comparison, struct json_object *before, struct json_object *after)
{
    json_object_object_foreach(before, name, was)
    {
        const struct plain *plain = plain_member(name);
        struct json_object *is = NULL;
        bool there = json_object_object_get_ex(after, name, &is) != 0;
        if (plain != NULL && (!there || json_object_equal(was, is) == 0)) {
            diff_note(comparison, plain->kind, arena_text(comparison->arena, name), plain->effect);
        }
    }
    json_object_object_foreach(after, added, is)
    {
        const struct plain *plain = plain_member(added);
        (void)is;
        if (plain != NULL && !json_object_object_get_ex(before, added, NULL)) {
            diff_note(comparison, plain->kind, arena_text(comparison->arena, added), plain->effect);
        }
    }
}

static void
compare_pair(struct comparison *comparison, struct json_object *before, struct json_object *after)
{
    compare_type(comparison, before, after);
    compare_flags(comparison, before, after);
    compare_max_length(comparison, before, after);
    diff_options(comparison, before, after);
    diff_extensions(comparison, before, after);
    compare_members(comparison, before, after);
}

/* --- both definitions */

/* Whether both stand below the same item. */
static bool
same_parent(const struct listing *before, const struct entry *was, const struct listing *after,
            const struct entry *is)
{
    if (was->parent == NO_ENTRY || is->parent == NO_ENTRY) {
        return was->parent == is->parent;
    }
    return strcmp(before->entries[was->parent].link_id, after->entries[is->parent].link_id) == 0;
}

static void
note_removed(struct comparison *comparison, const struct entry *was)
{
    bool question = is_question(was->json);
    diff_note(comparison, "item-removed", arena_text(comparison->arena, diff_text(was->json, "type")),
              question ? EFFECT_BREAKING | EFFECT_LOSES : EFFECT_NONE);
}

/*
 * Notes items that were removed, moved to another parent, or put in another order. `highest` has for each old
 * parent one more than the greatest ordinal met so far: an item whose ordinal is smaller than its
 * predecessors' was reordered.
 */
static void
compare_items(struct comparison *comparison, const struct listing *before, const struct listing *after)
{
    size_t *highest = arena_array(comparison->arena, before->count + 1, sizeof *highest);
    for (size_t i = 0; i < before->count; i++) {
        const struct entry *was = &before->entries[i];
        if (find(before, was->link_id) != was) {
            continue;
        }
        const struct entry *is = find(after, was->link_id);
        comparison->link_id = arena_text(comparison->arena, was->link_id);
        if (is == NULL) {
            note_removed(comparison, was);
            continue;
        }
        size_t *highest_ordinal = &highest[was->parent == NO_ENTRY ? before->count : was->parent];
        if (!same_parent(before, was, after, is)) {
            diff_note(comparison, "item-moved", "", EFFECT_BREAKING | EFFECT_LOSES);
        } else if (is->ordinal + 1 < *highest_ordinal) {
            diff_note(comparison, "item-reordered", "", EFFECT_NONE);
        } else {
            *highest_ordinal = is->ordinal + 1;
        }
        compare_pair(comparison, was->json, is->json);
    }
}

static void
note_added(struct comparison *comparison, const struct listing *before, const struct listing *after)
{
    for (size_t i = 0; i < after->count; i++) {
        const struct entry *is = &after->entries[i];
        if (find(after, is->link_id) != is || find(before, is->link_id) != NULL) {
            continue;
        }
        bool asked = before->count != 0 && is_true(is->json, "required");
        comparison->link_id = arena_text(comparison->arena, is->link_id);
        diff_note(comparison, "item-added", arena_text(comparison->arena, diff_text(is->json, "type")),
                  asked ? EFFECT_BREAKING : EFFECT_NONE);
    }
}

/* The questions of one definition that are none in the other. */
static const char **
columns(struct arena *arena, const struct listing *of, const struct listing *other, size_t *count)
{
    const char **names = arena_array(arena, of->count + 1, sizeof *names);
    for (size_t i = 0; i < of->count; i++) {
        const struct entry *entry = &of->entries[i];
        const struct entry *found = find(other, entry->link_id);
        bool there = found != NULL && is_question(found->json);
        if (is_question(entry->json) && !there && find(of, entry->link_id) == entry) {
            names[(*count)++] = arena_text(arena, entry->link_id);
        }
    }
    return names;
}

void
form_compare(struct json_object *before, struct json_object *before_sets, struct json_object *after,
             struct json_object *after_sets, struct arena *arena, struct form_diff *diff)
{
    struct listing was;
    struct listing is;
    struct comparison comparison = {.arena = arena,
                                    .diff = diff,
                                    .before = {before, before_sets},
                                    .after = {after, after_sets},
                                    .link_id = ""};
    *diff = (struct form_diff){0};
    make_listing(&was, before, arena);
    make_listing(&is, after, arena);
    if (json_object_is_type(before, json_type_object) && json_object_is_type(after, json_type_object)) {
        diff_extensions(&comparison, before, after);
        compare_members(&comparison, before, after);
    }
    compare_items(&comparison, &was, &is);
    note_added(&comparison, &was, &is);
    diff->columns_added = columns(arena, &is, &was, &diff->added_count);
    diff->columns_removed = columns(arena, &was, &is, &diff->removed_count);
}

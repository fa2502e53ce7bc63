/*
 * Carrying answers over to another version: walks the old items, finds each question by its linkId in the new
 * definition, merges its answers there (form_merge), and lists what has no place.
 *
 * Then the new version judges the result as a draft, and every answer with an error is dropped, with the
 * finding's code as the reason; again, until nothing is wrong, since dropping one answer can disable or
 * change others. What is dropped is listed by its path in the old version. The walk recurses over what was
 * stored, at most LEVELS_MAX levels. Nothing of the old items is changed; values are shared.
 */
#include "lib/form/versions/migrate.h"

#include "lib/base/buf.h"
#include "lib/base/json_own.h"
#include "lib/form/items/answers.h"
#include "lib/form/items/locator.h"
#include "lib/form/items/path.h"

#include <stdlib.h>
#include <string.h>

enum {
    FIRST_DROPPED = 16,
    LEVELS_MAX = 2 * FORM_DEPTH_MAX, /* of stored items: what is stored was made by a form */
    ROUNDS_MAX = 64 /* of checking: each but the last drops at least one of 1,000 listed findings */
};

/* Where answers came from, for the list of what is dropped later. */
struct carried {
    const char *path; /* in the new version */
    const char *from; /* in the older one */
};

struct carry {
    const struct form *form;
    const struct form *before; /* the older version; NULL: not known */
    const struct form_item *all;
    struct arena *arena;
    struct form_migration *out;
    struct carried *carried;
    size_t carried_count;
    size_t carried_room;
    bool failed; /* memory */
};

/* A list of entries that is being carried over: its path in the older version, and in the new one. */
struct branch {
    const char *from;
    const char *to;  /* NULL: what is above is not in the new version */
    uint32_t parent; /* item in the new version; FORM_NO_ITEM: top level */
    bool repeated;   /* below a second or later repetition */
    int level;
};

static void walk(struct carry *carry, struct branch branch, struct json_object *entries);

static const char *
path_below(struct carry *carry, const char *above, const char *link_id, size_t size, uint32_t index)
{
    struct buf path;
    buf_init(&path, FORM_PATH_MAX);
    buf_text(&path, above);
    path_add(&path, link_id, size, index != 0, index);
    const char *text = arena_copy(carry->arena, path.data == NULL ? "" : path.data, path.size);
    carry->failed = carry->failed || path.failed;
    buf_free(&path);
    return text;
}

/* A larger copy of an arena array that is full. */
static void *
grown(struct arena *arena, const void *array, size_t count, size_t *room, size_t size)
{
    *room = *room == 0 ? FIRST_DROPPED : *room * 2;
    void *larger = arena_array(arena, *room, size);
    if (count != 0) {
        memcpy(larger, array, count * size);
    }
    return larger;
}

static void
drop(struct carry *carry, const char *path, const char *reason, const char *text, struct json_object *answers)
{
    struct form_migration *out = carry->out;
    if (answers == NULL || json_object_array_length(answers) == 0) {
        return;
    }
    if (out->count == out->room) {
        out->dropped = grown(carry->arena, out->dropped, out->count, &out->room, sizeof *out->dropped);
    }
    out->dropped[out->count++] = (struct form_dropped){path, reason, text, answers};
}

static void
remember(struct carry *carry, const char *path, const char *from)
{
    if (carry->carried_count == carry->carried_room) {
        carry->carried = grown(carry->arena, carry->carried, carry->carried_count, &carry->carried_room,
                               sizeof *carry->carried);
    }
    carry->carried[carry->carried_count++] = (struct carried){path, from};
}

/*
 * The answers from `first` up to before `end`, those with a value, without items below; owned by the arena.
 */
static struct json_object *
bare_answers(struct carry *carry, struct json_object *answers, size_t first, size_t end)
{
    struct json_object *list = json_object_new_array();
    carry->failed = carry->failed || list == NULL;
    for (size_t i = first; i < end && list != NULL; i++) {
        struct json_object *bare = answer_bare(json_object_array_get_idx(answers, i));
        if (bare != NULL && json_object_array_add(list, bare) != 0) {
            json_object_put(bare);
            carry->failed = true;
        }
    }
    return json_own(carry->arena, list);
}

/* The path of a question in the new version by itself, when no group above it repeats and no question is. */
static const char *
lone_path(struct carry *carry, uint32_t item)
{
    uint32_t chain[FORM_DEPTH_MAX];
    size_t depth = 0;
    for (uint32_t at = item; at != FORM_NO_ITEM && depth < FORM_DEPTH_MAX; at = carry->all[at].parent) {
        if (at != item &&
            (carry->all[at].type != FORM_TYPE_GROUP || (carry->all[at].flags & FORM_REPEATS) != 0)) {
            return NULL;
        }
        chain[depth++] = at;
    }
    const char *path = "";
    while (depth > 0) {
        struct form_text link_id = carry->all[chain[--depth]].link_id;
        path = path_below(carry, path, form_pool(carry->form, link_id), link_id.size, 0);
    }
    return path;
}

/*
 * The path in the new version to which a question's answers go; NULL, with the reason, when they cannot be
 * kept.
 */
static const char *
target_of(struct carry *carry, const struct branch *branch, uint32_t item, struct json_object *link_id,
          const char **reason, const char **text)
{
    if (item == FORM_NO_ITEM) {
        *reason = "unknown-item";
        *text = "This question is not asked any more.";
        return NULL;
    }
    uint32_t parent = carry->all[item].parent;
    if (branch->to != NULL && parent == branch->parent) {
        return path_below(carry, branch->to, json_object_get_string(link_id),
                          (size_t)json_object_get_string_len(link_id), 0);
    }
    if (parent != FORM_NO_ITEM && form_is_question(&carry->all[parent])) {
        *reason = "parent-dropped";
        *text = "The question above this one could not be kept.";
        return NULL;
    }
    *reason = "moved";
    *text = "This question has moved to another place.";
    return branch->repeated ? NULL : lone_path(carry, item);
}

static void
walk_below_answers(struct carry *carry, const struct branch *branch, uint32_t item, const char *from,
                   const char *to, struct json_object *answers)
{
    uint32_t number = 0; /* of the answers that were carried over: those without a value are left out */
    for (size_t i = 0; i < json_object_array_length(answers); i++) {
        struct json_object *answer = json_object_array_get_idx(answers, i);
        struct json_object *below = NULL;
        struct json_object *bare = answer_bare(answer);
        bool valued = bare != NULL;
        json_object_put(bare);
        (void)json_object_object_get_ex(answer, "item", &below);
        const char *index = i == 0 ? "" : arena_format(carry->arena, "[%zu]", i);
        const char *here = number == 0 ? "" : arena_format(carry->arena, "[%u]", number);
        struct branch inner = {.from = arena_format(carry->arena, "%s%s", from, index),
                               .to = to == NULL || !valued ? NULL
                                                           : arena_format(carry->arena, "%s%s", to, here),
                               .parent = item,
                               .repeated = branch->repeated || i != 0,
                               .level = branch->level + 1};
        walk(carry, inner, below);
        number += valued;
    }
}

static void
carry_question(struct carry *carry, const struct branch *branch, struct json_object *link_id,
               const char *from, struct json_object *answers)
{
    const char *reason = NULL;
    const char *text = NULL;
    if (carry->before != NULL && form_is_calculated(carry->before, from)) {
        return; /* nobody gave it */
    }
    uint32_t item =
        form_find(carry->form, json_object_get_string(link_id), (size_t)json_object_get_string_len(link_id));
    const char *to = target_of(carry, branch, item, link_id, &reason, &text);
    struct json_object *bare = bare_answers(carry, answers, 0, json_object_array_length(answers));
    bool any = bare != NULL && json_object_array_length(bare) != 0;
    if (to != NULL && form_is_calculated(carry->form, to)) {
        reason = "calculated-ignored";
        text = "This is calculated from the other answers now.";
    } else if (to != NULL && any && form_value_at(carry->form, carry->out->items, to) == NULL) {
        struct form_issues issues;
        form_issues_init(&issues, carry->arena);
        if (form_merge(carry->form, carry->out->items, to, bare, carry->arena, &issues) == FORM_MERGED) {
            remember(carry, to, from);
            walk_below_answers(carry, branch, item, from, to, answers);
            return;
        }
        reason = issues.count == 0 ? reason : issues.items[0].code;
        text = issues.count == 0 ? text : issues.items[0].text;
    } else if (reason == NULL) {
        reason = "moved";
        text = "This question has moved to another place.";
    }
    if (any) {
        drop(carry, from, reason, text, bare);
    }
    walk_below_answers(carry, branch, item, from, NULL, answers);
}

/* True when something below the group was carried over. */
static bool
carry_group(struct carry *carry, const struct branch *branch, struct json_object *link_id, const char *from,
            uint32_t made, struct json_object *entry)
{
    struct json_object *below = NULL;
    const char *name = json_object_get_string(link_id);
    size_t size = (size_t)json_object_get_string_len(link_id);
    uint32_t item = form_find(carry->form, name, size);
    bool same = branch->to != NULL && item != FORM_NO_ITEM && carry->all[item].parent == branch->parent &&
                carry->all[item].type == FORM_TYPE_GROUP;
    struct branch inner = {.from = from,
                           .to = same ? path_below(carry, branch->to, name, size, made) : NULL,
                           .parent = same ? item : FORM_NO_ITEM,
                           .repeated = branch->repeated,
                           .level = branch->level + 1};
    size_t before = carry->carried_count;
    (void)json_object_object_get_ex(entry, "item", &below);
    walk(carry, inner, below);
    return same && carry->carried_count != before;
}

static void
walk(struct carry *carry, struct branch branch, struct json_object *entries)
{
    uint32_t number = 0; /* of this repetition */
    uint32_t made = 0;   /* repetitions that the new version has so far */
    struct json_object *last = NULL;
    if (!json_object_is_type(entries, json_type_array) || branch.level > LEVELS_MAX) {
        return;
    }
    for (size_t i = 0; i < json_object_array_length(entries) && !carry->failed; i++) {
        struct json_object *entry = json_object_array_get_idx(entries, i);
        struct json_object *link_id = NULL;
        struct json_object *answers = NULL;
        if (!json_object_is_type(entry, json_type_object) ||
            !json_object_object_get_ex(entry, "linkId", &link_id) ||
            !json_object_is_type(link_id, json_type_string)) {
            continue;
        }
        bool again = last != NULL && json_object_equal(last, link_id) != 0;
        number = again ? number + 1 : 0;
        made = again ? made : 0;
        last = link_id;
        const char *from = path_below(carry, branch.from, json_object_get_string(link_id),
                                      (size_t)json_object_get_string_len(link_id), number);
        if (json_object_object_get_ex(entry, "answer", &answers) &&
            json_object_is_type(answers, json_type_array)) {
            carry_question(carry, &branch, link_id, from, answers);
        } else {
            struct branch group = branch;
            group.repeated = branch.repeated || number != 0;
            made += carry_group(carry, &group, link_id, from, made, entry);
        }
    }
}

/* --- what the new version finds wrong */

/* The first instance may be written with its number or without. */
static bool
same_path(const char *left, const char *right)
{
    static const char first[] = "[0]";
    for (;;) {
        left += strncmp(left, first, sizeof first - 1) == 0 ? sizeof first - 1 : 0;
        right += strncmp(right, first, sizeof first - 1) == 0 ? sizeof first - 1 : 0;
        if (*left != *right || *left == '\0') {
            return *left == *right;
        }
        left++;
        right++;
    }
}

static const char *
origin_of(const struct carry *carry, const char *path)
{
    for (size_t i = 0; i < carry->carried_count; i++) {
        if (same_path(carry->carried[i].path, path)) {
            return carry->carried[i].from;
        }
    }
    return path;
}

/* Drops everything below an answer that is dropped. */
static void
drop_below(struct carry *carry, const char *path, struct json_object *entries, int level)
{
    size_t count = json_object_is_type(entries, json_type_array) ? json_object_array_length(entries) : 0;
    uint32_t number = 0;
    struct json_object *last = NULL;
    for (size_t i = 0; i < count && level <= LEVELS_MAX; i++) {
        struct json_object *entry = json_object_array_get_idx(entries, i);
        struct json_object *link_id = json_object_object_get(entry, "linkId");
        struct json_object *answers = NULL;
        struct json_object *below = NULL;
        bool again = last != NULL && json_object_equal(last, link_id) != 0;
        number = again ? number + 1 : 0;
        last = link_id;
        const char *here = path_below(carry, path, json_object_get_string(link_id),
                                      (size_t)json_object_get_string_len(link_id), number);
        if (json_object_object_get_ex(entry, "answer", &answers)) {
            size_t given = json_object_array_length(answers);
            drop(carry, origin_of(carry, here), "parent-dropped",
                 "The question above this one could not be kept.", bare_answers(carry, answers, 0, given));
            for (size_t k = 0; k < given; k++) {
                const char *answer_path = k == 0 ? here : arena_format(carry->arena, "%s[%zu]", here, k);
                struct json_object *answer = json_object_array_get_idx(answers, k);
                drop_below(carry, answer_path, json_object_object_get(answer, "item"), level + 1);
            }
        }
        if (json_object_object_get_ex(entry, "item", &below)) {
            drop_below(carry, here, below, level + 1);
        }
    }
}

/* The answer that an expression ends in: `....answer[2].value` gives 2. False when it names a whole item. */
static bool
answer_number(const char *expression, size_t *number)
{
    static const char answer[] = ".answer[";
    const char *found = NULL;
    for (const char *at = strstr(expression, answer); at != NULL; at = strstr(at + 1, answer)) {
        found = at;
    }
    if (found == NULL || strstr(found, ".item[") != NULL) {
        return false;
    }
    *number = strtoul(found + sizeof answer - 1, NULL, 10);
    return true;
}

/* Drops the answers that one finding is about. False when it is about a group, or nothing is there any more.
 */
static bool
drop_faulty(struct carry *carry, const struct form_issue *issue)
{
    struct locator locator;
    struct json_object *items = carry->out->items;
    if (!locator_resolve(&locator, carry->form, issue->path) || !form_is_question(locator_item(&locator))) {
        return false;
    }
    struct json_object *answers = locator_value(&locator, items);
    size_t count = answers == NULL ? 0 : json_object_array_length(answers);
    size_t first = 0;
    bool one = answer_number(issue->expression, &first);
    if (count == 0 || (one && first >= count)) {
        return false;
    }
    first = one ? first : 0;
    size_t end = one ? first + 1 : count;
    drop(carry, origin_of(carry, issue->path), issue->code, issue->text,
         bare_answers(carry, answers, first, end));
    for (size_t i = first; i < end; i++) {
        const char *answer_path =
            i == 0 ? issue->path : arena_format(carry->arena, "%s[%zu]", issue->path, i);
        struct json_object *answer = json_object_array_get_idx(answers, i);
        drop_below(carry, answer_path, json_object_object_get(answer, "item"), 1);
    }
    if (end - first < count) {
        return json_object_array_del_idx(answers, first, end - first) == 0;
    }
    locator_clear(&locator, items);
    return true;
}

/*
 * Drops what the findings are about, from the last finding on, so that the numbers of earlier answers stay
 * right.
 */
static bool
drop_all_faulty(struct carry *carry, const struct form_issues *issues)
{
    bool dropped = false;
    const char *last = "";
    size_t last_number = SIZE_MAX;
    for (size_t i = issues->count; i > 0; i--) {
        const struct form_issue *issue = &issues->items[i - 1];
        size_t number = SIZE_MAX;
        (void)answer_number(issue->expression, &number);
        bool done = strcmp(last, issue->path) == 0 && number == last_number;
        bool between = strcmp(issue->code, "constraint") == 0; /* no answer is wrong by itself */
        if (issue->severity == FORM_ERROR && !done && !between) {
            dropped = drop_faulty(carry, issue) || dropped;
            last = issue->path;
            last_number = number;
        }
    }
    return dropped;
}

bool
form_migrate(const struct form *form, const struct form *before, struct json_object *items,
             struct form_work *work, struct arena *arena, struct form_migration *migration)
{
    struct carry carry = {
        .form = form, .before = before, .all = form_items(form), .arena = arena, .out = migration};
    *migration = (struct form_migration){.items = json_own(arena, json_object_new_array())};
    if (migration->items == NULL) {
        return false;
    }
    walk(&carry, (struct branch){.from = "", .to = "", .parent = FORM_NO_ITEM}, items);
    bool again = true;
    for (int round = 0; again && round < ROUNDS_MAX && !carry.failed && !work->watch.over; round++) {
        struct form_issues issues;
        form_issues_init(&issues, arena);
        bool good = form_check(form, migration->items, FORM_DRAFT, work, arena, &issues, NULL);
        again = !good && drop_all_faulty(&carry, &issues);
    }
    return !carry.failed;
}

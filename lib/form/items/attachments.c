#include "lib/form/items/attachments.h"

#include "lib/base/buf.h"
#include "lib/form/items/entries.h"
#include "lib/form/items/path.h"

#include <string.h>

struct walk {
    const struct form *form;
    struct arena *arena;
    struct form_attachment *found;
    size_t count;
};

static void walk_list(struct walk *walk, struct json_object *list, const char *above, int depth);

/* The path of an item below `above`, in the arena. */
static const char *
path_below(struct walk *walk, const char *above, const char *link_id, size_t size, bool indexed,
           uint32_t index)
{
    struct buf buf;
    buf_init(&buf, FORM_PATH_MAX);
    buf_text(&buf, above);
    path_add(&buf, link_id, size, indexed, index);
    const char *path = arena_text(walk->arena, buf_string(&buf));
    buf_free(&buf);
    return path;
}

static bool
repeats(const struct walk *walk, const char *link_id, size_t size)
{
    uint32_t item = form_find(walk->form, link_id, size);
    return item != FORM_NO_ITEM && (form_items(walk->form)[item].flags & FORM_REPEATS) != 0;
}

/* Which instance of its item the entry at `at` is: entries of one item stand beside each other. */
static uint32_t
instance(struct json_object *list, size_t at, struct json_object *link_id)
{
    uint32_t before = 0;
    while (before < at) {
        struct json_object *other = entry_link_id(json_object_array_get_idx(list, at - before - 1));
        if (other == NULL || !json_object_equal(other, link_id)) {
            break;
        }
        before++;
    }
    return before;
}

static void
take(struct walk *walk, const char *path, struct json_object *value)
{
    if (walk->count < FORM_ATTACHMENTS_MAX) {
        walk->found[walk->count] = (struct form_attachment){.path = path, .value = value};
    }
    walk->count++;
}

static void
walk_answers(struct walk *walk, struct json_object *answers, const char *above, struct json_object *link_id,
             int depth)
{
    const char *name = json_object_get_string(link_id);
    size_t size = (size_t)json_object_get_string_len(link_id);
    const char *path = NULL;
    for (size_t i = 0; i < json_object_array_length(answers); i++) {
        struct json_object *answer = json_object_array_get_idx(answers, i);
        struct json_object *value = NULL;
        if (json_object_is_type(answer, json_type_object) &&
            json_object_object_get_ex(answer, "valueAttachment", &value)) {
            path = path == NULL ? path_below(walk, above, name, size, false, 0) : path;
            take(walk, path, value);
        }
        struct json_object *below = entry_list(answer, "item");
        if (below != NULL) {
            bool indexed = i > 0 || repeats(walk, name, size);
            walk_list(walk, below, path_below(walk, above, name, size, indexed, (uint32_t)i), depth + 1);
        }
    }
}

static void
walk_list(struct walk *walk, struct json_object *list, const char *above, int depth)
{
    for (size_t i = 0; depth <= FORM_DEPTH_MAX && i < json_object_array_length(list); i++) {
        struct json_object *entry = json_object_array_get_idx(list, i);
        struct json_object *link_id = entry_link_id(entry);
        if (link_id == NULL) {
            continue;
        }
        struct json_object *answers = entry_list(entry, "answer");
        struct json_object *below = entry_list(entry, "item");
        if (answers != NULL) {
            walk_answers(walk, answers, above, link_id, depth);
        }
        if (below != NULL) {
            const char *name = json_object_get_string(link_id);
            size_t size = (size_t)json_object_get_string_len(link_id);
            uint32_t index = instance(list, i, link_id);
            bool indexed = index > 0 || repeats(walk, name, size);
            walk_list(walk, below, path_below(walk, above, name, size, indexed, index), depth + 1);
        }
    }
}

static bool
asks_for_files(const struct form *form)
{
    for (uint32_t i = 0; i < form->item_count; i++) {
        if (form_items(form)[i].type == FORM_TYPE_ATTACHMENT) {
            return true;
        }
    }
    return false;
}

const struct form_attachment *
form_attachments(const struct form *form, struct json_object *items, struct arena *arena, size_t *count)
{
    struct walk walk = {.form = form, .arena = arena};
    if (json_object_is_type(items, json_type_array) && asks_for_files(form)) {
        walk.found = arena_array(arena, FORM_ATTACHMENTS_MAX, sizeof *walk.found);
        walk_list(&walk, items, "", 1);
    }
    *count = walk.count;
    return walk.found;
}

bool
form_path_is_of(const char *path, const char *link_id)
{
    struct path steps;
    return path_parse(path, &steps) && strcmp(steps.steps[steps.depth - 1].link_id, link_id) == 0;
}

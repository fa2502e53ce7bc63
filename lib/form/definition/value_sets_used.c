/* Which value sets a definition names: what the caller has to load before it compiles. */
#include "lib/form/form.h"

#include <stdlib.h>
#include <string.h>

#define UNIT_VALUE_SET "http://hl7.org/fhir/StructureDefinition/questionnaire-unitValueSet"

enum { WALK_DEPTH_MAX = 64, FIRST_ROOM = 16 };

struct names {
    const char **texts;
    size_t count;
    size_t room;
};

struct walk {
    struct arena *arena;
    struct names used;
    struct names contained; /* url, and url|version */
};

static const char *
text_of(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    (void)json_object_object_get_ex(object, name, &value);
    return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

static struct json_object *
list_of(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    (void)json_object_object_get_ex(object, name, &value);
    return json_object_is_type(value, json_type_array) ? value : NULL;
}

static void
add_text(struct walk *walk, struct names *names, const char *text)
{
    if (names->count == names->room) {
        size_t room = names->room == 0 ? FIRST_ROOM : names->room * 2;
        const char **texts = arena_array(walk->arena, room, sizeof *texts);
        if (names->count != 0) {
            memcpy(texts, names->texts, names->count * sizeof *texts);
        }
        names->texts = texts;
        names->room = room;
    }
    names->texts[names->count++] = text;
}

static void
add_name(struct walk *walk, struct json_object *name)
{
    const char *canonical = json_object_is_type(name, json_type_string) ? json_object_get_string(name) : "";
    if (canonical[0] != '\0' && canonical[0] != '#') {
        add_text(walk, &walk->used, arena_text(walk->arena, canonical));
    }
}

static void
add_contained(struct walk *walk, struct json_object *resource)
{
    const char *url = text_of(resource, "url");
    const char *version = text_of(resource, "version");
    if (url != NULL) {
        add_text(walk, &walk->contained, url);
    }
    if (url != NULL && version != NULL) {
        add_text(walk, &walk->contained, arena_format(walk->arena, "%s|%s", url, version));
    }
}

static void
walk_entries(struct walk *walk, struct json_object *entries)
{
    size_t count = entries == NULL ? 0 : json_object_array_length(entries);
    for (size_t i = 0; i < count; i++) {
        struct json_object *names = list_of(json_object_array_get_idx(entries, i), "valueSet");
        size_t named = names == NULL ? 0 : json_object_array_length(names);
        for (size_t k = 0; k < named; k++) {
            add_name(walk, json_object_array_get_idx(names, k));
        }
    }
}

static void
walk_value_set(struct walk *walk, struct json_object *set)
{
    struct json_object *compose = NULL;
    const char *type = text_of(set, "resourceType");
    (void)json_object_object_get_ex(set, "compose", &compose);
    if (type != NULL && strcmp(type, "ValueSet") == 0) {
        walk_entries(walk, list_of(compose, "include"));
        walk_entries(walk, list_of(compose, "exclude"));
    }
}

static void
walk_items(struct walk *walk, struct json_object *items, int depth)
{
    size_t count = items == NULL || depth > WALK_DEPTH_MAX ? 0 : json_object_array_length(items);
    for (size_t i = 0; i < count; i++) {
        struct json_object *item = json_object_array_get_idx(items, i);
        struct json_object *extensions = list_of(item, "extension");
        struct json_object *name = NULL;
        size_t extended = extensions == NULL ? 0 : json_object_array_length(extensions);
        if (json_object_object_get_ex(item, "answerValueSet", &name)) {
            add_name(walk, name);
        }
        for (size_t k = 0; k < extended; k++) {
            struct json_object *extension = json_object_array_get_idx(extensions, k);
            const char *url = text_of(extension, "url");
            if (url != NULL && strcmp(url, UNIT_VALUE_SET) == 0 &&
                json_object_object_get_ex(extension, "valueCanonical", &name)) {
                add_name(walk, name);
            }
        }
        walk_items(walk, list_of(item, "item"), depth + 1);
    }
}

static int
by_text(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void
sort(struct names *names)
{
    if (names->count != 0) {
        qsort(names->texts, names->count, sizeof *names->texts, by_text);
    }
}

static bool
is_contained(const struct walk *walk, const char *canonical)
{
    return walk->contained.count != 0 && bsearch(&canonical, walk->contained.texts, walk->contained.count,
                                                 sizeof *walk->contained.texts, by_text) != NULL;
}

const char *const *
form_value_sets_used(struct json_object *resource, struct arena *arena, size_t *count)
{
    struct walk walk = {.arena = arena};
    struct json_object *contained = list_of(resource, "contained");
    walk_value_set(&walk, resource);
    walk_items(&walk, list_of(resource, "item"), 1);
    for (size_t i = 0; contained != NULL && i < json_object_array_length(contained); i++) {
        struct json_object *inside = json_object_array_get_idx(contained, i);
        add_contained(&walk, inside);
        walk_value_set(&walk, inside);
    }
    sort(&walk.used);
    sort(&walk.contained);
    const char **texts = walk.used.texts;
    *count = 0;
    for (size_t i = 0; i < walk.used.count; i++) {
        bool again = *count != 0 && strcmp(texts[i], texts[*count - 1]) == 0;
        if (!again && !is_contained(&walk, texts[i])) {
            texts[(*count)++] = texts[i];
        }
    }
    return texts;
}

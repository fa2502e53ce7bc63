/* Extensions, options and value sets of two items. */
#include "lib/form/versions/diff_parts.h"

#include <stdlib.h>
#include <string.h>

enum {
    EXTENSIONS_MAX = 256, /* of one element that are compared one by one */
    FIRST_CHANGES = 32
};

static void
count_change(struct form_diff *diff, unsigned effect)
{
    diff->breaking += (effect & EFFECT_BREAKING) != 0;
}

void
diff_note(struct comparison *comparison, const char *kind, const char *detail, unsigned effect)
{
    struct form_diff *diff = comparison->diff;
    count_change(diff, effect);
    if (diff->count == FORM_CHANGES_MAX) {
        diff->omitted++;
        return;
    }
    if (diff->count == diff->room) {
        size_t room = diff->room == 0 ? FIRST_CHANGES : diff->room * 2;
        struct form_change *changes = arena_array(comparison->arena, room, sizeof *changes);
        if (diff->count != 0) {
            memcpy(changes, diff->changes, diff->count * sizeof *changes);
        }
        diff->changes = changes;
        diff->room = room;
    }
    diff->changes[diff->count++] = (struct form_change){.kind = kind,
                                                        .link_id = comparison->link_id,
                                                        .detail = detail,
                                                        .breaking = (effect & EFFECT_BREAKING) != 0,
                                                        .loses = (effect & EFFECT_LOSES) != 0};
}

const char *
diff_text(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    if (!json_object_is_type(object, json_type_object) || !json_object_object_get_ex(object, name, &value)) {
        return "";
    }
    return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
}

static struct json_object *
array_in(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    if (!json_object_is_type(object, json_type_object) || !json_object_object_get_ex(object, name, &value)) {
        return NULL;
    }
    return json_object_is_type(value, json_type_array) ? value : NULL;
}

static size_t
length_of(struct json_object *array)
{
    return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

/* --- extensions */

enum extension_class { CLASS_OTHER, CLASS_CONSTRAINT, CLASS_SCORE, CLASS_BRANCH, CLASS_INITIAL, CLASS_TEXT };

/* By the last part of the URL, without the prefix that FHIR's and SDC's names have. */
static enum extension_class
class_of(const char *url)
{
    static const struct {
        const char *name;
        enum extension_class class;
    } known[] = {
        {"minValue", CLASS_CONSTRAINT},
        {"maxValue", CLASS_CONSTRAINT},
        {"minLength", CLASS_CONSTRAINT},
        {"regex", CLASS_CONSTRAINT},
        {"maxDecimalPlaces", CLASS_CONSTRAINT},
        {"maxSize", CLASS_CONSTRAINT},
        {"mimeType", CLASS_CONSTRAINT},
        {"minOccurs", CLASS_CONSTRAINT},
        {"maxOccurs", CLASS_CONSTRAINT},
        {"optionExclusive", CLASS_CONSTRAINT},
        {"constraint", CLASS_CONSTRAINT},
        {"unit", CLASS_CONSTRAINT},
        {"unitOption", CLASS_CONSTRAINT},
        {"unitValueSet", CLASS_CONSTRAINT},
        {"referenceResource", CLASS_CONSTRAINT},
        {"calculatedExpression", CLASS_SCORE},
        {"variable", CLASS_SCORE},
        {"ordinalValue", CLASS_SCORE},
        {"itemWeight", CLASS_SCORE},
        {"urn:anamnesis:extension:score-bands", CLASS_SCORE},
        {"enableWhenExpression", CLASS_BRANCH},
        {"initialExpression", CLASS_INITIAL},
        {"entryFormat", CLASS_TEXT},
        {"optionPrefix", CLASS_TEXT},
        {"translation", CLASS_TEXT},
    };
    static const char *const prefixes[] = {"sdc-questionnaire-", "questionnaire-"};
    const char *slash = strrchr(url, '/');
    const char *name = slash == NULL ? url : slash + 1;
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0) {
            name += strlen(prefixes[i]);
            break;
        }
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].name, name) == 0) {
            return known[i].class;
        }
    }
    return CLASS_OTHER;
}

/* All extensions of one URL, in their order, as an array that the caller puts. */
static struct json_object *
of_url(struct json_object *extensions, const char *url)
{
    struct json_object *found = json_object_new_array();
    for (size_t i = 0; found != NULL && i < length_of(extensions); i++) {
        struct json_object *one = json_object_array_get_idx(extensions, i);
        if (strcmp(diff_text(one, "url"), url) == 0) {
            (void)json_object_array_add(found, json_object_get(one));
        }
    }
    return found;
}

static void
note_extension(struct comparison *comparison, const char *url, bool was, bool is)
{
    const char *detail = arena_text(comparison->arena, url);
    const char *constraint = !was ? "constraint-added" : is ? "constraint-changed" : "constraint-removed";
    switch (class_of(url)) {
    case CLASS_CONSTRAINT:
        diff_note(comparison, constraint, detail, is ? EFFECT_BREAKING | EFFECT_LOSES : EFFECT_NONE);
        break;
    case CLASS_SCORE:
        diff_note(comparison, "score-changed", detail, EFFECT_BREAKING);
        break;
    case CLASS_BRANCH:
        diff_note(comparison, "branch-changed", detail, EFFECT_BREAKING);
        break;
    case CLASS_INITIAL:
        diff_note(comparison, "initial-changed", detail, EFFECT_NONE);
        break;
    case CLASS_TEXT:
        diff_note(comparison, "text-changed", detail, EFFECT_NONE);
        break;
    case CLASS_OTHER:
    default:
        diff_note(comparison, "other-changed", detail, EFFECT_NONE);
        break;
    }
}

static void
compare_url(struct comparison *comparison, struct json_object *before, struct json_object *after,
            const char *url)
{
    struct json_object *was = of_url(before, url);
    struct json_object *is = of_url(after, url);
    if (json_object_equal(was, is) == 0) {
        note_extension(comparison, url, length_of(was) != 0, length_of(is) != 0);
    }
    json_object_put(was);
    json_object_put(is);
}

/* Whether an extension before this one has the same URL. */
static bool
is_repeated(struct json_object *extensions, size_t index)
{
    const char *url = diff_text(json_object_array_get_idx(extensions, index), "url");
    for (size_t i = 0; i < index; i++) {
        if (strcmp(diff_text(json_object_array_get_idx(extensions, i), "url"), url) == 0) {
            return true;
        }
    }
    return false;
}

void
diff_extensions(struct comparison *comparison, struct json_object *before, struct json_object *after)
{
    struct json_object *was = array_in(before, "extension");
    struct json_object *is = array_in(after, "extension");
    if (json_object_equal(was, is) != 0) {
        return;
    }
    if (length_of(was) > EXTENSIONS_MAX || length_of(is) > EXTENSIONS_MAX) {
        diff_note(comparison, "constraint-changed", "extension", EFFECT_BREAKING | EFFECT_LOSES);
        return;
    }
    for (size_t i = 0; i < length_of(was); i++) {
        if (!is_repeated(was, i)) {
            compare_url(comparison, was, is, diff_text(json_object_array_get_idx(was, i), "url"));
        }
    }
    for (size_t i = 0; i < length_of(is); i++) {
        const char *url = diff_text(json_object_array_get_idx(is, i), "url");
        struct json_object *known = of_url(was, url);
        if (!is_repeated(is, i) && length_of(known) == 0) {
            compare_url(comparison, was, is, url);
        }
        json_object_put(known);
    }
}

/* --- options */

/* An option and what it is known by: a Coding's system and code, else its value. */
struct option {
    const char *key;
    struct json_object *json;
};

static int
by_key(const void *left, const void *right)
{
    return strcmp(((const struct option *)left)->key, ((const struct option *)right)->key);
}

static const char *
option_key(struct comparison *comparison, struct json_object *option)
{
    if (!json_object_is_type(option, json_type_object)) {
        return "";
    }
    json_object_object_foreach(option, name, value)
    {
        if (strcmp(name, "valueCoding") == 0) {
            return arena_format(comparison->arena, "%s|%s", diff_text(value, "system"),
                                diff_text(value, "code"));
        }
        if (strncmp(name, "value", strlen("value")) == 0) {
            return arena_text(comparison->arena,
                              json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN));
        }
    }
    return "";
}

/* The options of an item, sorted by key. */
static struct option *
sorted_options(struct comparison *comparison, struct json_object *list)
{
    size_t count = length_of(list);
    struct option *options = arena_array(comparison->arena, count + 1, sizeof *options);
    for (size_t i = 0; i < count; i++) {
        struct json_object *json = json_object_array_get_idx(list, i);
        options[i] = (struct option){option_key(comparison, json), json};
    }
    qsort(options, count, sizeof *options, by_key);
    return options;
}

static void
compare_option(struct comparison *comparison, const struct option *before, const struct option *after)
{
    struct json_object *was = NULL;
    struct json_object *is = NULL;
    (void)json_object_object_get_ex(before->json, "valueCoding", &was);
    (void)json_object_object_get_ex(after->json, "valueCoding", &is);
    if (strcmp(diff_text(was, "display"), diff_text(is, "display")) != 0) {
        diff_note(comparison, "text-changed", after->key, EFFECT_NONE);
    }
    bool selected = json_object_get_boolean(json_object_object_get(before->json, "initialSelected")) != 0;
    if (selected != (json_object_get_boolean(json_object_object_get(after->json, "initialSelected")) != 0)) {
        diff_note(comparison, "initial-changed", after->key, EFFECT_NONE);
    }
    diff_extensions(comparison, before->json, after->json);
    diff_extensions(comparison, was, is); /* R4 has ordinalValue on the Coding, too */
}

static void
compare_options(struct comparison *comparison, struct json_object *before, struct json_object *after)
{
    size_t was_count = length_of(before);
    size_t is_count = length_of(after);
    struct option *was = sorted_options(comparison, before);
    struct option *is = sorted_options(comparison, after);
    size_t i = 0;
    size_t k = 0;
    while (i < was_count || k < is_count) {
        int order = i == was_count ? 1 : k == is_count ? -1 : strcmp(was[i].key, is[k].key);
        if (order < 0) {
            diff_note(comparison, "option-removed", was[i++].key, EFFECT_BREAKING | EFFECT_LOSES);
        } else if (order > 0) {
            diff_note(comparison, "option-added", is[k++].key, EFFECT_NONE);
        } else if (json_object_is_type(was[i].json, json_type_object) &&
                   json_object_is_type(is[k].json, json_type_object)) {
            compare_option(comparison, &was[i++], &is[k++]);
        } else {
            i++;
            k++;
        }
    }
}

/* The set that a canonical, or "#id", means on one side; NULL when it is not at hand. */
static struct json_object *
value_set_of(const struct diff_side *side, const char *canonical)
{
    bool inside = canonical[0] == '#';
    struct json_object *list = inside ? array_in(side->questionnaire, "contained") : side->sets;
    size_t size = strcspn(canonical, "|");
    for (size_t i = length_of(list); i > 0; i--) { /* without a version the last one is meant */
        struct json_object *set = json_object_array_get_idx(list, i - 1);
        if (inside) {
            if (strcmp(diff_text(set, "id"), canonical + 1) == 0) {
                return set;
            }
            continue;
        }
        const char *url = diff_text(set, "url");
        bool named = strlen(url) == size && strncmp(url, canonical, size) == 0;
        if (named &&
            (canonical[size] == '\0' || strcmp(canonical + size + 1, diff_text(set, "version")) == 0)) {
            return set;
        }
    }
    return NULL;
}

void
diff_options(struct comparison *comparison, struct json_object *before, struct json_object *after)
{
    const char *was = diff_text(before, "answerValueSet");
    const char *is = diff_text(after, "answerValueSet");
    struct json_object *was_set = value_set_of(&comparison->before, was);
    struct json_object *is_set = value_set_of(&comparison->after, is);
    if (strcmp(was, is) != 0 || json_object_equal(was_set, is_set) == 0) {
        const char *detail = arena_text(comparison->arena, *is == '\0' ? was : is);
        diff_note(comparison, "value-set-changed", detail, EFFECT_BREAKING | EFFECT_LOSES);
    }
    compare_options(comparison, array_in(before, "answerOption"), array_in(after, "answerOption"));
}

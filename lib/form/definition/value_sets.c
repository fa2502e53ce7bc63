/*
 * ValueSets that answers are drawn from: those contained in the Questionnaire and those that the practice
 * stores, each listed once, when first used. What lists its codes can be judged: `compose` with concepts,
 * other sets and exclusions, or an `expansion`. Filters and whole code systems cannot.
 * https://hl7.org/fhir/R4/valueset.html#compositions
 */
#include "lib/form/definition/builder.h"
#include "lib/form/definition/weights.h"
#include "lib/form/value/value.h"

#include <stdlib.h>
#include <string.h>

enum {
    EXPANSION_DEPTH_MAX = 16, /* of headings in an expansion */
    SET_DEPTH_MAX = 16,       /* of sets that include sets */
    SET_STEPS_MAX = 10000000  /* codes looked at while sets are put together */
};

static struct value_set_state read_set(struct builder *builder, struct value_set *set, int depth);

static int
by_id(const void *left, const void *right)
{
    const struct value_set *one = *(struct value_set *const *)left;
    const struct value_set *other = *(struct value_set *const *)right;
    return strcmp(one->id, other->id);
}

/* By url, contained ones last and the one given last at the very end: that one is meant without a version. */
static int
by_url(const void *left, const void *right)
{
    const struct value_set *one = *(struct value_set *const *)left;
    const struct value_set *other = *(struct value_set *const *)right;
    int order = strcmp(one->url, other->url);
    if (order == 0 && (one->id != NULL) != (other->id != NULL)) {
        order = one->id != NULL ? 1 : -1;
    }
    if (order == 0) {
        order = one < other ? -1 : 1; /* the array keeps the given order */
    }
    return order;
}

static void
index_list(struct builder *builder, struct json_object *list, bool contained)
{
    size_t count = list == NULL ? 0 : json_object_array_length(list);
    for (size_t i = 0; i < count; i++) {
        struct json_object *resource = json_object_array_get_idx(list, i);
        size_t size = 0;
        const char *type = member_string(resource, "resourceType", &size);
        if (type == NULL || strcmp(type, "ValueSet") != 0) {
            continue;
        }
        builder->sets[builder->set_count++] =
            (struct value_set){.id = contained ? member_string(resource, "id", &size) : NULL,
                               .url = member_string(resource, "url", &size),
                               .version = member_string(resource, "version", &size),
                               .json = resource};
    }
}

void
value_sets_index(struct builder *builder, struct json_object *questionnaire, struct json_object *stored)
{
    struct json_object *contained = member_array(questionnaire, "contained");
    struct json_object *others = json_object_is_type(stored, json_type_array) ? stored : NULL;
    size_t room = (contained == NULL ? 0 : json_object_array_length(contained)) +
                  (others == NULL ? 0 : json_object_array_length(others));
    if (room > FORM_VALUE_SETS_MAX) {
        builder_note(builder, FORM_ERROR, (struct spot){FORM_NO_ITEM, "contained", -1, NULL},
                     "too-many-value-sets", "A questionnaire may have 2,000 value sets at hand.");
        return;
    }
    builder->sets = arena_array(builder->arena, room + 1, sizeof *builder->sets);
    builder->sets_by_id = arena_array(builder->arena, room + 1, sizeof *builder->sets_by_id);
    builder->sets_by_url = arena_array(builder->arena, room + 1, sizeof *builder->sets_by_url);
    index_list(builder, contained, true);
    index_list(builder, others, false);
    for (size_t i = 0; i < builder->set_count; i++) {
        struct value_set *set = &builder->sets[i];
        if (set->id != NULL) {
            builder->sets_by_id[builder->id_count++] = set;
        }
        if (set->url != NULL) {
            builder->sets_by_url[builder->url_count++] = set;
        }
    }
    qsort(builder->sets_by_id, builder->id_count, sizeof *builder->sets_by_id, by_id);
    for (size_t i = 1; i < builder->id_count; i++) {
        if (strcmp(builder->sets_by_id[i - 1]->id, builder->sets_by_id[i]->id) == 0) {
            builder_note(builder, FORM_ERROR, (struct spot){FORM_NO_ITEM, "contained", -1, NULL},
                         "duplicate-contained", "Two contained value sets have the same id.");
        }
    }
    qsort(builder->sets_by_url, builder->url_count, sizeof *builder->sets_by_url, by_url);
}

static struct value_set *
find_contained(const struct builder *builder, const char *id)
{
    const struct value_set key = {.id = id};
    const struct value_set *wanted = &key;
    struct value_set **found = NULL;
    if (builder->id_count != 0) { /* else there is no array to search */
        found = bsearch(&wanted, builder->sets_by_id, builder->id_count, sizeof(struct value_set *), by_id);
    }
    return found == NULL ? NULL : *found;
}

/* The last set whose url is not greater; its run ends there. */
static struct value_set *
find_canonical(const struct builder *builder, const char *canonical)
{
    size_t size = strcspn(canonical, "|");
    const char *version = canonical[size] == '|' ? canonical + size + 1 : NULL;
    size_t low = 0;
    size_t high = builder->url_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *url = builder->sets_by_url[middle]->url;
        int order = strncmp(url, canonical, size);
        if (order < 0 || (order == 0 && url[size] == '\0')) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    while (low > 0) {
        struct value_set *set = builder->sets_by_url[--low];
        if (strncmp(set->url, canonical, size) != 0 || set->url[size] != '\0') {
            return NULL;
        }
        if (version == NULL || (set->version != NULL && strcmp(set->version, version) == 0)) {
            return set;
        }
    }
    return NULL;
}

static struct value_set_state
fate(enum value_set_fate what)
{
    return (struct value_set_state){.fate = what};
}

static struct value_set_state
resolve(struct builder *builder, const char *canonical, int depth)
{
    bool inside = canonical[0] == '#';
    struct value_set *set =
        inside ? find_contained(builder, canonical + 1) : find_canonical(builder, canonical);
    if (set == NULL) {
        return fate(inside ? VALUE_SET_MISSING : VALUE_SET_NOT_KNOWN);
    }
    if (set->reading) {
        return fate(VALUE_SET_CYCLE);
    }
    if (!set->read && depth > SET_DEPTH_MAX) {
        return fate(VALUE_SET_NOT_LISTED);
    }
    if (!set->read) {
        set->reading = true;
        set->state = read_set(builder, set, depth);
        set->reading = false;
        set->read = true;
    }
    return set->state;
}

struct value_set_state
value_sets_find(struct builder *builder, const char *canonical)
{
    return resolve(builder, canonical, 1);
}

/* True while there is still leave to look at `count` more codes. */
static bool
step(struct builder *builder, uint32_t count)
{
    bool before = builder->set_steps > SET_STEPS_MAX;
    builder->set_steps += count;
    if (builder->set_steps > SET_STEPS_MAX && !before) {
        builder_note(builder, FORM_ERROR, (struct spot){FORM_NO_ITEM, "contained", -1, NULL}, "too-large",
                     "The value sets of this questionnaire are too large to be put together.");
    }
    return builder->set_steps <= SET_STEPS_MAX;
}

static void
add_code(struct builder *builder, const char *system, struct json_object *concept)
{
    size_t size = 0;
    const char *code = member_string(concept, "code", &size);
    if (code != NULL && step(builder, 1)) {
        const char *key = value_code_key(system, code, builder->arena, &size);
        uint32_t count = builder->option_count;
        options_add(builder, key, size, false);
        weights_read(builder, count, concept);
    }
}

/* ValueSet.expansion.contains, which nests; abstract entries are headings. Returns how many entries there
 * are. */
static uint32_t
add_expansion(struct builder *builder, struct json_object *contains, int depth)
{
    size_t count = contains == NULL || depth > EXPANSION_DEPTH_MAX ? 0 : json_object_array_length(contains);
    uint32_t entries = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        struct json_object *entry = json_object_array_get_idx(contains, i);
        size_t size = 0;
        if (!json_object_is_type(entry, json_type_object)) {
            continue;
        }
        if (!member_true(entry, "abstract")) {
            add_code(builder, member_string(entry, "system", &size), entry);
        }
        entries += add_expansion(builder, member_array(entry, "contains"), depth + 1);
    }
    return entries;
}

/* Whether a code's key (see value_code_key) is of that system. */
static bool
is_of_system(const struct builder *builder, const struct form_option *option, const char *system)
{
    const char *key = builder->pool.data + option->key.offset + 1;
    return strcmp(key, system) == 0;
}

/* Whether every set that an include names, from the given one on, has the option. */
static bool
in_all_sets(struct builder *builder, struct json_object *names, size_t from, const struct form_option *option,
            int depth)
{
    size_t count = json_object_array_length(names);
    const char *key = builder->pool.data + option->key.offset;
    for (size_t i = from; i < count; i++) {
        struct value_set_state other =
            resolve(builder, json_object_get_string(json_object_array_get_idx(names, i)), depth + 1);
        if (!step(builder, 1) || !option_in_run(builder->options + other.option, other.option_count,
                                                builder->pool.data, key, option->key.size)) {
            return false;
        }
    }
    return true;
}

/* The codes that all the named sets have, of one system when that is given. */
static void
add_common(struct builder *builder, struct json_object *names, const char *system, int depth)
{
    struct value_set_state first =
        resolve(builder, json_object_get_string(json_object_array_get_idx(names, 0)), depth + 1);
    for (uint32_t i = 0; i < first.option_count && step(builder, 1) && !builder->pool.failed; i++) {
        struct form_option option = builder->options[first.option + i];
        if ((system == NULL || is_of_system(builder, &option, system)) &&
            in_all_sets(builder, names, 1, &option, depth)) {
            options_add_shared(builder, option);
        }
    }
}

/* Takes back the codes added since `start` that are not in all the named sets. */
static void
keep_common(struct builder *builder, uint32_t start, struct json_object *names, int depth)
{
    uint32_t kept = start;
    for (uint32_t i = start; i < builder->option_count && !builder->pool.failed; i++) {
        if (in_all_sets(builder, names, 0, &builder->options[i], depth)) {
            builder->options[kept++] = builder->options[i];
        }
    }
    builder->option_count = kept;
}

/* Lists the sets that the entries name, so that their codes stand before those of the set that includes them.
 */
static enum value_set_fate
read_named(struct builder *builder, struct json_object *entries, int depth)
{
    size_t count = entries == NULL ? 0 : json_object_array_length(entries);
    for (size_t i = 0; i < count; i++) {
        struct json_object *names = member_array(json_object_array_get_idx(entries, i), "valueSet");
        size_t named = names == NULL ? 0 : json_object_array_length(names);
        for (size_t k = 0; k < named; k++) {
            struct json_object *name = json_object_array_get_idx(names, k);
            enum value_set_fate found = json_object_is_type(name, json_type_string)
                                            ? resolve(builder, json_object_get_string(name), depth + 1).fate
                                            : VALUE_SET_NOT_LISTED;
            if (found != VALUE_SET_LISTED) {
                return found;
            }
        }
    }
    return VALUE_SET_LISTED;
}

/* Adds what one include or exclude says. False when its codes are not listed. */
static bool
add_entry(struct builder *builder, struct json_object *entry, int depth)
{
    struct json_object *concepts = member_array(entry, "concept");
    struct json_object *names = member_array(entry, "valueSet");
    size_t size = 0;
    const char *system = member_string(entry, "system", &size);
    uint32_t start = builder->option_count;
    if (member_present(entry, "filter") || (concepts == NULL && names == NULL)) {
        return false;
    }
    if (concepts == NULL) {
        if (json_object_array_length(names) != 0) {
            add_common(builder, names, system, depth);
        }
        return true;
    }
    for (size_t i = 0; i < json_object_array_length(concepts); i++) {
        struct json_object *concept = json_object_array_get_idx(concepts, i);
        if (json_object_is_type(concept, json_type_object)) {
            add_code(builder, system, concept);
        }
    }
    if (names != NULL) {
        keep_common(builder, start, names, depth);
    }
    return true;
}

/* Takes all codes of a system out of the run that begins at `start` and ends with the options. */
static void
drop_system(struct builder *builder, uint32_t start, const char *system)
{
    uint32_t kept = start;
    for (uint32_t i = start; i < builder->option_count && !builder->pool.failed; i++) {
        if (!step(builder, 1) || !is_of_system(builder, &builder->options[i], system)) {
            builder->options[kept++] = builder->options[i];
        }
    }
    builder->option_count = kept;
}

/* Takes out of the run at `start` what `entry` says. False when that is not listed. */
static bool
exclude(struct builder *builder, uint32_t start, struct json_object *entry, int depth)
{
    uint32_t end = builder->option_count;
    uint32_t kept = start;
    size_t size = 0;
    const char *system = member_string(entry, "system", &size);
    bool whole = system != NULL && !member_present(entry, "concept") && !member_present(entry, "filter") &&
                 !member_present(entry, "valueSet");
    if (whole) {
        drop_system(builder, start, system);
        return true;
    }
    if (!add_entry(builder, entry, depth)) {
        return false;
    }
    uint32_t excluded = builder->option_count - end;
    (void)options_sort(builder, end, &excluded);
    for (uint32_t i = start; i < end && step(builder, 1) && !builder->pool.failed; i++) {
        struct form_option option = builder->options[i];
        if (!option_in_run(builder->options + end, excluded, builder->pool.data,
                           builder->pool.data + option.key.offset, option.key.size)) {
            builder->options[kept++] = option;
        }
    }
    builder->option_count = kept;
    return true;
}

static bool
add_compose(struct builder *builder, struct json_object *compose, int depth)
{
    struct json_object *includes = member_array(compose, "include");
    struct json_object *excludes = member_array(compose, "exclude");
    size_t count = includes == NULL ? 0 : json_object_array_length(includes);
    uint32_t start = builder->option_count;
    bool listed = count != 0;
    for (size_t i = 0; i < count && listed; i++) {
        listed = add_entry(builder, json_object_array_get_idx(includes, i), depth);
    }
    count = excludes == NULL ? 0 : json_object_array_length(excludes);
    for (size_t i = 0; i < count && listed; i++) {
        listed = exclude(builder, start, json_object_array_get_idx(excludes, i), depth);
    }
    return listed;
}

/* An expansion that says how many codes there are may show a part of them only. */
static bool
add_whole_expansion(struct builder *builder, struct json_object *expansion)
{
    struct json_object *contains = member_array(expansion, "contains");
    struct json_object *total = NULL;
    if (contains == NULL) {
        return false;
    }
    uint32_t entries = add_expansion(builder, contains, 1);
    (void)json_object_object_get_ex(expansion, "total", &total);
    return !json_object_is_type(total, json_type_int) || json_object_get_int64(total) <= entries;
}

/* What is composed counts, where it lists its codes: an expansion was only made of it. */
static struct value_set_state
read_set(struct builder *builder, struct value_set *set, int depth)
{
    struct json_object *expansion = NULL;
    struct json_object *compose = NULL;
    (void)json_object_object_get_ex(set->json, "expansion", &expansion);
    (void)json_object_object_get_ex(set->json, "compose", &compose);
    enum value_set_fate named = read_named(builder, member_array(compose, "include"), depth);
    if (named == VALUE_SET_LISTED) {
        named = read_named(builder, member_array(compose, "exclude"), depth);
    }
    struct value_set_state state = {.option = builder->option_count};
    bool listed = named == VALUE_SET_LISTED && add_compose(builder, compose, depth);
    if (!listed) {
        builder->option_count = state.option;
        listed = add_whole_expansion(builder, expansion);
    }
    if (!listed) {
        builder->option_count = state.option;
        return fate(named != VALUE_SET_LISTED ? named : VALUE_SET_NOT_LISTED);
    }
    state.option_count = builder->option_count - state.option;
    (void)options_sort(builder, state.option, &state.option_count);
    return state;
}

void
value_sets_note(struct builder *builder, struct spot spot, enum value_set_fate what)
{
    switch (what) {
    case VALUE_SET_LISTED:
        return;
    case VALUE_SET_NOT_LISTED:
        builder_note(builder, FORM_WARNING, spot, "value-set-not-listed",
                     "This value set does not list its codes: any code will be taken as an answer.");
        return;
    case VALUE_SET_NOT_KNOWN:
        builder_note(
            builder, FORM_WARNING, spot, "value-set-not-known",
            "This value set, or one that it includes, is neither contained nor stored: any code will be "
            "taken as an answer.");
        return;
    case VALUE_SET_MISSING:
        builder_note(builder, FORM_ERROR, spot, "value-set-missing",
                     "The questionnaire contains no such value set.");
        return;
    case VALUE_SET_CYCLE:
        builder_note(builder, FORM_ERROR, spot, "value-set-cycle", "This value set includes itself.");
        return;
    }
}

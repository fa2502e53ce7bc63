/*
 * libFuzzer: two definitions, and a response's items, from one input. Whatever they are: a definition does
 * not differ from itself; what one version adds the other way round removes; carrying answers over changes
 * nothing of them, loses none without listing it, and once carried over they fit.
 */
#include "tests/fuzz/fuzz.h"

#include "lib/form/versions/diff.h"
#include "lib/form/versions/migrate.h"

#include <string.h>

static const char *
text_of(struct arena *arena, struct json_object *json)
{
    const char *text = fuzz_canonical(arena, json);
    if (text == NULL) {
        fuzz_fail("what the strict reader reads has a canonical form");
    }
    return text;
}

static size_t
count_kind(const struct form_diff *diff, const char *kind)
{
    size_t count = 0;
    for (size_t i = 0; i < diff->count; i++) {
        count += strcmp(diff->changes[i].kind, kind) == 0;
    }
    return count;
}

static void
check_changes(const struct form_diff *diff)
{
    size_t breaking = 0;
    for (size_t i = 0; i < diff->count; i++) {
        const struct form_change *it = &diff->changes[i];
        breaking += it->breaking;
        if (it->kind[0] == '\0' || it->link_id == NULL || it->detail == NULL ||
            (it->loses && !it->breaking)) {
            fuzz_fail("a change %s has a kind, an item and a detail", it->kind);
        }
    }
    if (breaking > diff->breaking || (diff->omitted == 0 && breaking != diff->breaking)) {
        fuzz_fail("%zu breaking changes are listed, %zu counted", breaking, diff->breaking);
    }
}

static void
compare(struct arena *arena, struct json_object *before, struct json_object *after, struct json_object *sets)
{
    struct form_diff forth;
    struct form_diff back;
    form_compare(after, sets, after, sets, arena, &forth);
    if (forth.count != 0 || forth.added_count != 0 || forth.removed_count != 0) {
        fuzz_fail("a definition does not differ from itself: %s", forth.changes[0].kind);
    }
    form_compare(before, NULL, after, sets, arena, &forth);
    form_compare(after, sets, before, NULL, arena, &back);
    check_changes(&forth);
    check_changes(&back);
    if (forth.added_count != back.removed_count || forth.removed_count != back.added_count) {
        fuzz_fail("columns that one way adds, the other removes");
    }
    bool whole = forth.omitted == 0 && back.omitted == 0;
    if (whole && count_kind(&forth, "item-added") != count_kind(&back, "item-removed")) {
        fuzz_fail("items that one way adds, the other removes");
    }
}

/* Answers with a value, as they are found in stored items. */
static size_t
count_answers(struct json_object *entries)
{
    size_t count = 0;
    size_t length = json_object_is_type(entries, json_type_array) ? json_object_array_length(entries) : 0;
    for (size_t i = 0; i < length; i++) {
        struct json_object *entry = json_object_array_get_idx(entries, i);
        struct json_object *answers = fuzz_member(entry, "answer");
        if (!json_object_is_type(fuzz_member(entry, "linkId"), json_type_string)) {
            continue;
        }
        if (!json_object_is_type(answers, json_type_array)) {
            count += count_answers(fuzz_member(entry, "item"));
            continue;
        }
        for (size_t k = 0; k < json_object_array_length(answers); k++) {
            struct json_object *answer = json_object_array_get_idx(answers, k);
            bool valued = false;
            if (json_object_is_type(answer, json_type_object)) {
                json_object_object_foreach(answer, name, value)
                {
                    (void)value;
                    valued = valued || strncmp(name, "value", strlen("value")) == 0;
                }
            }
            count += valued + count_answers(fuzz_member(answer, "item"));
        }
    }
    return count;
}

/* No definition has an item without a linkId, so no stored response has one either. */
static bool
is_stored(struct json_object *entries)
{
    size_t length = json_object_is_type(entries, json_type_array) ? json_object_array_length(entries) : 0;
    bool good = true;
    for (size_t i = 0; i < length && good; i++) {
        struct json_object *entry = json_object_array_get_idx(entries, i);
        struct json_object *link_id = fuzz_member(entry, "linkId");
        struct json_object *answers = fuzz_member(entry, "answer");
        bool list = json_object_is_type(answers, json_type_array);
        good = !json_object_is_type(link_id, json_type_string) || json_object_get_string_len(link_id) > 0;
        good = good && is_stored(fuzz_member(entry, "item"));
        for (size_t k = 0; list && k < json_object_array_length(answers) && good; k++) {
            good = is_stored(fuzz_member(json_object_array_get_idx(answers, k), "item"));
        }
    }
    return good;
}

static void
carry(struct arena *arena, const struct form *form, struct json_object *items)
{
    struct form_migration first;
    struct form_migration again;
    struct form_migration last;
    const char *before = text_of(arena, items);
    if (!form_migrate(form, NULL, items, FUZZ_NOW, arena, &first)) {
        return;
    }
    size_t dropped = 0;
    for (size_t i = 0; i < first.count; i++) {
        const struct form_dropped *it = &first.dropped[i];
        dropped += json_object_array_length(it->answers);
        if (it->path[0] == '\0' || it->reason[0] == '\0' || it->text[0] == '\0') {
            fuzz_fail("what is dropped has a path, a reason and a sentence");
        }
    }
    if (strcmp(text_of(arena, items), before) != 0) {
        fuzz_fail("carrying over changes nothing of what it is given");
    }
    size_t kept = count_answers(first.items);
    if (count_answers(items) != kept + dropped) {
        fuzz_fail("%zu answers, of which %zu are kept and %zu listed", count_answers(items), kept, dropped);
    }
    if (!form_migrate(form, NULL, first.items, FUZZ_NOW, arena, &again) ||
        !form_migrate(form, NULL, again.items, FUZZ_NOW, arena, &last)) {
        return;
    }
    if (again.count != 0) {
        fuzz_fail("what was carried over fits: %s %s", again.dropped[0].path, again.dropped[0].reason);
    }
    if (strcmp(text_of(arena, again.items), text_of(arena, last.items)) != 0) {
        fuzz_fail("what was carried over stays as it is");
    }
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct arena *arena = arena_create(FUZZ_ARENA_MAX, NULL, NULL);
    struct json_object *json = fuzz_case(arena, data, size);
    struct json_object *after = fuzz_member(json, "questionnaire");
    struct json_object *sets = fuzz_member(json, "value_sets");
    struct json_object *items = fuzz_member(json, "items");
    if (json != NULL && after != NULL) {
        struct form_issues issues;
        compare(arena, fuzz_member(json, "before"), after, sets);
        form_issues_init(&issues, arena);
        struct form *form = form_compile(after, sets, &issues);
        if (form != NULL && json_object_is_type(items, json_type_array) && is_stored(items)) {
            carry(arena, form, items);
        }
        form_free(form);
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

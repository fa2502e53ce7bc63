#include "lib/form/items/entries.h"

#include <string.h>

/* linkId is nearly always the first member: found without hashing, which counts in long lists. */
struct json_object *
entry_link_id(struct json_object *entry)
{
    struct json_object *link_id = NULL;
    if (!json_object_is_type(entry, json_type_object)) {
        return NULL;
    }
    struct json_object_iterator first = json_object_iter_begin(entry);
    struct json_object_iterator end = json_object_iter_end(entry);
    if (!json_object_iter_equal(&first, &end) && strcmp(json_object_iter_peek_name(&first), "linkId") == 0) {
        link_id = json_object_iter_peek_value(&first);
    } else {
        (void)json_object_object_get_ex(entry, "linkId", &link_id);
    }
    return json_object_is_type(link_id, json_type_string) ? link_id : NULL;
}

bool
entry_is_of(const struct form *form, uint32_t item, struct json_object *entry)
{
    struct form_text wanted = form_items(form)[item].link_id;
    struct json_object *link_id = entry_link_id(entry);
    return link_id != NULL && (uint32_t)json_object_get_string_len(link_id) == wanted.size &&
           memcmp(json_object_get_string(link_id), form_pool(form, wanted), wanted.size) == 0;
}

struct json_object *
entry_list(struct json_object *object, const char *name)
{
    struct json_object *list = NULL;
    (void)json_object_object_get_ex(object, name, &list);
    return json_object_is_type(list, json_type_array) ? list : NULL;
}

struct json_object *
entry_new(const struct form *form, uint32_t item)
{
    struct json_object *entry = json_object_new_object();
    struct form_text link_id = form_items(form)[item].link_id;
    struct json_object *text = json_object_new_string_len(form_pool(form, link_id), (int)link_id.size);
    if (entry == NULL || text == NULL || json_object_object_add(entry, "linkId", text) != 0) {
        json_object_put(entry);
        json_object_put(text);
        return NULL;
    }
    return entry;
}

struct json_object *
entry_ensure_list(struct json_object *object, const char *name)
{
    struct json_object *list = entry_list(object, name);
    if (list == NULL) {
        list = json_object_new_array();
        if (list != NULL && json_object_object_add(object, name, list) != 0) {
            json_object_put(list);
            list = NULL;
        }
    }
    return list;
}

size_t
entries_position(const struct form *form, struct json_object *list, uint32_t item)
{
    size_t low = 0;
    size_t high = json_object_array_length(list);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct json_object *link_id = entry_link_id(json_object_array_get_idx(list, middle));
        uint32_t other = link_id == NULL ? 0
                                         : form_find(form, json_object_get_string(link_id),
                                                     (size_t)json_object_get_string_len(link_id));
        if (other <= item) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The first position whose entry is of the item, given the one after its last entry. */
static size_t
first_of(const struct form *form, struct json_object *list, uint32_t item, size_t end)
{
    while (end > 0 && entry_is_of(form, item, json_object_array_get_idx(list, end - 1))) {
        end--;
    }
    return end;
}

struct json_object *
entries_find(const struct form *form, struct json_object *list, uint32_t item)
{
    size_t end = list == NULL ? 0 : entries_position(form, list, item);
    size_t first = list == NULL ? 0 : first_of(form, list, item, end);
    return first == end ? NULL : json_object_array_get_idx(list, first);
}

bool
entries_insert(struct json_object *list, size_t position, struct json_object *value)
{
    size_t length = json_object_array_length(list);
    if (value == NULL || json_object_array_add(list, NULL) != 0) {
        json_object_put(value);
        return false;
    }
    /* json-c has no insertion in this version: every later entry moves up by one. */
    for (size_t i = length; i > position; i--) {
        struct json_object *moved = json_object_get(json_object_array_get_idx(list, i - 1));
        (void)json_object_array_put_idx(list, i, moved);
    }
    (void)json_object_array_put_idx(list, position, value);
    return true;
}

bool
entries_answer(const struct form *form, struct json_object *list, uint32_t item, struct json_object *answers)
{
    size_t end = entries_position(form, list, item);
    size_t first = first_of(form, list, item, end);
    if (answers == NULL || json_object_array_length(answers) == 0) {
        (void)json_object_array_del_idx(list, first, end - first);
        return true;
    }
    if (first == end) {
        struct json_object *entry = entry_new(form, item);
        if (!entries_insert(list, first, entry)) {
            return false;
        }
    }
    struct json_object *entry = json_object_array_get_idx(list, first);
    if (json_object_object_add(entry, "answer", json_object_get(answers)) != 0) {
        json_object_put(answers);
        return false;
    }
    return true;
}

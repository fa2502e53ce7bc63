#include "lib/form/definition/compiled.h"

#include <stdlib.h>
#include <string.h>

uint32_t
form_hash(const char *text, size_t size)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ (unsigned char)text[i]) * 16777619U;
    }
    return hash;
}

uint32_t
form_find(const struct form *form, const char *link_id, size_t size)
{
    const struct form_item *items = form_items(form);
    const uint32_t *table = (const uint32_t *)(const void *)((const char *)form + form->table_at);
    uint32_t hash = form_hash(link_id, size);
    for (uint32_t slot = hash & form->slot_mask; table[slot] != 0; slot = (slot + 1) & form->slot_mask) {
        const struct form_item *item = &items[table[slot] - 1];
        if (item->hash == hash && item->link_id.size == size &&
            memcmp(form_pool(form, item->link_id), link_id, size) == 0) {
            return table[slot] - 1;
        }
    }
    return FORM_NO_ITEM;
}

const struct form_option *
option_find(const struct form_option *options, uint32_t count, const char *pool, const char *key, size_t size)
{
    uint32_t hash = form_hash(key, size);
    uint32_t low = 0;
    uint32_t high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct form_option *option = &options[middle];
        int order = option->hash != hash ? (option->hash < hash ? -1 : 1) : 0;
        if (order == 0 && option->key.size != size) {
            order = option->key.size < size ? -1 : 1;
        }
        if (order == 0) {
            order = memcmp(pool + option->key.offset, key, size);
        }
        if (order == 0) {
            return option;
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return NULL;
}

const struct form_rule *
form_rule_of(const struct form *form, const struct form_item *item, enum form_rule_what what)
{
    const struct form_rule *rules = form_rules(form) + item->rule;
    for (uint32_t i = 0; i < item->rule_count; i++) {
        if (rules[i].what == what) {
            return &rules[i];
        }
    }
    return NULL;
}

const struct form_option *
form_option_of(const struct form *form, const struct form_item *item, const char *key, size_t size)
{
    return option_find(form_options(form) + item->option, item->option_count,
                       (const char *)form + form->pool_at, key, size);
}

void
form_free(struct form *form)
{
    free(form);
}

size_t
form_bytes(const struct form *form)
{
    return form->bytes;
}

size_t
form_item_count(const struct form *form)
{
    return form->item_count;
}

const char *
form_title(const struct form *form)
{
    return form_pool(form, (struct form_text){form->title, 0});
}

/* The options of all items while a definition is compiled: runs of one list, each sorted by its keys. */
#include "lib/form/definition/builder.h"

#include <stdlib.h>
#include <string.h>

void
options_add_shared(struct builder *builder, struct form_option option)
{
    if (builder->option_count > FORM_OPTIONS_MAX) {
        return; /* reported when the limit was passed */
    }
    builder->options = builder_grow(builder, builder->options, builder->option_count, &builder->option_room,
                                    sizeof *builder->options);
    builder->options[builder->option_count++] = option;
    if (builder->option_count > FORM_OPTIONS_MAX) {
        builder_note(builder, FORM_ERROR, (struct spot){FORM_NO_ITEM, NULL, -1, NULL}, "too-many-options",
                     "A questionnaire may have 100,000 answer options.");
    }
}

void
options_add(struct builder *builder, const char *key, size_t size, bool exclusive)
{
    if (builder->option_count <= FORM_OPTIONS_MAX) {
        options_add_shared(builder, (struct form_option){.hash = form_hash(key, size),
                                                         .key = builder_text(builder, key, size),
                                                         .exclusive = exclusive});
    }
}

/* By hash, then size, then bytes: equal keys end up beside each other, and a search halves its way. */
static int
by_key(const void *left, const void *right, void *pool)
{
    const struct form_option *one = left;
    const struct form_option *other = right;
    if (one->hash != other->hash) {
        return one->hash < other->hash ? -1 : 1;
    }
    if (one->key.size != other->key.size) {
        return one->key.size < other->key.size ? -1 : 1;
    }
    return memcmp((const char *)pool + one->key.offset, (const char *)pool + other->key.offset,
                  one->key.size);
}

bool
options_sort(struct builder *builder, uint32_t first, uint32_t *count)
{
    uint32_t kept = 1;
    if (*count < 2 || builder->pool.failed) {
        return false;
    }
    struct form_option *options = builder->options + first; /* only now: there may be no options at all */
    qsort_r(options, *count, sizeof *options, by_key, builder->pool.data);
    for (uint32_t i = 1; i < *count; i++) {
        if (by_key(&options[kept - 1], &options[i], builder->pool.data) != 0) {
            options[kept++] = options[i];
        } else if (options[kept - 1].weight == 0) {
            options[kept - 1].weight = options[i].weight;
        }
    }
    bool equal = kept != *count;
    *count = kept;
    return equal;
}

bool
options_have(const struct builder *builder, const struct form_item *item, const char *key, size_t size)
{
    return item->option_count != 0 && !builder->pool.failed &&
           option_in_run(builder->options + item->option, item->option_count, builder->pool.data, key, size);
}

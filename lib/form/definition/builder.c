#include "lib/form/definition/builder.h"

#include "lib/form/issues.h"

#include <string.h>

enum { FIRST_ROOM = 32, SPOT_MAX = 64 };

#define IDENTIFIER_BYTES "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

void *
builder_grow(struct builder *builder, void *array, uint32_t count, uint32_t *room, size_t size)
{
    if (count < *room) {
        return array;
    }
    uint32_t wanted = *room == 0 ? FIRST_ROOM : *room * 2;
    void *larger = arena_array(builder->arena, wanted, size);
    if (count != 0) {
        memcpy(larger, array, count * size);
    }
    *room = wanted;
    return larger;
}

struct form_text
builder_text(struct builder *builder, const char *text, size_t size)
{
    struct form_text kept = {(uint32_t)builder->pool.size, (uint32_t)size};
    buf_add(&builder->pool, text, size);
    buf_byte(&builder->pool, '\0');
    return kept;
}

/* A member's name as a JSON pointer's token (RFC 6901). */
static const char *
pointer_token(struct arena *arena, const char *name)
{
    struct buf token;
    buf_init(&token, 2 * SPOT_MAX);
    for (size_t i = 0; name[i] != '\0' && i < SPOT_MAX; i++) {
        if (name[i] == '~' || name[i] == '/') {
            buf_text(&token, name[i] == '~' ? "~0" : "~1");
        } else {
            buf_byte(&token, name[i]);
        }
    }
    const char *text = arena_text(arena, buf_string(&token));
    buf_free(&token);
    return text;
}

/* FHIRPath can only name an element by an identifier; anything else is told by its parent. */
static bool
is_identifier(const char *name)
{
    size_t size = strspn(name, IDENTIFIER_BYTES);
    return size > 0 && size < SPOT_MAX && name[size] == '\0';
}

static void
add_step(struct arena *arena, const char **pointer, const char **expression, const char *name, int index)
{
    *pointer = arena_format(arena, "%s/%s", *pointer, pointer_token(arena, name));
    if (is_identifier(name)) {
        *expression = arena_format(arena, "%s.%s", *expression, name);
    }
    if (index >= 0) {
        *pointer = arena_format(arena, "%s/%d", *pointer, index);
        *expression = arena_format(arena, "%s[%d]", *expression, index);
    }
}

void
builder_note(struct builder *builder, enum form_severity severity, struct spot spot, const char *code,
             const char *text)
{
    uint32_t chain[FORM_DEPTH_MAX + 1];
    size_t depth = 0;
    const char *pointer = "";
    const char *expression = "Questionnaire";
    if (!issues_room(builder->issues)) {
        issues_add(builder->issues, severity, code, pointer, expression, text);
        return;
    }
    for (uint32_t item = spot.item; item != FORM_NO_ITEM; item = builder->items[item].parent) {
        chain[depth++] = builder->items[item].ordinal;
    }
    while (depth > 0) {
        add_step(builder->arena, &pointer, &expression, "item", (int)chain[--depth]);
    }
    if (spot.member != NULL) {
        add_step(builder->arena, &pointer, &expression, spot.member, spot.index);
    }
    if (spot.sub != NULL) {
        add_step(builder->arena, &pointer, &expression, spot.sub, -1);
    }
    issues_add(builder->issues, severity, code, pointer, expression, text);
}

uint32_t
builder_find(const struct builder *builder, const char *link_id, size_t size)
{
    uint32_t hash = form_hash(link_id, size);
    if (builder->pool.failed) {
        return FORM_NO_ITEM;
    }
    for (uint32_t slot = hash & builder->table_mask; builder->table[slot] != 0;
         slot = (slot + 1) & builder->table_mask) {
        const struct form_item *item = &builder->items[builder->table[slot] - 1];
        if (item->hash == hash && item->link_id.size == size &&
            memcmp(builder->pool.data + item->link_id.offset, link_id, size) == 0) {
            return builder->table[slot] - 1;
        }
    }
    return FORM_NO_ITEM;
}

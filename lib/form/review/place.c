/* Where in a response something was found: the item path for people and portals, FHIRPath for FHIR programs.
 */
#include "lib/form/issues.h"
#include "lib/form/items/path.h"
#include "lib/form/review/increment.h"
#include "lib/form/review/review.h"

struct place {
    struct buf path;
    struct buf expression;
};

static void
add_item(struct review *review, struct place *place, uint32_t item, bool indexed, uint32_t index)
{
    const struct form_item *self = &review->items[item];
    path_add(&place->path, form_pool(review->form, self->link_id), self->link_id.size, indexed, index);
}

/* The way from the response to a frame. False when the response has nothing there: the expression ends above.
 */
static bool
add_frames(struct review *review, struct place *place, uint32_t frame)
{
    uint32_t chain[FORM_DEPTH_MAX + 1];
    size_t depth = 0;
    bool present = true;
    for (; review->frames[frame].parent != REVIEW_NONE; frame = review->frames[frame].parent) {
        chain[depth++] = frame;
    }
    while (depth > 0) {
        const struct frame *here = &review->frames[chain[--depth]];
        const struct form_item *item = &review->items[here->container];
        bool question = form_is_question(item);
        bool indexed = (item->flags & FORM_REPEATS) != 0 || here->index != 0;
        add_item(review, place, here->container, indexed, here->index);
        present = present && here->json != NULL;
        if (present && question) {
            const struct slot *slot = review_slot(review, here->parent, here->container);
            buf_format(&place->expression, ".item[%u].answer[%u]", slot->position, here->index);
        } else if (present) {
            buf_format(&place->expression, ".item[%u]", here->position);
        }
    }
    return present;
}

static void
start(struct place *place)
{
    buf_init(&place->path, FORM_PATH_MAX);
    buf_init(&place->expression, FORM_PATH_MAX);
    buf_text(&place->expression, "QuestionnaireResponse");
}

static void
finish(struct review *review, enum form_severity severity, struct place *place, const char *code,
       const char *text)
{
    struct arena *arena = review->issues->arena;
    issues_add(review->issues, severity, code, arena_text(arena, buf_string(&place->path)),
               arena_text(arena, buf_string(&place->expression)), text);
    buf_free(&place->path);
    buf_free(&place->expression);
}

void
review_note(struct review *review, enum form_severity severity, uint32_t frame, uint32_t item, int answer,
            const char *code, const char *text)
{
    struct place place;
    if (review->frame_count != 0) {
        increment_suspect(review, item != FORM_NO_ITEM ? item : review->frames[frame].container);
    }
    if (!issues_room(review->issues)) {
        issues_add(review->issues, severity, code, "", "", text);
        return;
    }
    start(&place);
    bool present = review->frame_count != 0 && add_frames(review, &place, frame);
    if (item != FORM_NO_ITEM) {
        const struct slot *slot = review_slot(review, frame, item);
        const struct frame *first = slot->first == REVIEW_NONE ? NULL : &review->frames[slot->first];
        add_item(review, &place, item, false, 0);
        if (present && slot->json != NULL) {
            buf_format(&place.expression, ".item[%u]", slot->position);
            if (answer >= 0) {
                buf_format(&place.expression, ".answer[%d]", answer);
            }
        } else if (present && first != NULL && first->json != NULL) {
            buf_format(&place.expression, ".item[%u]", first->position);
        }
    }
    finish(review, severity, &place, code, text);
}

void
review_note_entry(struct review *review, uint32_t frame, struct json_object *link_id, size_t position,
                  const char *code, const char *text)
{
    struct place place;
    if (!issues_room(review->issues)) {
        issues_add(review->issues, FORM_ERROR, code, "", "", text);
        return;
    }
    start(&place);
    (void)add_frames(review, &place, frame);
    if (json_object_is_type(link_id, json_type_string) &&
        json_object_get_string_len(link_id) <= FORM_LINK_ID_MAX) {
        path_add(&place.path, json_object_get_string(link_id), (size_t)json_object_get_string_len(link_id),
                 false, 0);
    }
    buf_format(&place.expression, ".item[%zu]", position);
    finish(review, FORM_ERROR, &place, code, text);
}

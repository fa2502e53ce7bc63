/*
 * Where in a response something was found, twice: as an item path for people and portals, and as FHIRPath for
 * programs that know FHIR only. Both are made here alone, and only while the list of findings still has room.
 */
#include "lib/form/issues.h"
#include "lib/form/items/path.h"
#include "lib/form/review/increment.h"
#include "lib/form/review/review.h"

struct location {
    struct buf path;
    struct buf expression;
};

static void
add_item(struct review *review, struct location *location, uint32_t item, bool indexed, uint32_t index)
{
    const struct form_item *self = &review->items[item];
    path_add(&location->path, form_pool(review->form, self->link_id), self->link_id.size, indexed, index);
}

/*
 * Adds the items from the response down to a frame. False when the response has nothing there: the FHIRPath
 * then ends at the last element that is there.
 */
static bool
add_frames(struct review *review, struct location *location, uint32_t frame)
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
        add_item(review, location, here->container, indexed, here->index);
        present = present && here->json != NULL;
        if (present && question) {
            const struct slot *slot = review_slot(review, here->parent, here->container);
            buf_format(&location->expression, ".item[%u].answer[%u]", slot->position, here->index);
        } else if (present) {
            buf_format(&location->expression, ".item[%u]", here->position);
        }
    }
    return present;
}

static void
start(struct location *location)
{
    buf_init(&location->path, FORM_PATH_MAX);
    buf_init(&location->expression, FORM_PATH_MAX);
    buf_text(&location->expression, "QuestionnaireResponse");
}

static void
finish(struct review *review, enum form_severity severity, struct location *location, const char *code,
       const char *text)
{
    struct arena *arena = review->issues->arena;
    issues_add(review->issues, severity, code, arena_text(arena, buf_string(&location->path)),
               arena_text(arena, buf_string(&location->expression)), text);
    buf_free(&location->path);
    buf_free(&location->expression);
}

void
review_note(struct review *review, enum form_severity severity, uint32_t frame, uint32_t item, int answer,
            const char *code, const char *text)
{
    struct location location;
    if (review->frame_count != 0) {
        increment_suspect(review, item != FORM_NO_ITEM ? item : review->frames[frame].container);
    }
    if (!issues_room(review->issues)) {
        issues_add(review->issues, severity, code, "", "", text);
        return;
    }
    start(&location);
    bool present = review->frame_count != 0 && add_frames(review, &location, frame);
    if (item != FORM_NO_ITEM) {
        const struct slot *slot = review_slot(review, frame, item);
        const struct frame *first = slot->first == REVIEW_NONE ? NULL : &review->frames[slot->first];
        add_item(review, &location, item, false, 0);
        if (present && slot->json != NULL) {
            buf_format(&location.expression, ".item[%u]", slot->position);
            if (answer >= 0) {
                buf_format(&location.expression, ".answer[%d]", answer);
            }
        } else if (present && first != NULL && first->json != NULL) {
            buf_format(&location.expression, ".item[%u]", first->position);
        }
    }
    finish(review, severity, &location, code, text);
}

void
review_note_entry(struct review *review, uint32_t frame, struct json_object *link_id, size_t position,
                  const char *code, const char *text)
{
    struct location location;
    if (!issues_room(review->issues)) {
        issues_add(review->issues, FORM_ERROR, code, "", "", text);
        return;
    }
    start(&location);
    (void)add_frames(review, &location, frame);
    if (json_object_is_type(link_id, json_type_string) &&
        json_object_get_string_len(link_id) <= FORM_LINK_ID_MAX) {
        path_add(&location.path, json_object_get_string(link_id), (size_t)json_object_get_string_len(link_id),
                 false, 0);
    }
    buf_format(&location.expression, ".item[%zu]", position);
    finish(review, FORM_ERROR, &location, code, text);
}

/*
 * Lays a response over its definition: finds which entry is which item, and notes what does not belong where
 * it stands.
 *
 * The result is two arrays. A frame stands for a container that the response has (the response itself, an
 * instance of a group, an answer with items below), and its slots, one for each child of the container's
 * item, stand next to each other, in the definition's order; review_slot() finds one by adding. A frame comes
 * after its parent, which later steps rely on when they walk backwards. Frames of one item are chained
 * (`alike`), so that "this item, wherever it stands" needs no search, and instances in one slot are, too
 * (`next`).
 *
 * An entry that is not understood (an unknown linkId, a second answer to one question) is noted and left out:
 * no later step sees it. Groups that are shown once get a frame even when the response lacks them, because
 * the questions in them count as asked. So a small response may need many frames, and FORM_INSTANCES_MAX
 * bounds them. Growing moves the arrays: no pointer into them may be held across add_frame.
 *
 * Costs are linear in entries and slots, with one look-up by linkId for each entry. Recursion is as deep as
 * the definition, FORM_DEPTH_MAX levels, since an entry goes down only into an item that the form has.
 */
#include "lib/form/items/answers.h"
#include "lib/form/review/evaluation.h"
#include "lib/form/review/review.h"

#include <string.h>

enum { FIRST_FRAMES = 16 };

static void lay_entries(struct review *review, uint32_t frame, struct json_object *entries);

/* Ends a review whose response would stand for too many items. */
static void
stop(struct review *review)
{
    if (!review->stopped) {
        review_note(review, FORM_ERROR, 0, FORM_NO_ITEM, -1, "too-large",
                    "There are more repetitions than can be judged.");
        review->stopped = true;
    }
}

/* Room for `wanted` elements: the same array, or a copy of at least twice the room. The old one stays in the
 * arena, unused. */
static void *
grow(struct arena *arena, void *array, uint32_t count, uint32_t *room, uint32_t wanted, size_t size)
{
    if (wanted <= *room) {
        return array;
    }
    uint32_t larger = *room * 2 > wanted ? *room * 2 : wanted;
    void *copy = arena_array(arena, larger, size);
    memcpy(copy, array, count * size);
    *room = larger;
    return copy;
}

/* A new frame with its empty slots, entered as the last of its kind. REVIEW_NONE when a limit is reached. */
static uint32_t
add_frame(struct review *review, uint32_t container, uint32_t parent, struct json_object *json)
{
    uint32_t children =
        container == FORM_NO_ITEM ? review->form->top_children : review->items[container].children;
    if (review->slot_count + children > FORM_INSTANCES_MAX || review->frame_count == FORM_INSTANCES_MAX) {
        stop(review);
        return REVIEW_NONE;
    }
    uint32_t index = review->frame_count;
    uint32_t first = review->slot_count;
    uint32_t row = review_row(review, container);
    review->frames =
        grow(review->arena, review->frames, index, &review->frame_room, index + 1, sizeof *review->frames);
    review->slots = grow(review->arena, review->slots, first, &review->slot_room, first + children,
                         sizeof *review->slots);
    review->frames[index] = (struct frame){.json = json,
                                           .container = container,
                                           .parent = parent,
                                           .slots = first,
                                           .alike = REVIEW_NONE,
                                           .next = REVIEW_NONE,
                                           .enabled = true};
    for (uint32_t i = 0; i < children; i++) {
        review->slots[first + i] = (struct slot){.first = REVIEW_NONE, .last = REVIEW_NONE, .enabled = true};
    }
    review->frame_count++;
    review->slot_count += children;
    if (review->first_alike[row] == REVIEW_NONE) {
        review->first_alike[row] = index;
    } else {
        review->frames[review->last_alike[row]].alike = index;
    }
    review->last_alike[row] = index;
    return index;
}

/* A frame for one more instance in a slot. */
static uint32_t
add_instance(struct review *review, uint32_t parent, uint32_t item, struct json_object *json, uint32_t number,
             size_t position)
{
    uint32_t frame = add_frame(review, item, parent, json);
    if (frame == REVIEW_NONE) {
        return REVIEW_NONE;
    }
    struct slot *slot = review_slot(review, parent, item);
    review->frames[frame].index = number;
    review->frames[frame].position = (uint32_t)position;
    if (slot->first == REVIEW_NONE) {
        slot->first = frame;
    } else {
        review->frames[slot->last].next = frame;
    }
    slot->last = frame;
    return frame;
}

/* Lays one instance of a group. Instances of a repeating group are counted in the order in which they come,
 * wherever between other entries they stand. */
static void
lay_group(struct review *review, uint32_t parent, uint32_t item, struct json_object *entry, size_t position)
{
    const struct slot *slot = review_slot(review, parent, item);
    uint32_t number = slot->last == REVIEW_NONE ? 0 : review->frames[slot->last].index + 1;
    struct json_object *below = NULL;
    if (number != 0 && (review->items[item].flags & FORM_REPEATS) == 0) {
        review_note_entry(review, parent, json_object_object_get(entry, "linkId"), position, "duplicate-item",
                          "This group can be filled in once only.");
        return;
    }
    uint32_t frame = add_instance(review, parent, item, entry, number, position);
    if (frame == REVIEW_NONE) {
        return;
    }
    if (json_object_object_get_ex(entry, "answer", NULL)) {
        review_note(review, FORM_ERROR, frame, FORM_NO_ITEM, -1, "group-with-answer",
                    "A group has no answer of its own.");
    }
    bool has_items = json_object_object_get_ex(entry, "item", &below) != 0;
    if (review->strict && !has_items) {
        review_note(review, FORM_ERROR, frame, FORM_NO_ITEM, -1, "empty-element",
                    "This group is empty: leave it out.");
    }
    lay_entries(review, frame, below);
}

/* The answers of a question; a frame for each when the question has items below. */
static void
lay_answers(struct review *review, uint32_t parent, uint32_t item, struct json_object *answers)
{
    size_t count = json_object_array_length(answers);
    bool answered = false;
    for (size_t i = 0; i < count && !review->stopped; i++) {
        struct json_object *answer = json_object_array_get_idx(answers, i);
        struct json_object *below = NULL;
        bool value = answer_has_value(answer);
        bool items = json_object_object_get_ex(answer, "item", &below) != 0;
        answered = answered || value;
        if (review->strict && !value && !items) {
            review_note(review, FORM_ERROR, parent, item, (int)i, "empty-element",
                        "This answer is empty: leave it out.");
        }
        if (review->items[item].children != 0) {
            uint32_t frame = add_instance(review, parent, item, answer, (uint32_t)i, 0);
            if (frame != REVIEW_NONE) {
                lay_entries(review, frame, below);
            }
        } else if (items) {
            review_note(review, FORM_ERROR, parent, item, (int)i, "unknown-item",
                        "No items belong below this answer.");
        }
    }
    /* What a program sends for a calculated item does not count. */
    review_slot(review, parent, item)->answered =
        answered && (review->items[item].flags & FORM_COMPUTED) == 0;
}

/* Lays a question. FHIR has its answers in one item, and items below in the answer, not beside it. */
static void
lay_question(struct review *review, uint32_t parent, uint32_t item, struct json_object *entry,
             size_t position)
{
    struct slot *slot = review_slot(review, parent, item);
    struct json_object *answers = NULL;
    if (slot->json != NULL) {
        review_note_entry(review, parent, json_object_object_get(entry, "linkId"), position, "duplicate-item",
                          "This question is answered twice; several answers belong into one item.");
        return;
    }
    slot->json = entry;
    slot->position = (uint32_t)position;
    if (json_object_object_get_ex(entry, "item", NULL)) {
        review_note(review, FORM_ERROR, parent, item, -1, "wrong-nesting",
                    "Items below a question belong into its answer.");
    }
    if (!json_object_object_get_ex(entry, "answer", &answers)) {
        return;
    }
    if (!json_object_is_type(answers, json_type_array)) {
        review_note(review, FORM_ERROR, parent, item, -1, "wrong-shape", "The answers must be a list.");
    } else if (review->strict && json_object_array_length(answers) == 0) {
        review_note(review, FORM_ERROR, parent, item, -1, "empty-element",
                    "A list of answers must not be empty.");
    } else {
        lay_answers(review, parent, item, answers);
    }
}

/* A displayed text may be sent along, and means nothing. */
static void
lay_display(struct review *review, uint32_t parent, uint32_t item, struct json_object *entry, size_t position)
{
    struct slot *slot = review_slot(review, parent, item);
    if (slot->json != NULL) {
        review_note_entry(review, parent, json_object_object_get(entry, "linkId"), position, "duplicate-item",
                          "This text is there twice.");
        return;
    }
    slot->json = entry;
    slot->position = (uint32_t)position;
    if (json_object_object_get_ex(entry, "item", NULL) || json_object_object_get_ex(entry, "answer", NULL)) {
        review_note(review, FORM_ERROR, parent, item, -1, "display-with-answer",
                    "A displayed text has no answer.");
    }
}

/* What is wrong with one member of QuestionnaireResponse.item: its code, or NULL. */
static const char *
member_fault(const char *name, struct json_object *value)
{
    static const char *const known[] = {"linkId", "answer", "item", "id"};
    static const char *const twins[] = {"_linkId", "_text", "_definition"};
    if (strcmp(name, "text") == 0) {
        return value_check_string(value) == NULL ? NULL : "wrong-type";
    }
    if (strcmp(name, "definition") == 0) {
        return value_check_uri(value) == NULL ? NULL : "wrong-type";
    }
    if (strcmp(name, "extension") == 0) {
        return value_extensions_good(value) ? NULL : "invalid-extension";
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i], name) == 0) {
            return NULL;
        }
    }
    for (size_t i = 0; i < sizeof twins / sizeof twins[0]; i++) {
        if (strcmp(twins[i], name) == 0) {
            return value_twin_good(value) ? NULL : "invalid-extension";
        }
    }
    return strcmp(name, "modifierExtension") == 0 ? "modifier-extension" : "unknown-element";
}

/* Whether an entry has only members that FHIR knows. One fault is told for each entry. */
static bool
check_members(struct review *review, uint32_t frame, struct json_object *entry, size_t position)
{
    json_object_object_foreach(entry, name, value)
    {
        const char *code = member_fault(name, value);
        if (code != NULL) {
            review_note_entry(review, frame, json_object_object_get(entry, "linkId"), position, code,
                              "An item has a member that is not known here, or not well formed.");
            return false;
        }
    }
    return true;
}

/* The item that an entry answers, if it belongs here; FORM_NO_ITEM after a fault. */
static uint32_t
identify(struct review *review, uint32_t frame, struct json_object *entry, size_t position)
{
    struct json_object *link_id = NULL;
    if (!json_object_is_type(entry, json_type_object)) {
        review_note_entry(review, frame, NULL, position, "wrong-shape", "An item must be an object.");
        return FORM_NO_ITEM;
    }
    (void)json_object_object_get_ex(entry, "linkId", &link_id);
    if (!json_object_is_type(link_id, json_type_string)) {
        review_note_entry(review, frame, NULL, position, "missing-link-id", "An item must have a linkId.");
        return FORM_NO_ITEM;
    }
    uint32_t item =
        form_find(review->form, json_object_get_string(link_id), (size_t)json_object_get_string_len(link_id));
    if (item == FORM_NO_ITEM) {
        review_note_entry(review, frame, link_id, position, "unknown-item",
                          "This questionnaire has no such item.");
    } else if (review->items[item].parent != review->frames[frame].container) {
        review_note_entry(review, frame, link_id, position, "wrong-nesting",
                          "This item belongs somewhere else.");
        item = FORM_NO_ITEM;
    }
    return item != FORM_NO_ITEM && check_members(review, frame, entry, position) ? item : FORM_NO_ITEM;
}

/* Groups that are shown once are there even when the response has nothing of them: their questions count. */
static void
add_absent_groups(struct review *review, uint32_t frame)
{
    uint32_t container = review->frames[frame].container;
    uint32_t end = review_end(review, container);
    for (uint32_t item = review_first_child(container); item < end; item = review->items[item].end) {
        const struct form_item *self = &review->items[item];
        if (self->type != FORM_TYPE_GROUP || (self->flags & FORM_REPEATS) != 0 ||
            review_slot(review, frame, item)->first != REVIEW_NONE) {
            continue;
        }
        uint32_t absent = add_instance(review, frame, item, NULL, 0, 0);
        if (absent == REVIEW_NONE) {
            return;
        }
        add_absent_groups(review, absent);
    }
}

/* Lays the items of one container. Their order counts only when they are judged as they are (`strict`). */
static void
lay_entries(struct review *review, uint32_t frame, struct json_object *entries)
{
    size_t count = 0;
    uint32_t before = 0;
    if (entries != NULL && !json_object_is_type(entries, json_type_array)) {
        review_note(review, FORM_ERROR, frame, FORM_NO_ITEM, -1, "wrong-shape", "The items must be a list.");
    } else if (entries != NULL) {
        count = json_object_array_length(entries);
    }
    for (size_t i = 0; i < count && !review->stopped; i++) {
        struct json_object *entry = json_object_array_get_idx(entries, i);
        uint32_t item = identify(review, frame, entry, i);
        if (item == FORM_NO_ITEM) {
            continue;
        }
        if (item < before && review->strict) {
            review_note_entry(review, frame, json_object_object_get(entry, "linkId"), i, "item-order",
                              "The items are not in the questionnaire's order.");
        }
        before = item;
        if (review->items[item].type == FORM_TYPE_GROUP) {
            lay_group(review, frame, item, entry, i);
        } else if (review->items[item].type == FORM_TYPE_DISPLAY) {
            lay_display(review, frame, item, entry, i);
        } else {
            lay_question(review, frame, item, entry, i);
        }
    }
    if (!review->stopped) {
        add_absent_groups(review, frame);
    }
}

/* What the sanitizers look at by the way is no work of a form's. */
#ifdef __SANITIZE_ADDRESS__
enum { TIMES_SLOWER = 4 };
#else
enum { TIMES_SLOWER = 1 };
#endif

struct form_work
form_work(int64_t now, fhirpath_clock *clock)
{
    return (struct form_work){.now = now, .watch = {.clock = clock, .most = FORM_TIME_MAX * TIMES_SLOWER}};
}

bool
review_stops(struct review *review)
{
    if (review->work->watch.over && !review->stopped) {
        review_note(
            review, FORM_ERROR, 0, FORM_NO_ITEM, -1, "too-costly",
            "The rules of this questionnaire take too long to be worked out. Please tell those who gave "
            "it to you.");
        review->stopped = true;
    }
    return review->stopped;
}

void
review_start(struct review *review, const struct form *form, struct form_work *work, struct arena *arena,
             struct form_issues *issues)
{
    *review = (struct review){.form = form,
                              .items = form_items(form),
                              .work = work,
                              .arena = arena,
                              .issues = issues,
                              .judge = {form, arena, &work->watch, 0},
                              .frame_room = FIRST_FRAMES,
                              .slot_room = form->item_count + 1};
    review->frames = arena_array(arena, review->frame_room, sizeof *review->frames);
    review->slots = arena_array(arena, review->slot_room, sizeof *review->slots);
    review->first_alike = arena_array(arena, 2 * ((size_t)form->item_count + 1), sizeof *review->first_alike);
    review->last_alike = review->first_alike + form->item_count + 1;
    for (uint32_t i = 0; i <= form->item_count; i++) {
        review->first_alike[i] = REVIEW_NONE;
    }
    review->evaluation = evaluation_new(review);
}

void
review_lay(struct review *review, struct json_object *items)
{
    uint32_t root = add_frame(review, FORM_NO_ITEM, REVIEW_NONE, NULL);
    if (root != REVIEW_NONE) {
        lay_entries(review, root, items);
    }
}

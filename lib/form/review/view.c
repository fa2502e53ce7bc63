/*
 * The response as expressions see it: a tree of its own that shares what it can with the given one. It has
 * the enabled items in the definition's order, what was calculated, and nothing that the patient's program
 * sent in the place of that.
 *
 * It is made when the first expression is evaluated; a form whose expressions are never reached pays nothing.
 * Afterwards each decision changes it in place: a disabled item leaves (view_drop), calculated answers come
 * and go (view_answer). Each frame remembers its element (`view`), so that no path is searched again.
 * Containers are copied, one level at a time, so that the given items are never changed; leaves are shared by
 * reference.
 *
 * Expressions borrow elements of this tree, and a variable may keep them. So an element that leaves the view
 * is kept alive until the arena ends (keep_alive), and each change begins a new epoch where kept values could
 * be wrong. Changing a long list costs steps, because json-c moves what stands behind.
 */
#include "lib/base/json_own.h"
#include "lib/form/items/answers.h"
#include "lib/form/items/entries.h"
#include "lib/form/review/evaluation.h"

#include <string.h>

static struct json_object *view_items(struct evaluation *evaluation, uint32_t frame);

static bool
append(struct evaluation *evaluation, struct json_object *array, struct json_object *value)
{
    if (value == NULL || json_object_array_add(array, value) != 0) {
        json_object_put(value);
        evaluation->failed = true;
        return false;
    }
    return true;
}

static void
put(struct evaluation *evaluation, struct json_object *object, const char *name, struct json_object *value)
{
    if (object == NULL || value == NULL || json_object_object_add(object, name, value) != 0) {
        json_object_put(value);
        evaluation->failed = true;
    }
}

/* A copy of an object that shares all members but one, which is replaced. */
static struct json_object *
copy_with(struct evaluation *evaluation, struct json_object *object, const char *member,
          struct json_object *value)
{
    struct json_object *copy = json_object_new_object();
    json_object_object_foreach(object, name, old)
    {
        if (strcmp(name, member) != 0 && copy != NULL) {
            put(evaluation, copy, name, json_object_get(old));
        }
    }
    put(evaluation, copy, member, value);
    return copy;
}

/* A container's element with the items of its frame below. An element without any has no list of them. */
static struct json_object *
view_container(struct evaluation *evaluation, uint32_t frame)
{
    struct json_object *items = view_items(evaluation, frame);
    struct json_object *json = evaluation->review->frames[frame].json;
    struct json_object *copy = copy_with(evaluation, json, "item", items);
    evaluation->review->frames[frame].view = copy;
    return copy;
}

/* A group that the response does not have is there when something was calculated in it. */
static void
view_absent(struct evaluation *evaluation, struct json_object *items, uint32_t frame)
{
    struct frame *self = &evaluation->review->frames[frame];
    struct json_object *below = view_items(evaluation, frame);
    if (below == NULL || json_object_array_length(below) == 0) {
        json_object_put(below);
        return;
    }
    self->view = entry_new(evaluation->review->form, self->container);
    put(evaluation, self->view, "item", below);
    append(evaluation, items, self->view);
}

/* A question that has items below its answers. */
static struct json_object *
view_branching(struct evaluation *evaluation, const struct slot *slot)
{
    struct json_object *answers = answers_of(slot->json);
    struct json_object *copies = json_object_new_array();
    uint32_t frame = slot->first;
    for (size_t i = 0; answers != NULL && copies != NULL && i < json_object_array_length(answers); i++) {
        struct json_object *answer = json_object_array_get_idx(answers, i);
        bool laid = frame != REVIEW_NONE && json_object_is_type(answer, json_type_object);
        append(evaluation, copies, laid ? view_container(evaluation, frame) : json_object_get(answer));
        frame = frame == REVIEW_NONE ? frame : evaluation->review->frames[frame].next;
    }
    return copy_with(evaluation, slot->json, "answer", copies);
}

static void
view_slot(struct evaluation *evaluation, struct json_object *items, uint32_t item, const struct slot *slot)
{
    const struct review *review = evaluation->review;
    const struct form_item *self = &review->items[item];
    if (!slot->enabled) {
        return;
    }
    if (self->type == FORM_TYPE_GROUP) {
        for (uint32_t i = slot->first; i != REVIEW_NONE; i = review->frames[i].next) {
            if (review->frames[i].json != NULL) {
                append(evaluation, items, view_container(evaluation, i));
            } else if (review->form->computes) {
                view_absent(evaluation, items, i);
            }
        }
    } else if ((self->flags & FORM_COMPUTED) != 0) {
        evaluation->failed = !entries_answer(review->form, items, item, slot->computed) || evaluation->failed;
    } else if (slot->json != NULL) {
        append(evaluation, items,
               self->children != 0 ? view_branching(evaluation, slot) : json_object_get(slot->json));
    }
}

static struct json_object *
view_items(struct evaluation *evaluation, uint32_t frame)
{
    struct review *review = evaluation->review;
    struct json_object *items = json_object_new_array();
    uint32_t container = review->frames[frame].container;
    uint32_t end = review_end(review, container);
    for (uint32_t item = review_first_child(container); items != NULL && item < end;
         item = review->items[item].end) {
        view_slot(evaluation, items, item, review_slot(review, frame, item));
    }
    return items;
}

bool
view_open(struct evaluation *evaluation)
{
    struct arena *arena = evaluation->review->arena;
    if (evaluation->resource != NULL || evaluation->failed) {
        return !evaluation->failed;
    }
    struct json_object *resource = json_own(arena, json_object_new_object());
    put(evaluation, resource, "resourceType", json_object_new_string("QuestionnaireResponse"));
    put(evaluation, resource, "item", view_items(evaluation, 0));
    evaluation->review->frames[0].view = resource;
    evaluation->resource = resource;
    evaluation->root = evaluation->failed ? NULL : fhirpath_of_json(arena, resource).values[0].as.node;
    return !evaluation->failed;
}

void
view_forget(struct evaluation *evaluation)
{
    struct review *review = evaluation->review;
    evaluation->resource = NULL;
    evaluation->epoch++;
    for (uint32_t i = 0; i < review->frame_count; i++) {
        review->frames[i].view = NULL;
    }
}

/*
 * Takes references, which the arena owns, to elements that an expression may still hold when a list drops
 * them.
 */
static void
keep_alive(struct evaluation *evaluation, struct json_object *list, uint32_t item)
{
    const struct form *form = evaluation->review->form;
    size_t end = entries_position(form, list, item);
    while (end > 0 && entry_is_of(form, item, json_object_array_get_idx(list, end - 1))) {
        (void)json_own(evaluation->review->arena, json_object_get(json_object_array_get_idx(list, --end)));
    }
}

/* Makes the element of a group that the response does not have, in what stands around it. */
static struct json_object *
ensure_view(struct evaluation *evaluation, uint32_t frame)
{
    struct review *review = evaluation->review;
    struct frame *self = &review->frames[frame];
    if (self->view != NULL || evaluation->failed) {
        return self->view;
    }
    struct json_object *around = ensure_view(evaluation, self->parent);
    struct json_object *list = around == NULL ? NULL : entry_ensure_list(around, "item");
    struct json_object *entry = entry_new(review->form, self->container);
    if (list == NULL || !entries_insert(list, entries_position(review->form, list, self->container), entry)) {
        evaluation->failed = true;
        return NULL;
    }
    self->view = entry;
    return entry;
}

/* Moving entries of a long list costs, too. */
static void
charge(struct evaluation *evaluation, struct json_object *list)
{
    evaluation->epoch += evaluation->late;
    (void)evaluation_charge(evaluation, (uint32_t)(json_object_array_length(list) / EVALUATION_STEPS_LEAST));
}

void
view_drop(struct evaluation *evaluation, uint32_t frame, uint32_t item)
{
    struct review *review = evaluation->review;
    struct json_object *view = evaluation->resource == NULL ? NULL : review->frames[frame].view;
    struct json_object *list = view == NULL ? NULL : entry_list(view, "item");
    if (list != NULL && entries_find(review->form, list, item) != NULL) {
        keep_alive(evaluation, list, item);
        (void)entries_answer(review->form, list, item, NULL);
        charge(evaluation, list);
    }
}

void
view_answer(struct evaluation *evaluation, uint32_t frame, uint32_t item, struct json_object *answers)
{
    struct review *review = evaluation->review;
    bool none = answers == NULL || json_object_array_length(answers) == 0;
    if (evaluation->resource == NULL) {
        return; /* it will be made with them */
    }
    if (none) {
        view_drop(evaluation, frame, item);
        return;
    }
    struct json_object *view = ensure_view(evaluation, frame);
    struct json_object *list = view == NULL ? NULL : entry_ensure_list(view, "item");
    if (list == NULL || !entries_answer(review->form, list, item, answers)) {
        evaluation->failed = true;
        return;
    }
    charge(evaluation, list);
}

/* ---- Elements ---- */

/* An element for an item that is not in the response. */
static const struct fhirpath_node *
stand_in(struct evaluation *evaluation, const struct fhirpath_node *around, uint32_t item)
{
    struct arena *arena = evaluation->review->arena;
    struct json_object *entry = json_own(arena, entry_new(evaluation->review->form, item));
    evaluation->failed = evaluation->failed || entry == NULL;
    return fhirpath_child(arena, around, "item", FHIRPATH_NO_INDEX, entry);
}

static const struct fhirpath_node *node_of_frame(struct evaluation *evaluation, uint32_t frame);

/* The item of a question, or of a group whose instances are all meant. */
static const struct fhirpath_node *
node_of_item(struct evaluation *evaluation, uint32_t outer, uint32_t item)
{
    struct review *review = evaluation->review;
    const struct fhirpath_node *around = node_of_frame(evaluation, outer);
    struct json_object *view = review->frames[outer].view;
    struct json_object *list = view == NULL ? NULL : entry_list(view, "item");
    struct json_object *entry = entries_find(review->form, list, item);
    return entry == NULL || review->items[item].type == FORM_TYPE_GROUP
               ? stand_in(evaluation, around, item)
               : fhirpath_child(review->arena, around, "item", FHIRPATH_NO_INDEX, entry);
}

static const struct fhirpath_node *
node_of_frame(struct evaluation *evaluation, uint32_t frame)
{
    struct review *review = evaluation->review;
    const struct frame *self = &review->frames[frame];
    if (self->parent == REVIEW_NONE) {
        return evaluation->root;
    }
    if (form_is_question(&review->items[self->container])) {
        const struct fhirpath_node *question = node_of_item(evaluation, self->parent, self->container);
        return fhirpath_child(review->arena, question, "answer", (int32_t)self->index, self->view);
    }
    const struct fhirpath_node *around = node_of_frame(evaluation, self->parent);
    return self->view == NULL ? stand_in(evaluation, around, self->container)
                              : fhirpath_child(review->arena, around, "item", FHIRPATH_NO_INDEX, self->view);
}

const struct fhirpath_node *
view_node(struct evaluation *evaluation, struct context context)
{
    if (context.item == FORM_NO_ITEM) {
        return evaluation->root;
    }
    return context.inner == REVIEW_NONE ? node_of_item(evaluation, context.outer, context.item)
                                        : node_of_frame(evaluation, context.inner);
}

/*
 * A review: a response laid over its definition, and judged.
 *
 * Containers (the response, each group instance, each answer that has items below) become frames; a frame has
 * one slot for each child of its item, whether the response has it or not. All further work walks these two
 * arrays, never the JSON by names again. The steps, in order: lay the items (instances.c), decide what is
 * enabled and calculated, in an order in which everything that is asked was decided before (enable.c,
 * calculate.c), decide what depends on everything, again until nothing changes, judge answers, required items
 * and constraints (check.c). A submission then rebuilds the items (submit.c); an auto-save looks only at what
 * a change touches (increment.h).
 *
 * Frames and slots are bounded by FORM_INSTANCES_MAX, work by steps and by the request's time; a review that
 * meets a limit notes `too-costly` and says nothing more, so its silence is no approval: callers look at the
 * issues. The items are not changed here, and findings never hold an answer. Private to lib/form.
 */
#ifndef ANAMNESIS_FORM_REVIEW_REVIEW_H
#define ANAMNESIS_FORM_REVIEW_REVIEW_H

#include "lib/form/definition/compiled.h"
#include "lib/form/items/answers.h"

#define REVIEW_NONE UINT32_MAX

struct frame {
    struct json_object *json; /* the group's item, or the answer; NULL: not in the response */
    uint32_t container;       /* item index; FORM_NO_ITEM: the response itself */
    uint32_t parent;          /* frame */
    uint32_t slots;           /* first slot */
    uint32_t alike;           /* next frame of the same item, anywhere */
    uint32_t next;            /* next instance in the same slot */
    uint32_t index;           /* of the instance, or of the answer */
    uint32_t position;        /* of a group in its JSON array */
    struct json_object *view; /* of evaluation: what expressions see of it; NULL: nothing */
    bool enabled;
    bool filled;   /* an enabled answer stands below, given by somebody */
    bool computed; /* a calculated one does */
};

struct slot {
    struct json_object *json; /* a question's or display's item; NULL: absent */
    uint32_t first;           /* frame: group instances, or answers of a question that has children */
    uint32_t last;
    uint32_t position;            /* of `json` in its JSON array */
    struct json_object *computed; /* answers of a calculated item; NULL: none */
    bool late_disabled;           /* by an expression that depends on everything */
    bool enabled;
    bool answered; /* at least one answer has a value */
};

/* What a condition gave for one shared container: it is the same for all that ask from within. */
struct decided {
    uint32_t frame; /* REVIEW_NONE: nothing yet */
    bool met;
};

struct review {
    const struct form *form;
    const struct form_item *items;
    struct form_work *work;
    struct arena *arena;
    struct form_issues *issues;
    bool submit; /* missing answers are errors */
    bool strict; /* order and emptiness count: the items are judged as they are, not rebuilt */
    struct frame *frames;
    uint32_t frame_count;
    uint32_t frame_room;
    struct slot *slots;
    uint32_t slot_count;
    uint32_t slot_room;
    uint32_t *first_alike; /* by item index; the last element is the response's */
    uint32_t *last_alike;
    struct decided *decided; /* by condition */
    struct answer_judge judge;
    uint32_t steps;
    uint32_t steps_told; /* of these, to the watch */
    bool stopped;        /* a limit was reached; the review says nothing more */
    struct form_progress progress;
    struct evaluation *evaluation; /* NULL: the form has no expressions */
    struct increment *increment;   /* NULL: everything is judged */
};

/* instances.c: an empty review; then lays `items` over the form and notes
 * what does not fit. */
void review_start(struct review *review, const struct form *form, struct form_work *work, struct arena *arena,
                  struct form_issues *issues);
void review_lay(struct review *review, struct json_object *items);

/* enable.c: decides every slot and frame; then which frames are filled. */
void review_enable(struct review *review);

/* Stops, with the error `too-costly`, a review for which no time is left. True when it is stopped. */
bool review_stops(struct review *review);

/* check.c: puts weights right that changed answers tell (see weights.h), and says so; before anything is
 * decided. */
void review_correct(struct review *review);

/* check.c: judges answers, required items and progress; all of this, as far as no limit is reached. */
void review_judge(struct review *review);
void review_run(struct review *review, struct json_object *items);

/* Notes a finding at a slot (item index; its frame) or, with FORM_NO_ITEM, at the frame. `answer` -1: the
 * item. */
void review_note(struct review *review, enum form_severity severity, uint32_t frame, uint32_t item,
                 int answer, const char *code, const char *text);

/* The same for an entry that has no slot: its linkId (may be NULL) and its position in the frame's JSON
 * array. */
void review_note_entry(struct review *review, uint32_t frame, struct json_object *link_id, size_t position,
                       const char *code, const char *text);

/* The answers that count: given, or calculated. NULL: none. */
static inline struct json_object *
review_answers(const struct review *review, uint32_t item, const struct slot *slot)
{
    if ((review->items[item].flags & FORM_COMPUTED) != 0) {
        return slot->computed;
    }
    return slot->json == NULL ? NULL : answers_of(slot->json);
}

/* The index in first_alike and last_alike. */
static inline uint32_t
review_row(const struct review *review, uint32_t container)
{
    return container == FORM_NO_ITEM ? review->form->item_count : container;
}

/* The slot of an item in a frame of its parent. */
static inline struct slot *
review_slot(const struct review *review, uint32_t frame, uint32_t item)
{
    return &review->slots[review->frames[frame].slots + review->items[item].ordinal];
}

/* The run of a frame's child items: first index; advance by items[child].end, until the returned end. */
static inline uint32_t
review_first_child(uint32_t container)
{
    return container == FORM_NO_ITEM ? 0 : container + 1;
}

static inline uint32_t
review_end(const struct review *review, uint32_t container)
{
    return container == FORM_NO_ITEM ? review->form->item_count : review->items[container].end;
}

#endif

/*
 * The scores of a response: the numbers that items marked as scores hold, each with the band that it falls
 * into. Nothing is calculated here: the items are those of a submission, whose calculated answers are in
 * them. Numbers stay as they are written, and are compared with the bands' limits digit by digit, limits
 * included.
 */
#include "lib/form/definition/expressions.h"
#include "lib/form/items/answers.h"
#include "lib/form/items/entries.h"
#include "lib/form/value/number.h"

#include <string.h>

struct tally {
    const struct form *form;
    struct arena *arena;
    struct form_score_value *values;
    size_t count;
    size_t room;
};

/* The first band that holds the number; NULL: none does. */
static const struct form_band *
band_of(const struct form *form, const struct form_score *score, const char *number)
{
    for (uint32_t i = 0; i < score->band_count; i++) {
        const struct form_band *band = &form_bands(form)[score->band + i];
        if (number_compare(form_pool(form, band->least), number) != VALUE_MORE &&
            number_compare(number, form_pool(form, band->most)) != VALUE_MORE) {
            return band;
        }
    }
    return NULL;
}

/* The score that an item is; NULL: it is none. */
static const struct form_score *
score_of(const struct form *form, uint32_t item)
{
    const struct form_score *scores = form_all_scores(form);
    for (uint32_t i = 0; i < form->score_count; i++) {
        if (scores[i].item == item) {
            return &scores[i];
        }
    }
    return NULL;
}

static void
add_value(struct tally *tally, const struct form_score *score, const char *number)
{
    const struct form *form = tally->form;
    const struct form_band *band = band_of(form, score, number);
    if (tally->count == tally->room) {
        size_t room = tally->room == 0 ? form->score_count : tally->room * 2;
        struct form_score_value *values = arena_array(tally->arena, room, sizeof *values);
        if (tally->count != 0) {
            memcpy(values, tally->values, tally->count * sizeof *values);
        }
        tally->values = values;
        tally->room = room;
    }
    tally->values[tally->count++] = (struct form_score_value){
        .link_id = form_pool(form, form_items(form)[score->item].link_id),
        .text = form_pool(form, score->text),
        .value = arena_text(tally->arena, number),
        .band_code = band == NULL ? NULL : form_pool(form, band->code),
        .band_label = band == NULL ? NULL : form_pool(form, band->label),
    };
}

/* The scores of one list of items, and of what stands below. */
static void
read_list(struct tally *tally, struct json_object *list, unsigned depth)
{
    size_t count = list == NULL || depth > 2 * FORM_DEPTH_MAX ? 0 : json_object_array_length(list);
    for (size_t i = 0; i < count && tally->count < FORM_SCORES_MAX; i++) {
        struct json_object *entry = json_object_array_get_idx(list, i);
        struct json_object *link_id = entry_link_id(entry);
        struct json_object *answers = link_id == NULL ? NULL : answers_of(entry);
        uint32_t item = link_id == NULL ? FORM_NO_ITEM
                                        : form_find(tally->form, json_object_get_string(link_id),
                                                    (size_t)json_object_get_string_len(link_id));
        const struct form_score *score = item == FORM_NO_ITEM ? NULL : score_of(tally->form, item);
        struct json_object *first = answers == NULL ? NULL : json_object_array_get_idx(answers, 0);
        struct json_object *value = NULL;
        char room[NUMBER_WHOLE_SIZE];
        bool several = false;
        if (score != NULL && json_object_is_type(first, json_type_object) &&
            value_of(first, "value", &value, &several) != FORM_KIND_NONE &&
            value_check_decimal(value) == NULL) {
            add_value(tally, score, number_text(value, room));
        }
        read_list(tally, entry_list(entry, "item"), depth + 1);
        for (size_t k = 0; answers != NULL && k < json_object_array_length(answers); k++) {
            read_list(tally, entry_list(json_object_array_get_idx(answers, k), "item"), depth + 1);
        }
    }
}

const struct form_score_value *
form_scores(const struct form *form, struct json_object *items, struct arena *arena, size_t *count)
{
    struct tally tally = {.form = form, .arena = arena};
    if (form->score_count != 0 && json_object_is_type(items, json_type_array)) {
        read_list(&tally, items, 1);
    }
    *count = tally.count;
    return tally.values;
}

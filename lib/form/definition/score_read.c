/* Scores: what their values mean (score-bands), and sums of weights. docs/questionnaires.md has the format.
 */
#include "lib/form/definition/expressions.h"
#include "lib/form/value/number.h"
#include "lib/form/value/value.h"

#include <string.h>

#define OURS "urn:anamnesis:extension:"

static bool
is_numeric(const struct form_item *item)
{
    return item->type == FORM_TYPE_INTEGER || item->type == FORM_TYPE_DECIMAL;
}

static void
refuse(struct builder *builder, struct spot spot, const char *text)
{
    builder_note(builder, FORM_ERROR, spot, "invalid-score", text);
}

/* The extension of that url in a list, or NULL; its index. */
static struct json_object *
find_extension(struct json_object *list, const char *url, int *index)
{
    for (size_t i = 0; list != NULL && i < json_object_array_length(list); i++) {
        struct json_object *extension = json_object_array_get_idx(list, i);
        size_t size = 0;
        const char *name = member_string(extension, "url", &size);
        if (name != NULL && strcmp(name, url) == 0) {
            *index = (int)i;
            return extension;
        }
    }
    return NULL;
}

/* The text of a number in a part of a band; NULL: none. */
static const char *
number_part(struct json_object *parts, const char *url, char room[NUMBER_WHOLE_SIZE])
{
    int index = 0;
    struct json_object *number = NULL;
    struct json_object *part = find_extension(parts, url, &index);
    if (!json_object_object_get_ex(part, "valueDecimal", &number)) {
        (void)json_object_object_get_ex(part, "valueInteger", &number);
    }
    return number == NULL || value_check_decimal(number) != NULL ? NULL : number_text(number, room);
}

static const char *
text_part(struct json_object *parts, const char *url, const char *member)
{
    int index = 0;
    size_t size = 0;
    return member_string(find_extension(parts, url, &index), member, &size);
}

/* One band; its ends must lie above the band before. */
static bool
read_band(struct builder *builder, struct json_object *json, const struct form_score *score)
{
    struct expression_set *set = builder->expressions;
    char low_room[NUMBER_WHOLE_SIZE];
    char high_room[NUMBER_WHOLE_SIZE];
    struct json_object *parts = member_array(json, "extension");
    const char *low = number_part(parts, "min", low_room);
    const char *high = number_part(parts, "max", high_room);
    const char *code = text_part(parts, "code", "valueCode");
    const char *label = text_part(parts, "label", "valueString");
    if (low == NULL || high == NULL || code == NULL || label == NULL || builder->pool.failed ||
        number_compare(low, high) == VALUE_MORE) {
        return false;
    }
    if (score->band_count != 0) {
        const struct form_band *before = &set->bands[set->band_count - 1];
        if (number_compare(builder->pool.data + before->most.offset, low) != VALUE_LESS) {
            return false;
        }
    }
    set->bands = builder_grow(builder, set->bands, set->band_count, &set->band_room, sizeof *set->bands);
    set->bands[set->band_count++] = (struct form_band){.least = builder_text(builder, low, strlen(low)),
                                                       .most = builder_text(builder, high, strlen(high)),
                                                       .code = builder_text(builder, code, strlen(code)),
                                                       .label = builder_text(builder, label, strlen(label))};
    return true;
}

static void
read_bands(struct builder *builder, struct spot spot, struct json_object *extension, struct form_score *score)
{
    struct json_object *bands = member_array(extension, "extension");
    size_t count = bands == NULL ? 0 : json_object_array_length(bands);
    bool good = count != 0 && count <= FORM_BANDS_MAX;
    for (size_t i = 0; i < count && good; i++) {
        struct json_object *band = json_object_array_get_idx(bands, i);
        size_t size = 0;
        const char *url = member_string(band, "url", &size);
        good = url != NULL && strcmp(url, "band") == 0 && read_band(builder, band, score);
        score->band_count += good;
    }
    if (!good) {
        refuse(builder, spot,
               "Each band has min, max, code and label; bands stand in rising order and do not overlap.");
    }
}

/* Weighted questions that stand beside the sum or below what does: it depends on them. */
static void
depend_on_group(struct builder *builder, uint32_t item, uint32_t *dependencies)
{
    uint32_t parent = builder->items[item].parent;
    uint32_t end = parent == FORM_NO_ITEM ? builder->count : builder->items[parent].end;
    uint32_t sibling = parent == FORM_NO_ITEM ? 0 : parent + 1;
    for (; sibling < end; sibling = builder->items[sibling].end) {
        bool weighted = false;
        for (uint32_t i = sibling; i < builder->items[sibling].end && !weighted; i++) {
            weighted = (builder->items[i].flags & FORM_WEIGHTED) != 0;
        }
        if (weighted && sibling != item) {
            dependencies_add(builder, builder->expressions->count - 1, sibling);
            (*dependencies)++;
        }
    }
}

static void
read_sum(struct builder *builder, struct spot spot)
{
    struct form_item *self = &builder->items[spot.item];
    uint32_t dependencies = 0;
    if ((self->flags & FORM_COMPUTED) != 0 || expressions_asks_below(builder, spot.item)) {
        refuse(builder, spot, "A sum of weights has no other expression, and no questions below it.");
        return;
    }
    self->flags |= FORM_COMPUTED;
    struct form_expression *added = expressions_add(builder, FORM_SUM, NULL, spot);
    if (added == NULL) {
        return;
    }
    added->dependency = builder->expressions->link_count;
    depend_on_group(builder, spot.item, &dependencies);
    added->dependency_count = builder->expressions->link_count - added->dependency;
    if (dependencies == 0) {
        refuse(builder, spot, "No option beside this item has a weight.");
    }
}

void
scores_read(struct builder *builder, uint32_t item)
{
    struct expression_set *set = builder->expressions;
    struct json_object *list = member_array(builder->json[item], "extension");
    struct form_score score = {.item = item, .band = set->band_count};
    size_t size = 0;
    int at = -1;
    struct json_object *sum = find_extension(list, OURS "sum-of-weights", &at);
    bool summed = member_true(sum, "valueBoolean");
    if (summed && is_numeric(&builder->items[item])) {
        read_sum(builder, (struct spot){item, "extension", at, NULL});
    }
    struct spot spot = {item, "extension", at, NULL};
    struct json_object *bands = find_extension(list, OURS "score-bands", &spot.index);
    struct json_object *marked = find_extension(list, OURS "score", &at);
    bool wanted = summed || bands != NULL || member_true(marked, "valueBoolean");
    if (!wanted) {
        return;
    }
    spot.index = bands == NULL ? at : spot.index;
    if (!is_numeric(&builder->items[item]) || (builder->items[item].flags & FORM_COMPUTED) == 0) {
        refuse(builder, spot, "A score is an integer or decimal item that is calculated.");
        return;
    }
    if (bands != NULL) {
        read_bands(builder, spot, bands, &score);
    }
    const char *text = member_string(builder->json[item], "text", &size);
    score.text = builder_text(builder, text == NULL ? "" : text, size);
    set->scores = builder_grow(builder, set->scores, set->score_count, &set->score_room, sizeof *set->scores);
    set->scores[set->score_count++] = score;
}

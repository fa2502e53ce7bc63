/*
 * Weights of options: the numbers that ordinal(), weight() and sums of weights are made of. They stand in
 * extensions of the answerOption, of its Coding or other value, or of a ValueSet's concept. Answers may carry
 * them, too (programs copy whole Codings), but what counts is the option's: an answer that tells another
 * weight is wrong.
 */
#include "lib/form/definition/weights.h"

#include "lib/form/definition/expressions.h"
#include "lib/form/value/number.h"
#include "lib/form/value/value.h"

#include <stdlib.h>
#include <string.h>

/* The number in a list of extensions, or NULL. */
static struct json_object *
weight_in(struct json_object *object)
{
    struct json_object *list = member_array(object, "extension");
    struct json_object *number = NULL;
    for (size_t i = 0; list != NULL && i < json_object_array_length(list) && number == NULL; i++) {
        number = fhirpath_extension_weight(json_object_array_get_idx(list, i));
        number = number != NULL && value_check_decimal(number) == NULL ? number : NULL;
    }
    return number;
}

/* Of an answerOption, its value or what stands beside that; or of a concept. */
static struct json_object *
find_weight(struct json_object *entry)
{
    struct json_object *number = weight_in(entry);
    json_object_object_foreach(entry, name, value)
    {
        bool beside = name[0] == '_' && value_kind(name + 1, "value") != FORM_KIND_NONE;
        if (number == NULL && (beside || value_kind(name, "value") == FORM_KIND_CODING)) {
            number = weight_in(value);
        }
    }
    return number;
}

void
weights_read(struct builder *builder, uint32_t count_before, struct json_object *entry)
{
    char room[NUMBER_WHOLE_SIZE];
    struct json_object *number = builder->option_count == count_before + 1 ? find_weight(entry) : NULL;
    if (number != NULL) {
        const char *text = number_text(number, room);
        builder->options[count_before].weight = builder_text(builder, text, strlen(text)).offset;
    }
}

void
weights_flag(struct builder *builder, uint32_t item)
{
    struct form_item *self = &builder->items[item];
    for (uint32_t i = 0; i < self->option_count; i++) {
        if (builder->options[self->option + i].weight != 0) {
            self->flags |= FORM_WEIGHTED;
            return;
        }
    }
}

const char *
weight_of(const struct form *form, const struct form_item *item, const char *key, size_t size)
{
    const struct form_option *option =
        (item->flags & FORM_WEIGHTED) == 0 ? NULL : form_option_of(form, item, key, size);
    return option == NULL || option->weight == 0 ? NULL
                                                 : form_pool(form, (struct form_text){option->weight, 0});
}

/* ---- What answers tell ---- */

/* An answer's weights against its option's. */
struct weighing {
    const char *weight; /* a number's text; NULL: the answer weighs nothing */
    bool correct;       /* what differs is put right */
    bool differs;
};

static void weigh_object(struct weighing *weighing, struct json_object *object, bool answer);

/*
 * Writes the option's weight into an extension. False when it has none: the extension must then be removed.
 */
static bool
put_weight(struct json_object *extension, const char *weight)
{
    struct json_object *number =
        weight == NULL ? NULL : json_object_new_double_s(strtod(weight, NULL), weight);
    json_object_object_del(extension, "valueDecimal");
    json_object_object_del(extension, "valueInteger");
    if (number == NULL || json_object_object_add(extension, "valueDecimal", number) != 0) {
        json_object_put(number);
        return false;
    }
    return true;
}

static bool
tells_other(const struct weighing *weighing, struct json_object *extension)
{
    char room[NUMBER_WHOLE_SIZE];
    struct json_object *number = fhirpath_extension_weight(extension);
    if (number == NULL) {
        return false;
    }
    return weighing->weight == NULL || value_check_decimal(number) != NULL ||
           number_compare(number_text(number, room), weighing->weight) != VALUE_SAME;
}

/* Whether nothing is left of an extension but its url. */
static bool
is_hollow(struct json_object *extension)
{
    return json_object_is_type(extension, json_type_object) && json_object_object_length(extension) == 1 &&
           json_object_object_get_ex(extension, "url", NULL);
}

static void
weigh_list(struct weighing *weighing, struct json_object *list)
{
    for (size_t i = json_object_array_length(list); i > 0; i--) {
        struct json_object *element = json_object_array_get_idx(list, i - 1);
        if (tells_other(weighing, element)) {
            weighing->differs = true;
            if (weighing->correct && !put_weight(element, weighing->weight)) {
                (void)json_object_array_del_idx(list, i - 1, 1);
                continue;
            }
        }
        weigh_object(weighing, element, false);
        if (weighing->correct && is_hollow(element)) {
            (void)json_object_array_del_idx(list, i - 1, 1);
        }
    }
}

/* Walks everything in an answer but the items below it, and removes what became empty. */
static void
weigh_object(struct weighing *weighing, struct json_object *object, bool answer)
{
    if (!json_object_is_type(object, json_type_object)) {
        return;
    }
    json_object_object_foreach(object, name, value)
    {
        bool list = json_object_is_type(value, json_type_array) && !(answer && strcmp(name, "item") == 0);
        bool inner = json_object_is_type(value, json_type_object);
        if (list) {
            weigh_list(weighing, value);
        } else if (inner) {
            weigh_object(weighing, value, false);
        }
        if (weighing->correct && weighing->differs &&
            ((list && json_object_array_length(value) == 0) ||
             (inner && json_object_object_length(value) == 0))) {
            json_object_object_del(object, name);
        }
    }
}

/* Whether anything in an answer is more than a text or a number: quick for those that tell no weight. */
static bool
may_tell(struct json_object *object)
{
    json_object_object_foreach(object, name, value)
    {
        if (json_object_is_type(value, json_type_array)) {
            return true;
        }
        if (json_object_is_type(value, json_type_object) && (name[0] == '_' || may_tell(value))) {
            return true;
        }
    }
    return false;
}

bool
weight_differs(const struct form *form, const struct form_item *item, struct json_object *answer,
               bool correct, struct arena *arena)
{
    struct weighing weighing = {.correct = false};
    struct json_object *value = NULL;
    bool several = false;
    size_t size = 0;
    if ((item->flags & FORM_CLOSED) == 0 || !json_object_is_type(answer, json_type_object) ||
        !may_tell(answer)) {
        return false;
    }
    unsigned kind = value_of(answer, "value", &value, &several);
    if ((item->flags & FORM_WEIGHTED) != 0 && kind != FORM_KIND_NONE &&
        value_check((enum form_kind)kind, value) == NULL) {
        const char *key = value_key((enum form_kind)kind, value, arena, &size);
        weighing.weight = weight_of(form, item, key, size);
    }
    weigh_object(&weighing, answer, true);
    if (weighing.differs && correct) {
        weighing.correct = true;
        weigh_object(&weighing, answer, true);
    }
    return weighing.differs;
}

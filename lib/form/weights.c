/*
 * Weights of options: the numbers that ordinal(), weight() and sums of weights are made of. They stand in
 * extensions of the answerOption, of its Coding or other value, or of a ValueSet's concept.
 */
#include "lib/form/weights.h"

#include "lib/form/decimal.h"
#include "lib/form/expressions.h"
#include "lib/form/value.h"

#include <string.h>

static const char *const urls[] = {
    "http://hl7.org/fhir/StructureDefinition/ordinalValue",
    "http://hl7.org/fhir/StructureDefinition/itemWeight",
    "http://hl7.org/fhir/StructureDefinition/valueset-ordinalValue",
    "http://hl7.org/fhir/StructureDefinition/codesystem-ordinalValue",
};

/* The number in a list of extensions, or NULL. */
static struct json_object *
weight_in(struct json_object *object)
{
    struct json_object *list = member_array(object, "extension");
    struct json_object *number = NULL;
    for (size_t i = 0; list != NULL && i < json_object_array_length(list) && number == NULL; i++) {
        struct json_object *extension = json_object_array_get_idx(list, i);
        size_t size = 0;
        const char *url = member_string(extension, "url", &size);
        bool known = false;
        for (size_t k = 0; k < sizeof urls / sizeof urls[0] && url != NULL && !known; k++) {
            known = strcmp(urls[k], url) == 0;
        }
        if (known && json_object_object_get_ex(extension, "valueDecimal", &number) &&
            value_check_decimal(number) != NULL) {
            number = NULL;
        }
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
    char room[DECIMAL_WHOLE_SIZE];
    struct json_object *number = builder->option_count == count_before + 1 ? find_weight(entry) : NULL;
    if (number != NULL) {
        const char *text = decimal_text(number, room);
        builder->options[count_before].weight = builder_text(builder, text, strlen(text)).offset;
    }
}

void
weights_mark(struct builder *builder, uint32_t item)
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

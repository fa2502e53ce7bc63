/* Initial values of a definition: `initial`, and the options that are selected at first. */
#include "lib/base/json_own.h"
#include "lib/form/definition/expressions.h"
#include "lib/form/value/value.h"

#include <string.h>

/* Adds {"valueX": value} for the value of an entry, if it has one. */
static void
add_answer(struct json_object *answers, struct json_object *entry)
{
    json_object_object_foreach(entry, name, value)
    {
        if (value_kind(name, "value") != FORM_KIND_NONE) {
            struct json_object *answer = json_object_new_object();
            (void)json_object_object_add(answer, name, json_object_get(value));
            (void)json_object_array_add(answers, answer);
            return;
        }
    }
}

static void
add_all(struct json_object *answers, struct json_object *list, bool selected)
{
    for (size_t i = 0; list != NULL && i < json_object_array_length(list); i++) {
        struct json_object *entry = json_object_array_get_idx(list, i);
        if (json_object_is_type(entry, json_type_object) &&
            (!selected || member_true(entry, "initialSelected"))) {
            add_answer(answers, entry);
        }
    }
}

void
initials_read(struct builder *builder, uint32_t item)
{
    struct expression_set *set = builder->expressions;
    struct json_object *json = builder->json[item];
    struct json_object *initial = member_array(json, "initial");
    struct json_object *options = member_array(json, "answerOption");
    if ((initial == NULL && options == NULL) || (builder->items[item].flags & FORM_COMPUTED) != 0) {
        return;
    }
    struct json_object *answers = json_own(builder->arena, json_object_new_array());
    add_all(answers, initial, false);
    add_all(answers, options, true);
    size_t count = json_object_array_length(answers);
    if (count == 0) {
        return;
    }
    const char *text = json_object_to_json_string_ext(answers, JSON_C_TO_STRING_PLAIN);
    set->initials =
        builder_grow(builder, set->initials, set->initial_count, &set->initial_room, sizeof *set->initials);
    set->initials[set->initial_count++] =
        (struct form_initial_answers){item, builder_text(builder, text, strlen(text))};
}

/* Mutations that keep JSON what it is, so that the fuzzer's time goes into what the document says. */
#include "tests/fuzz/fuzz.h"

#include "lib/base/json_read.h"

#include <string.h>

enum {
    PLACES_MAX = 4096, /* of one document that a mutation may choose from */
    DEPTH_MAX = 40,
    TEXT_MAX = 512, /* bytes of a string that is mutated as bytes */
    CHANGES_MAX = 4
};

static const char *const names[] = {
    "linkId",
    "item",
    "type",
    "text",
    "prefix",
    "definition",
    "code",
    "required",
    "repeats",
    "readOnly",
    "maxLength",
    "answerOption",
    "answerValueSet",
    "initial",
    "initialSelected",
    "enableWhen",
    "enableBehavior",
    "question",
    "operator",
    "answer",
    "value",
    "valueBoolean",
    "valueDecimal",
    "valueInteger",
    "valueDate",
    "valueDateTime",
    "valueTime",
    "valueString",
    "valueUri",
    "valueUrl",
    "valueAttachment",
    "valueCoding",
    "valueQuantity",
    "valueReference",
    "valueCode",
    "valueCanonical",
    "valueExpression",
    "answerBoolean",
    "answerDecimal",
    "answerInteger",
    "answerDate",
    "answerDateTime",
    "answerTime",
    "answerString",
    "answerCoding",
    "answerQuantity",
    "answerReference",
    "system",
    "display",
    "version",
    "unit",
    "comparator",
    "userSelected",
    "contentType",
    "data",
    "url",
    "size",
    "hash",
    "title",
    "creation",
    "language",
    "reference",
    "identifier",
    "extension",
    "modifierExtension",
    "id",
    "_linkId",
    "_text",
    "_valueString",
    "_valueDate",
    "contained",
    "resourceType",
    "status",
    "name",
    "derivedFrom",
    "compose",
    "include",
    "exclude",
    "concept",
    "filter",
    "valueSet",
    "expansion",
    "contains",
    "abstract",
    "inactive",
    "expression",
    "path",
    "answers",
    "questionnaire",
    "value_sets",
    "items",
    "saves",
    "implicitRules",
    "subjectType",
};

/* Written as JSON. */
static const char *const values[] = {
    "null",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "2",
    "1.0",
    "1.50",
    "0.1",
    "1e3",
    "-0.0",
    "1e400",
    "2147483647",
    "2147483648",
    "-2147483648",
    "9223372036854775807",
    "18446744073709551616",
    "{}",
    "[]",
    "\"\"",
    "[{}]",
    "\"group\"",
    "\"display\"",
    "\"boolean\"",
    "\"decimal\"",
    "\"integer\"",
    "\"date\"",
    "\"dateTime\"",
    "\"time\"",
    "\"string\"",
    "\"text\"",
    "\"url\"",
    "\"choice\"",
    "\"open-choice\"",
    "\"attachment\"",
    "\"reference\"",
    "\"quantity\"",
    "\"question\"",
    "\"exists\"",
    "\"=\"",
    "\"!=\"",
    "\">\"",
    "\"<\"",
    "\">=\"",
    "\"<=\"",
    "\"all\"",
    "\"any\"",
    "\"a\"",
    "\"b\"",
    "\"c\"",
    "\"a/b\"",
    "\"a[1]/b\"",
    "\"a[0]\"",
    "\"2024\"",
    "\"2024-02\"",
    "\"2024-02-29\"",
    "\"2023-02-29\"",
    "\"2024-02-29T12:30:00Z\"",
    "\"2024-12-31T23:59:60.123+14:00\"",
    "\"24:00:00\"",
    "\"12:30:00.5\"",
    "\"kg\"",
    "\"mg\"",
    "\"cm\"",
    "\"http://unitsofmeasure.org\"",
    "\"#v\"",
    "\"http://example.org/v\"",
    "\"http://example.org/v|1\"",
    "\"(a+)+$\"",
    "\"[a-z]{2,4}\"",
    "\"(a|aa)*b\"",
    "\"Patient/1\"",
    "\"image/png\"",
    "\"AAAA\"",
    "\"Questionnaire\"",
    "\"ValueSet\"",
    "\"active\"",
    "\"draft\"",
    "\"text/fhirpath\"",
    "\"%resource.item.where(linkId='a').answer.value\"",
    "\"%resource.descendants().count() > 1\"",
    "\"iif(true, 1, 2)\"",
    "\"http://hl7.org/fhir/StructureDefinition/minValue\"",
    "\"http://hl7.org/fhir/StructureDefinition/maxValue\"",
    "\"http://hl7.org/fhir/StructureDefinition/minLength\"",
    "\"http://hl7.org/fhir/StructureDefinition/regex\"",
    "\"http://hl7.org/fhir/StructureDefinition/maxDecimalPlaces\"",
    "\"http://hl7.org/fhir/StructureDefinition/mimeType\"",
    "\"http://hl7.org/fhir/StructureDefinition/maxSize\"",
    "\"http://hl7.org/fhir/StructureDefinition/ordinalValue\"",
    "\"http://hl7.org/fhir/StructureDefinition/itemWeight\"",
    "\"http://hl7.org/fhir/StructureDefinition/questionnaire-minOccurs\"",
    "\"http://hl7.org/fhir/StructureDefinition/questionnaire-maxOccurs\"",
    "\"http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive\"",
    "\"http://hl7.org/fhir/StructureDefinition/questionnaire-unit\"",
    "\"http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption\"",
    "\"http://hl7.org/fhir/StructureDefinition/questionnaire-unitValueSet\"",
    "\"http://hl7.org/fhir/StructureDefinition/questionnaire-referenceResource\"",
    "\"http://hl7.org/fhir/StructureDefinition/questionnaire-constraint\"",
    "\"http://hl7.org/fhir/StructureDefinition/questionnaire-hidden\"",
    "\"http://hl7.org/fhir/StructureDefinition/variable\"",
    "\"http://hl7.org/fhir/StructureDefinition/translation\"",
    "\"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression\"",
    "\"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression\"",
    "\"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression\"",
};

/* A member of an object or an element of an array. */
struct place {
    struct json_object *in; /* NULL: the document itself */
    const char *name;       /* of the member */
    size_t index;           /* of the element */
    struct json_object *value;
};

struct mutation {
    struct arena *arena;
    uint32_t state; /* of the generator; never 0 */
    struct json_object *root;
    struct place places[PLACES_MAX];
    size_t count;
};

/* Marsaglia's xorshift: libFuzzer's seed alone decides. */
static size_t
below(struct mutation *mutation, size_t limit)
{
    mutation->state ^= mutation->state << 13;
    mutation->state ^= mutation->state >> 17;
    mutation->state ^= mutation->state << 5;
    return limit == 0 ? 0 : mutation->state % limit;
}

static void
collect(struct mutation *mutation, struct place place, unsigned depth)
{
    if (mutation->count == PLACES_MAX || depth > DEPTH_MAX) {
        return;
    }
    mutation->places[mutation->count++] = place;
    if (json_object_is_type(place.value, json_type_object)) {
        json_object_object_foreach(place.value, name, member)
        {
            collect(mutation, (struct place){place.value, name, 0, member}, depth + 1);
        }
    } else if (json_object_is_type(place.value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(place.value); i++) {
            struct json_object *element = json_object_array_get_idx(place.value, i);
            collect(mutation, (struct place){place.value, NULL, i, element}, depth + 1);
        }
    }
}

static void
look_again(struct mutation *mutation)
{
    mutation->count = 0;
    collect(mutation, (struct place){.value = mutation->root}, 0);
}

static const struct place *
any_place(struct mutation *mutation)
{
    return &mutation->places[below(mutation, mutation->count)];
}

static struct json_object *
copy_of(struct json_object *value)
{
    struct json_object *copy = NULL;
    if (value != NULL) {
        (void)json_object_deep_copy(value, &copy, NULL);
    }
    return copy;
}

/* Takes `value` over. */
static void
put(struct mutation *mutation, const struct place *place, struct json_object *value)
{
    if (place->in == NULL) {
        json_object_put(mutation->root);
        mutation->root = value;
    } else if (place->name == NULL) {
        (void)json_object_array_put_idx(place->in, place->index, value);
    } else {
        (void)json_object_object_add(place->in, arena_text(mutation->arena, place->name), value);
    }
}

static void
take_out(const struct place *place)
{
    if (place->in != NULL && place->name == NULL) {
        (void)json_object_array_del_idx(place->in, place->index, 1);
    } else if (place->in != NULL) {
        json_object_object_del(place->in, place->name);
    }
}

static const char *
any_name(struct mutation *mutation)
{
    return names[below(mutation, sizeof names / sizeof names[0])];
}

/* One of the values, or what stands somewhere else. */
static struct json_object *
any_value(struct mutation *mutation)
{
    if (below(mutation, 2) == 0) {
        return copy_of(any_place(mutation)->value);
    }
    return json_tokener_parse(values[below(mutation, sizeof values / sizeof values[0])]);
}

static void
mutate_text(struct mutation *mutation, const struct place *place)
{
    unsigned char text[TEXT_MAX];
    size_t size = (size_t)json_object_get_string_len(place->value);
    if (!json_object_is_type(place->value, json_type_string) || size > TEXT_MAX / 2) {
        put(mutation, place, any_value(mutation));
        return;
    }
    memcpy(text, json_object_get_string(place->value), size);
    size = LLVMFuzzerMutate(text, size, sizeof text);
    put(mutation, place, json_object_new_string_len((const char *)text, (int)size));
}

static void
add_somewhere(struct mutation *mutation, const struct place *place)
{
    if (json_object_is_type(place->value, json_type_object)) {
        struct json_object *value = any_value(mutation);
        (void)json_object_object_add(place->value, any_name(mutation), value);
    } else if (json_object_is_type(place->value, json_type_array)) {
        size_t length = json_object_array_length(place->value);
        struct json_object *like =
            length != 0 && below(mutation, 4) != 0
                ? copy_of(json_object_array_get_idx(place->value, below(mutation, length)))
                : any_value(mutation);
        (void)json_object_array_add(place->value, like);
    } else {
        mutate_text(mutation, place);
    }
}

static void
rename_member(struct mutation *mutation, const struct place *place)
{
    if (place->in != NULL && place->name != NULL) {
        struct json_object *value = json_object_get(place->value);
        json_object_object_del(place->in, place->name);
        (void)json_object_object_add(place->in, any_name(mutation), value);
    }
}

static void
swap_elements(struct mutation *mutation, const struct place *place)
{
    if (!json_object_is_type(place->value, json_type_array) || json_object_array_length(place->value) < 2) {
        put(mutation, place, any_value(mutation));
        return;
    }
    size_t length = json_object_array_length(place->value);
    size_t one = below(mutation, length);
    size_t other = below(mutation, length);
    struct json_object *first = json_object_get(json_object_array_get_idx(place->value, one));
    struct json_object *second = json_object_get(json_object_array_get_idx(place->value, other));
    (void)json_object_array_put_idx(place->value, one, second);
    (void)json_object_array_put_idx(place->value, other, first);
}

static void
change(struct mutation *mutation)
{
    look_again(mutation);
    const struct place *place = any_place(mutation);
    switch (below(mutation, 8)) {
    case 0:
        take_out(place);
        break;
    case 1:
    case 2:
        put(mutation, place, any_value(mutation));
        break;
    case 3:
    case 4:
        add_somewhere(mutation, place);
        break;
    case 5:
        rename_member(mutation, place);
        break;
    case 6:
        swap_elements(mutation, place);
        break;
    default:
        mutate_text(mutation, place);
        break;
    }
}

/* The document's text into `out`; 0 when it does not fit. */
static size_t
write_out(struct json_object *root, unsigned char *out, size_t max)
{
    const char *text = root == NULL ? "null" : json_object_to_json_string_ext(root, JSON_C_TO_STRING_PLAIN);
    size_t size = strlen(text);
    if (size > max) {
        return 0;
    }
    memcpy(out, text, size);
    return size;
}

static struct mutation *
start(struct arena *arena, const unsigned char *data, size_t size, unsigned seed)
{
    struct json_fault fault;
    struct json_object *json = json_read(arena, (struct span){data, size}, &fault);
    if (json == NULL) {
        return NULL;
    }
    struct mutation *mutation = arena_alloc(arena, sizeof *mutation);
    mutation->arena = arena;
    mutation->state = seed | 1;
    mutation->root = copy_of(json);
    return mutation;
}

size_t
fuzz_mutate(unsigned char *data, size_t size, size_t max, unsigned seed)
{
    struct arena *arena = arena_create(FUZZ_ARENA_MAX, NULL, NULL);
    struct mutation *mutation = seed % 8 == 0 ? NULL : start(arena, data, size, seed);
    size_t written = 0;
    if (mutation != NULL) {
        for (size_t i = below(mutation, CHANGES_MAX) + 1; i > 0; i--) {
            change(mutation);
        }
        written = write_out(mutation->root, data, max);
        json_object_put(mutation->root);
    }
    arena_destroy(arena);
    return written != 0 ? written : LLVMFuzzerMutate(data, size, max);
}

size_t
fuzz_cross(const unsigned char *one, size_t one_size, const unsigned char *other, size_t other_size,
           unsigned char *out, size_t max, unsigned seed)
{
    struct arena *arena = arena_create(FUZZ_ARENA_MAX, NULL, NULL);
    struct mutation *mutation = start(arena, one, one_size, seed);
    struct mutation *second = start(arena, other, other_size, seed * 2654435761U);
    size_t written = 0;
    if (mutation != NULL && second != NULL) {
        look_again(mutation);
        look_again(second);
        put(mutation, any_place(mutation), copy_of(any_place(second)->value));
        written = write_out(mutation->root, out, max);
    }
    if (mutation != NULL) {
        json_object_put(mutation->root);
    }
    if (second != NULL) {
        json_object_put(second->root);
    }
    arena_destroy(arena);
    return written;
}

/*
 * The extensions of FHIR and of SDC that say more about an item's answers. What is known here is checked for
 * the type of its value, and read; all others are kept in the definition as they are and not looked at.
 * "core" extensions have the URL http://hl7.org/fhir/StructureDefinition/NAME, those of SDC
 * http://hl7.org/fhir/uv/sdc/StructureDefinition/NAME.
 */
#include "lib/form/definition/builder.h"
#include "lib/form/value/moment.h"
#include "lib/form/value/number.h"
#include "lib/form/value/value.h"

#include "lib/base/pattern.h"

#include <string.h>

#define CORE "http://hl7.org/fhir/StructureDefinition/"
#define SDC  "http://hl7.org/fhir/uv/sdc/StructureDefinition/"

enum {
    PATTERNS_MAX = 8 * 1024 * 1024, /* bytes of all compiled regular expressions of a definition */
    ALIGNMENT = 8
};

/* What an extension's value may be. */
enum form_value {
    VALUE_INTEGER = 1,
    VALUE_DECIMAL = 2,
    VALUE_STRING = 4,
    VALUE_CODE = 8,
    VALUE_BOOLEAN = 16,
    VALUE_CODING = 32,
    VALUE_CONCEPT = 64,
    VALUE_CANONICAL = 128,
    VALUE_URI = 256,
    VALUE_QUANTITY = 512,
    VALUE_DATE = 1024,
    VALUE_DATE_TIME = 2048,
    VALUE_TIME = 4096,
    VALUE_NUMBER = VALUE_INTEGER | VALUE_DECIMAL,
    VALUE_BOUND = VALUE_NUMBER | VALUE_QUANTITY | VALUE_DATE | VALUE_DATE_TIME | VALUE_TIME
};

static const struct {
    const char *name;
    enum form_value value;
    enum form_kind kind; /* by which it is checked; FORM_KIND_NONE: by itself */
} value_names[] = {
    {"valueInteger", VALUE_INTEGER, FORM_KIND_INTEGER},
    {"valueDecimal", VALUE_DECIMAL, FORM_KIND_DECIMAL},
    {"valueString", VALUE_STRING, FORM_KIND_STRING},
    {"valueCode", VALUE_CODE, FORM_KIND_NONE},
    {"valueBoolean", VALUE_BOOLEAN, FORM_KIND_BOOLEAN},
    {"valueCoding", VALUE_CODING, FORM_KIND_CODING},
    {"valueCodeableConcept", VALUE_CONCEPT, FORM_KIND_NONE},
    {"valueCanonical", VALUE_CANONICAL, FORM_KIND_URI},
    {"valueUri", VALUE_URI, FORM_KIND_URI},
    {"valueQuantity", VALUE_QUANTITY, FORM_KIND_QUANTITY},
    {"valueDate", VALUE_DATE, FORM_KIND_DATE},
    {"valueDateTime", VALUE_DATE_TIME, FORM_KIND_DATE_TIME},
    {"valueTime", VALUE_TIME, FORM_KIND_TIME},
};

/* An extension that is being read. */
struct extension_reading {
    struct builder *builder;
    uint32_t item;
    struct spot spot;
    enum form_rule_what what;
    enum form_value shape;
    struct json_object *value;
};

typedef void keep_fn(const struct extension_reading *reading);

enum {
    TYPE_NUMBERS = 1U << FORM_TYPE_INTEGER | 1U << FORM_TYPE_DECIMAL,
    TYPE_MOMENTS = 1U << FORM_TYPE_DATE | 1U << FORM_TYPE_DATE_TIME | 1U << FORM_TYPE_TIME,
    TYPE_TEXTS =
        1U << FORM_TYPE_STRING | 1U << FORM_TYPE_TEXT | 1U << FORM_TYPE_URL | 1U << FORM_TYPE_OPEN_CHOICE,
    TYPE_QUANTITY = 1U << FORM_TYPE_QUANTITY,
    TYPE_ATTACHMENT = 1U << FORM_TYPE_ATTACHMENT,
    TYPE_REFERENCE = 1U << FORM_TYPE_REFERENCE,
    TYPE_DISPLAY = 1U << FORM_TYPE_DISPLAY,
    TYPE_ANY = (1U << FORM_TYPE_UNKNOWN) - 1,
    TYPE_ANSWERED = TYPE_ANY & ~TYPE_DISPLAY
};

static keep_fn keep_bound;
static keep_fn keep_count;
static keep_fn keep_pattern;
static keep_fn keep_text;
static keep_fn keep_size;
static keep_fn keep_unit;
static keep_fn keep_unit_set;
static keep_fn keep_unit_open;
static keep_fn keep_hidden;

struct known {
    const char *url;
    unsigned values; /* enum form_value bits */
    unsigned types;  /* 1 << enum form_type: where it means something */
    bool many;       /* may stand more than once */
    enum form_rule_what what;
    keep_fn *keep; /* NULL: only kept in the definition */
};

static const struct known item_extensions[] = {
    {CORE "minValue", VALUE_BOUND, TYPE_NUMBERS | TYPE_MOMENTS | TYPE_QUANTITY, false, FORM_MIN_VALUE,
     keep_bound},
    {CORE "maxValue", VALUE_BOUND, TYPE_NUMBERS | TYPE_MOMENTS | TYPE_QUANTITY, false, FORM_MAX_VALUE,
     keep_bound},
    {SDC "sdc-questionnaire-minQuantity", VALUE_QUANTITY, TYPE_QUANTITY, false, FORM_MIN_VALUE, keep_bound},
    {SDC "sdc-questionnaire-maxQuantity", VALUE_QUANTITY, TYPE_QUANTITY, false, FORM_MAX_VALUE, keep_bound},
    {CORE "minLength", VALUE_INTEGER, TYPE_TEXTS | TYPE_NUMBERS, false, FORM_MIN_LENGTH, keep_count},
    {CORE "regex", VALUE_STRING, TYPE_TEXTS | TYPE_NUMBERS | TYPE_MOMENTS, false, FORM_PATTERN, keep_pattern},
    {CORE "maxDecimalPlaces", VALUE_INTEGER, 1U << FORM_TYPE_DECIMAL | TYPE_QUANTITY, false,
     FORM_MAX_DECIMALS, keep_count},
    {CORE "mimeType", VALUE_CODE, TYPE_ATTACHMENT, true, FORM_MIME_TYPE, keep_text},
    {CORE "maxSize", VALUE_DECIMAL, TYPE_ATTACHMENT, false, FORM_MAX_SIZE, keep_size},
    {CORE "questionnaire-minOccurs", VALUE_INTEGER, TYPE_ANSWERED, false, FORM_MIN_OCCURS, keep_count},
    {CORE "questionnaire-maxOccurs", VALUE_INTEGER, TYPE_ANSWERED, false, FORM_MAX_OCCURS, keep_count},
    {CORE "questionnaire-unit", VALUE_CODING, TYPE_NUMBERS | TYPE_QUANTITY, false, FORM_UNIT, keep_unit},
    {CORE "questionnaire-unitOption", VALUE_CODING, TYPE_QUANTITY, true, FORM_UNIT, keep_unit},
    {CORE "questionnaire-unitValueSet", VALUE_CANONICAL, TYPE_QUANTITY, false, FORM_UNIT_SET, keep_unit_set},
    {SDC "sdc-questionnaire-unitOpen", VALUE_CODE, TYPE_QUANTITY, false, FORM_UNIT_OPEN, keep_unit_open},
    {SDC "sdc-questionnaire-unitSupplementalSystem", VALUE_CANONICAL, TYPE_QUANTITY, true, FORM_UNIT, NULL},
    {CORE "questionnaire-referenceResource", VALUE_CODE, TYPE_REFERENCE, true, FORM_REFERENCE_TYPE,
     keep_text},
    {CORE "questionnaire-referenceProfile", VALUE_CANONICAL | VALUE_URI, TYPE_REFERENCE, true, FORM_UNIT,
     NULL},
    {CORE "questionnaire-hidden", VALUE_BOOLEAN, TYPE_ANY, false, FORM_UNIT, keep_hidden},
    {CORE "questionnaire-itemControl", VALUE_CONCEPT, TYPE_ANY, true, FORM_UNIT, NULL},
    {CORE "entryFormat", VALUE_STRING, TYPE_ANY, true, FORM_UNIT, NULL},
    {CORE "questionnaire-sliderStepValue", VALUE_NUMBER, TYPE_NUMBERS | TYPE_QUANTITY, true, FORM_UNIT, NULL},
    {CORE "questionnaire-choiceOrientation", VALUE_CODE, TYPE_ANY, true, FORM_UNIT, NULL},
    {CORE "questionnaire-displayCategory", VALUE_CONCEPT, TYPE_DISPLAY, true, FORM_UNIT, NULL},
    {CORE "questionnaire-supportLink", VALUE_URI, TYPE_ANY, true, FORM_UNIT, NULL},
    {CORE "questionnaire-usageMode", VALUE_CODE, TYPE_ANY, true, FORM_UNIT, NULL},
    {CORE "questionnaire-optionExclusive", VALUE_BOOLEAN, 0, true, FORM_UNIT, NULL},
    {CORE "questionnaire-optionPrefix", VALUE_STRING, 0, true, FORM_UNIT, NULL},
};

#define OPTION_EXCLUSIVE CORE "questionnaire-optionExclusive"

/* Extensions that stand on an answerOption. */
static const struct known option_extensions[] = {
    {OPTION_EXCLUSIVE, VALUE_BOOLEAN, TYPE_ANY, false, FORM_UNIT, NULL},
    {CORE "questionnaire-optionPrefix", VALUE_STRING, TYPE_ANY, false, FORM_UNIT, NULL},
    {CORE "ordinalValue", VALUE_DECIMAL, TYPE_ANY, false, FORM_UNIT, NULL},
    {CORE "itemWeight", VALUE_DECIMAL, TYPE_ANY, false, FORM_UNIT, NULL},
};

static void
refuse(const struct extension_reading *reading, const char *code, const char *text)
{
    builder_note(reading->builder, FORM_ERROR, reading->spot, code, text);
}

static struct form_rule *
add_rule(const struct extension_reading *reading)
{
    struct builder *builder = reading->builder;
    if (builder->items[reading->item].rule_count == FORM_ITEM_RULES_MAX) {
        refuse(reading, "too-many-rules", "The extensions of an item may make 500 rules.");
        builder->rule_count--; /* the last one is written again: the form is refused */
        builder->items[reading->item].rule_count--;
    }
    builder->rules = builder_grow(builder, builder->rules, builder->rule_count, &builder->rule_room,
                                  sizeof *builder->rules);
    struct form_rule *rule = &builder->rules[builder->rule_count++];
    *rule = (struct form_rule){.what = (uint8_t)reading->what};
    builder->items[reading->item].rule_count++;
    return rule;
}

static struct form_text
pool_text(struct builder *builder, const char *text)
{
    return builder_text(builder, text, strlen(text));
}

/* Whether answers of the item can be compared with such a bound. */
static bool
bound_fits(enum form_type type, enum form_value shape)
{
    switch (type) {
    case FORM_TYPE_INTEGER:
    case FORM_TYPE_DECIMAL:
        return (shape & VALUE_NUMBER) != 0;
    case FORM_TYPE_QUANTITY:
        return (shape & (VALUE_NUMBER | VALUE_QUANTITY)) != 0;
    case FORM_TYPE_TIME:
        return shape == VALUE_TIME;
    default:
        return shape == VALUE_DATE || shape == VALUE_DATE_TIME;
    }
}

static void
keep_bound(const struct extension_reading *reading)
{
    struct builder *builder = reading->builder;
    char room[NUMBER_WHOLE_SIZE];
    struct json_object *number = reading->value;
    size_t size = 0;
    if (!bound_fits((enum form_type)builder->items[reading->item].type, reading->shape)) {
        refuse(reading, "wrong-type", "This limit has not the type of the item's answers.");
        return;
    }
    if (reading->shape == VALUE_QUANTITY && (!json_object_object_get_ex(reading->value, "value", &number) ||
                                             json_object_object_get_ex(reading->value, "comparator", NULL))) {
        refuse(reading, "wrong-type", "A limit must say a number, without a comparator.");
        return;
    }
    struct form_rule *rule = add_rule(reading);
    rule->kind = FORM_KIND_DECIMAL;
    if (reading->shape == VALUE_QUANTITY) {
        const char *unit = value_unit_key(reading->value, builder->arena, &size);
        rule->kind = FORM_KIND_QUANTITY;
        rule->unit = builder_text(builder, unit, size);
    } else if ((reading->shape & VALUE_NUMBER) == 0) {
        rule->kind = reading->shape == VALUE_TIME ? FORM_KIND_TIME : FORM_KIND_DATE_TIME;
    }
    rule->text = pool_text(builder, (reading->shape & (VALUE_NUMBER | VALUE_QUANTITY)) != 0
                                        ? number_text(number, room)
                                        : json_object_get_string(reading->value));
}

static void
keep_count(const struct extension_reading *reading)
{
    int64_t count = json_object_get_int64(reading->value);
    if (count < 0 || (count == 0 && reading->what == FORM_MAX_OCCURS)) {
        refuse(reading, "out-of-range", "This number is too small.");
        return;
    }
    add_rule(reading)->count = (uint32_t)count;
    bool repeats = (reading->builder->items[reading->item].flags & FORM_REPEATS) != 0;
    if (reading->what == FORM_MIN_OCCURS && count > 1 && !repeats) {
        refuse(reading, "min-occurs-not-repeating", "Only repeating items can ask for several answers.");
    }
}

static void
keep_pattern(const struct extension_reading *reading)
{
    struct builder *builder = reading->builder;
    struct pattern_fault fault;
    const struct span text = {(const unsigned char *)json_object_get_string(reading->value),
                              (size_t)json_object_get_string_len(reading->value)};
    struct span pattern = pattern_compile(builder->arena, text, PATTERN_WHOLE, &fault);
    if (pattern.data == NULL) {
        refuse(
            reading, "invalid-pattern",
            arena_format(builder->issues->arena, "This regular expression cannot be used: %s", fault.text));
        return;
    }
    static const char padding[ALIGNMENT];
    struct form_rule *rule = add_rule(reading);
    rule->text = (struct form_text){(uint32_t)builder->patterns.size, (uint32_t)pattern.size};
    buf_add(&builder->patterns, pattern.data, pattern.size);
    buf_add(&builder->patterns, padding, (ALIGNMENT - pattern.size % ALIGNMENT) % ALIGNMENT);
}

static void
keep_text(const struct extension_reading *reading)
{
    struct form_rule *rule = add_rule(reading);
    rule->text = pool_text(reading->builder, json_object_get_string(reading->value));
}

/* The size is in bytes: later editions of the extension say so, and R4's names no unit. */
static void
keep_size(const struct extension_reading *reading)
{
    double bytes = json_object_get_double(reading->value);
    if (bytes < 1) {
        refuse(reading, "out-of-range", "This number is too small.");
        return;
    }
    add_rule(reading)->count = bytes >= (double)UINT32_MAX ? UINT32_MAX : (uint32_t)bytes;
}

/* On a number the unit only says what is meant; of a Quantity it is demanded. */
static void
keep_unit(const struct extension_reading *reading)
{
    struct builder *builder = reading->builder;
    size_t size = 0;
    if (builder->items[reading->item].type != FORM_TYPE_QUANTITY) {
        return;
    }
    const char *key = value_key(FORM_KIND_CODING, reading->value, builder->arena, &size);
    const char *name = member_string(reading->value, "display", &size);
    name = name == NULL ? member_string(reading->value, "code", &size) : name;
    struct form_rule *rule = add_rule(reading);
    rule->unit = builder_text(builder, name, size);
    (void)value_key(FORM_KIND_CODING, reading->value, builder->arena, &size);
    rule->text = builder_text(builder, key, size);
}

static void
keep_unit_set(const struct extension_reading *reading)
{
    struct value_set_state set = value_sets_find(reading->builder, json_object_get_string(reading->value));
    if (set.fate != VALUE_SET_LISTED) {
        value_sets_note(reading->builder, reading->spot, set.fate);
        return;
    }
    add_rule(reading)->text = (struct form_text){set.option, set.option_count};
}

static void
keep_unit_open(const struct extension_reading *reading)
{
    const char *code = json_object_get_string(reading->value);
    bool any = strcmp(code, "optionsOrType") == 0;
    if (any || strcmp(code, "optionsOrString") == 0) {
        add_rule(reading)->count = any;
    } else if (strcmp(code, "optionsOnly") != 0) {
        refuse(reading, "invalid-code", "This is optionsOnly, optionsOrType or optionsOrString.");
    }
}

static void
keep_hidden(const struct extension_reading *reading)
{
    if (json_object_get_boolean(reading->value)) {
        reading->builder->items[reading->item].flags |= FORM_HIDDEN;
    }
}

/* The value[x] of an extension and what it is; 0: none of those above. */
static enum form_value
value_in(struct json_object *extension, struct json_object **value, enum form_kind *kind)
{
    for (size_t i = 0; i < sizeof value_names / sizeof value_names[0]; i++) {
        if (json_object_object_get_ex(extension, value_names[i].name, value)) {
            *kind = value_names[i].kind;
            return value_names[i].value;
        }
    }
    return (enum form_value)0;
}

static bool
is_good_value(enum form_value shape, enum form_kind kind, struct json_object *value)
{
    switch (shape) {
    case VALUE_CODE:
        return value_check_code(value) == NULL;
    case VALUE_CONCEPT:
        return json_object_is_type(value, json_type_object);
    default:
        return value_check(kind, value) == NULL;
    }
}

/* `_valueInteger` and its like may carry an expression that decides in the value's place. */
static bool
is_calculated(struct json_object *extension)
{
    static const char *const urls[] = {CORE "cqf-calculatedValue", CORE "cqf-expression"};
    json_object_object_foreach(extension, name, twin)
    {
        struct json_object *inside = name[0] == '_' ? member_array(twin, "extension") : NULL;
        for (size_t i = 0; inside != NULL && i < json_object_array_length(inside); i++) {
            size_t size = 0;
            const char *url = member_string(json_object_array_get_idx(inside, i), "url", &size);
            if (url != NULL && (strcmp(url, urls[0]) == 0 || strcmp(url, urls[1]) == 0)) {
                return true;
            }
        }
    }
    return false;
}

static void
read_known(struct extension_reading *reading, const struct known *known, struct json_object *extension)
{
    enum form_kind kind = FORM_KIND_NONE;
    enum form_type type = (enum form_type)reading->builder->items[reading->item].type;
    if (is_calculated(extension)) {
        builder_note(reading->builder, FORM_WARNING, reading->spot, "extension-not-judged",
                     "The value of this extension is calculated: answers are not judged by it.");
        return;
    }
    reading->what = known->what;
    reading->shape = value_in(extension, &reading->value, &kind);
    if ((reading->shape & known->values) == 0 || !is_good_value(reading->shape, kind, reading->value)) {
        refuse(reading, "wrong-type", "The value of this extension has another type in FHIR.");
    } else if (type != FORM_TYPE_UNKNOWN && (known->types & 1U << type) == 0) {
        builder_note(reading->builder, FORM_WARNING, reading->spot, "extension-not-applicable",
                     "This extension means nothing on an item of this type.");
    } else if (known->keep != NULL && type != FORM_TYPE_UNKNOWN) {
        known->keep(reading);
    }
}

/* Reads one list of extensions; `known` has `count` rows. Extensions without a url are reported with the
 * elements. */
static void
read_list(struct extension_reading *reading, struct json_object *list, const struct known *known,
          size_t count)
{
    uint64_t seen = 0;
    for (size_t i = 0; list != NULL && i < json_object_array_length(list); i++) {
        struct json_object *extension = json_object_array_get_idx(list, i);
        size_t size = 0;
        size_t row = 0;
        const char *url = member_string(extension, "url", &size);
        while (row < count && (url == NULL || strcmp(known[row].url, url) != 0)) {
            row++;
        }
        if (row == count) {
            continue;
        }
        if (reading->spot.sub == NULL) {
            reading->spot.index = (int)i;
        }
        if ((seen >> row & 1U) != 0 && !known[row].many) {
            refuse(reading, "extension-twice", "This extension may stand once only.");
        } else {
            read_known(reading, &known[row], extension);
        }
        seen |= UINT64_C(1) << row;
    }
}

static const struct form_rule *
rule_of(const struct builder *builder, const struct form_item *item, enum form_rule_what what)
{
    for (uint32_t i = 0; i < item->rule_count; i++) {
        if (builder->rules[item->rule + i].what == what) {
            return &builder->rules[item->rule + i];
        }
    }
    return NULL;
}

static bool
bounds_cross(const struct builder *builder, const struct form_rule *least, const struct form_rule *most)
{
    const char *low = builder->pool.data + least->text.offset;
    const char *high = builder->pool.data + most->text.offset;
    switch ((enum form_kind)least->kind) {
    case FORM_KIND_DATE_TIME:
        return moment_compare(low, high) == VALUE_MORE;
    case FORM_KIND_TIME:
        return moment_compare_times(low, high) == VALUE_MORE;
    default:
        return least->kind == most->kind && number_compare(low, high) == VALUE_MORE &&
               least->unit.size == most->unit.size &&
               memcmp(builder->pool.data + least->unit.offset, builder->pool.data + most->unit.offset,
                      least->unit.size) == 0;
    }
}

/* No answer can be at least one thing and at most a smaller one. */
static void
check_contradictions(struct builder *builder, uint32_t index)
{
    const struct form_item *item = &builder->items[index];
    const struct form_rule *least = rule_of(builder, item, FORM_MIN_VALUE);
    const struct form_rule *most = rule_of(builder, item, FORM_MAX_VALUE);
    bool cross = !builder->pool.failed && least != NULL && most != NULL && bounds_cross(builder, least, most);
    least = rule_of(builder, item, FORM_MIN_OCCURS);
    most = rule_of(builder, item, FORM_MAX_OCCURS);
    cross = cross || (least != NULL && most != NULL && least->count > most->count);
    least = rule_of(builder, item, FORM_MIN_LENGTH);
    cross = cross || (least != NULL && item->max_length != 0 && least->count > item->max_length);
    if (cross) {
        builder_note(builder, FORM_ERROR, (struct spot){index, "extension", -1, NULL}, "contradiction",
                     "The least that is asked for is more than the most that is allowed.");
    }
}

void
rules_read(struct builder *builder, uint32_t item)
{
    struct form_item *self = &builder->items[item];
    struct extension_reading reading = {
        .builder = builder, .item = item, .spot = {item, "extension", -1, NULL}};
    self->rule = builder->rule_count;
    if (self->parent != FORM_NO_ITEM) {
        self->flags |= builder->items[self->parent].flags &
                       FORM_HIDDEN; /* who does not see a group sees nothing of it */
    }
    read_list(&reading, member_array(builder->json[item], "extension"), item_extensions,
              sizeof item_extensions / sizeof item_extensions[0]);
    check_contradictions(builder, item);
    if ((self->flags & FORM_REQUIRED) != 0 && (self->flags & FORM_HIDDEN) != 0) {
        builder_note(builder, FORM_WARNING, (struct spot){item, "required", -1, NULL}, "required-hidden",
                     "Patients do not see a hidden item: its answer is not demanded of them.");
    }
}

bool
rules_read_option(struct builder *builder, uint32_t item, int index, struct json_object *option)
{
    struct extension_reading reading = {
        .builder = builder, .item = item, .spot = {item, "answerOption", index, "extension"}};
    struct json_object *list = member_array(option, "extension");
    bool exclusive = false;
    read_list(&reading, list, option_extensions, sizeof option_extensions / sizeof option_extensions[0]);
    for (size_t i = 0; list != NULL && i < json_object_array_length(list); i++) {
        struct json_object *extension = json_object_array_get_idx(list, i);
        size_t size = 0;
        const char *url = member_string(extension, "url", &size);
        exclusive = exclusive || (url != NULL && strcmp(url, OPTION_EXCLUSIVE) == 0 &&
                                  member_true(extension, "valueBoolean"));
    }
    return exclusive;
}

void
rules_start(struct builder *builder)
{
    buf_init(&builder->patterns, PATTERNS_MAX);
}

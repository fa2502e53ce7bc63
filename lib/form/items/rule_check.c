/* An answer against the rules that its item's extensions make. */
#include "lib/form/items/answers.h"
#include "lib/form/value/moment.h"
#include "lib/form/value/number.h"

#include "lib/base/pattern.h"

#include <string.h>
#include <strings.h>

enum {
    CHEAP_STEPS = 2000,      /* of a regular expression, for the first try of any text */
    COSTLY_MATCHES_MAX = 10, /* texts of one response that may take more */
    CHEAP_PRICE = 200,       /* steps of expressions that a cheap match stands for, */
    WALKED_STEP = 1024       /* and bytes walked over that are one more */
};

static const struct value_fault wrong_pattern = {"pattern",
                                                 "This is not written in the form that is asked for."};
static const struct value_fault costly_pattern = {
    "pattern-too-costly", "This is too long or too complex to be checked; please shorten it."};
static const struct value_fault wrong_unit = {"unit-not-allowed", "Please use one of the units offered."};
static const struct value_fault other_unit = {
    "unit-not-allowed", "Please use the unit in which the limits of this answer are given."};
static const struct value_fault wrong_mime_type = {"mime-type", "Files of this kind cannot be given here."};
static const struct value_fault wrong_reference = {"reference-type",
                                                   "Records of this kind cannot be named here."};

static const struct value_fault *
say(struct arena *arena, const char *code, const char *text)
{
    struct value_fault *fault = arena_alloc(arena, sizeof *fault);
    *fault = (struct value_fault){code, text};
    return fault;
}

/* The number of a number or of a Quantity, or NULL. */
static const char *
number_of(enum form_kind kind, struct json_object *value, char room[NUMBER_WHOLE_SIZE])
{
    struct json_object *number = value;
    if (kind == FORM_KIND_QUANTITY && !json_object_object_get_ex(value, "value", &number)) {
        return NULL;
    }
    return kind == FORM_KIND_QUANTITY || kind == FORM_KIND_DECIMAL || kind == FORM_KIND_INTEGER
               ? number_text(number, room)
               : NULL;
}

/* What a regular expression is matched with: the value as it is written. NULL: it has no text. */
static const char *
text_of(enum form_kind kind, struct json_object *value, char room[NUMBER_WHOLE_SIZE])
{
    const unsigned texts =
        FORM_KIND_STRING | FORM_KIND_URI | FORM_KIND_DATE | FORM_KIND_DATE_TIME | FORM_KIND_TIME;
    if ((kind & texts) != 0) {
        return json_object_get_string(value);
    }
    return kind == FORM_KIND_QUANTITY ? NULL : number_of(kind, value, room);
}

static const struct value_fault *
check_bound(const struct form *form, const struct form_rule *rule, enum form_kind kind,
            struct json_object *value, struct arena *arena)
{
    char room[NUMBER_WHOLE_SIZE];
    const char *bound = form_pool(form, rule->text);
    const char *number = number_of(kind, value, room);
    bool least = rule->what == FORM_MIN_VALUE;
    enum value_order order = VALUE_UNKNOWN;
    if (rule->kind == FORM_KIND_QUANTITY && kind == FORM_KIND_QUANTITY &&
        !value_unit_is(value, form_pool(form, rule->unit), rule->unit.size)) {
        return &other_unit;
    }
    if (number != NULL && json_object_object_get_ex(value, "comparator", NULL)) {
        return NULL; /* "less than 5" may be anything below */
    }
    if (number != NULL) {
        order = number_compare(number, bound);
    } else if (kind == FORM_KIND_TIME) {
        order = moment_compare_times(json_object_get_string(value), bound);
    } else if ((kind & (FORM_KIND_DATE | FORM_KIND_DATE_TIME)) != 0) {
        order = moment_compare(json_object_get_string(value), bound);
    }
    if (order != (least ? VALUE_LESS : VALUE_MORE)) {
        return NULL;
    }
    return least ? say(arena, "min-value", arena_format(arena, "This must be %s or more.", bound))
                 : say(arena, "max-value", arena_format(arena, "This must be %s or less.", bound));
}

/* Nearly all texts are matched in a few steps; some may take long, but not all of a response. */
static enum pattern_result
match(struct answer_judge *judge, struct span pattern, struct span text)
{
    /* What a match took is not told: the clock is asked the oftener, the longer the texts are. */
    uint32_t steps = CHEAP_PRICE + (uint32_t)(text.size * CHEAP_STEPS / WALKED_STEP);
    enum pattern_result result =
        judge->watch->over ? PATTERN_TOO_COSTLY : pattern_match_within(pattern, text, CHEAP_STEPS);
    if (result == PATTERN_TOO_COSTLY && judge->costly < COSTLY_MATCHES_MAX && !judge->watch->over) {
        judge->costly++;
        steps = FHIRPATH_STEPS_UNWATCHED;
        result = pattern_match(pattern, text);
    }
    (void)fhirpath_watch_count(judge->watch, steps);
    return result;
}

static const struct value_fault *
check_pattern(struct answer_judge *judge, const struct form_rule *rule, enum form_kind kind,
              struct json_object *value)
{
    char room[NUMBER_WHOLE_SIZE];
    const char *text = text_of(kind, value, room);
    struct span pattern = {(const unsigned char *)judge->form + judge->form->patterns_at + rule->text.offset,
                           rule->text.size};
    if (text == NULL) {
        return NULL;
    }
    switch (match(judge, pattern, (struct span){(const unsigned char *)text, strlen(text)})) {
    case PATTERN_YES:
        return NULL;
    case PATTERN_NO:
        return &wrong_pattern;
    case PATTERN_TOO_COSTLY:
    case PATTERN_NO_MEMORY:
        break;
    }
    return &costly_pattern;
}

static const struct value_fault *
check_decimals(const struct form_rule *rule, enum form_kind kind, struct json_object *value,
               struct arena *arena)
{
    char room[NUMBER_WHOLE_SIZE];
    const char *number = number_of(kind, value, room);
    if (number == NULL || number_places(number) <= (int64_t)rule->count) {
        return NULL;
    }
    return rule->count == 0
               ? say(arena, "max-decimals", "This must be a whole number.")
               : say(arena, "max-decimals",
                     arena_format(arena, "This may have %u digits after the decimal point.", rule->count));
}

static const struct value_fault *
check_least_length(const struct form_rule *rule, enum form_kind kind, struct json_object *value,
                   struct arena *arena)
{
    return answer_length(kind, value) >= rule->count
               ? NULL
               : say(arena, "min-length",
                     arena_format(arena, "This must have %u characters or more.", rule->count));
}

/* The bytes of content given, else the size stated; -1: not said. */
static int64_t
attachment_size(struct json_object *value)
{
    struct json_object *size = NULL;
    size_t length = 0;
    const char *data = value_member(value, "data", &length);
    if (data != NULL) {
        return value_base64_size(data, length);
    }
    return json_object_object_get_ex(value, "size", &size) ? json_object_get_int64(size) : -1;
}

static const struct value_fault *
check_size(const struct form_rule *rule, struct json_object *value, struct arena *arena)
{
    return attachment_size(value) <= (int64_t)rule->count
               ? NULL
               : say(arena, "max-size",
                     arena_format(arena, "This file may have %u bytes at most.", rule->count));
}

/* Parameters after ";" do not count, and neither does case; an asterisk stands for all of one kind. */
static bool
is_mime_type(const char *given, const char *allowed)
{
    size_t size = strcspn(given, "; ");
    size_t wanted = strcspn(allowed, "; ");
    if (wanted >= 2 && memcmp(allowed + wanted - 2, "/*", 2) == 0) {
        return size >= wanted && strncasecmp(given, allowed, wanted - 1) == 0;
    }
    return size == wanted && strncasecmp(given, allowed, size) == 0;
}

enum form_file
form_takes_file(const struct form *form, const char *link_id, const char *content_type, int64_t size)
{
    uint32_t at = form_find(form, link_id, strlen(link_id));
    const struct form_item *item = at == FORM_NO_ITEM ? NULL : &form_items(form)[at];
    if (item == NULL || item->type != FORM_TYPE_ATTACHMENT || !form_is_asked(item)) {
        return FORM_FILE_NO_QUESTION;
    }
    bool typed = false;
    bool met = false;
    for (uint32_t i = 0; i < item->rule_count; i++) {
        const struct form_rule *rule = &form_rules(form)[item->rule + i];
        if (rule->what == FORM_MAX_SIZE && size > (int64_t)rule->count) {
            return FORM_FILE_TOO_LARGE;
        }
        if (rule->what == FORM_MIME_TYPE) {
            typed = true;
            met = met || is_mime_type(content_type, form_pool(form, rule->text));
        }
    }
    return typed && !met ? FORM_FILE_WRONG_TYPE : FORM_FILE_TAKEN;
}

/* The type that a Reference says, or that its address ends in: [base/]Type/id[/_history/version]. */
static bool
is_reference_to(struct json_object *reference, const char *type)
{
    size_t size = 0;
    size_t wanted = strlen(type);
    const char *said = value_member(reference, "type", &size);
    if (said != NULL) {
        const char *name = strrchr(said, '/');
        return strcmp(name == NULL ? said : name + 1, type) == 0;
    }
    const char *text = value_member(reference, "reference", &size);
    if (text == NULL || text[0] == '#' || strncmp(text, "urn:", strlen("urn:")) == 0) {
        return true; /* what it refers to cannot be told */
    }
    const char *history = strstr(text, "/_history/");
    const char *end = history == NULL ? text + size : history;
    const char *id = end;
    while (id > text && id[-1] != '/') {
        id--;
    }
    return (size_t)(id - text) >= wanted + 1 && memcmp(id - wanted - 1, type, wanted) == 0 &&
           ((size_t)(id - text) == wanted + 1 || id[-2 - (ptrdiff_t)wanted] == '/');
}

static bool
is_unit(const struct form *form, const struct form_rule *rule, struct json_object *value, struct arena *arena)
{
    size_t size = 0;
    if (rule->what == FORM_UNIT_SET) {
        const char *key = value_unit_key(value, arena, &size);
        return option_in_run(form_options(form) + rule->text.offset, rule->text.size,
                             (const char *)form + form->pool_at, key, size);
    }
    const char *name = value_member(value, "unit", &size);
    bool coded = json_object_object_get_ex(value, "code", NULL) != 0;
    return coded ? value_unit_is(value, form_pool(form, rule->text), rule->text.size)
                 : name != NULL && strcmp(name, form_pool(form, rule->unit)) == 0;
}

/* Of rules of which one must be met: whether the item has any, and whether one is. */
struct alternative {
    bool asked;
    bool met;
};

static void
consider(struct alternative *alternative, bool met)
{
    alternative->asked = true;
    alternative->met = alternative->met || met;
}

struct alternatives {
    struct alternative unit;
    struct alternative mime_type;
    struct alternative reference;
};

static const struct value_fault *
check_rule(struct answer_judge *judge, const struct form_rule *rule, enum form_kind kind,
           struct json_object *value, struct alternatives *any)
{
    const struct form *form = judge->form;
    struct arena *arena = judge->arena;
    size_t size = 0;
    const char *mime_type = NULL;
    switch ((enum form_rule_what)rule->what) {
    case FORM_MIN_VALUE:
    case FORM_MAX_VALUE:
        return check_bound(form, rule, kind, value, arena);
    case FORM_MIN_LENGTH:
        return check_least_length(rule, kind, value, arena);
    case FORM_PATTERN:
        return check_pattern(judge, rule, kind, value);
    case FORM_MAX_DECIMALS:
        return check_decimals(rule, kind, value, arena);
    case FORM_MAX_SIZE:
        return check_size(rule, value, arena);
    case FORM_MIME_TYPE:
        mime_type = value_member(value, "contentType", &size);
        consider(&any->mime_type, mime_type != NULL && is_mime_type(mime_type, form_pool(form, rule->text)));
        return NULL;
    case FORM_UNIT:
    case FORM_UNIT_SET:
        consider(&any->unit, is_unit(form, rule, value, arena));
        return NULL;
    case FORM_UNIT_OPEN: /* any unit, or one that is only written */
        any->unit.met = any->unit.met || rule->count != 0 || !json_object_object_get_ex(value, "code", NULL);
        return NULL;
    case FORM_REFERENCE_TYPE:
        consider(&any->reference, is_reference_to(value, form_pool(form, rule->text)));
        return NULL;
    case FORM_MIN_OCCURS:
    case FORM_MAX_OCCURS:
        break;
    }
    return NULL;
}

/* Notes a fault unless it is noted already: two rules may find the same. */
static size_t
add_fault(const struct value_fault *faults[ANSWER_FAULTS_MAX], size_t count, const struct value_fault *fault)
{
    for (size_t i = 0; i < count; i++) {
        if (faults[i] == fault) {
            return count;
        }
    }
    if (fault == NULL || count == ANSWER_FAULTS_MAX) {
        return count;
    }
    faults[count] = fault;
    return count + 1;
}

size_t
answer_rules_broken(struct answer_judge *judge, const struct form_item *item, enum form_kind kind,
                    struct json_object *value, const struct value_fault *faults[ANSWER_FAULTS_MAX],
                    size_t count)
{
    struct alternatives any = {.unit = {false, false}};
    const struct form_rule *rules = form_rules(judge->form) + item->rule;
    for (uint32_t i = 0; i < item->rule_count; i++) {
        count = add_fault(faults, count, check_rule(judge, &rules[i], kind, value, &any));
    }
    if (any.unit.asked && !any.unit.met) {
        count = add_fault(faults, count, &wrong_unit);
    }
    if (any.mime_type.asked && !any.mime_type.met) {
        count = add_fault(faults, count, &wrong_mime_type);
    }
    return any.reference.asked && !any.reference.met ? add_fault(faults, count, &wrong_reference) : count;
}

/*
 * Equality, equivalence and order of elements and collections (N1, 6.1 and 6.2). They are three different
 * relations:
 *
 * - equality (=) of values is exact; it is empty, neither true nor false, for moments whose precisions do not
 *   tell. Of two JSON trees, members count in any order and numbers by value;
 * - equivalence (~) is loose: case and blanks of texts do not count, numbers are rounded to the less precise
 *   one, order in collections does not count, and it is never empty;
 * - order (<, >) is of numbers, texts, moments and quantities; of other types it is a fault.
 *
 * Sets (distinct, union, intersect and others) find equal values by a hash, of which the rule is: equal
 * values have equal hashes. It is broken by whoever makes something equal here and not in equal_hash. A
 * string whose type nobody told is compared as a moment with a moment, and a number as a quantity with a
 * quantity. All work is charged by the bytes and members that are compared, before or while it is done; JSON
 * trees are walked as deep as their reader let them be.
 */
#include "lib/base/decimal.h"
#include "lib/fhirpath/model.h"
#include "lib/fhirpath/moment.h"
#include "lib/fhirpath/quantity.h"
#include "lib/fhirpath/run.h"

#include <json-c/json.h>
#include <limits.h>
#include <string.h>
#include <unicase.h>

#define HASH_START UINT64_C(14695981039346656037) /* FNV-1a */
#define HASH_PRIME UINT64_C(1099511628211)

enum {
    FOLDED_BYTES = 4, /* that are brought to one case in a step */
    SET_STEP = 4      /* elements for which a step makes room */
};

static bool
is_moment(enum fhirpath_type type)
{
    return type == FHIRPATH_DATE || type == FHIRPATH_DATE_TIME || type == FHIRPATH_TIME;
}

static bool
is_number(enum fhirpath_type type)
{
    return type == FHIRPATH_INTEGER || type == FHIRPATH_DECIMAL;
}

/*
 * Makes two system values alike: a string of a JSON element, whose type nobody told, that reads as the moment
 * that it is compared with becomes one; a number beside a quantity is one without unit.
 */
static void
make_alike(struct run *run, struct fhirpath_value *a, struct fhirpath_value *b, bool a_untold, bool b_untold)
{
    for (int turn = 0; turn < 2; turn++) {
        struct fhirpath_value *text = turn == 0 ? a : b;
        const struct fhirpath_value *other = turn == 0 ? b : a;
        bool untold = turn == 0 ? a_untold : b_untold;
        struct fhirpath_value converted;
        if (untold && text->type == FHIRPATH_STRING && is_moment((enum fhirpath_type)other->type) &&
            convert_value(run, *text, FHIRPATH_DATE_TIME, &converted)) {
            *text = converted;
        } else if (untold && text->type == FHIRPATH_STRING && other->type == FHIRPATH_TIME &&
                   convert_value(run, *text, FHIRPATH_TIME, &converted)) {
            *text = converted;
        } else if (is_number((enum fhirpath_type)text->type) && other->type == FHIRPATH_QUANTITY &&
                   convert_value(run, *text, FHIRPATH_QUANTITY, &converted)) {
            *text = converted;
        }
    }
}

/* Whether it is an element of which the model does not know the type. */
static bool
untold(struct fhirpath_value value)
{
    return value.type == FHIRPATH_NODE && value.as.node->type == MODEL_UNKNOWN;
}

/* Date and DateTime go together; the others stand alone. */
static bool
same_moments(struct fhirpath_value a, struct fhirpath_value b)
{
    return is_moment((enum fhirpath_type)a.type) && is_moment((enum fhirpath_type)b.type) &&
           (a.type == FHIRPATH_TIME) == (b.type == FHIRPATH_TIME);
}

/* JSON trees: numbers by value, members in any order. The reader has bounded their depth. */
static bool
equal_json(struct run *run, struct json_object *a, struct json_object *b)
{
    run_step(run, 1);
    if (a == b) {
        return true;
    }
    enum json_type type = json_object_get_type(a);
    if (type != json_object_get_type(b)) {
        return false;
    }
    if (type == json_type_array) {
        size_t count = json_object_array_length(a);
        bool same = count == json_object_array_length(b);
        for (size_t i = 0; same && i < count; i++) {
            same = equal_json(run, json_object_array_get_idx(a, i), json_object_array_get_idx(b, i));
        }
        return same;
    }
    if (type == json_type_object) {
        bool same = json_object_object_length(a) == json_object_object_length(b);
        for (struct lh_entry *member = json_object_get_object(a)->head; same && member != NULL;
             member = member->next) {
            struct json_object *other = NULL;
            run_bytes(run, strlen(member->k));
            same =
                json_object_object_get_ex(b, member->k, &other) && equal_json(run, lh_entry_v(member), other);
        }
        return same;
    }
    if (type == json_type_string) {
        run_compared(run, (size_t)json_object_get_string_len(a));
    }
    return json_object_equal(a, b) != 0;
}

static enum fhirpath_truth
truth_of(bool truth)
{
    return truth ? FHIRPATH_TRUE : FHIRPATH_FALSE;
}

/* Moments are equal, or not, as far as both are precise; empty when that does not tell. */
static enum fhirpath_truth
equal_moments(struct fhirpath_value a, struct fhirpath_value b)
{
    enum moment_order order = fhirpath_moment_compare(
        a.as.moment, b.as.moment, a.type == FHIRPATH_TIME ? FHIRPATH_TIME : FHIRPATH_DATE_TIME);
    return order == MOMENT_UNKNOWN ? FHIRPATH_EMPTY : truth_of(order == MOMENT_SAME);
}

static bool
same_text(struct fhirpath_value a, struct fhirpath_value b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.as.text, b.as.text, a.size) == 0);
}

/* Equality of two elements. Without a common type they are not equal; of quantities in other units it is not
 * known. */
enum fhirpath_truth
equal_values(struct run *run, struct fhirpath_value first, struct fhirpath_value second)
{
    struct fhirpath_value a = run_simple(run, first);
    struct fhirpath_value b = run_simple(run, second);
    struct decimal left;
    struct decimal right;
    make_alike(run, &a, &b, untold(first), untold(second));
    if (fhirpath_decimal_of(a, &left) && fhirpath_decimal_of(b, &right)) {
        return truth_of(decimal_compare(left, right) == 0);
    }
    if (same_moments(a, b)) {
        return equal_moments(a, b);
    }
    if (a.type != b.type) {
        return FHIRPATH_FALSE;
    }
    switch ((enum fhirpath_type)a.type) {
    case FHIRPATH_BOOLEAN:
        return truth_of(a.as.boolean == b.as.boolean);
    case FHIRPATH_STRING:
        run_compared(run, a.size);
        return truth_of(same_text(a, b));
    case FHIRPATH_QUANTITY: {
        run_quantities(run, a.as.quantity, b.as.quantity);
        enum quantity_order order = quantity_compare(a.as.quantity, b.as.quantity);
        return order == QUANTITY_OTHER_UNIT ? FHIRPATH_EMPTY : truth_of(order == QUANTITY_SAME);
    }
    case FHIRPATH_NODE:
        if (a.as.node->json == NULL && b.as.node->json == NULL) {
            return truth_of(equal_json(run, node_beside(run, a.as.node), node_beside(run, b.as.node)));
        }
        return truth_of(equal_json(run, a.as.node->json, b.as.node->json));
    case FHIRPATH_TYPE:
        run_compared(run, a.size);
        return truth_of(a.scale == b.scale && same_text(a, b));
    default:
        return FHIRPATH_FALSE;
    }
}

/* Equality of collections: as many elements, equal in their order. One false decides; else one unknown does. */
enum fhirpath_truth
equal_lists(struct run *run, struct fhirpath_list a, struct fhirpath_list b)
{
    enum fhirpath_truth truth = FHIRPATH_TRUE;
    if (a.count == 0 || b.count == 0) {
        return FHIRPATH_EMPTY;
    }
    if (a.count != b.count) {
        return FHIRPATH_FALSE;
    }
    for (size_t i = 0; i < a.count && truth != FHIRPATH_FALSE; i++) {
        run_step(run, 1);
        enum fhirpath_truth one = equal_values(run, a.values[i], b.values[i]);
        truth = one == FHIRPATH_TRUE ? truth : one;
    }
    return truth;
}

/* Without case, and with every run of blanks as one. */
static bool
equivalent_texts(struct run *run, struct fhirpath_value a, struct fhirpath_value b)
{
    struct fhirpath_value *texts[] = {&a, &b};
    run_step(run, 1 + (a.size + b.size) / FOLDED_BYTES);
    for (int t = 0; t < 2; t++) {
        char *plain = run_alloc(run, texts[t]->size + 1);
        uint32_t size = 0;
        for (uint32_t i = 0; i < texts[t]->size; i++) {
            char byte = texts[t]->as.text[i];
            bool blank = byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
            if (!blank) {
                plain[size++] = byte;
            } else if (size > 0 && plain[size - 1] != ' ') {
                plain[size++] = ' ';
            }
        }
        texts[t]->as.text = plain;
        texts[t]->size = size > 0 && plain[size - 1] == ' ' ? size - 1 : size;
    }
    int order = 1;
    return u8_casecmp((const uint8_t *)a.as.text, a.size, (const uint8_t *)b.as.text, b.size, NULL, NULL,
                      &order) == 0 &&
           order == 0;
}

/* Rounded to the decimals of the less precise one, zeros at the end aside: 1.1 ~ 1.12. */
static bool
equivalent_numbers(struct decimal a, struct decimal b)
{
    a = decimal_plain(a);
    b = decimal_plain(b);
    unsigned scale = a.scale < b.scale ? a.scale : b.scale;
    return decimal_compare(decimal_round(a, scale, DECIMAL_HALF_AWAY),
                           decimal_round(b, scale, DECIMAL_HALF_AWAY)) == 0;
}

/* Elements with members: those members are equivalent, but for their order. */
static bool
equivalent_nodes(struct run *run, struct fhirpath_value a, struct fhirpath_value b)
{
    struct json_object *left = a.as.node->json;
    struct json_object *right = b.as.node->json;
    if (!json_object_is_type(left, json_type_object) || !json_object_is_type(right, json_type_object)) {
        return left == NULL && right == NULL &&
               equal_json(run, node_beside(run, a.as.node), node_beside(run, b.as.node));
    }
    if (left == right) {
        return true;
    }
    if (json_object_object_length(left) != json_object_object_length(right)) {
        return false;
    }
    for (struct lh_entry *member = json_object_get_object(left)->head; member != NULL;
         member = member->next) {
        struct fhirpath_list mine = node_member(run, (struct fhirpath_list){&a, 1}, member->k, false);
        struct fhirpath_list others = node_member(run, (struct fhirpath_list){&b, 1}, member->k, false);
        if (!equivalent_lists(run, mine, others)) {
            return false;
        }
    }
    return true;
}

bool
equivalent_values(struct run *run, struct fhirpath_value first, struct fhirpath_value second)
{
    struct fhirpath_value a = run_simple(run, first);
    struct fhirpath_value b = run_simple(run, second);
    struct decimal left;
    struct decimal right;
    make_alike(run, &a, &b, untold(first), untold(second));
    if (fhirpath_decimal_of(a, &left) && fhirpath_decimal_of(b, &right)) {
        return equivalent_numbers(left, right);
    }
    if (same_moments(a, b)) {
        return equal_moments(a, b) == FHIRPATH_TRUE;
    }
    if (a.type != b.type) {
        return false;
    }
    if (a.type == FHIRPATH_STRING) {
        return equivalent_texts(run, a, b);
    }
    if (a.type == FHIRPATH_QUANTITY) {
        run_quantities(run, a.as.quantity, b.as.quantity);
        return quantity_equivalent(a.as.quantity, b.as.quantity);
    }
    if (a.type == FHIRPATH_NODE) {
        return equivalent_nodes(run, a, b);
    }
    return equal_values(run, a, b) == FHIRPATH_TRUE;
}

/*
 * Equivalence of collections: each element has one of its own in the other, in any order. Elements have no
 * hash for this, so it may look at each pair; the steps that it charges bound that. Most lists are in one
 * order, which is tried first.
 */
bool
equivalent_lists(struct run *run, struct fhirpath_list a, struct fhirpath_list b)
{
    if (a.count != b.count) {
        return false;
    }
    bool *used = run_alloc(run, a.count + 1);
    for (size_t i = 0; i < a.count; i++) {
        run_step(run, 1);
        bool found = !used[i] && equivalent_values(run, a.values[i], b.values[i]); /* mostly in one order */
        used[i] = used[i] || found;
        for (size_t j = 0; !found && j < b.count; j++) {
            run_step(run, 1);
            if (!used[j] && equivalent_values(run, a.values[i], b.values[j])) {
                found = true;
                used[j] = true;
            }
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

int
compare_values(struct run *run, struct fhirpath_value first, struct fhirpath_value second)
{
    struct fhirpath_value a = run_simple(run, first);
    struct fhirpath_value b = run_simple(run, second);
    struct decimal left;
    struct decimal right;
    make_alike(run, &a, &b, untold(first), untold(second));
    if (fhirpath_decimal_of(a, &left) && fhirpath_decimal_of(b, &right)) {
        return decimal_compare(left, right);
    }
    if (a.type == FHIRPATH_STRING && b.type == FHIRPATH_STRING) {
        size_t shared = a.size < b.size ? a.size : b.size;
        run_compared(run, shared);
        int order =
            shared == 0 ? 0 : memcmp(a.as.text, b.as.text, shared); /* UTF-8 keeps code points' order */
        return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
    }
    if (same_moments(a, b)) {
        static const int orders[] = {
            [MOMENT_BEFORE] = -1, [MOMENT_SAME] = 0, [MOMENT_AFTER] = 1, [MOMENT_UNKNOWN] = INT_MIN};
        return orders[fhirpath_moment_compare(a.as.moment, b.as.moment,
                                              a.type == FHIRPATH_TIME ? FHIRPATH_TIME : FHIRPATH_DATE_TIME)];
    }
    if (a.type == FHIRPATH_QUANTITY && b.type == FHIRPATH_QUANTITY) {
        static const int orders[] = {
            [QUANTITY_LESS] = -1, [QUANTITY_SAME] = 0, [QUANTITY_MORE] = 1, [QUANTITY_OTHER_UNIT] = INT_MIN};
        run_quantities(run, a.as.quantity, b.as.quantity);
        return orders[quantity_compare(a.as.quantity, b.as.quantity)];
    }
    run_fail(run, FHIRPATH_WRONG_TYPE, "%.60s and %.60s have no order", fhirpath_type_name(a),
             fhirpath_type_name(b));
}

/* ---- Sets ---- */

/* Of a few bytes: of texts see hash_text. */
static uint64_t
hash_bytes(uint64_t hash, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ bytes[i]) * HASH_PRIME;
    }
    return hash;
}

static uint64_t
hash_text(struct run *run, uint64_t hash, const char *text, size_t size)
{
    run_bytes(run, size);
    return hash_bytes(hash, text, size);
}

static uint64_t
hash_decimal(struct decimal decimal)
{
    decimal = decimal_plain(decimal);
    return hash_bytes(HASH_START + decimal.scale, &decimal.coefficient, sizeof decimal.coefficient);
}

/* Members in any order: their hashes are added. Numbers count by their size only, whatever their digits. */
static uint64_t
hash_json(struct run *run, struct json_object *json)
{
    uint64_t hash = HASH_START;
    run_step(run, 1);
    switch (json_object_get_type(json)) {
    case json_type_object:
        for (struct lh_entry *member = json_object_get_object(json)->head; member != NULL;
             member = member->next) {
            hash += hash_text(run, hash_json(run, lh_entry_v(member)), member->k, strlen(member->k));
        }
        return hash;
    case json_type_array:
        for (size_t i = 0; i < json_object_array_length(json); i++) {
            uint64_t element = hash_json(run, json_object_array_get_idx(json, i));
            hash = hash_bytes(hash, &element, sizeof element);
        }
        return hash;
    case json_type_string:
        return hash_text(run, hash, json_object_get_string(json), (size_t)json_object_get_string_len(json));
    case json_type_double: {
        double number = json_object_get_double(json);
        return hash_bytes(hash, &number, sizeof number);
    }
    case json_type_int: {
        int64_t number = json_object_get_int64(json);
        return hash_bytes(hash, &number, sizeof number);
    }
    default:
        return hash + (uint64_t)json_object_get_boolean(json);
    }
}

/* Offsets move days, hours and minutes: only what is left counts where there is one. */
static uint64_t
hash_moment(struct moment moment)
{
    uint32_t parts[] = {moment.precision, moment.second, moment.microsecond, 0, 0, 0, 0};
    if (moment.offset == MOMENT_NO_OFFSET || moment.precision < MOMENT_HOUR) {
        parts[3] = (uint32_t)moment.year;
        parts[4] = moment.month;
        parts[5] = moment.day;
        parts[6] = moment.hour * 60U + moment.minute;
    }
    return hash_bytes(HASH_START, parts, sizeof parts);
}

uint64_t
equal_hash(struct run *run, struct fhirpath_value value)
{
    struct decimal decimal;
    run_step(run, 1);
    value = run_simple(run, value);
    switch ((enum fhirpath_type)value.type) {
    case FHIRPATH_INTEGER:
    case FHIRPATH_DECIMAL:
        (void)fhirpath_decimal_of(value, &decimal);
        return hash_decimal(decimal);
    case FHIRPATH_STRING:
    case FHIRPATH_TYPE:
        return hash_text(run, HASH_START, value.as.text, value.size);
    case FHIRPATH_NODE:
        return value.as.node->json == NULL ? 0 : hash_json(run, value.as.node->json);
    case FHIRPATH_DATE:
    case FHIRPATH_DATE_TIME:
    case FHIRPATH_TIME:
        return hash_moment(value.as.moment);
    default:
        return value.type;
    }
}

void
value_set_start(struct value_set *set, struct run *run, size_t most)
{
    size_t slots = 8;
    run_step(run, most / SET_STEP);
    while (slots < 2 * most) {
        slots *= 2;
    }
    *set = (struct value_set){.run = run, .mask = slots - 1};
    set->slots = run_alloc(run, slots * sizeof *set->slots);
    set->hashes = run_alloc(run, (most + 1) * sizeof *set->hashes);
    set->values = run_alloc(run, (most + 1) * sizeof *set->values);
}

/* The slot of an equal value, or the free one where it would be. */
static size_t
find_slot(struct value_set *set, struct fhirpath_value value, uint64_t hash)
{
    size_t slot = (size_t)(hash ^ (hash >> 32)) & set->mask;
    while (set->slots[slot] != 0) {
        uint32_t index = set->slots[slot] - 1;
        run_step(set->run, 1);
        if (set->hashes[index] == hash &&
            equal_values(set->run, set->values[index], value) == FHIRPATH_TRUE) {
            break;
        }
        slot = (slot + 1) & set->mask;
    }
    return slot;
}

bool
value_set_has(struct value_set *set, struct fhirpath_value value)
{
    return set->slots[find_slot(set, value, equal_hash(set->run, value))] != 0;
}

bool
value_set_add(struct value_set *set, struct fhirpath_value value)
{
    uint64_t hash = equal_hash(set->run, value);
    size_t slot = find_slot(set, value, hash);
    if (set->slots[slot] != 0) {
        return true;
    }
    set->hashes[set->count] = hash;
    set->values[set->count] = value;
    set->count++;
    set->slots[slot] = (uint32_t)set->count;
    return false;
}

/* What operations read of their operands: the only element, of the type that is asked for. */
#include "lib/fhirpath/run.h"

#include <json-c/json.h>

bool
run_single(struct run *run, struct fhirpath_list list, struct fhirpath_value *value)
{
    if (list.count > 1) {
        run_fail(run, FHIRPATH_NOT_SINGLE, "one element is expected, there are %zu", list.count);
    }
    if (list.count == 0) {
        return false;
    }
    *value = run_simple(run, list.values[0]);
    return true;
}

bool
run_single_text(struct run *run, struct fhirpath_list list, struct span *text)
{
    struct fhirpath_value value;
    if (!run_single(run, list, &value)) {
        return false;
    }
    if (value.type == FHIRPATH_NODE && value.as.node->json == NULL) {
        return false; /* a primitive without a value */
    }
    if (value.type != FHIRPATH_STRING) { /* dates and the like of JSON are strings there */
        struct fhirpath_value own = list.values[0];
        if (own.type != FHIRPATH_NODE || !json_object_is_type(own.as.node->json, json_type_string)) {
            run_fail(run, FHIRPATH_WRONG_TYPE, "a String is expected, not a %.60s",
                     fhirpath_type_name(value));
        }
        *text = (struct span){(const unsigned char *)json_object_get_string(own.as.node->json),
                              (size_t)json_object_get_string_len(own.as.node->json)};
        return true;
    }
    *text = (struct span){(const unsigned char *)value.as.text, value.size};
    return true;
}

bool
run_single_integer(struct run *run, struct fhirpath_list list, int64_t *integer)
{
    struct fhirpath_value value;
    if (!run_single(run, list, &value)) {
        return false;
    }
    if (value.type != FHIRPATH_INTEGER) {
        run_fail(run, FHIRPATH_WRONG_TYPE, "an Integer is expected, not a %.60s", fhirpath_type_name(value));
    }
    *integer = value.as.integer;
    return true;
}

bool
run_single_decimal(struct run *run, struct fhirpath_list list, struct decimal *decimal)
{
    struct fhirpath_value value;
    if (!run_single(run, list, &value)) {
        return false;
    }
    if (!fhirpath_decimal_of(value, decimal)) {
        run_fail(run, FHIRPATH_WRONG_TYPE, "a number is expected, not a %.60s", fhirpath_type_name(value));
    }
    return true;
}

enum fhirpath_truth
run_truth(struct run *run, struct fhirpath_list list)
{
    enum fhirpath_truth truth = fhirpath_truth(list);
    if (truth == FHIRPATH_NO_TRUTH) {
        run_fail(run, FHIRPATH_NOT_SINGLE, "a condition is one element, there are %zu", list.count);
    }
    return truth;
}

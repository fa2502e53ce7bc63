#include "lib/form/outcome.h"

#include <string.h>

static const char *const severities[] = {
    [FORM_ERROR] = "error", [FORM_WARNING] = "warning", [FORM_INFORMATION] = "information"};

/* Codes that start alike are of one type: the first row that fits counts. */
static const struct {
    const char *start;
    const char *type;
} types[] = {
    {"que-", "invariant"},
    {"dom-", "invariant"},
    {"constraint", "invariant"},
    {"required", "required"},
    {"missing-", "required"},
    {"min-occurs", "required"},
    {"no-code", "required"},
    {"unknown-item", "not-found"},
    {"unknown-type", "code-invalid"},
    {"unknown-element", "structure"},
    {"enable-when-question", "not-found"},
    {"enable-when-cycle", "business-rule"},
    {"value-set-cycle", "business-rule"},
    {"value-set-", "not-found"},
    {"duplicate-", "duplicate"},
    {"modifier-extension", "extension"},
    {"extension-", "extension"},
    {"invalid-extension", "extension"},
    {"contradiction", "invariant"},
    {"qty-", "invariant"},
    {"att-", "invariant"},
    {"pattern-too-costly", "too-costly"},
    {"item-order", "structure"},
    {"item-type-not-supported", "not-supported"},
    {"too-many-answers", "business-rule"},
    {"max-occurs", "business-rule"},
    {"exclusive-option", "business-rule"},
    {"read-only", "business-rule"},
    {"disabled-", "informational"},
    {"calculated-", "informational"},
    {"all-fine", "informational"},
    {"not-an-option", "code-invalid"},
    {"initial-not-an-option", "code-invalid"},
    {"initial-selected", "business-rule"},
    {"invalid-code", "code-invalid"},
    {"unit-not-allowed", "code-invalid"},
    {"not-a-", "structure"},
    {"wrong-", "structure"},
    {"empty", "structure"},
    {"one-value", "structure"},
    {"group-with-answer", "structure"},
    {"display-with-answer", "structure"},
    {"too-", "too-costly"},
    {"link-id-too-long", "too-long"},
    {"no-memory", "exception"},
    {"invalid-", "value"},
    {"min-", "value"},
    {"max-", "value"},
    {"pattern", "value"},
    {"out-of-range", "value"},
    {"mime-type", "value"},
    {"reference-type", "value"},
};

const char *
form_issue_type(const char *code, enum form_severity severity)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strncmp(code, types[i].start, strlen(types[i].start)) == 0) {
            return types[i].type;
        }
    }
    return severity == FORM_INFORMATION ? "informational" : "invalid";
}

/* Item paths never start with "/": linkIds have it encoded. */
static bool
is_pointer(const char *path)
{
    return path[0] == '/';
}

static void
write_path(struct json_out *out, const char *path)
{
    json_array_key(out, "extension");
    json_begin_object(out);
    json_text(out, "url", is_pointer(path) ? FORM_OUTCOME_POINTER : FORM_OUTCOME_ITEM_PATH);
    json_text(out, "valueString", path);
    json_end_object(out);
    json_end_array(out);
}

static void
write_issue(struct json_out *out, const struct form_issue *issue)
{
    bool has_path = issue->path != NULL && issue->path[0] != '\0';
    json_begin_object(out);
    if (has_path) {
        write_path(out, issue->path);
    }
    json_text(out, "severity", severities[issue->severity]);
    json_text(out, "code", form_issue_type(issue->code, issue->severity));
    json_object_key(out, "details");
    json_array_key(out, "coding");
    json_begin_object(out);
    json_text(out, "system", FORM_OUTCOME_SYSTEM);
    json_text(out, "code", issue->code);
    json_end_object(out);
    json_end_array(out);
    json_text(out, "text", issue->text);
    json_end_object(out);
    if (has_path) {
        json_text(out, "diagnostics", issue->path);
    }
    if (issue->expression != NULL && issue->expression[0] != '\0') {
        json_array_key(out, "expression");
        json_value_text(out, issue->expression);
        json_end_array(out);
    }
    json_end_object(out);
}

void
form_outcome(const struct form_issues *issues, struct json_out *out)
{
    size_t errors = 0;
    json_begin_object(out);
    json_text(out, "resourceType", "OperationOutcome");
    json_array_key(out, "issue");
    for (size_t i = 0; i < issues->count; i++) {
        write_issue(out, &issues->items[i]);
        errors += issues->items[i].severity == FORM_ERROR;
    }
    if (issues->dropped != 0) {
        struct form_issue more = {errors < issues->errors ? FORM_ERROR : FORM_WARNING, "more-issues", "", "",
                                  "There are more findings than are listed here."};
        write_issue(out, &more);
    } else if (issues->count == 0) {
        struct form_issue fine = {FORM_INFORMATION, "all-fine", "", "", "Nothing is wrong."};
        write_issue(out, &fine);
    }
    json_end_array(out);
    json_end_object(out);
}

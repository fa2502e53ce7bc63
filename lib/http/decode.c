#include "lib/http/decode.h"

#include "lib/base/email.h"
#include "lib/base/json_read.h"
#include "lib/base/utf8.h"
#include "lib/http/decode_query.h"
#include "lib/http/media_type.h"

#include <json-c/json.h>
#include <string.h>
#include <strings.h>

enum { INTEGER_DIGITS_MAX = 19, EMPTY_BODY_MAX = 64 };

/* One request being decoded. */
struct decoding {
    struct request *rq;
    const struct api_operation *op;
    char *in; /* the input structure */
    bool precondition_missing;
    bool path_wrong;
};

/* The texts that the interpreter lends are copied; beyond the limit they are only counted. */
static void
note(void *context, const char *pointer, const char *code, const char *detail)
{
    struct request *rq = context;
    if (rq->error_count >= REQUEST_ERRORS_MAX) {
        rq->error_count++;
        return;
    }
    request_error(rq, arena_text(rq->arena, pointer), arena_text(rq->arena, code),
                  arena_text(rq->arena, detail));
}

static void
set_text(struct decoding *decoding, const struct api_field *field, const char *text)
{
    memcpy(decoding->in + field->offset, &text, sizeof text);
}

/* The format of a node, or of what it refers to. */
static enum schema_format
format_of(int node)
{
    while (node != SCHEMA_NONE && api_schema.nodes[node].format == FORMAT_NONE) {
        node = api_schema.nodes[node].ref;
    }
    return node == SCHEMA_NONE ? FORMAT_NONE : api_schema.nodes[node].format;
}

/* A text that the schema has accepted. E-mail addresses reach every handler in the one form in which they are
 * kept. */
static void
set_accepted(struct decoding *decoding, const struct api_field *field, const char *text)
{
    char kept[EMAIL_SIZE];
    if (text != NULL && format_of(field->schema) == FORMAT_IDN_EMAIL &&
        email_read(text, strlen(text), kept)) {
        text = arena_text(decoding->rq->arena, kept);
    }
    set_text(decoding, field, text);
}

static void
set_integer(struct decoding *decoding, const struct api_field *field, int64_t value)
{
    if (field->type == API_BOOLEAN) {
        bool truth = value != 0;
        memcpy(decoding->in + field->offset, &truth, sizeof truth);
    } else {
        memcpy(decoding->in + field->offset, &value, sizeof value);
    }
}

static void
set_has(struct decoding *decoding, const struct api_field *field)
{
    bool has = true;
    memcpy(decoding->in + field->has_offset, &has, sizeof has);
}

static void
set_default(struct decoding *decoding, const struct api_field *field)
{
    if (field->type == API_TEXT) {
        set_text(decoding, field, field->default_text);
    } else if (field->type == API_INTEGER || field->type == API_BOOLEAN) {
        set_integer(decoding, field, field->default_integer);
    }
}

/* A whole number in its one spelling: no plus sign, no leading zeros, no -0. */
static bool
integer_of_text(const char *text, int64_t *value)
{
    bool negative = *text == '-';
    const char *digits = text + (negative ? 1 : 0);
    size_t size = strspn(digits, "0123456789");
    if (size == 0 || size > INTEGER_DIGITS_MAX || digits[size] != '\0' || (digits[0] == '0' && size > 1) ||
        (negative && digits[0] == '0')) {
        return false;
    }
    int64_t total = 0;
    for (size_t i = 0; i < size; i++) {
        /* Counted downwards: the least number has no positive twin. */
        if (__builtin_mul_overflow(total, 10, &total) ||
            __builtin_sub_overflow(total, digits[i] - '0', &total)) {
            return false;
        }
    }
    if (!negative && total == INT64_MIN) {
        return false;
    }
    *value = negative ? total : -total;
    return true;
}

/* A value that came as text: path, query, header. False when it does not fit; reported unless it is a path's.
 */
static bool
take_text(struct decoding *decoding, const struct api_field *field, const char *text)
{
    struct request *rq = decoding->rq;
    schema_report_fn *report = field->source == FROM_PATH ? NULL : note;
    struct schema_scalar scalar = {.type = SCHEMA_STRING, .text = text, .size = strlen(text)};
    int64_t value = 0;
    if (field->type == API_INTEGER && integer_of_text(text, &value)) {
        scalar = (struct schema_scalar){.type = SCHEMA_INTEGER, .integer = value, .number = (double)value};
    } else if (field->type == API_BOOLEAN && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)) {
        value = text[0] == 't';
        scalar = (struct schema_scalar){.type = SCHEMA_BOOLEAN, .integer = value};
    }
    if (!schema_check_scalar(&api_schema, field->schema, &scalar, field->pointer, report, rq)) {
        return false;
    }
    if (field->type == API_TEXT) {
        set_accepted(decoding, field, text);
    } else {
        set_integer(decoding, field, value);
    }
    set_has(decoding, field);
    return true;
}

static void
take_path(struct decoding *decoding, const struct api_field *field)
{
    const char *text = decoding->rq->path_values[field->path_index];
    if (text == NULL || !take_text(decoding, field, text)) {
        decoding->path_wrong = true;
    }
}

/* Given more than once, it is one list (RFC 9110 section 5.3). What the request is for is rq->if_match. */
static void
take_revision(struct decoding *decoding, const struct api_field *field)
{
    struct request *rq = decoding->rq;
    const char *all = NULL;
    for (size_t i = 0; i < rq->header_count; i++) {
        if (strcmp(rq->headers[i].name, field->wire_name) == 0) {
            const char *value = rq->headers[i].value;
            all = all == NULL ? value : arena_format(rq->arena, "%s, %s", all, value);
        }
    }
    if (!if_match_read(all, &rq->if_match)) {
        request_error(rq, field->pointer, "format", "must be * or a list of entity tags, e.g. \"3\"");
        return;
    }
    set_integer(decoding, field, if_match_guess(&rq->if_match));
    set_has(decoding, field);
}

static void
take_header(struct decoding *decoding, const struct api_field *field)
{
    struct request *rq = decoding->rq;
    const char *value = NULL;
    size_t count = 0;
    for (size_t i = 0; i < rq->header_count; i++) {
        if (strcmp(rq->headers[i].name, field->wire_name) == 0) {
            value = rq->headers[i].value;
            count++;
        }
    }
    if (count == 0) {
        set_default(decoding, field);
        if (field->required && field->type == API_REVISION) {
            decoding->precondition_missing = true;
        } else if (field->required) {
            request_error(rq, field->pointer, "required", "is required");
        }
        return;
    }
    if (field->type == API_REVISION) {
        take_revision(decoding, field);
    } else if (count > 1) {
        request_error(rq, field->pointer, "duplicate", "is given more than once");
    } else if (!utf8_valid(value, strlen(value))) {
        request_error(rq, field->pointer, "encoding", "must be UTF-8");
    } else {
        (void)take_text(decoding, field, value);
    }
}

static void
take_query(struct decoding *decoding)
{
    struct request *rq = decoding->rq;
    struct query_pair pairs[QUERY_PAIRS_MAX];
    size_t count = query_split(rq, pairs);
    for (size_t i = 0; i < decoding->op->field_count; i++) {
        const struct api_field *field = &decoding->op->fields[i];
        if (field->source != FROM_QUERY) {
            continue;
        }
        struct query_pair *pair = query_take(pairs, count, field->wire_name);
        if (pair != NULL) {
            (void)take_text(decoding, field, pair->value);
            continue;
        }
        set_default(decoding, field);
        if (field->required) {
            request_error(rq, field->pointer, "required", "is required");
        }
    }
    query_report_rest(rq, pairs, count);
}

/* A member of the body; the schema has accepted it. */
static void
take_value(struct decoding *decoding, const struct api_field *field, struct json_object *value)
{
    double number = 0;
    switch (field->type) {
    case API_TEXT:
        set_accepted(decoding, field, value == NULL ? NULL : json_object_get_string(value));
        break;
    case API_NUMBER:
        number = json_object_get_double(value);
        memcpy(decoding->in + field->offset, &number, sizeof number);
        break;
    case API_JSON:
        memcpy(decoding->in + field->offset, &value, sizeof value);
        break;
    case API_INTEGER: /* 3.0 is whole too: json-c converts it; the schema has bounded it */
    case API_BOOLEAN:
    case API_REVISION:
        set_integer(decoding, field, json_object_get_int64(value));
        break;
    }
    set_has(decoding, field);
}

static void
take_members(struct decoding *decoding, struct json_object *body)
{
    for (size_t i = 0; i < decoding->op->field_count; i++) {
        const struct api_field *field = &decoding->op->fields[i];
        struct json_object *value = NULL;
        if (field->source == FROM_WHOLE_BODY) {
            take_value(decoding, field, body);
        } else if (field->source == FROM_BODY) {
            if (json_object_object_get_ex(body, field->wire_name, &value)) {
                take_value(decoding, field, value);
            } else {
                set_default(decoding, field);
            }
        }
    }
}

static enum problem
take_body(struct decoding *decoding)
{
    struct request *rq = decoding->rq;
    const struct api_operation *op = decoding->op;
    if (rq->body.size == 0) {
        take_members(decoding, NULL);
        if (op->body_required) {
            request_error(rq, "", "required", "the body is required");
        }
        return PROBLEM_NONE;
    }
    struct json_fault fault;
    struct json_object *body = json_read(rq->arena, rq->body, &fault);
    if (fault.code == JSON_NO_MEMORY) {
        return PROBLEM_OVERLOADED;
    }
    if (fault.code != JSON_FINE) {
        rq->error_count = 0;
        request_error(rq, "", json_fault_name(fault.code),
                      arena_format(rq->arena, "%s (line %zu, byte %zu)", json_fault_text(fault.code),
                                   fault.line, fault.column));
        return PROBLEM_MALFORMED_JSON;
    }
    schema_drop_nulls(&api_schema, op->body_schema, body);
    if (schema_check(&api_schema, op->body_schema, body, note, rq)) {
        take_members(decoding, body);
    }
    return PROBLEM_NONE;
}

/* Many clients send `{}` where there is nothing to say. */
static bool
is_empty_body(const struct request *rq)
{
    struct json_fault fault;
    if (rq->body.size > EMPTY_BODY_MAX) {
        return false;
    }
    struct json_object *body = rq->body.size == 0 ? NULL : json_read(rq->arena, rq->body, &fault);
    return rq->body.size == 0 || (fault.code == JSON_FINE && json_object_is_type(body, json_type_object) &&
                                  json_object_object_length(body) == 0);
}

/* RFC 9110 section 8.4. */
static bool
is_encoded(const struct request *rq)
{
    const char *coding = request_header(rq, "content-encoding");
    return coding != NULL && *coding != '\0' && strcasecmp(coding, "identity") != 0;
}

enum problem
decode_check_body(const struct request *rq, const struct api_operation *op)
{
    if (!op->has_body || rq->body.size == 0) {
        return PROBLEM_NONE;
    }
    if (rq->body.size > op->body_limit) {
        return PROBLEM_TOO_LARGE;
    }
    if (is_encoded(rq)) {
        return PROBLEM_CONTENT_CODING;
    }
    return media_type_is_json(request_header(rq, "content-type")) ? PROBLEM_NONE
                                                                  : PROBLEM_UNSUPPORTED_MEDIA_TYPE;
}

enum problem
decode_input(struct request *rq, const struct api_operation *op, void **in)
{
    struct decoding decoding = {rq, op, arena_alloc(rq->arena, op->input_size), false, false};
    *in = NULL;
    enum problem problem = decode_check_body(rq, op);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    for (size_t i = 0; i < op->field_count; i++) {
        if (op->fields[i].source == FROM_PATH) {
            take_path(&decoding, &op->fields[i]);
        } else if (op->fields[i].source == FROM_HEADER) {
            take_header(&decoding, &op->fields[i]);
        }
    }
    if (decoding.path_wrong) {
        rq->error_count = 0;
        return PROBLEM_NOT_FOUND;
    }
    take_query(&decoding);
    if (op->has_body) {
        problem = take_body(&decoding);
        if (problem != PROBLEM_NONE) {
            return problem;
        }
    } else if (!is_empty_body(rq)) {
        request_error(rq, "", "unknown", "this operation takes no body");
    }
    if (rq->error_count > 0) {
        return PROBLEM_INVALID_REQUEST;
    }
    if (decoding.precondition_missing) {
        return PROBLEM_PRECONDITION_REQUIRED;
    }
    *in = decoding.in;
    return PROBLEM_NONE;
}

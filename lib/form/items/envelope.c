#include "lib/form/items/envelope.h"

#include "lib/form/issues.h"
#include "lib/form/value/moment.h"

#include <string.h>

enum { ID_MAX = 64 };

/* The elements of R4 QuestionnaireResponse (4.0.1) by JSON type. */
static const struct {
    const char *name;
    enum json_type type;
} elements[] = {
    {"resourceType", json_type_string},  {"id", json_type_string},       {"meta", json_type_object},
    {"implicitRules", json_type_string}, {"language", json_type_string}, {"text", json_type_object},
    {"contained", json_type_array},      {"extension", json_type_array}, {"identifier", json_type_object},
    {"basedOn", json_type_array},        {"partOf", json_type_array},    {"questionnaire", json_type_string},
    {"status", json_type_string},        {"subject", json_type_object},  {"encounter", json_type_object},
    {"authored", json_type_string},      {"author", json_type_object},   {"source", json_type_object},
    {"item", json_type_array},
};

static const char *const statuses[] = {"in-progress", "completed", "amended", "entered-in-error", "stopped"};

static void
note(struct form_issues *issues, enum form_severity severity, const char *member, const char *code,
     const char *text)
{
    bool known = member != NULL &&
                 strspn(member, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(member);
    const char *expression =
        known ? arena_format(issues->arena, "QuestionnaireResponse.%s", member) : "QuestionnaireResponse";
    issues_add(issues, severity, code, "", expression, text);
}

static const char *
text_of(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    bool found =
        json_object_object_get_ex(object, name, &value) && json_object_is_type(value, json_type_string);
    return found ? json_object_get_string(value) : NULL;
}

static bool
is_empty(struct json_object *value)
{
    switch (json_object_get_type(value)) {
    case json_type_null:
        return true;
    case json_type_string:
        return json_object_get_string_len(value) == 0;
    case json_type_array:
        return json_object_array_length(value) == 0;
    case json_type_object:
        return json_object_object_length(value) == 0;
    default:
        return false;
    }
}

/* `_status` holds extensions of the primitive `status`. */
static void
check_member(struct form_issues *issues, const char *name, struct json_object *value)
{
    bool twin = name[0] == '_';
    const char *plain = twin ? name + 1 : name;
    size_t i = 0;
    size_t count = sizeof elements / sizeof elements[0];
    while (i < count && strcmp(elements[i].name, plain) != 0) {
        i++;
    }
    if (strcmp(name, "modifierExtension") == 0) {
        note(issues, FORM_ERROR, name, "modifier-extension",
             "A modifier extension changes the meaning in a way that is not known here.");
    } else if (strcmp(name, "implicitRules") == 0) {
        note(issues, FORM_ERROR, name, "modifier-element",
             "Implicit rules change the meaning in a way that is not known here.");
    } else if (i == count || (twin && elements[i].type != json_type_string)) {
        note(issues, FORM_ERROR, name, "unknown-element", "FHIR R4 has no such element here.");
    } else if (is_empty(value)) {
        note(issues, FORM_ERROR, name, "empty-element",
             "An element must not be null or empty: leave it out.");
    } else if (!json_object_is_type(value, twin ? json_type_object : elements[i].type)) {
        note(issues, FORM_ERROR, name, "wrong-type", "This element has another JSON type in FHIR R4.");
    }
}

static void
check_status(struct form_issues *issues, struct json_object *response)
{
    struct json_object *value = NULL;
    const char *status = text_of(response, "status");
    size_t i = 0;
    if (!json_object_object_get_ex(response, "status", &value)) {
        note(issues, FORM_ERROR, "status", "missing-element", "A response must have a status.");
        return;
    }
    while (status != NULL && i < sizeof statuses / sizeof statuses[0] && strcmp(statuses[i], status) != 0) {
        i++;
    }
    if (i == sizeof statuses / sizeof statuses[0]) {
        note(issues, FORM_ERROR, "status", "invalid-code",
             "The status is in-progress, completed, amended, entered-in-error or stopped.");
    }
}

/* R4: 1 to 64 letters, digits, "-" and ".". */
static void
check_id(struct form_issues *issues, struct json_object *response)
{
    const char *id = text_of(response, "id");
    if (id == NULL || id[0] == '\0') {
        return;
    }
    size_t good = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.");
    if (good > ID_MAX || id[good] != '\0') {
        note(issues, FORM_ERROR, "id", "invalid-id",
             "An id has at most 64 letters, digits, hyphens and full stops.");
    }
}

static void
check_authored(struct form_issues *issues, struct json_object *response)
{
    const char *authored = text_of(response, "authored");
    if (authored != NULL && authored[0] != '\0' && !moment_is_date_time(authored, strlen(authored))) {
        note(issues, FORM_ERROR, "authored", "invalid-date-time",
             "A dateTime looks like 2024-02-29T12:30:00Z, or is a date.");
    }
}

/* A canonical is url, or url|version; the examples of FHIR also write Questionnaire/ID. */
static bool
names(const char *canonical, struct json_object *questionnaire)
{
    static const char local[] = "Questionnaire/";
    const char *url = text_of(questionnaire, "url");
    const char *id = text_of(questionnaire, "id");
    const char *version = text_of(questionnaire, "version");
    size_t size = strcspn(canonical, "|");
    if (id != NULL && strncmp(canonical, local, sizeof local - 1) == 0) {
        return strcmp(canonical + sizeof local - 1, id) == 0;
    }
    if (id != NULL && canonical[0] == '#') {
        return strcmp(canonical + 1, id) == 0;
    }
    if (url != NULL && (strlen(url) != size || strncmp(url, canonical, size) != 0)) {
        return false;
    }
    return version == NULL || canonical[size] == '\0' || strcmp(canonical + size + 1, version) == 0;
}

bool
form_check_envelope(struct json_object *response, struct json_object *questionnaire,
                    struct form_issues *issues)
{
    size_t errors = issues->errors;
    const char *type = text_of(response, "resourceType");
    if (type == NULL || strcmp(type, "QuestionnaireResponse") != 0) {
        note(issues, FORM_ERROR, "resourceType", "not-a-response",
             "The resourceType must be QuestionnaireResponse.");
        return false;
    }
    json_object_object_foreach(response, name, value)
    {
        check_member(issues, name, value);
    }
    check_status(issues, response);
    check_id(issues, response);
    check_authored(issues, response);
    const char *canonical = text_of(response, "questionnaire");
    if (canonical != NULL && questionnaire != NULL && !names(canonical, questionnaire)) {
        note(issues, FORM_WARNING, "questionnaire", "other-questionnaire",
             "This response names another questionnaire, or another version, than it is judged by.");
    }
    return issues->errors == errors;
}

enum form_mode
form_mode_of(struct json_object *response)
{
    const char *status = text_of(response, "status");
    bool done = status != NULL && (strcmp(status, "completed") == 0 || strcmp(status, "amended") == 0);
    return done ? FORM_SUBMIT : FORM_DRAFT;
}

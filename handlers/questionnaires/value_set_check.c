#include "handlers/questionnaires/value_set_check.h"

#include "handlers/questionnaires/forms.h"
#include "lib/base/display.h"

#include <string.h>

enum { URL_MAX = 1024, VERSION_MAX = 255, SET_TITLE_MAX = 500 };

static struct json_object *
member(struct json_object *object, const char *name, json_type type)
{
    struct json_object *value = NULL;
    if (!json_object_is_type(object, json_type_object) || !json_object_object_get_ex(object, name, &value)) {
        return NULL;
    }
    return json_object_is_type(value, type) ? value : NULL;
}

/* A text of at most `max` bytes, or NULL when it is absent; what it is otherwise is noted. */
static const char *
text_member(struct request *rq, struct json_object *resource, const char *name, int max)
{
    struct json_object *value = NULL;
    if (!json_object_object_get_ex(resource, name, &value)) {
        return NULL;
    }
    int size = json_object_get_string_len(value);
    if (!json_object_is_type(value, json_type_string) || size < 1 || size > max) {
        request_error(rq, arena_format(rq->arena, "/resource/%s", name), "wrong-type",
                      arena_format(rq->arena, "must be text of 1 to %d bytes", max));
        return NULL;
    }
    return arena_text(rq->arena, json_object_get_string(value));
}

/* The same for what lists show on one line. */
static const char *
title_member(struct request *rq, struct json_object *resource, const char *name)
{
    const char *text = text_member(rq, resource, name, SET_TITLE_MAX);
    if (text != NULL && !display_is_text(text, strlen(text))) {
        request_error(
            rq, arena_format(rq->arena, "/resource/%s", name), "format",
            "must be on one line, without control characters and signs that turn the direction of writing");
    }
    return text;
}

/* Something after a scheme (RFC 3986 section 3.1), without "|" and "#", which part url, version and fragment.
 */
static bool
is_canonical(const char *url)
{
    size_t scheme = strspn(url, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");
    return scheme > 1 && url[scheme] == ':' && url[scheme + 1] != '\0' && strpbrk(url, "|# \t\r\n") == NULL &&
           display_is_text(url, strlen(url)); /* a set without a title is shown by it */
}

static size_t
length_of(struct json_object *array)
{
    return array == NULL ? 0 : json_object_array_length(array);
}

/* Every entry of the list is an object with a code. */
static bool
all_have_codes(struct json_object *list)
{
    for (size_t i = 0; i < length_of(list); i++) {
        struct json_object *code = member(json_object_array_get_idx(list, i), "code", json_type_string);
        if (code == NULL || json_object_get_string_len(code) == 0) {
            return false;
        }
    }
    return length_of(list) != 0;
}

static bool
composes(struct request *rq, struct json_object *resource)
{
    struct json_object *include =
        member(member(resource, "compose", json_type_object), "include", json_type_array);
    bool listed = length_of(include) != 0;
    for (size_t i = 0; i < length_of(include); i++) {
        struct json_object *entry = json_object_array_get_idx(include, i);
        bool concepts = all_have_codes(member(entry, "concept", json_type_array));
        bool named = member(entry, "concept", json_type_array) == NULL &&
                     length_of(member(entry, "valueSet", json_type_array)) != 0;
        bool filtered =
            json_object_is_type(entry, json_type_object) && json_object_object_get_ex(entry, "filter", NULL);
        if (filtered || (!concepts && !named)) {
            request_error(rq, arena_format(rq->arena, "/resource/compose/include/%zu", i), "codes-not-listed",
                          "must list its concepts, or name other value sets");
            listed = false;
        }
    }
    return listed;
}

static void
check_codes(struct request *rq, struct json_object *resource)
{
    struct json_object *contains =
        member(member(resource, "expansion", json_type_object), "contains", json_type_array);
    if (length_of(contains) != 0 || composes(rq, resource) || rq->error_count != 0) {
        return;
    }
    request_error(rq, "/resource", "codes-not-listed",
                  "must list its codes, in an expansion or in compose.include");
}

enum problem
value_set_check(struct request *rq, struct json_object *resource, struct checked_value_set *checked)
{
    checked->url = text_member(rq, resource, "url", URL_MAX);
    checked->version = text_member(rq, resource, "version", VERSION_MAX);
    const char *title = title_member(rq, resource, "title");
    const char *name = title_member(rq, resource, "name");
    if (checked->url == NULL && rq->error_count == 0) {
        request_error(rq, "/resource/url", "required", "must be given: it is what questionnaires refer to");
    }
    if (checked->url != NULL && !is_canonical(checked->url)) {
        request_error(rq, "/resource/url", "format", "must be an absolute URI without | and #");
    }
    if (checked->version != NULL && strpbrk(checked->version, "| \t\r\n") != NULL) {
        request_error(rq, "/resource/version", "format", "must not contain | or spaces");
    }
    check_codes(rq, resource);
    if (rq->error_count != 0) {
        return PROBLEM_INVALID_VALUE_SET;
    }
    size_t fits = checked->url == NULL ? 0 : forms_whole_characters(checked->url, SET_TITLE_MAX);
    checked->title = title != NULL  ? title
                     : name != NULL ? name
                                    : arena_format(rq->arena, "%.*s", (int)fits, checked->url);
    const char *text = json_object_to_json_string_ext(resource, FORMS_JSON_FLAGS);
    checked->text = arena_text(rq->arena, text);
    return checked->text == NULL ? PROBLEM_OVERLOADED : PROBLEM_NONE;
}

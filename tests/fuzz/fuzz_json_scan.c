/*
 * libFuzzer: what the strict reader accepts, json-c parses to the same tree; what json-c cannot parse, it
 * refuses.
 */
#include "tests/fuzz/fuzz.h"

#include "lib/base/json_read.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

enum { TOKENER_DEPTH = 64 };

static struct json_object *
parse(const unsigned char *data, size_t size, enum json_tokener_error *error)
{
    struct json_tokener *tokener = json_tokener_new_ex(TOKENER_DEPTH);
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    struct json_object *tree = json_tokener_parse_ex(tokener, text, (int)size + 1);
    *error = json_tokener_get_error(tokener);
    free(text);
    json_tokener_free(tokener);
    return tree;
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct arena *arena = arena_create(FUZZ_ARENA_MAX, NULL, NULL);
    struct json_fault fault;
    struct json_object *tree = json_read(arena, (struct span){data, size}, &fault);
    if (fault.code == JSON_FINE) {
        enum json_tokener_error error;
        struct json_object *other = parse(data, size, &error);
        if (error != json_tokener_success) {
            abort();
        }
        /* json-c 0.16 reads some good surrogate pairs, such as U+1DE00's, as U+FFFD. */
        bool pairs = memmem(data, size, "\\uD", 3) != NULL || memmem(data, size, "\\ud", 3) != NULL;
        if (!pairs && strcmp(json_object_to_json_string(tree), json_object_to_json_string(other)) != 0) {
            abort();
        }
        (void)json_object_put(other);
    } else if (fault.offset > size || fault.line == 0 || json_fault_text(fault.code)[0] == '\0') {
        abort();
    }
    arena_destroy(arena);
    return 0;
}

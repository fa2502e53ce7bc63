#include "cli/forms/document.h"

#include "cli/command.h"
#include "lib/base/json_own.h"
#include "lib/base/json_read.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { READ_STEP = 64 * 1024 };

static void
arena_is_full(void *context)
{
    (void)context;
    (void)fprintf(stderr, "This needs more than %d MiB of memory: it is too large to be read.\n",
                  DOCUMENT_ARENA_MAX / 1024 / 1024);
    exit(EXIT_USAGE);
}

struct arena *
document_arena(void)
{
    return arena_create(DOCUMENT_ARENA_MAX, arena_is_full, NULL);
}

/* Everything up to the end, or `max` + 1 bytes; the caller frees. Size 0 may come with NULL. */
static bool
read_all(FILE *file, size_t max, unsigned char **data, size_t *size)
{
    size_t room = 0;
    *data = NULL;
    *size = 0;
    while (*size <= max) {
        if (*size == room) {
            room = room == 0 ? READ_STEP : room * 2;
            unsigned char *more = realloc(*data, room);
            if (more == NULL) {
                errno = ENOMEM;
                return false;
            }
            *data = more;
        }
        size_t got = fread(*data + *size, 1, room - *size, file);
        *size += got;
        if (got == 0) {
            return ferror(file) == 0;
        }
    }
    return true;
}

static bool
load(const char *path, const char *name, unsigned char **data, size_t *size)
{
    bool standard_input = strcmp(path, "-") == 0;
    FILE *file = standard_input ? stdin : fopen(path, "rbe");
    *data = NULL;
    bool good = file != NULL && read_all(file, DOCUMENT_MAX, data, size);
    int reason = errno;
    if (file != NULL && !standard_input) {
        (void)fclose(file);
    }
    if (!good) {
        (void)fprintf(stderr, "%s: %s\n", name, strerror(reason));
    } else if (*size > DOCUMENT_MAX) {
        (void)fprintf(stderr, "%s: has more than %d MiB\n", name, DOCUMENT_MAX / 1024 / 1024);
        good = false;
    }
    return good;
}

struct json_object *
document_read(struct arena *arena, const char *path, unsigned depth, struct span *text)
{
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    unsigned char *data = NULL;
    size_t size = 0;
    struct json_object *json = NULL;
    if (load(path, name, &data, &size)) {
        struct json_fault fault;
        json = json_read_deep(arena, (struct span){data, size}, depth, &fault);
        if (fault.code == JSON_TOO_DEEP) {
            (void)fprintf(stderr, "%s:%zu:%zu: is nested more than %u levels deep (%s)\n", name, fault.line,
                          fault.column, depth, json_fault_name(fault.code));
        } else if (fault.code != JSON_FINE) {
            (void)fprintf(stderr, "%s:%zu:%zu: %s (%s)\n", name, fault.line, fault.column,
                          json_fault_text(fault.code), json_fault_name(fault.code));
        } else if (!json_object_is_type(json, json_type_object)) {
            (void)fprintf(stderr, "%s: is no JSON object\n", name);
            json = NULL;
        }
    }
    if (json != NULL && text != NULL) {
        *text = (struct span){(unsigned char *)arena_copy(arena, data, size), size};
    }
    free(data);
    return json;
}

static bool
is_resource(struct json_object *json, const char *type)
{
    struct json_object *value = NULL;
    return json_object_object_get_ex(json, "resourceType", &value) &&
           json_object_is_type(value, json_type_string) && strcmp(json_object_get_string(value), type) == 0;
}

static bool
add(struct json_object *sets, struct json_object *resource)
{
    return !is_resource(resource, "ValueSet") || json_object_array_add(sets, json_object_get(resource)) == 0;
}

static bool
add_document(struct json_object *sets, struct json_object *document)
{
    struct json_object *entries = NULL;
    bool good = add(sets, document);
    if (is_resource(document, "Bundle") && json_object_object_get_ex(document, "entry", &entries) &&
        json_object_is_type(entries, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(entries); i++) {
            struct json_object *resource = NULL;
            if (json_object_object_get_ex(json_object_array_get_idx(entries, i), "resource", &resource)) {
                good = good && add(sets, resource);
            }
        }
    }
    return good;
}

static int
is_json(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);
    return entry->d_name[0] != '.' && size > 5 && strcmp(entry->d_name + size - 5, ".json") == 0;
}

static bool
add_files(struct arena *arena, const char *directory, struct dirent **entries, int count,
          struct json_object *sets)
{
    size_t total = 0;
    if (count > DOCUMENT_FILES_MAX) {
        (void)fprintf(stderr, "%s: has more than %d files\n", directory, DOCUMENT_FILES_MAX);
        return false;
    }
    for (int i = 0; i < count; i++) {
        const char *path = arena_format(arena, "%s/%s", directory, entries[i]->d_name);
        struct stat facts;
        total += stat(path, &facts) == 0 && facts.st_size > 0 ? (size_t)facts.st_size : 0;
        if (total > DOCUMENT_DIR_MAX) {
            (void)fprintf(stderr, "%s: its files have more than %d MiB\n", directory,
                          DOCUMENT_DIR_MAX / 1024 / 1024);
            return false;
        }
        struct json_object *document = document_read(arena, path, JSON_DEEP_MAX, NULL);
        if (document == NULL) {
            return false;
        }
        if (!add_document(sets, document)) {
            (void)fprintf(stderr, "out of memory\n");
            return false;
        }
    }
    return true;
}

struct json_object *
document_value_sets(struct arena *arena, const char *directory)
{
    struct dirent **entries = NULL;
    struct json_object *sets = json_own(arena, json_object_new_array());
    int count = scandir(directory, &entries, is_json, alphasort);
    bool good = sets != NULL && count >= 0;
    if (!good) {
        (void)fprintf(stderr, "%s: %s\n", directory, strerror(errno));
    }
    good = good && add_files(arena, directory, entries, count, sets);
    for (int i = 0; i < count; i++) {
        free(entries[i]);
    }
    free(entries);
    return good ? sets : NULL;
}

bool
document_print(const char *json, bool one_line)
{
    struct json_object *tree = one_line ? NULL : json_tokener_parse(json);
    const char *text =
        tree == NULL
            ? json
            : json_object_to_json_string_ext(tree, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
    bool good = text != NULL && printf("%s\n", text) > 0 && fflush(stdout) == 0;
    json_object_put(tree);
    return good;
}

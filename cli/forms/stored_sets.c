#include "cli/forms/stored_sets.h"

#include "cli/database.h"
#include "lib/base/json_own.h"
#include "lib/base/json_read.h"
#include "lib/form/form.h"

#include <stdio.h>
#include <string.h>

/* As many, and as large, as the API freezes with a version. */
enum { SETS_MAX = 200, SETS_BYTES_MAX = 4 * 1024 * 1024 };

struct search {
    PGconn *connection;
    struct arena *arena;
    const char *practice_id;
    const char *names[SETS_MAX]; /* asked for, in this order */
    size_t name_count;
    const char *ids[SETS_MAX]; /* found */
    size_t id_count;
    size_t bytes;
    struct json_object *sets;
};

static bool
too_many(void)
{
    (void)fprintf(stderr, "The questionnaire uses more than %d stored value sets, or over %d MiB of them.\n",
                  SETS_MAX, SETS_BYTES_MAX / 1024 / 1024);
    return false;
}

static bool
is_among(const char *text, const char *const *list, size_t count)
{
    size_t i = 0;
    while (i < count && strcmp(list[i], text) != 0) {
        i++;
    }
    return i < count;
}

/* Notes the names that a resource refers to and that were not asked for yet. */
static bool
ask_for(struct search *search, struct json_object *resource)
{
    size_t count = 0;
    const char *const *names = form_value_sets_used(resource, search->arena, &count);
    for (size_t i = 0; i < count; i++) {
        if (is_among(names[i], search->names, search->name_count)) {
            continue;
        }
        if (search->name_count == SETS_MAX) {
            return too_many();
        }
        search->names[search->name_count++] = names[i];
    }
    return true;
}

static bool
add(struct search *search, const char *id, const char *resource)
{
    struct json_fault fault;
    size_t size = strlen(resource);
    if (is_among(id, search->ids, search->id_count)) {
        return true; /* url and url|version may mean one set */
    }
    search->bytes += size;
    if (search->id_count == SETS_MAX || search->bytes > SETS_BYTES_MAX) {
        return too_many();
    }
    search->ids[search->id_count++] = id;
    struct json_object *json =
        json_read(search->arena, (struct span){(const unsigned char *)resource, size}, &fault);
    if (json == NULL || json_object_array_add(search->sets, json_object_get(json)) != 0) {
        (void)fprintf(stderr, "The stored value set %s cannot be read.\n", id);
        return false;
    }
    return ask_for(search, json);
}

/* Without a version, the one stored last is meant. */
static bool
find(struct search *search, const char *canonical)
{
    PGresult *rows =
        database_ask(search->connection, search->arena, &sql_value_set,
                     &(struct sql_value_set_in){.practice_id = search->practice_id, .canonical = canonical});
    return rows != NULL &&
           (PQntuples(rows) == 0 || add(search, PQgetvalue(rows, 0, 0), PQgetvalue(rows, 0, 1)));
}

struct json_object *
stored_sets(PGconn *connection, struct arena *arena, const char *practice_id,
            struct json_object *questionnaire)
{
    struct search search = {.connection = connection, .arena = arena, .practice_id = practice_id};
    search.sets = json_own(arena, json_object_new_array());
    bool good = search.sets != NULL && ask_for(&search, questionnaire);
    for (size_t i = 0; good && i < search.name_count; i++) {
        good = find(&search, search.names[i]);
    }
    return good ? search.sets : NULL;
}

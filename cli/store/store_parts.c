#include "cli/store/store_parts.h"

#include "cli/database.h"
#include "lib/store/object_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 600, ID_AT = sizeof "incoming/" - 1 };

#define LOWEST "00000000-0000-0000-0000-000000000000"

/* Where one of the listings is. */
struct parts {
    struct store_check *check;
    unsigned parts;       /* of the upload */
    char last[PATH_SIZE]; /* the directory that was compared */
    bool failed;
};

/* What is in an upload's directory is its parts. */
static bool
take_part(void *context, const struct store_entry *entry)
{
    struct parts *parts = context;
    char upload[UUID_TEXT_SIZE];
    unsigned number = 0;
    bool is_part = object_name_read_part(entry->name, upload, &number) && number <= parts->parts &&
                   entry->what == STORE_FILE;
    parts->failed = !is_part && store_is_there(parts->check, entry->name) &&
                    !store_found(parts->check, STORE_STRANGE, entry->name, NULL);
    return !parts->failed;
}

/* Of an upload that is looked at every part is there, unless it is decided by now. */
static bool
compare_upload(struct store_check *check, const char *id, unsigned count, bool scanning)
{
    char name[OBJECT_NAME_SIZE];
    char path[PATH_SIZE];
    struct parts parts = {.check = check, .parts = count};
    (void)snprintf(path, sizeof path, "incoming/%s/", id);
    bool good = store_each(check, path, false, take_part, &parts) && !parts.failed;
    check->uploads++;
    for (unsigned number = 1; good && scanning && number <= count; number++) {
        if (object_name_part(id, number, name) && !store_is_there(check, name)) {
            int64_t still = database_count(check->connection, &sql_store_upload_open,
                                           &(struct sql_store_upload_open_in){.id = id, .scanning = true});
            good = still >= 0 && (still == 0 || store_found(check, STORE_PART_MISSING, name, id));
        }
    }
    return good;
}

static bool
compare_uploads(struct store_check *check)
{
    char last[UUID_TEXT_SIZE] = LOWEST;
    bool good = true;
    int count = STORE_ROWS;
    while (good && count == STORE_ROWS) {
        PGresult *page = database_query(check->connection, &sql_store_uploads,
                                        &(struct sql_store_uploads_in){.after = last, .most = STORE_ROWS});
        good = page != NULL;
        count = good ? PQntuples(page) : 0;
        for (int row = 0; good && row < count; row++) {
            (void)snprintf(last, sizeof last, "%s", PQgetvalue(page, row, 0));
            good = compare_upload(check, last, (unsigned)strtoul(PQgetvalue(page, row, 1), NULL, 10),
                                  strcmp(PQgetvalue(page, row, 2), "t") == 0);
        }
        PQclear(page);
    }
    return good;
}

/* A directory of an upload that needs no parts, or of none: it may wait for its removal, or be too young. */
static bool
compare_directory(struct store_check *check, const char *path, const struct store_entry *entry)
{
    char name[OBJECT_NAME_SIZE];
    const char *id = path + ID_AT;
    bool is_directory = entry->what == STORE_DIRECTORY || strcmp(path, entry->name) != 0;
    if (!store_is_there(check, entry->name)) {
        return true;
    }
    if (!object_name_parts(id, name) || strcmp(path, name) != 0 || !is_directory) {
        return store_found(check, STORE_STRANGE, path, NULL);
    }
    int64_t open = database_count(check->connection, &sql_store_upload_open,
                                  &(struct sql_store_upload_open_in){.id = id, .scanning = false});
    int64_t leaving =
        database_count(check->connection, &sql_store_leaving, &(struct sql_store_leaving_in){.name = name});
    return open >= 0 && leaving >= 0 &&
           (open + leaving > 0 || !store_is_old(entry) || store_found(check, STORE_PART_UNKNOWN, name, id));
}

/* The first of each directory stands for it: the directory itself, or a part where there are none. */
static bool
take_directory(void *context, const struct store_entry *entry)
{
    struct parts *parts = context;
    char path[PATH_SIZE];
    size_t size = ID_AT + strcspn(entry->name + ID_AT, "/");
    (void)snprintf(path, sizeof path, "%.*s", (int)size, entry->name);
    if (strcmp(path, parts->last) == 0) {
        return true;
    }
    (void)snprintf(parts->last, sizeof parts->last, "%s", path);
    parts->failed = !compare_directory(parts->check, path, entry);
    return !parts->failed;
}

bool
store_compare_parts(struct store_check *check)
{
    struct parts parts = {.check = check};
    return store_each(check, "incoming/", true, take_directory, &parts) && !parts.failed &&
           compare_uploads(check);
}

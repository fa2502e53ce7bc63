#include "cli/store/store_parts.h"

#include "cli/database.h"
#include "cli/store/store_listing.h"
#include "lib/store/object_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 600 };

#define LOWEST "00000000-0000-0000-0000-000000000000"

/* What is in an upload's directory is its parts. */
static bool
compare_names(struct store_check *check, const char *id, unsigned parts)
{
    char path[PATH_SIZE];
    char upload[UUID_TEXT_SIZE];
    unsigned number = 0;
    struct stat status;
    struct store_listing files = {.entries = NULL};
    (void)snprintf(path, sizeof path, "incoming/%s", id);
    bool good = store_listing_read(check->top, path, false, &files);
    for (size_t i = 0; good && i < files.count; i++) {
        (void)snprintf(path, sizeof path, "incoming/%s/%s", id, store_listing_name(&files, i));
        bool is_part = object_name_read_part(path, upload, &number) && number <= parts;
        good = (is_part && store_look(check->top, path, &status) && S_ISREG(status.st_mode)) ||
               !store_look(check->top, path, &status) || store_found(check, STORE_STRANGE, path, NULL);
    }
    store_listing_free(&files);
    return good;
}

/* Of an upload that is looked at every part is there, unless it is decided by now. */
static bool
compare_upload(struct store_check *check, const char *id, unsigned parts, bool scanning)
{
    char name[OBJECT_NAME_SIZE];
    struct stat status;
    bool good = compare_names(check, id, parts);
    check->uploads++;
    for (unsigned number = 1; good && scanning && number <= parts; number++) {
        if (object_name_part(id, number, name) && !store_look(check->top, name, &status)) {
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
compare_directory(struct store_check *check, const char *id)
{
    char path[PATH_SIZE];
    char name[OBJECT_NAME_SIZE];
    struct stat status;
    (void)snprintf(path, sizeof path, "incoming/%s", id);
    if (!store_look(check->top, path, &status)) {
        return true;
    }
    if (!object_name_parts(id, name) || strcmp(path, name) != 0 || !S_ISDIR(status.st_mode)) {
        return store_found(check, STORE_STRANGE, path, NULL);
    }
    int64_t open = database_count(check->connection, &sql_store_upload_open,
                                  &(struct sql_store_upload_open_in){.id = id, .scanning = false});
    int64_t leaving =
        database_count(check->connection, &sql_store_leaving, &(struct sql_store_leaving_in){.name = name});
    return open >= 0 && leaving >= 0 &&
           (open + leaving > 0 || !store_is_old(&status) || store_found(check, STORE_PART_UNKNOWN, name, id));
}

bool
store_compare_parts(struct store_check *check)
{
    struct store_listing directories;
    bool good = store_listing_read(check->top, "incoming", true, &directories);
    for (size_t i = 0; good && i < directories.count; i++) {
        good = compare_directory(check, store_listing_name(&directories, i));
    }
    store_listing_free(&directories);
    return good && compare_uploads(check);
}

#include "cli/store/store_objects.h"

#include "cli/database.h"
#include "cli/store/store_listing.h"
#include "lib/crypto/stream.h"
#include "lib/store/object_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 600 };

/* The rows of the database, a page at a time. */
struct rows {
    PGconn *connection;
    PGresult *page;
    int at;
    char last[OBJECT_NAME_SIZE];
};

/* The present row's name; NULL after the last one. *failed is set when a page cannot be read. */
static const char *
present(struct rows *rows, bool *failed)
{
    if (rows->page != NULL && rows->at < PQntuples(rows->page)) {
        return PQgetvalue(rows->page, rows->at, 0);
    }
    if (rows->page != NULL && PQntuples(rows->page) < STORE_ROWS) {
        return NULL;
    }
    PQclear(rows->page);
    rows->page = database_query(rows->connection, &sql_store_objects,
                                &(struct sql_store_objects_in){.after = rows->last, .most = STORE_ROWS});
    rows->at = 0;
    *failed = *failed || rows->page == NULL;
    return rows->page == NULL || PQntuples(rows->page) == 0 ? NULL : PQgetvalue(rows->page, 0, 0);
}

static void
advance(struct rows *rows)
{
    (void)snprintf(rows->last, sizeof rows->last, "%s", PQgetvalue(rows->page, rows->at, 0));
    rows->at++;
}

/* The present row has no file. It may have lost its row since, or found its file. */
static bool
missing(struct store_check *check, struct rows *rows)
{
    struct stat status;
    const char *name = PQgetvalue(rows->page, rows->at, 0);
    int64_t there = database_count(check->connection, &sql_store_object_there,
                                   &(struct sql_store_object_there_in){.name = name});
    bool still = there > 0 && !store_look(check->top, name, &status);
    return there >= 0 &&
           (!still || store_found(check, STORE_OBJECT_MISSING, name, PQgetvalue(rows->page, rows->at, 1)));
}

static bool
compare_size(struct store_check *check, struct rows *rows, const struct stat *status)
{
    uint64_t plain = strtoull(PQgetvalue(rows->page, rows->at, 3), NULL, 10);
    check->objects++;
    return (S_ISREG(status->st_mode) && (uint64_t)status->st_size == stream_sealed_size(plain)) ||
           store_found(check, STORE_SIZE_DIFFERS, PQgetvalue(rows->page, rows->at, 0),
                       PQgetvalue(rows->page, rows->at, 1));
}

/* A file that no row names: it may have one by now, wait for its removal, or be too young. */
static bool
unknown(struct store_check *check, const char *name, const struct stat *status)
{
    if (!object_name_is_sealed(name) || !S_ISREG(status->st_mode)) {
        return store_found(check, STORE_STRANGE, name, NULL);
    }
    if (!store_is_old(status)) {
        return true;
    }
    int64_t leaving =
        database_count(check->connection, &sql_store_leaving, &(struct sql_store_leaving_in){.name = name});
    int64_t there = database_count(check->connection, &sql_store_object_there,
                                   &(struct sql_store_object_there_in){.name = name});
    return leaving >= 0 && there >= 0 &&
           (leaving + there > 0 || store_found(check, STORE_OBJECT_UNKNOWN, name, NULL));
}

/* Goes on in the rows to the file's name. */
static bool
compare(struct store_check *check, struct rows *rows, const char *name)
{
    bool failed = false;
    struct stat status;
    const char *row = present(rows, &failed);
    while (!failed && row != NULL && strcmp(row, name) < 0) {
        failed = !missing(check, rows);
        advance(rows);
        row = present(rows, &failed);
    }
    if (failed || !store_look(check->top, name, &status)) {
        return !failed; /* it was removed meanwhile, and its row may have been */
    }
    if (row == NULL || strcmp(row, name) != 0) {
        return unknown(check, name, &status);
    }
    bool good = compare_size(check, rows, &status);
    advance(rows);
    return good;
}

static bool
compare_directory(struct store_check *check, struct rows *rows, const char *name)
{
    char path[PATH_SIZE];
    struct stat status;
    struct store_listing files = {.entries = NULL};
    (void)snprintf(path, sizeof path, "sealed/%s", name);
    if (store_look(check->top, path, &status) && !S_ISDIR(status.st_mode)) {
        return store_found(check, STORE_STRANGE, path, NULL);
    }
    bool good = store_listing_read(check->top, path, false, &files);
    for (size_t i = 0; good && i < files.count; i++) {
        (void)snprintf(path, sizeof path, "sealed/%s/%s", name, store_listing_name(&files, i));
        good = compare(check, rows, path);
    }
    store_listing_free(&files);
    return good;
}

bool
store_compare_objects(struct store_check *check)
{
    struct rows rows = {.connection = check->connection};
    struct store_listing directories;
    bool good = store_listing_read(check->top, "sealed", true, &directories);
    for (size_t i = 0; good && i < directories.count; i++) {
        good = compare_directory(check, &rows, store_listing_name(&directories, i));
    }
    bool failed = !good;
    while (!failed && present(&rows, &failed) != NULL) {
        failed = !missing(check, &rows);
        advance(&rows);
    }
    store_listing_free(&directories);
    PQclear(rows.page);
    return !failed;
}

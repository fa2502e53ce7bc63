#include "cli/store/store_objects.h"

#include "cli/database.h"
#include "lib/crypto/stream.h"
#include "lib/store/object_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The rows of the database, a page at a time. */
struct rows {
    PGconn *connection;
    PGresult *page;
    int at;
    char last[OBJECT_NAME_SIZE];
    struct store_check *check;
    bool failed;
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
    const char *name = PQgetvalue(rows->page, rows->at, 0);
    int64_t there = database_count(check->connection, &sql_store_object_there,
                                   &(struct sql_store_object_there_in){.name = name});
    bool still = there > 0 && !store_is_there(check, name);
    return there >= 0 &&
           (!still || store_found(check, STORE_OBJECT_MISSING, name, PQgetvalue(rows->page, rows->at, 1)));
}

static bool
compare_size(struct store_check *check, struct rows *rows, const struct store_entry *entry)
{
    uint64_t plain = strtoull(PQgetvalue(rows->page, rows->at, 3), NULL, 10);
    check->objects++;
    return (entry->what == STORE_FILE && (uint64_t)entry->size == stream_sealed_size(plain)) ||
           store_found(check, STORE_SIZE_DIFFERS, PQgetvalue(rows->page, rows->at, 0),
                       PQgetvalue(rows->page, rows->at, 1));
}

/* A file that no row names: it may have one by now, wait for its removal, or be too young. */
static bool
unknown(struct store_check *check, const struct store_entry *entry)
{
    const char *name = entry->name;
    if (!object_name_is_sealed(name) || entry->what != STORE_FILE) {
        return store_found(check, STORE_STRANGE, name, NULL);
    }
    if (!store_is_old(entry)) {
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
compare(struct rows *rows, const struct store_entry *entry)
{
    struct store_check *check = rows->check;
    bool failed = false;
    struct store_entry now;
    const char *row = present(rows, &failed);
    while (!failed && row != NULL && strcmp(row, entry->name) < 0) {
        failed = !missing(check, rows);
        advance(rows);
        row = present(rows, &failed);
    }
    if (failed) {
        return false;
    }
    if (row != NULL && strcmp(row, entry->name) == 0) {
        bool good = compare_size(check, rows, entry);
        advance(rows);
        return good;
    }
    /* It may have been removed meanwhile, as its row. */
    return store_look(check->store, entry->name, &now) == STORE_ABSENT || unknown(check, entry);
}

/* Of the directories in between nothing is known but that they lead to objects. */
static bool
take(void *context, const struct store_entry *entry)
{
    struct rows *rows = context;
    bool leads = entry->what == STORE_DIRECTORY && strchr(entry->name, '/') == strrchr(entry->name, '/');
    rows->failed = !leads && !compare(rows, entry);
    return !rows->failed;
}

bool
store_compare_objects(struct store_check *check)
{
    struct rows rows = {.connection = check->connection, .check = check};
    bool failed = !store_each(check, "sealed/", true, take, &rows) || rows.failed;
    while (!failed && present(&rows, &failed) != NULL) {
        failed = !missing(check, &rows);
        advance(&rows);
    }
    PQclear(rows.page);
    return !failed;
}

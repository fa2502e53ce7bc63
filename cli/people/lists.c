/*
 * `anamnesis practice list`, `staff list` and `questionnaire list`: whoever runs the server sees which
 * practices, members of staff and questionnaires there are. Names and addresses of staff are sealed, so that
 * list needs the keyring, and writes a row into the practice's audit log; the others need neither.
 */
#include "cli/command.h"
#include "cli/database.h"
#include "cli/keys/key_store.h"
#include "lib/base/json_out.h"
#include "lib/crypto/data_key.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { ARENA_MAX = 16 * 1024 * 1024, OUTPUT_MAX = 16 * 1024 * 1024, COLUMNS_MAX = 8 };

struct list {
    struct arena *arena;
    struct key_store store;
    char practice_id[UUID_TEXT_SIZE];
    bool json;
};

/* Prints aligned columns below their names. The last column is not padded. */
static void
print_table(const PGresult *rows)
{
    int columns = PQnfields(rows);
    int widths[COLUMNS_MAX] = {0};
    for (int column = 0; column < columns && column < COLUMNS_MAX; column++) {
        widths[column] = (int)strlen(PQfname(rows, column));
        for (int row = 0; row < PQntuples(rows); row++) {
            int width = PQgetlength(rows, row, column);
            widths[column] = width > widths[column] ? width : widths[column];
        }
    }
    for (int row = -1; row < PQntuples(rows); row++) {
        for (int column = 0; column < columns && column < COLUMNS_MAX; column++) {
            const char *text = row < 0 ? PQfname(rows, column) : PQgetvalue(rows, row, column);
            bool last = column + 1 == columns;
            (void)printf("%-*s%s", last ? 0 : widths[column], text, last ? "\n" : "  ");
        }
    }
}

/* Prints {"items": [...]}, one object a row. A column that is NULL is null. False when output fails. */
static bool
print_json(const PGresult *rows)
{
    struct buf buf;
    struct json_out out;
    buf_init(&buf, OUTPUT_MAX);
    json_start(&out, &buf);
    json_begin_object(&out);
    json_array_key(&out, "items");
    for (int row = 0; row < PQntuples(rows); row++) {
        json_begin_object(&out);
        for (int column = 0; column < PQnfields(rows); column++) {
            bool none = PQgetisnull(rows, row, column) != 0;
            json_text(&out, PQfname(rows, column), none ? NULL : PQgetvalue(rows, row, column));
        }
        json_end_object(&out);
    }
    json_end_array(&out);
    json_end_object(&out);
    bool good = !buf.failed && printf("%s\n", buf_string(&buf)) > 0;
    buf_free(&buf);
    return good;
}

static bool
print(const struct list *list, const PGresult *rows)
{
    if (rows == NULL) {
        return false;
    }
    if (!list->json) {
        print_table(rows);
        return true;
    }
    return print_json(rows);
}

/* Prints a list that needs no key: all practices when `practice` is NULL, else that practice's
 * questionnaires. Returns an exit status. */
static int
list_rows(const struct config *config, bool json, const char *practice)
{
    struct list list = {.arena = arena_create(ARENA_MAX, NULL, NULL), .json = json};
    int status = EXIT_FAULT;
    if (list.arena != NULL) {
        list.store.connection = command_connect(config);
    }
    if (list.store.connection != NULL &&
        (practice == NULL ||
         database_practice(list.store.connection, list.arena, practice, list.practice_id))) {
        const PGresult *rows =
            practice == NULL ? database_ask(list.store.connection, list.arena, &sql_practices, NULL)
                             : database_ask(list.store.connection, list.arena, &sql_questionnaires,
                                            &(struct sql_questionnaires_in){.practice_id = list.practice_id});
        status = print(&list, rows) ? EXIT_DONE : EXIT_FAULT;
    }
    PQfinish(list.store.connection);
    arena_destroy(list.arena);
    return status;
}

int
command_practice_list(const struct config *config, const struct args_practice_list *given)
{
    return list_rows(config, given->json, NULL);
}

int
command_questionnaire_list(const struct config *config, const struct args_questionnaire_list *given)
{
    return list_rows(config, given->json, given->practice);
}

/*
 * Opens the data key of every member of the practice, since the database opens names and addresses only with
 * them. `ids` and `keys` become texts of PostgreSQL arrays in the arena; they are bind parameters, which the
 * server does not log. False after a sentence on stderr.
 */
static bool
staff_keys(struct list *list, const PGresult *wrapped, const char **ids, const char **keys)
{
    unsigned char bytes[WRAPPED_KEY_SIZE];
    unsigned char key[DATA_KEY_SIZE];
    char hex[2 * DATA_KEY_SIZE + 1] = "";
    bool good = true;
    *ids = *keys = "{";
    for (int row = 0; good && row < PQntuples(wrapped); row++) {
        size_t size = 0;
        const char *id = PQgetvalue(wrapped, row, 0);
        const char *text = PQgetvalue(wrapped, row, 1);
        good = sodium_hex2bin(bytes, sizeof bytes, text, strlen(text), NULL, &size, NULL) == 0 &&
               data_key_unwrap(list->store.keyring, id, (struct span){bytes, size}, key);
        if (!good) {
            (void)fprintf(stderr, "The keyring does not open the data key of %s.\n", id);
        }
        (void)sodium_bin2hex(hex, sizeof hex, key, sizeof key);
        *ids = arena_format(list->arena, "%s%s%s", *ids, row == 0 ? "" : ",", id);
        *keys = arena_format(list->arena, "%s%s\"\\\\x%s\"", *keys, row == 0 ? "" : ",", hex);
    }
    *ids = arena_format(list->arena, "%s}", *ids);
    *keys = arena_format(list->arena, "%s}", *keys);
    sodium_memzero(key, sizeof key);
    sodium_memzero(hex, sizeof hex);
    return good;
}

/* Reading names and addresses is an access: its audit row is committed before anything is printed. */
static bool
list_staff(struct list *list, const char *practice)
{
    PGconn *connection = list->store.connection;
    if (!command_do(connection, "BEGIN") ||
        !database_practice(connection, list->arena, practice, list->practice_id)) {
        return false;
    }
    struct sql_staff_opened_in opened = {.ids = NULL};
    const PGresult *wrapped = database_ask(connection, list->arena, &sql_staff_keys,
                                           &(struct sql_staff_keys_in){.practice_id = list->practice_id});
    if (wrapped == NULL || !staff_keys(list, wrapped, &opened.ids, &opened.keys)) {
        return false;
    }
    const PGresult *rows = database_ask(connection, list->arena, &sql_staff_opened, &opened);
    return rows != NULL &&
           database_note(connection, list->practice_id, "staff_list", list->practice_id, NULL) &&
           command_do(connection, "COMMIT") && print(list, rows);
}

int
command_staff_list(const struct config *config, const struct args_staff_list *given)
{
    struct list list = {.arena = arena_create(ARENA_MAX, NULL, NULL), .json = given->json};
    int status = EXIT_FAULT;
    if (list.arena != NULL) {
        status = key_store_open(&list.store, config, KEYS_COMPARE);
        if (status == EXIT_DONE) {
            status = list_staff(&list, given->practice) ? EXIT_DONE : EXIT_FAULT;
        }
        key_store_close(&list.store);
    }
    arena_destroy(list.arena);
    return status;
}

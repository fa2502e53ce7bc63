/* lib/db/bind.c on results as libpq makes them: the words of a column become an enum, and no other word does.
 */
#include "build/gen/sql.h"
#include "lib/base/arena.h"
#include "lib/db/bind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { OID_TEXT = 25, ARENA_SIZE = 64 * 1024 };

/* One row of one column of text; `word` NULL is SQL's NULL. */
static PGresult *
answer(const char *column, const char *word)
{
    char name[64];
    char value[64];
    PGresAttDesc description = {.name = name, .typid = OID_TEXT, .format = 1, .typlen = -1, .atttypmod = -1};
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    (void)snprintf(name, sizeof name, "%s", column);
    (void)snprintf(value, sizeof value, "%s", word == NULL ? "" : word);
    assert_int_equal(PQsetResultAttrs(result, 1, &description), 1);
    assert_int_equal(
        PQsetvalue(result, 0, 0, word == NULL ? NULL : value, word == NULL ? -1 : (int)strlen(value)), 1);
    return result;
}

/* What the only column becomes; -1 when the row is refused. */
static int64_t
read_as(const struct statement *statement, const char *word)
{
    unsigned number = 0;
    void *rows = NULL;
    struct arena *arena = arena_create(ARENA_SIZE, NULL, NULL);
    PGresult *result = answer(statement->columns[0].name, word);
    bool good = bind_rows(statement, result, arena, &rows);
    if (good) {
        memcpy(&number, (const char *)rows + statement->columns[0].offset, sizeof number);
    }
    PQclear(result);
    arena_destroy(arena);
    return good ? (int64_t)number : -1;
}

static void
every_declared_word_is_its_number_and_no_other_is_one(void **state)
{
    size_t seen = 0;
    (void)state;
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        const struct statement *statement = statements[i];
        if (statement->column_count != 1 || statement->columns[0].type != DB_ENUM) {
            continue;
        }
        const char *const *words = statement->columns[0].words;
        for (int64_t j = 0; words[j] != NULL; j++) {
            char longer[64];
            (void)snprintf(longer, sizeof longer, "%sx", words[j]);
            assert_int_equal(read_as(statement, words[j]), j + 1);
            assert_int_equal(read_as(statement, longer), -1);
        }
        assert_int_equal(read_as(statement, ""), -1);
        assert_int_equal(read_as(statement, NULL), statement->columns[0].nullable ? 0 : -1);
        seen++;
    }
    assert_true(seen >= 10);
}

static void
the_names_are_those_of_the_words(void **state)
{
    (void)state;
    assert_int_equal(read_as(&statement_care_team_add, "nobody"), CARE_TEAM_ADD_NOBODY);
    assert_int_equal(read_as(&statement_passkey_remove, "last"), PASSKEY_REMOVE_LAST);
    assert_int_equal(read_as(&statement_address_object, "withdrawn"), ADDRESS_OBJECT_WITHDRAWN);
    assert_int_equal(read_as(&statement_address_object, NULL), ADDRESS_OBJECT_NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_declared_word_is_its_number_and_no_other_is_one),
        cmocka_unit_test(the_names_are_those_of_the_words)};
    return cmocka_run_group_tests_name("bind", tests, NULL, NULL);
}

/* lib/db/tx.c without a database: what a transaction does with who has done with it. */
#include "build/gen/sql.h"
#include "lib/db/connection.h"
#include "lib/db/tx.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void
later(struct tx *tx)
{
    q_schema_version_later(tx, &(struct q_schema_version_in){.texts = ""});
}

static void
read_one(struct tx *tx)
{
    const struct q_schema_version_row *row = NULL;
    (void)q_schema_version(tx, &(struct q_schema_version_in){.texts = ""}, &row);
}

static void
read_last(struct tx *tx)
{
    const struct q_schema_version_row *row = NULL;
    (void)q_schema_version_last(tx, &(struct q_schema_version_in){.texts = ""}, &row);
}

/* What the process that does it leaves: its wait status, and what it wrote to stderr. */
static int
alone(void (*use)(struct tx *), struct tx *tx, char *said, size_t size)
{
    int ends[2];
    int status = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        (void)signal(SIGABRT, SIG_DFL); /* not the test library's */
        (void)dup2(ends[1], STDERR_FILENO);
        use(tx);
        _exit(0);
    }
    (void)close(ends[1]);
    ssize_t got = read(ends[0], said, size - 1);
    said[got > 0 ? got : 0] = '\0';
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void
a_statement_after_commit_ends_the_program(void **state)
{
    (void)state;
    static void (*const uses[])(struct tx *) = {later, read_one, read_last};
    static const enum tx_state outcomes[] = {TX_STARTED, TX_COMMITTED, TX_FAILED};
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
        for (size_t j = 0; j < sizeof outcomes / sizeof *outcomes; j++) {
            char said[1024];
            struct tx tx = {.state = outcomes[j], .begun = true, .commit_sent = true};
            int status = alone(uses[i], &tx, said, sizeof said);
            assert_true(WIFSIGNALED(status));
            assert_int_equal(WTERMSIG(status), SIGABRT);
            assert_non_null(strstr(said, "statement-after-commit"));
            assert_non_null(strstr(said, "schema_version"));
        }
    }
}

static void
what_sends_nothing_may_follow_commit(void **state)
{
    (void)state;
    struct tx tx = {.state = TX_COMMITTED, .begun = true, .commit_sent = true};
    assert_int_equal(tx_flush(&tx), PROBLEM_NONE);
    assert_int_equal(tx_commit(&tx), PROBLEM_NONE);
    tx_rollback(&tx);
    assert_true(tx_committed(&tx));
}

static void
no_row_is_what_the_statement_says(void **state)
{
    (void)state;
    const struct statement *statement = &statement_schema_version;
    assert_int_equal(tx_must(statement, PROBLEM_NONE, "a row", PROBLEM_NOT_FOUND), PROBLEM_NONE);
    assert_int_equal(tx_must(statement, PROBLEM_NONE, NULL, PROBLEM_NOT_FOUND), PROBLEM_NOT_FOUND);
    assert_int_equal(tx_must(statement, PROBLEM_NONE, NULL, PROBLEM_INTERNAL), PROBLEM_INTERNAL);
    assert_int_equal(tx_must(statement, PROBLEM_FORBIDDEN, NULL, PROBLEM_NOT_FOUND), PROBLEM_FORBIDDEN);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_statement_after_commit_ends_the_program),
                                       cmocka_unit_test(what_sends_nothing_may_follow_commit),
                                       cmocka_unit_test(no_row_is_what_the_statement_says)};
    return cmocka_run_group_tests_name("tx", tests, NULL, NULL);
}

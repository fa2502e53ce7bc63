/* `anamnesis store check`: what the database and the store say of each other. */
#include "cli/command.h"
#include "cli/store/store_objects.h"
#include "cli/store/store_parts.h"

#include <inttypes.h>
#include <stdio.h>

enum { COULD_NOT_CHECK = 2, ERROR_SIZE = 512, STORE_SECONDS = 60, OUTPUT_MAX = 8 * 1024 * 1024 };

static bool
open_store(const struct config *config, struct store_check *check)
{
    char error[ERROR_SIZE] = "";
    check->store =
        store_create(config, &(struct store_patience){.seconds = STORE_SECONDS}, error, sizeof error);
    if (check->store != NULL && store_kind(check->store) == STORE_NOWHERE) {
        (void)snprintf(error, sizeof error, "neither %s nor %s is set: where the files' bytes are",
                       config_name(CONFIG_STORE_DIR), config_name(CONFIG_STORE_URL));
    }
    if (error[0] != '\0') {
        (void)fprintf(stderr, "%s\n", error);
    }
    return error[0] == '\0';
}

static bool
compare(struct store_check *check)
{
    return store_compare_objects(check) && store_compare_parts(check);
}

/* Before anything is removed: with another store's database, or an empty one, all of it would be unknown. */
static bool
may_repair(struct store_check *check, bool most)
{
    struct store_check first = {.connection = check->connection, .store = check->store, .silent = true};
    bool good = compare(&first);
    if (good && !most && first.found[STORE_OBJECT_UNKNOWN] > first.objects) {
        (void)fprintf(stderr,
                      "Nothing is removed: %" PRId64 " objects are unknown and %" PRId64
                      " known. Is this the store of this database? With --most they are removed.\n",
                      first.found[STORE_OBJECT_UNKNOWN], first.objects);
        return false;
    }
    return good;
}

int
command_store_check(const struct config *config, const struct args_store_check *given)
{
    struct store_check check = {.repair = given->repair, .json = given->json};
    buf_init(&check.buf, OUTPUT_MAX);
    json_start(&check.out, &check.buf);
    json_begin_object(&check.out);
    json_array_key(&check.out, "items");
    bool good = open_store(config, &check);
    check.connection = good ? command_connect(config) : NULL;
    good = check.connection != NULL && (!given->repair || may_repair(&check, given->most)) &&
           compare(&check) && store_print_end(&check);
    int status = !good ? COULD_NOT_CHECK : store_total(&check) > check.repaired ? EXIT_FAULT : EXIT_DONE;
    PQfinish(check.connection);
    buf_free(&check.buf);
    store_destroy(check.store);
    return status;
}

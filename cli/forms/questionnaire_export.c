/* `anamnesis questionnaire export`: a definition, byte for byte as it is stored. */
#include "cli/command.h"
#include "cli/database.h"
#include "cli/forms/document.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct task {
    struct arena *arena;
    PGconn *connection;
    const char *id;
    const char *version; /* NULL: the newest, or the draft of one never published */
    const char *output;  /* NULL: standard output */
    bool json;
};

static bool
is_number(const char *text)
{
    char *end = NULL;
    errno = 0;
    long value = strtol(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && value >= 1 && value <= INT32_MAX;
}

static bool
is_complete(const struct task *task)
{
    unsigned char bytes[UUID_SIZE];
    if (!uuid_parse(task->id, bytes)) {
        (void)fprintf(stderr, "ID is needed: the questionnaire's identifier\n");
    } else if (task->version != NULL && !is_number(task->version)) {
        (void)fprintf(stderr, "--version: is a whole number from 1\n");
    } else if (task->json && task->output == NULL) {
        (void)fprintf(stderr, "--json tells what -o wrote: without it, the definition itself is printed\n");
    } else {
        return true;
    }
    return false;
}

/* practice, version (null: the draft), title, definition */
static PGresult *
find(const struct task *task)
{
    PGresult *rows = database_ask(task->connection, task->arena, &sql_definition,
                                  &(struct sql_definition_in){.id = task->id, .version = task->version});
    if (rows != NULL && PQntuples(rows) == 0) {
        (void)fprintf(stderr, "There is no such questionnaire%s.\n",
                      task->version == NULL ? "" : ", or not that version of it");
        return NULL;
    }
    return rows;
}

/* Every byte, or nothing: a file that is there is left alone, one that could not be filled is taken away. */
static bool
write_file(const char *path, const char *text)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (descriptor < 0) {
        (void)fprintf(stderr, "%s: %s%s\n", path, strerror(errno),
                      errno == EEXIST ? ". It is left as it is" : "");
        return false;
    }
    FILE *file = fdopen(descriptor, "w");
    if (file == NULL) {
        (void)close(descriptor);
        return false;
    }
    bool written = fputs(text, file) >= 0 && fflush(file) == 0 && fsync(descriptor) == 0;
    bool closed = fclose(file) == 0;
    if (!written || !closed) {
        (void)fprintf(stderr, "%s: could not be written\n", path);
        (void)unlink(path);
        return false;
    }
    return true;
}

static void
print_json(const struct task *task, PGresult *rows)
{
    struct json_object *told = json_object_new_object();
    (void)json_object_object_add(told, "id", json_object_new_string(task->id));
    (void)json_object_object_add(told, "version",
                                 PQgetisnull(rows, 0, 1) != 0
                                     ? NULL
                                     : json_object_new_int((int)strtol(PQgetvalue(rows, 0, 1), NULL, 10)));
    (void)json_object_object_add(told, "title", json_object_new_string(PQgetvalue(rows, 0, 2)));
    (void)json_object_object_add(told, "file", json_object_new_string(task->output));
    (void)puts(json_object_to_json_string_ext(told, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(told);
}

static bool
give(const struct task *task, PGresult *rows)
{
    const char *text = PQgetvalue(rows, 0, 3);
    if (task->output == NULL) {
        return fputs(text, stdout) >= 0 && fflush(stdout) == 0;
    }
    if (!write_file(task->output, text)) {
        return false;
    }
    if (task->json) {
        print_json(task, rows);
    } else if (PQgetisnull(rows, 0, 1) != 0) {
        (void)printf("%s: the draft of \"%s\"\n", task->output, PQgetvalue(rows, 0, 2));
    } else {
        (void)printf("%s: version %s of \"%s\"\n", task->output, PQgetvalue(rows, 0, 1),
                     PQgetvalue(rows, 0, 2));
    }
    return fflush(stdout) == 0;
}

/* The row in the log first: what cannot be audited is not given out. */
static bool
run(const struct task *task)
{
    PGresult *rows = command_do(task->connection, "BEGIN") ? find(task) : NULL;
    bool good = rows != NULL && database_note(task->connection, PQgetvalue(rows, 0, 0),
                                              "questionnaire_export", task->id, NULL);
    return command_do(task->connection, good ? "COMMIT" : "ROLLBACK") && good && give(task, rows);
}

int
command_questionnaire_export(const struct config *config, const struct args_questionnaire_export *given)
{
    struct task task = {.arena = document_arena(),
                        .id = given->id,
                        .version = given->version,
                        .output = given->output,
                        .json = given->json};
    int status = EXIT_USAGE;
    if (task.arena != NULL && is_complete(&task)) {
        task.connection = command_connect(config);
        status = task.connection != NULL && run(&task) ? EXIT_DONE : EXIT_FAULT;
    }
    PQfinish(task.connection);
    arena_destroy(task.arena);
    return status;
}

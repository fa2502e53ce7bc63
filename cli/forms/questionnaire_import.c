/* `anamnesis questionnaire import`: FHIR Questionnaires become a practice's, byte for byte as they are. */
#include "cli/command.h"
#include "cli/database.h"
#include "cli/forms/document.h"
#include "cli/forms/stored_sets.h"
#include "lib/base/clock.h"
#include "lib/base/display.h"
#include "lib/base/json_out.h"
#include "lib/crypto/digest.h"
#include "lib/form/outcome.h"
#include "lib/form/review/trial.h"
#include "lib/form/value/canonical.h"

#include <stdio.h>
#include <string.h>

enum {
    FILES_MAX = 100,
    DEFINITION_MAX = 1024 * 1024, /* bytes: what the API takes */
    TITLE_MAX = 500,              /* bytes, likewise */
    CANONICAL_MAX = 8 * 1024 * 1024,
    OUTPUT_MAX = 1024 * 1024
};

struct imported {
    const char *path;
    const char *text; /* the file, byte for byte */
    const char *title;
    const char *value_sets; /* JSON array: what a version freezes */
    unsigned char sha256[DIGEST_SIZE];
    char id[UUID_TEXT_SIZE];
};

struct task {
    struct arena *arena;
    PGconn *connection;
    const char *practice;
    char practice_id[UUID_TEXT_SIZE];
    bool publish;
    bool json;
    struct imported files[FILES_MAX];
    size_t count;
};

static bool
take_files(struct task *task, const struct command_list *files)
{
    if (files->count > FILES_MAX) {
        (void)fprintf(stderr, "at most %d files at once\n", FILES_MAX);
        return false;
    }
    for (size_t i = 0; i < files->count; i++) {
        task->files[task->count++].path = files->items[i];
    }
    return true;
}

/* Lists show the definition's own title. */
static bool
read_title(struct imported *file, struct json_object *questionnaire)
{
    struct json_object *title = NULL;
    file->title = "";
    if (json_object_object_get_ex(questionnaire, "title", &title)) {
        file->title = json_object_get_string(title);
    }
    if (strlen(file->title) > TITLE_MAX) {
        (void)fprintf(stderr, "%s: the title may have %d bytes\n", file->path, TITLE_MAX);
        return false;
    }
    if (!display_is_text(file->title, strlen(file->title))) {
        (void)fprintf(stderr,
                      "%s: the title must be on one line, without control characters and signs that turn the "
                      "direction of writing\n",
                      file->path);
        return false;
    }
    return true;
}

/* Nothing may be published whose codes nobody can check: what is a warning to the engine hinders then. */
static void
insist_on_value_sets(struct form_issues *issues)
{
    for (size_t i = 0; i < issues->count; i++) {
        struct form_issue *issue = &issues->items[i];
        if (issue->severity == FORM_WARNING && strcmp(issue->code, "value-set-not-known") == 0) {
            issue->severity = FORM_ERROR;
            issues->errors++;
        }
    }
}

static bool
judge(struct task *task, struct imported *file, struct json_object *questionnaire, struct json_object *sets)
{
    struct form_issues issues;
    struct buf buf;
    struct json_out out;
    form_issues_init(&issues, task->arena);
    struct form *form = form_compile(questionnaire, sets, &issues);
    bool good = form != NULL;
    if (good) {
        struct form_work work = form_work(clock_now(), clock_processor);
        form_rehearse(form, questionnaire, &work, task->arena, &issues);
    }
    form_free(form);
    if (task->publish) {
        insist_on_value_sets(&issues);
    }
    if (good && issues.errors == 0) {
        return true;
    }
    (void)fprintf(stderr, "%s: is refused\n", file->path);
    buf_init(&buf, DOCUMENT_OUTPUT_MAX);
    json_start(&out, &buf);
    form_outcome(&issues, &out);
    if (buf.failed || !document_print(buf_string(&buf), task->json)) {
        (void)fprintf(stderr, "the outcome could not be written\n");
    }
    buf_free(&buf);
    return false;
}

static bool
hash(struct imported *file, struct json_object *questionnaire)
{
    struct buf canonical;
    buf_init(&canonical, CANONICAL_MAX);
    bool good = form_canonical(questionnaire, &canonical) && !canonical.failed;
    if (good) {
        digest_sha256((struct span){(const unsigned char *)buf_string(&canonical), canonical.size},
                      file->sha256);
    } else {
        (void)fprintf(stderr, "%s: has no canonical form\n", file->path);
    }
    buf_free(&canonical);
    return good;
}

static bool
check(struct task *task, struct imported *file)
{
    struct span text;
    struct json_object *questionnaire = document_read(task->arena, file->path, JSON_DEPTH_MAX, &text);
    if (questionnaire == NULL) {
        return false;
    }
    if (text.size > DEFINITION_MAX) {
        (void)fprintf(stderr, "%s: has more than %d bytes\n", file->path, DEFINITION_MAX);
        return false;
    }
    struct json_object *sets = stored_sets(task->connection, task->arena, task->practice_id, questionnaire);
    if (sets == NULL || !judge(task, file, questionnaire, sets)) {
        return false;
    }
    file->text = (const char *)text.data;
    file->value_sets =
        arena_text(task->arena, json_object_to_json_string_ext(sets, JSON_C_TO_STRING_PLAIN |
                                                                         JSON_C_TO_STRING_NOSLASHESCAPE));
    return file->value_sets != NULL && read_title(file, questionnaire) && hash(file, questionnaire);
}

/* Everybody sees all files' faults at once. */
static bool
check_all(struct task *task)
{
    bool good = true;
    for (size_t i = 0; i < task->count; i++) {
        good = check(task, &task->files[i]) && good;
    }
    if (!good) {
        (void)fprintf(stderr, "Nothing was imported.\n");
    }
    return good;
}

static bool
publish(struct task *task, struct imported *file)
{
    return database_exec(task->connection, &sql_version_insert,
                         &(struct sql_version_insert_in){.practice_id = task->practice_id,
                                                         .questionnaire_id = file->id,
                                                         .title = file->title,
                                                         .definition = file->text,
                                                         .value_sets = file->value_sets,
                                                         .published_by = DATABASE_OPERATOR,
                                                         .definition_sha256 = {file->sha256, DIGEST_SIZE}}) &&
           database_exec(
               task->connection, &sql_questionnaire_publish,
               &(struct sql_questionnaire_publish_in){.practice_id = task->practice_id, .id = file->id}) &&
           database_note(task->connection, task->practice_id, "questionnaire_publish", file->id, NULL);
}

static bool
insert(struct task *task, struct imported *file)
{
    return database_exec(task->connection, &sql_questionnaire_insert,
                         &(struct sql_questionnaire_insert_in){.id = uuid_new(file->id),
                                                               .practice_id = task->practice_id,
                                                               .title = file->title,
                                                               .draft = file->text,
                                                               .created_by = DATABASE_OPERATOR}) &&
           database_note(task->connection, task->practice_id, "questionnaire_import", file->id, NULL) &&
           (!task->publish || publish(task, file));
}

static void
print_json(const struct task *task)
{
    struct buf buf;
    struct json_out out;
    char hex[DIGEST_TEXT_SIZE];
    buf_init(&buf, OUTPUT_MAX);
    json_start(&out, &buf);
    json_begin_object(&out);
    json_array_key(&out, "questionnaires");
    for (size_t i = 0; i < task->count; i++) {
        const struct imported *file = &task->files[i];
        json_begin_object(&out);
        json_text(&out, "file", file->path);
        json_text(&out, "id", file->id);
        json_text(&out, "title", file->title);
        json_text(&out, "status", task->publish ? "active" : "draft");
        json_raw(&out, "version", task->publish ? "1" : NULL);
        json_text(&out, "definition_sha256", digest_hex(file->sha256, hex));
        json_end_object(&out);
    }
    json_end_array(&out);
    json_end_object(&out);
    (void)printf("%s\n", buf_string(&buf));
    buf_free(&buf);
}

static void
print_text(const struct task *task)
{
    for (size_t i = 0; i < task->count; i++) {
        const struct imported *file = &task->files[i];
        (void)printf("%s: \"%s\" is questionnaire %s, %s\n", file->path, file->title, file->id,
                     task->publish ? "published as version 1" : "a draft");
    }
}

/* One transaction: all files or none, and what the value sets were when they were judged. */
static bool
run(struct task *task)
{
    bool good = command_do(task->connection, "BEGIN ISOLATION LEVEL REPEATABLE READ") &&
                database_practice(task->connection, task->arena, task->practice, task->practice_id) &&
                check_all(task);
    for (size_t i = 0; good && i < task->count; i++) {
        good = insert(task, &task->files[i]);
    }
    return command_do(task->connection, good ? "COMMIT" : "ROLLBACK") && good;
}

int
command_questionnaire_import(const struct config *config, const struct args_questionnaire_import *given)
{
    struct task task = {.arena = document_arena(),
                        .practice = given->practice,
                        .publish = given->publish,
                        .json = given->json};
    int status = EXIT_USAGE;
    if (task.arena != NULL && take_files(&task, &given->file)) {
        task.connection = command_connect(config);
        status = EXIT_FAULT;
    }
    if (task.connection != NULL && run(&task)) {
        if (task.json) {
            print_json(&task);
        } else {
            print_text(&task);
        }
        status = fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAULT;
    }
    PQfinish(task.connection);
    arena_destroy(task.arena);
    return status;
}

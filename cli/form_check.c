/* `anamnesis form check`: the engine's judgement of a definition, and of a response to it, without a
 * database. */
#include "cli/command.h"
#include "cli/document.h"
#include "lib/base/clock.h"
#include "lib/form/envelope.h"
#include "lib/form/outcome.h"
#include "lib/form/trial.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct task {
    const char *questionnaire;
    const char *response;
    const char *value_sets; /* a directory */
    bool draft;
    bool one_line;
};

static bool
read_arguments(struct task *task, int count, char **arguments)
{
    for (int i = 0; i < count; i++) {
        const char *argument = arguments[i];
        if (strcmp(argument, "--draft") == 0) {
            task->draft = true;
        } else if (strcmp(argument, "--json") == 0) {
            task->one_line = true;
        } else if (strcmp(argument, "--value-sets") == 0 && i + 1 < count) {
            task->value_sets = arguments[++i];
        } else if (argument[0] == '-' && argument[1] != '\0') {
            (void)fprintf(stderr, "%s: is not known, or needs a value; --help says more\n", argument);
            return false;
        } else if (task->questionnaire == NULL) {
            task->questionnaire = argument;
        } else if (task->response == NULL) {
            task->response = argument;
        } else {
            (void)fprintf(stderr, "%s: is one file too many\n", argument);
            return false;
        }
    }
    if (task->questionnaire == NULL) {
        (void)fprintf(stderr, "the file of a Questionnaire is needed; --help says more\n");
        return false;
    }
    if (task->response != NULL && strcmp(task->questionnaire, "-") == 0 && strcmp(task->response, "-") == 0) {
        (void)fprintf(stderr, "standard input holds one document, not two\n");
        return false;
    }
    return true;
}

/* Items of another type than an array are the envelope's fault. */
static void
judge(const struct task *task, const struct form *form, struct json_object *questionnaire,
      struct json_object *response, struct form_issues *issues)
{
    struct json_object *items = NULL;
    struct json_object *type = NULL;
    (void)form_check_envelope(response, questionnaire, issues);
    (void)json_object_object_get_ex(response, "resourceType", &type);
    bool other = !json_object_is_type(type, json_type_string) ||
                 strcmp(json_object_get_string(type), "QuestionnaireResponse") != 0;
    if (other || (json_object_object_get_ex(response, "item", &items) &&
                  !json_object_is_type(items, json_type_array))) {
        return;
    }
    enum form_mode mode = task->draft ? FORM_DRAFT : form_mode_of(response);
    struct form_work work = form_work(clock_now(), clock_processor);
    (void)form_check(form, items, mode, &work, issues->arena, issues, NULL);
}

static int
print_outcome(const struct form_issues *issues, bool one_line)
{
    struct buf buf;
    struct json_out out;
    buf_init(&buf, DOCUMENT_OUTPUT_MAX);
    json_start(&out, &buf);
    form_outcome(issues, &out);
    int status = issues->errors == 0 ? EXIT_DONE : EXIT_FAULT;
    if (buf.failed || !document_print(buf_string(&buf), one_line)) {
        (void)fprintf(stderr, "the outcome could not be written\n");
        status = EXIT_USAGE;
    }
    buf_free(&buf);
    return status;
}

static int
check(const struct task *task, struct arena *arena)
{
    struct json_object *questionnaire = document_read(arena, task->questionnaire, JSON_DEEP_MAX, NULL);
    struct json_object *response = NULL;
    struct json_object *value_sets = NULL;
    struct form_issues issues;
    if (questionnaire != NULL && task->response != NULL) {
        response = document_read(arena, task->response, JSON_DEEP_MAX, NULL);
    }
    if (questionnaire == NULL || (task->response != NULL && response == NULL)) {
        return EXIT_USAGE;
    }
    if (task->value_sets != NULL) {
        value_sets = document_value_sets(arena, task->value_sets);
        if (value_sets == NULL) {
            return EXIT_USAGE;
        }
    }
    form_issues_init(&issues, arena);
    struct form *form = form_compile(questionnaire, value_sets, &issues);
    if (form == NULL && issues.errors == 0) {
        (void)fprintf(stderr, "out of memory\n");
        return EXIT_USAGE;
    }
    if (form != NULL) {
        struct form_work work = form_work(clock_now(), clock_processor);
        form_rehearse(form, questionnaire, &work, arena, &issues);
    }
    if (form != NULL && response != NULL) {
        judge(task, form, questionnaire, response, &issues);
    }
    form_free(form);
    return print_outcome(&issues, task->one_line);
}

int
command_form_check(const struct config *config, int count, char **arguments)
{
    struct task task = {.draft = false};
    (void)config;
    if (!read_arguments(&task, count, arguments)) {
        return EXIT_USAGE;
    }
    struct arena *arena = document_arena();
    int status = arena == NULL ? EXIT_USAGE : check(&task, arena);
    /* Everything was printed and flushed. To free a large definition piece by piece would take as long again.
     */
    _exit(status);
}

/* `anamnesis form check`: the engine's judgement of a definition, and of a response to it, without a
 * database. */
#include "cli/command.h"
#include "cli/forms/document.h"
#include "lib/base/clock.h"
#include "lib/form/items/envelope.h"
#include "lib/form/outcome.h"
#include "lib/form/review/trial.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Items of another type than an array are the envelope's fault. */
static void
judge(const struct args_form_check *given, const struct form *form, struct json_object *questionnaire,
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
    enum form_mode mode = given->draft ? FORM_DRAFT : form_mode_of(response);
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
check(const struct args_form_check *given, struct arena *arena)
{
    struct json_object *questionnaire = document_read(arena, given->questionnaire, JSON_DEEP_MAX, NULL);
    struct json_object *response = NULL;
    struct json_object *value_sets = NULL;
    struct form_issues issues;
    if (questionnaire != NULL && given->response != NULL) {
        response = document_read(arena, given->response, JSON_DEEP_MAX, NULL);
    }
    if (questionnaire == NULL || (given->response != NULL && response == NULL)) {
        return EXIT_USAGE;
    }
    if (given->value_sets != NULL) {
        value_sets = document_value_sets(arena, given->value_sets);
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
        judge(given, form, questionnaire, response, &issues);
    }
    form_free(form);
    return print_outcome(&issues, given->json);
}

int
command_form_check(const struct config *config, const struct args_form_check *given)
{
    (void)config;
    if (given->response != NULL && strcmp(given->questionnaire, "-") == 0 &&
        strcmp(given->response, "-") == 0) {
        (void)fprintf(stderr, "standard input holds one document, not two\n");
        return EXIT_USAGE;
    }
    struct arena *arena = document_arena();
    int status = arena == NULL ? EXIT_USAGE : check(given, arena);
    /* Everything was printed and flushed. To free a large definition piece by piece would take as long again.
     */
    _exit(status);
}

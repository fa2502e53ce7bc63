/*
 * libFuzzer: any JSON as a Questionnaire with any JSON as the practice's value sets. It compiles or every
 * fault is told in words; the compiled block can be moved, and compiling again gives the same.
 */
#include "tests/fuzz/fuzz.h"

#include "lib/form/form.h"

#include <stdlib.h>
#include <string.h>

static struct form *
compile(struct json_object *json, struct form_issues *issues)
{
    return form_compile(fuzz_member(json, "questionnaire"), fuzz_member(json, "value_sets"), issues);
}

static void
check_issues(const struct form *form, const struct form_issues *issues)
{
    size_t errors = 0;
    for (size_t i = 0; i < issues->count; i++) {
        const struct form_issue *issue = &issues->items[i];
        errors += issue->severity == FORM_ERROR;
        if (strspn(issue->code, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(issue->code) ||
            issue->code[0] == '\0' || issue->text[0] == '\0' || issue->expression == NULL ||
            (issue->path[0] != '\0' && issue->path[0] != '/')) {
            fuzz_fail("an issue %s at %s has a code, a pointer and a text", issue->code, issue->path);
        }
    }
    if (errors > issues->errors || (issues->dropped == 0 && errors != issues->errors)) {
        fuzz_fail("%zu errors are listed, %zu counted", errors, issues->errors);
    }
    if ((form != NULL) != (issues->errors == 0)) {
        fuzz_fail("a definition compiles exactly when it has no error");
    }
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct arena *arena = arena_create(FUZZ_ARENA_MAX, NULL, NULL);
    struct json_object *json = fuzz_case(arena, data, size);
    if (json != NULL) {
        struct form_issues issues;
        struct form_issues again;
        form_issues_init(&issues, arena);
        form_issues_init(&again, arena);
        struct form *form = compile(json, &issues);
        struct form *second = compile(json, &again);
        check_issues(form, &issues);
        if (form != NULL && (second == NULL || form_bytes(form) != form_bytes(second) ||
                             memcmp(form, second, form_bytes(form)) != 0)) {
            fuzz_fail("a definition compiles to the same bytes every time");
        }
        if (again.count != issues.count || again.errors != issues.errors) {
            fuzz_fail("a definition has the same issues every time");
        }
        form_free(form);
        form_free(second);
    }
    arena_destroy(arena);
    return 0;
}

size_t
LLVMFuzzerCustomMutator(unsigned char *data, size_t size, size_t max, unsigned seed)
{
    return fuzz_mutate(data, size, max, seed);
}

size_t
LLVMFuzzerCustomCrossOver(const unsigned char *one, size_t one_size, const unsigned char *other,
                          size_t other_size, unsigned char *out, size_t max, unsigned seed)
{
    return fuzz_cross(one, one_size, other, other_size, out, max, seed);
}

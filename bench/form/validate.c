/*
 * What the questionnaire engine costs, in microseconds: one operation on one form, many times. Under
 * callgrind only operate() is to be counted (--toggle-collect=operate). ROUNDS 0: the median of batches.
 *
 * usage: validate OPERATION ROUNDS DEFINITION RESPONSE PATH ANSWERS
 *
 * DEFINITION is the file of a Questionnaire, RESPONSE that of a QuestionnaireResponse that can be submitted,
 * PATH an item path in it, ANSWERS a JSON array. With ROUNDS 0 a time is spent instead: the median of batches
 * is printed.
 */
#include "lib/base/json_read.h"
#include "lib/form/form.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Noon of 2026-01-15, UTC: when answers are judged. */
#define NOON (&(struct form_work){.now = INT64_C(1768478400000000)})

enum {
    ARENA_MAX = 256 * 1024 * 1024,
    FILE_BYTES_MAX = 16 * 1024 * 1024,
    BATCHES = 11,
    BATCH_MICROSECONDS = 100000,
    ARGUMENTS = 7
};

struct bench {
    struct arena *kept;  /* what every round uses */
    struct arena *arena; /* a request's: reset after each round */
    struct form *form;
    struct span response;        /* the text */
    struct json_object *items;   /* read once */
    struct json_object *answers; /* read once */
    struct span answers_text;
    struct span definition;
    const char *path;
    const char *known; /* what form_update said of the stored response */
};

typedef bool operation_fn(struct bench *bench);

static void
give_up(const char *what, const char *about)
{
    (void)fprintf(stderr, "validate: %s: %s\n", what, about);
    exit(2);
}

static struct span
file_of(struct arena *arena, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        give_up(path, strerror(errno));
    }
    char *data = arena_alloc(arena, FILE_BYTES_MAX);
    size_t size = fread(data, 1, FILE_BYTES_MAX, file);
    (void)fclose(file);
    return (struct span){(const unsigned char *)data, size};
}

static struct json_object *
read_text(struct arena *arena, struct span text)
{
    struct json_fault fault;
    struct json_object *json = json_read(arena, text, &fault);
    if (json == NULL) {
        give_up("not JSON", json_fault_text(fault.code));
    }
    return json;
}

static struct json_object *
items_of(struct json_object *response)
{
    struct json_object *items = NULL;
    (void)json_object_object_get_ex(response, "item", &items);
    return items;
}

static bool
judge(struct bench *bench, struct json_object *items, enum form_mode mode)
{
    struct form_issues issues;
    struct form_progress progress;
    form_issues_init(&issues, bench->arena);
    return form_check(bench->form, items, mode, NOON, bench->arena, &issues, &progress);
}

/* Works out and judges a draft of which only `path` has changed since `known`; NULL: of which nothing is
 * known.
 */
static const char *
update(struct bench *bench, struct arena *arena, struct json_object *items, const char *known)
{
    struct form_draft draft = {.items = items, .before = known, .changed = &bench->path, .changed_count = 1};
    struct form_issues issues;
    struct form_progress progress;
    form_issues_init(&issues, arena);
    return form_update(bench->form, &draft, NOON, arena, &issues, &progress);
}

static bool
save(struct bench *bench, struct json_object *items, struct json_object *answers)
{
    struct form_issues issues;
    form_issues_init(&issues, bench->arena);
    return form_merge(bench->form, items, bench->path, answers, bench->arena, &issues) == FORM_MERGED &&
           update(bench, bench->arena, items, bench->known) != NULL;
}

static bool
op_compile(struct bench *bench)
{
    struct form_issues issues;
    form_issues_init(&issues, bench->arena);
    struct form *form = form_compile(read_text(bench->arena, bench->definition), NULL, &issues);
    bool good = form != NULL;
    form_free(form);
    return good;
}

static bool
op_check(struct bench *bench)
{
    return judge(bench, bench->items, FORM_SUBMIT);
}

static bool
op_read_check(struct bench *bench)
{
    return judge(bench, items_of(read_text(bench->arena, bench->response)), FORM_SUBMIT);
}

static bool
op_save(struct bench *bench)
{
    return save(bench, bench->items, bench->answers);
}

/* As a request does it: what is stored and what is sent are read, and what is stored then is written. */
static bool
op_read_save_write(struct bench *bench)
{
    struct json_object *response = read_text(bench->arena, bench->response);
    struct json_object *answers = read_text(bench->arena, bench->answers_text);
    return save(bench, items_of(response), answers) &&
           json_object_to_json_string_ext(response, JSON_C_TO_STRING_PLAIN) != NULL;
}

static const struct operation {
    const char *name;
    operation_fn *run;
} operations[] = {{"compile", op_compile},
                  {"check", op_check},
                  {"read-check", op_read_check},
                  {"save", op_save},
                  {"read-save-write", op_read_save_write}};

/* Global, so that callgrind finds it by name. */
void operate(struct bench *bench, operation_fn *run, size_t rounds);

__attribute__((noinline)) void
operate(struct bench *bench, operation_fn *run, size_t rounds)
{
    for (size_t i = 0; i < rounds; i++) {
        if (!run(bench)) {
            give_up("the answers", "are not accepted");
        }
        arena_reset(bench->arena);
    }
}

static double
microseconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int
by_size(const void *left, const void *right)
{
    double one = *(const double *)left;
    double other = *(const double *)right;
    return (one > other) - (one < other);
}

/* The median of batches, each long enough for the clock. */
static double
median(struct bench *bench, operation_fn *run)
{
    double batches[BATCHES];
    size_t rounds = 1;
    double spent = 0;
    while (spent < (double)BATCH_MICROSECONDS / 10) {
        rounds *= 2;
        double began = microseconds();
        operate(bench, run, rounds);
        spent = microseconds() - began;
    }
    rounds = (size_t)((double)rounds * BATCH_MICROSECONDS / spent) + 1;
    for (size_t i = 0; i < BATCHES; i++) {
        double began = microseconds();
        operate(bench, run, rounds);
        batches[i] = (microseconds() - began) / (double)rounds;
    }
    qsort(batches, BATCHES, sizeof batches[0], by_size);
    return batches[BATCHES / 2];
}

static void
prepare(struct bench *bench, char **arguments)
{
    struct form_issues issues;
    bench->kept = arena_create(ARENA_MAX, NULL, NULL);
    bench->arena = arena_create(ARENA_MAX, NULL, NULL);
    form_issues_init(&issues, bench->kept);
    bench->definition = file_of(bench->kept, arguments[3]);
    bench->form = form_compile(read_text(bench->kept, bench->definition), NULL, &issues);
    if (bench->form == NULL) {
        give_up(arguments[3], issues.count == 0 ? "no memory" : issues.items[0].text);
    }
    bench->response = file_of(bench->kept, arguments[4]);
    bench->items = items_of(read_text(bench->kept, bench->response));
    bench->path = arguments[5];
    bench->answers_text = (struct span){(const unsigned char *)arguments[6], strlen(arguments[6])};
    bench->answers = read_text(bench->kept, bench->answers_text);
    bench->known = update(bench, bench->kept, bench->items, NULL);
    if (bench->known == NULL) {
        give_up(arguments[4], "is not known afterwards");
    }
}

int
main(int argc, char **argv)
{
    struct bench bench = {0};
    operation_fn *run = NULL;
    if (argc != ARGUMENTS) {
        give_up("usage", "validate OPERATION ROUNDS DEFINITION RESPONSE PATH ANSWERS");
    }
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        run = strcmp(argv[1], operations[i].name) == 0 ? operations[i].run : run;
    }
    if (run == NULL) {
        give_up(argv[1], "is no operation");
    }
    size_t rounds = (size_t)strtoul(argv[2], NULL, 10);
    prepare(&bench, argv);
    if (rounds == 0) {
        (void)printf("%.3f\n", median(&bench, run));
    } else {
        double began = microseconds();
        operate(&bench, run, rounds);
        (void)printf("%.3f\n", (microseconds() - began) / (double)rounds);
    }
    form_free(bench.form);
    arena_destroy(bench.arena);
    arena_destroy(bench.kept);
    return 0;
}

#include "cli/command.h"

#include "build/gen/migrations.h"
#include "build/gen/openapi_json.h"
#include "cli/instance.h"
#include "lib/base/log.h"
#include "lib/base/nearest.h"
#include "lib/base/process.h"

#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { WORDS_SIZE = 64, OPTION_HELP = 'h', OPTION_VERSION = 'v', OPTION_INSTANCE = 'i' };

static void
print_usage(FILE *out)
{
    (void)fprintf(out, "usage: anamnesis [--instance DIR] COMMAND [OPTION ...]\n\n");
    for (size_t i = 0; i < COMMANDS; i++) {
        (void)fprintf(out, "  %-22s %s\n", commands[i].words, commands[i].summary);
    }
    (void)fprintf(out, "\n`anamnesis help COMMAND` says more of one.\n");
}

static int
print_help(const struct command *command)
{
    (void)printf(
        "usage: %s\n\n%s\n\n%s\nEvery command also takes --instance DIR and --help: `anamnesis help`.\n",
        command->usage, command->summary, command->help);
    return EXIT_DONE;
}

/* How many of the arguments are the command's words; 0 when they are another's. */
static int
matches(const struct command *command, int count, char **arguments)
{
    char words[WORDS_SIZE];
    int used = 0;
    const char *at = command->words;
    while (*at != '\0') {
        size_t size = strcspn(at, " ");
        (void)snprintf(words, sizeof words, "%.*s", (int)size, at);
        if (used == count || strcmp(arguments[used], words) != 0) {
            return 0;
        }
        used++;
        at += size + strspn(at + size, " ");
    }
    return used;
}

/* The command whose words the arguments begin with, and how many those are; NULL when there is none. */
static const struct command *
find(int count, char **arguments, int *used)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        *used = matches(&commands[i], count, arguments);
        if (*used != 0) {
            return &commands[i];
        }
    }
    return NULL;
}

/* `argv` begins with the command's last word, where a program's name would be. */
static int
run(const struct command *command, int argc, char **argv, const char *instance)
{
    struct config config;
    union command_given given;
    memset(&given, 0, sizeof given);
    if (arguments_ask_for_help(argc, argv)) {
        return print_help(command);
    }
    if (!arguments_read(command, argc, argv, &given, &instance)) {
        (void)fprintf(stderr, "usage: %s\n", command->usage);
        return EXIT_USAGE;
    }
    if (!instance_use(instance, command->needs_configuration)) {
        return EXIT_USAGE;
    }
    int status = EXIT_USAGE;
    (void)config_name_unknown(stderr);
    if (config_load(&config, stderr)) {
        status = command->run(&config, &given);
    }
    config_free(&config);
    return status;
}

/* The commands whose first word this is: false when there are none. */
static bool
print_begun(FILE *out, const char *word)
{
    size_t size = strlen(word);
    bool begun = false;
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strncmp(commands[i].words, word, size) == 0 && commands[i].words[size] == ' ') {
            (void)fprintf(out, "%s  %-22s %s\n", begun ? "" : "There are:\n", commands[i].words,
                          commands[i].summary);
            begun = true;
        }
    }
    return begun;
}

/* Says which command is not known, and which one is near or begins like it. */
static void
name_unknown(int count, char **arguments)
{
    const char *words[COMMANDS];
    char given[2 * WORDS_SIZE];
    bool two = count > 1 && arguments[1][0] != '-';
    (void)snprintf(given, sizeof given, "%s%s%s", arguments[0], two ? " " : "", two ? arguments[1] : "");
    for (size_t i = 0; i < COMMANDS; i++) {
        words[i] = commands[i].words;
    }
    const char *near = nearest(given, words, COMMANDS);
    near = near == NULL ? nearest(arguments[0], words, COMMANDS) : near;
    (void)fprintf(stderr, "anamnesis %s: there is no such command%s%s%s\n", given,
                  near == NULL ? "" : "; is `", near == NULL ? "" : near, near == NULL ? "" : "` meant?");
    (void)print_begun(stderr, arguments[0]);
    (void)fprintf(stderr, "`anamnesis --help` lists all commands.\n");
}

/* `anamnesis help [COMMAND]`, and --help before or instead of a command's second word. */
static int
help(int count, char **arguments)
{
    int used = 0;
    if (count == 0) {
        print_usage(stdout);
        (void)printf("\n%s", command_help);
        return EXIT_DONE;
    }
    const struct command *command = find(count, arguments, &used);
    if (command != NULL) {
        return print_help(command);
    }
    if (print_begun(stdout, arguments[0])) {
        return EXIT_DONE;
    }
    name_unknown(count, arguments);
    return EXIT_USAGE;
}

/* What stands before the command's words: the status when that is all, -1 when a command follows. */
static int
read_own_options(int argc, char **argv, const char **instance)
{
    static const struct option options[] = {{"help", no_argument, NULL, OPTION_HELP},
                                            {"version", no_argument, NULL, OPTION_VERSION},
                                            {"instance", required_argument, NULL, OPTION_INSTANCE},
                                            {NULL, 0, NULL, 0}};
    opterr = 0;
    for (int found = getopt_long(argc, argv, "+:", options, NULL); found != -1;
         found = getopt_long(argc, argv, "+:", options, NULL)) {
        if (found == OPTION_HELP) {
            return help(argc - optind, argv + optind);
        }
        if (found == OPTION_VERSION) {
            (void)printf("anamnesis " OPENAPI_VERSION ", for databases of version %d\n",
                         (int)MIGRATION_NEWEST);
            return EXIT_DONE;
        }
        if (found != OPTION_INSTANCE) {
            (void)fprintf(stderr, "%s: %s; --help says what is\n", argv[optind - 1],
                          found == ':' ? "needs a value" : "is not known before a command");
            return EXIT_USAGE;
        }
        *instance = optarg;
    }
    return -1;
}

static int
dispatch(int argc, char **argv)
{
    const char *instance = NULL;
    int used = 0;
    int status = read_own_options(argc, argv, &instance);
    if (status != -1) {
        return status;
    }
    int count = argc - optind;
    char **arguments = argv + optind;
    if (count == 0) {
        print_usage(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(arguments[0], "help") == 0) {
        return help(count - 1, arguments + 1);
    }
    const struct command *command = find(count, arguments, &used);
    if (command != NULL) {
        return run(command, count - used + 1, arguments + used - 1, instance);
    }
    if (arguments_ask_for_help(count, arguments)) {
        return help(1, arguments);
    }
    name_unknown(count, arguments);
    return EXIT_USAGE;
}

int
main(int argc, char **argv)
{
    log_start("anamnesis", LOG_WARN);
    if (!process_hide()) {
        (void)fprintf(stderr, "the kernel refuses to keep this process's memory to itself\n");
        return EXIT_FAULT;
    }
    if (sodium_init() < 0) {
        (void)fprintf(stderr, "libsodium cannot be initialised\n");
        return EXIT_FAULT;
    }
    return dispatch(argc, argv);
}

#include "cli/arguments.h"

#include "lib/base/nearest.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { OPERAND = 1, FIRST_OPTION = 256, NAME_SIZE = 64, CHOICE_SIZE = 128, CHOICES_MAX = 8 };

/* What every command takes beside its own. */
static const struct command_option instance_option = {.name = "instance", .value = "DIR"};

struct reading {
    const struct command *command;
    unsigned char *given;
    const char **instance;
    bool seen[COMMAND_OPTIONS_MAX + 1]; /* the last one is --instance */
    size_t operands;
};

/* The option of a number; `command->option_count` is --instance. */
static const struct command_option *
option_at(const struct command *command, size_t i)
{
    return i < command->option_count ? &command->options[i] : &instance_option;
}

static void
put_text(unsigned char *at, const char *text)
{
    memcpy(at, &text, sizeof text);
}

/* False after saying that there are too many. */
static bool
put_next(unsigned char *at, const char *name, const char *text)
{
    struct command_list list;
    memcpy(&list, at, sizeof list);
    if (list.count == COMMAND_LIST_MAX) {
        (void)fprintf(stderr, "%s: at most %d at once\n", name, COMMAND_LIST_MAX);
        return false;
    }
    list.items[list.count++] = text;
    memcpy(at, &list, sizeof list);
    return true;
}

/* The words of "one|two", each ended; returns how many. */
static size_t
choices_of(const char *value, char text[CHOICE_SIZE], const char *words[CHOICES_MAX])
{
    size_t count = 0;
    (void)snprintf(text, CHOICE_SIZE, "%s", value);
    for (char *at = text; at != NULL && count < CHOICES_MAX;) {
        char *bar = strchr(at, '|');
        words[count++] = at;
        if (bar != NULL) {
            *bar++ = '\0';
        }
        at = bar;
    }
    return count;
}

/* True when the value is one of the option's words; false after saying which those are. */
static bool
is_chosen(const struct command_option *option, const char *value)
{
    char text[CHOICE_SIZE];
    const char *words[CHOICES_MAX];
    size_t count = choices_of(option->value, text, words);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i], value) == 0) {
            return true;
        }
    }
    (void)fprintf(stderr, "--%s is needed as ", option->name);
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(stderr, "%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ", words[i]);
    }
    const char *near = nearest(value, words, count);
    (void)fprintf(stderr, near == NULL ? ", not as `%s`\n" : ", not as `%s`; is `%s` meant?\n", value, near);
    return false;
}

static bool
take_option(struct reading *reading, size_t i, const char *value)
{
    const struct command_option *option = option_at(reading->command, i);
    if (reading->seen[i] && !option->repeated) {
        (void)fprintf(stderr, "--%s: is given twice\n", option->name);
        return false;
    }
    reading->seen[i] = true;
    if (option == &instance_option) {
        *reading->instance = value;
        return true;
    }
    unsigned char *at = reading->given + option->offset;
    if (option->value == NULL) {
        memcpy(at, &(bool){true}, sizeof(bool));
        return true;
    }
    if (option->is_choice && !is_chosen(option, value)) {
        return false;
    }
    if (option->repeated) {
        return put_next(at, option->name, value);
    }
    put_text(at, value);
    return true;
}

static bool
take_operand(struct reading *reading, const char *text)
{
    const struct command *command = reading->command;
    size_t last = command->operand_count == 0 ? 0 : command->operand_count - 1;
    size_t i = reading->operands < last ? reading->operands : last;
    bool too_many = reading->operands >= command->operand_count &&
                    (command->operand_count == 0 || !command->operands[last].repeated);
    if (too_many) {
        (void)fprintf(stderr,
                      command->operand_count == 0 ? "%s: is not known; --help says what is\n"
                                                  : "%s: is one too many; --help says what is taken\n",
                      text);
        return false;
    }
    const struct command_operand *operand = &command->operands[i];
    reading->operands++;
    if (operand->repeated) {
        return put_next(reading->given + operand->offset, operand->name, text);
    }
    put_text(reading->given + operand->offset, text);
    return true;
}

/* How many options begin like `name`, which are listed, and which one is near. */
static void
explain_unknown(const struct command *command, const char *argument)
{
    const char *names[COMMAND_OPTIONS_MAX + 2];
    char name[NAME_SIZE];
    char begun[NAME_SIZE * COMMAND_OPTIONS_MAX] = "";
    size_t count = 0;
    size_t matches = 0;
    (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(argument + 2, "="), argument + 2);
    for (size_t i = 0; i <= command->option_count; i++) {
        names[count++] = option_at(command, i)->name;
    }
    names[count++] = "help";
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(begun);
        if (name[0] != '\0' && strncmp(names[i], name, strlen(name)) == 0) {
            (void)snprintf(begun + used, sizeof begun - used, "%s--%s", matches == 0 ? "" : " or ", names[i]);
            matches++;
        }
    }
    const char *near = nearest(name, names, count);
    if (matches > 1) {
        (void)fprintf(stderr, "--%s: is ambiguous; is %s meant?\n", name, begun);
    } else if (matches == 1) {
        (void)fprintf(stderr, "%s: takes no value\n", begun);
    } else if (near != NULL) {
        (void)fprintf(stderr, "--%s: is not known; is --%s meant?\n", name, near);
    } else {
        (void)fprintf(stderr, "--%s: is not known; --help says what is\n", name);
    }
}

/* False after saying what is needed, and was not given: everything at once. */
static bool
has_all(const struct reading *reading)
{
    const struct command *command = reading->command;
    bool whole = true;
    for (size_t i = reading->operands; i < command->operand_count; i++) {
        if (command->operands[i].needed) {
            (void)fprintf(stderr, "%s is needed\n", command->operands[i].name);
            whole = false;
        }
    }
    for (size_t i = 0; i < command->option_count; i++) {
        const struct command_option *option = &command->options[i];
        if (option->needed && !reading->seen[i]) {
            (void)fprintf(stderr, "--%s is needed: %s\n", option->name, option->value);
            whole = false;
        }
    }
    return whole;
}

/* What getopt_long(3) is told: "-" so that operands come in their place, ":" so that we say what is wrong. */
static void
describe(const struct command *command, struct option *longs, char *shorts)
{
    char *at = shorts;
    *at++ = '-';
    *at++ = ':';
    for (size_t i = 0; i <= command->option_count; i++) {
        const struct command_option *option = option_at(command, i);
        longs[i] = (struct option){.name = option->name,
                                   .has_arg = option->value == NULL ? no_argument : required_argument,
                                   .val = FIRST_OPTION + (int)i};
        if (option->letter != '\0') {
            *at++ = option->letter;
            *at = ':';
            at += option->value == NULL ? 0 : 1;
        }
    }
    longs[command->option_count + 1] = (struct option){.name = NULL};
    *at = '\0';
}

/* The number of the option that getopt_long found, by its name or its letter. */
static size_t
number_of(const struct command *command, int found)
{
    for (size_t i = 0; found < FIRST_OPTION && i < command->option_count; i++) {
        if (command->options[i].letter == found) {
            return i;
        }
    }
    return (size_t)(found - FIRST_OPTION);
}

/* An option of the command is no value of another, unless it is written --option=VALUE. */
static bool
is_forgotten(const struct command *command, const char *value)
{
    bool is_option = strcmp(value, "--instance") == 0;
    for (size_t i = 0; i < command->option_count; i++) {
        is_option =
            is_option || (strncmp(value, "--", 2) == 0 && strcmp(value + 2, command->options[i].name) == 0);
    }
    return is_option;
}

static bool
take(struct reading *reading, int found, char **argv)
{
    const char *argument = argv[optind - 1];
    if (found == OPERAND) {
        return take_operand(reading, optarg);
    }
    if (found == ':' ||
        (found != '?' && optarg != NULL && optarg == argument && is_forgotten(reading->command, optarg))) {
        (void)fprintf(stderr, "%s: needs a value\n", found == ':' ? argument : argv[optind - 2]);
        return false;
    }
    /* Of a letter, getopt_long tells which; of a name that is unknown or ambiguous, nothing. */
    if (found == '?' && optopt > 0 && optopt < FIRST_OPTION) {
        (void)fprintf(stderr, "-%c: is not known; --help says what is\n", optopt);
        return false;
    }
    if (found == '?') {
        explain_unknown(reading->command, argument);
        return false;
    }
    return take_option(reading, number_of(reading->command, found), optarg);
}

bool
arguments_read(const struct command *command, int argc, char **argv, void *given, const char **instance)
{
    struct option longs[COMMAND_OPTIONS_MAX + 2];
    char shorts[2 * COMMAND_OPTIONS_MAX + 3];
    struct reading reading = {.command = command, .given = given, .instance = instance};
    bool good = true;
    describe(command, longs, shorts);
    opterr = 0;
    optind = 0; /* begins anew, the places of glibc's own included */
    for (int found = getopt_long(argc, argv, shorts, longs, NULL); good && found != -1;
         found = good ? getopt_long(argc, argv, shorts, longs, NULL) : -1) {
        good = take(&reading, found, argv);
    }
    for (int i = optind; good && i < argc; i++) {
        good = take_operand(&reading, argv[i]);
    }
    return good && has_all(&reading);
}

bool
arguments_ask_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            return true;
        }
    }
    return false;
}

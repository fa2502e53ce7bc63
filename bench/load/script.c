#include "bench/load/script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
give_up(const char *what, const char *about)
{
    (void)fprintf(stderr, "ceiling: %s: %s\n", what, about);
    exit(2);
}

static void *
room_for(size_t count, size_t size)
{
    void *room = calloc(count, size);
    if (room == NULL) {
        give_up("memory", "there is none left");
    }
    return room;
}

static FILE *
opened(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        give_up(path, strerror(errno));
    }
    return file;
}

/* A whole number from 0 to `most` that ends at `ends`; *text is then behind it. */
static long
number_of(char **text, char ends, long most)
{
    char *end = NULL;
    errno = 0;
    long number = strtol(*text, &end, 10);
    if (errno != 0 || end == *text || *end != ends || number < 0 || number > most) {
        give_up("not a number that can stand here", *text);
    }
    *text = end + (ends != '\0');
    return number;
}

static const struct prepared *
statement_of(const struct script *script, const char *name)
{
    for (size_t i = 0; i < script->statement_count; i++) {
        if (strcmp(script->statements[i].name, name) == 0) {
            return &script->statements[i];
        }
    }
    give_up("no such statement", name);
}

static char *
part_of(char **line)
{
    char *part = strsep(line, "\t");
    if (part == NULL || *part == '\0') {
        give_up("script", "a line has too few parts");
    }
    return part;
}

static void
read_statement(struct script *script, char *line)
{
    if (script->statement_count == STATEMENTS_MAX) {
        give_up("script", "too many statements");
    }
    struct prepared *statement = &script->statements[script->statement_count++];
    statement->name = strdup(part_of(&line));
    char *types = part_of(&line);
    statement->text = strdup(part_of(&line));
    if (statement->name == NULL || statement->text == NULL) {
        give_up("memory", "there is none left");
    }
    bool any = strcmp(types, "-") != 0;
    for (char *type = any ? strsep(&types, ",") : NULL; type != NULL; type = strsep(&types, ",")) {
        if (statement->count == PARAMS_MAX) {
            give_up("too many parameters", statement->name);
        }
        statement->types[statement->count] = (Oid)number_of(&type, ':', 99999);
        statement->formats[statement->count++] = (int)number_of(&type, '\0', 1);
    }
}

static void
read_send(struct step *step, const struct script *script, char *line)
{
    step->statement = statement_of(script, part_of(&line));
    int count = 0;
    for (char *column = strsep(&line, "\t"); column != NULL; column = strsep(&line, "\t"), count++) {
        if (count == step->statement->count) {
            give_up("too many values", step->statement->name);
        }
        step->columns[count] =
            strcmp(column, "new") == 0 ? COLUMN_NEW : (int)number_of(&column, '\0', COLUMNS_MAX - 1);
    }
    if (count != step->statement->count) {
        give_up("too few values", step->statement->name);
    }
}

static void
read_line(struct script *script, char *line)
{
    char *kind = part_of(&line);
    if (strcmp(kind, "statement") == 0) {
        read_statement(script, line);
        return;
    }
    if (script->step_count == STEPS_MAX) {
        give_up("script", "too many steps");
    }
    struct step *step = &script->steps[script->step_count++];
    if (strcmp(kind, "send") == 0) {
        read_send(step, script, line);
    } else if (strcmp(kind, "trip") != 0) {
        give_up("neither statement, send nor trip", kind);
    }
}

static int
digit_of(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c == '\0' ? NULL : strchr(digits, c);
    if (at == NULL) {
        give_up("rows", "a value is not in hexadecimal digits");
    }
    return (int)(at - digits);
}

static struct value
value_of(const char *text)
{
    if (strcmp(text, "-") == 0) {
        return (struct value){NULL, 0};
    }
    size_t size = strlen(text) / 2;
    struct value value = {room_for(size + 1, 1), (int)size};
    for (size_t i = 0; i < size; i++) {
        value.bytes[i] = (char)(digit_of(text[2 * i]) << 4 | digit_of(text[2 * i + 1]));
    }
    return value;
}

static size_t
cells_of(const char *line)
{
    size_t count = 1;
    for (; *line != '\0'; line++) {
        count += *line == '\t';
    }
    return count;
}

static void
read_row(struct script *script, char *line)
{
    if (script->row_count == 0) {
        script->column_count = cells_of(line);
        script->values = room_for(ROWS_MAX * script->column_count, sizeof *script->values);
    }
    if (script->row_count == ROWS_MAX || cells_of(line) != script->column_count) {
        give_up("rows", "too many, or not all as long as the first");
    }
    struct value *values = &script->values[script->row_count++ * script->column_count];
    for (size_t i = 0; i < script->column_count; i++) {
        values[i] = value_of(strsep(&line, "\t"));
    }
}

typedef void line_fn(struct script *script, char *line);

static void
read_file(struct script *script, const char *path, line_fn *take)
{
    FILE *file = opened(path);
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, file) > 0) {
        line[strcspn(line, "\n")] = '\0';
        take(script, line);
    }
    free(line);
    (void)fclose(file);
}

void
script_read(struct script *script, const char *path, const char *rows)
{
    read_file(script, path, read_line);
    read_file(script, rows, read_row);
    if (script->row_count == 0 || script->step_count == 0 ||
        script->steps[script->step_count - 1].statement != NULL) {
        give_up("script", "there are no rows, or the last step is no trip");
    }
    for (size_t i = 0; i < script->step_count; i++) {
        const struct step *step = &script->steps[i];
        for (int k = 0; step->statement != NULL && k < step->statement->count; k++) {
            if (step->columns[k] >= (int)script->column_count) {
                give_up("a row has no such column for", step->statement->name);
            }
        }
    }
}

const struct value *
script_value(const struct script *script, size_t row, int column)
{
    return &script->values[row * script->column_count + (size_t)column];
}

#include "lib/base/log.h"

#include "lib/base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *log_program = "anamnesis";
static enum log_level log_least = LOG_INFO;
static pid_t log_pid; /* asked once: a line for each request would ask again and again */

struct line {
    char text[LOG_LINE_MAX];
    size_t size;
};

/* Two bytes are always kept for the closing brace and the newline. */
static void
line_add(struct line *line, const char *text, size_t size)
{
    size_t room = sizeof line->text - 2 - line->size;
    if (size > room) {
        size = room;
    }
    memcpy(line->text + line->size, text, size);
    line->size += size;
}

static void
line_text(struct line *line, const char *text)
{
    line_add(line, text, strlen(text));
}

/* Nothing that a log reader could take for structure or for a new line gets through. */
static void
line_quoted(struct line *line, const char *text)
{
    line_add(line, "\"", 1);
    for (const char *at = text; *at != '\0' && line->size + 16 < sizeof line->text; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte < 0x20 || byte == '"' || byte == '\\' || byte == 0x7f) {
            char escape[8];
            (void)snprintf(escape, sizeof escape, "\\u%04x", byte);
            line_add(line, escape, 6);
        } else {
            line_add(line, at, 1);
        }
    }
    line_add(line, "\"", 1);
}

static void
line_field(struct line *line, const struct log_field *field)
{
    if (line->size + strlen(field->name) + 48 > sizeof line->text) {
        return; /* a field that would be cut is left out: the line stays JSON */
    }
    line_text(line, ",");
    line_quoted(line, field->name);
    line_text(line, ":");
    if (field->kind == LOG_FIELD_INT) {
        char number[24];
        (void)snprintf(number, sizeof number, "%" PRId64, field->number);
        line_text(line, number);
    } else if (field->text == NULL) {
        line_text(line, "null");
    } else {
        line_quoted(line, field->text);
    }
}

void
log_start(const char *program, enum log_level least)
{
    log_program = program;
    log_least = least;
    log_pid = getpid();
}

bool
log_start_configured(const char *program, const struct config *config)
{
    static const char *const names[] = {
        [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARN] = "warn", [LOG_ERROR] = "error"};
    const char *wanted = config_text(config, CONFIG_LOG_LEVEL);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], wanted) == 0) {
            log_start(program, (enum log_level)i);
            return true;
        }
    }
    (void)fprintf(stderr, "%s must be debug, info, warn or error\n", config_name(CONFIG_LOG_LEVEL));
    return false;
}

void
log_fields(enum log_level level, const char *event, const struct log_field *fields)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    if (level < log_least) {
        return;
    }
    char when[CLOCK_TEXT_SIZE];
    struct line line;
    line.size = 0;
    line_text(&line, "{\"time\":");
    line_quoted(&line, clock_text(clock_now(), when));
    line_field(&line, &LOG_TEXT("level", names[level]));
    line_field(&line, &LOG_TEXT("program", log_program));
    line_field(&line, &LOG_INT("pid", log_pid));
    line_field(&line, &LOG_TEXT("event", event));
    for (; fields->kind != LOG_END; fields++) {
        line_field(&line, fields);
    }
    line.text[line.size++] = '}';
    line.text[line.size++] = '\n';
    ssize_t written = write(STDERR_FILENO, line.text, line.size);
    (void)written; /* there is nobody left to tell */
}

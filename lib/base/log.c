#include "lib/base/log.h"

#include "lib/base/clock.h"
#include "lib/base/hex.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *log_program = "anamnesis";
static enum log_level log_least = LOG_INFO;
static pid_t log_pid; /* asked once: a line for each request would ask again and again */
static struct log_held *log_held;

enum {
    LINE_REST = 16, /* what a text leaves of the line: an escape, quotes, brace and newline */
    NUMBER_SIZE = 20,
    DECIMAL = 10
};

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

static bool
is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7f;
}

/* Nothing that a log reader could take for structure or for a new line gets through. */
static void
line_quoted(struct line *line, const char *text)
{
    const char *at = text;
    line_add(line, "\"", 1);
    while (*at != '\0' && line->size + LINE_REST < sizeof line->text) {
        size_t room = sizeof line->text - LINE_REST - line->size;
        size_t plain = 0;
        while (plain < room && is_plain((unsigned char)at[plain])) {
            plain++;
        }
        line_add(line, at, plain);
        at += plain;
        if (plain < room && *at != '\0') {
            unsigned char byte = (unsigned char)*at++;
            char escape[] = {'\\', 'u', '0', '0', HEX_SMALL[byte >> 4], HEX_SMALL[byte & 15]};
            line_add(line, escape, sizeof escape);
        }
    }
    line_add(line, "\"", 1);
}

static void
line_number(struct line *line, int64_t number)
{
    char digits[NUMBER_SIZE];
    size_t at = sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        digits[--at] = (char)('0' + rest % DECIMAL);
        rest /= DECIMAL;
    } while (rest != 0);
    if (number < 0) {
        digits[--at] = '-';
    }
    line_add(line, digits + at, sizeof digits - at);
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
        line_number(line, field->number);
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

static void
write_lines(const char *text, size_t size)
{
    ssize_t written = write(STDERR_FILENO, text, size);
    (void)written; /* there is nobody left to tell */
}

void
log_hold(struct log_held *held)
{
    log_flush();
    log_held = held;
}

bool
log_waits(void)
{
    return log_held != NULL && atomic_load(&log_held->size) != 0;
}

void
log_flush(void)
{
    if (log_waits()) {
        log_write_left(log_held);
    }
}

void
log_write_left(struct log_held *held)
{
    size_t size = atomic_load(&held->size);
    if (size > 0 && size <= sizeof held->text) {
        write_lines(held->text, size);
    }
    atomic_store(&held->size, 0);
}

/* The size comes last: whoever looks at it sees whole lines. */
static void
line_hold(const struct line *line)
{
    struct log_held *held = log_held;
    int64_t now = clock_monotonic();
    if (line->size > sizeof held->text - atomic_load(&held->size)) {
        log_flush();
    }
    size_t before = atomic_load(&held->size);
    if (before == 0) {
        atomic_store(&held->since, now);
    }
    memcpy(held->text + before, line->text, line->size);
    atomic_store(&held->size, before + line->size);
    if (now - atomic_load(&held->since) >= CLOCK_SECOND) {
        log_flush();
    }
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
    if (log_held != NULL && level <= LOG_INFO) {
        line_hold(&line);
    } else {
        log_flush();
        write_lines(line.text, line.size);
    }
}

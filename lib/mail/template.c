#include "lib/mail/template.h"

#include "lib/base/buf.h"
#include "lib/base/display.h"
#include "lib/base/zone.h"
#include "lib/mail/language.h"
#include "lib/mail/mime.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { WORDS_MAX = 48 * 1024, NUMBER_SIZE = 16 };

/* A placeholder's name and what stands for it. */
struct value {
    const char *name;
    const char *text;
};

enum { VALUES_MAX = 8 };

struct values {
    struct value all[VALUES_MAX];
    size_t count;
    bool html; /* what stands for a placeholder is escaped; the practice is bold */
};

static void
set(struct values *values, const char *name, const char *text)
{
    values->all[values->count++] = (struct value){name, text};
}

static const char *
value_of(const struct values *values, const char *name, size_t size)
{
    for (size_t i = 0; i < values->count; i++) {
        if (strlen(values->all[i].name) == size && memcmp(values->all[i].name, name, size) == 0) {
            return values->all[i].text;
        }
    }
    return "";
}

static void
add_value(struct buf *out, const struct values *values, const char *name, size_t size)
{
    const char *text = value_of(values, name, size);
    if (!values->html) {
        buf_text(out, text);
        return;
    }
    bool bold = size == strlen("practice") && memcmp(name, "practice", size) == 0;
    buf_text(out, bold ? "<b>" : "");
    html_text(out, text);
    buf_text(out, bold ? "</b>" : "");
}

/* Appends `size` bytes of a text with its placeholders filled in; tools/gen_mail.py has seen to it that
 * braces come in pairs. */
static void
expand(struct buf *out, const char *text, size_t size, const struct values *values)
{
    const char *end = text + size;
    while (text < end) {
        const char *open = memchr(text, '{', (size_t)(end - text));
        const char *plain_end = open == NULL ? end : open;
        for (; text < plain_end; text++) {
            if (values->html) {
                html_text(out, (const char[]){*text, '\0'});
            } else {
                buf_byte(out, *text);
            }
        }
        const char *close = open == NULL ? NULL : memchr(open, '}', (size_t)(end - open));
        if (close == NULL) {
            return;
        }
        add_value(out, values, open + 1, (size_t)(close - open - 1));
        text = close + 1;
    }
}

static const char *
kept(struct arena *arena, struct buf *buf)
{
    const char *text = arena_copy(arena, buf_string(buf), buf->size);
    buf_free(buf);
    return text;
}

static const char *
expanded(struct arena *arena, const char *text, const struct values *values)
{
    struct buf out;
    buf_init(&out, WORDS_MAX);
    expand(&out, text, strlen(text), values);
    return kept(arena, &out);
}

/* A moment as people write it in the language, in the zone: Tuesday, 3 March 2026, 14:05 (CET). */
static const char *
moment(struct arena *arena, const struct mail_language *language, const char *zone, int64_t at)
{
    struct zone_time local;
    char day[NUMBER_SIZE];
    char year[NUMBER_SIZE];
    char time[NUMBER_SIZE];
    zone_time(zone, at, &local);
    (void)snprintf(day, sizeof day, "%d", local.parts.tm_mday);
    (void)snprintf(year, sizeof year, "%d", local.parts.tm_year + 1900);
    (void)snprintf(time, sizeof time, "%02d:%02d", local.parts.tm_hour, local.parts.tm_min);
    struct values values = {.count = 0};
    set(&values, "weekday", language->weekdays[local.parts.tm_wday]);
    set(&values, "day", local.parts.tm_mday == 1 ? language->first_day : day);
    set(&values, "month", language->months[local.parts.tm_mon]);
    set(&values, "year", year);
    set(&values, "time", time);
    set(&values, "zone", local.zone);
    return expanded(arena, language->date, &values);
}

/* The paragraphs of a text, without those that name a person when there is none. */
static const char *
body_of(struct arena *arena, const char *body, const char *person)
{
    struct buf out;
    if (person != NULL) {
        return body;
    }
    buf_init(&out, WORDS_MAX);
    while (*body != '\0') {
        size_t line = strcspn(body, "\n");
        size_t size = line + strspn(body + line, "\n");
        const char *named = strstr(body, "{person}");
        if (named == NULL || named >= body + line) {
            buf_add(&out, body, size);
        }
        body += size;
    }
    return kept(arena, &out);
}

static const char *
make_text(struct arena *arena, const char *body, const struct values *values)
{
    struct buf out;
    buf_init(&out, WORDS_MAX);
    expand(&out, body, strlen(body), values);
    buf_format(&out, "\n-- \n%s\n", value_of(values, "practice", strlen("practice")));
    return kept(arena, &out);
}

/* What is clicked on, and the same address to copy. */
static void
add_link(struct buf *out, const struct mail_language *language, const char *label, const char *url)
{
    buf_text(out, "<p><a href=\"");
    html_text(out, url);
    buf_text(out, "\">");
    html_text(out, label);
    buf_text(out, "</a></p>\n<p>");
    html_text(out, language->copy);
    buf_text(out, "<br>\n");
    html_text(out, url);
    buf_text(out, "</p>\n");
}

static const char *
make_html(struct arena *arena, const struct mail_language *language, const char *body, const char *label,
          const struct values *values, const struct mail_words *words)
{
    struct buf out;
    buf_init(&out, WORDS_MAX);
    buf_format(&out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head><meta charset=\"utf-8\"><title>",
               language->tag);
    html_text(&out, words->subject);
    buf_text(&out, "</title></head>\n<body style=\"font-family: sans-serif; line-height: 1.5\">\n");
    for (const char *line = body; *line != '\0';) {
        size_t size = strcspn(line, "\n");
        if (size == strlen("{link}") && memcmp(line, "{link}", size) == 0) {
            add_link(&out, language, label, value_of(values, "link", strlen("link")));
        } else if (size > 0) {
            buf_text(&out, "<p>");
            expand(&out, line, size, values);
            buf_text(&out, "</p>\n");
        }
        line += size + (line[size] == '\n');
    }
    buf_text(&out, "</body>\n</html>\n");
    return kept(arena, &out);
}

void
mail_words_make(struct arena *arena, const struct mail_payload *payload, struct mail_words *words)
{
    const struct mail_language *language = mail_language_for(payload->languages);
    const struct mail_text *text = mail_text_find(language, mail_text_name(payload));
    const char *practice = display_clean(arena, payload->practice);
    const char *person = payload->person == NULL ? NULL : display_clean(arena, payload->person);
    person = person != NULL && display_is_name(person, strlen(person)) ? person : NULL;
    const char *body = body_of(arena, text->body, person);
    struct values values = {.count = 0};
    set(&values, "person", person == NULL ? "" : person);
    set(&values, "practice", display_is_name(practice, strlen(practice)) ? practice : language->unnamed);
    set(&values, "link", payload->url == NULL ? "" : payload->url);
    set(&values, "until", moment(arena, language, payload->time_zone, payload->expires_at));
    words->language = language->tag;
    words->subject = expanded(arena, text->subject, &values);
    words->text = make_text(arena, body, &values);
    values.html = true;
    words->html = make_html(arena, language, body, text->link, &values, words);
}

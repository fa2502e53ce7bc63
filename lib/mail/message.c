#include "lib/mail/message.h"

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/display.h"
#include "lib/base/email.h"
#include "lib/base/uuid.h"
#include "lib/mail/template.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { DATE_SIZE = 40, URL_MAX = 2000, PRACTICE_MAX = 800 /* bytes */ };

/* Copies a part of the configuration's text without the white space and quotes around it. */
static bool
copy_part(char *out, size_t size, const char *text, size_t length, const char *around)
{
    while (length > 0 && strchr(around, text[0]) != NULL) {
        text++;
        length--;
    }
    while (length > 0 && strchr(around, text[length - 1]) != NULL) {
        length--;
    }
    if (length >= size) {
        return false;
    }
    memcpy(out, text, length);
    out[length] = '\0';
    return true;
}

bool
mail_sender_read(const char *text, struct mail_sender *sender)
{
    memset(sender, 0, sizeof *sender);
    const char *open = strrchr(text, '<');
    const char *address = open == NULL ? text : open + 1;
    size_t length = strlen(address);
    if (open != NULL) {
        if (length == 0 || address[length - 1] != '>' ||
            !copy_part(sender->name, sizeof sender->name, text, (size_t)(open - text), " \"")) {
            return false;
        }
        length--;
    }
    return email_read(address, length, sender->address) &&
           display_is_text(sender->name, strlen(sender->name));
}

/* RFC 5322 section 3.3, always in UTC. */
static bool
date_text(int64_t microseconds, char text[DATE_SIZE])
{
    time_t seconds = (time_t)(microseconds / CLOCK_SECOND);
    struct tm parts;
    return gmtime_r(&seconds, &parts) != NULL &&
           strftime(text, DATE_SIZE, "%a, %d %b %Y %H:%M:%S +0000", &parts) > 0;
}

/* Only what a browser opens, in characters that no URL needs to escape again. */
static bool
url_is_safe(const char *url)
{
    if (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0) {
        return false;
    }
    for (const char *at = url; *at != '\0'; at++) {
        if (*at <= 0x20 || *at > 0x7e || strchr("<>\"\\^`{|}", *at) != NULL) {
            return false;
        }
    }
    return strlen(url) <= URL_MAX;
}

/* A display name is a quoted string or words; what could end the string early is escaped. */
static void
write_from(struct buf *out, const struct mail_sender *sender)
{
    buf_text(out, "From: ");
    struct buf name;
    buf_init(&name, MESSAGE_MAX);
    mime_words(&name, sender->name);
    if (strncmp(buf_string(&name), "=?", 2) == 0) {
        buf_add(out, name.data, name.size);
        buf_text(out, "\r\n ");
    } else if (name.size > 0) {
        buf_byte(out, '"');
        for (size_t i = 0; i < name.size; i++) {
            if (name.data[i] == '"' || name.data[i] == '\\') {
                buf_byte(out, '\\');
            }
            buf_byte(out, name.data[i]);
        }
        buf_text(out, "\" ");
    }
    out->failed = out->failed || name.failed;
    buf_free(&name);
    buf_format(out, "<%s>\r\n", sender->address);
}

static void
write_part(struct buf *out, const char *id, const char *type, const char *text)
{
    buf_format(out, "--=_%s\r\nContent-Type: text/%s; charset=utf-8\r\n", id, type);
    buf_text(out, "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
    mime_quoted_printable(out, text);
    buf_text(out, "\r\n");
}

static void
write_message(struct buf *out, const struct mail_sender *sender, const char *id, const char *date,
              const char *to, const struct mail_words *words)
{
    buf_format(out, "Date: %s\r\n", date);
    write_from(out, sender);
    buf_format(out, "To: <%s>\r\n", to);
    buf_text(out, "Subject: ");
    mime_words(out, words->subject);
    buf_format(out, "\r\nMessage-ID: <%s%s>\r\n", id, strchr(sender->address, '@'));
    buf_format(out, "MIME-Version: 1.0\r\nContent-Language: %s\r\n", words->language);
    /* RFC 3834: answering machines keep still. */
    buf_text(out, "Auto-Submitted: auto-generated\r\n");
    /* "=_" cannot occur in quoted-printable, so neither can the boundary. */
    buf_format(out, "Content-Type: multipart/alternative;\r\n boundary=\"=_%s\"\r\n\r\n", id);
    write_part(out, id, "plain", words->text);
    write_part(out, id, "html", words->html);
    buf_format(out, "--=_%s--\r\n", id);
}

const char *
message_build(struct arena *arena, const struct mail_sender *sender, const char *id, int64_t created_at,
              const struct mail_payload *payload, struct message *message)
{
    unsigned char parsed[UUID_SIZE];
    char date[DATE_SIZE];
    char kept[EMAIL_SIZE];
    size_t length = strlen(payload->to);
    if (!display_is_text(payload->to, length) || !email_read(payload->to, length, kept)) {
        return "address";
    }
    const char *to = arena_text(arena, kept);
    if (!uuid_parse(id, parsed) || !date_text(created_at, date) || strlen(payload->practice) > PRACTICE_MAX ||
        (mail_has_link(payload) && !url_is_safe(payload->url))) {
        return "content";
    }
    struct mail_words words;
    mail_words_make(arena, payload, &words);
    struct buf out;
    buf_init(&out, MESSAGE_MAX);
    write_message(&out, sender, id, date, to, &words);
    bool complete = !out.failed;
    *message = (struct message){.id = id, .from = sender->address, .to = to};
    message->needs_utf8 = email_needs_utf8(to) || email_needs_utf8(sender->address);
    message->text.size = out.size;
    message->text.data = (const unsigned char *)arena_copy(arena, buf_string(&out), out.size);
    buf_free(&out);
    return complete ? NULL : "size";
}
